package casebook

import (
	"fmt"
	"slices"
)

// each is a verb that does something to the connections of a group, the oldest
// first; they are forgotten then if forget is set.
func each(name, help string, forget bool, f func(connection)) verb {
	return verb{
		name: name, usage: name + " NAME [N]", help: help,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			group := a.word("the name of connections")
			known(a, c.conns, "connection", group)
			n := int64(-1)
			if a.more() {
				n = a.number("how many", 1, 100_000)
			}
			return func(p *play) error {
				g := p.group(group)
				if n > int64(len(g.open)) {
					return fmt.Errorf("%d of %q were to be taken, but %d are open", n, group, len(g.open))
				}
				take := g.open
				if n >= 0 {
					take = g.open[:n]
				}
				for _, c := range take {
					f(c)
					// One stimulus after the other, as programs do it.
					if err := p.world.Run(0); err != nil {
						return err
					}
				}
				if forget {
					g.open = slices.Clone(g.open[len(take):])
				}
				return p.world.Run(moment)
			}, a.done()
		},
	}
}

func verbClose() verb {
	return each("close", "Closes the connections of a group in an orderly way (FIN), or its N oldest.", true, connection.Close)
}

func verbShutdown() verb {
	return each("shutdown", "Ends the sending direction of the connections of a group (FIN), which go on receiving.", false, func(c connection) { _ = c.CloseWrite() })
}

func verbReset() verb {
	return each("reset", "Aborts the connections of a group (RST), or its N oldest.", true, connection.Abort)
}

func verbVanish() verb {
	return each("vanish", "Makes a host lose the connections of a group without a trace, or its N oldest: nothing is ever sent for them again.", true, connection.Vanish)
}
