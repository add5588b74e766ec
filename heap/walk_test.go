package heap

import (
	"fmt"
	"slices"
)

// verify walks every block of an allocator and compares what it finds with the
// lists, bitmaps and sums kept beside. credited is false once realloc to 0
// bytes has cheated the free bytes.
func (m *MultiHeap) verify(credited bool) error {
	if m.first == 0 {
		return nil
	}
	var used, free, taken, largest uint32
	var rows []uint32
	want, prev := m.pool+blockHeader, uint32(0)
	for i := m.first; ; i = m.blocks[i].next {
		b := &m.blocks[i]
		if b.addr != want || b.prev != prev {
			return fmt.Errorf("row %d: address %#x after row %d, want %#x after row %d", i, b.addr, b.prev, want, prev)
		}
		if b.next == 0 {
			if b.size != 0 {
				return fmt.Errorf("row %d ends the pool with size %d", i, b.size)
			}
			break
		}
		if b.bytes() < blockMinimum || b.bytes()%alignSize != 0 || b.addr%alignSize != 0 {
			return fmt.Errorf("row %d: %d bytes at %#x", i, b.bytes(), b.addr)
		}
		if m.find(b.addr) != i {
			return fmt.Errorf("row %d at %#x is not found by its address", i, b.addr)
		}
		if b.isFree() {
			if prev != 0 && m.blocks[prev].isFree() {
				return fmt.Errorf("rows %d and %d are free neighbours", prev, i)
			}
			free++
			largest = max(largest, b.bytes())
			rows = append(rows, i)
		} else {
			used++
			taken += b.bytes() + blockHeader
			if m.userSize(i) < b.requested {
				return fmt.Errorf("row %d: %d bytes for a request of %d", i, m.userSize(i), b.requested)
			}
		}
		want, prev = b.addr+b.bytes()+blockHeader, i
	}
	if end := (m.start + m.size) &^ 3; want != end && want != end+blockHeader {
		return fmt.Errorf("the row of blocks ends at %#x, the region at %#x", want, end)
	}
	if used != m.used || free != m.freeCount || largest != m.largest() {
		return fmt.Errorf("walked %d used, %d free, largest %d; counted %d, %d, %d", used, free, largest, m.used, m.freeCount, m.largest())
	}
	if all := m.poolSize - m.controlSize; credited && all-taken != m.freeBytes {
		return fmt.Errorf("%d free bytes, the blocks leave %d", m.freeBytes, all-taken)
	}
	for c, head := range m.heads {
		fl, sl := c>>m.slLog2, c&(1<<m.slLog2-1)
		if (head != 0) != (m.slBitmap[fl]>>sl&1 != 0) || (m.slBitmap[fl] != 0) != (m.flBitmap>>fl&1 != 0) {
			return fmt.Errorf("list %d/%d: head %d, bitmaps %#x and %#x", fl, sl, head, m.slBitmap[fl], m.flBitmap)
		}
		for i, before := head, uint32(0); i != 0; before, i = i, m.blocks[i].nextFree {
			b := &m.blocks[i]
			at := slices.Index(rows, i)
			if at < 0 || b.prevFree != before || m.class(b.bytes()) != uint32(c) {
				return fmt.Errorf("list %d/%d: row %d of %d bytes does not belong there", fl, sl, i, b.bytes())
			}
			rows = slices.Delete(rows, at, at+1)
		}
	}
	if len(rows) > 0 {
		return fmt.Errorf("free rows %v are in no list", rows)
	}
	if found := m.Check(false); len(found) > 0 {
		return fmt.Errorf("the image is not what the allocator wrote: %w", found[0])
	}
	return nil
}

// verify checks every allocator of the chip, and that the owners' sums are what
// their blocks add up to.
func (h *Heap) verify() error {
	sums := make([]holding, len(h.owners.tags))
	for _, g := range h.heaps {
		if g.heap == nil {
			continue
		}
		if err := g.heap.verify(true); err != nil {
			return fmt.Errorf("%s at %#x: %w", g.name, g.start, err)
		}
	}
	h.Blocks(func(b Block) bool {
		sums[b.Owner].bytes += b.Footprint
		sums[b.Owner].blocks++
		return true
	})
	for o, s := range sums {
		if x := h.owners.holds[o]; x.bytes != s.bytes || x.blocks != s.blocks {
			return fmt.Errorf("%v: %d bytes in %d blocks, its blocks are %d bytes in %d", h.owners.tags[o], x.bytes, x.blocks, s.bytes, s.blocks)
		}
	}
	return nil
}
