package lwipmodel

// tcpReceive processes the acknowledgement and the data of the current segment
// for a connection that is at least established.
// (lwip: src/core/tcp_in.c, tcp_receive)
func (c *core) tcpReceive(pcb *tcpPCB) {
	in := &c.in
	if in.flags&flagACK != 0 {
		c.receiveAck(pcb)
	}
	if in.tcplen > 0 && pcb.state < CloseWait {
		c.receiveData(pcb)
	} else if !seqBetween(in.seqno, pcb.rcvNxt, pcb.rcvNxt+pcb.rcvWnd-1) {
		pcb.ackNow() // outside the window, for example a keep-alive probe
	}
}

func (c *core) receiveAck(pcb *tcpPCB) {
	in := &c.in
	rightEdge := pcb.sndWnd + pcb.sndWl2
	if wnd := uint32(in.wnd) << pcb.sndScale; seqLT(pcb.sndWl1, in.seqno) ||
		pcb.sndWl1 == in.seqno && seqLT(pcb.sndWl2, in.ackno) ||
		pcb.sndWl2 == in.ackno && wnd > pcb.sndWnd {
		pcb.sndWnd = c.wnd(wnd)
		pcb.sndWndMax = max(pcb.sndWndMax, pcb.sndWnd)
		pcb.sndWl1 = in.seqno
		pcb.sndWl2 = in.ackno
	}

	switch {
	case seqLEQ(in.ackno, pcb.lastack):
		// A duplicate counts only if it carries no data, does not move the window,
		// data is outstanding, and it repeats the highest number seen.
		if in.tcplen == 0 && pcb.sndWl2+pcb.sndWnd == rightEdge && pcb.rtime >= 0 && pcb.lastack == in.ackno {
			if pcb.dupacks < 255 {
				pcb.dupacks++
			}
			if pcb.dupacks > 3 {
				c.wndInc(&pcb.cwnd, uint32(pcb.mss))
			}
			if pcb.dupacks >= 3 {
				c.rexmitFast(pcb)
			}
		} else if !c.chg.lwip22 {
			pcb.dupacks = 0
		}
	case seqBetween(in.ackno, pcb.lastack+1, pcb.sndNxt):
		c.newAck(pcb)
	default:
		c.sendEmptyAck(pcb) // acknowledges what was never sent
	}

	if pcb.rttest != 0 && seqLT(pcb.rtseq, in.ackno) {
		m := int16(c.ticks - pcb.rttest)
		m -= pcb.sa >> 3
		pcb.sa += m
		if m < 0 {
			m = -m
		}
		m -= pcb.sv >> 2
		pcb.sv += m
		pcb.rto = pcb.sa>>3 + pcb.sv
		pcb.rttest = 0
	}
}

// newAck handles an acknowledgement of data not acknowledged before.
func (c *core) newAck(pcb *tcpPCB) {
	in := &c.in
	if pcb.has(tfInFR) {
		pcb.clear(tfInFR)
		pcb.cwnd = pcb.ssthresh
		pcb.bytesAcked = 0
	}
	pcb.nrtx = 0
	pcb.rto = pcb.sa>>3 + pcb.sv
	acked := c.wnd(in.ackno - pcb.lastack)
	pcb.dupacks = 0
	pcb.lastack = in.ackno
	if pcb.state >= Established {
		if pcb.cwnd < pcb.ssthresh {
			segs := uint32(2)
			if pcb.has(tfRTO) {
				segs = 1
			}
			c.wndInc(&pcb.cwnd, min(acked, c.wnd(segs*uint32(pcb.mss))))
		} else {
			c.wndInc(&pcb.bytesAcked, acked)
			if pcb.bytesAcked >= pcb.cwnd {
				pcb.bytesAcked -= pcb.cwnd
				c.wndInc(&pcb.cwnd, uint32(pcb.mss))
			}
		}
	}
	pcb.unacked = c.freeAcked(pcb, pcb.unacked)
	// A segment moved back for a retransmission may be acknowledged before it is
	// sent again.
	pcb.unsent = c.freeAcked(pcb, pcb.unsent)
	if pcb.unacked == nil {
		pcb.rtime = -1
	} else {
		pcb.rtime = 0
	}
	pcb.polltmr = 0
	if pcb.unsent == nil {
		pcb.unsentOversize = 0
	}
	pcb.sndBuf = c.wnd(pcb.sndBuf + in.recvAcked)
	if pcb.has(tfRTO) {
		if pcb.unacked == nil {
			if pcb.unsent == nil || seqLEQ(pcb.rtoEnd, pcb.unsent.seqno) {
				pcb.clear(tfRTO)
			}
		} else if seqLEQ(pcb.rtoEnd, pcb.unacked.seqno) {
			pcb.clear(tfRTO)
		}
	}
}

// freeAcked frees the acknowledged segments at the front of a queue and returns
// the rest.
func (c *core) freeAcked(pcb *tcpPCB, seg *segment) *segment {
	in := &c.in
	for seg != nil && seqLEQ(seg.seqno+seg.tcpLen(), in.ackno) {
		next := seg.next
		pcb.sndQueueLen -= pbufClen(seg.p)
		in.recvAcked = c.wnd(in.recvAcked + uint32(seg.len))
		c.segFree(seg)
		seg = next
	}
	return seg
}

// receiveData takes the segment's data into the window, or queues it out of
// order, or drops it.
func (c *core) receiveData(pcb *tcpPCB) {
	in := &c.in
	seg := &in.seg
	if seqBetween(pcb.rcvNxt, in.seqno+1, in.seqno+in.tcplen-1) {
		// The front is old: cut it off.
		off := uint16(pcb.rcvNxt - in.seqno)
		seg.len -= off
		pbufDropFront(seg.p, off)
		seg.seqno = pcb.rcvNxt
		in.seqno = pcb.rcvNxt
	} else if seqLT(in.seqno, pcb.rcvNxt) {
		pcb.ackNow() // all of it is old
	}

	if !seqBetween(in.seqno, pcb.rcvNxt, pcb.rcvNxt+pcb.rcvWnd-1) {
		c.sendEmptyAck(pcb)
		return
	}
	if pcb.rcvNxt != in.seqno {
		c.receiveOutOfOrder(pcb)
		return
	}

	in.tcplen = seg.tcpLen()
	if in.tcplen > pcb.rcvWnd {
		// More than the window: cut the end off, and the FIN with it.
		seg.flags &^= flagFIN
		seg.len = uint16(pcb.rcvWnd)
		if seg.flags&flagSYN != 0 {
			seg.len--
		}
		c.pbufTruncate(seg.p, seg.len)
		in.tcplen = seg.tcpLen()
	}
	if pcb.ooseq != nil {
		c.trimOoseq(pcb)
	}
	pcb.rcvNxt = in.seqno + in.tcplen
	pcb.rcvWnd = c.wnd(pcb.rcvWnd - in.tcplen)
	c.updateRcvAnnWnd(pcb)
	if seg.p.totLen > 0 {
		in.recvData = seg.p
		seg.p = nil
	}
	if seg.flags&flagFIN != 0 {
		in.recvFlags |= tfGotFin
	}
	c.takeOoseq(pcb)
	if pcb.has(tfSack) {
		if pcb.ooseq != nil {
			pcb.removeSacksLT(pcb.ooseq.seqno)
		} else if pcb.sackValid(0) {
			pcb.rcvSacks = [maxSackNum]sackRange{}
		}
	}
	pcb.ack()
	if pcb.sackValid(0) {
		c.sendEmptyAck(pcb) // tell at once what is still missing
	}
}
