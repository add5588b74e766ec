package casebook

import (
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

// stateNames are lwIP's, with what netstat leaves out.
func (c *compiler) state(a *args) (lwipmodel.State, bool) {
	if !a.more() {
		return 0, false
	}
	name := a.word("a state")
	var all []string
	for s := lwipmodel.Closed; s <= lwipmodel.TimeWait; s++ {
		if s.String() == name {
			return s, true
		}
		all = append(all, s.String())
	}
	a.fail("state %q: one of %s was expected", name, strings.Join(all, ", "))
	return 0, false
}

func figurePCBs() figureKind {
	return figureKind{name: "pcbs", usage: "pcbs [STATE]", help: "lwIP's TCP control blocks apart from listeners, or those in a state such as TIME_WAIT.",
		compile: func(c *compiler, a *args) (figure, error) {
			state, one := c.state(a)
			return func(p *play) (value, error) {
				n := 0
				for _, x := range p.netstat() {
					if x.Proto == "tcp" && (one && x.State == state || !one && x.State != lwipmodel.Listen) {
						n++
					}
				}
				return number(n), nil
			}, a.done()
		}}
}

func figureSockets() figureKind {
	return figureKind{name: "sockets", usage: "sockets", help: "Descriptors in use, listeners and UDP included.",
		compile: func(c *compiler, a *args) (figure, error) {
			return func(p *play) (value, error) {
				if p.device.Net() == nil {
					return number(0), nil
				}
				return number(p.device.Net().Sockets()), nil
			}, a.done()
		}}
}

func (p *play) netstat() []lwipmodel.PCB {
	if p.device.Net() == nil {
		return nil
	}
	return p.device.Net().Netstat()
}

func figureConnections() figureKind {
	return figureKind{name: "connections", usage: "connections NAME ok|refused|reset|timeout|closed|unreachable|open|STATE", help: "Of a group of a host's connections: how many connects or later operations ended so, or how many are in a state of the host's TCP such as ESTABLISHED.",
		compile: func(c *compiler, a *args) (figure, error) {
			name := a.word("the name of connections")
			known(a, c.conns, "connection", name)
			what := a.word("an outcome or a state")
			lower := strings.ToLower(what) == what
			if lower && !slices.Contains([]string{"ok", "refused", "reset", "timeout", "closed", "unreachable", "failed", "open"}, what) {
				a.fail("outcome %q: ok, refused, reset, timeout, closed, unreachable, failed or open was expected", what)
			}
			return func(p *play) (value, error) {
				g := p.group(name)
				switch {
				case what == "open":
					return number(len(g.open)), nil
				case lower:
					return number(g.result[what]), nil
				}
				n := 0
				for _, x := range g.open {
					if x.State() == what {
						n++
					}
				}
				return number(n), nil
			}, a.done()
		}}
}

func figureFrames() figureKind {
	kinds := map[string]func(lwipmodel.Counters) uint64{
		"received":  func(c lwipmodel.Counters) uint64 { return c.Received },
		"sent":      func(c lwipmodel.Counters) uint64 { return c.Sent },
		"no-buffer": func(c lwipmodel.Counters) uint64 { return c.NoBuffer },
		"no-memory": func(c lwipmodel.Counters) uint64 { return c.NoMemory },
		"mail-full": func(c lwipmodel.Counters) uint64 { return c.MailFull },
	}
	return figureKind{name: "frames", usage: "frames received|sent|no-buffer|no-memory|mail-full", help: "What the device's interface has counted: received and handed on, sent, or lost for want of a driver's buffer, of memory, or of a place in the mailbox of lwIP's task.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("a counter")
			f := kinds[what]
			if f == nil {
				a.fail("counter %q: received, sent, no-buffer, no-memory or mail-full was expected", what)
			}
			return func(p *play) (value, error) { return number(f(p.device.Netif().Counters())), nil }, a.done()
		}}
}
