package casebook

import (
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim"
)

func verbService() verb {
	return verb{
		name:  "service",
		usage: "service NAME [KEY=VALUE...]",
		help:  "Puts one of ESP-IDF's services beside the device's program, started when the network is there: " + strings.Join(sim.ServiceForms(), "; ") + ". What is left out has ESP-IDF's defaults.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			app, err := sim.ParseService(a.text())
			if err != nil {
				a.fail("%w", err)
			}
			return func(p *play) error {
				p.cfg.Applications = append(p.cfg.Applications, app)
				return nil
			}, a.done()
		},
	}
}
