package lwipmodel

// The state machine. (lwip: src/core/tcp_in.c, tcp_process)

// initialCwnd is LWIP_TCP_CALC_INITIAL_CWND.
func (c *core) initialCwnd(mss uint16) uint32 {
	return c.wnd(min(4*uint32(mss), max(2*uint32(mss), 4380)))
}

// tcpProcess is the state machine. ErrAbrt: the PCB is gone.
// (lwip: src/core/tcp_in.c, tcp_process)
func (c *core) tcpProcess(pcb *tcpPCB) Err {
	in := &c.in
	if in.flags&flagRST != 0 {
		acceptable := false
		if pcb.state == SynSent {
			acceptable = in.ackno == pcb.sndNxt
		} else if in.seqno == pcb.rcvNxt {
			acceptable = true
		} else if seqBetween(in.seqno, pcb.rcvNxt, pcb.rcvNxt+pcb.rcvWnd) {
			pcb.ackNow() // challenge ACK
		}
		if acceptable {
			in.recvFlags |= tfReset
			pcb.clear(tfAckDelay)
			return ErrRst
		}
		return ErrOK
	}
	if in.flags&flagSYN != 0 && pcb.state != SynSent && pcb.state != SynRcvd {
		pcb.ackNow() // challenge ACK: perhaps the peer rebooted
		return ErrOK
	}
	if !pcb.has(tfRxClosed) {
		pcb.tmr = c.ticks
	}
	pcb.keepCntSent = 0
	pcb.persistProbe = 0
	c.parseOptions(pcb)

	acksAll := in.flags&flagACK != 0 && in.ackno == pcb.sndNxt
	switch pcb.state {
	case SynSent:
		return c.processSynSent(pcb)
	case SynRcvd:
		return c.processSynRcvd(pcb)
	case CloseWait, Established:
		c.tcpReceive(pcb)
		if in.recvFlags&tfGotFin != 0 {
			pcb.ackNow()
			pcb.state = CloseWait
		}
	case FinWait1:
		c.tcpReceive(pcb)
		acksAll = acksAll && pcb.unsent == nil
		if in.recvFlags&tfGotFin != 0 {
			if acksAll {
				c.enterTimeWait(pcb, true)
			} else {
				pcb.ackNow()
				pcb.state = Closing
			}
		} else if acksAll {
			pcb.state = FinWait2
		}
	case FinWait2:
		c.tcpReceive(pcb)
		if in.recvFlags&tfGotFin != 0 {
			c.enterTimeWait(pcb, true)
		}
	case Closing:
		c.tcpReceive(pcb)
		if acksAll && pcb.unsent == nil {
			c.enterTimeWait(pcb, false)
		}
	case LastAck:
		c.tcpReceive(pcb)
		if acksAll && pcb.unsent == nil {
			in.recvFlags |= tfClosed // not at once: the caller still uses the PCB
		}
	}
	return ErrOK
}

func (c *core) enterTimeWait(pcb *tcpPCB, ack bool) {
	if ack {
		pcb.ackNow()
	}
	c.pcbPurge(pcb)
	c.rmvActive(pcb)
	pcb.state = TimeWait
	c.reg(&c.twPCBs, pcb)
	if c.opt.SOLinger && c.chg.lingerWakes && pcb.cbPoll {
		c.pollTCP(pcb.arg) // a lingering close is finished now
	}
}

func (c *core) processSynSent(pcb *tcpPCB) Err {
	in := &c.in
	switch {
	case in.flags&flagACK != 0 && in.flags&flagSYN != 0 && in.ackno == pcb.lastack+1:
		pcb.rcvNxt = in.seqno + 1
		pcb.rcvAnnRightEdge = pcb.rcvNxt
		pcb.lastack = in.ackno
		pcb.sndWnd = uint32(in.wnd)
		pcb.sndWndMax = pcb.sndWnd
		pcb.sndWl1 = in.seqno - 1
		pcb.state = Established
		pcb.mss = c.nif.effSendMSS(pcb.mss, pcb.remoteIP)
		pcb.cwnd = c.initialCwnd(pcb.mss)
		pcb.sndQueueLen--
		seg := pcb.unacked
		if seg == nil {
			// The SYN was moved back for a retransmission.
			seg = pcb.unsent
			pcb.unsent = seg.next
		} else {
			pcb.unacked = seg.next
		}
		c.segFree(seg)
		if pcb.unacked == nil {
			pcb.rtime = -1
		} else {
			pcb.rtime = 0
			pcb.nrtx = 0
		}
		if pcb.cbConnected && c.connectedTCP(pcb.arg) == ErrAbrt {
			return ErrAbrt
		}
		pcb.ackNow()
	case in.flags&flagACK != 0:
		// An old connection of the peer: reset it, and ask again.
		c.rstReply(pcb)
		if int(pcb.nrtx) < c.opt.TCPSynMaxRtx {
			pcb.rtime = 0
			if c.rexmitRTOPrepare(pcb) == ErrOK {
				c.rexmitRTOCommit(pcb)
			}
		}
	}
	return ErrOK
}

func (c *core) processSynRcvd(pcb *tcpPCB) Err {
	in := &c.in
	switch {
	case c.chg.lwip22 && in.flags&flagSYN != 0:
		if in.seqno == pcb.rcvNxt-1 {
			c.rexmit(pcb)
		}
	case in.flags&flagACK != 0:
		if !seqBetween(in.ackno, pcb.lastack+1, pcb.sndNxt) {
			c.rstReply(pcb)
			return ErrOK
		}
		pcb.state = Established
		var err Err
		if pcb.listener == nil {
			err = ErrVal // the listener was closed meanwhile
		} else {
			c.backlogAccepted(pcb)
			err = ErrArg
			if pcb.listener.cbAccept {
				err = c.acceptTCP(pcb.arg, pcb)
			}
		}
		if err != ErrOK {
			if err != ErrAbrt {
				c.tcpAbort(pcb)
			}
			return ErrAbrt
		}
		c.tcpReceive(pcb)
		if in.recvAcked != 0 {
			in.recvAcked--
		}
		pcb.cwnd = c.initialCwnd(pcb.mss)
		if in.recvFlags&tfGotFin != 0 {
			pcb.ackNow()
			pcb.state = CloseWait
		}
	case in.flags&flagSYN != 0 && in.seqno == pcb.rcvNxt-1:
		c.rexmit(pcb) // the SYN again: so is the SYN-ACK
	}
	return ErrOK
}
