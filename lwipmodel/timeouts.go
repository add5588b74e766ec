package lwipmodel

// A sysTimeo is one entry of lwIP's timer list; it holds a SYS_TIMEOUT block
// until it fires. (lwip: src/core/timeouts.c)
type sysTimeo struct {
	next    *sysTimeo
	time    uint32 // due, ms
	handler func(*core)
	id      timerID
	block   Block
}

// timerID names a timer, so that it can be cancelled.
type timerID uint8

const (
	timerTCP timerID = iota
	timerARP
	timerDHCPCoarse
	timerND6
	timerGARP
	timerDNS
	timerReass
	timerDHCPFine
	timerSNTP
	timerSNTPNext
)

func timeLess(t, than uint32) bool { return t-than > 0x7fffffff }

// sysTimeout is sys_timeout: handler runs in ms milliseconds.
func (c *core) sysTimeout(ms uint32, id timerID, handler func(*core)) {
	c.sysTimeoutAbs(c.now()+ms, id, handler)
}

func (c *core) sysTimeoutAbs(at uint32, id timerID, handler func(*core)) {
	b := c.malloc(KindSysTimeout, c.sz.sysTimeout, c.self)
	if b == 0 {
		c.sys.assertFailed("sys_timeout: timeout != NULL, pool MEMP_SYS_TIMEOUT is empty")
		return
	}
	t := c.timeoPool
	if t != nil {
		c.timeoPool = t.next
	} else {
		t = new(sysTimeo)
	}
	*t = sysTimeo{time: at, handler: handler, id: id, block: b}
	cur := &c.nextTimeout
	for *cur != nil && !timeLess(at, (*cur).time) {
		cur = &(*cur).next
	}
	t.next = *cur
	*cur = t
}

// sysUntimeout is sys_untimeout.
func (c *core) sysUntimeout(id timerID) {
	for cur := &c.nextTimeout; *cur != nil; cur = &(*cur).next {
		if t := *cur; t.id == id {
			*cur = t.next
			c.free(KindSysTimeout, t.block, c.sz.sysTimeout, c.self)
			t.next = c.timeoPool
			c.timeoPool = t
			return
		}
	}
}

// cyclic re-arms a timer of fixed period from within its handler, counting from
// when it was due rather than from now.
func (c *core) cyclic(period uint32, id timerID, handler func(*core)) {
	at := c.dueTime + period
	if now := c.now(); timeLess(at, now) {
		at = now + period
	}
	c.sysTimeoutAbs(at, id, handler)
}

// checkTimeouts runs every timer that is due.
func (c *core) checkTimeouts() {
	now := c.now()
	for {
		t := c.nextTimeout
		if t == nil || timeLess(now, t.time) {
			return
		}
		c.fire(t)
	}
}

// fire takes the first timer off the list and runs it.
func (c *core) fire(t *sysTimeo) {
	c.nextTimeout = t.next
	c.dueTime = t.time
	handler := t.handler
	c.free(KindSysTimeout, t.block, c.sz.sysTimeout, c.self)
	t.next = c.timeoPool
	c.timeoPool = t
	handler(c)
}

// sleepTime is sys_timeouts_sleeptime: ms until the next timer is due, false if
// there is none.
func (c *core) sleepTime() (uint32, bool) {
	if c.nextTimeout == nil {
		return 0, false
	}
	now := c.now()
	if timeLess(c.nextTimeout.time, now) {
		return 0, true
	}
	return c.nextTimeout.time - now, true
}

// tcpTimerNeeded starts the TCP timer if it is stopped and there are
// connections that need it.
func (c *core) tcpTimerNeeded() {
	if !c.tcpTimerActive && (c.activePCBs != nil || c.twPCBs != nil) {
		c.tcpTimerActive = true
		c.sysTimeout(uint32(c.opt.TCPTmrInterval), timerTCP, (*core).tcpipTCPTimer)
	}
}

// tcpipTCPTimer is tcpip_tcp_timer: it stops when the last connection is gone.
func (c *core) tcpipTCPTimer() {
	c.tcpTmr()
	if c.activePCBs != nil || c.twPCBs != nil {
		c.sysTimeout(uint32(c.opt.TCPTmrInterval), timerTCP, (*core).tcpipTCPTimer)
	} else {
		c.tcpTimerActive = false
	}
}
