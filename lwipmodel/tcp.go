package lwipmodel

// initialMSS is INITIAL_MSS: what is sent before the peer announced its own.
func (c *core) initialMSS() uint16 { return uint16(min(c.opt.TCPMSS, 536)) }

// min16 is TCPWND_MIN16.
func min16(w uint32) uint32 { return min(w, 0xffff) }

// wnd cuts a window to the width of lwIP's tcpwnd_size_t.
func (c *core) wnd(w uint32) uint32 { return w & c.wndMask }

// wndInc is TCP_WND_INC: add without wrapping.
func (c *core) wndInc(w *uint32, inc uint32) {
	if n := (*w + inc) & c.wndMask; n >= *w {
		*w = n
	} else {
		*w = c.wndMask
	}
}

// wndMax is TCP_WND_MAX: the full receive window of a connection.
func (c *core) wndMax(pcb *tcpPCB) uint32 {
	if pcb.has(tfWndScale) {
		return uint32(c.opt.TCPWnd)
	}
	return min16(uint32(c.opt.TCPWnd))
}

// tcpBind gives the PCB a local address and port; port 0 picks a free one.
// (lwip: src/core/tcp.c, tcp_bind)
func (c *core) tcpBind(pcb *tcpPCB, ip ip4, port uint16) Err {
	if pcb.state != Closed {
		return ErrVal
	}
	lists := []*tcpPCB{c.listenPCBs, c.boundPCBs, c.activePCBs, c.twPCBs}
	if c.opt.SOReuse && pcb.option(sofReuseAddr) {
		lists = lists[:3] // TIME_WAIT does not count
	}
	if port == 0 {
		if port = c.tcpNewPort(); port == 0 {
			return ErrBuf
		}
	} else {
		for _, list := range lists {
			for p := list; p != nil; p = p.next {
				if p.localPort != port {
					continue
				}
				if c.opt.SOReuse && pcb.option(sofReuseAddr) && p.option(sofReuseAddr) {
					continue
				}
				if p.localIP == 0 || ip == 0 || p.localIP == ip {
					return ErrUse
				}
			}
		}
	}
	if pcb.localPort != 0 {
		c.sys.undefined("bind of a socket that is bound already: the list of bound PCBs becomes a ring, and the next search of it does not end")
		return ErrUse
	}
	if ip != 0 {
		pcb.localIP = ip
	}
	pcb.localPort = port
	c.reg(&c.boundPCBs, pcb)
	return ErrOK
}

// tcpNewPort is tcp_new_port: the next ephemeral port that no PCB uses, or 0.
func (c *core) tcpNewPort() uint16 {
	const first, last = 0xc000, 0xffff
	used := 0
again:
	c.tcpPort++
	if c.tcpPort == last {
		c.tcpPort = first
	}
	for _, list := range [...]*tcpPCB{c.listenPCBs, c.boundPCBs, c.activePCBs, c.twPCBs} {
		for p := list; p != nil; p = p.next {
			if p.localPort == c.tcpPort {
				if used++; used > last-first {
					return 0
				}
				goto again
			}
		}
	}
	return c.tcpPort
}

// tcpListen turns a bound PCB into a listening one, which is a smaller block;
// the old one is freed. (lwip: src/core/tcp.c, tcp_listen_with_backlog_and_err)
func (c *core) tcpListen(pcb *tcpPCB, backlog uint8) (*tcpPCB, Err) {
	if pcb.state != Closed {
		return nil, ErrClsd
	}
	if c.opt.SOReuse && pcb.option(sofReuseAddr) {
		for l := c.listenPCBs; l != nil; l = l.next {
			if l.localPort == pcb.localPort && l.localIP == pcb.localIP {
				return nil, ErrUse
			}
		}
	}
	b := c.malloc(KindTCPPCBListen, c.sz.tcpPCBListen, pcb.holder)
	if b == 0 {
		return nil, ErrMem
	}
	l := &tcpPCB{
		block: b, holder: pcb.holder, arg: pcb.arg, localIP: pcb.localIP, localPort: pcb.localPort, state: Listen,
		prio: pcb.prio, soOptions: pcb.soOptions, ttl: pcb.ttl, tos: pcb.tos,
	}
	if pcb.localPort != 0 {
		rmv(&c.boundPCBs, pcb)
	}
	c.tcpFree(pcb)
	l.setBacklog(backlog)
	c.reg(&c.listenPCBs, l)
	return l, ErrOK
}

func (pcb *tcpPCB) setBacklog(n uint8) { pcb.backlog = max(n, 1) }

// tcpConnect sends the SYN of an outgoing connection.
// (lwip: src/core/tcp.c, tcp_connect)
func (c *core) tcpConnect(pcb *tcpPCB, ip ip4, port uint16) Err {
	if pcb.state != Closed {
		return ErrIsConn
	}
	pcb.remoteIP, pcb.remotePort = ip, port
	if !c.nif.route(ip) {
		return ErrRte
	}
	if pcb.localIP == 0 {
		pcb.localIP = c.nif.sourceFor(ip)
	}
	oldPort := pcb.localPort
	if oldPort == 0 {
		if pcb.localPort = c.tcpNewPort(); pcb.localPort == 0 {
			return ErrBuf
		}
	} else if c.opt.SOReuse && pcb.option(sofReuseAddr) {
		for _, list := range [...]*tcpPCB{c.activePCBs, c.twPCBs} {
			for p := list; p != nil; p = p.next {
				if p.localPort == pcb.localPort && p.remotePort == port && p.localIP == pcb.localIP && p.remoteIP == ip {
					return ErrUse
				}
			}
		}
	}
	iss := c.nextISS(pcb)
	pcb.rcvNxt = 0
	pcb.sndNxt = iss
	pcb.lastack, pcb.sndWl2, pcb.sndLbb = iss-1, iss-1, iss-1
	pcb.rcvWnd = min16(uint32(c.opt.TCPWnd))
	pcb.rcvAnnWnd = pcb.rcvWnd
	pcb.rcvAnnRightEdge = pcb.rcvNxt
	pcb.sndWnd = uint32(c.opt.TCPWnd)
	pcb.mss = c.nif.effSendMSS(c.initialMSS(), ip)
	pcb.cwnd = 1
	pcb.cbConnected = true
	err := c.enqueueFlags(pcb, flagSYN)
	if err == ErrOK {
		pcb.state = SynSent
		if oldPort != 0 {
			rmv(&c.boundPCBs, pcb)
		}
		c.regActive(pcb)
		c.tcpOutput(pcb)
	}
	return err
}

// nextISS is tcp_next_iss without the ISN hook: it moves on by the tick count.
func (c *core) nextISS(pcb *tcpPCB) uint32 {
	if c.isn != nil {
		return c.isn(pcb.localIP, pcb.localPort, pcb.remoteIP, pcb.remotePort)
	}
	c.iss += c.ticks
	return c.iss
}

// tcpRecved tells the connection that the application took n bytes, so that it
// can announce a larger window. (lwip: src/core/tcp.c, tcp_recved)
func (c *core) tcpRecved(pcb *tcpPCB, n uint16) {
	w := c.wnd(pcb.rcvWnd + uint32(n))
	if w > c.wndMax(pcb) || w < pcb.rcvWnd {
		w = c.wndMax(pcb)
	}
	pcb.rcvWnd = w
	if c.updateRcvAnnWnd(pcb) >= uint32(c.opt.wndUpdateThreshold()) {
		pcb.ackNow()
		c.tcpOutput(pcb)
	}
}

// updateRcvAnnWnd is tcp_update_rcv_ann_wnd: it returns how far the right edge
// of the window would move if it were announced now.
func (c *core) updateRcvAnnWnd(pcb *tcpPCB) uint32 {
	edge := pcb.rcvNxt + pcb.rcvWnd
	if seqGEQ(edge, pcb.rcvAnnRightEdge+min(uint32(c.opt.TCPWnd)/2, uint32(pcb.mss))) {
		pcb.rcvAnnWnd = pcb.rcvWnd
		return edge - pcb.rcvAnnRightEdge
	}
	if seqGT(pcb.rcvNxt, pcb.rcvAnnRightEdge) {
		// The peer sent beyond what was announced, within what is there.
		pcb.rcvAnnWnd = 0
	} else {
		pcb.rcvAnnWnd = c.wnd(pcb.rcvAnnRightEdge - pcb.rcvNxt)
	}
	return 0
}
