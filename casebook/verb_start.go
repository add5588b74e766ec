package casebook

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// Limits of a start: until the firmware is up, and then until the main task is
// gone with its stack.
const (
	startLimit = 5 * time.Minute
	settle     = 2 * time.Second
)

func verbStart() verb {
	return verb{
		name:  "start",
		usage: "start",
		help:  "Switches the device on and waits until its program runs and 2 s more. The mark \"start\" is made then.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needBefore(a)
			c.started, c.marks["start"] = true, true
			return (*play).start, a.done()
		},
	}
}

func (p *play) start() error {
	p.cfg.SDKConfig = p.sdk
	if p.cfg.Firmware == nil && len(p.tasks) > 0 {
		p.cfg.Firmware = (*tasksFirmware)(p)
	}
	var err error
	if p.device, err = p.world.Device(p.cfg); err != nil {
		return err
	}
	for _, name := range p.hostNames() {
		if err := p.cable(p.hosts[name]); err != nil {
			return err
		}
	}
	return p.waitForStart()
}

func (p *play) waitForStart() error {
	d := p.device
	if err := p.world.RunUntil(func() bool { _, ok := d.Ready(); return ok || d.Power() != sim.Running }, startLimit); err != nil {
		return fmt.Errorf("waiting for the firmware to be up: %w", err)
	}
	if d.Power() != sim.Running {
		return fmt.Errorf("the device stopped before its firmware was up: %v", d.Kernel().Halted())
	}
	if err := p.world.Run(settle); err != nil {
		return err
	}
	p.setMark("start")
	return nil
}
