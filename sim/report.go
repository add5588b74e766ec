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
// ready, less what the start itself still held then: the event that the system
// event loop was handling, and, once app_main has returned and the idle task has
// freed them, the main task's stack and TCB. ok is false before the firmware is
// ready.
func (d *Device) Baseline() (b Baseline, ok bool) { return d.baseline, d.ready }

func (d *Device) setReady() {
	if !d.ready {
		d.ready, d.readyAt = true, d.world.Now()
		d.baseline = d.TakeBaseline()
		d.forget(isEventData)
		d.kernel.Print("ready")
	}
}

// forgetMainTask takes the memory of the main task, which is about to be freed,
// out of the baseline.
func (d *Device) forgetMainTask() {
	if d.ready {
		d.forget(isMainTask)
	}
}

// forget takes blocks that are still allocated out of the baseline.
func (d *Device) forget(which func(heap.Tag) bool) {
	for _, h := range d.heap.Held(heap.CapDefault) {
		if which(h.Tag) {
			d.baseline.Free += h.Bytes
		}
	}
	held := map[heap.Tag]heap.Holding{} // copies of the baseline keep theirs
	for tag, h := range d.baseline.held {
		if which(tag) {
			d.baseline.Blocks -= int(h.Blocks)
		} else {
			held[tag] = h
		}
	}
	d.baseline.held = held
}

// isMainTask reports whether a block is the stack or the TCB of the main task.
func isMainTask(t heap.Tag) bool {
	return t == heap.Tag{Task: "main", What: "stack"} || t == heap.Tag{Task: "main", What: "TCB"}
}

// isEventData reports whether a block is what an event carries.
func isEventData(t heap.Tag) bool { return t.Object == "event loop" && t.What == "event data" }

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
	slices.SortFunc(out, compareHeld)
	return out
}

// WriteHeld prints a table of what is held since b: by object, or, if there are
// more than maxRows of them, by kind of object. The last column says what the
// blocks are, the largest share first.
func (d *Device) WriteHeld(w io.Writer, b Baseline) error {
	rows := d.heldRows(b, func(object string) string { return object })
	if len(rows) > maxRows {
		rows = d.heldRows(b, func(object string) string { return strings.TrimRight(object, " 0123456789") })
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "bytes\tblocks\ttask\tobject\t  what")
	total := Held{}
	for _, r := range rows {
		object := r.Object
		if r.objects > 1 {
			object = fmt.Sprintf("%d x %s", r.objects, object)
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%s\t  %s\n", r.Bytes, r.Blocks, r.Task, object, r.shares())
		total.Bytes += r.Bytes
		total.Blocks += r.Blocks
	}
	fmt.Fprintf(t, "%d\t%d\t\ttotal\t\n", total.Bytes, total.Blocks)
	return t.Flush()
}

// maxRows is how many objects a table names one by one.
const maxRows = 24

// A heldRow is a line of a table of what is held.
type heldRow struct {
	Held
	objects int
	named   map[string]bool
	what    []Held // by what the blocks are, in Object
}

// heldRows sums up what is held since b by task and by what name makes of the
// object, the largest first.
func (d *Device) heldRows(b Baseline, name func(string) string) []*heldRow {
	now := d.TakeBaseline()
	tags := map[heap.Tag]bool{}
	for t := range now.held {
		tags[t] = true
	}
	for t := range b.held {
		tags[t] = true
	}
	rows := map[[2]string]*heldRow{}
	for t := range tags {
		bytes := int(now.held[t].Bytes) - int(b.held[t].Bytes)
		blocks := int(now.held[t].Blocks) - int(b.held[t].Blocks)
		if bytes == 0 && blocks == 0 {
			continue
		}
		k := [2]string{t.Task, name(t.Object)}
		r := rows[k]
		if r == nil {
			r = &heldRow{Held: Held{Task: t.Task, Object: k[1]}, named: map[string]bool{}}
			rows[k] = r
		}
		r.Bytes += bytes
		r.Blocks += blocks
		if !r.named[t.Object] {
			r.named[t.Object] = true
			r.objects++
		}
		i := slices.IndexFunc(r.what, func(h Held) bool { return h.Object == t.What })
		if i < 0 {
			i = len(r.what)
			r.what = append(r.what, Held{Object: t.What})
		}
		r.what[i].Bytes += bytes
		r.what[i].Blocks += blocks
	}
	out := make([]*heldRow, 0, len(rows))
	for _, r := range rows {
		slices.SortFunc(r.what, compareHeld)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *heldRow) int { return compareHeld(a.Held, b.Held) })
	return out
}

// shares names what the blocks of a row are.
func (r *heldRow) shares() string {
	const most = 3
	var parts []string
	for i, h := range r.what {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(r.what)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", h.Object, h.Bytes))
	}
	return strings.Join(parts, ", ")
}

func compareHeld(a, b Held) int {
	return cmp.Or(cmp.Compare(abs(b.Bytes), abs(a.Bytes)), strings.Compare(a.Task, b.Task), strings.Compare(a.Object, b.Object))
}

func abs(n int) int { return max(n, -n) }
