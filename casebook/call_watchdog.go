package casebook

import "github.com/plimsoll-sim/plimsoll/sim/freertos"

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
