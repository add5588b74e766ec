package lwipmodel

// pbuf flags.
const (
	pbufPush   uint8 = 1 << iota // the segment had PSH set
	pbufTCPFin                   // a FIN follows the refused data
)

// A pbuf is a buffer of a chain: the visible window of one block of memory.
// Where the bytes of a PBUF_RAM live, block pays for header and payload; a
// received frame pays for the driver's buffer and the header around it.
// (lwip: src/core/pbuf.c; idf: components/esp_netif/lwip/netif/esp_pbuf_ref.c)
type pbuf struct {
	next   *pbuf
	data   []byte // the window
	buf    []byte // storage that is kept for the next use
	totLen uint16 // of this and all following
	ref    uint8
	flags  uint8
	kind   Kind   // KindPbufRAM, KindPbuf or KindEspPbuf
	block  Block  // the pbuf's own block
	size   uint32 // its size
	l2     Block  // KindEspPbuf: the driver's buffer
	l2size uint32
	holder *Holder
}

// Storage of a pbuf comes in two sizes, so that those of control segments and
// those of full frames are not mixed up when they are used again.
const (
	smallPbuf = 128
	largePbuf = 1664
)

// newPbuf takes a pbuf with room for n bytes from the free list. No memory of
// the device is charged.
func (c *core) newPbuf(kind Kind, n int) *pbuf {
	pool, size := &c.pbufPool[0], smallPbuf
	if n > smallPbuf {
		pool, size = &c.pbufPool[1], max(n, largePbuf)
	}
	p := *pool
	if p != nil && cap(p.buf) >= n {
		*pool = p.next
	} else {
		p = &pbuf{buf: make([]byte, size)}
	}
	buf := p.buf[:cap(p.buf)]
	*p = pbuf{buf: buf, data: buf[:n], totLen: uint16(n), ref: 1, kind: kind}
	return p
}

// poolPbuf puts a pbuf that nobody refers to back on its free list.
func (c *core) poolPbuf(p *pbuf) {
	pool := &c.pbufPool[0]
	if cap(p.buf) > smallPbuf {
		pool = &c.pbufPool[1]
	}
	p.holder, p.data = nil, nil
	p.next = *pool
	*pool = p
}

// pbufAllocRAM is pbuf_alloc(..., PBUF_RAM): header room, payload and the pbuf
// itself in one block of 16 + align4(room) + align4(length) bytes. The payload
// is not cleared.
func (c *core) pbufAllocRAM(room, length int, h *Holder) *pbuf {
	size := uint32(int(c.sz.pbuf) + align4(room) + align4(length))
	b := c.malloc(KindPbufRAM, size, h)
	if b == 0 {
		return nil
	}
	p := c.newPbuf(KindPbufRAM, length)
	p.block, p.size, p.holder = b, size, h
	return p
}

// pbufFree drops one reference to the chain and gives back what nobody refers
// to any more, from the front.
func (c *core) pbufFree(p *pbuf) {
	for p != nil {
		p.ref--
		if p.ref != 0 {
			return
		}
		next := p.next
		if p.l2 != 0 {
			// The driver's buffer first, as the custom free function does.
			c.l2Buffers--
			c.free(KindL2RxBuffer, p.l2, p.l2size, p.holder)
		}
		c.free(p.kind, p.block, p.size, p.holder)
		c.poolPbuf(p)
		p = next
	}
}

// pbufClen is the number of pbufs in the chain.
func pbufClen(p *pbuf) uint16 {
	n := uint16(0)
	for ; p != nil; p = p.next {
		n++
	}
	return n
}

// pbufCat appends the chain t to h; the caller's reference to t goes with it.
func pbufCat(h, t *pbuf) {
	p := h
	for ; p.next != nil; p = p.next {
		p.totLen += t.totLen
	}
	p.totLen += t.totLen
	p.next = t
}

// pbufTruncate is pbuf_realloc: it shortens the chain to n bytes and frees the
// buffers that are then empty. No block shrinks: for a received frame lwIP does
// not try, and the C library's heap is not asked.
func (c *core) pbufTruncate(p *pbuf, n uint16) {
	if n >= p.totLen {
		return
	}
	shrink := p.totLen - n
	rem := n
	q := p
	for int(rem) > len(q.data) {
		rem -= uint16(len(q.data))
		q.totLen -= shrink
		q = q.next
	}
	q.data = q.data[:rem]
	q.totLen = rem
	if q.next != nil {
		c.pbufFree(q.next)
		q.next = nil
	}
}

// pbufDropFront removes n bytes from the front of the chain without freeing
// anything: the buffers passed over stay in the chain with length 0.
func pbufDropFront(p *pbuf, n uint16) {
	total := p.totLen - n
	for len(p.data) < int(n) {
		n -= uint16(len(p.data))
		p.totLen = total
		p.data = p.data[:0]
		p = p.next
	}
	p.data = p.data[n:]
	p.totLen -= n
}

// pbufFreeHeader is pbuf_free_header: it removes n bytes from the front and
// frees the buffers passed over. It returns what is left of the chain.
func (c *core) pbufFreeHeader(p *pbuf, n uint16) *pbuf {
	for n > 0 && p != nil {
		if int(n) >= len(p.data) {
			f := p
			n -= uint16(len(p.data))
			p = p.next
			f.next = nil
			c.pbufFree(f)
		} else {
			p.data = p.data[n:]
			p.totLen -= n
			n = 0
		}
	}
	return p
}

// pbufCopy copies from the chain, from offset off on, into dst and returns how
// many bytes there were.
func pbufCopy(dst []byte, p *pbuf, off int) int {
	n := 0
	for ; p != nil && n < len(dst); p = p.next {
		if off >= len(p.data) {
			off -= len(p.data)
			continue
		}
		n += copy(dst[n:], p.data[off:])
		off = 0
	}
	return n
}
