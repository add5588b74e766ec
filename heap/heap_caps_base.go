package heap

import "slices"

// route is the order in which heaps are tried for one set of capabilities:
// those that cover it, by priority tier, then in search order. A heap that has
// bits in several tiers is tried once, because trying it again cannot succeed.
type route struct {
	caps  Cap
	heaps []*region
}

// routeFor returns the heaps to try for caps; routes are kept until a heap is
// registered or added.
func (h *Heap) routeFor(caps Cap) []*region {
	for i := range h.routes {
		if h.routes[i].caps == caps {
			return h.routes[i].heaps
		}
	}
	return h.newRoute(caps)
}

func (h *Heap) newRoute(caps Cap) []*region {
	var t []*region
	for tier := range 3 {
		for _, g := range h.heaps {
			if g.matches(caps) && g.caps[tier]&caps != 0 && !slices.Contains(t, g) {
				t = append(t, g)
			}
		}
	}
	h.routes = append(h.routes, route{caps, t})
	return t
}

// tookFor gives a block that was just handed out to its owner.
func (h *Heap) tookFor(o Owner, m *MultiHeap, i uint32) {
	b := &m.blocks[i]
	if int(o) >= len(h.owners.holds) {
		o = OwnerBoot
	}
	b.owner = o
	b.at = int64(h.now())
	b.serial = uint32(h.calls)
	h.owners.hold(o, b.bytes()+blockHeader)
}

// adjustToHardware is esp_heap_adjust_alignment_to_hw (heap_align_hw.c). The
// ESP32's cache asks for no alignment of internal memory and for 4 bytes of
// external memory, so a request keeps its alignment and has its size rounded up
// to it; other chips' caches ask for a line of external memory, and the
// ESP32-S3's vector instructions for 16 bytes.
func (h *Heap) adjustToHardware(align, n uint32, caps Cap) (uint32, uint32, Cap) {
	if !h.rules.alignsForHardware || caps&h.rules.alignCaps == 0 {
		return align, n, caps
	}
	if caps&CapSPIRAM != 0 {
		align = max(align, h.chip.cacheLine)
	}
	if caps&h.rules.alignCaps&CapSIMD != 0 {
		align = max(align, h.chip.simdAlign)
	}
	n = (n + align - 1) &^ (align - 1)
	if caps&(CapDMADescAHB|CapDMADescAXI) != 0 {
		caps = caps&^(CapDMADescAHB|CapDMADescAXI) | CapDMA
	}
	if caps&CapSPIRAM != 0 {
		caps &^= CapDMA
	}
	return align, n, caps &^ CapCacheAligned
}

// allocBase is heap_caps_aligned_alloc_base, and heap_caps_malloc_base where
// align is 4 (the two are one since v5).
func (h *Heap) allocBase(o Owner, align, n uint32, caps Cap) Addr {
	asked := n
	align, n, caps = h.adjustToHardware(align, n, caps)
	if n == 0 || n > h.chip.sizeMax {
		return 0
	}
	if caps&CapExec != 0 {
		if caps&(Cap8Bit|CapDMA) != 0 {
			return 0
		}
		caps |= Cap32Bit
	}
	if caps&Cap32Bit != 0 {
		n = (n + 3) &^ 3
	}
	h.aborted = false
	for _, g := range h.routeFor(caps) {
		m := g.heap
		if caps&CapExec != 0 && h.aliased(g) {
			if p := h.allocAlias(o, g, align, n, asked); p != 0 {
				return p
			}
		} else if n > m.freeBytes {
			continue // no block can be as large
		} else if i := m.allocRow(align, n); i != 0 {
			h.tookFor(o, m, i)
			p := m.userAddr(i)
			if h.cfg.Hooks != nil {
				h.hookAlloc(g, i, p, asked)
			}
			return p
		}
		if h.aborted {
			return 0
		}
	}
	return 0
}

// allocRow is aligned_or_unaligned_alloc.
func (m *MultiHeap) allocRow(align, n uint32) uint32 {
	if align > alignSize {
		return m.alignedRow(n, align, 0)
	}
	return m.mallocRow(n)
}

// aliased says whether executable memory of a heap is reached by another
// address than data.
func (h *Heap) aliased(g *region) bool {
	if h.cfg.Layout.Chip != ESP32 {
		return false
	}
	return g.start >= diramLow && g.start < diramHigh ||
		h.rules.rtcExecAlias && g.start >= rtcLow && g.start < rtcHigh
}

// allocAlias allocates executable memory from D/IRAM and returns its address on
// the instruction bus (dram_alloc_to_iram_addr). That bus sees D/IRAM upside
// down, so the alias of the last word is the lowest; it keeps the data-bus
// address and the caller gets the word after it.
func (h *Heap) allocAlias(o Owner, g *region, align, n, asked uint32) Addr {
	m := g.heap
	i := m.allocRow(align, n+4)
	if i == 0 {
		return 0
	}
	h.tookFor(o, m, i)
	dram := m.userAddr(i)
	if m.start < diramLow {
		// RTC fast memory, whose alias is computed with the D/IRAM formula: the
		// store goes to an address that is not mapped.
		h.abort(&StoreProhibitedError{Addr: diramAlias(dram + Addr(n))})
		return 0
	}
	iram := diramAlias(dram+Addr(n)) + 4
	if h.mem != nil {
		h.mem.put32(uint32(dram)+n, uint32(dram))
	}
	if h.aliases == nil {
		h.aliases = make(map[Addr]Addr)
	}
	h.aliases[iram] = dram
	if h.cfg.Hooks != nil {
		h.hookAlloc(g, i, iram, asked)
	}
	return iram
}

// isAlias says whether an address is D/IRAM's on the instruction bus.
func isAlias(p Addr) bool { return p >= diramIRAMLow && p < diramIRAMHigh }

// diramAlias is the instruction-bus address of a word in D/IRAM
// (esp_ptr_diram_dram_to_iram).
func diramAlias(dram Addr) Addr { return diramIRAMLow + (diramHigh - dram) - 4 }

// diramData is the data-bus address of a byte of D/IRAM given by its
// instruction-bus address: words in reverse, bytes in order.
func diramData(iram Addr) Addr {
	return diramHigh - (iram&^3 - diramIRAMLow) - 4 + iram&3
}

// findHeap returns the heap whose region p lies in (find_containing_heap).
func (h *Heap) findHeap(p Addr) *region {
	for _, g := range h.heaps {
		if g.contains(p) {
			return g
		}
	}
	return nil
}

// lookup resolves a caller's pointer to its heap and block. Errors have been
// reported as ESP-IDF would.
func (h *Heap) lookup(f string, p Addr, op soundOp) (*region, uint32, error) {
	line, what := h.rules.asserts.capsFree, "free() target"
	if op == opRealloc {
		line, what = h.rules.asserts.capsRealloc, "realloc()"
	}
	if isAlias(p) {
		if op == opRealloc {
			line = h.rules.asserts.capsReallocAlias
		}
		if h.mem != nil {
			p = Addr(h.mem.get32(uint32(diramData(p-4)) &^ 3)) // what the word before it says
		} else if d, ok := h.aliases[p]; ok {
			p = d
		} else {
			return nil, 0, h.abort(&PointerError{Func: f, Addr: p})
		}
	}
	g := h.findHeap(p)
	if g == nil {
		return nil, 0, h.abort(&PointerError{Func: f, Addr: p, Outside: true,
			Assert: assertion(f, h.rules.asserts.capsFile, line, `heap != NULL && "`+what+` pointer is outside heap areas"`)})
	}
	i, err := g.heap.sound(p, op)
	if err != nil {
		return nil, 0, g.heap.abort(err)
	}
	return g, i, nil
}
