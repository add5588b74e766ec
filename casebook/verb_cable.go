package casebook

import "github.com/plimsoll-sim/plimsoll/sim"

// cut is a verb that does something to the cable of a host.
func cut(name, help string, f func(*sim.Cable)) verb {
	return verb{
		name: name, usage: name + " [HOST]", help: help,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			host := ""
			if a.more() {
				host = a.word("a host")
			}
			host = c.host(a, host)
			c.needStart(a)
			return func(p *play) error {
				f(p.hosts[host].cable)
				return nil
			}, a.done()
		},
	}
}

func verbPull() verb {
	return cut("pull", "Pulls the cable of a host. Neither side is told.", func(c *sim.Cable) { c.Pull() })
}

func verbPlug() verb {
	return cut("plug", "Undoes pull.", func(c *sim.Cable) { c.Plug() })
}
