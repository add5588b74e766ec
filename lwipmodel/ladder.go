package lwipmodel

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// A Ladder records what happens on the device's TCP connections: segments that
// come and go, states, and the memory held, to be drawn as a ladder diagram.
type Ladder struct {
	now    func() time.Duration
	want   func(peer netip.AddrPort) bool
	limit  int
	events []LadderEvent
	conns  map[*tcpPCB]*ladderConn
	first  map[netip.AddrPort]*ladderNumbers
}

type ladderConn struct {
	last State
	peer netip.AddrPort
}

// ladderNumbers are the first sequence numbers of the two sides.
type ladderNumbers struct {
	device, peer       uint32
	hasDevice, hasPeer bool
}

// Kinds of events in a ladder.
const (
	LadderIn    = iota // a segment came
	LadderOut          // a segment left, or would have
	LadderState        // the connection changed its state
	LadderFreed        // its PCB was freed
)

// A LadderEvent is one thing that happened.
type LadderEvent struct {
	At       time.Duration
	Kind     int
	Peer     netip.AddrPort
	Flags    string // of a segment, such as "SYN ACK"
	Seq, Ack uint32 // counted from the first number of each side
	HasAck   bool
	Len      int // bytes of payload
	Window   int
	Again    bool  // what left had left before
	From, To State // of a change of state
	Conn     uint32
	Held     uint32 // requested bytes held afterwards: by the connection (Conn), and by all of lwIP
	highest  uint32
}

// Ladder begins to record the connections with the peers that want says, nil for
// all, and at most limit events (0: 10000). There is one recorder: a second call
// ends the first. Recording costs no time and no memory of the device.
func (s *Stack) Ladder(want func(peer netip.AddrPort) bool, limit int) *Ladder {
	l := newLadder(s.k.Loop().Now, want, limit)
	s.c.ladder = l
	return l
}

func newLadder(now func() time.Duration, want func(netip.AddrPort) bool, limit int) *Ladder {
	if limit <= 0 {
		limit = 10000
	}
	return &Ladder{now: now, want: want, limit: limit, conns: map[*tcpPCB]*ladderConn{}, first: map[netip.AddrPort]*ladderNumbers{}}
}

// Events returns what was recorded so far. It must not be changed.
func (l *Ladder) Events() []LadderEvent { return l.events }

func (l *Ladder) add(c *core, e LadderEvent) {
	if len(l.events) >= l.limit {
		return
	}
	e.At, e.Held = l.now(), c.held
	if pcb := c.connTo(e.Peer); pcb != nil {
		e.Conn = pcb.holder.bytes
	}
	l.events = append(l.events, e)
}

// connTo finds a connection by its peer.
func (c *core) connTo(peer netip.AddrPort) *tcpPCB {
	for _, list := range [...]*tcpPCB{c.activePCBs, c.twPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			if addrPort(pcb.remoteIP, pcb.remotePort) == peer {
				return pcb
			}
		}
	}
	return nil
}

func (l *Ladder) numbers(peer netip.AddrPort) *ladderNumbers {
	n := l.first[peer]
	if n == nil {
		n = &ladderNumbers{}
		l.first[peer] = n
	}
	return n
}

func (l *Ladder) wanted(peer netip.AddrPort) bool { return l.want == nil || l.want(peer) }

var flagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG"}

func ladderFlags(f uint8) string {
	var b []string
	for _, i := range [...]int{1, 0, 2, 3, 4, 5} {
		if f&(1<<i) != 0 {
			b = append(b, flagNames[i])
		}
	}
	return strings.Join(b, " ")
}

// received notes the segment that tcp_input is about to process.
func (l *Ladder) received(c *core) {
	in := &c.in
	peer := addrPort(in.src, in.srcPort)
	if !l.wanted(peer) {
		return
	}
	l.sample(c)
	n := l.numbers(peer)
	if in.flags&flagSYN != 0 && c.connTo(peer) == nil || !n.hasPeer {
		n.peer, n.hasPeer = in.seqno, true
	}
	size := int(in.tcplen)
	if in.flags&(flagFIN|flagSYN) != 0 {
		size--
	}
	l.add(c, LadderEvent{
		Kind: LadderIn, Peer: peer, Flags: ladderFlags(in.flags), Seq: in.seqno - n.peer, Ack: in.ackno - n.device, HasAck: in.flags&flagACK != 0,
		Len: size, Window: int(in.wnd),
	})
}

// sent notes a segment that leaves.
func (l *Ladder) sent(c *core, h *tcpHeader) {
	peer := addrPort(h.dst, h.dstPort)
	if !l.wanted(peer) {
		return
	}
	l.sample(c)
	n := l.numbers(peer)
	if h.flags&flagSYN != 0 || !n.hasDevice {
		n.device, n.hasDevice = h.seqno, true
	}
	end := h.seqno + uint32(h.len())
	if h.flags&(flagSYN|flagFIN) != 0 {
		end++
	}
	e := LadderEvent{
		Kind: LadderOut, Peer: peer, Flags: ladderFlags(h.flags), Seq: h.seqno - n.device, Ack: h.ackno - n.peer, HasAck: h.flags&flagACK != 0,
		Len: h.len(), Window: int(h.wnd), highest: end,
	}
	if end != h.seqno && h.flags&flagRST == 0 {
		for i := len(l.events) - 1; i >= 0; i-- {
			if o := &l.events[i]; o.Kind == LadderOut && o.Peer == peer && o.highest != o.Seq+n.device {
				e.Again = seqLEQ(end, o.highest)
				if e.Again {
					e.highest = o.highest
				}
				break
			}
		}
	}
	l.add(c, e)
}

// sample notes changes of state.
func (l *Ladder) sample(c *core) {
	for _, list := range [...]*tcpPCB{c.activePCBs, c.twPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			k := l.conns[pcb]
			if k == nil {
				peer := addrPort(pcb.remoteIP, pcb.remotePort)
				if !l.wanted(peer) {
					continue
				}
				k = &ladderConn{peer: peer}
				l.conns[pcb] = k
			}
			if pcb.state != k.last {
				l.add(c, LadderEvent{Kind: LadderState, Peer: k.peer, From: k.last, To: pcb.state})
				k.last = pcb.state
			}
		}
	}
}

// freed notes that a PCB goes.
func (l *Ladder) freed(c *core, pcb *tcpPCB) {
	l.sample(c)
	if k := l.conns[pcb]; k != nil {
		l.add(c, LadderEvent{Kind: LadderFreed, Peer: k.peer, From: k.last})
		delete(l.conns, pcb)
	}
}

// text is the segment in words.
func (e *LadderEvent) text() string {
	s := fmt.Sprintf("%s seq %d", e.Flags, e.Seq)
	if e.Len > 0 {
		s += fmt.Sprintf(" len %d", e.Len)
	}
	if e.HasAck {
		s += fmt.Sprintf(" ack %d", e.Ack)
	}
	s += fmt.Sprintf(" win %d", e.Window)
	if e.Again {
		s += " (again)"
	}
	return s
}

func (e *LadderEvent) state() string {
	if e.Kind == LadderFreed {
		return fmt.Sprintf("%v, freed", e.From)
	}
	return e.To.String()
}

// peers returns the peers in the order of their first event.
func (l *Ladder) peers() []netip.AddrPort {
	var out []netip.AddrPort
	seen := map[netip.AddrPort]bool{}
	for _, e := range l.events {
		if !seen[e.Peer] {
			seen[e.Peer] = true
			out = append(out, e.Peer)
		}
	}
	return out
}

// WriteText draws the ladder of each peer, the device on the left.
func (l *Ladder) WriteText(w io.Writer) error {
	const arrow = 62
	var b strings.Builder
	for i, peer := range l.peers() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%14s  %-12s  %8s  %-*s  %v\n", "time (s)", "state", "heap (B)", arrow, "device", peer)
		state := ""
		for _, e := range l.events {
			if e.Peer != peer {
				continue
			}
			line := ""
			switch e.Kind {
			case LadderState, LadderFreed:
				state = e.state()
				line = "|" + strings.Repeat(" ", arrow-2) + "|"
				if e.Kind == LadderFreed {
					state = "(freed)"
				}
			default:
				text := " " + e.text() + " "
				fill := max(arrow-2-len(text), 2)
				left := strings.Repeat("-", fill/2)
				right := strings.Repeat("-", fill-fill/2)
				if e.Kind == LadderIn {
					line = "|<" + left[1:] + text + right + "|"
				} else {
					line = "|" + left + text + right[1:] + ">|"
				}
			}
			fmt.Fprintf(&b, "%14.6f  %-12s  %8d  %s\n", e.At.Seconds(), state, e.Held, line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
