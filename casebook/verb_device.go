package casebook

import (
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func verbDevice() verb {
	return verb{
		name:  "device",
		usage: "device eth|wifi [idf=5.3.1] [static=BYTES]",
		help:  "Says how the ESP32 is connected, which release of ESP-IDF it runs, and how much DRAM .data and .bss take. Without it: eth, 5.3.1, 31488.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			iface, err := sim.ParseInterface(a.word("eth or wifi"))
			if err != nil {
				a.fail("%w", err)
			}
			static := a.keyNumber("static", 0, 1, 0x2C200)
			cfg, err := sdkconfig.New(a.key("idf", "5.3.1"))
			if err != nil {
				a.fail("%w", err)
			}
			return func(p *play) error {
				p.cfg.Interface, p.cfg.Static, p.sdk = iface, uint32(static), cfg.Clone()
				return nil
			}, a.done()
		},
	}
}
