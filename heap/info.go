package heap

import (
	"cmp"
	"slices"
	"time"
)

// FreeSize returns the free bytes of all heaps that offer caps
// (heap_caps_get_free_size; with CapDefault it is esp_get_free_heap_size).
func (h *Heap) FreeSize(caps Cap) uint32 {
	var n uint32
	for _, g := range h.heaps {
		if g.matches(caps) {
			n += g.heap.FreeSize()
		}
	}
	return n
}

// MinimumFreeSize returns the sum of the lifetime minima of the heaps that offer
// caps (heap_caps_get_minimum_free_size). The minima need not have been at the
// same time, so the free memory may never have been that low.
func (h *Heap) MinimumFreeSize(caps Cap) uint32 {
	var n uint32
	for _, g := range h.heaps {
		if g.matches(caps) {
			n += g.heap.MinimumFreeSize()
		}
	}
	return n
}

// LargestFreeBlock returns the largest request that is sure to succeed in one of
// the heaps that offer caps (heap_caps_get_largest_free_block).
func (h *Heap) LargestFreeBlock(caps Cap) uint32 {
	var n uint32
	for _, g := range h.heaps {
		if g.matches(caps) {
			n = max(n, g.heap.LargestFreeBlock())
		}
	}
	return n
}

// TotalSize returns the bytes of the regions that offer caps, bookkeeping
// included (heap_caps_get_total_size).
func (h *Heap) TotalSize(caps Cap) uint32 {
	var n uint32
	for _, g := range h.heaps {
		if g.matches(caps) {
			n += g.end - g.start
		}
	}
	return n
}

// Info sums up the heaps that offer caps (heap_caps_get_info).
func (h *Heap) Info(caps Cap) MultiHeapInfo {
	var s MultiHeapInfo
	for _, g := range h.heaps {
		if !g.matches(caps) {
			continue
		}
		i := g.heap.Info()
		s.TotalFreeBytes += i.TotalFreeBytes
		s.TotalAllocatedBytes += i.TotalAllocatedBytes
		s.LargestFreeBlock = max(s.LargestFreeBlock, i.LargestFreeBlock)
		s.MinimumFreeBytes += i.MinimumFreeBytes
		s.AllocatedBlocks += i.AllocatedBlocks
		s.FreeBlocks += i.FreeBlocks
		s.TotalBlocks += i.TotalBlocks
	}
	return s
}

// Region is one heap of the chip.
type Region struct {
	Name       string        // ESP-IDF's name of the memory type: "DRAM", "D/IRAM", "IRAM", "SPIRAM", "RTCRAM"
	Start, End Addr          // End is the first address after it
	Caps       [3]Cap        // by priority tier
	Registered bool          // false: a startup-stack region before EnableNonOSStackHeaps, or one too small
	Info       MultiHeapInfo // its state; zero if not registered
}

// Regions returns the heaps in the order in which they are searched.
func (h *Heap) Regions() []Region {
	out := make([]Region, 0, len(h.heaps))
	for _, g := range h.heaps {
		r := Region{Name: g.name, Start: Addr(g.start), End: Addr(g.end), Caps: g.caps, Registered: g.heap != nil}
		if g.heap != nil {
			r.Info = g.heap.Info()
		}
		out = append(out, r)
	}
	return out
}

// Block is an allocated block. It is a copy: what it says is as of the call that
// returned it.
type Block struct {
	Addr        Addr          // what the caller holds; for executable D/IRAM its data-bus address
	Size        uint32        // bytes the caller may use (heap_caps_get_allocated_size)
	Requested   uint32        // bytes asked for, after the capability layer's rounding
	Footprint   uint32        // bytes it takes from the free bytes: payload, header, poisoning
	Owner       Owner         // who holds it
	Tag         Tag           // what the owner stands for
	At          time.Duration // when it was allocated, or last reallocated
	Region      string        // name of its heap
	Serial      uint32        // number of the allocation call that made it, see Heap.Calls
	Free        bool          // only in the neighbours of a CorruptionError
	RegionStart Addr          // where that heap starts
}

// Blocks calls f for every allocated block in address order until it returns
// false. The blocks of a heap made inside a block (the internal pool) come
// after those of the heap it lies in.
func (h *Heap) Blocks(f func(Block) bool) {
	for _, g := range h.byAddress() {
		if g.heap != nil && !h.eachBlock(g, f) {
			return
		}
	}
}

// byAddress returns the heaps in ascending order of their start.
func (h *Heap) byAddress() []*region {
	t := slices.Clone(h.heaps)
	slices.SortStableFunc(t, func(a, b *region) int { return cmp.Compare(a.start, b.start) })
	return t
}

func (h *Heap) eachBlock(g *region, f func(Block) bool) bool {
	m := g.heap
	for i := m.first; i != 0; i = m.blocks[i].next {
		b := &m.blocks[i]
		if b.isFree() || b.bytes() == 0 {
			continue
		}
		if !f(h.block(g, i)) {
			return false
		}
	}
	return true
}

func (h *Heap) block(g *region, i uint32) Block {
	m, b := g.heap, &g.heap.blocks[i]
	return Block{
		Addr: m.userAddr(i), Size: m.userSize(i), Requested: b.requested, Footprint: b.bytes() + blockHeader,
		Owner: b.owner, Tag: h.owners.tags[b.owner], At: time.Duration(b.at), Region: g.name, Serial: b.serial, RegionStart: Addr(g.start),
	}
}

// Extent is a stretch of a region: an allocated block, a free hole, or the
// allocator's own bookkeeping.
type Extent struct {
	Start, End Addr   // End is the first address after it; headers are included
	Free       bool   // a free hole
	Block      *Block // nil for free holes and bookkeeping
}

// Extents calls f for every stretch of the region that starts at the given
// address, in address order and without gaps, until it returns false. It
// reports whether there is such a region.
func (h *Heap) Extents(start Addr, f func(Extent) bool) bool {
	i := slices.IndexFunc(h.heaps, func(g *region) bool { return Addr(g.start) == start && g.heap != nil })
	if i < 0 {
		return false
	}
	g := h.heaps[i]
	m := g.heap
	at := Addr(g.start)
	if m.first != 0 {
		first := Addr(m.blocks[m.first].addr - blockHeader)
		if !f(Extent{Start: at, End: first}) {
			return true
		}
		at = first
	}
	for i := m.first; i != 0; i = m.blocks[i].next {
		b := &m.blocks[i]
		if b.bytes() == 0 {
			break
		}
		e := Extent{Start: at, End: Addr(b.addr + b.bytes()), Free: b.isFree()}
		if !e.Free {
			x := h.block(g, i)
			e.Block = &x
		}
		if !f(e) {
			return true
		}
		at = e.End
	}
	if at < Addr(g.end) {
		f(Extent{Start: at, End: Addr(g.end)})
	}
	return true
}
