package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// TraceMode is heap_trace_mode_t.
type TraceMode uint8

const (
	TraceLeaks TraceMode = iota // HEAP_TRACE_LEAKS: freed allocations are forgotten
	TraceAll                    // HEAP_TRACE_ALL: they stay, with who freed them
)

// HeapTrace records allocations like ESP-IDF's standalone heap tracing
// (heap_trace_standalone.c) and prints them like heap_trace_dump. Add it to a
// heap with Heap.AddHook to start, remove it to stop. Its records take none of
// the modelled memory.
//
// A real trace has code addresses for callers. A model has none, so every name
// of a tag gets one, in the order in which they are first seen, from 0x400D0000;
// Symbols has the names. The callers of an allocation are its What, Object and
// Task, those of a free the same and "free".
type HeapTrace struct {
	Mode TraceMode // what becomes of freed allocations
	// Version decides the format of the dump. Required.
	Version heap.Version
	// Capacity is the number of records of the buffer; when it is full, the
	// oldest is dropped. 0 means 100.
	Capacity int
	// Depth is HEAP_TRACING_STACK_DEPTH: 2 by default on Xtensa. -1 is 0, what
	// RISC-V chips have without frame pointers: no callers are printed.
	Depth int
	// CPUHz is the clock that ccount counts; 0 means 160 MHz.
	CPUHz uint64

	records     []traceRecord
	total       int
	frees       int
	high        int
	overflowed  bool
	symbolOf    map[string]uint32
	symbolNames []string
}

type traceRecord struct {
	ccount    uint32
	addr      heap.Addr
	size      uint32
	psram     bool
	freed     bool
	allocedBy []uint32
	freedBy   []uint32
}

func (t *HeapTrace) capacity() int {
	if t.Capacity == 0 {
		return 100
	}
	return t.Capacity
}

func (t *HeapTrace) depth() int {
	switch {
	case t.Depth < 0:
		return 0
	case t.Depth == 0:
		return 2
	}
	return t.Depth
}

// Alloc records an allocation (record_allocation).
func (t *HeapTrace) Alloc(p heap.Addr, n uint32, b heap.Block) {
	if len(t.records) == t.capacity() {
		t.overflowed = true
		t.records = slices.Delete(t.records, 0, 1)
	}
	hz := t.CPUHz
	if hz == 0 {
		hz = 160_000_000
	}
	// Whole seconds and the rest apart, so that nothing overflows.
	cycles := uint64(b.At/time.Second)*hz + uint64(b.At%time.Second)*(hz/1000)/1_000_000
	t.records = append(t.records, traceRecord{ccount: uint32(cycles) &^ 3, addr: p, size: n, psram: b.Region == "SPIRAM", allocedBy: t.callers(b.Tag)})
	t.high = max(t.high, len(t.records))
	t.total++
}

// Free records a free (record_free). In TraceAll, v5.1 and later look for the
// record from the oldest on, so that of two records of one address the older,
// freed one gets it; earlier ones look from the newest.
func (t *HeapTrace) Free(p heap.Addr, b heap.Block) {
	if len(t.records) == 0 {
		return
	}
	t.frees++
	at := func(r traceRecord) bool { return r.addr == p }
	i := slices.IndexFunc(t.records, at)
	if !t.Version.AtLeast(5, 1, 0) {
		for j := len(t.records) - 1; j >= 0; j-- {
			if at(t.records[j]) {
				i = j
				break
			}
		}
	}
	switch {
	case i < 0:
	case t.Mode == TraceLeaks:
		t.records = slices.Delete(t.records, i, i+1)
	default:
		t.records[i].freed = true
		t.records[i].freedBy = append([]uint32{t.symbol("free")}, t.callers(b.Tag)...)
	}
}

// callers turns a tag into a call stack, innermost first.
func (t *HeapTrace) callers(tag heap.Tag) []uint32 {
	var c []uint32
	for _, s := range []string{tag.What, tag.Object, tag.Task} {
		if s != "" {
			c = append(c, t.symbol(s))
		}
	}
	return c
}

const firstSymbol = 0x400D0000 // where code in flash starts on the ESP32

func (t *HeapTrace) symbol(name string) uint32 {
	a, ok := t.symbolOf[name]
	if !ok {
		if t.symbolOf == nil {
			t.symbolOf = make(map[string]uint32)
		}
		a = firstSymbol + uint32(len(t.symbolNames))*16
		t.symbolOf[name] = a
		t.symbolNames = append(t.symbolNames, name)
	}
	return a
}

// Symbols returns the names that stand for callers, by address.
func (t *HeapTrace) Symbols() map[uint32]string {
	m := make(map[uint32]string, len(t.symbolNames))
	for name, a := range t.symbolOf {
		m[a] = name
	}
	return m
}

// frames writes up to the configured depth of a call stack as the original
// does: all of them separated by colons, and a colon after the last that is not
// the deepest.
func (t *HeapTrace) frames(callers []uint32) string {
	s := ""
	for j, c := range callers[:min(len(callers), t.depth())] {
		s += fmt.Sprintf("0x%x", c)
		if j < t.depth()-1 {
			s += ":"
		}
	}
	return s
}

// freedFrames writes a freeing call stack, whose missing frames are null
// pointers.
func (t *HeapTrace) freedFrames(callers []uint32) string {
	s := ""
	for j := range t.depth() {
		c := "0"
		if j < len(callers) {
			c = fmt.Sprintf("%x", callers[j])
		}
		s += "0x" + c
		if j < t.depth()-1 {
			s += ":"
		} else {
			s += "\n"
		}
	}
	return s
}

// Dump prints the trace like heap_trace_dump of the version, or
// heap_trace_dump_caps from v5.1 on if caps has only one of CapInternal and
// CapSPIRAM; 0 means both.
func (t *HeapTrace) Dump(w io.Writer, caps heap.Cap) error {
	b := bufio.NewWriter(w)
	old := !t.Version.AtLeast(5, 1, 0)
	both := heap.CapInternal | heap.CapSPIRAM
	if caps&both == 0 || old {
		caps = both
	}
	if old {
		fmt.Fprintf(b, "%d allocations trace (%d entry buffer)\n", len(t.records), t.capacity())
	} else {
		fmt.Fprintf(b, "====== Heap Trace: %d records (%d capacity) ======\n", len(t.records), t.capacity())
	}
	var alive, blocks uint32
	for _, r := range t.records {
		label, kind := ", Internal", heap.CapInternal
		if r.psram {
			label, kind = ",    PSRAM", heap.CapSPIRAM
		}
		if caps&kind == 0 {
			continue
		}
		if old {
			fmt.Fprintf(b, "%d bytes (@ %v) allocated CPU %d ccount 0x%08x caller ", r.size, r.addr, r.ccount&1, r.ccount&^3)
		} else {
			fmt.Fprintf(b, "%6d bytes (@ %v%s) allocated CPU %d ccount 0x%08x", r.size, r.addr, label, r.ccount&1, r.ccount&^3)
			if !t.Version.AtLeast(5, 5, 0) || t.depth() > 0 && len(r.allocedBy) > 0 {
				fmt.Fprint(b, " caller ")
			}
		}
		fmt.Fprint(b, t.frames(r.allocedBy))
		hasFreer := t.Mode == TraceAll && t.depth() > 0 && r.freed
		switch {
		case hasFreer:
			fmt.Fprint(b, "\nfreed by ", t.freedFrames(r.freedBy))
		case r.freed && t.Version.AtLeast(5, 5, 0):
			fmt.Fprint(b, " freed\n")
		default:
			alive += r.size
			blocks++
			fmt.Fprint(b, "\n")
		}
	}
	if old {
		t.summaryV4(b, alive, blocks)
	} else {
		t.summary(b, alive, blocks)
	}
	return b.Flush()
}

func (t *HeapTrace) summaryV4(b *bufio.Writer, alive, blocks uint32) {
	if t.Mode == TraceAll {
		fmt.Fprintf(b, "%d bytes alive in trace (%d/%d allocations)\n", alive, blocks, len(t.records))
	} else {
		fmt.Fprintf(b, "%d bytes 'leaked' in trace (%d allocations)\n", alive, blocks)
	}
	fmt.Fprintf(b, "total allocations %d total frees %d\n", t.total, t.frees)
	if t.overflowed {
		fmt.Fprint(b, "(NB: Buffer has overflowed, so trace data is incomplete.)\n")
	}
}

func (t *HeapTrace) summary(b *bufio.Writer, alive, blocks uint32) {
	fmt.Fprint(b, "====== Heap Trace Summary ======\n")
	if t.Mode == TraceAll {
		fmt.Fprintf(b, "Mode: Heap Trace All\n%d bytes alive in trace (%d/%d allocations)\n", alive, blocks, len(t.records))
	} else {
		fmt.Fprintf(b, "Mode: Heap Trace Leaks\n%d bytes 'leaked' in trace (%d allocations)\n", alive, blocks)
	}
	fmt.Fprintf(b, "records: %d (%d capacity, %d high water mark)\n", len(t.records), t.capacity(), t.high)
	fmt.Fprintf(b, "total allocations: %d\ntotal frees: %d\n", t.total, t.frees)
	if t.overflowed {
		fmt.Fprint(b, "(NB: Internal Buffer has overflowed, so trace data is incomplete.)\n")
	}
	fmt.Fprint(b, "================================\n")
}
