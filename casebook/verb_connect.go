package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

func verbConnect() verb {
	return verb{
		name:  "connect",
		usage: "connect NAME [port=80] [host=HOST] [count=1] [every=0s] [timeout=5s] [may=fail]",
		help:  "Connects from a host to the device. All connections of a NAME are a group; the figure \"connections\" counts how they fared. One that fails ends the test without may=fail.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			name := a.word("a name for the connection")
			c.conns[name] = true
			host := c.host(a, a.key("host", ""))
			port := a.keyNumber("port", 80, 1, 65535)
			count := a.keyNumber("count", 1, 1, 100_000)
			every, timeout := a.keyTime("every", 0), a.keyTime("timeout", 5*time.Second)
			mayFail := a.keyOneOf("may", "succeed", "fail") == "fail"
			return func(p *play) error {
				g := p.group(name)
				for range count {
					from := p.world.Now()
					err := p.connect(g, p.hosts[host], uint16(port), timeout)
					if err != nil && !mayFail {
						return err
					}
					if err := p.until(from + every); err != nil {
						return err
					}
				}
				return nil
			}, a.done()
		},
	}
}

func (p *play) connect(g *group, h *hostState, port uint16, timeout time.Duration) error {
	return p.do(h, "connect", 2*timeout+time.Minute, func(proc *vtime.Proc) error {
		conn, err := h.DialWith(proc, p.device.Addr(), port, timeout, wire.DialOptions{LocalPort: h.nextPort()})
		g.result[plain(err)]++
		if err == nil {
			g.open = append(g.open, conn)
		}
		return err
	})
}
