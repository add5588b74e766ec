package lwipmodel

// tcpBackoff and persistBackoff are lwIP's tables: shift of the retransmission
// timeout by number of retransmissions, and ticks between window probes.
var (
	tcpBackoff     = [13]uint8{1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7, 7}
	persistBackoff = [7]uint8{3, 6, 12, 24, 48, 96, 120}
)

// tcpTmr runs every TCP_TMR_INTERVAL: the fast timer each time, the slow timer
// every other time. The alternation survives a stop of the timer.
// (lwip: src/core/tcp.c, tcp_tmr)
func (c *core) tcpTmr() {
	c.tcpRuns++
	c.fastTmr()
	c.tcpTimer++
	if c.tcpTimer&1 != 0 {
		c.slowTmr()
	}
}

// fastTmr is tcp_fasttmr: delayed ACKs, pending FINs, and data that was refused
// before is offered again.
func (c *core) fastTmr() {
	c.timerCtr++
start:
	for pcb := c.activePCBs; pcb != nil; {
		if pcb.lastTimer == c.timerCtr {
			pcb = pcb.next
			continue
		}
		pcb.lastTimer = c.timerCtr
		if pcb.has(tfAckDelay) {
			pcb.ackNow()
			c.tcpOutput(pcb)
			pcb.clear(tfAckDelay | tfAckNow)
		}
		if pcb.has(tfClosePend) {
			pcb.clear(tfClosePend)
			c.closeShutdownFin(pcb)
		}
		next := pcb.next
		if pcb.refusedData != nil {
			c.activeChanged = false
			c.processRefusedData(pcb)
			if c.activeChanged {
				goto start
			}
		}
		pcb = next
	}
}

// slowTmr is tcp_slowtmr: retransmission, window probes, keep-alive, and the
// ends of the states that end by themselves.
func (c *core) slowTmr() {
	c.ticks++
	c.timerCtr++
start:
	var prev *tcpPCB
	for pcb := c.activePCBs; pcb != nil; {
		if pcb.lastTimer == c.timerCtr {
			prev, pcb = pcb, pcb.next
			continue
		}
		pcb.lastTimer = c.timerCtr

		remove, reset := c.slowTmrPCB(pcb)
		if remove {
			registered, arg := pcb.cbErr, pcb.arg
			c.pcbPurge(pcb)
			if prev != nil {
				prev.next = pcb.next
			} else {
				c.activePCBs = pcb.next
			}
			if reset {
				c.tcpRst(pcb.sndNxt, pcb.rcvNxt, pcb.localIP, pcb.remoteIP, pcb.localPort, pcb.remotePort, pcb)
			}
			next := pcb.next
			c.tcpFree(pcb)
			pcb = next
			c.activeChanged = false
			c.eventErr(registered, arg, ErrAbrt)
			if c.activeChanged {
				goto start
			}
			continue
		}

		prev, pcb = pcb, pcb.next
		prev.polltmr++
		if prev.polltmr >= prev.pollInterval {
			prev.polltmr = 0
			c.activeChanged = false
			err := ErrOK
			if prev.cbPoll {
				err = c.pollTCP(prev.arg)
			}
			if c.activeChanged {
				goto start
			}
			if err == ErrOK {
				c.tcpOutput(prev)
			}
		}
	}

	prev = nil
	for pcb := c.twPCBs; pcb != nil; {
		next := pcb.next
		if c.ticks-pcb.tmr > c.twTicks {
			c.pcbPurge(pcb)
			if prev != nil {
				prev.next = next
			} else {
				c.twPCBs = next
			}
			c.tcpFree(pcb)
		} else {
			prev = pcb
		}
		pcb = next
	}
}

// slowTmrPCB does one slow tick of a connection and says whether it is to be
// removed, and whether with a reset.
func (c *core) slowTmrPCB(pcb *tcpPCB) (remove, reset bool) {
	maxRtx := uint8(c.opt.TCPMaxRtx)
	switch {
	case pcb.state == SynSent && pcb.nrtx >= uint8(c.opt.TCPSynMaxRtx):
		remove = true
	case pcb.nrtx >= maxRtx:
		remove = true
	case pcb.persistBackoff > 0:
		// The byte of a probe that is acknowledged can be the last one queued, and
		// the window still closed: then nothing stops the persist timer.
		if pcb.unacked != nil {
			c.sys.assertFailed("tcp_slowtimr: persist ticking with in-flight data")
		}
		if pcb.unsent == nil {
			c.sys.assertFailed("tcp_slowtimr: persist ticking with empty send buffer")
		}
		if pcb.persistProbe >= maxRtx {
			remove = true
		} else {
			c.persistTick(pcb)
		}
	default:
		c.rexmitTick(pcb)
	}

	silent := c.ticks - pcb.tmr
	if pcb.state == FinWait2 && pcb.has(tfRxClosed) && silent > c.finWaitTicks {
		remove = true // but not if only shutdown(SHUT_WR) led here
	}
	if pcb.option(sofKeepAlive) && (pcb.state == Established || pcb.state == CloseWait) {
		slow := uint32(c.opt.slowInterval())
		if silent > (pcb.keepIdle+pcb.keepCnt*pcb.keepIntvl)/slow {
			remove, reset = true, true
		} else if silent > (pcb.keepIdle+uint32(pcb.keepCntSent)*pcb.keepIntvl)/slow {
			if c.tcpKeepalive(pcb) == ErrOK {
				pcb.keepCntSent++
			}
		}
	}
	if pcb.ooseq != nil && silent >= uint32(int32(pcb.rto))*uint32(c.opt.TCPOoseqTimeout) {
		c.freeOoseq(pcb)
	}
	if pcb.state == SynRcvd && silent > c.synRcvdTicks {
		remove = true
	}
	if pcb.state == LastAck && silent > c.twTicks {
		remove = true
	}
	return remove, reset
}

// persistTick counts towards the next probe of a closed window.
func (c *core) persistTick(pcb *tcpPCB) {
	backoff := persistBackoff[pcb.persistBackoff-1]
	if pcb.persistCnt < backoff {
		pcb.persistCnt++
	}
	if pcb.persistCnt < backoff {
		return
	}
	next := true
	if pcb.sndWnd == 0 {
		if c.zeroWindowProbe(pcb) != ErrOK {
			next = false
		}
	} else if c.splitUnsent(pcb, uint16(pcb.sndWnd)) == ErrOK {
		// The window is too small for the segment: send the part that fits.
		if c.tcpOutput(pcb) == ErrOK {
			next = false
		}
	}
	if next {
		pcb.persistCnt = 0
		if int(pcb.persistBackoff) < len(persistBackoff) {
			pcb.persistBackoff++
		}
	}
}

// rexmitTick counts towards the retransmission timeout, and acts on it. There
// is no back-off before the connection is established; in SYN_RCVD that is
// Espressif's change.
func (c *core) rexmitTick(pcb *tcpPCB) {
	if pcb.rtime >= 0 && pcb.rtime < 0x7fff {
		pcb.rtime++
	}
	if pcb.rtime < pcb.rto {
		return
	}
	if c.rexmitRTOPrepare(pcb) != ErrOK && !(pcb.unacked == nil && pcb.unsent != nil) {
		return
	}
	if pcb.state != SynSent && !(pcb.state == SynRcvd && c.chg.synRcvdConst) {
		idx := min(int(pcb.nrtx), len(tcpBackoff)-1)
		rto := (int(pcb.sa>>3) + int(pcb.sv)) << tcpBackoff[idx]
		pcb.rto = int16(min(rto, 0x7fff))
	}
	pcb.rtime = 0
	eff := min(pcb.cwnd, pcb.sndWnd)
	pcb.ssthresh = max(eff>>1, c.wnd(uint32(pcb.mss)<<1))
	pcb.cwnd = uint32(pcb.mss)
	pcb.bytesAcked = 0
	c.rexmitRTOCommit(pcb)
}

// processRefusedData is tcp_process_refused_data.
func (c *core) processRefusedData(pcb *tcpPCB) Err {
	// With window scaling lwIP offers at most 64 KB at a time; a pbuf chain here
	// never holds more.
	flags := pcb.refusedData.flags
	p := pcb.refusedData
	pcb.refusedData = nil
	err := c.eventRecv(pcb, p)
	switch {
	case err == ErrOK:
		if flags&pbufTCPFin != 0 {
			if pcb.rcvWnd != c.wndMax(pcb) {
				pcb.rcvWnd++
			}
			if c.eventClosed(pcb) == ErrAbrt {
				return ErrAbrt
			}
		}
		return ErrOK
	case err == ErrAbrt:
		return ErrAbrt
	}
	pcb.refusedData = p
	return ErrInProgress
}

// eventRecv is TCP_EVENT_RECV; without a callback the data is dropped and the
// window opened again (tcp_recv_null).
func (c *core) eventRecv(pcb *tcpPCB, p *pbuf) Err {
	if pcb.cbRecv {
		return c.recvTCP(pcb.arg, pcb, p)
	}
	c.tcpRecved(pcb, p.totLen)
	c.pbufFree(p)
	return ErrOK
}

// eventClosed is TCP_EVENT_CLOSED.
func (c *core) eventClosed(pcb *tcpPCB) Err {
	if pcb.cbRecv {
		return c.recvTCP(pcb.arg, pcb, nil)
	}
	return ErrOK
}
