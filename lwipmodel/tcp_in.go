package lwipmodel

import "encoding/binary"

// What the segment being processed leads to (TF_RESET, TF_CLOSED, TF_GOT_FIN).
const (
	tfReset  uint8 = 0x08
	tfClosed uint8 = 0x10
	tfGotFin uint8 = 0x20
)

// tcpIn is the state of tcp_input: lwIP keeps it in static variables while it
// processes one segment.
type tcpIn struct {
	seg              segment // inseg; its pbuf is nil once somebody took it
	src, dst         ip4
	srcPort, dstPort uint16
	seqno, ackno     uint32
	wnd              uint16
	flags            uint8
	opts             []byte
	tcplen           uint32 // with SYN and FIN
	recvAcked        uint32
	recvFlags        uint8
	recvData         *pbuf
}

// tcpInput processes a segment. p holds TCP header and payload in its first
// buffer; the call takes it over. (lwip: src/core/tcp_in.c, tcp_input)
func (c *core) tcpInput(p *pbuf, src, dst ip4) {
	b := p.data
	if len(b) < 20 || c.tcpChecksum(p, src, dst) != 0 {
		c.pbufFree(p)
		return
	}
	hdrLen := int(b[12]>>4) * 4
	if hdrLen < 20 || hdrLen > len(b) {
		c.pbufFree(p)
		return
	}
	in := &c.in
	*in = tcpIn{
		src: src, dst: dst, srcPort: binary.BigEndian.Uint16(b), dstPort: binary.BigEndian.Uint16(b[2:]),
		seqno: binary.BigEndian.Uint32(b[4:]), ackno: binary.BigEndian.Uint32(b[8:]),
		flags: b[13] & 0x3f, wnd: binary.BigEndian.Uint16(b[14:]), opts: b[20:hdrLen],
	}
	pbufDropFront(p, uint16(hdrLen))
	in.tcplen = uint32(p.totLen)
	if in.flags&(flagFIN|flagSYN) != 0 {
		in.tcplen++
		if in.tcplen > 0xffff {
			c.pbufFree(p)
			return
		}
	}

	if c.ladder != nil {
		c.ladder.received(c)
	}

	// Demultiplex: active connections first; the one found moves to the front.
	var prev, pcb *tcpPCB
	for pcb = c.activePCBs; pcb != nil; prev, pcb = pcb, pcb.next {
		if in.matches(pcb) {
			if prev != nil {
				prev.next = pcb.next
				pcb.next = c.activePCBs
				c.activePCBs = pcb
			}
			break
		}
	}
	if pcb == nil {
		for tw := c.twPCBs; tw != nil; tw = tw.next {
			if in.matches(tw) {
				c.timeWaitInput(tw)
				c.pbufFree(p)
				return
			}
		}
		if l := c.findListener(); l != nil {
			c.listenInput(l)
			c.pbufFree(p)
			return
		}
		if in.flags&flagRST == 0 {
			c.rstReply(nil)
		}
		c.pbufFree(p)
		return
	}
	in.seg = segment{len: p.totLen, p: p, flags: in.flags, seqno: in.seqno}
	if in.flags&flagPSH != 0 {
		p.flags |= pbufPush
	}
	c.activeInput(pcb)
	c.inputPCB = nil
	in.recvData = nil
	if in.seg.p != nil {
		c.pbufFree(in.seg.p)
		in.seg.p = nil
	}
}

func (in *tcpIn) matches(pcb *tcpPCB) bool {
	return pcb.remotePort == in.srcPort && pcb.localPort == in.dstPort && pcb.remoteIP == in.src && pcb.localIP == in.dst
}

// findListener prefers a listener on the address itself to one on any; the one
// found moves to the front.
func (c *core) findListener() *tcpPCB {
	in := &c.in
	var prev, any, anyPrev, l *tcpPCB
	for l = c.listenPCBs; l != nil; prev, l = l, l.next {
		if l.localPort != in.dstPort {
			continue
		}
		if l.localIP == in.dst {
			break
		}
		if l.localIP == 0 {
			if !c.opt.SOReuse {
				break
			}
			any, anyPrev = l, prev
		}
	}
	if l == nil {
		l, prev = any, anyPrev
	}
	if l != nil && prev != nil {
		prev.next = l.next
		l.next = c.listenPCBs
		c.listenPCBs = l
	}
	return l
}

// activeInput processes a segment of a connection and passes on what came of it.
func (c *core) activeInput(pcb *tcpPCB) {
	in := &c.in
	if pcb.refusedData != nil {
		if c.processRefusedData(pcb) == ErrAbrt || pcb.refusedData != nil && in.tcplen > 0 {
			// No room yet: the segment is dropped. A window probe must be answered.
			if pcb.rcvAnnWnd == 0 {
				c.sendEmptyAck(pcb)
			}
			return
		}
	}
	c.inputPCB = pcb
	if c.tcpProcess(pcb) == ErrAbrt {
		return
	}
	if in.recvFlags&tfReset != 0 {
		c.eventErr(pcb.cbErr, pcb.arg, ErrRst)
		c.pcbRemove(&c.activePCBs, pcb)
		c.tcpFree(pcb)
		return
	}
	if in.recvAcked > 0 {
		if pcb.cbSent {
			c.sentTCP(pcb.arg)
		}
		in.recvAcked = 0
	}
	if c.inputDelayedClose(pcb) {
		return
	}
	if p := in.recvData; p != nil {
		if pcb.has(tfRxClosed) {
			// Data for a connection that was closed: reset it.
			c.pbufFree(p)
			c.tcpAbort(pcb)
			return
		}
		switch err := c.eventRecv(pcb, p); err {
		case ErrOK:
		case ErrAbrt:
			return
		default:
			pcb.refusedData = p
		}
	}
	if in.recvFlags&tfGotFin != 0 {
		if pcb.refusedData != nil {
			pcb.refusedData.flags |= pbufTCPFin
		} else {
			if pcb.rcvWnd != c.wndMax(pcb) {
				pcb.rcvWnd++
			}
			switch c.eventClosed(pcb) {
			case ErrAbrt:
				return
			case ErrMem:
				pcb.set(tfClosePend) // Espressif: the mailbox is full
			}
		}
	}
	c.inputPCB = nil
	if c.inputDelayedClose(pcb) {
		return
	}
	c.tcpOutput(pcb)
}

// inputDelayedClose frees a PCB that was closed while its segment was processed.
func (c *core) inputDelayedClose(pcb *tcpPCB) bool {
	if c.in.recvFlags&tfClosed == 0 {
		return false
	}
	if !pcb.has(tfRxClosed) {
		c.eventErr(pcb.cbErr, pcb.arg, ErrClsd)
	}
	c.pcbRemove(&c.activePCBs, pcb)
	c.tcpFree(pcb)
	return true
}

// rstReply answers the segment being processed with a reset.
func (c *core) rstReply(pcb *tcpPCB) {
	in := &c.in
	c.tcpRst(in.ackno, in.seqno+in.tcplen, in.dst, in.src, in.dstPort, in.srcPort, pcb)
}

// listenInput makes a connection of a SYN. (lwip: src/core/tcp_in.c, tcp_listen_input)
func (c *core) listenInput(l *tcpPCB) {
	in := &c.in
	switch {
	case in.flags&flagRST != 0:
		return
	case in.flags&flagACK != 0:
		c.rstReply(l)
		return
	case in.flags&flagSYN == 0:
		return
	}
	if l.acceptsPending >= l.backlog {
		return // the client will try again
	}
	pcb := c.tcpAlloc(l.prio, &Holder{what: "tcp", ip: in.src, port: in.srcPort})
	if pcb == nil {
		if l.cbAccept {
			c.acceptTCP(l.arg, nil)
		}
		return
	}
	l.acceptsPending++
	pcb.set(tfBacklogPend)
	pcb.localIP, pcb.remoteIP = in.dst, in.src
	pcb.localPort, pcb.remotePort = l.localPort, in.srcPort
	pcb.state = SynRcvd
	pcb.rcvNxt = in.seqno + 1
	pcb.rcvAnnRightEdge = pcb.rcvNxt
	iss := c.nextISS(pcb)
	pcb.sndWl2, pcb.sndNxt, pcb.lastack, pcb.sndLbb = iss, iss, iss, iss
	pcb.sndWl1 = in.seqno - 1
	pcb.arg = l.arg
	pcb.listener = l
	pcb.soOptions = l.soOptions & sofInherited
	c.regActive(pcb)
	c.parseOptions(pcb)
	pcb.sndWnd = uint32(in.wnd)
	pcb.sndWndMax = pcb.sndWnd
	pcb.mss = c.nif.effSendMSS(pcb.mss, pcb.remoteIP)
	if c.enqueueFlags(pcb, flagSYN|flagACK) != ErrOK {
		c.tcpAbandon(pcb, false)
		return
	}
	c.tcpOutput(pcb)
}

// timeWaitInput answers a segment for a connection in TIME_WAIT.
// (lwip: src/core/tcp_in.c, tcp_timewait_input)
func (c *core) timeWaitInput(pcb *tcpPCB) {
	in := &c.in
	if in.flags&flagRST != 0 {
		return
	}
	if in.flags&flagSYN != 0 {
		if seqBetween(in.seqno, pcb.rcvNxt, pcb.rcvNxt+pcb.rcvWnd) {
			c.rstReply(pcb)
			return
		}
	} else if in.flags&flagFIN != 0 {
		pcb.tmr = c.ticks // the 2 MSL start anew
	}
	if in.tcplen > 0 {
		pcb.ackNow()
		c.tcpOutput(pcb)
	}
}
