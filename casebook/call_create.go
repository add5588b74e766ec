package casebook

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
