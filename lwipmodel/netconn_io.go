package lwipmodel

// What moves data and connections between a thread and the tcpip task.
// (lwip: src/api/api_lib.c)

// netconnAccept is netconn_accept.
func (c *core) netconnAccept(th *thread, n *netconn) (*netconn, Err) {
	if err := n.takeErr(); err != ErrOK {
		return nil, err
	}
	if n.acceptmbox == nil || n.has(ncMboxClosed|ncMboxInvalid) {
		return nil, ErrClsd
	}
	n.mboxThreadsWaiting++
	var msg mboxMsg
	var ok bool
	if n.nonBlocking() {
		if msg, ok = n.acceptmbox.tryFetch(); !ok {
			n.mboxThreadsWaiting--
			return nil, ErrWouldBlock
		}
	} else if msg, ok = c.fetch(th, n.acceptmbox, n.recvTimeout); !ok {
		n.mboxThreadsWaiting--
		return nil, ErrTimeout
	}
	n.mboxThreadsWaiting--
	if n.has(ncMboxInvalid) && msg.deleted {
		return nil, ErrConn
	}
	c.event(n, evtRcvMinus)
	if msg.isErr {
		return nil, msg.err
	}
	if msg.conn == nil {
		return nil, ErrClsd
	}
	th.msg.conn = msg.conn
	c.apimsg(th, func(c *core, m *apiMsg) {
		m.err = ErrOK
		if m.conn.tcp != nil {
			c.backlogAccepted(m.conn.tcp)
		}
		m.ack()
	})
	return msg.conn, ErrOK
}

// netconnRecvData is netconn_recv_data: the next message of the mailbox. An
// empty message is the end of the stream.
func (c *core) netconnRecvData(th *thread, n *netconn, dontBlock bool) (mboxMsg, Err) {
	if n.recvmbox == nil || n.has(ncMboxInvalid) {
		if err := n.takeErr(); err != ErrOK {
			return mboxMsg{}, err
		}
		return mboxMsg{}, ErrConn
	}
	n.mboxThreadsWaiting++
	var msg mboxMsg
	var ok bool
	if n.nonBlocking() || dontBlock || n.has(ncMboxClosed) || n.pendingErr != ErrOK {
		if msg, ok = n.recvmbox.tryFetch(); !ok {
			n.mboxThreadsWaiting--
			if err := n.takeErr(); err != ErrOK {
				return mboxMsg{}, err
			}
			if n.has(ncMboxClosed) {
				return mboxMsg{}, ErrConn
			}
			return mboxMsg{}, ErrWouldBlock
		}
	} else if msg, ok = c.fetch(th, n.recvmbox, n.recvTimeout); !ok {
		n.mboxThreadsWaiting--
		return mboxMsg{}, ErrTimeout
	}
	n.mboxThreadsWaiting--
	if n.has(ncMboxInvalid) && msg.deleted {
		return mboxMsg{}, ErrConn
	}
	if msg.isErr {
		if msg.err == ErrClsd {
			return mboxMsg{}, ErrOK // end of stream
		}
		return mboxMsg{}, msg.err
	}
	if msg.p != nil {
		n.recvAvail -= int(msg.p.totLen)
	} else if msg.nb != nil {
		n.recvAvail -= int(msg.nb.p.totLen)
	}
	c.event(n, evtRcvMinus)
	return msg, ErrOK
}

// netconnRecvTCP is netconn_recv_data_tcp without the automatic window update.
// noFin: a FIN is remembered for the next call instead of being reported.
func (c *core) netconnRecvTCP(th *thread, n *netconn, dontBlock, noFin bool) (*pbuf, Err) {
	if n.recvmbox == nil || n.has(ncMboxInvalid) {
		return nil, ErrConn
	}
	if n.has(ncFinRxPending) {
		n.flags &^= ncFinRxPending
	} else {
		msg, err := c.netconnRecvData(th, n, dontBlock)
		if err != ErrOK || msg.p != nil {
			return msg.p, err
		}
		if noFin {
			n.flags |= ncFinRxPending
			return nil, ErrWouldBlock
		}
	}
	c.event(n, evtRcvMinus)
	if n.tcp == nil && n.udp == nil {
		// Reset or given up after the FIN.
		if err := n.takeErr(); err != ErrOK {
			return nil, err
		}
		return nil, ErrRst
	}
	c.netconnShutdown(th, n, shutRD)
	return nil, ErrClsd
}

// netconnRecved is netconn_tcp_recvd: n bytes were taken by the application.
func (c *core) netconnRecved(th *thread, n *netconn, size int) {
	th.msg.conn, th.msg.size = n, size
	c.apimsg(th, func(c *core, m *apiMsg) {
		m.err = ErrOK
		if m.conn.tcp != nil && !c.dangling(m.conn) {
			for rem := m.size; ; {
				k := min(rem, 0xffff)
				c.tcpRecved(m.conn.tcp, uint16(k))
				if rem -= k; rem == 0 {
					break
				}
			}
		}
		m.ack()
	})
}

// netconnWrite is netconn_write_vectors_partly: it returns how many bytes were
// taken.
func (c *core) netconnWrite(th *thread, n *netconn, vec [][]byte, dontWait, more bool) (int, Err) {
	total := 0
	for _, v := range vec {
		total += len(v)
	}
	if total == 0 {
		return 0, ErrOK
	}
	m := &th.msg
	m.conn, m.vec, m.vecOff, m.total, m.offset, m.dontWait, m.more = n, vec, 0, total, 0, dontWait, more
	m.started = 0
	if n.sendTimeout != 0 {
		m.started = c.now()
	}
	err := c.apimsg(th, (*core).doWrite)
	m.vec = nil
	if err != ErrOK {
		return 0, err
	}
	return m.offset, ErrOK
}

func (c *core) doWrite(m *apiMsg) {
	n := m.conn
	err := n.takeErr()
	if err == ErrOK {
		switch {
		case n.typ != netconnTCP:
			err = ErrVal
		case n.state != ncNone:
			err = ErrInProgress
		case c.dangling(n):
			err = ErrVal
		case n.tcp != nil:
			n.state = ncWrite
			n.current = m
			c.writeMore(n)
			return
		default:
			err = ErrConn
		}
	}
	m.err = err
	m.ack()
}

// netconnShutdown is netconn_shutdown.
func (c *core) netconnShutdown(th *thread, n *netconn, how uint8) Err {
	th.msg.conn, th.msg.shut, th.msg.started = n, how, c.now()
	return c.apimsg(th, (*core).doClose)
}

// netconnGetAddr is netconn_getaddr.
func (c *core) netconnGetAddr(th *thread, n *netconn, local bool) (ip4, uint16, Err) {
	m := &th.msg
	m.conn, m.local, m.port = n, local, 0
	err := c.apimsg(th, (*core).doGetAddr)
	return m.ip, m.port, err
}

func (c *core) doGetAddr(m *apiMsg) {
	m.err = ErrOK
	switch n := m.conn; {
	case c.dangling(n):
		m.err = ErrConn
	case n.tcp != nil && m.local:
		m.ip, m.port = n.tcp.localIP, n.tcp.localPort
	case n.tcp != nil:
		m.ip, m.port = n.tcp.remoteIP, n.tcp.remotePort
		if n.tcp.state == Closed || n.tcp.state == Listen {
			m.err = ErrConn
		}
	case n.udp != nil && m.local:
		m.ip, m.port = n.udp.localIP, n.udp.localPort
	case n.udp != nil:
		m.ip, m.port = n.udp.remoteIP, n.udp.remotePort
		if !n.udp.connected {
			m.err = ErrConn
		}
	default:
		m.err = ErrConn
	}
	m.ack()
}
