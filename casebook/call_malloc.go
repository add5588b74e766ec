package casebook

func callMalloc() call {
	return call{
		name:  "malloc",
		usage: "malloc NAME BYTES",
		help:  "Takes memory (malloc). A NAME that stood for a block before is not freed by that: the block is lost.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			name, n := a.word("a name"), a.number("bytes", 0, 1<<22)
			return func(t *task) error {
				p := t.Malloc(name, uint32(n))
				result := "ok"
				if p == 0 {
					result = "failed"
				}
				t.blocks[name] = p
				t.play.outcomes[outcome{"malloc", result}]++
				return nil
			}, a.done()
		},
	}
}
