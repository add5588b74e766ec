package casebook

import (
	"net/netip"
	"time"
)

func verbDatagrams() verb {
	return verb{
		name:  "datagrams",
		usage: "datagrams N port=PORT [size=100] [every=10ms] [host=HOST]",
		help:  "Sends UDP datagrams of so many bytes from a host to a port of the device.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			n := a.number("how many", 1, 100_000)
			port, size := a.keyNumber("port", 0, 1, 65535), a.keyNumber("size", 100, 0, 65507)
			every, host := a.keyTime("every", 10*time.Millisecond), c.host(a, a.key("host", ""))
			if port == 0 {
				a.fail("port= is missing")
			}
			return func(p *play) error {
				u, err := p.hosts[host].ListenUDP(0)
				if err != nil {
					return err
				}
				for range n {
					if err := u.SendTo(make([]byte, size), netip.AddrPortFrom(p.device.Addr(), uint16(port))); err != nil {
						return err
					}
					if err := p.world.Run(every); err != nil {
						return err
					}
				}
				u.Close()
				return p.world.Run(moment)
			}, a.done()
		},
	}
}
