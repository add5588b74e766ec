package casebook

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
