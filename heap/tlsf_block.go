package heap

// malloc returns the row of a used block for n bytes, or 0 (tlsf_malloc).
func (t *tlsf) malloc(n uint32) uint32 {
	size := t.adjust(n, alignSize)
	if size == 0 {
		return 0
	}
	if t.mem != nil {
		i, rounded := t.locate(size)
		if i != 0 {
			if t.keepsClass {
				size = rounded
			}
			t.use(i, size)
		}
		return i
	}
	rounded, c, ok := t.search(size)
	if !ok {
		return 0
	}
	if t.keepsClass {
		size = rounded
	}
	i := t.heads[c]
	if rest := t.blocks[i].bytes() - size; rest >= blockStruct && t.class(rest-blockHeader) == c {
		return t.carve(i, size)
	}
	t.unlink(i, c)
	t.use(i, size)
	return i
}

// carve takes size bytes from the low end of a free block that heads its list,
// where the rest is of the same class. Taking the block out and putting the rest
// in at the head comes to the same list, so the rest keeps the block's row and
// its place, and only the used part gets a row.
func (t *tlsf) carve(i, size uint32) uint32 {
	u := t.newRow()
	blocks := t.blocks
	b, x := &blocks[i], &blocks[u]
	x.addr, x.size = b.addr, size
	x.prev, x.next = b.prev, i
	if b.prev != 0 {
		blocks[b.prev].next = u
	} else {
		t.first = u
	}
	b.prev = u
	b.addr += size + blockHeader
	b.size -= size + blockHeader
	t.indexBlock(u)
	t.indexBlock(i)
	t.used++
	return u
}

// uncarve is the reverse: it joins block i, whose previous neighbour is used, to
// the free block after it if that heads its list and stays in its class. It
// reports whether it did.
func (t *tlsf) uncarve(i uint32) bool {
	blocks := t.blocks
	b := &blocks[i]
	n := b.next
	x := &blocks[n]
	if !x.isFree() || x.prevFree != 0 {
		return false
	}
	old := x.bytes()
	size := old + b.size + blockHeader
	if t.class(old) != t.class(size) {
		return false
	}
	x.addr, x.size, x.prev = b.addr, size|freeBit, b.prev
	if b.prev != 0 {
		blocks[b.prev].next = n
	} else {
		t.first = n
	}
	t.dropRow(i)
	t.indexBlock(n)
	t.used--
	return true
}

// use cuts a located block to size and marks it used (block_prepare_used).
func (t *tlsf) use(i, size uint32) {
	t.blocks[i].size &^= freeBit
	t.used++
	if t.blocks[i].size >= size+blockStruct {
		rest := t.split(i, size)
		t.insert(rest)
		if t.mem != nil {
			t.linkNext(i)
		}
	}
	if t.mem != nil {
		t.writeSizes(i)
	}
}

// split cuts block i to size and returns the row of the rest, which is in no
// list yet (block_split).
func (t *tlsf) split(i, size uint32) uint32 {
	rest := t.newRow()
	blocks := t.blocks
	b := &blocks[i]
	r := &blocks[rest]
	r.addr = b.addr + size + blockHeader
	r.size = b.bytes() - size - blockHeader
	r.prev, r.next = i, b.next
	blocks[b.next].prev = rest
	b.next = rest
	b.size = size | b.size&freeBit
	t.indexBlock(rest)
	if t.mem != nil {
		t.linkNext(rest)
	}
	return rest
}

// absorb joins the block after i into i (block_absorb); both are in no list.
func (t *tlsf) absorb(i uint32) {
	blocks := t.blocks
	b := &blocks[i]
	n := b.next
	gone := &blocks[n]
	b.size += gone.bytes() + blockHeader
	b.next = gone.next
	blocks[b.next].prev = i
	if t.mem != nil {
		t.linkNext(i)
		if t.fills {
			t.mem.fill(gone.addr-8, blockStruct, freeFill)
		}
	}
	t.dropRow(n)
}

// free gives block i back (tlsf_free).
func (t *tlsf) free(i uint32) {
	b := &t.blocks[i]
	if t.mem == nil && (b.prev == 0 || !t.blocks[b.prev].isFree()) && t.uncarve(i) {
		return
	}
	b.track = track{}
	t.used--
	if t.mem != nil {
		t.linkNext(i)
		// These stay behind where the block or its next is absorbed.
		t.mem.put32(b.addr-4, t.sizeWord(i)|freeBit)
		t.mem.put32(t.blocks[b.next].addr-4, t.blocks[b.next].size|prevFreeBit)
	}
	if p := b.prev; p != 0 && t.blocks[p].isFree() {
		t.remove(p)
		t.absorb(p)
		i = p
	}
	t.mergeNext(i)
	t.insert(i)
}

// mergeNext joins the next block into i if it is free (block_merge_next).
func (t *tlsf) mergeNext(i uint32) {
	if n := t.blocks[i].next; t.blocks[n].isFree() {
		t.remove(n)
		t.absorb(i)
	}
}

// resizeInPlace makes block i hold n bytes without moving it and reports
// whether that is possible: shrinking always is, growing only into a free next
// block (the second half of tlsf_realloc). size is the adjusted request.
func (t *tlsf) resizeInPlace(i, size uint32) bool {
	cur := t.blocks[i].bytes()
	next := &t.blocks[t.blocks[i].next]
	if size > cur && (!next.isFree() || size > cur+next.bytes()+blockHeader) {
		return false
	}
	if size > cur {
		t.mergeNext(i)
	}
	if t.blocks[i].size >= size+blockStruct {
		rest := t.split(i, size)
		t.mergeNext(rest)
		t.insert(rest)
	}
	if t.mem != nil {
		t.writeSizes(i)
	}
	return true
}

// memalign returns the row of a used block of n bytes whose byte at offset is
// aligned, or 0 (tlsf_memalign_offs). align is a power of two.
func (t *tlsf) memalign(n, align, offset uint32) uint32 {
	size := t.adjust(n, alignSize)
	offset = (offset + alignSize - 1) &^ (alignSize - 1)
	gapMinimum := blockStruct + offset
	want := size
	if size != 0 && align > alignSize {
		// A leading gap must be able to become a free block of its own.
		want = t.adjust(size+align+gapMinimum-offset, align)
	}
	i, _ := t.locate(want)
	if i == 0 {
		return 0
	}
	p := t.blocks[i].addr
	aligned := (p + align - 1) &^ (align - 1)
	gap := aligned - p
	if gap != 0 && gap < gapMinimum || gap == 0 && offset != 0 && align > alignSize {
		aligned = (aligned + max(gapMinimum-gap, align) + align - 1) &^ (align - 1)
		gap = aligned - p
	}
	if lead := gap - offset; gap != 0 && t.blocks[i].bytes() >= lead+blockStruct {
		rest := t.split(i, lead-blockHeader)
		if t.mem != nil {
			t.linkNext(i)
		}
		t.insert(i)
		i = rest
	}
	t.use(i, size)
	return i
}
