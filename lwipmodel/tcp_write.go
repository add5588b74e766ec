package lwipmodel

// tcpWrite queues a copy of data for sending. It queues all of it or nothing.
// (lwip: src/core/tcp_out.c, tcp_write)
//
// A new segment always takes a buffer for a whole effective MSS, however short
// the data (LWIP_NETIF_TX_SINGLE_PBUF); what is left in the last unsent one is
// filled up first. The effective MSS is at most half of the largest window the
// peer ever announced.
func (c *core) tcpWrite(pcb *tcpPCB, data []byte, more bool) Err {
	mss := min(pcb.mss, uint16(min16(pcb.sndWndMax/2)))
	if mss == 0 {
		mss = pcb.mss
	}
	n := uint16(len(data))
	switch pcb.state {
	case Established, CloseWait, SynSent, SynRcvd:
	default:
		return ErrConn
	}
	if n == 0 {
		// Nothing to queue, but the last unsent segment may still be pushed below.
	} else if uint32(n) > pcb.sndBuf || int(pcb.sndQueueLen) >= c.sndQueueLen {
		pcb.set(tfNagleMemErr)
		return ErrMem
	}

	var last, seg, queue, prev *segment
	pos, used, oversize := uint16(0), uint16(0), uint16(0)
	queueLen := pcb.sndQueueLen
	if pcb.unsent != nil {
		for last = pcb.unsent; last.next != nil; last = last.next {
		}
		space := mss - (last.len + uint16(optionLength(last.opts)))
		oversize = pcb.unsentOversize
		if oversize > 0 {
			seg = last
			used = min(space, oversize, n)
			pos += used
			oversize -= used
		}
	}
	for pos < n {
		segLen := min(n-pos, mss)
		p := c.pbufAllocRAM(c.sz.headerTransport, int(mss), pcb.holder)
		if p == nil {
			return c.writeNoMem(pcb, queue)
		}
		oversize = mss - segLen
		p.data = p.data[:segLen]
		p.totLen = segLen
		copy(p.data, data[pos:])
		queueLen++
		if int(queueLen) > c.sndQueueLen {
			c.pbufFree(p)
			return c.writeNoMem(pcb, queue)
		}
		if seg = c.createSegment(pcb, p, 0, pcb.sndLbb+uint32(pos), 0); seg == nil {
			return c.writeNoMem(pcb, queue)
		}
		if queue == nil {
			queue = seg
		} else {
			prev.next = seg
		}
		prev = seg
		pos += segLen
	}

	// All allocations succeeded: commit.
	if used > 0 {
		p := last.p
		for ; p.next != nil; p = p.next {
			p.totLen += used
		}
		p.totLen += used
		p.data = append(p.data, data[:used]...)
		last.len += used
	}
	pcb.unsentOversize = oversize
	if last == nil {
		pcb.unsent = queue
	} else {
		last.next = queue
	}
	pcb.sndLbb += uint32(n)
	pcb.sndBuf -= uint32(n)
	pcb.sndQueueLen = queueLen
	if seg != nil && !more {
		seg.flags |= flagPSH
	}
	return ErrOK
}

func (c *core) writeNoMem(pcb *tcpPCB, queue *segment) Err {
	pcb.set(tfNagleMemErr)
	c.segsFree(queue)
	return ErrMem
}

// splitUnsent is tcp_split_unsent_seg: the first unsent segment keeps split
// bytes, the rest becomes a segment of its own.
func (c *core) splitUnsent(pcb *tcpPCB, split uint16) Err {
	seg := pcb.unsent
	if seg == nil {
		return ErrMem
	}
	if split == 0 {
		return ErrVal
	}
	if seg.len <= split {
		return ErrOK
	}
	opts := seg.opts
	rem := seg.len - split
	p := c.pbufAllocRAM(c.sz.headerTransport, int(rem)+optionLength(opts), pcb.holder)
	if p == nil {
		return ErrMem
	}
	p.data = p.data[:rem]
	p.totLen = rem
	pbufCopy(p.data, seg.p, int(split))
	rest := seg.flags & (flagPSH | flagFIN)
	tail := c.createSegment(pcb, p, rest, seg.seqno+uint32(split), opts)
	if tail == nil {
		return ErrMem
	}
	pcb.sndQueueLen -= pbufClen(seg.p)
	c.pbufTruncate(seg.p, split)
	seg.len -= rem
	// lwIP means to take PSH and FIN off the first part here, but only sets flags
	// (TCPH_SET_FLAG), so the first part keeps them.
	pcb.sndQueueLen += pbufClen(seg.p) + pbufClen(tail.p)
	tail.next = seg.next
	seg.next = tail
	if tail.next == nil {
		pcb.unsentOversize = 0
	}
	return ErrOK
}

// sendFin is tcp_send_fin: the FIN goes into the last unsent segment if there
// is one, else into one of its own.
func (c *core) sendFin(pcb *tcpPCB) Err {
	if pcb.unsent != nil {
		last := pcb.unsent
		for last.next != nil {
			last = last.next
		}
		if last.flags&(flagSYN|flagFIN|flagRST) == 0 {
			last.flags |= flagFIN
			pcb.set(tfFin)
			return ErrOK
		}
	}
	return c.enqueueFlags(pcb, flagFIN)
}

// enqueueFlags is tcp_enqueue_flags: a SYN or FIN without data.
func (c *core) enqueueFlags(pcb *tcpPCB, flags uint8) Err {
	opts := uint8(0)
	if flags&flagSYN != 0 {
		opts = optMSS
		if c.opt.WndScale && (pcb.state != SynRcvd || pcb.has(tfWndScale)) {
			opts |= optWndScale
		}
		if c.opt.TCPSackOut && (pcb.state != SynRcvd || pcb.has(tfSack)) {
			opts |= optSackPerm
		}
	}
	p := c.pbufAllocRAM(c.sz.headerTransport, optionLength(opts), pcb.holder)
	if p == nil {
		pcb.set(tfNagleMemErr)
		return ErrMem
	}
	p.data = p.data[:0]
	p.totLen = 0
	seg := c.createSegment(pcb, p, flags, pcb.sndLbb, opts)
	if seg == nil {
		pcb.set(tfNagleMemErr)
		return ErrMem
	}
	if pcb.unsent == nil {
		pcb.unsent = seg
	} else {
		last := pcb.unsent
		for last.next != nil {
			last = last.next
		}
		last.next = seg
	}
	pcb.unsentOversize = 0
	if flags&(flagSYN|flagFIN) != 0 {
		pcb.sndLbb++
	}
	if flags&flagFIN != 0 {
		pcb.set(tfFin)
	}
	pcb.sndQueueLen++
	return ErrOK
}
