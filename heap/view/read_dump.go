package view

import (
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// DumpedHeap is one heap of a heap_caps_dump.
type DumpedHeap struct {
	Start  heap.Addr     // of its region
	Blocks []DumpedBlock // in address order, free ones included
}

// DumpedBlock is one block of it. Addr and Size are the allocator's: with
// poisoning, the canaries are inside.
type DumpedBlock struct {
	Addr heap.Addr // of its payload
	Size uint32    // payload bytes
	Free bool      // a hole
}

// ReadDump reads a heap_caps_dump or heap_caps_dump_all in a log. Lines between
// that are not of the dump are passed over; that no block is missing is known
// from their addresses.
func ReadDump(r io.Reader) ([]DumpedHeap, error) {
	text, err := logLines(r)
	if err != nil {
		return nil, err
	}
	var out []DumpedHeap
	for i, s := range text {
		if m := dumpHead.FindStringSubmatch(s); m != nil {
			a, ok := unsigned(m[1], 16)
			if !ok {
				return nil, &LogError{i + 1, s, "want a 32-bit address"}
			}
			out = append(out, DumpedHeap{Start: heap.Addr(a)})
			continue
		}
		m := dumpLine.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		if len(out) == 0 {
			return nil, &LogError{i + 1, s, `want "Showing data for heap: 0x..." before the first block`}
		}
		a, ok1 := unsigned(m[1], 16)
		n, ok2 := unsigned(m[2], 10)
		if !ok1 || !ok2 {
			return nil, &LogError{i + 1, s, "want 32-bit numbers"}
		}
		h := &out[len(out)-1]
		if k := len(h.Blocks); k > 0 {
			if last := h.Blocks[k-1]; heap.Addr(a) != last.Addr+heap.Addr(last.Size)+4 {
				return nil, &LogError{i + 1, s, fmt.Sprintf("want the block at %v, after the one before", last.Addr+heap.Addr(last.Size)+4)}
			}
		}
		h.Blocks = append(h.Blocks, DumpedBlock{heap.Addr(a), n, m[3] == "Yes"})
	}
	if len(out) == 0 {
		return nil, &LogError{Why: `no line like "Showing data for heap: 0x3ffae6e0 "`}
	}
	return out, nil
}

// RebuildDump allocates the blocks of a dump at their addresses in a fresh heap
// of the same layout, version and poisoning, for an owner. It is an error if the
// heap then differs from the dump.
func RebuildDump(h *heap.Heap, dump []DumpedHeap, owner heap.Owner) error {
	head, overhead := heap.Addr(0), uint32(0)
	if h.Poisoning() != heap.PoisoningNone {
		head, overhead = 8, 12
	}
	for _, d := range dump {
		there := make(map[heap.Addr]heap.Block)
		known := h.Extents(d.Start, func(e heap.Extent) bool {
			if e.Block != nil {
				there[e.Start+4] = *e.Block
			}
			return true
		})
		if !known {
			return &LogError{Why: fmt.Sprintf("the model has no heap at %v", d.Start)}
		}
		for _, b := range d.Blocks {
			if x, ok := there[b.Addr]; ok && !b.Free && x.Footprint == b.Size+4 {
				continue // the heap's own records are there from the start
			}
			if b.Free {
				continue
			}
			if b.Size < overhead {
				return &LogError{Why: fmt.Sprintf("block of %d bytes at %v is too small for its poisoning", b.Size, b.Addr)}
			}
			if err := h.Place(owner, b.Addr+head, b.Size-overhead, b.Size); err != nil {
				return err
			}
		}
		var got []DumpedBlock
		h.Extents(d.Start, func(e heap.Extent) bool {
			if e.Free || e.Block != nil {
				got = append(got, DumpedBlock{e.Start + 4, uint32(e.End-e.Start) - 4, e.Free})
			}
			return true
		})
		for i := range max(len(got), len(d.Blocks)) {
			if i >= len(got) || i >= len(d.Blocks) || got[i] != d.Blocks[i] {
				return &LogError{Why: fmt.Sprintf("heap at %v: block %d is not rebuilt: dump has %s, model %s", d.Start, i+1, nthBlock(d.Blocks, i), nthBlock(got, i))}
			}
		}
	}
	return nil
}

func nthBlock(t []DumpedBlock, i int) string {
	if i >= len(t) {
		return "none"
	}
	return fmt.Sprintf("%d bytes at %v, free %v", t[i].Size, t[i].Addr, t[i].Free)
}
