package heaptest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Scenario runs a firmware once, from the boot to its end, with allocations that
// an injector fails: it gives the injector to the heap (Config.Inject or
// SetInjector) before the firmware starts. At its end the firmware should have
// closed what it opened, so that what is held then was forgotten.
type Scenario func(t testing.TB, inject heap.Injector) Run

// Run is what a scenario came to.
type Run struct {
	Heap     *heap.Heap // at the end
	Reported error      // a fault that the firmware reported; nil if none
	Died     string     // the task that ended for it, or "chip"; empty if none
}

// Outcome is what a firmware did about a failed allocation.
type Outcome uint8

const (
	// Unnoticed: the run went on as if nothing had happened, without asking
	// for the memory again.
	Unnoticed Outcome = iota + 1
	// SilentRetry: the same request came again, and nothing was reported.
	SilentRetry
	// FaultReported: the firmware reported a fault.
	FaultReported
	// TaskDeath: a task ended, or the chip.
	TaskDeath
)

// String returns "unnoticed", "silent retry", "fault reported" or "task death".
func (o Outcome) String() string {
	switch o {
	case Unnoticed:
		return "unnoticed"
	case SilentRetry:
		return "silent retry"
	case FaultReported:
		return "fault reported"
	case TaskDeath:
		return "task death"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// Finding is what became of one failed allocation.
type Finding struct {
	N       uint64       // which allocation of the scenario, from 1
	Request heap.Request // what it asked for
	Outcome Outcome      // what the firmware did
	Detail  string       // the reported fault, or the task
	// Leak is by how many bytes more than after an undisturbed run are held at
	// the end, by tag and in all.
	Leak   int64
	LeakBy []Leaked
}

// Leaked is what one holder keeps beyond the undisturbed run.
type Leaked struct {
	Tag   heap.Tag // the holder
	Bytes int64    // beyond the undisturbed run
}

// Report is the result of a Sweep.
type Report struct {
	Calls    uint64    // allocations of the undisturbed run
	Findings []Finding // one for each allocation that was failed
}

// Sweep runs the scenario once undisturbed, and then once for each of its
// allocations with that one failed. It fails the test if the undisturbed run
// does not end well; what the others do is for the caller to judge.
func Sweep(t testing.TB, s Scenario) Report {
	t.Helper()
	return SweepSome(t, s, func(heap.Request) bool { return true })
}

// FirstOfEach chooses the first allocation of each kind for SweepSome: of each
// task, purpose (Tag.What) and size.
func FirstOfEach() func(heap.Request) bool {
	type kind struct {
		task, what string
		size       uint32
	}
	seen := make(map[kind]bool)
	return func(r heap.Request) bool {
		k := kind{r.Tag.Task, r.Tag.What, r.Size}
		first := !seen[k]
		seen[k] = true
		return first
	}
}

// SweepSome is Sweep for those allocations that choose picks; it is asked once
// for each allocation of the undisturbed run, in order.
func SweepSome(t testing.TB, s Scenario, choose func(heap.Request) bool) Report {
	t.Helper()
	whole := &watcher{choose: choose}
	base := s(t, whole)
	if base.Heap == nil || base.Reported != nil || base.Died != "" {
		t.Fatalf("sweep: the undisturbed run: heap %p, fault %v, dead %q", base.Heap, base.Reported, base.Died)
	}
	held := holdings(base.Heap)
	r := Report{Calls: whole.seen}
	for _, n := range whole.chosen {
		w := &watcher{n: n}
		run := s(t, w)
		if w.seen < n {
			t.Fatalf("sweep: allocation %d of %d was not reached again: the scenario is not the same in every run", n, whole.seen)
		}
		f := Finding{N: n, Request: w.failed, Outcome: Unnoticed}
		switch {
		case run.Died != "":
			f.Outcome, f.Detail = TaskDeath, run.Died
		case run.Reported != nil:
			f.Outcome, f.Detail = FaultReported, run.Reported.Error()
		case w.again:
			f.Outcome = SilentRetry
		}
		if run.Heap != nil {
			for _, x := range run.Heap.Holdings() {
				if more := int64(x.Bytes) - held[x.Tag]; more > 0 {
					f.Leak += more
					f.LeakBy = append(f.LeakBy, Leaked{x.Tag, more})
				}
			}
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func holdings(h *heap.Heap) map[heap.Tag]int64 {
	m := make(map[heap.Tag]int64)
	for _, x := range h.Holdings() {
		m[x.Tag] = int64(x.Bytes)
	}
	return m
}

// watcher fails the n-th allocation and looks whether the same request comes
// again. n of 0 fails none.
type watcher struct {
	n, seen uint64
	failed  heap.Request
	again   bool
	choose  func(heap.Request) bool // nil: of no interest
	chosen  []uint64
}

// Fail implements heap.Injector.
func (w *watcher) Fail(r heap.Request) bool {
	w.seen++
	if w.choose != nil && w.choose(r) {
		w.chosen = append(w.chosen, w.seen)
	}
	if w.seen == w.n {
		w.failed = r
		return true
	}
	if w.n != 0 && w.seen > w.n && r.Size == w.failed.Size && r.Caps == w.failed.Caps && r.Tag == w.failed.Tag {
		w.again = true
	}
	return false
}

// String implements heap.Injector.
func (w *watcher) String() string { return heap.Nth(w.n).String() }

// Leaks returns the findings with a leak.
func (r Report) Leaks() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Leak > 0 {
			out = append(out, f)
		}
	}
	return out
}

// Count returns how many failed allocations had an outcome.
func (r Report) Count(o Outcome) int {
	n := 0
	for _, f := range r.Findings {
		if f.Outcome == o {
			n++
		}
	}
	return n
}

// String is a table with a line for each allocation and a summary. The injector
// "(nth n)" reproduces line n.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%5s %8s  %-40s %-14s %s\n", "n", "bytes", "for", "outcome", "leak")
	for _, f := range r.Findings {
		leak := ""
		if f.Leak > 0 {
			leak = fmt.Sprintf("%d bytes", f.Leak)
			for _, l := range f.LeakBy {
				leak += fmt.Sprintf(", %d of %v", l.Bytes, l.Tag)
			}
		}
		detail := f.Detail
		if detail != "" {
			detail = " (" + detail + ")"
		}
		fmt.Fprintf(&b, "%5d %8d  %-40v %-14v %s%s\n", f.N, f.Request.Size, f.Request.Tag, f.Outcome, leak, detail)
	}
	fmt.Fprintf(&b, "%d of %d allocations failed: %d faults reported, %d silent retries, %d task deaths, %d unnoticed; %d leak\n",
		len(r.Findings), r.Calls, r.Count(FaultReported), r.Count(SilentRetry), r.Count(TaskDeath), r.Count(Unnoticed), len(r.Leaks()))
	return b.String()
}
