package casebook

import (
	"strings"
	"time"
)

func callDelay() call {
	return call{
		name:  "delay",
		usage: "delay TIME|N ticks",
		help:  "Waits (vTaskDelay). A time is rounded down to ticks, as pdMS_TO_TICKS does.",
		compile: func(c *compiler, st *Statement, a *args) (func(*task) error, error) {
			if len(a.pos) == 2 && strings.HasPrefix(a.pos[1], "tick") {
				n := a.number("ticks", 0, 1<<31)
				a.rest()
				return func(t *task) error { t.Delay(uint32(n)); return nil }, a.done()
			}
			d := a.time("a time")
			return func(t *task) error { t.Delay(t.ticks(d)); return nil }, a.done()
		},
	}
}

func (t *task) ticks(d time.Duration) uint32 {
	return uint32(d.Milliseconds() * int64(t.Kernel().Config().HZ) / 1000)
}
