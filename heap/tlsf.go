package heap

import "math/bits"

// This file and tlsf_block.go are the two-level segregated fit allocator of
// ESP-IDF for a 32-bit chip. How it works, in numbers:
//
//  1. Memory is a row of blocks. Each has a size word of 4 bytes in front of
//     its payload; payloads are multiples of 4, at least 12 bytes, so payload
//     addresses of two blocks are never closer than 16 bytes. A used block of
//     size 0 ends the row.
//  2. Free blocks hang in lists by size class. Below the small-block threshold
//     (32, 64 or 128) a class is 4 bytes wide; above it each power of two has
//     8, 16 or 32 classes, for heaps up to 16 KiB, up to 256 KiB and larger.
//  3. A request is rounded up to 4 bytes, then up to the next class boundary,
//     so that every block of the class found will do; the first block of the
//     lowest class that is not empty is taken (last in, first out).
//  4. The low part of the block is used and the rest, if it can hold a block,
//     becomes a free block. Freeing joins a block with free neighbours, the
//     previous one first.
//
// All arithmetic is that of a 32-bit size_t, overflow included. The state lives
// in a table of blocks: the row is a doubly linked list by table index, so that
// operations need no search, and an index by 16-byte granule finds a block by
// its address. What the original keeps in memory is written there as well if the
// contents of memory are modelled (tlsf_image.go).

const (
	alignSize     = 4  // ALIGN_SIZE
	blockHeader   = 4  // block_header_overhead: the size word of a used block
	blockStruct   = 16 // sizeof(block_header_t): prev_phys, size, next_free, prev_free
	blockMinimum  = 12 // block_size_min
	controlStruct = 36 // sizeof(control_t) without bitmaps and list heads
	poolOverhead  = 2 * blockHeader
	granuleShift  = 4 // payload addresses are at least 16 bytes apart
)

// block is one row of the block table. Index 0 is the null block.
type block struct {
	addr     uint32 // payload address
	size     uint32 // payload bytes, a multiple of 4; bit 0 is set while the block is free
	prev     uint32 // physical neighbours, 0 at the ends
	next     uint32
	nextFree uint32 // list links while free; nextFree also chains unused rows
	prevFree uint32
	track
}

// track is what the model knows about a used block beyond the real allocator.
type track struct {
	requested uint32 // bytes the caller asked for
	owner     Owner
	at        int64  // time.Duration of the allocation
	serial    uint32 // number of the allocation call
}

const freeBit = 1

func (b *block) bytes() uint32 { return b.size &^ freeBit }
func (b *block) isFree() bool  { return b.size&freeBit != 0 }

// tlsf is one allocator instance over one pool (tlsf.c with
// tlsf_control_functions.h).
type tlsf struct {
	flMax       uint32 // fl_index_max: requests from 1<<flMax on are refused
	flCount     uint32
	slLog2      uint32
	flShift     uint32
	small       uint32 // small_block_size
	controlSize uint32
	keepsClass  bool // see rules.keepsClassSize

	pool      uint32 // address of the first block's size word
	flBitmap  uint32
	slBitmap  [32]uint32
	heads     []uint32 // list heads, index fl<<slLog2 | sl
	blocks    []block
	unused    uint32   // first unused row of blocks
	index     []uint32 // row by (payload-pool)>>granuleShift; verified on use, so stale entries do no harm
	first     uint32   // row of the first block, 0 if there is no pool
	freeCount uint32   // free blocks
	used      uint32   // used blocks, the sentinel not counted

	mem   *memory // contents, nil unless asked for
	null  uint32  // address of block_null, at the start of the control structure
	fills bool    // comprehensive poisoning: absorbed headers are overwritten
	// broken is told of a header word that is not what the allocator wrote.
	broken func(*badWord)
}

// init sets up the control structure at address mem for a region of the
// given length and adds the rest of it as the pool (tlsf_create_with_pool). It
// reports false if the region is too small for the control structure. A region
// that holds the control structure but no block leaves an allocator without
// memory, as the original does.
func (t *tlsf) init(mem, bytes uint32) bool {
	if bytes < controlStruct || mem%alignSize != 0 {
		return false
	}
	t.flMax = uint32(32 - bits.LeadingZeros32(bytes))
	switch {
	case bytes <= 16*1024:
		t.slLog2 = 3
	case bytes <= 256*1024:
		t.slLog2 = 4
	default:
		t.slLog2 = 5
	}
	t.flShift = t.slLog2 + 2
	t.flCount = t.flMax - t.flShift + 1
	t.small = 1 << t.flShift
	t.controlSize = controlStruct + 4*t.flCount + 4*(t.flCount<<t.slLog2)
	if bytes < t.controlSize+blockMinimum {
		return false
	}
	t.heads = make([]uint32, t.flCount<<t.slLog2)
	t.blocks = make([]block, 1, 64)
	t.pool, t.null = mem+t.controlSize, mem
	if t.mem != nil {
		t.writeLinks(0)
	}

	rest := bytes - t.controlSize
	if rest < poolOverhead+blockMinimum {
		return true
	}
	size := (rest - poolOverhead) &^ (alignSize - 1)
	t.index = make([]uint32, (size+blockHeader)>>granuleShift+1)
	b, end := t.newRow(), t.newRow()
	t.first = b
	t.blocks[b] = block{addr: t.pool + blockHeader, size: size, next: end}
	t.blocks[end] = block{addr: t.pool + blockHeader + size + blockHeader, prev: b}
	t.indexBlock(b)
	t.insert(b)
	if t.mem != nil {
		t.linkNext(b)
	}
	return true
}

// newRow takes a row of the block table.
func (t *tlsf) newRow() uint32 {
	if i := t.unused; i != 0 {
		t.unused = t.blocks[i].nextFree
		return i
	}
	t.blocks = append(t.blocks, block{})
	return uint32(len(t.blocks) - 1)
}

func (t *tlsf) dropRow(i uint32) {
	t.blocks[i] = block{nextFree: t.unused}
	t.unused = i
}

func (t *tlsf) indexBlock(i uint32) {
	t.index[(t.blocks[i].addr-t.pool)>>granuleShift] = i
}

// find returns the row of the block, used or free, whose payload starts at p,
// or 0.
func (t *tlsf) find(p uint32) uint32 {
	g := (p - t.pool) >> granuleShift
	if p < t.pool || g >= uint32(len(t.index)) {
		return 0
	}
	i := t.index[g]
	if i < uint32(len(t.blocks)) && t.blocks[i].addr == p {
		return i
	}
	return 0
}

// adjust rounds a request up to a multiple of align (adjust_request_size); 0 is
// a refusal.
func (t *tlsf) adjust(n, align uint32) uint32 {
	if n == 0 {
		return 0
	}
	n = (n + align - 1) &^ (align - 1)
	if n >= 1<<t.flMax {
		return 0
	}
	return max(n, blockMinimum)
}

// class returns the size class that a block of this size hangs in: the number
// of its list, fl<<slLog2 | sl (mapping_insert).
func (t *tlsf) class(size uint32) uint32 {
	if size < t.small {
		return size / alignSize
	}
	f := uint32(bits.Len32(size) - 1)
	return (f-t.flShift)<<(t.slLog2&31) + size>>((f-t.slLog2)&31)
}

// search rounds a request up to where its size class begins, so that every block
// of the class will do, and returns that size and the list to take a block from;
// ok is false if there is none (search_suitable_block).
func (t *tlsf) search(size uint32) (rounded, c uint32, ok bool) {
	c = size / alignSize
	if size >= t.small {
		f := uint32(bits.Len32(size) - 1)
		low := (f - t.slLog2) & 31
		size = (size + 1<<low - 1) &^ (1<<low - 1)
		// A size that was rounded up to the next power of two comes out as that
		// power's first class.
		c = (f-t.flShift)<<(t.slLog2&31) + size>>low
	}
	if c >= uint32(len(t.heads)) {
		return size, 0, false
	}
	fl := c >> (t.slLog2 & 31)
	m := t.slBitmap[fl&31] & (^uint32(0) << (c & (1<<(t.slLog2&31) - 1) & 31))
	if m == 0 {
		above := t.flBitmap & (^uint32(0) << ((fl + 1) & 31))
		if above == 0 {
			return size, 0, false
		}
		fl = uint32(bits.TrailingZeros32(above))
		m = t.slBitmap[fl&31]
	}
	return size, fl<<(t.slLog2&31) | uint32(bits.TrailingZeros32(m)), true
}

// locate takes a free block of at least size bytes out of its list and returns
// its row, or 0 (block_locate_free). Size 0 finds none.
func (t *tlsf) locate(size uint32) (i, rounded uint32) {
	rounded, c, ok := t.search(size)
	if size == 0 || !ok {
		return 0, rounded
	}
	i = t.heads[c]
	if t.mem != nil {
		if w := t.damaged(i); w != nil {
			t.broken(w)
			return 0, rounded
		}
	}
	t.unlink(i, c)
	return i, rounded
}

// insert puts a block at the head of its list and marks it free
// (insert_free_block).
func (t *tlsf) insert(i uint32) {
	blocks := t.blocks
	b := &blocks[i]
	c := t.class(b.bytes())
	h := &t.heads[c]
	head := *h
	*h = i
	b.size |= freeBit
	b.nextFree, b.prevFree = head, 0
	blocks[head].prevFree = i // the null block's is never read
	fl := c >> (t.slLog2 & 31)
	t.slBitmap[fl&31] |= 1 << (c & (1<<(t.slLog2&31) - 1))
	t.flBitmap |= 1 << (fl & 31)
	t.freeCount++
	if t.mem != nil {
		t.writeLinks(i)
		t.writePrevFree(head, i)
		t.writeSizes(i)
	}
}

// remove takes a free block out of its list; it keeps its free mark.
func (t *tlsf) remove(i uint32) { t.unlink(i, t.class(t.blocks[i].bytes())) }

func (t *tlsf) unlink(i, c uint32) {
	blocks := t.blocks
	b := &blocks[i]
	next, prev := b.nextFree, b.prevFree
	blocks[next].prevFree = prev
	t.freeCount--
	if t.mem != nil {
		t.writePrevFree(next, prev)
		t.writeNextFree(prev, next)
	}
	if prev != 0 {
		blocks[prev].nextFree = next
		return
	}
	t.heads[c] = next
	if next == 0 {
		fl := c >> (t.slLog2 & 31)
		t.slBitmap[fl&31] &^= 1 << (c & (1<<(t.slLog2&31) - 1))
		if t.slBitmap[fl&31] == 0 {
			t.flBitmap &^= 1 << (fl & 31)
		}
	}
}

// largest returns the payload size of the largest free block, 0 if there is
// none. The lists are ordered by size, so only the highest one is walked.
func (t *tlsf) largest() uint32 {
	if t.flBitmap == 0 {
		return 0
	}
	fl := uint32(31 - bits.LeadingZeros32(t.flBitmap))
	sl := uint32(31 - bits.LeadingZeros32(t.slBitmap[fl]))
	var m uint32
	for i := t.heads[fl<<t.slLog2|sl]; i != 0; i = t.blocks[i].nextFree {
		m = max(m, t.blocks[i].bytes())
	}
	return m
}

// fit returns the largest request that a free block of this size is sure to
// satisfy (tlsf_fit_size).
func (t *tlsf) fit(size uint32, fitsSmall bool) uint32 {
	if size == 0 {
		return 0
	}
	if fitsSmall && size < t.small {
		return t.adjust(size, alignSize)
	}
	interval := uint32(1) << (31 - bits.LeadingZeros32(size)) >> t.slLog2
	return size &^ (interval - 1)
}
