package heap

// MultiHeapInfo is multi_heap_info_t. All sizes are bytes.
type MultiHeapInfo struct {
	TotalFreeBytes      uint32 // not in one piece, and some of it for headers
	TotalAllocatedBytes uint32 // payloads of allocated blocks
	LargestFreeBlock    uint32 // largest request that is sure to succeed
	MinimumFreeBytes    uint32 // lifetime minimum of TotalFreeBytes
	AllocatedBlocks     uint32 // blocks in use
	FreeBlocks          uint32 // holes
	TotalBlocks         uint32 // both
}

// lessOverhead subtracts what poisoning takes, stopping at 0.
func lessOverhead(n, overhead uint32) uint32 {
	if n > overhead {
		return n - overhead
	}
	return 0
}

// FreeSize returns the free bytes (multi_heap_free_size). Part of them are
// headers, and they need not be in one piece.
func (m *MultiHeap) FreeSize() uint32 { return lessOverhead(m.freeBytes, m.overhead) }

// MinimumFreeSize returns the lowest value FreeSize ever had
// (multi_heap_minimum_free_size).
func (m *MultiHeap) MinimumFreeSize() uint32 { return lessOverhead(m.minFree, m.overhead) }

// LargestFreeBlock returns the largest request that is sure to succeed, as
// multi_heap_get_info reports it.
func (m *MultiHeap) LargestFreeBlock() uint32 {
	return lessOverhead(m.fit(m.largest(), m.fitsSmall), m.overhead)
}

// Info returns the state of the heap (multi_heap_get_info).
func (m *MultiHeap) Info() MultiHeapInfo {
	return MultiHeapInfo{
		TotalFreeBytes:      m.FreeSize(),
		TotalAllocatedBytes: m.poolSize - m.controlSize - m.freeBytes - m.used*(blockHeader+m.overhead),
		LargestFreeBlock:    m.LargestFreeBlock(),
		MinimumFreeBytes:    m.MinimumFreeSize(),
		AllocatedBlocks:     m.used,
		FreeBlocks:          m.freeCount,
		TotalBlocks:         m.used + m.freeCount,
	}
}

// MultiHeapLayout is how a region of memory is divided up by registering a heap
// on it.
type MultiHeapLayout struct {
	ControlSize      uint32 // bytes of the TLSF control structure with bitmaps and list heads
	FLIndexMax       uint32 // requests of 1<<FLIndexMax bytes and more are refused
	FLIndexCount     uint32 // powers of two with lists of their own
	SLIndexCount     uint32 // size classes in each
	FLIndexShift     uint32 // log2 of SmallBlockSize
	SmallBlockSize   uint32 // below this size classes are 4 bytes wide
	FirstPayload     uint32 // offset of the first block's payload from the start of the region
	HasPool          bool   // false: there is no room for a block
	OverheadPerBlock uint32 // bytes a block costs beside its payload, poisoning included
}

// Layout returns how the region is divided up.
func (m *MultiHeap) Layout() MultiHeapLayout {
	return MultiHeapLayout{
		ControlSize:      m.controlSize,
		FLIndexMax:       m.flMax,
		FLIndexCount:     m.flCount,
		SLIndexCount:     1 << m.slLog2,
		FLIndexShift:     m.flShift,
		SmallBlockSize:   m.small,
		FirstPayload:     m.pool + blockHeader - m.start,
		HasPool:          m.first != 0,
		OverheadPerBlock: blockHeader + m.overhead,
	}
}
