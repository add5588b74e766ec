package casebook

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
