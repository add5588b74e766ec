package wire

import (
	"errors"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A Listener takes connections on a port of a host, such as those that the
// device opens.
type Listener struct {
	*sock
	local netip.AddrPort
}

// Listen takes connections on the port; backlog is how many may wait for
// Accept, at least 1.
func (h *Host) Listen(port uint16, backlog int) (*Listener, error) {
	local := netip.AddrPortFrom(h.Addr(), port)
	m, err := h.ready("listen", netip.AddrPort{})
	if err != nil {
		return nil, err
	}
	if port == 0 || backlog < 1 {
		return nil, h.fail("listen", local, netip.AddrPort{}, errors.New("a port above 0 and a backlog of at least 1 were expected"))
	}
	s, terr := m.newTCP(receiveBuffer)
	if terr != nil {
		return nil, h.fail("listen", local, netip.AddrPort{}, fromStack(terr))
	}
	l := &Listener{sock: s, local: local}
	ep := s.ep
	ep.SocketOptions().SetReuseAddress(true)
	terr = ep.Bind(tcpip.FullAddress{Addr: toStack(h.Addr()), Port: port})
	if terr == nil {
		terr = ep.Listen(backlog)
	}
	m.rest()
	if terr != nil {
		l.discard()
		return nil, h.fail("listen", local, netip.AddrPort{}, fromStack(terr))
	}
	return l, nil
}

// Addr returns the address and port that it listens on.
func (l *Listener) Addr() netip.AddrPort { return l.local }

// Accept waits for a connection and returns it.
func (l *Listener) Accept(p *vtime.Proc, timeout time.Duration) (*Conn, error) {
	h := l.m.host
	d := h.deadline(timeout)
	for {
		if err := l.broken(); err != nil {
			return nil, h.fail("accept", l.local, netip.AddrPort{}, err)
		}
		var peer tcpip.FullAddress
		ep, queue, terr := l.ep.Accept(&peer)
		switch terr.(type) {
		case nil:
			l.m.rest()
			return &Conn{sock: l.m.open(ep, queue), local: l.local, remote: fromStackAddr(peer)}, nil
		case *tcpip.ErrWouldBlock:
		default:
			return nil, h.fail("accept", l.local, netip.AddrPort{}, fromStack(terr))
		}
		if !l.wait(p, d) {
			return nil, h.fail("accept", l.local, netip.AddrPort{}, ErrTimeout)
		}
	}
}

// Close stops listening. Connections that wait for Accept are reset.
func (l *Listener) Close() {
	if l.broken() == nil {
		l.discard()
	}
}
