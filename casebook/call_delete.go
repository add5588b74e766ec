package casebook

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
