package casebook

import "github.com/plimsoll-sim/plimsoll/sim"

func verbHTTPS() verb {
	return verb{
		name:  "https",
		usage: "https [port=443] [max=4] [reply=1000]",
		help:  "Puts ESP-IDF's HTTPS server beside the device's program, with at most max connections; TLS takes memory as mbedTLS does with the options of the sdkconfig.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			srv := sim.HTTPSServer{
				Port:           uint16(a.keyNumber("port", 443, 1, 65535)),
				MaxOpenSockets: int(a.keyNumber("max", 4, 1, 13)),
				Response:       int(a.keyNumber("reply", 1000, 1, 16000)),
			}
			c.https = true
			return func(p *play) error {
				p.https = srv
				p.cfg.Applications = append(p.cfg.Applications, srv)
				return nil
			}, a.done()
		},
	}
}
