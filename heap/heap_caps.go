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
// external memory, so a request keeps its alignment and has its size rounded
// up to it.
func (h *Heap) adjustToHardware(align, n uint32, caps Cap) (uint32, Cap) {
	if !h.rules.alignsForHardware || caps&h.rules.alignCaps == 0 {
		return n, caps
	}
	n = (n + align - 1) &^ (align - 1)
	if caps&(CapDMADescAHB|CapDMADescAXI) != 0 {
		caps = caps&^(CapDMADescAHB|CapDMADescAXI) | CapDMA
	}
	if caps&CapSPIRAM != 0 {
		caps &^= CapDMA
	}
	return n, caps &^ CapCacheAligned
}

// allocBase is heap_caps_aligned_alloc_base, and heap_caps_malloc_base where
// align is 4 (the two are one since v5).
func (h *Heap) allocBase(o Owner, align, n uint32, caps Cap) Addr {
	asked := n
	n, caps = h.adjustToHardware(align, n, caps)
	if n == 0 || n > heapSizeMax {
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
	if align <= alignSize {
		return m.mallocRow(n)
	}
	return m.alignedRow(n, align, 0)
}

// aliased says whether executable memory of a heap is reached by another
// address than data.
func (h *Heap) aliased(g *region) bool {
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
	if p >= diramIRAMLow && p < diramIRAMHigh {
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

// Malloc allocates n bytes with the given capabilities for an owner and returns
// their address, or 0 (heap_caps_malloc). 0 bytes are refused without a
// Failure.
func (h *Heap) Malloc(o Owner, n uint32, caps Cap) Addr {
	const f = "heap_caps_malloc"
	if h.injected(f, o, n, caps) {
		return 0
	}
	p := h.allocBase(o, alignSize, n, caps)
	if p == 0 && n > 0 {
		h.failed(f, o, n, caps, false)
	}
	return p
}

// Calloc allocates n objects of size bytes (heap_caps_calloc). A product that
// overflows 32 bits fails.
func (h *Heap) Calloc(o Owner, n, size uint32, caps Cap) Addr {
	const f = "heap_caps_calloc"
	if h.injected(f, o, n*size, caps) {
		return 0
	}
	var p Addr
	if all := uint64(n) * uint64(size); all <= 0xFFFFFFFF {
		p = h.allocBase(o, alignSize, uint32(all), caps)
		h.zero(p, uint32(all))
	}
	if p == 0 && size > 0 {
		h.failed(f, o, n*size, caps, false)
	}
	return p
}

// MallocDefault is libc's malloc (heap_caps_malloc_default): default memory of
// the chip, or once EnableExtMem was called external memory for requests above
// the limit, and any default memory if that fails.
func (h *Heap) MallocDefault(o Owner, n uint32) Addr {
	if !h.extmem {
		return h.Malloc(o, n, CapDefault|CapInternal)
	}
	const f = "heap_caps_malloc_default"
	if h.injected(f, o, n, CapDefault) {
		return 0
	}
	p := h.allocBase(o, alignSize, n, h.extmemCaps(n))
	if p == 0 && n > 0 {
		p = h.allocBase(o, alignSize, n, CapDefault)
		if p == 0 {
			h.failed(f, o, n, CapDefault, false)
		}
	}
	return p
}

// CallocDefault is libc's calloc, whose memory comes from where malloc's does.
func (h *Heap) CallocDefault(o Owner, n, size uint32) Addr {
	all := uint64(n) * uint64(size)
	if all > 0xFFFFFFFF {
		return 0
	}
	p := h.MallocDefault(o, uint32(all))
	h.zero(p, uint32(all))
	return p
}

func (h *Heap) extmemCaps(n uint32) Cap {
	if n <= h.extmemLimit {
		return CapDefault | CapInternal
	}
	return CapDefault | CapSPIRAM
}

// AlignedAlloc allocates n bytes at a multiple of align, a power of two
// (heap_caps_aligned_alloc); other alignments and 0 bytes are refused without a
// Failure.
func (h *Heap) AlignedAlloc(o Owner, align, n uint32, caps Cap) Addr {
	const f = "heap_caps_aligned_alloc"
	if align == 0 || align&(align-1) != 0 || n == 0 {
		return 0
	}
	if h.injected(f, o, n, caps) {
		return 0
	}
	var p Addr
	switch {
	case n > heapSizeMax:
	case h.rules.alignedIsOwnPath:
		h.aborted = false
		for _, g := range h.routeFor(caps) {
			if h.aborted {
				break
			}
			if i := g.heap.alignedRow(n, align, 0); i != 0 {
				h.tookFor(o, g.heap, i)
				p = g.heap.userAddr(i)
				if h.cfg.Hooks != nil {
					h.hookAlloc(g, i, p, n)
				}
				return p
			}
		}
	default:
		p = h.allocBase(o, align, n, caps)
	}
	if p == 0 {
		h.failed(f, o, n, caps, false)
	}
	return p
}

// AlignedCalloc allocates n objects of size bytes at a multiple of align
// (heap_caps_aligned_calloc).
func (h *Heap) AlignedCalloc(o Owner, align, n, size uint32, caps Cap) Addr {
	all := uint64(n) * uint64(size)
	if all > 0xFFFFFFFF {
		return 0
	}
	p := h.AlignedAlloc(o, align, uint32(all), caps)
	h.zero(p, uint32(all))
	return p
}

// MallocPrefer allocates n bytes with the first of the capability sets that can
// be served (heap_caps_malloc_prefer). It fails once, for the last of them.
func (h *Heap) MallocPrefer(o Owner, n uint32, prefer ...Cap) Addr {
	const f = "heap_caps_malloc_prefer"
	caps := CapDefault
	if len(prefer) > 0 {
		caps = prefer[len(prefer)-1]
	}
	if h.injected(f, o, n, caps) {
		return 0
	}
	for _, c := range prefer {
		if p := h.allocBase(o, alignSize, n, c); p != 0 {
			return p
		}
	}
	if n > 0 {
		h.failed(f, o, n, caps, false)
	}
	return 0
}

// CallocPrefer is MallocPrefer for n objects of size bytes, set to zero
// (heap_caps_calloc_prefer).
func (h *Heap) CallocPrefer(o Owner, n, size uint32, prefer ...Cap) Addr {
	all := uint64(n) * uint64(size)
	if all > 0xFFFFFFFF {
		return 0
	}
	p := h.MallocPrefer(o, uint32(all), prefer...)
	h.zero(p, uint32(all))
	return p
}

// Free gives a block back (heap_caps_free, free). Zero is no error. A pointer
// that is not an allocated block is a *PointerError, which is also given to
// Config.OnAbort, because ESP-IDF asserts.
func (h *Heap) Free(p Addr) error {
	if p == 0 {
		return nil
	}
	var m *MultiHeap
	var i uint32
	if g := h.findHeap(p); g != nil && h.mem == nil {
		m = g.heap
		i = m.usedRow(p)
	}
	if i == 0 {
		g, row, err := h.lookup("heap_caps_free", p, opFree)
		if err != nil {
			return err
		}
		m, i = g.heap, row
		delete(h.aliases, p)
	}
	if h.cfg.Hooks != nil {
		h.hookFree(m, i, p)
	}
	h.owners.release(m.blocks[i].owner, m.blocks[i].bytes()+blockHeader)
	m.freeRow(i)
	return nil
}

// Realloc resizes the block at p to n bytes with the given capabilities and
// returns where it is now (heap_caps_realloc); 0 means that it failed and the
// old block is as it was. A p of 0 allocates, an n of 0 frees. The block stays in
// its heap if that offers the capabilities and can serve it; else it moves. The
// block then belongs to o. A bad pointer is an error as for Free.
func (h *Heap) Realloc(o Owner, p Addr, n uint32, caps Cap) (Addr, error) {
	const f = "heap_caps_realloc"
	if n > 0 && h.injected(f, o, n, caps) {
		return 0, nil
	}
	q, err := h.reallocBase(f, o, p, n, caps)
	if err == nil && q == 0 && n > 0 {
		h.failed(f, o, n, caps, false)
	}
	return q, err
}

// ReallocDefault is libc's realloc (heap_caps_realloc_default).
func (h *Heap) ReallocDefault(o Owner, p Addr, n uint32) (Addr, error) {
	if !h.extmem {
		return h.Realloc(o, p, n, CapDefault|CapInternal)
	}
	const f = "heap_caps_realloc_default"
	if n > 0 && h.injected(f, o, n, CapDefault) {
		return 0, nil
	}
	q, err := h.reallocBase(f, o, p, n, h.extmemCaps(n))
	if err == nil && q == 0 && n > 0 {
		q, err = h.reallocBase(f, o, p, n, CapDefault)
		if err == nil && q == 0 {
			h.failed(f, o, n, CapDefault, false)
		}
	}
	return q, err
}

// reallocBase is heap_caps_realloc_base.
func (h *Heap) reallocBase(f string, o Owner, p Addr, n uint32, caps Cap) (Addr, error) {
	asked := n
	n, caps = h.adjustToHardware(alignSize, n, caps)
	if p == 0 {
		return h.allocBase(o, alignSize, n, caps), nil
	}
	if n == 0 {
		return 0, h.Free(p)
	}
	if n > heapSizeMax {
		return 0, nil
	}
	g, i, err := h.lookup(f, p, opRealloc)
	if err != nil {
		return 0, err
	}
	m := g.heap
	if alias := p >= diramIRAMLow; !alias && g.all&caps == caps {
		owner, bytes := m.blocks[i].owner, m.blocks[i].bytes()+blockHeader
		var old Block
		if h.cfg.Hooks != nil {
			old = h.block(g, i)
		}
		if j := m.reallocRow(i, n); j != 0 {
			h.owners.release(owner, bytes)
			h.tookFor(o, m, j)
			q := m.userAddr(j)
			for _, x := range h.cfg.Hooks {
				x.Free(p, old)
			}
			if h.cfg.Hooks != nil {
				h.hookAlloc(g, j, q, asked)
			}
			return q, nil
		}
	}
	q := h.allocBase(o, alignSize, n, caps)
	if q == 0 {
		return 0, nil
	}
	if h.mem != nil {
		h.copyData(q, p, min(n, m.userSize(i)))
	}
	return q, h.Free(p)
}

// AllocatedSize returns how many bytes the caller may use at p
// (heap_caps_get_allocated_size).
func (h *Heap) AllocatedSize(p Addr) (uint32, error) {
	g, i, err := h.lookup("heap_caps_get_allocated_size", p, opSize)
	if err != nil {
		return 0, err
	}
	return g.heap.userSize(i), nil
}

// SetOwner gives the block at p to another owner, for an object that gets its
// name after its memory. The time of allocation stays.
func (h *Heap) SetOwner(p Addr, o Owner) error {
	d := p
	if a, ok := h.aliases[p]; ok {
		d = a
	}
	g := h.findHeap(d)
	var i uint32
	if g != nil {
		i = g.heap.usedRow(d)
	}
	if i == 0 {
		return &PointerError{Func: "SetOwner", Addr: p, Outside: g == nil}
	}
	b := &g.heap.blocks[i]
	n := b.bytes() + blockHeader
	if int(o) >= len(h.owners.holds) {
		o = OwnerBoot
	}
	h.owners.move(b.owner, o, n)
	b.owner = o
	return nil
}
