package lwipmodel

// closeTimeout is LWIP_TCP_CLOSE_TIMEOUT_MS_DEFAULT, ms.
const closeTimeout = 20000

// closeInternal closes or shuts down the connection of the current message. It
// is called again from the poll and sent callbacks while a lingering close
// waits. (lwip: src/api/api_msg.c, lwip_netconn_do_close_internal)
func (c *core) closeInternal(n *netconn) Err {
	m := n.current
	pcb := n.tcp
	if pcb.freed {
		// lwIP now reads freed memory. Where a non-blocking close lingered before, the
		// call failed once more in the original that was observed; else it closes the
		// PCB, which is CLOSED, and so frees it for the second time.
		if !c.opt.SOLinger || n.linger <= 0 {
			c.dangling(n)
		}
		m.err = ErrWouldBlock
		n.current = nil
		n.state = ncNone
		m.ack()
		return ErrOK
	}
	rx, tx := m.shut&shutRD != 0, m.shut&shutWR != 0
	// A shutdown of the second direction is a close.
	all := m.shut == shutRDWR ||
		rx && (pcb.state == FinWait1 || pcb.state == FinWait2 || pcb.state == Closing) ||
		tx && pcb.has(tfRxClosed)

	if all {
		pcb.arg = nil
	}
	if pcb.state == Listen {
		pcb.cbAccept = false
	} else {
		if rx {
			pcb.cbRecv = false
		}
		if tx {
			pcb.cbSent = false
		}
		if all {
			pcb.cbPoll, pcb.pollInterval, pcb.cbErr = false, 0, false
		}
	}

	var err Err
	wait := false
	switch {
	case !all:
		err = c.tcpShutdown(pcb, rx, tx)
	case c.opt.SOLinger && n.linger >= 0 && (pcb.unsent != nil || pcb.unacked != nil):
		switch {
		case n.linger == 0:
			c.tcpAbort(pcb)
		case n.nonBlocking():
			err = ErrWouldBlock
		case int32(c.now()-m.started) >= int32(n.linger)*1000:
			c.tcpAbort(pcb)
		default:
			wait = true
			err = c.tcpClose(pcb, !c.chg.lingerWakes)
		}
	default:
		err = c.tcpClose(pcb, true)
	}

	finished := true
	switch {
	case err == ErrOK && wait:
		finished = false
		err = ErrInProgress
	case err == ErrMem:
		timeout := int32(closeTimeout)
		if n.sendTimeout > 0 {
			timeout = int32(n.sendTimeout)
		}
		if c.opt.SOLinger && n.linger >= 0 {
			timeout = int32(n.linger) * 1000
		}
		finished = int32(c.now()-m.started) >= timeout
		if finished && all {
			c.tcpAbort(pcb)
			err = ErrOK
		}
	}

	if finished {
		m.err = err
		n.current = nil
		n.state = ncNone
		if err == ErrOK {
			if all {
				n.tcp = nil
				c.event(n, evtError)
			}
			if rx {
				c.event(n, evtRcvPlus)
			}
			if tx {
				c.event(n, evtSendPlus)
			}
		}
		m.ack()
		return ErrOK
	}
	if tx {
		pcb.cbSent = true
	}
	pcb.cbPoll, pcb.pollInterval = true, 1
	pcb.cbErr = true
	pcb.arg = n
	return err
}

// doDelConn is lwip_netconn_do_delconn: the last thing a netconn asks for.
func (c *core) doDelConn(m *apiMsg) {
	n := m.conn
	m.err = ErrOK
	if n.state == ncWrite || n.state == ncConnect && !n.has(ncInNBConnect) {
		// Another thread is in a call: it fails.
		other := n.current
		other.err = ErrClsd
		n.current = nil
		n.state = ncNone
		m.err = ErrInProgress
		other.ack()
	}
	c.markMboxInvalid(n)
	if n.tcp != nil {
		n.state = ncClose
		m.shut = shutRDWR
		n.current = m
		c.closeInternal(n)
		return
	}
	if n.udp != nil {
		c.udpRemove(n.udp)
		n.udp = nil
	}
	c.event(n, evtRcvPlus)
	c.event(n, evtSendPlus)
	m.ack()
}

// markMboxInvalid wakes the threads that wait for the netconn.
func (c *core) markMboxInvalid(n *netconn) {
	n.flags |= ncMboxInvalid
	box := n.recvmbox
	if box == nil {
		box = n.acceptmbox
	}
	for range n.mboxThreadsWaiting {
		box.tryPost(mboxMsg{deleted: true})
	}
}

// doClose is lwip_netconn_do_close: shutdown of one or both directions.
func (c *core) doClose(m *apiMsg) {
	n := m.conn
	state := n.state
	if n.tcp == nil || m.shut != shutRDWR && state == ncListen {
		m.err = ErrConn
		m.ack()
		return
	}
	m.err = ErrOK
	if state != ncNone && c.dangling(n) {
		m.ack()
		return
	}
	switch state {
	case ncConnect:
		m.err = ErrConn
	case ncWrite:
		if m.shut&shutWR != 0 {
			other := n.current
			other.err = ErrClsd
			n.current = nil
			n.state = ncNone
			state = ncNone
			other.ack()
		} else {
			m.err = c.tcpShutdown(n.tcp, true, false)
		}
	}
	if state == ncNone {
		if m.shut&shutRD != 0 {
			c.markMboxInvalid(n)
		}
		n.state = ncClose
		n.current = m
		c.closeInternal(n)
		return
	}
	m.ack()
}
