package casebook

import (
	"fmt"
	"slices"

	"github.com/plimsoll-sim/plimsoll/sim"
)

func verbHost() verb {
	return verb{
		name:  "host",
		usage: "host NAME...",
		help:  "Puts computers beside the device, each with a cable of its own to the device's switch. Statements that name no host mean the first.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			names := a.rest()
			if len(names) == 0 {
				a.fail("a name was expected")
			}
			for _, n := range names {
				if slices.Contains(c.hosts, n) {
					a.fail("there is a host %q already", n)
				}
				c.hosts = append(c.hosts, n)
			}
			return func(p *play) error {
				for _, n := range names {
					h, err := p.world.Host(n)
					if err != nil {
						return err
					}
					p.hosts[n] = &hostState{Host: h}
					if p.device != nil {
						if err := p.cable(p.hosts[n]); err != nil {
							return err
						}
					}
				}
				return nil
			}, a.done()
		},
	}
}

// cable joins a host with the device.
func (p *play) cable(h *hostState) (err error) {
	h.cable, err = p.world.Cable(p.device, h.Host)
	return err
}

// hostNames are the names of the hosts in the order in which they were made.
func (p *play) hostNames() []string {
	var names []string
	for _, h := range p.world.Hosts() {
		names = append(names, h.Name())
	}
	return names
}

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

func verbLink() verb {
	return verb{
		name:  "link",
		usage: "link down|up",
		help:  "Takes the device's own link down, as when Wi-Fi disconnects: lwIP is told and aborts its connections. Or brings it up.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			way := a.word("down or up")
			if way != "down" && way != "up" {
				a.fail("down or up was expected, found %q", way)
			}
			return func(p *play) error {
				if way == "down" {
					p.device.LinkDown()
				} else {
					p.device.LinkUp()
				}
				return nil
			}, a.done()
		},
	}
}

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
