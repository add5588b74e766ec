package lwipmodel

// Idle ticks. lwIP's timers fire for ever, several times a second, and most of
// the time only count. What those firings do is known beforehand, so they are
// not run one by one: idleFirings says how many firings of a timer will only
// count, and catchUp makes up for those that have passed. A firing also gives its
// SYS_TIMEOUT block back and takes a new one. Repeated without other traffic on
// the heap, that soon settles: the block given back is the one that is taken. So
// catchUp does it until then.

const never = 1 << 40

// idleFirings returns how many of the next firings of timer t do nothing but
// count.
func (c *core) idleFirings(t *sysTimeo) int64 {
	switch t.id {
	case timerTCP:
		return c.idleTCP()
	case timerARP:
		return c.nif.arp.idle()
	case timerDHCPCoarse, timerND6:
		return never
	}
	return 0
}

// period is the time between two firings of a timer that may be skipped, ms.
func (c *core) period(id timerID) uint32 {
	switch id {
	case timerTCP:
		return uint32(c.opt.TCPTmrInterval)
	case timerDHCPCoarse:
		return dhcpCoarseInterval
	case timerND6:
		return nd6Interval
	}
	return arpTmrInterval
}

// idleTCP is idleFirings of the TCP timer.
func (c *core) idleTCP() int64 {
	if c.activePCBs == nil && c.twPCBs == nil {
		return 0 // it stops
	}
	slow := int64(never) // slow ticks that only count
	for pcb := c.activePCBs; pcb != nil; pcb = pcb.next {
		if slow = min(slow, c.idleSlowTicks(pcb)); slow < 0 {
			return 0
		}
	}
	for pcb := c.twPCBs; pcb != nil; pcb = pcb.next {
		slow = min(slow, int64(c.twTicks)-int64(c.ticks-pcb.tmr))
	}
	switch {
	case slow < 0:
		return 0
	case slow >= never:
		return never
	case c.tcpTimer&1 == 0: // the next one is slow
		return 2 * slow
	}
	return 2*slow + 1
}

// idleSlowTicks is how many slow ticks only count for a connection; -1 if not
// even the next fast one does.
func (c *core) idleSlowTicks(pcb *tcpPCB) int64 {
	if pcb.has(tfAckDelay|tfAckNow|tfClosePend|tfNagleMemErr) || pcb.refusedData != nil || pcb.unsent != nil || pcb.persistBackoff > 0 {
		return -1
	}
	if pcb.cbPoll && (pcb.arg.state == ncWrite || pcb.arg.state == ncClose || pcb.arg.has(ncCheckWriteable) && c.sndWritable(pcb)) {
		return 0
	}
	if int(pcb.nrtx) >= c.opt.TCPMaxRtx || pcb.state == SynSent && int(pcb.nrtx) >= c.opt.TCPSynMaxRtx {
		return 0
	}
	n := int64(never)
	silent := int64(c.ticks - pcb.tmr)
	if pcb.rtime >= 0 {
		n = min(n, int64(pcb.rto)-int64(pcb.rtime)-1)
	}
	if pcb.ooseq != nil {
		n = min(n, int64(pcb.rto)*int64(c.opt.TCPOoseqTimeout)-silent-1)
	}
	switch pcb.state {
	case FinWait2:
		if pcb.has(tfRxClosed) {
			n = min(n, int64(c.finWaitTicks)-silent)
		}
	case Established, CloseWait:
		if pcb.option(sofKeepAlive) {
			slow := uint32(c.opt.slowInterval())
			limit := min((pcb.keepIdle+pcb.keepCnt*pcb.keepIntvl)/slow, (pcb.keepIdle+uint32(pcb.keepCntSent)*pcb.keepIntvl)/slow)
			n = min(n, int64(limit)-silent)
		}
	case SynRcvd:
		n = min(n, int64(c.synRcvdTicks)-silent)
	case LastAck:
		n = min(n, int64(c.twTicks)-silent)
	}
	return max(n, 0)
}

// idle is idleFirings of the ARP timer.
func (t *etharp) idle() int64 {
	n := int64(never)
	for i := range t.table {
		switch e := &t.table[i]; e.state {
		case arpEmpty:
		case arpStable:
			n = min(n, int64(arpMaxAge-1)-int64(e.ctime))
		default:
			return 0
		}
	}
	return max(n, 0)
}

// advanceTCP makes up for n runs of the TCP timer.
func (c *core) advanceTCP(n uint32) {
	slow := n / 2
	if n&1 != 0 && c.tcpTimer&1 == 0 {
		slow++
	}
	c.tcpRuns += n
	c.tcpTimer += uint8(n)
	c.timerCtr += uint8(n + slow)
	c.ticks += slow
	for pcb := c.activePCBs; pcb != nil; pcb = pcb.next {
		pcb.lastTimer = c.timerCtr
		if slow == 0 {
			continue
		}
		if pcb.rtime >= 0 {
			pcb.rtime += int16(slow)
		}
		if p := uint32(pcb.pollInterval); p <= 1 {
			pcb.polltmr = 0
		} else {
			pcb.polltmr = uint8((min(uint32(pcb.polltmr), p-1) + slow) % p)
		}
	}
}

// catchUp makes up for the firings that have passed without doing anything but
// count. Everything that runs in the tcpip task comes after it. They are taken in
// the order of their times, since the block that one gives back may be the one
// that the next takes. A timer has settled when it was given the block that it
// gave back, and no other has moved since: then the rest of its firings only
// count.
func (c *core) catchUp() {
	now := c.now()
	t := c.nextTimeout
	if t == nil || timeLess(now, t.time) {
		return
	}
	for ; t != nil; t = t.next {
		t.settled = false
	}
	for t = c.nextTimeout; t != nil && !timeLess(now, t.time); t = c.nextTimeout {
		n := c.idleFirings(t)
		if n <= 0 {
			return // it has something to do
		}
		period := c.period(t.id)
		if t.settled {
			n = min(n, int64((c.unsettled(now)-t.time)/period)+1)
		} else {
			n = 1
		}
		c.advance(t.id, uint32(n))
		c.nextTimeout = t.next
		t.time += uint32(n) * period
		c.dueTime = t.time - period
		if !t.settled {
			c.renew(t)
		}
		c.insertTimeout(t)
	}
}

// unsettled returns the time of the first timer that has not settled, at most
// now.
func (c *core) unsettled(now uint32) uint32 {
	for t := c.nextTimeout; t != nil && !timeLess(now, t.time); t = t.next {
		if !t.settled {
			return t.time
		}
	}
	return now
}

// renew gives a timer's block back and takes one anew.
func (c *core) renew(t *sysTimeo) {
	was := t.block
	c.free(KindSysTimeout, t.block, c.sz.sysTimeout, c.self)
	if t.block = c.malloc(KindSysTimeout, c.sz.sysTimeout, c.self); t.block == 0 {
		c.sys.assertFailed("sys_timeout: timeout != NULL, pool MEMP_SYS_TIMEOUT is empty")
	}
	if t.block != was {
		for o := c.nextTimeout; o != nil; o = o.next {
			o.settled = false
		}
	}
	t.settled = t.block == was
}

// advance makes up for n firings of a timer that only count.
func (c *core) advance(id timerID, n uint32) {
	switch id {
	case timerTCP:
		c.advanceTCP(n)
	case timerARP:
		for i := range c.nif.arp.table {
			if e := &c.nif.arp.table[i]; e.state != arpEmpty {
				e.ctime += uint16(n)
			}
		}
	}
}

// insertTimeout puts a timer that has skipped firings back into the list.
func (c *core) insertTimeout(t *sysTimeo) {
	cur := &c.nextTimeout
	for *cur != nil {
		o := *cur
		if timeLess(t.time, o.time) {
			break
		}
		if t.time == o.time && c.setAt(t) < c.setAt(o) {
			break
		}
		cur = &o.next
	}
	t.next = *cur
	*cur = t
}

// setAt is when a timer was set, as far as that is known.
func (c *core) setAt(t *sysTimeo) uint32 { return t.time - c.period(t.id) }

// busyTime returns how many ms pass until a timer fires that does more than
// count; false if none ever does.
func (c *core) busyTime() (uint32, bool) {
	now := c.now()
	best, ok := uint32(0), false
	for t := c.nextTimeout; t != nil; t = t.next {
		n := c.idleFirings(t)
		if n >= never {
			continue
		}
		at := t.time
		if n > 0 {
			at += uint32(n) * c.period(t.id)
		}
		left := uint32(0)
		if timeLess(now, at) {
			left = at - now
		}
		if !ok || left < best {
			best, ok = left, true
		}
	}
	return best, ok
}
