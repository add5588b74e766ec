package casebook

import "strings"

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
