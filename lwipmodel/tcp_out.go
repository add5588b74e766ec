package lwipmodel

// A tcpHeader is a TCP segment on its way to IP: header fields, options and
// payload. It is valid during the call only.
type tcpHeader struct {
	src, dst         ip4
	srcPort, dstPort uint16
	seqno, ackno     uint32
	flags            uint8
	wnd              uint16
	opts             []byte
	payload          *pbuf  // nil: none
	probe            []byte // payload of a window probe
	ttl, tos         uint8
	p                *pbuf // the block to hold on to while the packet waits for an address
}

// len is the number of payload bytes.
func (h *tcpHeader) len() int {
	n := len(h.probe)
	if h.payload != nil {
		n += int(h.payload.totLen)
	}
	return n
}

// tcpOutput sends what may be sent: unsent segments within the windows, or an
// empty ACK if one is due. (lwip: src/core/tcp_out.c, tcp_output)
func (c *core) tcpOutput(pcb *tcpPCB) Err {
	if c.inputPCB == pcb {
		return ErrOK // tcp_input calls again when it is done
	}
	wnd := min(pcb.sndWnd, pcb.cwnd)
	seg := pcb.unsent
	if seg == nil {
		if pcb.has(tfAckNow) {
			return c.sendEmptyAck(pcb)
		}
		pcb.clear(tfNagleMemErr)
		return ErrOK
	}
	if !c.nif.route(pcb.remoteIP) {
		return ErrRte
	}
	if pcb.localIP == 0 {
		pcb.localIP = c.nif.sourceFor(pcb.remoteIP)
	}
	if seg.seqno-pcb.lastack+uint32(seg.len) > wnd {
		// Beyond the window. Probe it if it is the peer's and nothing is under way.
		if wnd == pcb.sndWnd && pcb.unacked == nil && pcb.persistBackoff == 0 {
			pcb.persistCnt, pcb.persistBackoff, pcb.persistProbe = 0, 1, 0
		}
		if pcb.has(tfAckNow) {
			return c.sendEmptyAck(pcb)
		}
		pcb.clear(tfNagleMemErr)
		return ErrOK
	}
	pcb.persistBackoff = 0

	last := pcb.unacked
	if last != nil {
		for last.next != nil {
			last = last.next
		}
	}
	for seg != nil && seg.seqno-pcb.lastack+uint32(seg.len) <= wnd {
		if !c.nagle(pcb) && !pcb.has(tfNagleMemErr|tfFin) {
			break
		}
		if pcb.state != SynSent {
			seg.flags |= flagACK
		}
		if err := c.outputSegment(seg, pcb); err != ErrOK {
			pcb.set(tfNagleMemErr) // send it with the next timer
			return err
		}
		pcb.unsent = seg.next
		if pcb.state != SynSent {
			pcb.clear(tfAckDelay | tfAckNow)
		}
		if nxt := seg.seqno + seg.tcpLen(); seqLT(pcb.sndNxt, nxt) {
			pcb.sndNxt = nxt
		}
		if seg.tcpLen() > 0 {
			seg.next = nil
			switch {
			case pcb.unacked == nil:
				pcb.unacked = seg
				last = seg
			case seqLT(seg.seqno, last.seqno):
				// A retransmission: keep the list in order.
				cur := &pcb.unacked
				for *cur != nil && seqLT((*cur).seqno, seg.seqno) {
					cur = &(*cur).next
				}
				seg.next = *cur
				*cur = seg
			default:
				last.next = seg
				last = seg
			}
		} else {
			c.segFree(seg)
		}
		seg = pcb.unsent
	}
	if pcb.unsent == nil {
		pcb.unsentOversize = 0
	}
	pcb.clear(tfNagleMemErr)
	return ErrOK
}

// nagle is tcp_do_output_nagle: may a segment go out now.
func (c *core) nagle(pcb *tcpPCB) bool {
	return pcb.unacked == nil || pcb.has(tfNoDelay|tfInFR) ||
		pcb.unsent != nil && (pcb.unsent.next != nil || pcb.unsent.len >= pcb.mss) ||
		min16(pcb.sndBuf) == 0 || int(pcb.sndQueueLen) >= c.sndQueueLen
}

// outputSegment is tcp_output_segment.
func (c *core) outputSegment(seg *segment, pcb *tcpPCB) Err {
	if seg.p.ref != 1 {
		return ErrOK // still waiting further down, for example for an ARP reply
	}
	h := &c.out
	*h = tcpHeader{
		src: pcb.localIP, dst: pcb.remoteIP, srcPort: pcb.localPort, dstPort: pcb.remotePort,
		seqno: seg.seqno, ackno: pcb.rcvNxt, flags: seg.flags, payload: seg.p, p: seg.p, ttl: pcb.ttl, tos: pcb.tos,
		opts: c.outOpts[:0],
	}
	if seg.opts&optWndScale != 0 {
		h.wnd = uint16(min16(pcb.rcvAnnWnd)) // never scaled in a SYN
	} else {
		h.wnd = uint16(min16(pcb.rcvAnnWnd >> pcb.rcvScale))
	}
	pcb.rcvAnnRightEdge = pcb.rcvNxt + pcb.rcvAnnWnd
	if seg.opts&optMSS != 0 {
		mss := c.nif.effSendMSS(uint16(c.opt.TCPMSS), pcb.remoteIP)
		h.opts = append(h.opts, 2, 4, byte(mss>>8), byte(mss))
	}
	if seg.opts&optWndScale != 0 {
		h.opts = append(h.opts, 1, 3, 3, byte(c.opt.TCPRcvScale))
	}
	if seg.opts&optSackPerm != 0 {
		h.opts = append(h.opts, 1, 1, 4, 2)
	}
	if pcb.rtime < 0 {
		pcb.rtime = 0
	}
	if pcb.rttest == 0 {
		pcb.rttest = c.ticks
		pcb.rtseq = seg.seqno
	}
	return c.nif.output(h)
}

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
