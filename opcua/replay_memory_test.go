package opcua

import (
	"fmt"
	"slices"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// ledger counts what the server does with memory, in the terms of the end line
// of a phase.
type ledger struct {
	mem.Recorder
	note func(happened)

	sizes map[uint32]uint32 // live blocks
	tlsf  int64             // live bytes as TLSF counts them
	last  uint32            // newest block

	start, count tally
	made         []uint32 // blocks of the phase, in order
	maxBlock     int64
}

// tally is a state of the counters.
type tally struct {
	allocs, frees                  int
	allocBytes, freedBytes         int64
	bytes, blocks, tlsf            int64
	peakBytes, peakBlocks, peakTLS int64
}

// tlsfBytes is what the recordings count for a block: at least 12, a multiple of
// 4, and 4 bytes of header.
func tlsfBytes(size uint32) int64 { return max(12, (int64(size)+3)&^3) + 4 }

func newLedger(note func(happened)) *ledger {
	l := &ledger{note: note, sizes: map[uint32]uint32{}}
	l.OnOp = l.op
	return l
}

func (l *ledger) op(o mem.Op) {
	h := happened{op: o.Kind.String(), id: o.ID, size: o.Size, old: o.Old}
	c := &l.count
	switch {
	case o.Kind == mem.KindFree:
		h.size = 0
		l.freed(o.ID)
	case o.ID == 0: // failed
		return
	default:
		l.last = o.ID
		c.allocs++
		c.allocBytes += int64(o.Size)
		l.sizes[o.ID] = o.Size
		l.made = append(l.made, o.ID)
		c.bytes += int64(o.Size)
		c.blocks++
		c.tlsf += tlsfBytes(o.Size)
		l.maxBlock = max(l.maxBlock, int64(o.Size))
		c.peakBytes, c.peakBlocks, c.peakTLS = max(c.peakBytes, c.bytes), max(c.peakBlocks, c.blocks), max(c.peakTLS, c.tlsf)
		if o.Old != 0 {
			l.freed(o.Old)
		}
	}
	if l.note != nil {
		l.note(h)
	}
}

func (l *ledger) freed(id uint32) {
	size := l.sizes[id]
	delete(l.sizes, id)
	c := &l.count
	c.frees++
	c.freedBytes += int64(size)
	c.bytes -= int64(size)
	c.blocks--
	c.tlsf -= tlsfBytes(size)
}

// begin starts a phase.
func (l *ledger) begin() {
	c := &l.count
	c.allocs, c.frees, c.allocBytes, c.freedBytes = 0, 0, 0, 0
	c.peakBytes, c.peakBlocks, c.peakTLS = c.bytes, c.blocks, c.tlsf
	l.start = *c
	l.made, l.maxBlock = nil, 0
}

// retainedSizes returns the sizes of the blocks of the phase that are live.
func (l *ledger) retainedSizes() []uint32 {
	var sizes []uint32
	for _, id := range l.made {
		if size, ok := l.sizes[id]; ok {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

// compareEnd compares the end of a phase.
func (l *ledger) compareEnd(e *endLine) error {
	c, s := &l.count, &l.start
	for _, f := range []struct {
		name      string
		want, got int64
	}{
		{"allocs", int64(e.Allocs), int64(c.allocs)},
		{"alloc_bytes", e.AllocBytes, c.allocBytes},
		{"frees", int64(e.Frees), int64(c.frees)},
		{"freed_bytes", e.FreedBytes, c.freedBytes},
		{"delta_bytes", e.DeltaBytes, c.bytes - s.bytes},
		{"delta_blocks", e.DeltaBlocks, c.blocks - s.blocks},
		{"peak_over_start", e.PeakOverStart, c.peakBytes - s.bytes},
		{"peak_blocks_over_start", e.PeakBlocksOverStart, c.peakBlocks - s.blocks},
		{"max_block", e.MaxBlock, l.maxBlock},
		{"live_bytes", e.LiveBytes, c.bytes},
		{"live_blocks", e.LiveBlocks, c.blocks},
		{"delta_tlsf", e.DeltaTLSF, c.tlsf - s.tlsf},
		{"peak_tlsf_over_start", e.PeakTLSFOverStart, c.peakTLS - s.tlsf},
		{"live_tlsf", e.LiveTLSF, c.tlsf},
	} {
		if f.want != f.got {
			return fmt.Errorf("phase %d %s: %s: expected %d, got %d", e.End, e.Name, f.name, f.want, f.got)
		}
	}
	if c.allocs > maxRetained {
		if len(e.Retained) > 0 {
			return fmt.Errorf("phase %d %s: retained: expected none after %d allocations, got %d", e.End, e.Name, c.allocs, len(e.Retained))
		}
		return nil
	}
	var want []uint32
	for _, r := range e.Retained {
		if r.by == "" {
			return fmt.Errorf("phase %d %s: retained: a block without a name", e.End, e.Name)
		}
		want = append(want, r.size)
	}
	if got := l.retainedSizes(); !slices.Equal(want, got) {
		return fmt.Errorf("phase %d %s: retained: expected sizes %v, got %v", e.End, e.Name, want, got)
	}
	return nil
}

// maxRetained is up to how many allocations a phase lists what is retained.
const maxRetained = 2500

// compareHistogram compares the sizes of all live blocks.
func (l *ledger) compareHistogram(h *histogramLine) error {
	count := map[uint32]uint32{}
	for _, size := range l.sizes {
		count[size]++
	}
	var got [][2]uint32
	for size, n := range count {
		got = append(got, [2]uint32{size, n})
	}
	slices.SortFunc(got, func(a, b [2]uint32) int { return int(a[0]) - int(b[0]) })
	switch {
	case h.LiveBytes != l.count.bytes:
		return fmt.Errorf("live_bytes: expected %d, got %d", h.LiveBytes, l.count.bytes)
	case h.LiveBlocks != l.count.blocks:
		return fmt.Errorf("live_blocks: expected %d, got %d", h.LiveBlocks, l.count.blocks)
	case !slices.Equal(h.Sizes, got):
		return fmt.Errorf("sizes: expected %v, got %v", h.Sizes, got)
	}
	return nil
}
