package live

import (
	"errors"
	"io"
	"net"
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// The buffers of a connection in bytes. A direction holds one chunk; the rest is
// in the sockets at both ends of it. The gateway announces half of its receive
// buffer as window, as far as that is free.
const (
	chunk         = 16 << 10
	simSend       = 32 << 10
	simReceive    = 64 << 10
	realSend      = 32 << 10 // the system may take it for a hint
	realReceive   = 32 << 10
	timeoutOfDial = 0 // TCP's own, 127 s of virtual time
)

// A conn carries one real connection through the gateway. A goroutine each reads
// and writes the real side (conn_real.go); a process each writes and reads the
// simulated side. Everything but the channels belongs to the loop.
type conn struct {
	s    *Server
	id   int
	real *net.TCPConn
	peer netip.AddrPort
	sim  *wire.Conn // nil until the device has accepted it

	up, down *vtime.Proc

	// From the real side to the device. The reader reads on when the loop has
	// given its buffer back.
	in       []byte
	inEOF    bool
	credit   chan struct{}
	upDone   bool // FIN was sent to the device
	toDevice uint64

	// From the device to the real side. The writer has at most one chunk; nil
	// stands for FIN.
	out        chan []byte
	writing    bool
	downDone   bool // FIN was sent to the real side
	fromDevice uint64

	gone   chan struct{} // closed when the connection has ended
	ended  bool
	vanish bool // Kill came before the device had accepted
}

func newConn(s *Server, id int, real *net.TCPConn) *conn {
	c := &conn{s: s, id: id, real: real, credit: make(chan struct{}, 1), out: make(chan []byte, 1), gone: make(chan struct{})}
	if a, ok := real.RemoteAddr().(*net.TCPAddr); ok {
		c.peer = a.AddrPort()
	}
	// Small buffers, so that a side that does not read is felt on the other.
	_ = real.SetReadBuffer(realReceive)
	_ = real.SetWriteBuffer(realSend)
	return c
}

// start begins with the handshake in the simulated network.
func (c *conn) start() {
	c.up = c.s.gateway.Go("to device", func(p *vtime.Proc) {
		sim, err := c.s.gateway.DialWith(p, c.s.device.Addr(), c.s.cfg.Port, timeoutOfDial, wire.DialOptions{SendBuffer: simSend, ReceiveBuffer: simReceive})
		switch {
		case err != nil:
			c.end(reset)
			return
		case c.vanish:
			sim.Vanish()
			return
		case c.ended: // the real side has given up meanwhile
			sim.Abort()
			return
		}
		c.sim = sim
		sim.SetNoDelay(true) // the real side has decided what goes together
		c.down = c.s.gateway.Go("from device", c.carryDown)
		c.carryUp(p)
	})
	c.s.running.Go(c.read)
	c.s.running.Go(c.write)
}

// carryUp carries from the real side to the device.
func (c *conn) carryUp(p *vtime.Proc) {
	for !c.ended {
		switch {
		case len(c.in) > 0:
			n, err := c.sim.Write(p, c.in, 0)
			c.toDevice += uint64(n)
			c.in = nil
			if err != nil {
				c.end(reset) // what the device has said is lost, as RST does
				return
			}
			c.credit <- struct{}{}
		case c.inEOF:
			if err := c.sim.CloseWrite(); err != nil {
				c.end(reset)
				return
			}
			c.upDone = true
			c.endIfDone()
			return
		default:
			p.Park()
		}
	}
}

// carryDown carries from the device to the real side.
func (c *conn) carryDown(p *vtime.Proc) {
	buf := make([]byte, chunk)
	for !c.ended {
		n, err := c.sim.Read(p, buf, 0)
		switch {
		case err == nil:
			c.fromDevice += uint64(n)
			c.out <- buf[:n]
		case errors.Is(err, io.EOF):
			c.out <- nil
		default: // RST, or the gateway's TCP has given up
			c.end(reset)
			return
		}
		for c.writing = true; c.writing && !c.ended; {
			p.Park()
		}
		if err != nil && !c.ended {
			c.downDone = true
			c.endIfDone()
			return
		}
	}
}

// endIfDone ends the connection when FIN has gone in both directions.
func (c *conn) endIfDone() {
	if c.upDone && c.downDone {
		c.end(func(real *net.TCPConn) { real.Close() })
	}
}

// end ends the connection on both sides, the real one by closeReal. In the
// simulated network it becomes RST unless FIN has gone both ways.
func (c *conn) end(closeReal func(*net.TCPConn)) {
	if c.ended {
		return
	}
	c.ended = true
	close(c.gone)
	closeReal(c.real)
	if c.sim != nil {
		if c.upDone && c.downDone {
			c.sim.Close()
		} else {
			c.sim.Abort()
		}
		c.up.Wake()
		c.down.Wake()
	}
	c.s.forget(c)
}

// kill lets the connection vanish from the simulated network.
func (c *conn) kill() {
	if c.sim != nil {
		c.sim.Vanish()
	}
	c.vanish = c.sim == nil
	c.end(reset)
}

// drop closes the real side when the world is about to end.
func (c *conn) drop() {
	c.ended = true
	close(c.gone)
	reset(c.real)
}
