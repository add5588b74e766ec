package lwipmodel

// Repetitions, and segments that are not queued. (lwip: src/core/tcp_out.c)

// rexmitRTOPrepare is tcp_rexmit_rto_prepare: everything unacknowledged goes
// back in front of the unsent queue.
func (c *core) rexmitRTOPrepare(pcb *tcpPCB) Err {
	if pcb.unacked == nil {
		return ErrVal
	}
	seg := pcb.unacked
	for ; seg.next != nil; seg = seg.next {
		if seg.p.ref != 1 {
			return ErrVal
		}
	}
	if seg.p.ref != 1 {
		return ErrVal
	}
	seg.next = pcb.unsent
	pcb.unsent = pcb.unacked
	pcb.unacked = nil
	pcb.set(tfRTO)
	pcb.rtoEnd = seg.seqno + seg.tcpLen()
	pcb.rttest = 0
	return ErrOK
}

func (c *core) rexmitRTOCommit(pcb *tcpPCB) {
	if pcb.nrtx < 0xff {
		pcb.nrtx++
	}
	c.tcpOutput(pcb)
}

// rexmit is tcp_rexmit: the first unacknowledged segment goes back to the
// unsent queue; the caller sends.
func (c *core) rexmit(pcb *tcpPCB) Err {
	seg := pcb.unacked
	if seg == nil || seg.p.ref != 1 {
		return ErrVal
	}
	pcb.unacked = seg.next
	cur := &pcb.unsent
	for *cur != nil && seqLT((*cur).seqno, seg.seqno) {
		cur = &(*cur).next
	}
	seg.next = *cur
	*cur = seg
	if seg.next == nil {
		pcb.unsentOversize = 0
	}
	if pcb.nrtx < 0xff {
		pcb.nrtx++
	}
	pcb.rttest = 0
	return ErrOK
}

// rexmitFast is tcp_rexmit_fast: fast retransmit after three duplicate ACKs.
func (c *core) rexmitFast(pcb *tcpPCB) {
	if pcb.unacked == nil || pcb.has(tfInFR) || c.rexmit(pcb) != ErrOK {
		return
	}
	pcb.ssthresh = max(min(pcb.cwnd, pcb.sndWnd)/2, c.wnd(2*uint32(pcb.mss)))
	pcb.cwnd = c.wnd(pcb.ssthresh + 3*uint32(pcb.mss))
	pcb.set(tfInFR)
	pcb.rtime = 0
}

// controlPbuf allocates a segment that is not queued: it exists only until it
// is sent.
func (c *core) controlPbuf(h *tcpHeader, data int, holder *Holder) *pbuf {
	return c.pbufAllocRAM(c.sz.headerIP, 20+len(h.opts)+data, holder)
}

// sendControl is tcp_output_control_segment.
func (c *core) sendControl(h *tcpHeader, p *pbuf) Err {
	h.p = p
	err := ErrRte
	if c.nif.route(h.dst) {
		err = c.nif.output(h)
	}
	c.pbufFree(p)
	return err
}

// tcpRst sends a reset. Its window is the bytes of TCP_WND in reverse: lwIP
// swaps them twice. (lwip: src/core/tcp_out.c, tcp_rst)
func (c *core) tcpRst(seqno, ackno uint32, local, remote ip4, localPort, remotePort uint16, pcb *tcpPCB) {
	w := uint16(c.opt.TCPWnd >> c.opt.TCPRcvScale)
	h := &c.out
	*h = tcpHeader{
		src: local, dst: remote, srcPort: localPort, dstPort: remotePort, seqno: seqno, ackno: ackno,
		flags: flagRST | flagACK, wnd: w<<8 | w>>8, ttl: uint8(c.opt.IPDefaultTTL), opts: c.outOpts[:0],
	}
	var holder *Holder
	if pcb != nil {
		h.ttl, h.tos, holder = pcb.ttl, pcb.tos, pcb.holder
	}
	if p := c.controlPbuf(h, 0, holder); p != nil {
		c.sendControl(h, p)
	}
}

// pcbHeader starts a segment without data of the connection.
func (c *core) pcbHeader(pcb *tcpPCB, seqno uint32) *tcpHeader {
	h := &c.out
	*h = tcpHeader{
		src: pcb.localIP, dst: pcb.remoteIP, srcPort: pcb.localPort, dstPort: pcb.remotePort,
		seqno: seqno, ackno: pcb.rcvNxt, flags: flagACK, wnd: uint16(min16(pcb.rcvAnnWnd >> pcb.rcvScale)),
		ttl: pcb.ttl, tos: pcb.tos, opts: c.outOpts[:0],
	}
	return h
}

// sendEmptyAck is tcp_send_empty_ack. If it fails the fast timer tries again.
func (c *core) sendEmptyAck(pcb *tcpPCB) Err {
	h := c.pcbHeader(pcb, pcb.sndNxt)
	h.opts = c.sackOption(pcb, h.opts)
	err := c.sendPCBControl(pcb, h, ErrBuf)
	if err != ErrOK {
		pcb.set(tfAckDelay | tfAckNow)
	} else {
		pcb.clear(tfAckDelay | tfAckNow)
	}
	return err
}

// sendPCBControl sends a header from pcbHeader. Once its buffer exists, the
// window in it counts as announced. Without memory it returns noMem.
func (c *core) sendPCBControl(pcb *tcpPCB, h *tcpHeader, noMem Err) Err {
	p := c.controlPbuf(h, 0, pcb.holder)
	if p == nil {
		return noMem
	}
	pcb.rcvAnnRightEdge = pcb.rcvNxt + pcb.rcvAnnWnd
	return c.sendControl(h, p)
}

// tcpKeepalive is tcp_keepalive: an empty segment just before the window.
func (c *core) tcpKeepalive(pcb *tcpPCB) Err {
	return c.sendPCBControl(pcb, c.pcbHeader(pcb, pcb.sndNxt-1), ErrMem)
}

// zeroWindowProbe is tcp_zero_window_probe: the first byte of what is waiting,
// or the FIN.
func (c *core) zeroWindowProbe(pcb *tcpPCB) Err {
	seg := pcb.unsent
	if seg == nil {
		return ErrOK
	}
	if pcb.persistProbe < 0xff {
		pcb.persistProbe++
	}
	h := c.pcbHeader(pcb, seg.seqno)
	data := 1
	if seg.flags&flagFIN != 0 && seg.len == 0 {
		data = 0
		h.flags = flagACK | flagFIN
	} else {
		pbufCopy(c.probe[:], seg.p, 0)
		h.probe = c.probe[:]
	}
	p := c.controlPbuf(h, data, pcb.holder)
	if p == nil {
		return ErrMem
	}
	pcb.rcvAnnRightEdge = pcb.rcvNxt + pcb.rcvAnnWnd
	if nxt := seg.seqno + 1; seqLT(pcb.sndNxt, nxt) {
		pcb.sndNxt = nxt
	}
	return c.sendControl(h, p)
}
