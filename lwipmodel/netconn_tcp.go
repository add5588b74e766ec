package lwipmodel

// Callbacks of the TCP layer into a netconn; they run in the tcpip task.
// (lwip: src/api/api_msg.c)

// netconnPollInterval is NETCONN_TCP_POLL_INTERVAL, in ticks of the slow timer.
const netconnPollInterval = 2

// setupTCP registers the callbacks.
func setupTCP(n *netconn) {
	pcb := n.tcp
	pcb.arg = n
	pcb.cbRecv, pcb.cbSent, pcb.cbErr = true, true, true
	pcb.cbPoll, pcb.pollInterval = true, netconnPollInterval
}

// recvTCP passes received data (nil: the end of the stream) to the mailbox.
// ErrMem: it is full.
func (c *core) recvTCP(n *netconn, pcb *tcpPCB, p *pbuf) Err {
	if n == nil {
		return ErrVal
	}
	if !n.mboxValid(n.recvmbox) {
		if p != nil {
			c.tcpRecved(pcb, p.totLen)
			c.pbufFree(p)
		}
		return ErrOK
	}
	msg := mboxMsg{p: p}
	size := 0
	if p == nil {
		msg = mboxMsg{isErr: true, err: ErrClsd}
	} else {
		size = int(p.totLen)
		c.ownPbufs(p, pcb.holder)
	}
	if n.recvmbox.tryPost(msg) != ErrOK {
		return ErrMem
	}
	n.recvAvail += size
	c.event(n, evtRcvPlus)
	return ErrOK
}

// sndWritable is the condition under which select reports a socket writable.
func (c *core) sndWritable(pcb *tcpPCB) bool {
	return int(min16(pcb.sndBuf)) > c.opt.sndLowat() && int(pcb.sndQueueLen) < c.opt.sndQueueLowat()
}

// pollTCP runs every other slow tick: it goes on with what a call waits for.
func (c *core) pollTCP(n *netconn) Err {
	switch n.state {
	case ncWrite:
		c.writeMore(n)
	case ncClose:
		c.closeInternal(n)
	}
	if n.has(ncCheckWriteable) && n.tcp != nil && c.sndWritable(n.tcp) {
		n.flags &^= ncCheckWriteable
		c.event(n, evtSendPlus)
	}
	return ErrOK
}

// sentTCP is called when data was acknowledged.
func (c *core) sentTCP(n *netconn) {
	if n == nil {
		return
	}
	switch n.state {
	case ncWrite:
		c.writeMore(n)
	case ncClose:
		c.closeInternal(n)
	}
	if n.tcp != nil && c.sndWritable(n.tcp) {
		n.flags &^= ncCheckWriteable
		c.event(n, evtSendPlus)
	}
}

// errTCP is called when the connection is gone: the PCB no longer exists.
func (c *core) errTCP(n *netconn, err Err) {
	n.tcp = nil
	n.pendingErr = err
	n.flags |= ncMboxClosed
	old := n.state
	n.state = ncNone
	c.event(n, evtError)
	c.event(n, evtRcvPlus)
	c.event(n, evtSendPlus)
	msg := mboxMsg{isErr: true, err: err}
	if n.mboxValid(n.recvmbox) {
		n.recvmbox.tryPost(msg)
	}
	if n.mboxValid(n.acceptmbox) {
		n.acceptmbox.tryPost(msg)
	}
	if old == ncWrite || old == ncClose || old == ncConnect {
		nonBlocking := n.has(ncInNBConnect)
		n.flags &^= ncInNBConnect
		if !nonBlocking {
			m := n.current
			m.err = err
			if old == ncClose {
				m.err = ErrOK
			}
			n.current = nil
			m.ack()
		}
	}
}

// acceptTCP makes a netconn for a new connection and puts it into the
// listener's mailbox. pcb is nil if a SYN found no memory.
func (c *core) acceptTCP(n *netconn, pcb *tcpPCB) Err {
	if n == nil || !n.mboxValid(n.acceptmbox) {
		return ErrVal
	}
	aborted := mboxMsg{isErr: true, err: ErrAbrt}
	if pcb == nil {
		if n.acceptmbox.tryPost(aborted) == ErrOK {
			c.event(n, evtRcvPlus)
		}
		return ErrVal
	}
	nc := c.netconnAlloc(n.typ, pcb.holder)
	if nc == nil {
		if n.acceptmbox.tryPost(aborted) == ErrOK {
			c.event(n, evtRcvPlus)
		}
		return ErrMem
	}
	nc.tcp = pcb
	setupTCP(nc)
	c.backlogDelayed(pcb)
	if n.acceptmbox.tryPost(mboxMsg{conn: nc}) != ErrOK {
		pcb.arg = nil
		pcb.cbRecv, pcb.cbSent, pcb.cbPoll, pcb.cbErr = false, false, false, false
		pcb.pollInterval = 0
		nc.tcp = nil
		nc.flags |= ncMboxInvalid
		c.freeMbox(nc.recvmbox)
		nc.recvmbox = nil
		c.netconnFree(nil, nc)
		return ErrMem
	}
	c.event(n, evtRcvPlus)
	return ErrOK
}

// connectedTCP ends a connect.
func (c *core) connectedTCP(n *netconn) Err {
	if n == nil {
		return ErrVal
	}
	m := n.current
	if m != nil {
		m.err = ErrOK
	}
	setupTCP(n)
	blocking := !n.has(ncInNBConnect)
	n.flags &^= ncInNBConnect
	n.current = nil
	n.state = ncNone
	c.event(n, evtSendPlus)
	if blocking && m != nil {
		m.ack()
	}
	return ErrOK
}

// writeMore goes on with a write: as much as fits is queued. A blocking write
// waits for the rest.
// (lwip: src/api/api_msg.c, lwip_netconn_do_writemore)
func (c *core) writeMore(n *netconn) {
	m := n.current
	pcb := n.tcp
	dontBlock := n.nonBlocking() || m.dontWait
	finished := false
	var err Err
	if n.sendTimeout != 0 && int32(c.now()-m.started) >= int32(n.sendTimeout) {
		finished = true
		if m.offset == 0 {
			err = ErrWouldBlock
		}
	} else {
		full := false
		for {
			data := m.vec[0][m.vecOff:]
			more := m.more
			size := len(data)
			if size > 0xffff {
				size = 0xffff
				more = true
			}
			if avail := int(min16(pcb.sndBuf)); avail < size {
				size = avail
				if dontBlock {
					if size == 0 {
						if m.offset == 0 {
							err = ErrWouldBlock
						}
						full = true
						break
					}
				} else {
					more = true
				}
			}
			again := size == 0xffff && len(data) > 0xffff || size == len(data) && len(m.vec) > 1
			err = c.tcpWrite(pcb, data[:size], more || again)
			if err == ErrOK {
				m.offset += size
				m.vecOff += size
				if m.vecOff == len(m.vec[0]) && len(m.vec) > 1 {
					m.vec = m.vec[1:]
					m.vecOff = 0
				}
			}
			if !again || err != ErrOK {
				break
			}
		}
		if full || err == ErrOK || err == ErrMem {
			if dontBlock && m.offset < m.total {
				c.event(n, evtSendMinus)
				n.flags |= ncCheckWriteable
			} else if !c.sndWritable(pcb) {
				c.event(n, evtSendMinus)
			}
		}
		switch err {
		case ErrOK:
			finished = m.offset == m.total || dontBlock
			if c.tcpOutput(pcb) == ErrRte {
				err, finished = ErrRte, true
			}
		case ErrMem:
			// Send what is queued, so that memory becomes free.
			if c.tcpOutput(pcb) == ErrRte {
				err, finished = ErrRte, true
			} else if dontBlock {
				err, finished = ErrOK, true
				if m.offset == 0 {
					err = ErrWouldBlock
				}
			}
		default:
			finished = true
		}
	}
	if finished {
		m.err = err
		n.current = nil
		n.state = ncNone
		m.ack()
	}
}
