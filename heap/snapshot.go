package heap

import (
	"errors"
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
	monitor     []uint32
	monitorAt   Addr
}

// Snapshot returns the state of the heap. It can be restored any number of
// times.
func (h *Heap) Snapshot() *Snapshot {
	s := &Snapshot{}
	h.SnapshotInto(s)
	return s
}

// SnapshotInto is Snapshot into a snapshot that is no longer needed, whose
// memory is used again, also by the heap.
func (h *Heap) SnapshotInto(s *Snapshot) {
	s.heap = h
	s.heaps = append(s.heaps[:0], h.heaps...)
	s.owners.tags = append(s.owners.tags[:0], h.owners.tags...)
	s.owners.holds = append(s.owners.holds[:0], h.owners.holds...)
	s.started, s.extmem, s.extmemLimit = h.started, h.extmem, h.extmemLimit
	s.aliases, s.calls, s.failures = maps.Clone(h.aliases), h.calls, h.failures
	s.monitor, s.monitorAt = append(s.monitor[:0], h.monitor...), h.monitorAt
	if h.mem != nil {
		s.pages = h.mem.share(s.pages)
	}
	s.allocators = s.allocators[:0]
	s.states = slices.Grow(s.states[:0], len(h.heaps))[:len(h.heaps)]
	for i, g := range h.heaps {
		s.allocators = append(s.allocators, g.heap)
		if g.heap != nil {
			g.heap.save(&s.states[i])
		}
	}
}

// lease is on a block table that snapshots hold.
type lease struct {
	snapshots int  // how many
	used      bool // by an allocator too
}

// save puts an allocator's state, all but the index, which follows from it, into
// s. The block table, by far the largest part, is not copied: the snapshot and
// the allocator share it until the allocator changes a block.
func (m *MultiHeap) save(s *MultiHeap) {
	if l := s.lease; l != nil {
		// The table that s held until now is of use again if no one else has it.
		l.snapshots--
		if l.snapshots == 0 && !l.used && cap(s.blocks) > cap(m.spare) {
			m.spare = s.blocks
		}
	}
	if m.lease == nil {
		m.lease = &lease{used: true}
	}
	m.lease.snapshots++
	heads := s.heads
	*s = *m
	s.heads = append(heads[:0], m.heads...)
	s.index, s.spare = nil, nil
}

// load is the reverse of save.
func (m *MultiHeap) load(s *MultiHeap) {
	heads, index, spare := m.heads, m.index, m.spare
	switch {
	case m.lease != nil:
		m.lease.used = false
	case cap(m.blocks) > cap(spare):
		spare = m.blocks
	}
	*m = *s
	m.lease.used = true
	m.heads = append(heads[:0], s.heads...)
	m.index, m.spare = index, spare
	for i := m.first; i != 0 && m.blocks[i].bytes() != 0; i = m.blocks[i].next {
		m.indexBlock(i)
	}
}

// own gives the allocator a block table of its own again, before it changes one
// that snapshots hold.
func (m *MultiHeap) own() {
	m.lease.used = false
	m.blocks = append(m.spare[:0], m.blocks...)
	m.lease, m.spare = nil, nil
}

// Restore puts the heap back into the state of a snapshot taken from it; what
// follows is what would have followed then. Owners interned since are
// forgotten, and memory of regions added since is no longer a heap. A snapshot
// of another Heap is an error. Clock, hooks and injector are not part of the
// state.
func (h *Heap) Restore(s *Snapshot) error {
	if s == nil || s.heap != h {
		return errors.New("heap: restore: the snapshot is not of this heap")
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
	h.monitor = slices.Clone(s.monitor)
	h.monitorAt = s.monitorAt
	h.routes = nil
	return nil
}
