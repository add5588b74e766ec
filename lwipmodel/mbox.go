package lwipmodel

// A mboxMsg is what a mailbox of a netconn carries: received data, a datagram, a
// new connection, an error in its place, or the news that the netconn goes.
type mboxMsg struct {
	p       *pbuf
	conn    *netconn
	nb      *netbuf
	err     Err // ErrAbrt, ErrRst, ErrClsd: a message of its own
	isErr   bool
	deleted bool
}

// A mbox is a mailbox of the FreeRTOS port: a header block and a queue block.
// (idf: components/lwip/port/freertos/sys_arch.c)
type mbox struct {
	ctl, queue Block
	holder     *Holder
	queueSize  uint32
	ring       []mboxMsg
	head, n    int
	waiting    []*thread
}

// newMbox is sys_mbox_new; nil without memory.
func (c *core) newMbox(slots int, h *Holder) *mbox {
	m := &mbox{holder: h, queueSize: c.sz.mboxQueue + c.sz.queueSlot*uint32(slots)}
	if c.sz.mboxCtl != 0 {
		if m.ctl = c.malloc(KindMbox, c.sz.mboxCtl, h); m.ctl == 0 {
			return nil
		}
	}
	if m.queue = c.malloc(KindMboxQueue, m.queueSize, h); m.queue == 0 {
		if m.ctl != 0 {
			c.free(KindMbox, m.ctl, c.sz.mboxCtl, h)
		}
		return nil
	}
	m.ring = make([]mboxMsg, slots)
	return m
}

// freeMbox is sys_mbox_free.
func (c *core) freeMbox(m *mbox) {
	c.free(KindMboxQueue, m.queue, m.queueSize, m.holder)
	if m.ctl != 0 {
		c.free(KindMbox, m.ctl, c.sz.mboxCtl, m.holder)
	}
	m.ring = nil
}

func (c *core) ownMbox(m *mbox, to *Holder) {
	if m == nil {
		return
	}
	c.own(KindMbox, m.ctl, c.sz.mboxCtl, m.holder, to)
	c.own(KindMboxQueue, m.queue, m.queueSize, m.holder, to)
	m.holder = to
}

// tryPost is sys_mbox_trypost: ErrMem if the mailbox is full.
func (m *mbox) tryPost(msg mboxMsg) Err {
	if m.n == len(m.ring) {
		return ErrMem
	}
	m.ring[(m.head+m.n)%len(m.ring)] = msg
	m.n++
	wakeFirst(m.waiting)
	return ErrOK
}

// tryFetch takes the oldest message, if there is one.
func (m *mbox) tryFetch() (mboxMsg, bool) {
	if m.n == 0 {
		return mboxMsg{}, false
	}
	msg := m.ring[m.head]
	m.ring[m.head] = mboxMsg{}
	m.head = (m.head + 1) % len(m.ring)
	m.n--
	return msg, true
}

// fetch is sys_arch_mbox_fetch: it blocks until there is a message, or for ms
// milliseconds (0: for ever).
func (c *core) fetch(th *thread, m *mbox, ms uint32) (mboxMsg, bool) {
	if msg, ok := m.tryFetch(); ok {
		return msg, true
	}
	ticks := uint32(0)
	if ms != 0 {
		if ticks = ms / c.tickMS; ticks == 0 {
			return mboxMsg{}, false
		}
	}
	m.waiting = append(m.waiting, th)
	start := c.now()
	for m.n == 0 {
		left := ticks
		if ticks != 0 {
			gone := (c.now() - start) / c.tickMS
			if gone >= ticks {
				break
			}
			left = ticks - gone
		}
		th.block(left)
	}
	m.waiting = without(m.waiting, th)
	return m.tryFetch()
}
