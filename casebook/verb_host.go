package casebook

import "slices"

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
