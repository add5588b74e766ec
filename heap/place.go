package heap

import "fmt"

// PlaceError is a block that Place could not put where it was to be.
type PlaceError struct {
	Addr Addr   // where it was to be
	Size uint32 // bytes it was to have
	Why  string // what is there instead
}

// Error says which block and why.
func (e *PlaceError) Error() string {
	return fmt.Sprintf("heap: block of %d bytes at %v: %s", e.Size, e.Addr, e.Why)
}

// Place allocates n bytes at a given address, which has to be free, so that the
// heap of a real device can be rebuilt from its log. The block keeps kept bytes
// (poisoning included), or what malloc would keep for the request if kept is 0.
// Where fewer than 16 bytes would stay free in front, they are slack of the
// block before, as on the device.
func (h *Heap) Place(o Owner, p Addr, n, kept uint32) error {
	fail := func(why string) error { return &PlaceError{p, n, why} }
	g := h.findHeap(p)
	if g == nil {
		return fail("outside all heaps")
	}
	m := g.heap
	payload := uint32(p) - m.head
	size := m.adjust(max(kept, n+m.overhead), alignSize)
	if kept == 0 && m.keepsClass {
		size, _, _ = m.search(size)
	}
	if size == 0 || payload%alignSize != 0 {
		return fail("no size or address of a block")
	}
	if m.lease != nil {
		m.own()
	}
	i := m.rowAt(payload)
	if i == 0 || !m.blocks[i].isFree() {
		return fail("not free")
	}
	lead := payload - m.blocks[i].addr
	if payload < m.blocks[i].addr || m.blocks[i].bytes() < lead || m.blocks[i].bytes()-lead < size {
		return fail("does not fit into the free block there")
	}
	if 0 < lead && lead < blockStruct {
		before := m.blocks[i].prev
		if before == 0 {
			return fail("too close to the start of the heap")
		}
		grown := m.blocks[before].bytes()
		if !m.resizeInPlace(before, grown+lead) {
			return fail("too close to the block before")
		}
		if m.mem != nil && m.poisoning != PoisoningNone && !m.blocks[before].isFree() {
			m.poison(before) // joining overwrote the last word
		}
		grown = m.blocks[before].bytes() - grown
		m.freeBytes -= grown
		h.owners.hold(m.blocks[before].owner, grown)
		h.owners.holds[m.blocks[before].owner].blocks--
		h.owners.holds[m.blocks[before].owner].everBlocks--
		if i = m.find(payload); i == 0 || !m.blocks[i].isFree() {
			return fail("too close to the block before")
		}
		lead = 0
	}
	m.remove(i)
	if lead > 0 {
		rest := m.split(i, lead-blockHeader)
		m.insert(i)
		if m.mem != nil {
			m.linkNext(i)
		}
		i = rest
	}
	m.use(i, size)
	m.freeBytes -= m.blocks[i].bytes() + blockHeader
	m.minFree = min(m.minFree, m.freeBytes)
	m.blocks[i].requested = n
	if m.mem != nil && m.poisoning != PoisoningNone {
		m.poison(i)
	}
	h.calls++
	h.tookFor(o, m, i)
	return nil
}
