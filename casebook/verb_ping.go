package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func verbPing() verb {
	return verb{
		name:  "ping",
		usage: "ping [host=HOST] [timeout=2s]",
		help:  "Sends a ping to the device; the figure \"ping\" says what came of it.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			host, timeout := c.host(a, a.key("host", "")), a.keyTime("timeout", 2*time.Second)
			return func(p *play) error {
				h := p.hosts[host]
				return p.do(h, "ping", 2*timeout+time.Minute, func(proc *vtime.Proc) error {
					_, err := h.Ping(proc, p.device.Addr(), timeout)
					p.ping = "answered"
					if err != nil {
						p.ping = plain(err)
					}
					return nil
				})
			}, a.done()
		},
	}
}

func figurePing() figureKind {
	return figureKind{name: "ping", usage: "ping", help: "What the last statement \"ping\" got: answered, timeout or unreachable.", unit: isWord,
		compile: func(c *compiler, a *args) (figure, error) {
			return func(p *play) (value, error) { return word(p.ping), nil }, a.done()
		}}
}
