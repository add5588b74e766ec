package casebook

import (
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

func callDelay() call {
	return call{
		name:  "delay",
		usage: "delay TIME|N ticks",
		help:  "Waits (vTaskDelay). A time is rounded down to ticks, as pdMS_TO_TICKS does.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			if len(a.pos) == 2 && strings.HasPrefix(a.pos[1], "tick") {
				n := a.number("ticks", 0, 1<<31)
				a.rest()
				return func(t *task) error { t.Delay(uint32(n)); return nil }, a.done()
			}
			d := a.time("a time")
			return func(t *task) error { t.Delay(t.ticks(d)); return nil }, a.done()
		},
	}
}

func (t *task) ticks(d time.Duration) uint32 {
	return uint32(d.Milliseconds() * int64(t.Kernel().Config().HZ) / 1000)
}

func callSpend() call {
	return call{
		name:  "spend",
		usage: "spend TIME",
		help:  "Computes for so long without waiting; lower priorities, the idle task above all, do not run on that core.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			d := a.time("a time")
			return func(t *task) error { t.Spend(d); return nil }, a.done()
		},
	}
}

func callCreate() call {
	return call{
		name:  "create",
		usage: "create TASK",
		help:  "Makes a task that was written with later (xTaskCreate). It starts with a copy of the names of its maker.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			name := a.word("a task")
			if err := a.done(); err != nil {
				return nil, err
			}
			return func(t *task) error {
				for _, d := range t.play.tasks {
					if d.name == name {
						t.create(d)
						return nil
					}
				}
				return st.errorf("there is no task %q", name)
			}, nil
		},
	}
}

func callDelete() call {
	return call{
		name:  "delete",
		usage: "delete [TASK]",
		help:  "Deletes the task itself, or another one that lives (vTaskDelete).",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			if !a.more() {
				return func(t *task) error { t.Delete(); return nil }, a.done()
			}
			name := a.word("a task")
			return func(t *task) error {
				other := t.Kernel().Task(name)
				if other == nil {
					return st.errorf("no task %q lives", name)
				}
				other.Delete()
				return nil
			}, a.done()
		},
	}
}

func callWatchdog() call {
	return call{
		name:  "watchdog",
		usage: "watchdog add|reset|remove",
		help:  "Subscribes the task to the task watchdog, feeds it, or ends that.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			what := a.word("add, reset or remove")
			f := map[string]func(*freertos.TaskWDT) error{
				"add":    func(w *freertos.TaskWDT) error { return w.Add(nil) },
				"reset":  func(w *freertos.TaskWDT) error { return w.Reset(nil) },
				"remove": func(w *freertos.TaskWDT) error { return w.Remove(nil) },
			}[what]
			if f == nil {
				a.fail("add, reset or remove was expected, found %q", what)
			}
			return func(t *task) error { return f(t.Kernel().WDT) }, a.done()
		},
	}
}

func callPrint() call {
	return call{
		name:  "print",
		usage: "print TEXT...",
		help:  "Writes a line to the console.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			text := strings.Join(a.rest(), " ")
			return func(t *task) error { t.Printf("%s", text); return nil }, a.done()
		},
	}
}

func callRepeat() call {
	return call{
		name:  "repeat",
		usage: "repeat N|forever",
		help:  "Repeats the calls indented below.",
		body:  true,
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			n, forever := int64(0), false
			if what := a.word("how often, or forever"); what == "forever" {
				forever = true
			} else {
				n = a.inRange("how often", what, 1, 1_000_000_000)
			}
			if err := a.done(); err != nil {
				return nil, err
			}
			body := c.taskBody(st.Body)
			return func(t *task) error {
				for i := int64(0); forever || i < n; i++ {
					t.run(body)
				}
				return nil
			}, nil
		},
	}
}
