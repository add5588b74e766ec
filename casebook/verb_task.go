package casebook

import (
	"strconv"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

func verbTask() verb {
	return verb{
		name:  "task",
		usage: "task NAME [stack=4096] [prio=5] [core=any|0|1] [later]",
		help:  "Writes a task of the device's program; the calls indented below are its code. It is made when the device has its address, or with later by the call create. At the end of its code it deletes itself.",
		body:  true,
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			d := &taskDef{name: a.word("a name"), core: freertos.NoAffinity}
			if c.tasks[d.name] {
				a.fail("there is a task %q already", d.name)
			}
			if len(d.name) > 15 {
				a.fail("FreeRTOS cuts names longer than 15 bytes")
			}
			c.tasks[d.name] = true
			d.stack = uint32(a.keyNumber("stack", 4096, 512, 1<<17))
			d.prio = int(a.keyNumber("prio", 5, 0, 24))
			if core := a.keyOneOf("core", "any", "0", "1"); core != "any" {
				n, _ := strconv.Atoi(core)
				d.core = freertos.Core(n)
			}
			if a.more() {
				a.literal("later")
				d.later = true
			}
			if err := a.done(); err != nil {
				return nil, err
			}
			d.body = c.taskBody(st.Body)
			return func(p *play) error {
				p.tasks = append(p.tasks, d)
				return nil
			}, nil
		},
	}
}
