package lwipmodel

// PCBs are taken from the heap, and if there is none, from each other.
// (lwip: src/core/tcp.c)

// tcpAlloc allocates a connection. If there is no memory it gives up others, in
// this order, with one more attempt after each: pending FINs are sent and the
// oldest TIME_WAIT is dropped, then the oldest LAST_ACK, the oldest CLOSING, and
// the oldest of the connections with a lower priority.
// (lwip: src/core/tcp.c, tcp_alloc)
func (c *core) tcpAlloc(prio uint8, h *Holder) *tcpPCB {
	if c.chg.listLimit && c.listedPCBs() >= c.opt.MaxActiveTCP {
		c.killOne(prio)
		if c.listedPCBs() >= c.opt.MaxActiveTCP {
			return nil
		}
	}
	b := c.pcbMalloc(h)
	if b == 0 {
		c.handleClosePend()
		c.killTimeWait()
		b = c.pcbMalloc(h)
	}
	if b == 0 {
		c.killState(LastAck)
		b = c.pcbMalloc(h)
	}
	if b == 0 {
		c.killState(Closing)
		b = c.pcbMalloc(h)
	}
	if c.chg.poolLimit {
		for _, state := range [...]State{FinWait2, FinWait1} {
			if b == 0 {
				c.killState(state)
				b = c.pcbMalloc(h)
			}
		}
	}
	if b == 0 {
		c.killPrio(prio)
		b = c.pcbMalloc(h)
	}
	if b == 0 {
		return nil
	}
	rto := int16(c.opt.TCPRTOTime / c.opt.slowInterval())
	pcb := &tcpPCB{
		block: b, holder: h, prio: prio, ttl: uint8(c.opt.IPDefaultTTL),
		sndBuf: uint32(c.opt.TCPSndBuf), mss: c.initialMSS(), rto: rto, sv: rto, rtime: -1, cwnd: 1,
		tmr: c.ticks, lastTimer: c.timerCtr, ssthresh: uint32(c.opt.TCPSndBuf),
		keepIdle: keepIdleDefault, keepIntvl: keepIntvlDefault, keepCnt: keepCntDefault,
	}
	pcb.rcvWnd = min16(uint32(c.opt.TCPWnd))
	pcb.rcvAnnWnd = pcb.rcvWnd
	c.watch.pcbAllocated(pcb)
	return pcb
}

// pcbMalloc is memp_malloc of a TCP_PCB.
func (c *core) pcbMalloc(h *Holder) Block {
	if c.chg.poolLimit && c.tcpPCBs >= c.opt.MaxActiveTCP {
		return 0
	}
	b := c.malloc(KindTCPPCB, c.sz.tcpPCB, h)
	if b != 0 {
		c.tcpPCBs++
	}
	return b
}

// listedPCBs is the total of ESP-IDF 4.4's tcp_pcb_num_cal: a PCB that is neither
// bound nor connected is on no list and does not count.
func (c *core) listedPCBs() int {
	n := 0
	for _, list := range [...]*tcpPCB{c.twPCBs, c.activePCBs, c.listenPCBs, c.boundPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			n++
		}
	}
	return n
}

// killOne kills one PCB for a new one, in ESP-IDF 4.4's order.
func (c *core) killOne(prio uint8) {
	if c.twPCBs != nil {
		c.killTimeWait()
		return
	}
	for _, state := range [...]State{LastAck, Closing, FinWait2, FinWait1} {
		for pcb := c.activePCBs; pcb != nil; pcb = pcb.next {
			if pcb.state == state {
				c.killState(state)
				return
			}
		}
	}
	c.killPrio(prio)
}

// tcpFree gives back a connection's PCB.
func (c *core) tcpFree(pcb *tcpPCB) {
	c.watch.pcbFreeing(pcb)
	if c.ladder != nil {
		c.ladder.freed(c, pcb)
	}
	pcb.freed = true
	c.tcpPCBs--
	c.free(KindTCPPCB, pcb.block, c.sz.tcpPCB, pcb.holder)
}

// handleClosePend is tcp_handle_closepend: it retries FINs that found no memory.
func (c *core) handleClosePend() {
	for pcb := c.activePCBs; pcb != nil; {
		next := pcb.next
		if pcb.has(tfClosePend) {
			pcb.clear(tfClosePend)
			c.closeShutdownFin(pcb)
		}
		pcb = next
	}
}

// oldest finds the PCB of the list that is silent for the longest time; of
// equals the last one in the list.
func (c *core) oldest(list *tcpPCB, match func(*tcpPCB) bool) *tcpPCB {
	var found *tcpPCB
	inactivity := uint32(0)
	for pcb := list; pcb != nil; pcb = pcb.next {
		if match(pcb) && c.ticks-pcb.tmr >= inactivity {
			inactivity = c.ticks - pcb.tmr
			found = pcb
		}
	}
	return found
}

func (c *core) killTimeWait() {
	if pcb := c.oldest(c.twPCBs, func(*tcpPCB) bool { return true }); pcb != nil {
		c.tcpAbandon(pcb, true)
	}
}

func (c *core) killState(state State) {
	if pcb := c.oldest(c.activePCBs, func(p *tcpPCB) bool { return p.state == state }); pcb != nil {
		c.tcpAbandon(pcb, false)
	}
}

// killPrio is tcp_kill_prio: it resets the oldest connection of the lowest
// priority below prio. All sockets have the same, so in practice it finds none.
func (c *core) killPrio(prio uint8) {
	mprio := min(prioMax, prio)
	if mprio == 0 {
		return
	}
	mprio--
	var found *tcpPCB
	inactivity := uint32(0)
	for pcb := c.activePCBs; pcb != nil; pcb = pcb.next {
		if pcb.prio < mprio || pcb.prio == mprio && c.ticks-pcb.tmr >= inactivity {
			inactivity = c.ticks - pcb.tmr
			found = pcb
			mprio = pcb.prio
		}
	}
	if found != nil {
		c.tcpAbandon(found, true)
	}
}
