package casebook

func verbRepeat() verb {
	return verb{
		name:  "repeat",
		usage: "repeat N [every=TIME]",
		help:  "Repeats the statements indented below, each round so long after the start of the one before.",
		body:  true,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			n := a.number("how often", 1, 1_000_000)
			every := a.keyTime("every", 0)
			if err := a.done(); err != nil {
				return nil, err
			}
			shared := c.shared
			c.shared = true
			body := c.steps(st.Body)
			c.shared = shared
			return func(p *play) error {
				for range n {
					from := p.world.Now()
					if err := p.run(body); err != nil {
						return err
					}
					if err := p.until(from + every); err != nil {
						return err
					}
				}
				return nil
			}, nil
		},
	}
}
