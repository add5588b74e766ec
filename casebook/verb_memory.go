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

func verbFree() verb {
	return verb{
		name:  "free",
		usage: "free NAME [N]",
		help:  "Gives the blocks of a group back, or its N oldest.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			name := a.word("the name of blocks")
			known(a, c.blocks, "block", name)
			n := int64(-1)
			if a.more() {
				n = a.number("how many", 1, 1_000_000)
			}
			return func(p *play) error {
				all := p.blocks[name]
				if n > int64(len(all)) {
					return fmt.Errorf("%d of %q were to be freed, but there are %d", n, name, len(all))
				}
				if n < 0 {
					n = int64(len(all))
				}
				for _, b := range all[:n] {
					if err := p.device.Heap().Free(b); err != nil {
						return err
					}
				}
				p.blocks[name] = all[n:]
				return nil
			}, a.done()
		},
	}
}

func verbHoles() verb {
	return verb{
		name:  "holes",
		usage: "holes SIZE[xN]...",
		help:  "Fills the heap so that exactly these free blocks are left, each so many bytes long without its header: a fragmented heap as someone published it. \"free filling\" gives the rest back.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			var sizes []uint32
			for a.more() {
				size, n := splitTimes(a.word("a size"))
				bytes, times := a.inRange("a size", size, 12, 1<<22), a.inRange("how many", n, 1, 10_000)
				for range times {
					sizes = append(sizes, uint32(bytes))
				}
			}
			c.blocks["filling"] = true
			if len(sizes) == 0 {
				a.fail("sizes were expected, such as 16372 or 4000x5")
			}
			return func(p *play) error { return p.holes(sizes) }, a.done()
		},
	}
}

func splitTimes(w string) (size, times string) {
	for i := range w {
		if w[i] == 'x' {
			return w[:i], w[i+1:]
		}
	}
	return w, "1"
}

// holes takes a block for each hole with a small one behind it, then all that is
// left, and frees the holes.
func (p *play) holes(sizes []uint32) error {
	h := p.device.Heap()
	o := h.Intern(heap.Tag{Task: "script", Object: "filling", What: "filling"})
	var holes []heap.Addr
	for _, n := range sizes {
		b := h.Malloc(o, n, heap.CapDefault)
		if b == 0 {
			return fmt.Errorf("no block of %d bytes is left for a hole; the largest block is %d", n, h.LargestFreeBlock(heap.CapDefault))
		}
		holes = append(holes, b)
		p.blocks["filling"] = append(p.blocks["filling"], h.Malloc(o, pin, heap.CapDefault))
	}
	failed := len(p.device.Failures())
	for size := h.LargestFreeBlock(heap.CapDefault); size > 0; size = h.LargestFreeBlock(heap.CapDefault) {
		b := h.Malloc(o, size, heap.CapDefault)
		if b == 0 {
			break
		}
		p.blocks["filling"] = append(p.blocks["filling"], b)
	}
	if len(p.device.Failures()) > failed {
		return fmt.Errorf("filling the heap failed where %d bytes should have been there", h.LargestFreeBlock(heap.CapDefault))
	}
	for _, b := range holes {
		if err := h.Free(b); err != nil {
			return err
		}
	}
	return nil
}

// pin is the size of the blocks that keep holes apart.
const pin = 12
