package lwipmodel

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
