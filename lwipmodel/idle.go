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

// maxSkipped is how many timers can be idle at once: TCP, ARP, DHCP, DNS and ND6.
const maxSkipped = 5

// catchUp makes up for the firings that have passed without doing anything but
// count. Everything that runs in the tcpip task comes after it.
func (c *core) catchUp() {
	now := c.now()
	t := c.nextTimeout
	if t == nil || timeLess(now, t.time) {
		return
	}
	// A firing that has something to do runs before those that come after it.
	limit, limitSet, limited := now, uint32(0), false
	for t := t; t != nil && !timeLess(now, t.time); t = t.next {
		n, period := c.idleFirings(t), c.period(t.id)
		if n > int64((now-t.time)/period) {
			continue
		}
		at := t.time + uint32(n)*period
		if !limited || timeLess(at, limit) || at == limit && timeLess(at-period, limitSet) {
			limit, limitSet, limited = at, at-period, true
		}
	}
	var idle [maxSkipped]*sysTimeo
	var left [maxSkipped]int64
	idles := 0
	rest, tail := (*sysTimeo)(nil), &c.nextTimeout
	for ; t != nil && !timeLess(now, t.time); t = rest {
		rest = t.next
		n, period := int64(0), c.period(t.id)
		if !timeLess(limit, t.time) {
			n = int64((limit-t.time)/period) + 1
			if last := t.time + uint32(n-1)*period; limited && last == limit && !timeLess(last-period, limitSet) {
				n--
			}
			n = min(n, c.idleFirings(t))
		}
		if n > 0 && idles < maxSkipped {
			idle[idles], left[idles] = t, n
			idles++
		} else {
			*tail = t
			tail = &t.next
		}
	}
	*tail = t
	for i, t := range idle[:idles] {
		c.count(t.id, uint32(left[i]))
	}
	c.churn(idle[:idles], left[:idles])
	for _, t := range idle[:idles] {
		c.insertTimeout(t)
	}
}

// count is the counting of n firings of a timer.
func (c *core) count(id timerID, n uint32) {
	switch id {
	case timerTCP:
		c.advanceTCP(n)
	case timerARP:
		for i := range c.nif.arp.table {
			if e := &c.nif.arp.table[i]; e.state != arpEmpty {
				e.ctime += uint16(n)
			}
		}
	case timerDHCPCoarse:
		c.nif.dhcp.advance(n)
	case timerDNS:
		for i := range c.dns.table {
			if e := &c.dns.table[i]; e.state == dnsDone {
				e.ttl -= n
			}
		}
	}
}

// churn gives back and takes the blocks of timers that fire left times each, in
// the order of their firings.
func (c *core) churn(timers []*sysTimeo, left []int64) {
	stayed := 0 // bits: the timer has got its block back since one moved
	last := false
	for {
		next, settled := -1, true
		for i, t := range timers {
			if left[i] == 0 {
				continue
			}
			settled = settled && stayed&(1<<i) != 0
			if next < 0 || timeLess(t.time, timers[next].time) || t.time == timers[next].time && timeLess(c.setAt(t), c.setAt(timers[next])) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		if settled && !last {
			last = true
			for i, t := range timers {
				if left[i] > 1 {
					t.time += uint32(left[i]-1) * c.period(t.id)
					left[i] = 1
				}
			}
			continue
		}
		t, was := timers[next], timers[next].block
		c.dueTime = t.time
		c.free(KindSysTimeout, t.block, c.sz.sysTimeout, c.self)
		if t.block = c.malloc(KindSysTimeout, c.sz.sysTimeout, c.self); t.block == 0 {
			c.sys.assertFailed("sys_timeout: timeout != NULL, pool MEMP_SYS_TIMEOUT is empty")
			return
		}
		if t.block != was {
			stayed = 0
		}
		stayed |= 1 << next
		t.time += c.period(t.id)
		left[next]--
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
