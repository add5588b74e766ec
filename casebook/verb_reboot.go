package casebook

func verbReboot() verb {
	return verb{
		name:  "reboot",
		usage: "reboot",
		help:  "Presses the device's reset button and waits as start does. The mark \"start\" is made anew.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			return func(p *play) error {
				if err := p.device.Reboot(); err != nil {
					return err
				}
				return p.waitForStart()
			}, a.done()
		},
	}
}
