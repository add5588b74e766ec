package lwipmodel

// recorder is the memory below the stack of a replay: it numbers the blocks,
// writes a line for each, and fails allocations on demand. It also samples the
// states of the connections at the points where the recorder of the recordings
// did.
type recorder struct {
	r      *replayer
	blocks map[Block]recBlock
	nextID uint32
	live   int64
	peak   int64

	armed              bool
	seen, first, count int
	only               string

	slots []recSlot // allocated TCP_PCBs; a new one takes the lowest free slot
	quiet uint32    // handles of SYS_TIMEOUT blocks
}

type recBlock struct {
	id   uint32
	size uint32
}

type recSlot struct {
	pcb  *tcpPCB
	last State
}

const quietBlocks = 1 << 30 // handles from here on are timer blocks

func (m *recorder) Malloc(k Kind, size uint32, h *Holder) Block {
	m.sample()
	if k == KindSysTimeout {
		m.quiet++
		return Block(quietBlocks + m.quiet)
	}
	if m.armed && (m.only == "any" || m.only == k.String()) {
		m.seen++
		if m.seen >= m.first && m.seen < m.first+m.count {
			m.r.line("alloc_fail").str("what", k.String()).num("size", int64(size)).num("n", int64(m.seen)).done()
			return 0
		}
	}
	m.nextID++
	b := Block(m.nextID)
	m.blocks[b] = recBlock{m.nextID, size}
	m.live += int64(size)
	m.peak = max(m.peak, m.live)
	m.r.line("alloc").num("id", int64(m.nextID)).str("what", k.String()).num("size", int64(size)).done()
	return b
}

func (m *recorder) Free(k Kind, b Block) {
	m.sample()
	if b >= quietBlocks {
		return
	}
	if k == KindTCPPCB {
		for i := range m.slots {
			if s := &m.slots[i]; s.pcb != nil && s.pcb.block == b {
				m.stateLine(s.pcb, s.last.String(), "FREED")
				s.pcb = nil
			}
		}
	}
	blk := m.blocks[b]
	delete(m.blocks, b)
	m.live -= int64(blk.size)
	m.r.line("free").num("id", int64(blk.id)).str("what", k.String()).num("size", int64(blk.size)).done()
}

func (m *recorder) Own(Kind, Block, *Holder) {}

// sample writes a line for each connection whose state changed since the last one.
func (m *recorder) sample() {
	for i := range m.slots {
		s := &m.slots[i]
		if s.pcb != nil && s.pcb.state != s.last {
			old := s.last
			s.last = s.pcb.state
			m.stateLine(s.pcb, old.String(), s.last.String())
		}
	}
}

func (m *recorder) stateLine(pcb *tcpPCB, from, to string) {
	l := m.r.line("state")
	if pcb.remotePort != 0 {
		l.str("conn", m.r.connName(pcb.remotePort))
	}
	l.str("from", from).str("to", to).done()
}

func (m *recorder) pcbAllocated(pcb *tcpPCB) {
	for i := range m.slots {
		if m.slots[i].pcb == nil {
			m.slots[i] = recSlot{pcb: pcb}
			return
		}
	}
	m.slots = append(m.slots, recSlot{pcb: pcb})
}

func (m *recorder) pcbFreeing(*tcpPCB) {}

func (m *recorder) pcbError(err Err, registered bool) {
	m.sample()
	m.r.line("err").num("err", int64(err)).str("name", err.String()).flag("callback_registered", registered).done()
}

// byPort finds the allocated connection with that port of the peer. One that is
// being aborted is CLOSED already and does not count.
func (m *recorder) byPort(port uint16) *tcpPCB {
	for i := range m.slots {
		if p := m.slots[i].pcb; p != nil && p.remotePort == port && p.state != Closed {
			return p
		}
	}
	return nil
}
