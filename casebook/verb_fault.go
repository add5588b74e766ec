package casebook

import (
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

func verbFault() verb {
	return verb{
		name:  "fault",
		usage: "fault HOST none|FAULT...",
		help:  "Harms frames on the cable of a host from now on, such as \"drop #2-5 of syn\" or \"drop 1000ppm\"; see wire.Fault.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			host := c.host(a, a.word("a host"))
			text := strings.Join(a.rest(), " ")
			var faults []wire.Fault
			if text != "none" {
				var err error
				if faults, err = wire.ParseFaults(text); err != nil {
					a.fail("%w", err)
				}
			}
			return func(p *play) error { return p.hosts[host].cable.SetFaults(faults...) }, a.done()
		},
	}
}
