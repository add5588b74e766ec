package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Pending is memory, or another thing, that goes by itself at a known time.
type Pending struct {
	What  string        // "TIME_WAIT 192.168.1.100:51234", "session 3"
	At    time.Duration // when it goes, at the latest
	Never bool          // it stays for ever, unless something from outside ends it
}

// AddPending registers a source of Pending for this boot of the device, such as
// a server with its sessions.
func (d *Device) AddPending(f func() []Pending) { d.pending = append(d.pending, f) }

// Pending lists what will go by itself, and what never will, the latest last.
// On a device that does not run nothing goes.
func (d *Device) Pending() []Pending {
	if p := d.Power(); p != Running {
		return []Pending{{What: fmt.Sprintf("everything: the device is %v", p), Never: true}}
	}
	if h := d.kernel.Halted(); h != nil { // and it starts again
		return []Pending{{What: "the reboot after a panic", At: h.At + d.kernel.Config().PanicRebootDelay}}
	}
	var all []Pending
	for _, f := range d.pending {
		all = append(all, f()...)
	}
	slices.SortStableFunc(all, func(a, b Pending) int {
		switch {
		case a.Never != b.Never && a.Never:
			return 1
		case a.Never != b.Never:
			return -1
		}
		return cmp.Compare(a.At, b.At)
	})
	return all
}

// String says what goes, and when.
func (p Pending) String() string {
	if p.Never {
		return p.What + ": never"
	}
	return fmt.Sprintf("%s: at %v", p.What, p.At)
}

// quietRounds bounds how often Quiet looks again: memory that goes may start
// another timer, but not for ever.
const quietRounds = 100

// NeverError reports what does not go by itself.
type NeverError struct{ Pending []Pending }

func (e *NeverError) Error() string {
	text := "these never go by themselves:"
	for _, p := range e.Pending {
		text += "\n  " + p.What
	}
	return text
}

// Quiet lets time pass until nothing is pending on the device any more: until
// the end of the longest timer that will give memory back. If something is
// pending for ever it does not wait, and the error is a *NeverError.
func (w *World) Quiet(d *Device) error {
	for range quietRounds {
		all := d.Pending()
		var never []Pending
		var last time.Duration
		for _, p := range all {
			if p.Never {
				never = append(never, p)
			}
			last = max(last, p.At)
		}
		if len(never) > 0 {
			return &NeverError{Pending: never}
		}
		if len(all) == 0 {
			return nil
		}
		if err := w.Run(max(last-w.Now(), 0) + time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("sim: device %q: still pending after %d rounds: %v", d.name, quietRounds, d.Pending())
}
