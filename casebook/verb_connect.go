package casebook

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// connection is a TCP connection of a host.
type connection = *wire.Conn

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

// The ports that a host connects from, one after the other as Linux picks them
// for one peer, so that none is taken again while it is in TIME_WAIT.
const (
	firstPort = 40_000
	lastPort  = 60_999
)

func (h *hostState) nextPort() uint16 {
	h.dials++
	return uint16(firstPort + (h.dials-1)%(lastPort-firstPort+1))
}

// plain names how a host's call ended.
func plain(err error) string {
	for _, k := range []struct {
		err  error
		name string
	}{
		{nil, "ok"}, {wire.ErrRefused, "refused"}, {wire.ErrReset, "reset"}, {wire.ErrTimeout, "timeout"},
		{wire.ErrUnreachable, "unreachable"}, {wire.ErrClosed, "closed"},
	} {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "failed"
}

// group returns the connections of a name.
func (p *play) group(name string) *group {
	if p.conns[name] == nil {
		p.conns[name] = &group{result: map[string]int{}}
	}
	return p.conns[name]
}

func (p *play) groupNames() []string { return slices.Sorted(maps.Keys(p.conns)) }

// until lets time pass until t, if that is not over.
func (p *play) until(t time.Duration) error { return p.world.Run(max(0, t-p.world.Now())) }

// each is a verb that does something to the connections of a group, the oldest
// first; they are forgotten then if forget is set.
func each(name, help string, forget bool, f func(connection)) verb {
	return verb{
		name: name, usage: name + " NAME [N]", help: help,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			group := a.word("the name of connections")
			known(a, c.conns, "connection", group)
			n := int64(-1)
			if a.more() {
				n = a.number("how many", 1, 100_000)
			}
			return func(p *play) error {
				g := p.group(group)
				if n > int64(len(g.open)) {
					return fmt.Errorf("%d of %q were to be taken, but %d are open", n, group, len(g.open))
				}
				take := g.open
				if n >= 0 {
					take = g.open[:n]
				}
				for _, c := range take {
					f(c)
					// One stimulus after the other, as programs do it.
					if err := p.world.Run(0); err != nil {
						return err
					}
				}
				if forget {
					g.open = slices.Clone(g.open[len(take):])
				}
				return p.world.Run(moment)
			}, a.done()
		},
	}
}

// moment is how long a statement waits until its segments have arrived.
const moment = 10 * time.Millisecond

func verbClose() verb {
	return each("close", "Closes the connections of a group in an orderly way (FIN), or its N oldest.", true, connection.Close)
}

func verbShutdown() verb {
	return each("shutdown", "Ends the sending direction of the connections of a group (FIN), which go on receiving.", false, func(c connection) { _ = c.CloseWrite() })
}

func verbReset() verb {
	return each("reset", "Aborts the connections of a group (RST), or its N oldest.", true, connection.Abort)
}

func verbVanish() verb {
	return each("vanish", "Makes a host lose the connections of a group without a trace, or its N oldest: nothing is ever sent for them again.", true, connection.Vanish)
}
