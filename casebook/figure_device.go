package casebook

import (
	"slices"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
)

func figureTime() figureKind {
	return figureKind{name: "time", usage: "time since MARK", help: "How long the mark is ago.", unit: isTime,
		compile: func(c *compiler, a *args) (figure, error) {
			m := c.since(a)
			return func(p *play) (value, error) {
				return span((p.world.Now() - p.marks[m].at).Round(time.Millisecond)), nil
			}, a.done()
		}}
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
