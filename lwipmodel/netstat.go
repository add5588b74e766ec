package lwipmodel

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// A PCB is a connection or listener as Netstat shows it.
type PCB struct {
	Proto         string // "tcp" or "udp"
	Local, Remote netip.AddrPort
	State         State  // for UDP always CLOSED
	Socket        int    // the descriptor of its socket, or one of the constants below 0
	Bytes         uint32 // requested bytes of all blocks it holds: PCB, netconn, mailboxes, segments, unread data
	SendQueue     int    // bytes not acknowledged, sent or not
	RecvQueue     int    // bytes received and not read
	OutOfOrder    int    // bytes received out of order
	Rexmit        int    // retransmissions of what is outstanding
	RTO           time.Duration

	// Goes is the time until the PCB goes by itself if nothing more comes from
	// the peer or the application; below 0: never.
	Goes time.Duration
	// Why names the timer that ends it, or why none does.
	Why string
}

// Values of PCB.Socket for a PCB without a descriptor.
const (
	SocketClosed      = -1 // nobody: the application has closed it
	SocketNotAccepted = -2 // it waits in its listener's mailbox
)

// Netstat returns the device's TCP and UDP PCBs: listeners, active ones, those in
// TIME_WAIT, bound ones, then UDP; each list in lwIP's order.
func (s *Stack) Netstat() []PCB {
	s.c.catchUp()
	return s.c.netstat(s.offset)
}

func (c *core) netstat(offset int) []PCB {
	owners := map[*tcpPCB]int{}
	queued := map[*tcpPCB]int{}
	for fd := range c.sockets {
		n := c.sockets[fd].conn
		if n == nil {
			continue
		}
		if n.tcp != nil {
			owners[n.tcp] = fd + offset
			queued[n.tcp] = n.unread() + pbufLen(c.sockets[fd].pbuf)
		}
		if n.acceptmbox != nil {
			n.acceptmbox.each(func(m mboxMsg) {
				if m.conn != nil && m.conn.tcp != nil {
					owners[m.conn.tcp] = SocketNotAccepted
					queued[m.conn.tcp] = m.conn.unread()
				}
			})
		}
	}
	var out []PCB
	for _, list := range [...]*tcpPCB{c.listenPCBs, c.activePCBs, c.twPCBs, c.boundPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			p := PCB{
				Proto: "tcp", State: pcb.state, Socket: SocketClosed, RecvQueue: queued[pcb] + pbufLen(pcb.refusedData),
				Local: addrPort(pcb.localIP, pcb.localPort), Remote: addrPort(pcb.remoteIP, pcb.remotePort),
				Bytes: pcb.holder.bytes, Rexmit: int(pcb.nrtx),
			}
			if fd, ok := owners[pcb]; ok {
				p.Socket = fd
			} else if pcb.state == SynRcvd {
				p.Socket = SocketNotAccepted
			}
			for _, q := range [...]*segment{pcb.unsent, pcb.unacked} {
				for ; q != nil; q = q.next {
					p.SendQueue += int(q.len)
				}
			}
			for q := pcb.ooseq; q != nil; q = q.next {
				p.OutOfOrder += int(q.len)
			}
			if pcb.state != Listen && pcb.state != Closed {
				p.RTO = time.Duration(pcb.rto) * time.Duration(c.opt.slowInterval()) * time.Millisecond
			}
			p.Goes, p.Why = c.goes(pcb, p.Socket)
			out = append(out, p)
		}
	}
	for u := c.udpPCBs; u != nil; u = u.next {
		p := PCB{
			Proto: "udp", Socket: SocketClosed, Bytes: u.holder.bytes, Goes: -1, Why: "until its socket is closed",
			Local: addrPort(u.localIP, u.localPort), Remote: addrPort(u.remoteIP, u.remotePort),
		}
		if u.conn != nil && u.conn.socket >= 0 {
			p.Socket = u.conn.socket + offset
			p.RecvQueue = u.conn.unread()
		}
		out = append(out, p)
	}
	return out
}

func addrPort(a ip4, port uint16) netip.AddrPort {
	if a == 0 {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), port)
	}
	return netip.AddrPortFrom(toAddr(a), port)
}

func pbufLen(p *pbuf) int {
	if p == nil {
		return 0
	}
	return int(p.totLen)
}

// unread is how many bytes wait in the receive mailbox.
func (n *netconn) unread() int {
	total := 0
	if n.recvmbox != nil {
		n.recvmbox.each(func(m mboxMsg) {
			total += pbufLen(m.p)
			if m.nb != nil {
				total += pbufLen(m.nb.p)
			}
		})
	}
	return total
}

func (m *mbox) each(f func(mboxMsg)) {
	for i := range m.n {
		f(m.ring[(m.head+i)%len(m.ring)])
	}
}

// Quiet returns how long it takes until everything has gone that goes by itself:
// PCBs, and packets that wait for an ARP reply. forever lists the PCBs that do
// not, listeners and UDP sockets apart.
func (s *Stack) Quiet() (d time.Duration, forever []PCB) {
	for _, p := range s.Netstat() {
		switch {
		case p.Goes >= 0:
			d = max(d, p.Goes)
		case p.Proto == "tcp" && p.State != Listen:
			forever = append(forever, p)
		}
	}
	for i := range s.c.nif.arp.table {
		if e := &s.c.nif.arp.table[i]; e.state == arpPending {
			d = max(d, time.Duration(arpMaxPending-int(e.ctime)+1)*time.Second)
		}
	}
	return d, forever
}

// FormatNetstat prints a table of PCBs in the manner of netstat.
func FormatNetstat(pcbs []PCB) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s %-21s %-21s %-11s %7s %6s %6s %6s %5s %9s  %s\n", "Proto", "Local", "Remote", "State", "Bytes", "SendQ", "RecvQ", "OOO", "Rexm", "Goes in", "Why; socket")
	for _, p := range pcbs {
		goes := "never"
		if p.Goes >= 0 {
			goes = fmt.Sprintf("%d.%03d s", p.Goes/time.Second, p.Goes%time.Second/time.Millisecond)
		}
		sock := fmt.Sprint("fd ", p.Socket)
		switch p.Socket {
		case SocketClosed:
			sock = "no socket"
		case SocketNotAccepted:
			sock = "not accepted"
		}
		state := p.State.String()
		if p.Proto == "udp" {
			state = ""
		}
		fmt.Fprintf(&b, "%-5s %-21s %-21s %-11s %7d %6d %6d %6d %5d %9s  %s; %s\n", p.Proto, p.Local, p.Remote, state, p.Bytes, p.SendQueue, p.RecvQueue, p.OutOfOrder, p.Rexmit, goes, p.Why, sock)
	}
	return b.String()
}
