package heap

import (
	"fmt"
	"time"
)

// rowAt returns the block that an address lies in, header included, and 0 for
// the allocator's own memory.
func (m *MultiHeap) rowAt(a uint32) uint32 {
	for i := m.first; i != 0 && m.blocks[i].bytes() != 0; i = m.blocks[i].next {
		b := &m.blocks[i]
		if a < b.addr+b.bytes() {
			if a >= b.addr-blockHeader {
				return i
			}
			break
		}
	}
	return 0
}

// blockOf describes a row without its tag, which only Heap knows.
func (m *MultiHeap) blockOf(i uint32) *Block {
	if i == 0 || m.blocks[i].bytes() == 0 {
		return nil
	}
	b := &m.blocks[i]
	x := &Block{Addr: m.userAddr(i), Size: m.userSize(i), Footprint: b.bytes() + blockHeader, Free: b.isFree()}
	if !x.Free {
		x.Requested, x.Owner, x.At = b.requested, b.owner, time.Duration(b.at)
	}
	return x
}

// describe adds the blocks around the damage to an error.
func (m *MultiHeap) describe(e *CorruptionError) {
	i := m.rowAt(uint32(e.Addr))
	if i == 0 {
		return
	}
	e.Block, e.Before, e.After = m.blockOf(i), m.blockOf(m.blocks[i].prev), m.blockOf(m.blocks[i].next)
}

// Corrupt inverts every bit of n bytes from an address in the heap's region on,
// so that each of them changes. It needs MultiHeapConfig.Images.
func (m *MultiHeap) Corrupt(p Addr, n uint32) error {
	switch {
	case m.mem == nil:
		return &ImageError{p, n, "the heap keeps no memory images (MultiHeapConfig.Images)"}
	case uint32(p) < m.start || n > m.size || uint32(p)-m.start > m.size-n:
		return &ImageError{p, n, "outside the heap's region"}
	}
	for i := range n {
		a := uint32(p) + i
		m.mem.write(a, []byte{^m.mem.byteAt(a)})
	}
	return nil
}

// Check looks for damage in the whole heap (multi_heap_check): headers, and the
// poisoning of every block. It returns what it found in address order, nil if
// the heap is sound. With print, what the original prints goes to the console.
// Without Images there is nothing to damage. The model also reports header words
// that the original's check does not look at; those have no lines.
func (m *MultiHeap) Check(print bool) []*CorruptionError {
	if m.mem == nil {
		return nil
	}
	var found []*CorruptionError
	add := func(e *CorruptionError) {
		if e == nil {
			return
		}
		e.Func = "multi_heap_check"
		if print {
			m.print(e.Printed...)
		}
		m.describe(e)
		found = append(found, e)
	}
	for i := m.first; i != 0; i = m.blocks[i].next {
		n, words := m.headerWords(i)
		for k := range n {
			if words[k].got != words[k].want {
				add(m.headerError(&words[k]))
			}
		}
		if m.blocks[i].bytes() != 0 {
			add(m.checkBlock(i))
		}
	}
	return found
}

// checkBlock checks the poisoning of one block
// (multi_heap_internal_check_block_poisoning). Of a free block that is what
// lies between its list pointers and its last word.
func (m *MultiHeap) checkBlock(i uint32) *CorruptionError {
	b := &m.blocks[i]
	switch {
	case m.poisoning == PoisoningNone:
	case b.isFree():
		if m.poisoning == PoisoningComprehensive {
			return m.badFill(b.addr+8, b.bytes()-12)
		}
	default:
		if e := m.badCanary(b.addr + m.head); e != nil {
			return e
		}
		size := b.addr + m.head - 4
		if got, most := m.mem.get32(size), b.bytes()-m.overhead; got > most {
			return &CorruptionError{Kind: BadSize, Addr: Addr(size), Want: most, Got: got,
				Printed: []string{fmt.Sprintf("CORRUPT HEAP: Size at 0x%08x expected <=0x%08x got 0x%08x", size, most, got)}}
		}
	}
	return nil
}
