package lwipmodel

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"
)

// A Listener is a listening socket.
type Listener struct{ netSocket }

// A Conn is a TCP or a connected UDP socket.
type Conn struct {
	netSocket
	eof bool
}

// A PacketConn is a UDP socket.
type PacketConn struct{ Conn }

var (
	_ net.Listener   = (*Listener)(nil)
	_ net.Conn       = (*Conn)(nil)
	_ net.PacketConn = (*PacketConn)(nil)
)

// Accept waits for a connection.
func (l *Listener) Accept() (net.Conn, error) {
	if err := l.begin("accept"); err != nil {
		return nil, err
	}
	fd, err := l.reading("accept", func() (int, error) { return l.n.s.Accept(l.n.t, l.fd) })
	if err != nil {
		return nil, err
	}
	c := &Conn{netSocket: netSocket{n: l.n, fd: fd, network: l.network}}
	c.names(true)
	return c, nil
}

// Addr returns the listener's address.
func (l *Listener) Addr() net.Addr { return l.local }

// SetDeadline is the time by which Accept gives up; zero: never.
func (l *Listener) SetDeadline(t time.Time) error { return l.setDeadline(true, false, t) }

// Read reads what has come, up to the length of b.
func (c *Conn) Read(b []byte) (int, error) {
	if err := c.begin("read"); err != nil {
		return 0, err
	}
	if c.eof {
		return 0, io.EOF
	}
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.reading("read", func() (int, error) { return c.n.s.Recv(c.n.t, c.fd, b, 0) })
	if err == nil && n == 0 && c.stream() {
		c.eof = true
		return 0, io.EOF
	}
	return n, err
}

func (c *Conn) stream() bool { return c.network == "tcp" || c.network == "tcp4" }

// Write sends all of b, or to a UDP socket one datagram.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.begin("write"); err != nil {
		return 0, err
	}
	if !c.stream() {
		n, err := c.n.s.Send(c.n.t, c.fd, b, 0)
		if err != nil {
			return 0, c.opError("write", err)
		}
		return n, nil
	}
	sent := 0
	for sent < len(b) {
		ms, past := c.n.timeout(c.writeBy)
		if past {
			return sent, c.opError("write", os.ErrDeadlineExceeded)
		}
		if k := c.conn(); k != nil {
			k.sendTimeout = ms
		}
		n, err := c.n.s.Send(c.n.t, c.fd, b[sent:], 0)
		if err != nil && (err != EWOULDBLOCK || ms == 0) {
			return sent, c.opError("write", err)
		}
		sent += max(n, 0)
	}
	return sent, nil
}

// LocalAddr returns the local address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets the deadlines of reading and writing.
func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadline(true, true, t) }

// SetReadDeadline sets the time by which a Read gives up; zero: never.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(true, false, t) }

// SetWriteDeadline sets the time by which a Write gives up; zero: never.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(false, true, t) }

// CloseWrite closes the sending direction (shutdown SHUT_WR).
func (c *Conn) CloseWrite() error { return c.shutdown("close", ShutWR) }

// CloseRead closes the receiving direction (shutdown SHUT_RD).
func (c *Conn) CloseRead() error { return c.shutdown("close", ShutRD) }

func (c *Conn) shutdown(op string, how int) error {
	if err := c.begin(op); err != nil {
		return err
	}
	if err := c.n.s.Shutdown(c.n.t, c.fd, how); err != nil {
		return c.opError(op, err)
	}
	return nil
}

// SetNoDelay is TCP_NODELAY. Unlike in package net it is off by default, as it is
// for every socket of lwIP.
func (c *Conn) SetNoDelay(on bool) error {
	v := 0
	if on {
		v = 1
	}
	return c.option(func() error { return c.n.s.Setsockopt(c.n.t, c.fd, TCPNoDelay, v) })
}

// SetLinger is SO_LINGER; below 0: off.
func (c *Conn) SetLinger(seconds int) error {
	return c.option(func() error { return c.n.s.SetLinger(c.n.t, c.fd, seconds >= 0, max(seconds, 0)) })
}

// SetKeepAlive is SO_KEEPALIVE.
func (c *Conn) SetKeepAlive(on bool) error {
	v := 0
	if on {
		v = 1
	}
	return c.option(func() error { return c.n.s.Setsockopt(c.n.t, c.fd, SOKeepAlive, v) })
}

func (c *Conn) option(f func() error) error {
	if err := c.begin("set"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return c.opError("set", err)
	}
	return nil
}

// ReadFrom receives a datagram.
func (p *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	if err := p.begin("read"); err != nil {
		return 0, nil, err
	}
	var from netip.AddrPort
	n, err := p.reading("read", func() (n int, err error) {
		n, from, err = p.n.s.RecvFrom(p.n.t, p.fd, b, 0)
		return n, err
	})
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo sends a datagram.
func (p *PacketConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if err := p.begin("write"); err != nil {
		return 0, err
	}
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, p.opError("write", fmt.Errorf("lwipmodel: the address is a %T: want a *net.UDPAddr", to))
	}
	n, err := p.n.s.SendTo(p.n.t, p.fd, b, a.AddrPort())
	if err != nil {
		return 0, p.opError("write", err)
	}
	return n, nil
}
