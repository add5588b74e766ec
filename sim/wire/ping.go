package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// pingPayload is how much data an echo request carries, as ping(8) sends it.
const pingPayload = 56

// Ping sends one ICMP echo request and returns the round-trip time. Silence is
// ErrTimeout; the error says if it was ARP that nobody answered.
func (h *Host) Ping(p *vtime.Proc, addr netip.Addr, timeout time.Duration) (time.Duration, error) {
	remote := netip.AddrPortFrom(addr, 0)
	fail := func(err error) (time.Duration, error) {
		return 0, h.fail("ping", netip.AddrPort{}, remote, err)
	}
	m, err := h.ready("ping", remote)
	if err != nil {
		return 0, err
	}
	if !addr.Is4() {
		return fail(errors.New("an IPv4 address was expected"))
	}
	var queue waiter.Queue
	ep, terr := m.stack.NewEndpoint(icmp.ProtocolNumber4, ipv4Protocol, &queue)
	if terr != nil {
		return fail(fromStack(terr))
	}
	s := m.open(ep, &queue)
	echo := header.ICMPv4(make([]byte, header.ICMPv4MinimumSize+pingPayload))
	echo.SetType(header.ICMPv4Echo)
	echo.SetSequence(1) // the identifier, the socket's own, tells requests apart
	for i := range pingPayload {
		echo[header.ICMPv4MinimumSize+i] = byte(i)
	}
	if terr = ep.Connect(tcpip.FullAddress{Addr: toStack(addr)}); terr == nil {
		_, terr = ep.Write(bytes.NewReader(echo), tcpip.WriteOptions{})
	}
	sent := h.loop.Now()
	m.rest()
	if terr != nil {
		s.discard()
		return fail(fromStack(terr))
	}
	d := h.deadline(timeout)
	for {
		if err := s.broken(); err != nil {
			return fail(err)
		}
		var reply bytes.Buffer
		_, terr := ep.Read(&reply, tcpip.ReadOptions{})
		switch terr.(type) {
		case nil:
			r := header.ICMPv4(reply.Bytes())
			if len(r) >= header.ICMPv4MinimumSize && r.Type() == header.ICMPv4EchoReply {
				s.discard()
				return h.loop.Now() - sent, nil
			}
			continue
		case *tcpip.ErrWouldBlock:
		default:
			s.discard()
			return fail(fromStack(terr))
		}
		if !s.wait(p, d) {
			s.discard()
			e := h.fail("ping", netip.AddrPort{}, remote, ErrTimeout)
			if !m.resolved(addr) {
				e.Detail = noARP
			}
			return 0, e
		}
	}
}
