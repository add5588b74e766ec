package heap

import (
	"maps"
	"slices"
)

// Snapshot is the whole state of a Heap at an instant.
type Snapshot struct {
	heap        *Heap
	heaps       []*region
	allocators  []*MultiHeap // of each of heaps; nil if it was not registered
	states      []MultiHeap  // what they held
	owners      owners
	started     bool
	extmem      bool
	extmemLimit uint32
	aliases     map[Addr]Addr
	pages       []*page
	calls       uint64
	failures    uint64
}

// Snapshot returns the state of the heap. It can be restored any number of
// times.
func (h *Heap) Snapshot() *Snapshot {
	s := &Snapshot{
		heap: h, heaps: slices.Clone(h.heaps),
		allocators: make([]*MultiHeap, len(h.heaps)), states: make([]MultiHeap, len(h.heaps)),
		owners:  owners{tags: slices.Clone(h.owners.tags), holds: slices.Clone(h.owners.holds)},
		started: h.started, extmem: h.extmem, extmemLimit: h.extmemLimit,
		aliases: maps.Clone(h.aliases), calls: h.calls, failures: h.failures,
	}
	if h.mem != nil {
		s.pages = h.mem.share()
	}
	for i, g := range h.heaps {
		if g.heap != nil {
			s.allocators[i], s.states[i] = g.heap, g.heap.save()
		}
	}
	return s
}

// save copies an allocator's state, all but the index, which follows from it.
func (m *MultiHeap) save() MultiHeap {
	c := *m
	c.blocks = slices.Clone(m.blocks)
	c.heads = slices.Clone(m.heads)
	c.index = nil
	return c
}

// load is the reverse of save.
func (m *MultiHeap) load(s *MultiHeap) {
	blocks, heads, index := m.blocks, m.heads, m.index
	*m = *s
	m.blocks = append(blocks[:0], s.blocks...)
	m.heads = append(heads[:0], s.heads...)
	m.index = index
	for i := m.first; i != 0 && m.blocks[i].bytes() != 0; i = m.blocks[i].next {
		m.indexBlock(i)
	}
}

// Restore puts the heap back into the state of a snapshot taken from it; what
// follows is what would have followed then. Owners interned since are
// forgotten. Memory of regions added since is no longer a heap. It panics if
// the snapshot is of another Heap.
func (h *Heap) Restore(s *Snapshot) {
	if s.heap != h {
		panic("heap: Restore: the snapshot is of another Heap")
	}
	h.heaps = append(h.heaps[:0], s.heaps...)
	for i, g := range h.heaps {
		g.heap = s.allocators[i]
		if g.heap != nil {
			g.heap.load(&s.states[i])
		}
	}
	for _, t := range h.owners.tags[min(len(s.owners.tags), len(h.owners.tags)):] {
		delete(h.owners.ids, t)
	}
	h.owners.tags = append(h.owners.tags[:0], s.owners.tags...)
	h.owners.holds = append(h.owners.holds[:0], s.owners.holds...)
	for i, t := range h.owners.tags {
		h.owners.ids[t] = Owner(i)
	}
	h.started, h.extmem, h.extmemLimit = s.started, s.extmem, s.extmemLimit
	h.aliases = maps.Clone(s.aliases)
	if h.mem != nil {
		h.mem.restore(s.pages)
	}
	h.calls, h.failures = s.calls, s.failures
	h.routes = nil
}
