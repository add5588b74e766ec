package casebook

import (
	"fmt"
	"strings"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
)

func verbShow() verb {
	return verb{
		name:  "show",
		usage: "show held since MARK | netstat | console | failures | clients NAME",
		help:  "Prints, for who writes a script: who holds more memory than at the mark, lwIP's connections, what the device printed last, the allocations that failed, or how OPC UA clients fared. go test -v shows it.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			var print func(p *play) string
			switch what := a.word("held, netstat, console, failures or clients"); what {
			case "held":
				m := c.since(a)
				print = func(p *play) string {
					var b strings.Builder
					p.take()
					_ = p.device.WriteHeld(&b, p.marks[m].held) // a Builder takes everything
					return b.String()
				}
			case "netstat":
				print = func(p *play) string { return lwipmodel.FormatNetstat(p.netstat()) }
			case "console":
				print = func(p *play) string { return strings.Join(p.device.Kernel().Console(), "\n") + "\n" }
			case "failures":
				print = func(p *play) string {
					var b strings.Builder
					for _, f := range p.device.Failures() {
						fmt.Fprintf(&b, "%v %s of %s: %v\n", f.At, f.Tag.What, f.Tag.Object, f.Error())
					}
					return b.String()
				}
			case "clients":
				name := a.word("the name of clients")
				known(a, c.clients, "population", name)
				print = func(p *play) string {
					var b strings.Builder
					for _, r := range p.clients[name] {
						fmt.Fprintln(&b, r)
					}
					return b.String()
				}
			default:
				a.fail("held, netstat, console, failures or clients was expected, found %q", what)
			}
			return func(p *play) error {
				if p.out == nil {
					return nil
				}
				_, err := fmt.Fprintf(p.out, "%s:%d: %s, at %v\n%s", st.file, st.Line, st, p.world.Now(), print(p))
				return err
			}, a.done()
		},
	}
}
