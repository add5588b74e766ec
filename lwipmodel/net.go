package lwipmodel

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// A Net is package net for one task: code written for net.Listener and net.Conn
// runs as firmware, as long as it stays on the task's goroutine. Its listeners
// and connections are sockets of the stack, with their memory and their errors.
//
// Deadlines are in the task's time, which is Now, not time.Now. They end a call
// as SO_RCVTIMEO and SO_SNDTIMEO do: to the tick for reading, and for writing when
// lwIP looks, which may be a second later.
type Net struct {
	s         *Stack
	t         *freertos.Task
	goroutine string
}

// Net returns package net for task t. Call it from the task itself: its values
// may be used from no other goroutine.
func (s *Stack) Net(t *freertos.Task) *Net {
	return &Net{s: s, t: t, goroutine: goroutineID()}
}

// goroutineID is the number of the calling goroutine.
func goroutineID() string {
	var buf [40]byte
	b := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i > 0 {
		b = b[:i]
	}
	return string(b)
}

// Now is the time on the device's clock, which nobody has set: it counts from
// 1970 at the start of the simulation.
func (n *Net) Now() time.Time { return time.Unix(0, 0).UTC().Add(n.s.k.Loop().Now()) }

// check refuses other goroutines.
func (n *Net) check(call string) error {
	if id := goroutineID(); id != n.goroutine {
		return fmt.Errorf("lwipmodel: %s by goroutine %s: it belongs to task %q on goroutine %s, and no other may use it", call, id, n.t.Name(), n.goroutine)
	}
	return nil
}

// timeout returns the milliseconds until a deadline, in whole ticks; 0 for none.
func (n *Net) timeout(deadline time.Time) (ms uint32, past bool) {
	if deadline.IsZero() {
		return 0, false
	}
	left := deadline.Sub(n.Now())
	if left <= 0 {
		return 0, true
	}
	tick := time.Duration(n.s.c.tickMS) * time.Millisecond
	ticks := min((left+tick-1)/tick, 1<<30/time.Duration(n.s.c.tickMS))
	return uint32(ticks) * n.s.c.tickMS, false
}

// A netSocket is what listeners and connections have in common.
type netSocket struct {
	n             *Net
	fd            int
	network       string
	local, remote net.Addr
	readBy        time.Time
	writeBy       time.Time
	closed        bool
}

func (k *netSocket) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: k.network, Source: k.local, Addr: k.remote, Err: err}
}

// begin starts a call.
func (k *netSocket) begin(op string) error {
	if err := k.n.check(op); err != nil {
		return k.opError(op, err)
	}
	if k.closed {
		return k.opError(op, net.ErrClosed)
	}
	return nil
}

// conn is the netconn behind the descriptor.
func (k *netSocket) conn() *netconn {
	c := k.n.s.c
	if fd := k.fd - k.n.s.offset; fd >= 0 && fd < len(c.sockets) {
		return c.sockets[fd].conn
	}
	return nil
}

// reading repeats f, which waits for something to read, until it succeeds, fails
// or the deadline has passed.
func (k *netSocket) reading(op string, f func() (int, error)) (int, error) {
	for {
		ms, past := k.n.timeout(k.readBy)
		if past {
			return 0, k.opError(op, os.ErrDeadlineExceeded)
		}
		if c := k.conn(); c != nil {
			c.recvTimeout = ms
		}
		n, err := f()
		if err == nil {
			return n, nil
		}
		if err != EWOULDBLOCK || ms == 0 {
			return 0, k.opError(op, err)
		}
	}
}

// Close closes the socket (lwip_close).
func (k *netSocket) Close() error {
	if err := k.begin("close"); err != nil {
		return err
	}
	if err := k.n.s.Close(k.n.t, k.fd); err != nil {
		return k.opError("close", err)
	}
	k.closed = true
	return nil
}

func (k *netSocket) setDeadline(read, write bool, t time.Time) error {
	if err := k.begin("set"); err != nil {
		return err
	}
	if read {
		k.readBy = t
	}
	if write {
		k.writeBy = t
	}
	return nil
}

// address reads "host:port"; an empty host is any. A name is looked up by lookup,
// if that is not nil.
func address(address string, lookup func(string) (netip.Addr, error)) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, &net.AddrError{Err: "the port is not a number from 0 to 65535", Addr: address}
	}
	if host == "" {
		return netip.AddrPortFrom(netip.Addr{}, uint16(p)), nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil && lookup != nil {
		a, err = lookup(host)
		if err != nil {
			return netip.AddrPort{}, err
		}
	}
	if err != nil || !a.Unmap().Is4() {
		return netip.AddrPort{}, &net.AddrError{Err: "the host is not an IPv4 address", Addr: address}
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), nil
}

// lookup asks for the address of a name (lwip_getaddrinfo).
func (n *Net) lookup(host string) (netip.Addr, error) {
	ai, err := n.s.Getaddrinfo(n.t, host, "")
	if err != nil {
		return netip.Addr{}, &net.DNSError{Err: err.Error(), Name: host, IsNotFound: err == EAIFail}
	}
	defer n.s.Freeaddrinfo(ai)
	return ai.Addr.Addr(), nil
}

// socket makes a socket for network "tcp", "tcp4", "udp" or "udp4".
func (n *Net) socket(op, network, addr string) (netSocket, netip.AddrPort, error) {
	k := netSocket{n: n, network: network}
	if err := n.check(op); err != nil {
		return k, netip.AddrPort{}, err
	}
	typ := SockStream
	switch network {
	case "tcp", "tcp4":
	case "udp", "udp4":
		typ = SockDgram
	default:
		return k, netip.AddrPort{}, k.opError(op, net.UnknownNetworkError(network))
	}
	lookup := n.lookup
	if op != "dial" {
		lookup = nil
	}
	a, err := address(addr, lookup)
	if err != nil {
		return k, a, k.opError(op, err)
	}
	if k.fd, err = n.s.Socket(n.t, typ); err != nil {
		return k, a, k.opError(op, err)
	}
	return k, a, nil
}

func (k *netSocket) addr(a netip.AddrPort) net.Addr {
	if k.network == "udp" || k.network == "udp4" {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}

// names asks for the addresses. Those of a connection that is gone already are
// not known any more.
func (k *netSocket) names(connected bool) {
	a, _ := k.n.s.Getsockname(k.n.t, k.fd)
	k.local = k.addr(a)
	if connected {
		a, _ = k.n.s.Getpeername(k.n.t, k.fd)
		k.remote = k.addr(a)
	}
}

// setUp makes the calls that a new socket needs; if one fails it closes it.
func (k *netSocket) setUp(op string, calls ...func() error) error {
	for _, f := range calls {
		if err := f(); err != nil {
			k.n.s.Close(k.n.t, k.fd)
			return k.opError(op, err)
		}
	}
	return nil
}

// Listen listens on a TCP port, with SO_REUSEADDR as Go's net does and a backlog
// of 5. network is "tcp" or "tcp4"; the host is an IPv4 address or empty.
func (n *Net) Listen(network, address string) (net.Listener, error) {
	if network == "udp" || network == "udp4" {
		return nil, &net.OpError{Op: "listen", Net: network, Err: net.UnknownNetworkError(network)}
	}
	k, a, err := n.socket("listen", network, address)
	if err != nil {
		return nil, err
	}
	s, t := n.s, n.t
	err = k.setUp("listen",
		func() error {
			if !s.c.opt.SOReuse {
				return nil
			}
			return s.Setsockopt(t, k.fd, SOReuseAddr, 1)
		},
		func() error { return s.Bind(t, k.fd, a) },
		func() error { return s.Listen(t, k.fd, 5) })
	if err != nil {
		return nil, err
	}
	k.names(false)
	return &Listener{k}, nil
}

// Dial connects to a host. network is "tcp", "tcp4", "udp" or "udp4"; the host is
// an IPv4 address or a name.
func (n *Net) Dial(network, address string) (net.Conn, error) {
	k, a, err := n.socket("dial", network, address)
	if err != nil {
		return nil, err
	}
	k.remote = k.addr(a)
	if err := k.setUp("dial", func() error { return n.s.Connect(n.t, k.fd, a) }); err != nil {
		return nil, err
	}
	k.names(false)
	return &Conn{netSocket: k}, nil
}

// ListenPacket opens a UDP port.
func (n *Net) ListenPacket(network, address string) (net.PacketConn, error) {
	if network == "tcp" || network == "tcp4" {
		return nil, &net.OpError{Op: "listen", Net: network, Err: net.UnknownNetworkError(network)}
	}
	k, a, err := n.socket("listen", network, address)
	if err != nil {
		return nil, err
	}
	if err := k.setUp("listen", func() error { return n.s.Bind(n.t, k.fd, a) }); err != nil {
		return nil, err
	}
	k.names(false)
	return &PacketConn{Conn{netSocket: k}}, nil
}
