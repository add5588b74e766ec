package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// ioLimit is how long a statement waits for a send or a receive.
const ioLimit = 2 * time.Hour

func verbSend() verb {
	return verb{
		name:  "send",
		usage: "send NAME BYTES [may=fail]",
		help:  "Sends so many bytes on each connection of a group, from its host.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			name := a.word("the name of connections")
			known(a, c.conns, "connection", name)
			n := a.number("bytes", 1, 1<<20)
			mayFail := a.keyOneOf("may", "succeed", "fail") == "fail"
			return func(p *play) error {
				return p.each(name, mayFail, func(proc *vtime.Proc, conn connection) error {
					_, err := conn.Write(proc, make([]byte, n), time.Minute)
					return err
				})
			}, a.done()
		},
	}
}

// each runs f for every connection of a group, one after the other.
func (p *play) each(name string, mayFail bool, f func(*vtime.Proc, connection) error) error {
	g := p.group(name)
	for _, conn := range g.open {
		h := p.hosts[conn.Host().Name()]
		err := p.do(h, name, ioLimit, func(proc *vtime.Proc) error { return f(proc, conn) })
		if err != nil {
			g.result[plain(err)]++
			if !mayFail {
				return err
			}
		}
	}
	return p.world.Run(moment)
}
