package wire

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

const ipv4Protocol = ipv4.ProtocolNumber

// DialOptions are what a program may set before it connects.
type DialOptions struct {
	// LocalPort is the port to connect from. 0: the host picks one. The port of
	// a vanished connection may be taken again, as by a program that was
	// started anew: the vanished one's filter ends then.
	LocalPort uint16

	// ReceiveBuffer is the size of the receive buffer in bytes, at least 4096.
	// gVisor announces at most half of it as window, less what is unread, and
	// never more than HostConfig.Window. 0: 1 MiB. A program that reads too
	// little closes the window of a small buffer sooner; the caveat at
	// HostConfig.Window applies then.
	ReceiveBuffer int

	// SendBuffer is how many bytes may be written and not yet acknowledged before
	// Write waits, at least 4096. What exceeds it by part of one Write is taken.
	// 0: 1 MiB, and more for a peer that takes it.
	SendBuffer int

	// MSS is the largest segment to announce, if smaller than what the MTU
	// allows. 0: what the MTU allows.
	MSS uint16
}

// A Conn is a TCP connection of a host's program.
type Conn struct {
	*sock
	local, remote netip.AddrPort
}

// Dial connects to a TCP port. It returns when the handshake is complete, when
// it has failed, or after timeout; the attempt is given up then. Zero: TCP's
// own limit, 127 s after seven SYNs. Only p itself may call it.
func (h *Host) Dial(p *vtime.Proc, addr netip.Addr, port uint16, timeout time.Duration) (*Conn, error) {
	return h.DialWith(p, addr, port, timeout, DialOptions{})
}

// DialWith is Dial with options.
func (h *Host) DialWith(p *vtime.Proc, addr netip.Addr, port uint16, timeout time.Duration, opts DialOptions) (*Conn, error) {
	remote := netip.AddrPortFrom(addr, port)
	m, err := h.ready("dial", remote)
	if err != nil {
		return nil, err
	}
	setDefault(&opts.ReceiveBuffer, receiveBuffer)
	if !addr.Is4() || port == 0 || opts.ReceiveBuffer < tcp.MinBufferSize || opts.SendBuffer != 0 && opts.SendBuffer < tcp.MinBufferSize {
		return nil, h.fail("dial", netip.AddrPort{}, remote, errors.New("an IPv4 address, a port above 0 and buffers of at least 4096 bytes were expected"))
	}
	c := &Conn{remote: remote, local: netip.AddrPortFrom(h.Addr(), opts.LocalPort)}
	s, terr := m.newTCP(opts.ReceiveBuffer)
	if terr != nil {
		return nil, h.fail("dial", c.local, remote, fromStack(terr))
	}
	c.sock = s
	ep := s.ep
	if opts.SendBuffer != 0 {
		ep.SocketOptions().SetSendBufferSize(int64(opts.SendBuffer), true) // which ends its growth
	}
	if opts.LocalPort != 0 {
		m.reclaim(tupleOf(c.local, remote))
		// SO_REUSEADDR: other connections from this port do not forbid it.
		ep.SocketOptions().SetReuseAddress(true)
		terr = ep.Bind(tcpip.FullAddress{Addr: toStack(h.Addr()), Port: opts.LocalPort})
	}
	if terr == nil && opts.MSS != 0 {
		terr = ep.SetSockOptInt(tcpip.MaxSegOption, int(opts.MSS))
	}
	if terr == nil {
		terr = ep.Connect(tcpip.FullAddress{Addr: toStack(addr), Port: port})
	}
	m.rest()
	if _, started := terr.(*tcpip.ErrConnectStarted); !started && terr != nil {
		c.discard()
		return nil, h.fail("dial", c.local, remote, fromStack(terr))
	}
	if a, err := ep.GetLocalAddress(); err == nil {
		c.local = fromStackAddr(a)
	}
	if err := c.connected(p, h.deadline(timeout)); err != nil {
		return nil, err
	}
	return c, nil
}

// connected waits for the end of the handshake.
func (c *Conn) connected(p *vtime.Proc, d deadline) error {
	for {
		if err := c.broken(); err != nil {
			return c.fail("dial", err)
		}
		switch tcp.EndpointState(c.ep.State()) {
		case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv:
		case tcp.StateError, tcp.StateClose:
			e := c.fail("dial", c.lastError())
			if errors.Is(e, ErrUnreachable) && !c.m.resolved(c.remote.Addr()) {
				e.Detail = noARP
			}
			c.discard()
			return e
		default:
			return nil
		}
		if !c.wait(p, d) {
			e := c.fail("dial", ErrTimeout)
			if !c.m.resolved(c.remote.Addr()) {
				e.Detail = noARP
			}
			c.discard()
			return e
		}
	}
}

// discard ends an attempt that did not become a connection.
func (s *sock) discard() {
	s.leave()
	s.ep.Close()
	s.m.rest()
}

func (c *Conn) lastError() error {
	if err := c.ep.LastError(); err != nil {
		return fromStack(err)
	}
	return ErrClosed
}

func (c *Conn) fail(op string, err error) *NetError {
	return c.m.host.fail(op, c.local, c.remote, err)
}

// LocalAddr returns this host's address and port.
func (c *Conn) LocalAddr() netip.AddrPort { return c.local }

// RemoteAddr returns the peer's address and port.
func (c *Conn) RemoteAddr() netip.AddrPort { return c.remote }

// Host returns the host that the connection belongs to.
func (c *Conn) Host() *Host { return c.m.host }

// State returns the state of the host's TCP for the connection, also after
// Close: ESTABLISHED, FIN-WAIT1, FIN-WAIT2, CLOSING, TIME-WAIT, CLOSE-WAIT,
// LAST-ACK, CLOSED, or ERROR after a reset or a timeout.
func (c *Conn) State() string { return tcp.EndpointState(c.ep.State()).String() }

// Read waits until there is something to read and reads at most len(buf) bytes.
// It returns io.EOF after the peer's FIN, and a *NetError with ErrReset,
// ErrTimeout (the caller's, or TCP's own after too many retransmissions or
// keep-alive probes), ErrClosed or ErrPoweredOff otherwise.
func (c *Conn) Read(p *vtime.Proc, buf []byte, timeout time.Duration) (int, error) {
	d := c.m.host.deadline(timeout)
	for {
		if err := c.broken(); err != nil {
			return 0, c.fail("read", err)
		}
		w := tcpip.SliceWriter(buf)
		r, terr := c.ep.Read(&w, tcpip.ReadOptions{})
		switch terr.(type) {
		case nil:
			c.m.rest() // may have opened the window
			return r.Count, nil
		case *tcpip.ErrWouldBlock:
		case *tcpip.ErrClosedForReceive:
			return 0, io.EOF
		default:
			return 0, c.fail("read", fromStack(terr))
		}
		if !c.wait(p, d) {
			return 0, c.fail("read", ErrTimeout)
		}
	}
}

// Buffered returns how many bytes can be read without waiting.
func (c *Conn) Buffered() int {
	if c.broken() != nil {
		return 0
	}
	n, err := c.ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if err != nil {
		return 0
	}
	return n
}

// Write writes all of buf, waiting while the send buffer is full. It returns
// how much was taken, and why not all. What was taken is not yet delivered.
func (c *Conn) Write(p *vtime.Proc, buf []byte, timeout time.Duration) (int, error) {
	d := c.m.host.deadline(timeout)
	r := bytes.NewReader(buf)
	for r.Len() > 0 {
		if err := c.broken(); err != nil {
			return len(buf) - r.Len(), c.fail("write", err)
		}
		_, terr := c.ep.Write(r, tcpip.WriteOptions{})
		switch terr.(type) {
		case nil:
			c.m.rest()
		case *tcpip.ErrWouldBlock:
			if !c.wait(p, d) {
				return len(buf) - r.Len(), c.fail("write", ErrTimeout)
			}
		default:
			return len(buf) - r.Len(), c.fail("write", fromStack(terr))
		}
	}
	return len(buf), nil
}

// CloseWrite sends FIN and goes on reading, as shutdown(SHUT_WR) does.
func (c *Conn) CloseWrite() error {
	if err := c.broken(); err != nil {
		return c.fail("shutdown", err)
	}
	terr := c.ep.Shutdown(tcpip.ShutdownWrite)
	c.m.rest()
	if terr != nil {
		return c.fail("shutdown", fromStack(terr))
	}
	return nil
}

// Close closes the connection as close(2) does: what was written is delivered,
// then FIN follows; if something received was not read, RST is sent in its
// place. Further calls do nothing.
func (c *Conn) Close() {
	if c.broken() != nil {
		return
	}
	c.leave()
	c.ep.Close()
	c.m.rest()
}

// Abort closes the connection with RST, as close(2) does with SO_LINGER on and
// a time of 0. What was not yet sent is dropped.
func (c *Conn) Abort() {
	if c.broken() != nil {
		return
	}
	c.leave()
	c.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
	c.ep.Close()
	c.m.rest()
}

func tupleOf(local, remote netip.AddrPort) tuple {
	return tuple{src: local.Addr().As4(), dst: remote.Addr().As4(), srcPort: local.Port(), dstPort: remote.Port()}
}
