package casebook

import "github.com/plimsoll-sim/plimsoll/sim/sdkconfig"

func verbOption() verb {
	return verb{
		name:  "option",
		usage: "option NAME VALUE",
		help:  "Sets an option of the sdkconfig, with or without CONFIG_: y, n, a number or a text.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			name, val := a.word("the name of an option"), a.word("its value")
			if err := a.done(); err != nil {
				return nil, err
			}
			if err := sdkconfig.Default("5.3.1").Set(name, val); err != nil {
				a.fail("%w", err)
			}
			return func(p *play) error { return p.sdk.Set(name, val) }, a.done()
		},
	}
}
