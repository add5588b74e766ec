package heap

import (
	"fmt"
	"io"
)

// Poisoning is the choice of HEAP_CORRUPTION_DETECTION.
type Poisoning uint8

const (
	// PoisoningNone is HEAP_POISONING_DISABLED, the default.
	PoisoningNone Poisoning = iota
	// PoisoningLight is HEAP_POISONING_LIGHT: 12 bytes of canaries around each
	// block, checked when it is freed or reallocated.
	PoisoningLight
	// PoisoningComprehensive is HEAP_POISONING_COMPREHENSIVE: canaries, and
	// every free byte filled with 0xFE and checked when it is allocated.
	// realloc always moves.
	PoisoningComprehensive
)

// String returns "none", "light" or "comprehensive".
func (p Poisoning) String() string {
	switch p {
	case PoisoningNone:
		return "none"
	case PoisoningLight:
		return "light"
	case PoisoningComprehensive:
		return "comprehensive"
	}
	return fmt.Sprintf("Poisoning(%d)", uint8(p))
}

// ParsePoisoning reads what String writes.
func ParsePoisoning(s string) (Poisoning, error) {
	for p := PoisoningNone; p <= PoisoningComprehensive; p++ {
		if p.String() == s {
			return p, nil
		}
	}
	return 0, fmt.Errorf(`heap: poisoning %q: want "none", "light" or "comprehensive"`, s)
}

const (
	multiHeapStruct = 20 // sizeof(heap_t) of multi_heap.c: lock, free bytes, minimum, pool size, TLSF
	poisonHead      = 8  // head canary and requested size
	poisonTail      = 4  // tail canary
	taskOwner       = 4  // the task that a block belongs to, with HEAP_TASK_TRACKING
)

// MultiHeap is ESP-IDF's heap over one region of memory (multi_heap.c with
// multi_heap_poisoning.c). Heap puts several of them together; one alone is
// what the multi_heap recordings and ESP-IDF's own host tests exercise.
//
// A MultiHeap is not for concurrent use.
type MultiHeap struct {
	tlsf
	start, size uint32
	poolSize    uint32
	freeBytes   uint32
	minFree     uint32
	fitsSmall   bool // see rules.fitsSmall
	poisoning   Poisoning
	overhead    uint32 // bytes that poisoning adds to a request
	head        uint32 // of which in front of the caller's data
	asserts     *asserts
	onAbort     func(error)
	console     io.Writer // nil: nothing is printed

	lease *lease  // not nil while snapshots share blocks
	spare []block // a table without use, for own
}

// MultiHeapConfig says which allocator a region is registered with.
type MultiHeapConfig struct {
	Version   Version   // required
	Poisoning Poisoning // default none
	// Images keeps the contents of the memory: headers, canaries and fill
	// patterns, so that damage to them is found as the original finds it.
	Images bool
	// Console gets what the allocator prints; nil discards it.
	Console io.Writer
	// OnAbort is called where the original asserts or aborts; nil ignores it.
	OnAbort func(error)
}

// RegisterMultiHeap makes a heap on size bytes from start
// (multi_heap_register). It returns an error if the region is too small for
// the bookkeeping, misaligned, or larger than the 4 MiB that ESP-IDF allows
// (SOC_MAX_CONTIGUOUS_RAM_SIZE). A region with room for the bookkeeping but not
// for one block is registered and has no memory, as with the original.
func RegisterMultiHeap(start Addr, size uint32, cfg MultiHeapConfig) (*MultiHeap, error) {
	r, err := rulesOf(cfg.Version)
	if err != nil {
		return nil, err
	}
	if cfg.Poisoning > PoisoningComprehensive {
		return nil, fmt.Errorf("heap: register %v: %v: want none, light or comprehensive", start, cfg.Poisoning)
	}
	if size > heapSizeMax || uint32(start)+size < uint32(start) {
		return nil, fmt.Errorf("heap: register %v: %d bytes: want at most %d inside the address space", start, size, heapSizeMax)
	}
	m := &MultiHeap{onAbort: cfg.OnAbort, console: cfg.Console}
	if cfg.Images && size > 0 {
		m.mem = newMemory([2]uint32{uint32(start), uint32(start) + size})
	}
	if !m.register(uint32(start), size, cfg.Poisoning, &r) {
		return nil, fmt.Errorf("heap: register %v: %d bytes are too few or the start is not a multiple of 4", start, size)
	}
	return m, nil
}

func (m *MultiHeap) register(start, size uint32, p Poisoning, r *rules) bool {
	if start == 0 || size < multiHeapStruct {
		return false
	}
	m.start, m.size = start, size
	m.poolSize = size - multiHeapStruct
	m.keepsClass, m.fitsSmall, m.asserts = r.keepsClassSize, r.fitsSmall, &r.asserts
	m.poisoning = p
	m.broken = m.brokenHeader
	if m.mem != nil && p == PoisoningComprehensive {
		m.fills = true
		m.mem.fill(start, size, freeFill)
	}
	if p != PoisoningNone {
		m.head, m.overhead = poisonHead, poisonHead+poisonTail
	}
	if !m.tlsf.init(start+multiHeapStruct, m.poolSize) {
		return false
	}
	m.freeBytes = m.poolSize - m.controlSize
	m.minFree = m.freeBytes
	return true
}

// charge takes a block that TLSF just handed out from the free bytes.
func (m *MultiHeap) charge(i uint32) {
	m.freeBytes -= m.blocks[i].bytes() + blockHeader
	m.minFree = min(m.minFree, m.freeBytes)
}

// mallocRow is multi_heap_malloc; it returns the row of the block, or 0.
func (m *MultiHeap) mallocRow(n uint32) uint32 {
	if n == 0 || n+m.overhead < n {
		return 0
	}
	if m.lease != nil {
		m.own()
	}
	i := m.tlsf.malloc(n + m.overhead)
	if i == 0 {
		return 0
	}
	m.charge(i)
	m.blocks[i].requested = n
	if m.mem != nil && m.poisoning != PoisoningNone {
		m.poison(i)
		m.checkFill(i, "multi_heap_malloc", m.asserts.mallocFill)
	}
	return i
}

// alignedRow is multi_heap_aligned_alloc_offs: the byte at offset behind what
// poisoning puts in front is aligned.
func (m *MultiHeap) alignedRow(n, align, offset uint32) uint32 {
	if n == 0 || n+m.overhead < n || align == 0 || align&(align-1) != 0 {
		return 0
	}
	if m.lease != nil {
		m.own()
	}
	i := m.tlsf.memalign(n+m.overhead, align, offset+m.head)
	if i == 0 {
		return 0
	}
	m.charge(i)
	m.blocks[i].requested = n
	if m.mem != nil && m.poisoning != PoisoningNone {
		m.poison(i)
		m.checkFill(i, m.asserts.alignedFunc, m.asserts.alignedFill)
	}
	return i
}

// freeRow is multi_heap_free of a block that is known to be used and sound.
func (m *MultiHeap) freeRow(i uint32) {
	if m.lease != nil {
		m.own()
	}
	b := &m.blocks[i]
	if m.mem != nil && m.poisoning == PoisoningComprehensive {
		m.mem.fill(b.addr, b.requested+m.overhead, freeFill)
	}
	m.freeBytes += b.bytes() + blockHeader
	m.tlsf.free(i)
}

// reallocRow is multi_heap_realloc of block i to n bytes, n not 0. It returns
// the row of the block that now holds the data, or 0 if the old one was left
// alone.
func (m *MultiHeap) reallocRow(i, n uint32) uint32 {
	if n+m.overhead < n {
		return 0
	}
	if m.lease != nil {
		m.own()
	}
	if m.poisoning == PoisoningComprehensive {
		// Both blocks exist for a moment, so the minimum sees them both. What
		// the new one holds is not checked.
		j := m.tlsf.malloc(n + m.overhead)
		if j == 0 {
			return 0
		}
		m.charge(j)
		m.blocks[j].requested = n
		if m.mem != nil {
			m.poison(j)
			m.mem.copy(m.blocks[j].addr+m.head, m.blocks[i].addr+m.head, min(n, m.blocks[i].requested))
		}
		m.freeRow(i)
		return j
	}
	size := m.adjust(n+m.overhead, alignSize)
	if size == 0 {
		return 0
	}
	// The free bytes are corrected once, after a move too: its double use of
	// memory never shows in the minimum.
	old := m.blocks[i].bytes()
	if !m.resizeInPlace(i, size) {
		j := m.tlsf.malloc(n + m.overhead)
		if j == 0 {
			return 0
		}
		if m.mem != nil {
			m.mem.copy(m.blocks[j].addr, m.blocks[i].addr, min(old, n+m.overhead))
		}
		m.tlsf.free(i)
		i = j
	}
	m.freeBytes += old - m.blocks[i].bytes()
	m.minFree = min(m.minFree, m.freeBytes)
	m.blocks[i].requested = n
	if m.mem != nil && m.poisoning != PoisoningNone {
		m.poison(i)
	}
	return i
}

// userAddr returns the address the caller of row i has; 0 for row 0.
func (m *MultiHeap) userAddr(i uint32) Addr {
	if i == 0 {
		return 0
	}
	return Addr(m.blocks[i].addr + m.head)
}

// usedRow returns the row of the used block that a caller knows as p, or 0.
func (m *MultiHeap) usedRow(p Addr) uint32 {
	i := m.find(uint32(p) - m.head)
	if m.blocks[i].size&freeBit != 0 {
		return 0
	}
	return i
}

// Malloc returns the address of a block of at least n bytes, or 0
// (multi_heap_malloc).
func (m *MultiHeap) Malloc(n uint32) Addr { return m.userAddr(m.mallocRow(n)) }

// AlignedAlloc returns a block of at least n bytes at an address that is a
// multiple of align, or 0; align must be a power of two
// (multi_heap_aligned_alloc).
func (m *MultiHeap) AlignedAlloc(n, align uint32) Addr {
	return m.userAddr(m.alignedRow(n, align, 0))
}

// Free gives a block back (multi_heap_free). Zero is no error; a pointer that
// is not a used block of this heap is a *PointerError, and damaged poisoning
// around it or a damaged header (with Images) is a *CorruptionError.
func (m *MultiHeap) Free(p Addr) error {
	if p == 0 {
		return nil
	}
	i, err := m.sound(p, opFree)
	if err != nil {
		return m.abort(err)
	}
	m.freeRow(i)
	return nil
}

// Realloc resizes the block at p to n bytes and returns its new address, or 0
// if the old block was left as it was (multi_heap_realloc). A p of 0 is Malloc.
// An n of 0 frees the block and returns 0; without poisoning the original then
// forgets to credit the free bytes, and so does this (heap_caps_realloc never
// gets there). Errors are those of Free.
func (m *MultiHeap) Realloc(p Addr, n uint32) (Addr, error) {
	if p == 0 {
		return m.Malloc(n), nil
	}
	if n == 0 && m.poisoning != PoisoningNone {
		return 0, m.Free(p)
	}
	i, err := m.sound(p, opRealloc)
	if err != nil {
		return 0, m.abort(err)
	}
	if n == 0 {
		if m.lease != nil {
			m.own()
		}
		m.tlsf.free(i)
		return 0, nil
	}
	return m.userAddr(m.reallocRow(i, n)), nil
}

// AllocatedSize returns how many bytes the caller may use at p, which is at
// least what was asked for (multi_heap_get_allocated_size). Errors are those of
// Free.
func (m *MultiHeap) AllocatedSize(p Addr) (uint32, error) {
	i, err := m.sound(p, opSize)
	if err != nil {
		return 0, m.abort(err)
	}
	return m.userSize(i), nil
}

func (m *MultiHeap) userSize(i uint32) uint32 {
	return lessOverhead(m.blocks[i].bytes(), m.overhead)
}
