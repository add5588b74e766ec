package opcua

import (
	"fmt"
	"slices"
	"strings"
)

// ledger is an allocator without a limit that numbers its blocks from 1 and
// counts in the terms of the end line of a phase.
type ledger struct {
	note func(happened) // nil: nobody
	// fail makes an allocation of so many bytes return NULL. Nil: none.
	fail func(size uint32) bool

	sizes []block // by number; what is not live has no size
	start tally
	count tally
	first int // number of the first block of the phase
	max   uint32
}

type block struct {
	size uint32
	live bool
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
	return &ledger{note: note, sizes: make([]block, 1, 8192)}
}

// Malloc implements [Memory].
func (l *ledger) Malloc(n uint32, what string) uint32 { return l.alloc("malloc", 0, n, what) }

// Calloc implements [Memory].
func (l *ledger) Calloc(n uint32, what string) uint32 { return l.alloc("calloc", 0, n, what) }

// Realloc implements [Memory].
func (l *ledger) Realloc(p, n uint32, what string) uint32 { return l.alloc("realloc", p, n, what) }

// Free implements [Memory].
func (l *ledger) Free(p uint32) {
	if p == 0 {
		return
	}
	l.freed(p)
	if l.note != nil {
		l.note(happened{op: "free", id: p})
	}
}

func (l *ledger) alloc(op string, old, n uint32, what string) uint32 {
	if l.fail != nil && l.fail(n) {
		return 0
	}
	id := uint32(len(l.sizes))
	l.sizes = append(l.sizes, block{n, true})
	c := &l.count
	c.allocs++
	c.allocBytes += int64(n)
	c.bytes += int64(n)
	c.blocks++
	c.tlsf += tlsfBytes(n)
	l.max = max(l.max, n)
	c.peakBytes, c.peakBlocks, c.peakTLS = max(c.peakBytes, c.bytes), max(c.peakBlocks, c.blocks), max(c.peakTLS, c.tlsf)
	if old != 0 {
		l.freed(old)
	}
	if l.note != nil {
		if op == "realloc" && old == 0 {
			op = "malloc" // the recordings have it so
		}
		l.note(happened{op: op, id: id, size: n, old: old, anonymous: strings.HasPrefix(what, "mbedtls_")})
	}
	return id
}

func (l *ledger) freed(id uint32) {
	b := &l.sizes[id]
	if !b.live {
		panic(fmt.Sprintf("free of block %d, which is not live", id))
	}
	b.live = false
	c := &l.count
	c.frees++
	c.freedBytes += int64(b.size)
	c.bytes -= int64(b.size)
	c.blocks--
	c.tlsf -= tlsfBytes(b.size)
}

// begin starts a phase.
func (l *ledger) begin() {
	c := &l.count
	c.allocs, c.frees, c.allocBytes, c.freedBytes = 0, 0, 0, 0
	c.peakBytes, c.peakBlocks, c.peakTLS = c.bytes, c.blocks, c.tlsf
	l.start = *c
	l.first, l.max = len(l.sizes), 0
}

// retainedSizes returns the sizes of the blocks of the phase that are live.
func (l *ledger) retainedSizes() []uint32 {
	var sizes []uint32
	for _, b := range l.sizes[l.first:] {
		if b.live {
			sizes = append(sizes, b.size)
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
		{"max_block", e.MaxBlock, int64(l.max)},
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
	for _, b := range l.sizes {
		if b.live {
			count[b.size]++
		}
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
