package heap

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
	case n > h.chip.sizeMax:
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
