package casebook

import "fmt"

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
