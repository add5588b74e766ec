package heap

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
	align, n, caps := h.adjustToHardware(alignSize, n, caps)
	if p == 0 {
		return h.allocBase(o, align, n, caps), nil
	}
	if n == 0 {
		return 0, h.Free(p)
	}
	if n > h.chip.sizeMax {
		return 0, nil
	}
	g, i, err := h.lookup(f, p, opRealloc)
	if err != nil {
		return 0, err
	}
	m := g.heap
	if !isAlias(p) && g.all&caps == caps && align <= alignSize {
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
	q := h.allocBase(o, align, n, caps)
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
	if g.heap.lease != nil {
		g.heap.own()
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
