package simtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// pingTimeout is how long RequireHealthy waits for an answer to its ping.
const pingTimeout = 2 * time.Second

// RequireHealthy fails the test unless the device runs, its firmware is up, no
// task of its firmware has ended, and it answers a ping from every host that is
// switched on and whose cable to it is not pulled.
func (w *World) RequireHealthy(d *sim.Device) {
	w.t.Helper()
	if problems := w.problems(d); len(problems) > 0 {
		w.fail(d, "device %q is not healthy:\n  %s", d.Name(), strings.Join(problems, "\n  "))
	}
}

func (w *World) problems(d *sim.Device) []string {
	w.t.Helper()
	if p := d.Power(); p != sim.Running {
		return []string{fmt.Sprintf("it is %v: %v", p, d.Kernel().Halted())}
	}
	var out []string
	if _, ok := d.Ready(); !ok {
		out = append(out, "its firmware is not up")
	}
	for _, e := range d.EndedTasks() {
		if e.NoMemory {
			out = append(out, fmt.Sprintf("task %s ended: %s", e.Name, e.Why))
		}
	}
	for _, h := range d.Hosts() {
		if h.End().Cable().Pulled() || !h.On() {
			continue
		}
		if err := w.ping(h, d); err != nil {
			out = append(out, fmt.Sprintf("ping from %s: %v", h.Name(), err))
		}
	}
	return out
}

func (w *World) ping(h *wire.Host, d *sim.Device) error {
	w.t.Helper()
	var err error
	done := false
	h.Go("ping", func(p *vtime.Proc) {
		_, err = h.Ping(p, d.Addr(), pingTimeout)
		done = true
	})
	w.RunUntil("a ping's answer", func() bool { return done }, 2*pingTimeout)
	return err
}

// RequireTaskDead fails the test unless a task of that name has lived since the
// device's last start, and has ended since, or has died with the chip.
func (w *World) RequireTaskDead(d *sim.Device, name string) {
	w.t.Helper()
	k := d.Kernel()
	switch alive := k.Task(name); {
	case alive != nil && k.Halted() == nil:
		w.fail(d, "task %q was expected to be dead, but it is %v", name, alive.State())
	case alive == nil && k.LastDeleted(name) == nil:
		w.fail(d, "task %q was expected to be dead, but the device %q has had none of that name since its start at %v", name, d.Name(), d.BootedAt())
	}
}

// RequireNoLeak fails the test unless the heap is, to the byte and the block,
// as it was when the firmware was ready (Device.Baseline). It lets the quiet period pass first
// that the device's own timers ask for: until the last connection in TIME_WAIT,
// the last session and the last channel have gone. If something stays, the
// test fails with a table of who holds what; if something is known to stay for
// ever, it says so and does not wait. A device that restarts meanwhile fails it
// too: that is no way to give memory back.
func (w *World) RequireNoLeak(d *sim.Device) {
	w.t.Helper()
	if _, ok := d.Baseline(); !ok {
		w.fail(d, "device %q has no baseline: its firmware has not been ready since its start at %v", d.Name(), d.BootedAt())
	}
	boots := d.Boots()
	if err := w.Quiet(d); err != nil {
		w.fail(d, "device %q does not come to rest: %v", d.Name(), err)
	}
	if d.Boots() != boots {
		w.fail(d, "device %q restarted at %v, while its memory was waited for", d.Name(), d.BootedAt())
	}
	base, _ := d.Baseline() // only now: app_main may have returned meanwhile
	now := d.TakeBaseline()
	if now.Free != base.Free || now.Blocks != base.Blocks {
		w.fail(d, "device %q has %d bytes free and %d blocks allocated, expected %d and %d as when it was ready (%v)",
			d.Name(), now.Free, now.Blocks, base.Free, base.Blocks, base.At)
	}
}

// Quiet lets time pass until nothing of the device's is pending any more. The
// error says what never goes.
func (w *World) Quiet(d *sim.Device) error { return w.World.Quiet(d) }

// fail ends the test with a message and the device's state.
func (w *World) fail(d *sim.Device, format string, args ...any) {
	w.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, format, args...)
	if base, ok := d.Baseline(); ok {
		fmt.Fprintf(&b, "\n\nheld more than at the start (%v), now %v:\n", base.At, w.Now())
		if err := d.WriteHeld(&b, base); err != nil {
			fmt.Fprintf(&b, "%v\n", err)
		}
	}
	if pcbs := connections(d); len(pcbs) > 0 {
		fmt.Fprintf(&b, "\nconnections of lwIP:\n%s", lwipmodel.FormatNetstat(pcbs))
	}
	if p := d.Pending(); len(p) > 0 {
		b.WriteString("\npending:\n")
		for _, x := range p {
			fmt.Fprintf(&b, "  %v\n", x)
		}
	}
	require.FailNow(w.t, b.String())
}

// connections are lwIP's TCP PCBs without the listeners.
func connections(d *sim.Device) []lwipmodel.PCB {
	if d.Net() == nil {
		return nil
	}
	return slices.DeleteFunc(d.Net().Netstat(), func(p lwipmodel.PCB) bool {
		return p.Proto != "tcp" || p.State == lwipmodel.Listen
	})
}
