package sim

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// A Baseline is the state of a device's heap at one time, to compare with
// later ones.
type Baseline struct {
	At     time.Duration
	Free   uint32 // bytes of the default heap
	Blocks int    // allocated blocks of all heaps
	held   map[heap.Tag]heap.Holding
}

// Held is what one object holds, or holds more than before.
type Held struct {
	Task, Object string
	Blocks       int // may be negative in a difference
	Bytes        int // what they take from the free bytes, headers and rounding included
}

// TakeBaseline takes the state of the heap.
func (d *Device) TakeBaseline() Baseline {
	b := Baseline{At: d.world.Now(), Free: d.FreeHeap(), held: map[heap.Tag]heap.Holding{}}
	for _, h := range d.heap.Holdings() {
		b.Blocks += int(h.Blocks)
		b.held[h.Tag] = h
	}
	return b
}

// Baseline returns the state of the heap when the firmware said that it was
// ready. ok is false before.
func (d *Device) Baseline() (b Baseline, ok bool) { return d.baseline, d.ready }

func (d *Device) setReady() {
	if !d.ready {
		d.ready, d.readyAt = true, d.world.Now()
		d.baseline = d.TakeBaseline()
		d.kernel.Print("ready")
	}
}

// HeldSince lists what each object holds more, or less, than at b, the largest
// first. With the zero Baseline it lists all that is held.
func (d *Device) HeldSince(b Baseline) []Held {
	sum := map[[2]string]*Held{}
	add := func(t heap.Tag, h heap.Holding, sign int) {
		k := [2]string{t.Task, t.Object}
		e := sum[k]
		if e == nil {
			e = &Held{Task: t.Task, Object: t.Object}
			sum[k] = e
		}
		e.Blocks += sign * int(h.Blocks)
		e.Bytes += sign * int(h.Bytes)
	}
	for _, h := range d.heap.Holdings() {
		add(h.Tag, h, 1)
	}
	for t, h := range b.held {
		add(t, h, -1)
	}
	var out []Held
	for _, e := range sum {
		if e.Blocks != 0 || e.Bytes != 0 {
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(a, b Held) int {
		return cmp.Or(cmp.Compare(abs(b.Bytes), abs(a.Bytes)), strings.Compare(a.Task, b.Task), strings.Compare(a.Object, b.Object))
	})
	return out
}

// WriteHeld prints a table of what is held since b.
func (d *Device) WriteHeld(w io.Writer, b Baseline) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "bytes\tblocks\ttask\tobject\t")
	total := Held{}
	for _, h := range d.HeldSince(b) {
		fmt.Fprintf(t, "%d\t%d\t%s\t%s\t\n", h.Bytes, h.Blocks, h.Task, h.Object)
		total.Bytes += h.Bytes
		total.Blocks += h.Blocks
	}
	fmt.Fprintf(t, "%d\t%d\t\ttotal\t\n", total.Bytes, total.Blocks)
	return t.Flush()
}

func abs(n int) int { return max(n, -n) }
