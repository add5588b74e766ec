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
