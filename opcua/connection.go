package opcua

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

const (
	// firstBuffer is the size of the receive buffer of a connection that has no
	// channel yet (connection_recv, arch/network_tcp.c).
	firstBuffer = 16384
	// noHelloTimeout is how long a connection can stay without a HEL
	// (NOHELLOTIMEOUT, arch/network_tcp.c), in clock ticks.
	noHelloTimeout = 120_000 * ticksPerMillisecond
)

type connectionState uint8

const (
	connectionOpening connectionState = iota
	connectionEstablished
	connectionClosed
)

// connection is a TCP connection (ConnectionEntry).
type connection struct {
	server  *Server
	block   uint32
	fd      int
	peer    string
	state   connectionState
	opened  int64 // monotonic
	channel *secureChannel

	// If a channel is made no earlier than by OPN, what HEL agreed on and the
	// chunk of which a part has arrived wait here.
	config     Buffers
	incomplete buffer
}

func (c *connection) object() string { return fmt.Sprintf("connection %s", c.peer) }

// attach binds a channel to a connection if it has none yet
// (UA_Connection_attachSecureChannel).
func (c *connection) attach(ch *secureChannel) {
	if ch.connection == nil {
		ch.connection = c
		c.channel = ch
	}
}

// detach takes the channel off (UA_Connection_detachSecureChannel).
func (c *connection) detach() {
	if c.channel != nil && c.channel.connection == c {
		c.channel.connection = nil
	}
	c.channel = nil
}

// close shuts the socket down. The descriptor is given back when the socket
// layer next reports the socket (ServerNetworkLayerTCP_close).
func (c *connection) close() {
	if c.state == connectionClosed {
		return
	}
	c.server.cfg.Sockets.Shutdown(c.fd)
	c.state = connectionClosed
}

// sendBuffer takes a buffer for a message of n bytes (connection_getsendbuffer).
func (c *connection) sendBuffer(n uint32) (buffer, uatypes.Status) {
	if c.server.rel.channelAtOpen && c.config.Send < n || c.channel != nil && c.channel.config.Send < n {
		return buffer{}, ua.StatusBadCommunicationError
	}
	b, ok := c.server.newBuffer(n, "send buffer")
	if !ok {
		return b, ua.StatusBadOutOfMemory
	}
	return b, uatypes.Good
}

// send writes a buffer and gives it back (connection_write). While the socket
// has no room it repeats the call without pause, for as long as it takes: the
// whole server stands still.
func (c *connection) send(buf *buffer) uatypes.Status {
	if c.state == connectionClosed {
		c.server.release(buf)
		return ua.StatusBadConnectionClosed
	}
	for rest := buf.b; ; {
		n, err := c.server.cfg.Sockets.Send(c.fd, rest)
		switch {
		case err == nil:
			if rest = rest[n:]; len(rest) == 0 {
				c.server.release(buf)
				return uatypes.Good
			}
		case retry(err) && c.server.has.sendSpins:
			if s, ok := c.server.cfg.Sockets.(SpinWaiter); ok {
				s.Spin(c.fd)
			}
		default:
			c.close()
			c.server.release(buf)
			return ua.StatusBadConnectionClosed
		}
	}
}

// receive reads what the socket has into a new buffer (connection_recv). Good
// with an empty buffer says that there was nothing.
func (c *connection) receive() (buffer, uatypes.Status) {
	if c.state == connectionClosed {
		return buffer{}, ua.StatusBadConnectionClosed
	}
	if c.server.rel.channelAtOpen {
		return c.receiveAppended()
	}
	var read, except FDSet
	read.Set(c.fd)
	n, err := c.server.cfg.Sockets.Select(&read, &except)
	if err != nil && err != EINTR {
		c.close()
		return buffer{}, ua.StatusBadConnectionClosed
	}
	if err != nil || n == 0 {
		return buffer{}, ua.StatusGoodNonCriticalTimeout
	}
	size := uint32(firstBuffer)
	if c.channel != nil && c.channel.config.Receive > 0 {
		size = c.channel.config.Receive
	}
	buf, ok := c.server.newBuffer(size, "receive buffer")
	if !ok {
		// The data stay in the socket; the next iterate tries again.
		return buf, ua.StatusBadOutOfMemory
	}
	got, err := c.server.cfg.Sockets.Recv(c.fd, buf.b)
	if err == nil && got > 0 {
		buf.b = buf.b[:got]
		return buf, uatypes.Good
	}
	c.server.release(&buf)
	if err == EAGAIN {
		return buf, uatypes.Good
	}
	c.close()
	return buf, ua.StatusBadConnectionClosed
}

// sendError sends an ERR message if there is memory for it
// (UA_Connection_sendError, src/ua_connection.c). Two reasons are not told.
func (c *connection) sendError(status uatypes.Status) {
	if status == ua.StatusBadCertificateUntrusted || status == ua.StatusBadCertificateRevoked {
		status = ua.StatusBadSecurityChecksFailed
	}
	const size = headerLength + 4 + 4
	buf, st := c.sendBuffer(size)
	if st != uatypes.Good {
		return
	}
	e := uatypes.Encoder{Buf: buf.b, End: len(buf.b)}
	e.Encode(&messageHeader{Type: typeERR | chunkFinal, Size: size})
	e.Encode(&errorMessage{Error: status})
	c.send(&buf)
}
