package lwipmodel

import "slices"

// A tcpipMsg is a message to the tcpip task.
type tcpipMsg struct {
	kind  uint8
	fn    func(*core, *apiMsg) // msgAPI
	api   *apiMsg
	call  func(*core, any) // msgCallback
	arg   any
	p     *pbuf // msgInpkt
	input func(*core, *pbuf)
	block Block
}

const (
	msgAPI      uint8 = iota // a call of the netconn layer; the message is on the caller's stack
	msgInpkt                 // a received packet
	msgCallback              // tcpip_callback
)

// tcpipQueue is the mailbox of the tcpip task.
type tcpipQueue struct {
	ring    []tcpipMsg
	head, n int
	full    []*thread // waiting for room
}

func (c *core) tryPostTCPIP(m tcpipMsg) Err {
	q := &c.queue
	if q.n == len(q.ring) {
		return ErrMem
	}
	q.ring[(q.head+q.n)%len(q.ring)] = m
	q.n++
	c.sys.wakeTCPIP()
	return ErrOK
}

// postTCPIP is sys_mbox_post: it waits for room.
func (c *core) postTCPIP(th *thread, m tcpipMsg) {
	if c.queue.n < len(c.queue.ring) {
		c.tryPostTCPIP(m)
		return
	}
	c.queue.full = append(c.queue.full, th)
	for c.queue.n == len(c.queue.ring) {
		th.block(0)
	}
	c.queue.full = without(c.queue.full, th)
	c.tryPostTCPIP(m)
}

// without removes the first mention of a thread from a list of waiting ones.
func without(list []*thread, th *thread) []*thread {
	if i := slices.Index(list, th); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// wakeFirst lets the first of the threads go on that has not been woken yet.
func wakeFirst(list []*thread) {
	for _, th := range list {
		if th.waiting {
			th.wake()
			return
		}
	}
}

// handleOne is one turn of the tcpip task: it takes a message and does what it
// asks for. It reports whether there was one.
// (lwip: src/api/tcpip.c, tcpip_thread_handle_msg)
func (c *core) handleOne() bool {
	q := &c.queue
	if q.n == 0 {
		return false
	}
	m := q.ring[q.head]
	q.ring[q.head] = tcpipMsg{}
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	wakeFirst(q.full)
	switch m.kind {
	case msgAPI:
		m.fn(c, m.api)
	case msgInpkt:
		m.input(c, m.p)
		c.free(KindMsgInpkt, m.block, c.sz.msg, c.nif.holder)
	case msgCallback:
		m.call(c, m.arg)
		c.free(KindMsgAPI, m.block, c.sz.msg, c.self)
	}
	if c.ladder != nil {
		c.ladder.sample(c)
	}
	return true
}

// inpkt is tcpip_inpkt: it sends a received packet to the tcpip task. On an
// error the caller still owns p.
func (c *core) inpkt(p *pbuf, input func(*core, *pbuf)) Err {
	b := c.malloc(KindMsgInpkt, c.sz.msg, c.nif.holder)
	if b == 0 {
		return ErrMem
	}
	if c.tryPostTCPIP(tcpipMsg{kind: msgInpkt, p: p, input: input, block: b}) != ErrOK {
		c.free(KindMsgInpkt, b, c.sz.msg, c.nif.holder)
		return ErrMem
	}
	return ErrOK
}

// callback is tcpip_callback: fn will run in the tcpip task. th may have to wait
// for room in the mailbox.
func (c *core) callback(th *thread, fn func(*core, any), arg any) Err {
	b := c.malloc(KindMsgAPI, c.sz.msg, c.self)
	if b == 0 {
		return ErrMem
	}
	c.postTCPIP(th, tcpipMsg{kind: msgCallback, call: fn, arg: arg, block: b})
	return ErrOK
}

// apimsg is netconn_apimsg: the tcpip task runs fn on the thread's message, and
// the thread waits until it is acknowledged. With core locking the caller runs
// fn itself.
func (c *core) apimsg(th *thread, fn func(*core, *apiMsg)) Err {
	m := &th.msg
	m.th = th
	m.done = false
	if c.opt.CoreLocking {
		c.lockCore(th)
		fn(c, m)
		c.unlockCore()
		for !m.done {
			c.semWait(th, 0)
		}
		th.signalled = false
		return m.err
	}
	c.postTCPIP(th, tcpipMsg{kind: msgAPI, fn: fn, api: m})
	c.semWait(th, 0)
	return m.err
}

// ack is TCPIP_APIMSG_ACK.
func (m *apiMsg) ack() {
	m.done = true
	m.th.semSignal()
}

// lockCore is LOCK_TCPIP_CORE, for the option TCPIP_CORE_LOCKING: whoever runs
// lwIP's code, the tcpip task or another, holds the lock.
func (c *core) lockCore(th *thread) {
	if c.locked {
		c.lockWaiting = append(c.lockWaiting, th)
		for c.locked {
			th.block(0)
		}
		c.lockWaiting = without(c.lockWaiting, th)
	}
	c.locked = true
	c.catchUp()
	c.lockDue, c.lockTimers = 0, c.nextTimeout != nil
	if c.lockTimers {
		c.lockDue = c.nextTimeout.time
	}
}

// unlockCore is UNLOCK_TCPIP_CORE.
func (c *core) unlockCore() {
	c.locked = false
	if c.lockTimers {
		// The tcpip task notices what changed, a new timer for example, when the
		// timer fires that it waits for.
		c.sys.lookAt(c.lockDue)
	}
	wakeFirst(c.lockWaiting)
}
