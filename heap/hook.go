package heap

// Hook is told of allocations, like ESP-IDF's heap tracing. It may read the
// heap, not change it. A realloc is a Free and an Alloc.
type Hook interface {
	// Alloc is called for a new block: p is what the caller gets, n the bytes it
	// asked for, before the capability layer's rounding.
	Alloc(p Addr, n uint32, b Block)
	// Free is called for a block that goes away.
	Free(p Addr, b Block)
}

func (h *Heap) hookAlloc(g *region, i uint32, p Addr, n uint32) {
	b := h.block(g, i)
	for _, x := range h.cfg.Hooks {
		x.Alloc(p, n, b)
	}
}

func (h *Heap) hookFree(m *MultiHeap, i uint32, p Addr) {
	for _, g := range h.heaps {
		if g.heap == m {
			b := h.block(g, i)
			for _, x := range h.cfg.Hooks {
				x.Free(p, b)
			}
			return
		}
	}
}

// AddHook adds a hook to those of Config.Hooks. What was allocated before is not
// reported; see Blocks for it.
func (h *Heap) AddHook(x Hook) {
	h.cfg.Hooks = append(h.cfg.Hooks[:len(h.cfg.Hooks):len(h.cfg.Hooks)], x)
}

// RemoveHook takes a hook away again.
func (h *Heap) RemoveHook(x Hook) {
	var rest []Hook
	for _, y := range h.cfg.Hooks {
		if y != x {
			rest = append(rest, y)
		}
	}
	h.cfg.Hooks = rest
}
