package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/ports"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// Answer is what a port says to a SYN.
type Answer uint8

// The answers to ProbeSYN.
const (
	Silence    Answer = iota // nothing came back
	AnswersSYN               // SYN and ACK: somebody listens and takes connections
	AnswersRST               // RST: the host is up, the port is not open
	NoARP                    // nothing was sent to the port: nobody answers ARP
)

const (
	probeFirst  = time.Second // when an unanswered SYN is repeated, doubled each time (RFC 6298)
	probeWindow = 64240       // receive window of a Linux SYN
)

func (a Answer) String() string {
	switch a {
	case Silence:
		return "silence"
	case AnswersSYN:
		return "SYN-ACK"
	case AnswersRST:
		return "RST"
	case NoARP:
		return "no ARP answer"
	}
	return fmt.Sprintf("Answer(%d)", uint8(a))
}

// probe is a SYN that waits for its answer.
type probe struct {
	proc *vtime.Proc
	got  Answer
	done bool
}

// answer notes what the peer sent.
func (p *probe) answer(flags byte) {
	switch {
	case p.done:
		return
	case flags&flagRST != 0:
		p.got = AnswersRST
	case flags&(flagSYN|flagACK) == flagSYN|flagACK:
		p.got = AnswersSYN
	default:
		return
	}
	p.done = true
	p.proc.Wake()
}

// ProbeSYN tells what a TCP port says to a SYN without making a connection, as
// a half-open port scan does: a SYN-ACK is answered with RST. An unanswered SYN
// is repeated after 1 s, 3 s, 7 s and so on while timeout, which must be above
// 0, lasts.
func (h *Host) ProbeSYN(p *vtime.Proc, addr netip.Addr, port uint16, timeout time.Duration) (Answer, error) {
	remote := netip.AddrPortFrom(addr, port)
	m, err := h.ready("probe", remote)
	if err != nil {
		return Silence, err
	}
	if !addr.Is4() || port == 0 || timeout <= 0 {
		return Silence, h.fail("probe", netip.AddrPort{}, remote, errors.New("an IPv4 address, a port above 0 and a timeout above 0 were expected"))
	}
	hold := ports.Reservation{
		Networks:  []tcpip.NetworkProtocolNumber{ipv4Protocol},
		Transport: tcp.ProtocolNumber,
		Addr:      toStack(h.Addr()),
	}
	local, terr := m.stack.ReservePort(m.stack.SecureRNG(), hold, nil)
	if terr != nil {
		return Silence, h.fail("probe", netip.AddrPort{}, remote, fromStack(terr))
	}
	hold.Port = local
	from := netip.AddrPortFrom(h.Addr(), local)
	t := tupleOf(from, remote)
	pr := &probe{proc: p}
	m.probes[t] = pr
	defer func() {
		delete(m.probes, t)
		m.stack.ReleasePort(hold)
	}()

	seq := h.loop.Rand("host " + h.cfg.Name + " probe").Uint32()
	end := h.loop.Now() + timeout
	for interval := probeFirst; ; interval *= 2 {
		if err := m.sendSYN(from, remote, seq); err != nil {
			return Silence, h.fail("probe", from, remote, fromStack(err))
		}
		again := min(h.loop.Now()+interval, end)
		for !pr.done && h.loop.Now() < again {
			p.ParkFor(again - h.loop.Now())
			if m.dead {
				return Silence, h.fail("probe", from, remote, ErrPoweredOff)
			}
		}
		switch {
		case pr.done:
			return pr.got, nil
		case h.loop.Now() < end:
		case !m.resolved(addr):
			return NoARP, nil
		default:
			return Silence, nil
		}
	}
}

// sendSYN is a stimulus of its own: the stack sends a SYN that belongs to no
// socket of it.
func (m *machine) sendSYN(from, to netip.AddrPort, seq uint32) tcpip.Error {
	r, err := m.stack.FindRoute(nicID, toStack(from.Addr()), toStack(to.Addr()), ipv4Protocol, false)
	if err != nil {
		return err
	}
	defer r.Release()
	const size = header.TCPMinimumSize + header.TCPOptionMSSLength
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{ReserveHeaderBytes: int(r.MaxHeaderLength()) + size})
	defer p.DecRef()
	p.TransportProtocolNumber = tcp.ProtocolNumber
	h := header.TCP(p.TransportHeader().Push(size))
	h.Encode(&header.TCPFields{
		SrcPort:    from.Port(),
		DstPort:    to.Port(),
		SeqNum:     seq,
		DataOffset: size,
		Flags:      header.TCPFlagSyn,
		WindowSize: probeWindow,
	})
	opt := h[header.TCPMinimumSize:]
	opt[0], opt[1] = header.TCPOptionMSS, header.TCPOptionMSSLength
	binary.BigEndian.PutUint16(opt[2:], uint16(m.host.cfg.MTU-header.IPv4MinimumSize-header.TCPMinimumSize))
	h.SetChecksum(^h.CalculateChecksum(r.PseudoHeaderChecksum(tcp.ProtocolNumber, size)))
	err = r.WritePacket(stack.NetworkHeaderParams{Protocol: tcp.ProtocolNumber, TTL: 64, DF: true}, p)
	m.rest()
	return err
}
