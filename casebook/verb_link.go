package casebook

func verbLink() verb {
	return verb{
		name:  "link",
		usage: "link down|up",
		help:  "Takes the device's own link down, as when Wi-Fi disconnects: lwIP is told and aborts its connections. Or brings it up.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			way := a.word("down or up")
			if way != "down" && way != "up" {
				a.fail("down or up was expected, found %q", way)
			}
			return func(p *play) error {
				if way == "down" {
					p.device.LinkDown()
				} else {
					p.device.LinkUp()
				}
				return nil
			}, a.done()
		},
	}
}
