package wire

import (
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// sock is what connections, listeners and datagram sockets have in common: an
// endpoint of the stack, and the processes that wait for it.
type sock struct {
	m       *machine
	ep      tcpip.Endpoint
	queue   *waiter.Queue
	entry   waiter.Entry
	waiting []*vtime.Proc
	slot    int  // in m.socks
	noted   bool // waits in m.notes
	gone    bool // closed, aborted or vanished by this side
}

// open takes an endpoint into the machine's books. From here on each change of
// its state wakes the processes that wait; they then look for themselves, so
// nothing that came before is missed.
func (m *machine) open(ep tcpip.Endpoint, queue *waiter.Queue) *sock {
	s := &sock{m: m, ep: ep, queue: queue}
	s.entry = waiter.NewFunctionEntry(waiter.ReadableEvents|waiter.WritableEvents|waiter.EventHUp|waiter.EventErr, func(waiter.EventMask) {
		if m.dead || s.noted {
			return
		}
		s.noted = true
		m.notes = append(m.notes, note{sock: s})
	})
	queue.EventRegister(&s.entry)
	s.slot = len(m.socks)
	m.socks = append(m.socks, s)
	return s
}

// newTCP returns a new TCP socket with a receive buffer of that size.
func (m *machine) newTCP(buffer int) (*sock, tcpip.Error) {
	var queue waiter.Queue
	ep, err := m.stack.NewEndpoint(tcp.ProtocolNumber, ipv4Protocol, &queue)
	if err != nil {
		return nil, err
	}
	// Without notifying the endpoint, which would apply the stack's limit.
	ep.SocketOptions().SetReceiveBufferSize(int64(buffer), false)
	return m.open(ep, &queue), nil
}

// leave takes the socket out of the books; the stack may go on with its
// endpoint, such as in TIME_WAIT.
func (s *sock) leave() {
	s.gone = true
	s.queue.EventUnregister(&s.entry)
	m := s.m
	m.socks[s.slot] = nil
	if m.closed++; m.closed > len(m.socks)/2 {
		m.socks = slices.DeleteFunc(m.socks, func(o *sock) bool { return o == nil })
		for i, o := range m.socks {
			o.slot = i
		}
		m.closed = 0
	}
	s.wake()
}

func (s *sock) wake() {
	for _, p := range s.waiting {
		p.Wake()
	}
}

// broken returns why the socket cannot be used, or nil.
func (s *sock) broken() error {
	switch h := s.m.host; {
	case h.closed || h.loop.Closing() || s.gone:
		return ErrClosed
	case s.m.dead:
		return ErrPoweredOff
	}
	return nil
}

// deadline is the virtual time at which a call gives up; never if not set.
type deadline struct {
	at  time.Duration
	set bool
}

func (h *Host) deadline(timeout time.Duration) deadline {
	return deadline{at: h.loop.Now() + max(timeout, 0), set: timeout != 0}
}

// wait parks the process until something changes on the socket. It reports
// false if the deadline has passed. It may also return true for nothing, so
// callers look again.
func (s *sock) wait(p *vtime.Proc, d deadline) bool {
	if !d.set {
		s.waiting = append(s.waiting, p)
		p.Park()
	} else {
		left := d.at - p.Now()
		if left <= 0 {
			return false
		}
		s.waiting = append(s.waiting, p)
		p.ParkFor(left)
	}
	if i := slices.Index(s.waiting, p); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	}
	return true
}
