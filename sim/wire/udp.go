package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A UDPSocket sends and receives datagrams.
type UDPSocket struct {
	*sock
	local netip.AddrPort
}

// ListenUDP opens a datagram socket on the port. 0: the host picks one.
func (h *Host) ListenUDP(port uint16) (*UDPSocket, error) {
	local := netip.AddrPortFrom(h.Addr(), port)
	m, err := h.ready("listen", netip.AddrPort{})
	if err != nil {
		return nil, err
	}
	var queue waiter.Queue
	ep, terr := m.stack.NewEndpoint(udp.ProtocolNumber, ipv4Protocol, &queue)
	if terr != nil {
		return nil, h.fail("listen", local, netip.AddrPort{}, fromStack(terr))
	}
	u := &UDPSocket{sock: m.open(ep, &queue), local: local}
	ep.SocketOptions().SetBroadcast(true)
	terr = ep.Bind(tcpip.FullAddress{Port: port})
	m.rest()
	if terr != nil {
		u.discard()
		return nil, h.fail("listen", local, netip.AddrPort{}, fromStack(terr))
	}
	if a, err := ep.GetLocalAddress(); err == nil {
		u.local = netip.AddrPortFrom(h.Addr(), a.Port)
	}
	return u, nil
}

// LocalAddr returns the host's address and the socket's port.
func (u *UDPSocket) LocalAddr() netip.AddrPort { return u.local }

// SendTo sends a datagram. It does not wait; a datagram that cannot be
// delivered is lost.
func (u *UDPSocket) SendTo(data []byte, to netip.AddrPort) error {
	h := u.m.host
	if err := u.broken(); err != nil {
		return h.fail("write", u.local, to, err)
	}
	if !to.Addr().Is4() || to.Port() == 0 {
		return h.fail("write", u.local, to, errors.New("an IPv4 address and a port above 0 were expected"))
	}
	if !u.m.mayResolve(to.Addr()) {
		return h.fail("write", u.local, to, ErrBusy)
	}
	dst := tcpip.FullAddress{Addr: toStack(to.Addr()), Port: to.Port()}
	if dst.Addr == header.IPv4Broadcast {
		dst.NIC = nicID // to whoever is on the wire, which no route says
	}
	_, terr := u.ep.Write(bytes.NewReader(data), tcpip.WriteOptions{To: &dst})
	u.m.rest()
	if terr != nil {
		return h.fail("write", u.local, to, fromStack(terr))
	}
	return nil
}

// ReceiveFrom waits for a datagram and copies it into buf, cutting off what
// does not fit.
func (u *UDPSocket) ReceiveFrom(p *vtime.Proc, buf []byte, timeout time.Duration) (int, netip.AddrPort, error) {
	h := u.m.host
	d := h.deadline(timeout)
	for {
		if err := u.broken(); err != nil {
			return 0, netip.AddrPort{}, h.fail("read", u.local, netip.AddrPort{}, err)
		}
		w := tcpip.SliceWriter(buf)
		r, terr := u.ep.Read(&w, tcpip.ReadOptions{NeedRemoteAddr: true})
		switch terr.(type) {
		case nil:
			u.m.rest()
			return r.Count, fromStackAddr(r.RemoteAddr), nil
		case *tcpip.ErrWouldBlock:
		default:
			return 0, netip.AddrPort{}, h.fail("read", u.local, netip.AddrPort{}, fromStack(terr))
		}
		if !u.wait(p, d) {
			return 0, netip.AddrPort{}, h.fail("read", u.local, netip.AddrPort{}, ErrTimeout)
		}
	}
}

// Close closes the socket.
func (u *UDPSocket) Close() {
	if u.broken() == nil {
		u.discard()
	}
}
