package view

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// LogError is a line of a device's log that does not fit its format, or the
// others.
type LogError struct {
	Line int // from 1; 0 if the log as a whole is meant
	Text string
	Why  string
}

// Error names the line and what was expected.
func (e *LogError) Error() string {
	if e.Line == 0 {
		return "view: device log: " + e.Why
	}
	return fmt.Sprintf("view: device log line %d: %s: %q", e.Line, e.Why, e.Text)
}

// logLines reads a log. Lines end at a newline, with or without a carriage
// return; terminal colours are removed.
func logLines(r io.Reader) ([]string, error) {
	var out []string
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		out = append(out, colour.ReplaceAllString(strings.TrimRight(s.Text(), "\r"), ""))
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("view: device log line %d: %w", len(out)+1, err)
	}
	return out, nil
}

var (
	colour   = regexp.MustCompile("\x1b\\[[0-9;]*m")
	bootLine = regexp.MustCompile(`At ([0-9A-F]{8}) len ([0-9A-F]{8}) \((\d+) KiB\): (\S+)`)
	infoHead = regexp.MustCompile(`^Heap summary for capabilities 0x([0-9A-Fa-f]{8}):$`)
	infoAt   = regexp.MustCompile(`^  At 0x([0-9a-f]{8}) len (\d+) free (-?\d+) allocated (-?\d+) min_free (-?\d+)$`)
	infoMore = regexp.MustCompile(`^    largest_free_block (-?\d+) alloc_blocks (\d+) free_blocks (\d+) total_blocks (\d+)$`)
	infoSum  = regexp.MustCompile(`^    free (-?\d+) allocated (-?\d+) min_free (-?\d+) largest_free_block (-?\d+)$`)
	dumpHead = regexp.MustCompile(`^Showing data for heap: 0x([0-9a-f]+) ?$`)
	dumpLine = regexp.MustCompile(`^Block 0x([0-9a-f]+) data, size: (\d+) bytes, Free: (No|Yes) ?$`)
)

// unsigned reads a number that a pattern matched; too large a one gives false.
func unsigned(s string, base int) (uint32, bool) {
	n, err := strconv.ParseUint(s, base, 32)
	return uint32(n), err == nil
}

// ReadBootLog finds the heap_init lines in an ESP32's boot log and returns the
// layout that gives them, so that a model can start from a device's memory. It
// is an error if the lines are not those of a layout the package models.
func ReadBootLog(r io.Reader) (heap.Layout, error) {
	text, err := logLines(r)
	if err != nil {
		return heap.Layout{}, err
	}
	var l heap.Layout
	var at []int
	var seen []string
	for i, s := range text {
		m := bootLine.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		start, ok1 := unsigned(m[1], 16)
		size, ok2 := unsigned(m[2], 16)
		if !ok1 || !ok2 {
			continue
		}
		at, seen = append(at, i), append(seen, m[0])
		layoutFrom(&l, m[4], start, start+size)
	}
	if len(at) == 0 {
		return l, &LogError{Why: `no line like "At 3FFB7B00 len 00028500 (161 KiB): DRAM"`}
	}
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: l})
	if err != nil {
		return l, err
	}
	for i, want := range h.BootLog() {
		if i >= len(seen) {
			return l, &LogError{Why: fmt.Sprintf("after the last region of the log there is one more in the model: %q", want)}
		}
		if seen[i] != want {
			return l, &LogError{at[i] + 1, text[at[i]], fmt.Sprintf("the layout found gives %q here", want)}
		}
	}
	if n := len(h.BootLog()); n < len(seen) {
		return l, &LogError{at[n] + 1, text[at[n]], "the model has no such region"}
	}
	return l, nil
}

// layoutFrom draws what a region says about the layout.
func layoutFrom(l *heap.Layout, name string, start, end uint32) {
	switch name {
	case "DRAM":
		switch {
		case end == 0x3FFE0000:
			l.StaticEnd = heap.Addr(start)
		case start == 0x3FFAFF10:
			l.BT = true
		case l.BT && start >= 0x3FFB6388 && start < 0x3FFB8000:
			l.BTSCOConnections = int(start-0x3FFB6388) / 0x870
		}
	case "D/IRAM":
		l.SingleCore = start == 0x3FFE0440 && end != 0x3FFE3F20
		switch {
		case end == 0x3FFFC000:
			l.TraceBanks = 1
		case end == 0x3FFF8000:
			l.TraceBanks = 2
		case end > 0x3FFF0000 && end < 0x40000000:
			l.IRAMEnd = heap.Addr(0x400A0000 + (0x40000000 - end))
		}
		if start == 0x3FFE4350 {
			l.SingleCore = false
		}
		if l.IRAMEnd == 0 {
			l.IRAMEnd = 0x400A0000 // unless an IRAM region says otherwise
		}
	case "IRAM":
		if end == 0x400A0000 {
			l.IRAMEnd = heap.Addr(start)
		}
	case "RTCRAM":
		l.RTCFastAsHeap, l.RTCDataEnd = true, heap.Addr(start)
	}
}

// HeapInfo is a table of heap_caps_print_heap_info.
type HeapInfo struct {
	Caps    heap.Cap
	Regions []HeapInfoRegion
	Total   heap.MultiHeapInfo // of which only the sizes are printed
}

// HeapInfoRegion is one heap of the table.
type HeapInfoRegion struct {
	Start, End heap.Addr
	Info       heap.MultiHeapInfo
}

// ReadHeapInfo reads the first table of heap_caps_print_heap_info in a log.
func ReadHeapInfo(r io.Reader) (*HeapInfo, error) {
	text, err := logLines(r)
	if err != nil {
		return nil, err
	}
	i := 0
	for ; i < len(text) && infoHead.FindStringSubmatch(text[i]) == nil; i++ {
	}
	if i == len(text) {
		return nil, &LogError{Why: `no line like "Heap summary for capabilities 0x00001000:"`}
	}
	caps, _ := unsigned(infoHead.FindStringSubmatch(text[i])[1], 16)
	t := &HeapInfo{Caps: heap.Cap(caps)}
	var sum heap.MultiHeapInfo
	bad := func(why string) error {
		s := ""
		if i < len(text) {
			s = text[i]
		}
		return &LogError{i + 1, s, why}
	}
	for i++; i < len(text) && text[i] != "  Totals:"; i++ {
		m := numbers(infoAt, text[i])
		if m == nil {
			return nil, bad(`want "  At 0x... len ... free ... allocated ... min_free ..." or "  Totals:"`)
		}
		i++
		var n []uint32
		if i < len(text) {
			n = numbers(infoMore, text[i])
		}
		if n == nil {
			return nil, bad(`want "    largest_free_block ... alloc_blocks ... free_blocks ... total_blocks ..."`)
		}
		g := HeapInfoRegion{Start: heap.Addr(m[0]), End: heap.Addr(m[0] + m[1]), Info: heap.MultiHeapInfo{
			TotalFreeBytes: m[2], TotalAllocatedBytes: m[3], MinimumFreeBytes: m[4],
			LargestFreeBlock: n[0], AllocatedBlocks: n[1], FreeBlocks: n[2], TotalBlocks: n[3],
		}}
		if g.Info.TotalBlocks != g.Info.AllocatedBlocks+g.Info.FreeBlocks {
			return nil, bad("total_blocks is not alloc_blocks and free_blocks")
		}
		t.Regions = append(t.Regions, g)
		sum.TotalFreeBytes += g.Info.TotalFreeBytes
		sum.TotalAllocatedBytes += g.Info.TotalAllocatedBytes
		sum.MinimumFreeBytes += g.Info.MinimumFreeBytes
		sum.LargestFreeBlock = max(sum.LargestFreeBlock, g.Info.LargestFreeBlock)
		sum.AllocatedBlocks += g.Info.AllocatedBlocks
		sum.FreeBlocks += g.Info.FreeBlocks
		sum.TotalBlocks += g.Info.TotalBlocks
	}
	i++
	var m []uint32
	if i < len(text) {
		m = numbers(infoSum, text[i])
	}
	if m == nil {
		return nil, bad(`want "    free ... allocated ... min_free ... largest_free_block ..."`)
	}
	t.Total = sum
	if m[0] != sum.TotalFreeBytes || m[1] != sum.TotalAllocatedBytes || m[2] != sum.MinimumFreeBytes || m[3] != sum.LargestFreeBlock {
		return nil, bad("the totals are not those of the heaps above")
	}
	return t, nil
}

// numbers returns what a pattern of numbers matches; the first is hexadecimal if
// it is a digit string of eight after "0x". Negative numbers are those of a
// 32-bit size printed with %d.
func numbers(p *regexp.Regexp, s string) []uint32 {
	m := p.FindStringSubmatchIndex(s)
	if m == nil {
		return nil
	}
	var out []uint32
	for k := 2; k < len(m); k += 2 {
		w := s[m[k]:m[k+1]]
		base := 10
		if m[k] >= 2 && s[m[k]-2:m[k]] == "0x" {
			base = 16
		}
		n, err := strconv.ParseInt(w, base, 64)
		if err != nil || n < -1<<31 || n > 1<<32-1 {
			return nil
		}
		out = append(out, uint32(n))
	}
	return out
}

// DumpedHeap is one heap of a heap_caps_dump.
type DumpedHeap struct {
	Start  heap.Addr
	Blocks []DumpedBlock // in address order, free ones included
}

// DumpedBlock is one block of it. Addr and Size are the allocator's: with
// poisoning, the canaries are inside.
type DumpedBlock struct {
	Addr heap.Addr
	Size uint32
	Free bool
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
