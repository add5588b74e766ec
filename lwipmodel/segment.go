package lwipmodel

// Options that a segment carries.
const (
	optMSS      uint8 = 0x01
	optWndScale uint8 = 0x08
	optSackPerm uint8 = 0x10
)

// optionLength is LWIP_TCP_OPT_LENGTH: bytes of TCP options.
func optionLength(flags uint8) int {
	n := 0
	if flags&optMSS != 0 {
		n += 4
	}
	if flags&optWndScale != 0 {
		n += 4
	}
	if flags&optSackPerm != 0 {
		n += 4
	}
	return n
}

// A segment is lwIP's tcp_seg: a TCP_SEG block and the pbuf with its data. The
// header that lwIP keeps in front of the payload is kept in fields.
type segment struct {
	next   *segment
	p      *pbuf // payload only
	block  Block
	holder *Holder
	len    uint16 // payload bytes
	opts   uint8
	flags  uint8 // of the TCP header
	seqno  uint32
}

// tcpLen is TCP_TCPLEN: SYN and FIN take a sequence number.
func (s *segment) tcpLen() uint32 {
	if s.flags&(flagFIN|flagSYN) != 0 {
		return uint32(s.len) + 1
	}
	return uint32(s.len)
}

// newSegment allocates the TCP_SEG; nil if there is no memory.
func (c *core) newSegment(h *Holder) *segment {
	b := c.malloc(KindTCPSeg, c.sz.tcpSeg, h)
	if b == 0 {
		return nil
	}
	s := c.segPool
	if s != nil {
		c.segPool = s.next
		*s = segment{}
	} else {
		s = new(segment)
	}
	s.block, s.holder = b, h
	return s
}

// createSegment is tcp_create_segment; it frees p if it fails.
func (c *core) createSegment(pcb *tcpPCB, p *pbuf, hdrFlags uint8, seqno uint32, opts uint8) *segment {
	s := c.newSegment(pcb.holder)
	if s == nil {
		c.pbufFree(p)
		return nil
	}
	s.opts, s.p, s.flags, s.seqno = opts, p, hdrFlags, seqno
	s.len = p.totLen
	return s
}

// segFree frees a segment and its data.
func (c *core) segFree(s *segment) {
	if s.p != nil {
		c.pbufFree(s.p)
		s.p = nil
	}
	c.free(KindTCPSeg, s.block, c.sz.tcpSeg, s.holder)
	s.next = c.segPool
	c.segPool = s
}

// segsFree frees a list of segments.
func (c *core) segsFree(s *segment) {
	for s != nil {
		next := s.next
		c.segFree(s)
		s = next
	}
}

// segCopy is tcp_seg_copy: a TCP_SEG of its own that shares the data.
func (c *core) segCopy(pcb *tcpPCB, s *segment) *segment {
	n := c.newSegment(pcb.holder)
	if n == nil {
		return nil
	}
	b, h := n.block, n.holder
	*n = *s
	n.next, n.block, n.holder = nil, b, h
	n.p.ref++
	c.ownPbufs(n.p, pcb.holder)
	return n
}

// freeOoseq drops the out-of-order queue.
func (c *core) freeOoseq(pcb *tcpPCB) {
	if pcb.ooseq != nil {
		c.segsFree(pcb.ooseq)
		pcb.ooseq = nil
		pcb.rcvSacks = [maxSackNum]sackRange{}
	}
}
