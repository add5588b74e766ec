package casebook

import (
	"slices"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// A figure is what can be measured of a running case.
type figure func(*play) (value, error)

// figureKind is a figure's name with its arguments.
type figureKind struct {
	name, usage, help string
	unit              kind
	compile           func(*compiler, *args) (figure, error)
}

// figures are all there are, in the order in which the manual lists them.
func figures() []figureKind {
	return []figureKind{
		deviceFigure("free", "Free bytes of the default heap (esp_get_free_heap_size).", func(d *sim.Device) int64 { return int64(d.FreeHeap()) }),
		deviceFigure("largest", "The largest block that malloc is sure to give (heap_caps_get_largest_free_block).", func(d *sim.Device) int64 { return int64(d.LargestFreeBlock()) }),
		deviceFigure("minimum", "The lowest free bytes since the start (esp_get_minimum_free_heap_size).", func(d *sim.Device) int64 { return int64(d.MinimumFreeHeap()) }),
		figureLost(), figureBlocksSince(), figureTime(), figureHeap(), figureRequest(),
		figurePCBs(), figureSockets(), figureCalls(), figureConnections(), figureFrames(),
		figureFailures(), figureFailure(), figurePower(), figureTask(), figurePing(),
		figureServer("sessions", "Sessions of the OPC UA server."), figureServer("channels", "Secure channels of the OPC UA server."),
		figureServer("subscriptions", "Subscriptions of the OPC UA server."), figureClients(),
	}
}

// figure compiles the words of a figure.
func (c *compiler) figure(st *Statement, words []string) (figure, kind, error) {
	i := slices.IndexFunc(c.figures, func(f figureKind) bool { return f.name == words[0] })
	if i < 0 {
		var known []string
		for _, f := range c.figures {
			known = append(known, f.name)
		}
		return nil, 0, st.errorf("%q is not a figure; known are %s", words[0], strings.Join(known, ", "))
	}
	k := c.figures[i]
	a := &args{st: st, pos: words[1:]}
	c.needStart(a)
	f, err := k.compile(c, a)
	if a.err != nil {
		err = a.err
	}
	return f, k.unit, err
}

func deviceFigure(name, help string, f func(*sim.Device) int64) figureKind {
	return figureKind{name: name, usage: name, help: help, compile: func(c *compiler, a *args) (figure, error) {
		return func(p *play) (value, error) { p.take(); return number(f(p.device)), nil }, a.done()
	}}
}

// since takes "since MARK".
func (c *compiler) since(a *args) string {
	a.literal("since")
	m := a.word("a mark")
	known(a, c.marks, "mark", m)
	return m
}

func figureLost() figureKind {
	return figureKind{name: "lost", usage: "lost since MARK", help: "How many bytes less are free than at the mark.",
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) { return number(p.marks[m].free - p.take().free), nil }, a.done()
		}}
}

func figureBlocksSince() figureKind {
	return figureKind{name: "blocks", usage: "blocks since MARK", help: "How many blocks more are allocated than at the mark.",
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) { return number(p.take().blocks - p.marks[m].blocks), nil }, a.done()
		}}
}

func figureTime() figureKind {
	return figureKind{name: "time", usage: "time since MARK", help: "How long the mark is ago.", unit: isTime,
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) {
				return span((p.world.Now() - p.marks[m].at).Round(time.Millisecond)), nil
			}, a.done()
		}}
}

func figureHeap() figureKind {
	return figureKind{name: "heap", usage: "heap free|largest CAPS", help: "Free bytes, or the largest block, of the memory with capabilities such as INTERNAL|8BIT.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("free or largest")
			caps, err := heap.ParseCap(a.word("capabilities"))
			if err != nil {
				a.fail("%w", err)
			}
			if what != "free" && what != "largest" {
				a.fail("free or largest was expected, found %q", what)
			}
			return func(p *play) (value, error) {
				p.take()
				if what == "free" {
					return number(p.device.Heap().FreeSize(caps)), nil
				}
				return number(p.device.Heap().LargestFreeBlock(caps)), nil
			}, a.done()
		}}
}

func figureRequest() figureKind {
	return figureKind{name: "request", usage: "request WHAT", help: "The bytes asked for of the newest block of a kind, such as TCP_PCB, mbox_queue or TCB; 0 if there is none.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("the kind of a block")
			return func(p *play) (value, error) {
				var size uint32
				serial := -1
				p.device.Heap().Blocks(func(b heap.Block) bool {
					if b.Tag.What == what && int(b.Serial) > serial {
						size, serial = b.Requested, int(b.Serial)
					}
					return true
				})
				return number(size), nil
			}, a.done()
		}}
}

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

func figureCalls() figureKind {
	return figureKind{name: "calls", usage: "calls CALL [OUTCOME]", help: "How often a call of the tasks has ended, or ended so: ok, failed, end, or an errno such as ENFILE.",
		compile: func(c *compiler, a *args) (figure, error) {
			name := a.word("a call")
			if !slices.ContainsFunc(c.calls, func(k call) bool { return k.name == name }) {
				a.fail("there is no call %q", name)
			}
			result := ""
			if a.more() {
				result = a.word("an outcome")
			}
			return func(p *play) (value, error) {
				n := 0
				for o, k := range p.outcomes {
					if o.call == name && (result == "" || o.result == result) {
						n += k
					}
				}
				return number(n), nil
			}, a.done()
		}}
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

func figureFailures() figureKind {
	return figureKind{name: "failures", usage: "failures", help: "Allocations that failed since the start.",
		compile: func(c *compiler, a *args) (figure, error) {
			return func(p *play) (value, error) { return number(len(p.device.Failures())), nil }, a.done()
		}}
}

func figureFailure() figureKind {
	return figureKind{name: "failure", usage: "failure size|free|largest", help: "The bytes that the first allocation that failed asked for, what was free then, and the largest block then.",
		compile: func(c *compiler, a *args) (figure, error) {
			what := a.word("size, free or largest")
			if !slices.Contains([]string{"size", "free", "largest"}, what) {
				a.fail("size, free or largest was expected, found %q", what)
			}
			return func(p *play) (value, error) {
				all := p.device.Failures()
				if len(all) == 0 {
					return number(0), nil
				}
				switch what {
				case "size":
					return number(all[0].Size), nil
				case "free":
					return number(all[0].Free), nil
				}
				return number(all[0].Largest), nil
			}, a.done()
		}}
}

func figurePower() figureKind {
	return figureKind{name: "power", usage: "power", help: "running, halted, off, or rebooted if it has started anew since start.", unit: isWord,
		compile: func(c *compiler, a *args) (figure, error) {
			return func(p *play) (value, error) {
				s := p.device.Power().String()
				if p.device.Power() == sim.Running && p.device.Boots() > 1 {
					s = "rebooted"
				}
				return word(s), nil
			}, a.done()
		}}
}

func figureTask() figureKind {
	return figureKind{name: "task", usage: "task NAME", help: "alive, ended, or none of a task of the device.", unit: isWord,
		compile: func(c *compiler, a *args) (figure, error) {
			name := a.word("a task")
			return func(p *play) (value, error) {
				k := p.device.Kernel()
				switch {
				case k.Task(name) != nil && k.Halted() == nil:
					return word("alive"), nil
				case k.Task(name) != nil || k.LastDeleted(name) != nil:
					return word("ended"), nil
				}
				return word("none"), nil
			}, a.done()
		}}
}
