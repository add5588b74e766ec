package lwipmodel

// tcpClose is tcp_close_ext: the application is done with the connection. With
// rstOnUnread, data that it did not take is answered with a reset.
// (lwip: src/core/tcp.c)
func (c *core) tcpClose(pcb *tcpPCB, rstOnUnread bool) Err {
	if pcb.state != Listen {
		pcb.set(tfRxClosed)
	}
	return c.closeShutdown(pcb, rstOnUnread)
}

// closeShutdown is tcp_close_shutdown: a state that can be left at once frees
// the PCB, the others send a FIN.
func (c *core) closeShutdown(pcb *tcpPCB, rstOnUnread bool) Err {
	if rstOnUnread && (pcb.state == Established || pcb.state == CloseWait) {
		if pcb.refusedData != nil || pcb.rcvWnd != c.wndMax(pcb) {
			c.tcpRst(pcb.sndNxt, pcb.rcvNxt, pcb.localIP, pcb.remoteIP, pcb.localPort, pcb.remotePort, pcb)
			c.pcbPurge(pcb)
			c.rmvActive(pcb)
			if c.inputPCB == pcb {
				c.in.recvFlags |= tfClosed // tcp_input frees it when it is done with it
			} else {
				c.tcpFree(pcb)
			}
			return ErrOK
		}
	}
	switch pcb.state {
	case Closed:
		if pcb.localPort != 0 {
			rmv(&c.boundPCBs, pcb)
		}
		c.tcpFree(pcb)
	case Listen:
		c.listenClosed(pcb)
		c.pcbRemove(&c.listenPCBs, pcb)
		pcb.freed = true
		c.free(KindTCPPCBListen, pcb.block, c.sz.tcpPCBListen, pcb.holder)
	case SynSent:
		c.pcbRemoveActive(pcb)
		c.tcpFree(pcb)
	default:
		return c.closeShutdownFin(pcb)
	}
	return ErrOK
}

// closeShutdownFin is tcp_close_shutdown_fin. Without memory for the FIN the
// connection is marked, the fast timer tries again, and the caller is told that
// all is well.
func (c *core) closeShutdownFin(pcb *tcpPCB) Err {
	var next State
	switch pcb.state {
	case SynRcvd, Established:
		next = FinWait1
	case CloseWait:
		next = LastAck
	default:
		return ErrOK // closed before
	}
	err := c.sendFin(pcb)
	switch err {
	case ErrOK:
		if pcb.state == SynRcvd {
			c.backlogAccepted(pcb)
		}
		pcb.state = next
		c.tcpOutput(pcb)
	case ErrMem:
		pcb.set(tfClosePend)
		return ErrOK
	}
	return err
}

// listenClosed is tcp_listen_closed: connections forget a listener that goes.
func (c *core) listenClosed(l *tcpPCB) {
	for _, list := range [...]*tcpPCB{c.boundPCBs, c.activePCBs, c.twPCBs} {
		for p := list; p != nil; p = p.next {
			if p.listener == l {
				p.listener = nil
			}
		}
	}
}

// tcpShutdown is tcp_shutdown.
func (c *core) tcpShutdown(pcb *tcpPCB, rx, tx bool) Err {
	if pcb.state == Listen {
		return ErrConn
	}
	if rx {
		pcb.set(tfRxClosed)
		if tx {
			return c.closeShutdown(pcb, true)
		}
		if pcb.refusedData != nil {
			c.pbufFree(pcb.refusedData)
			pcb.refusedData = nil
		}
	}
	if tx {
		switch pcb.state {
		case SynRcvd, Established, CloseWait:
			return c.closeShutdown(pcb, rx)
		}
		return ErrConn
	}
	return ErrOK
}

// tcpAbort ends a connection with a reset.
func (c *core) tcpAbort(pcb *tcpPCB) { c.tcpAbandon(pcb, true) }

// tcpAbandon ends a connection, with a reset if asked for.
// (lwip: src/core/tcp.c, tcp_abandon)
func (c *core) tcpAbandon(pcb *tcpPCB, reset bool) {
	if pcb.state == TimeWait {
		c.pcbRemove(&c.twPCBs, pcb)
		c.tcpFree(pcb)
		return
	}
	sendRst := false
	localPort := uint16(0)
	seqno, ackno := pcb.sndNxt, pcb.rcvNxt
	registered, arg := pcb.cbErr, pcb.arg
	if pcb.state == Closed {
		if pcb.localPort != 0 {
			rmv(&c.boundPCBs, pcb)
		}
	} else {
		sendRst = reset
		localPort = pcb.localPort
		c.pcbRemoveActive(pcb)
	}
	c.segsFree(pcb.unacked)
	c.segsFree(pcb.unsent)
	c.segsFree(pcb.ooseq)
	pcb.unacked, pcb.unsent, pcb.ooseq = nil, nil, nil
	c.backlogAccepted(pcb)
	if sendRst {
		c.tcpRst(seqno, ackno, pcb.localIP, pcb.remoteIP, localPort, pcb.remotePort, pcb)
	}
	c.tcpFree(pcb)
	c.eventErr(registered, arg, ErrAbrt)
}

// eventErr is TCP_EVENT_ERR: the connection is gone, its owner is told.
func (c *core) eventErr(registered bool, arg *netconn, err Err) {
	c.watch.pcbError(err, registered)
	if registered {
		c.errTCP(arg, err)
	}
}

// netifAddrChanged is tcp_netif_ip_addr_changed: connections and bound sockets
// on the old address are aborted; listeners follow to the new one.
func (c *core) netifAddrChanged(old, now ip4) {
	if old == 0 {
		return
	}
	for _, list := range [...]*tcpPCB{c.activePCBs, c.boundPCBs} {
		for pcb := list; pcb != nil; {
			next := pcb.next
			if pcb.localIP == old {
				c.tcpAbort(pcb)
			}
			pcb = next
		}
	}
	if now != 0 {
		for l := c.listenPCBs; l != nil; l = l.next {
			if l.localIP == old {
				l.localIP = now
			}
		}
	}
}
