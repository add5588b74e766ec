package casebook

import (
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func verbDevice() verb {
	return verb{
		name:  "device",
		usage: "device eth|wifi [idf=5.3.1] [chip=esp32] [static=BYTES]",
		help: "Says how the device is connected, which release of ESP-IDF it runs on which chip (esp32, esp32s2, esp32s3, esp32c3 or esp32c6; " +
			"all but the first by wifi), and how much DRAM .data and .bss take, on the others code too. Without it: eth, 5.3.1, esp32, 31488.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			iface, err := sim.ParseInterface(a.word("eth or wifi"))
			if err != nil {
				a.fail("%w", err)
			}
			chip, err := heap.ParseChip(a.key("chip", "esp32"))
			if err != nil {
				a.fail("chip=: %w", err)
			}
			low, high := chip.StaticRange()
			static := a.keyNumber("static", 0, 1, int64(high-low))
			cfg, err := sdkconfig.New(a.key("idf", "5.3.1"))
			if err != nil {
				a.fail("%w", err)
			} else if err := cfg.Set("IDF_TARGET", chip.String()); err != nil {
				a.fail("chip=: %w", err)
			}
			return func(p *play) error {
				p.cfg.Interface, p.cfg.Static, p.sdk = iface, uint32(static), cfg.Clone()
				return nil
			}, a.done()
		},
	}
}
