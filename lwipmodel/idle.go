package lwipmodel

// Idle ticks. lwIP's timers fire for ever, several times a second, and most of
// the time only count. What those firings do is known beforehand, so they are
// not run one by one: idleFirings says how many firings of a timer will only
// count, and catchUp makes up for those that have passed.
//
// A firing also gives its SYS_TIMEOUT block back and takes a new one. While
// nothing else uses the heap, that soon ends where every timer gets back the block
// that it gave. From then on a firing can at most change the order of free blocks
// of one size, and which firing of a timer was its last decides what that order
// is. So catchUp runs the firings until the blocks stay where they are, and then
// the last one of each timer.

const never = 1 << 40

// idleFirings returns how many of the next firings of timer t do nothing but
// count.
func (c *core) idleFirings(t *sysTimeo) int64 {
	switch t.id {
	case timerTCP:
		return c.idleTCP()
	case timerARP:
		return c.nif.arp.idle()
	case timerDHCPCoarse:
		return c.nif.dhcp.idle()
	case timerDNS:
		return c.dnsIdle()
	case timerND6:
		return never
	}
	return 0
}

// period is the time between two firings of a timer, ms.
func (c *core) period(id timerID) uint32 {
	switch id {
	case timerTCP:
		return uint32(c.opt.TCPTmrInterval)
	case timerDHCPCoarse:
		return c.dhcpCoarseInterval()
	case timerND6:
		return nd6Interval
	case timerGARP:
		return uint32(c.opt.GARPInterval) * 1000
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
