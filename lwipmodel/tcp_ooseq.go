package lwipmodel

// The out-of-order queue holds segments in order of their numbers, without
// overlap. (lwip: src/core/tcp_in.c, tcp_receive and tcp_oos_insert_segment)

// trimOoseq removes what the segment in sequence covers from the queue, and
// what the queue covers from the segment.
func (c *core) trimOoseq(pcb *tcpPCB) {
	in := &c.in
	seg := &in.seg
	if seg.flags&flagFIN != 0 {
		c.segsFree(pcb.ooseq)
		pcb.ooseq = nil
		return
	}
	next := pcb.ooseq
	for next != nil && seqGEQ(in.seqno+in.tcplen, next.seqno+uint32(next.len)) {
		if next.flags&flagFIN != 0 && seg.flags&flagSYN == 0 {
			seg.flags |= flagFIN
			in.tcplen = seg.tcpLen()
		}
		old := next
		next = next.next
		c.segFree(old)
	}
	if next != nil && seqGT(in.seqno+in.tcplen, next.seqno) {
		seg.len = uint16(next.seqno - in.seqno)
		if seg.flags&flagSYN != 0 || c.chg.finTrim && seg.flags&flagFIN != 0 {
			seg.len--
		}
		c.pbufTruncate(seg.p, seg.len)
		in.tcplen = seg.tcpLen()
	}
	pcb.ooseq = next
}

// takeOoseq moves the segments that are now in sequence to the received data.
func (c *core) takeOoseq(pcb *tcpPCB) {
	in := &c.in
	for pcb.ooseq != nil && pcb.ooseq.seqno == pcb.rcvNxt {
		s := pcb.ooseq
		in.seqno = s.seqno
		if pcb.rcvWnd < s.tcpLen() {
			// Espressif's change: never take more than the window.
			s.len = uint16(pcb.rcvWnd)
			if s.flags&(flagSYN|flagFIN) != 0 {
				s.len--
			}
			c.pbufTruncate(s.p, s.len)
			c.segsFree(s.next)
			s.next = nil
		}
		pcb.rcvNxt += s.tcpLen()
		pcb.rcvWnd = c.wnd(pcb.rcvWnd - s.tcpLen())
		c.updateRcvAnnWnd(pcb)
		if s.p.totLen > 0 {
			if in.recvData != nil {
				pbufCat(in.recvData, s.p)
			} else {
				in.recvData = s.p
			}
			s.p = nil
		}
		if s.flags&flagFIN != 0 {
			in.recvFlags |= tfGotFin
			if pcb.state == Established {
				pcb.state = CloseWait
			}
		}
		pcb.ooseq = s.next
		c.segFree(s)
	}
}

// receiveOutOfOrder queues the current segment, which leaves a gap, and asks
// for what is missing.
func (c *core) receiveOutOfOrder(pcb *tcpPCB) {
	if c.opt.TCPQueueOoseq {
		if pcb.ooseq == nil {
			pcb.ooseq = c.segCopy(pcb, &c.in.seg)
			if pcb.has(tfSack) {
				pcb.rcvSacks[0] = sackRange{c.in.seqno, c.in.seqno + uint32(c.in.seg.len)}
			}
		} else {
			c.insertOoseq(pcb)
		}
		c.limitOoseq(pcb)
	}
	c.sendEmptyAck(pcb)
}

// insertOoseq finds the place of the current segment in the queue.
func (c *core) insertOoseq(pcb *tcpPCB) {
	in := &c.in
	seg := &in.seg
	sackBeg := pcb.ooseq.seqno
	if seqLT(in.seqno, sackBeg) {
		sackBeg = in.seqno
	}
	var prev *segment
	// link puts a copy of the segment between prev and next.
	link := func(next *segment) {
		s := c.segCopy(pcb, seg)
		if s == nil {
			return
		}
		if prev == nil {
			pcb.ooseq = s
		} else {
			prev.next = s
		}
		c.insertBefore(s, next)
	}
	for next := pcb.ooseq; next != nil; next = next.next {
		if in.seqno == next.seqno {
			if seg.len > next.len {
				link(next) // the longer one replaces the shorter one
			}
			break
		}
		if prev == nil {
			if seqLT(in.seqno, next.seqno) {
				link(next)
				break
			}
		} else if seqBetween(in.seqno, prev.seqno+1, next.seqno-1) {
			s := c.segCopy(pcb, seg)
			if s != nil {
				if seqGT(prev.seqno+uint32(prev.len), in.seqno) {
					prev.len = uint16(in.seqno - prev.seqno)
					c.pbufTruncate(prev.p, prev.len)
				}
				prev.next = s
				c.insertBefore(s, next)
			}
			break
		}
		if prev != nil && prev.seqno+uint32(prev.len) != next.seqno {
			sackBeg = next.seqno
		}
		prev = next
		if next.next == nil && seqGT(in.seqno, next.seqno) {
			if next.flags&flagFIN != 0 {
				break // nothing comes after a FIN
			}
			c.appendOoseq(pcb, next)
			break
		}
	}
	if pcb.has(tfSack) {
		c.sackOoseq(pcb, prev, sackBeg)
	}
}

// appendOoseq puts a copy of the current segment behind last, cut to the window.
func (c *core) appendOoseq(pcb *tcpPCB, last *segment) {
	in := &c.in
	s := c.segCopy(pcb, &in.seg)
	last.next = s
	if s == nil {
		return
	}
	if seqGT(last.seqno+uint32(last.len), in.seqno) {
		last.len = uint16(in.seqno - last.seqno)
		c.pbufTruncate(last.p, last.len)
	}
	if seqGT(in.tcplen+in.seqno, pcb.rcvNxt+pcb.rcvWnd) {
		s.flags &^= flagFIN
		s.len = uint16(pcb.rcvNxt + pcb.rcvWnd - in.seqno)
		if s.flags&flagSYN != 0 {
			s.len--
		}
		c.pbufTruncate(s.p, s.len)
		in.tcplen = s.tcpLen()
	}
}

// insertBefore is tcp_oos_insert_segment: s goes in front of next; what it
// covers is freed, and what overlaps is cut off s.
func (c *core) insertBefore(s, next *segment) {
	seqno := c.in.seqno
	if s.flags&flagFIN != 0 {
		c.segsFree(next)
		next = nil
	} else {
		for next != nil && seqGEQ(seqno+uint32(s.len), next.seqno+uint32(next.len)) {
			if next.flags&flagFIN != 0 {
				s.flags |= flagFIN
			}
			old := next
			next = next.next
			c.segFree(old)
		}
		if next != nil && seqGT(seqno+uint32(s.len), next.seqno) {
			s.len = uint16(next.seqno - seqno)
			c.pbufTruncate(s.p, s.len)
		}
	}
	s.next = next
}

// limitOoseq drops everything behind the first TCP_OOSEQ_MAX_PBUFS pbufs.
func (c *core) limitOoseq(pcb *tcpPCB) {
	if c.opt.TCPOoseqMaxPbufs == 0 {
		return
	}
	n := 0
	var prev *segment
	for s := pcb.ooseq; s != nil; prev, s = s, s.next {
		n += int(pbufClen(s.p))
		if n <= c.opt.TCPOoseqMaxPbufs {
			continue
		}
		if pcb.has(tfSack) {
			pcb.removeSacksGT(s.seqno)
		}
		c.segsFree(s)
		if prev == nil {
			pcb.ooseq = nil
		} else {
			prev.next = nil
		}
		return
	}
}
