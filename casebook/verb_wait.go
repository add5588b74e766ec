package casebook

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func verbWait() verb {
	return verb{
		name:  "wait",
		usage: "wait TIME, or wait until FIGURE RELATION VALUE max=TIME",
		help:  "Lets time pass: so much, or until a figure is as it says, which has to come true within the time.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			if len(a.pos) > 0 && a.pos[0] == "until" {
				return c.waitUntil(st, a)
			}
			d := a.time("a time, or until")
			return func(p *play) error { return p.world.Run(d) }, a.done()
		},
	}
}

func (c *compiler) waitUntil(st *Statement, a *args) (func(*play) error, error) {
	limit := a.keyTime("max", time.Hour)
	words := slices.DeleteFunc(slices.Clone(st.Words[2:]), func(w string) bool { return strings.HasPrefix(w, "max=") })
	a.rest()
	if err := a.done(); err != nil {
		return nil, err
	}
	k, err := c.condition(st, words)
	if err != nil {
		return nil, err
	}
	return func(p *play) error {
		var bad error
		err := p.world.RunUntil(func() bool {
			v, err := k.figure(p)
			if err != nil {
				bad = err
			}
			return err != nil || k.holds(v)
		}, limit)
		if bad != nil {
			return bad
		}
		if err != nil {
			v, _ := k.figure(p)
			return fmt.Errorf("%s is %v after %v: %w", k.name, v, limit, err)
		}
		return nil
	}, nil
}
