package lwipmodel

import "time"

// goes computes when a connection ends by itself.
func (c *core) goes(pcb *tcpPCB, socket int) (time.Duration, string) {
	const forever = int64(never)
	best, why := forever, ""
	offer := func(ticks int64, reason string) {
		if ticks = max(ticks, 1); ticks < best {
			best, why = ticks, reason
		}
	}
	// since counts a limit from the last segment; the comparison is strict.
	since := func(limit uint32) int64 { return int64(limit) - int64(c.ticks-pcb.tmr) + 1 }
	switch pcb.state {
	case Listen:
		return -1, "until its socket is closed"
	case Closed:
		return -1, "not connected"
	case TimeWait:
		offer(since(c.twTicks), "TIME_WAIT: 2 MSL since the last segment")
	case FinWait2:
		if pcb.has(tfRxClosed) {
			offer(since(c.finWaitTicks), "FIN_WAIT_2 timeout since the last segment")
		}
	case LastAck:
		offer(since(c.twTicks), "LAST_ACK: 2 MSL since the last segment")
	case SynRcvd:
		offer(since(c.synRcvdTicks), "SYN_RCVD timeout")
	case Established, CloseWait:
		if pcb.option(sofKeepAlive) {
			offer(since((pcb.keepIdle+pcb.keepCnt*pcb.keepIntvl)/uint32(c.opt.slowInterval())), "keep-alive")
		}
	}
	switch {
	case pcb.persistBackoff > 0:
		if ticks, ok := c.probesLeft(pcb); ok {
			offer(ticks, "window probes without an answer")
		}
	case pcb.unacked != nil, pcb.rtime >= 0 && pcb.unsent != nil:
		if pcb.rtime >= 0 {
			offer(c.giveUpTicks(pcb), "retransmissions")
		}
	}
	if best < forever {
		return c.slowTickIn(best), why
	}
	switch {
	case pcb.unsent != nil:
		return -1, "never: data queued and no timer running"
	case pcb.state == FinWait2:
		return -1, "never: FIN_WAIT_2 after shutdown(SHUT_WR)"
	case socket == SocketNotAccepted:
		return -1, "never: waits to be accepted"
	case pcb.state == CloseWait:
		return -1, "never: the peer has closed, the application has not"
	}
	return -1, "never: no keep-alive, nothing outstanding"
}

// giveUpTicks counts the slow ticks until the retransmissions of a connection
// are given up.
func (c *core) giveUpTicks(pcb *tcpPCB) int64 { return c.giveUpFrom(pcb, int64(pcb.rtime)) }

// giveUpFrom is giveUpTicks if rtime ticks have passed since the last one.
func (c *core) giveUpFrom(pcb *tcpPCB, rtime int64) int64 {
	limit := c.opt.TCPMaxRtx
	if pcb.state == SynSent {
		limit = min(limit, c.opt.TCPSynMaxRtx)
	}
	ticks, rto := int64(0), int64(pcb.rto)
	for n := int(pcb.nrtx); n < limit; n++ {
		ticks += max(rto-rtime, 1)
		if pcb.state != SynSent && !(pcb.state == SynRcvd && c.chg.synRcvdConst) {
			rto = min((int64(pcb.sa>>3)+int64(pcb.sv))<<tcpBackoff[min(n, len(tcpBackoff)-1)], 0x7fff)
		}
		rtime = 0
	}
	return ticks + 1
}

// probesLeft counts the slow ticks until unanswered window probes end a
// connection; false if they never do.
func (c *core) probesLeft(pcb *tcpPCB) (int64, bool) {
	slot := int(pcb.persistBackoff)
	next := max(int64(persistBackoff[slot-1])-int64(pcb.persistCnt), 1)
	route := c.nif.route(pcb.remoteIP)
	if pcb.sndWnd > 0 {
		// The next probe is the part of the segment that fits: it is repeated like any
		// other. It cannot leave without a route.
		return next + c.giveUpFrom(pcb, 0), route
	}
	ticks := int64(0)
	for n := int(pcb.persistProbe); n < c.opt.TCPMaxRtx; n++ {
		ticks += next
		if !route {
			next = 1 // a probe that cannot leave is tried again at every tick
			continue
		}
		slot = min(slot+1, len(persistBackoff))
		next = int64(persistBackoff[slot-1])
	}
	return ticks + 1, true
}

// slowTickIn is the time until the n-th slow tick from now.
func (c *core) slowTickIn(n int64) time.Duration {
	for t := c.nextTimeout; t != nil; t = t.next {
		if t.id != timerTCP {
			continue
		}
		ms := int64(0)
		if now := c.now(); timeLess(now, t.time) {
			ms = int64(t.time - now)
		}
		if c.tcpTimer&1 != 0 { // the next run is a fast one
			ms += int64(c.opt.TCPTmrInterval)
		}
		return time.Duration(ms+(n-1)*int64(c.opt.slowInterval())) * time.Millisecond
	}
	return -1
}
