package heap

// This file writes the block headers into the memory image, word by word as the
// original does, so that what it leaves behind in freed and in allocated memory
// is what a device has there too: list pointers in the first words of a free
// block, a pointer to the block in its last word, size words with their flags.
// The control structure's bitmaps and list heads are not in the image.

const prevFreeBit = 2

// header returns the address of a block's header, 8 bytes before its payload;
// that of the null block is in the control structure.
func (t *tlsf) header(i uint32) uint32 {
	if i == 0 {
		return t.null
	}
	return t.blocks[i].addr - 8
}

// prevFreeBit is the flag of a size word that says that the block before is
// free.
func (t *tlsf) prevFreeBit(i uint32) uint32 {
	if p := t.blocks[i].prev; p != 0 && t.blocks[p].isFree() {
		return prevFreeBit
	}
	return 0
}

// sizeWord is what the size word of a block has to be.
func (t *tlsf) sizeWord(i uint32) uint32 { return t.blocks[i].size | t.prevFreeBit(i) }

// writeSizes writes the size words of a block and of the next, whose flag
// depends on it.
func (t *tlsf) writeSizes(i uint32) {
	t.mem.put32(t.blocks[i].addr-4, t.sizeWord(i))
	n := t.blocks[i].next
	t.mem.put32(t.blocks[n].addr-4, t.sizeWord(n))
}

// linkNext writes the pointer to a block into the word before the next header,
// which is the last word of the block (block_link_next).
func (t *tlsf) linkNext(i uint32) {
	t.mem.put32(t.blocks[t.blocks[i].next].addr-8, t.header(i))
}

// writeLinks writes both list pointers of a block; those of the null block
// point to itself at first.
func (t *tlsf) writeLinks(i uint32) {
	b := &t.blocks[i]
	t.mem.put32(t.header(i)+8, t.header(b.nextFree))
	t.mem.put32(t.header(i)+12, t.header(b.prevFree))
}

func (t *tlsf) writeNextFree(i, to uint32) { t.mem.put32(t.header(i)+8, t.header(to)) }
func (t *tlsf) writePrevFree(i, to uint32) { t.mem.put32(t.header(i)+12, t.header(to)) }

// badWord is a header word that is not what the allocator wrote.
type badWord struct {
	addr      uint32
	want, got uint32
	what      string
}

// headerWords returns the words that the allocator keeps in a block's header: one
// of a used block, four of a free one.
func (t *tlsf) headerWords(i uint32) (n int, words [4]badWord) {
	b := &t.blocks[i]
	words[0] = badWord{b.addr - 4, t.sizeWord(i), 0, "size"}
	n = 1
	if b.isFree() {
		words[1] = badWord{b.addr, t.header(b.nextFree), 0, "next_free"}
		words[2] = badWord{b.addr + 4, t.header(b.prevFree), 0, "prev_free"}
		words[3] = badWord{b.addr + b.bytes() - 4, t.header(i), 0, "prev_phys_block"}
		n = 4
	}
	for k := range n {
		words[k].got = t.mem.get32(words[k].addr)
	}
	return n, words
}

// damaged checks the headers that an operation on a block reads, its own and
// those of its neighbours, and returns the first wrong word, or nil. The
// original does not check and goes on with the wrong number.
func (t *tlsf) damaged(i uint32) *badWord {
	for _, j := range [3]uint32{i, t.blocks[i].prev, t.blocks[i].next} {
		if j == 0 {
			continue
		}
		n, words := t.headerWords(j)
		for k := range n {
			if words[k].got != words[k].want {
				bad := words[k]
				return &bad
			}
		}
	}
	return nil
}
