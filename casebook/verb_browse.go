package casebook

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// browseLimit bounds a handshake: RSA takes seconds, memory that is short more.
const browseLimit = time.Hour

func verbBrowse() verb {
	return verb{
		name:  "browse",
		usage: "browse NAME [count=1] [host=HOST] [may=fail]",
		help:  "Connects from a host to the HTTPS server, does the handshake and one request, and keeps the connection, which belongs to the group of connections NAME. An outcome \"failed\" is a handshake that the device ended.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			if !c.https {
				a.fail("there is no HTTPS server: the statement \"https\" makes one")
			}
			name := a.word("a name for the connection")
			c.conns[name] = true
			count, host := a.keyNumber("count", 1, 1, 1000), c.host(a, a.key("host", ""))
			mayFail := a.keyOneOf("may", "succeed", "fail") == "fail"
			return func(p *play) error {
				for range count {
					if err := p.browse(p.group(name), p.hosts[host]); err != nil && !mayFail {
						return err
					}
				}
				return p.world.Run(moment)
			}, a.done()
		},
	}
}

func (p *play) browse(g *group, h *hostState) error {
	return p.do(h, "browse", browseLimit, func(proc *vtime.Proc) error {
		b, err := p.device.Browse(proc, h.Host, p.https)
		if err == nil {
			err = b.Get(proc)
			g.open = append(g.open, b.Conn)
		}
		g.result[plain(err)]++
		return err
	})
}
