package casebook

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

func verbMalloc() verb {
	return verb{
		name:  "malloc",
		usage: "malloc NAME BYTES [count=1] [caps=DEFAULT] [may=fail]",
		help:  "Takes blocks of the device's heap, as code of the firmware that is not told of otherwise. All blocks of a NAME are a group.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			name, n := a.word("a name"), a.number("bytes", 1, 1<<22)
			count := a.keyNumber("count", 1, 1, 1_000_000)
			caps, err := heap.ParseCap(a.key("caps", "DEFAULT"))
			if err != nil {
				a.fail("%w", err)
			}
			mayFail := a.keyOneOf("may", "succeed", "fail") == "fail"
			c.blocks[name] = true
			return func(p *play) error {
				o := p.device.Heap().Intern(heap.Tag{Task: "script", Object: name, What: name})
				for range count {
					b := p.device.Heap().Malloc(o, uint32(n), caps)
					if b == 0 {
						if mayFail {
							return nil
						}
						return fmt.Errorf("no block of %d bytes is left; %d are free, the largest block is %d", n, p.device.Heap().FreeSize(caps), p.device.Heap().LargestFreeBlock(caps))
					}
					p.blocks[name] = append(p.blocks[name], b)
				}
				return nil
			}, a.done()
		},
	}
}
