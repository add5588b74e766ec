package casebook

import (
	"fmt"
	"slices"
)

func verbPower() verb {
	return verb{
		name:  "power",
		usage: "power off|on HOST",
		help:  "Takes a host's mains away without a word to its peers, or gives it back: the host then knows nothing of its old connections.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			way := a.word("off or on")
			host := c.host(a, a.word("a host"))
			if way != "off" && way != "on" {
				a.fail("off or on was expected, found %q", way)
			}
			return func(p *play) error {
				h := p.hosts[host]
				if way == "on" {
					return h.PowerOn()
				}
				if !h.On() {
					return fmt.Errorf("host %q is off already", host)
				}
				h.PowerOff()
				for _, name := range p.groupNames() {
					g := p.conns[name]
					g.open = slices.DeleteFunc(g.open, func(c connection) bool { return c.Host() == h.Host })
				}
				return nil
			}, a.done()
		},
	}
}
