package casebook

func callFree() call {
	return call{
		name:  "free",
		usage: "free NAME",
		help:  "Gives memory back (free).",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			name := a.word("a name")
			return func(t *task) error {
				if p := t.blocks[name]; p != 0 {
					t.Free(p)
				}
				delete(t.blocks, name)
				return nil
			}, a.done()
		},
	}
}
