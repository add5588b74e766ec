package heap

// memory is the contents of the chip's memory, kept where Config.Images asks
// for it. Pages are made when they are first written and shared with snapshots
// until they are written again.
type memory struct {
	span  // the first of spans, which most accesses are to
	spans []span
	gen   uint64 // pages of an earlier generation are shared with a snapshot
	freed *page  // a page of the pattern of freed memory, shared by all that hold nothing else
}

const (
	pageShift = 12
	pageSize  = 1 << pageShift

	mallocFill = 0xCE // MALLOC_FILL_PATTERN
	freeFill   = 0xFE // FREE_FILL_PATTERN
)

// span is memory without a gap.
type span struct {
	first uint32 // number of the first page
	pages []*page
}

type page struct {
	gen uint64
	b   [pageSize]byte
}

// newMemory covers memory from start to end, both in each element, which reads as
// 0 until it is written.
func newMemory(ranges ...[2]uint32) *memory {
	m := &memory{gen: 1, freed: &page{}}
	for _, r := range ranges {
		m.include(r[0], r[1])
	}
	m.span = m.spans[0]
	for i := range m.freed.b {
		m.freed.b[i] = freeFill
	}
	return m
}

// include adds memory from start to end, unless it is there.
func (m *memory) include(start, end uint32) {
	if !m.covers(start, end-start) {
		first := start >> pageShift
		m.spans = append(m.spans, span{first, make([]*page, (end-1)>>pageShift-first+1)})
	}
}

// slot is where the page of an address is kept.
func (m *memory) slot(a uint32) **page {
	if n := a>>pageShift - m.first; n < uint32(len(m.pages)) {
		return &m.pages[n]
	}
	return m.slotBeyond(a)
}

func (m *memory) slotBeyond(a uint32) **page {
	for i := range m.spans {
		if s := &m.spans[i]; a>>pageShift-s.first < uint32(len(s.pages)) {
			return &s.pages[a>>pageShift-s.first]
		}
	}
	panic("heap: no memory image at " + Addr(a).String()) // covers is asked first
}

// covers says whether n bytes from a are in the memory.
func (m *memory) covers(a, n uint32) bool {
	last := a + n - 1
	for i := range m.spans {
		s := &m.spans[i]
		if a>>pageShift >= s.first && last >= a && last>>pageShift-s.first < uint32(len(s.pages)) {
			return true
		}
	}
	return false
}

// own returns the page of an address, private to this memory.
func (m *memory) own(a uint32) *page {
	slot := m.slot(a)
	if p := *slot; p != nil && p.gen == m.gen {
		return p
	}
	p := &page{gen: m.gen}
	if old := *slot; old != nil {
		p.b = old.b
	}
	*slot = p
	return p
}

func (m *memory) byteAt(a uint32) byte {
	if p := *m.slot(a); p != nil {
		return p.b[a&(pageSize-1)]
	}
	return 0
}

// get32 reads a little-endian word at any address.
func (m *memory) get32(a uint32) uint32 {
	if o := a & (pageSize - 1); o <= pageSize-4 {
		p := *m.slot(a)
		if p == nil {
			return 0
		}
		return uint32(p.b[o]) | uint32(p.b[o+1])<<8 | uint32(p.b[o+2])<<16 | uint32(p.b[o+3])<<24
	}
	return uint32(m.byteAt(a)) | uint32(m.byteAt(a+1))<<8 | uint32(m.byteAt(a+2))<<16 | uint32(m.byteAt(a+3))<<24
}

// put32 writes a little-endian word at any address.
func (m *memory) put32(a, v uint32) {
	if o := a & (pageSize - 1); o <= pageSize-4 {
		b := m.own(a).b[o : o+4]
		b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		return
	}
	for i := range uint32(4) {
		m.own(a + i).b[(a+i)&(pageSize-1)] = byte(v >> (8 * i))
	}
}

// fill sets n bytes from a.
func (m *memory) fill(a, n uint32, v byte) {
	for n > 0 {
		o := a & (pageSize - 1)
		k := min(n, pageSize-o)
		if k == pageSize && v == freeFill {
			*m.slot(a) = m.freed
		} else {
			b := m.own(a).b[o : o+k]
			for i := range b {
				b[i] = v
			}
		}
		a, n = a+k, n-k
	}
}

// write stores bytes from a on.
func (m *memory) write(a uint32, b []byte) {
	for len(b) > 0 {
		k := copy(m.own(a).b[a&(pageSize-1):], b)
		a, b = a+uint32(k), b[k:]
	}
}

// copy is memcpy; the ranges do not overlap.
func (m *memory) copy(to, from, n uint32) {
	for n > 0 {
		o, d := from&(pageSize-1), to&(pageSize-1)
		k := min(n, pageSize-o, pageSize-d)
		dst := m.own(to).b[d : d+k]
		if p := *m.slot(from); p != nil {
			copy(dst, p.b[o:o+k])
		} else {
			clear(dst)
		}
		to, from, n = to+k, from+k, n-k
	}
}

// share returns the pages for a snapshot, in its old slice, and makes later
// writes copy them.
func (m *memory) share(old []*page) []*page {
	m.gen++
	old = old[:0]
	for i := range m.spans {
		old = append(old, m.spans[i].pages...)
	}
	return old
}

// restore takes the pages of a snapshot back. Memory that was included since is
// as new.
func (m *memory) restore(pages []*page) {
	for i := range m.spans {
		s := m.spans[i].pages
		n := copy(s, pages)
		clear(s[n:])
		pages = pages[n:]
	}
	m.gen++
}
