package casebook

func verbFirmware() verb {
	return verb{
		name:  "firmware",
		usage: "firmware NAME",
		help:  "Makes a program of the caller's own the device's, by its name in Runner.Firmware.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			name := a.word("a name")
			f, ok := c.runner.Firmware[name]
			if !ok {
				a.fail("Runner.Firmware has no %q", name)
			}
			return func(p *play) error {
				p.cfg.Firmware = f
				return nil
			}, a.done()
		},
	}
}
