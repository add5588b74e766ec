package casebook

func verbMark() verb {
	return verb{
		name:  "mark",
		usage: "mark NAME",
		help:  "Remembers the time and what is free, for figures \"since NAME\".",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			name := a.word("a name")
			c.marks[name] = true
			c.needStart(a)
			return func(p *play) error {
				p.setMark(name)
				return nil
			}, a.done()
		},
	}
}
