package opcua

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A ClientConn is a TCP connection as a client host has it; *wire.Conn is one.
// Read and Write block the process that calls them, in virtual time.
type ClientConn interface {
	// Read waits for bytes for timeout at most (0: for ever). Its errors are
	// io.EOF when the peer has closed, one whose method Timeout returns true
	// when the time has run out, and any other when the connection is gone.
	Read(p *vtime.Proc, b []byte, timeout time.Duration) (int, error)
	// Write returns when TCP has taken all of b, or with the number of bytes
	// taken and an error like those of Read.
	Write(p *vtime.Proc, b []byte, timeout time.Duration) (int, error)
	// Close ends the connection as close(2) does: with a FIN.
	Close()
	// Abort ends the connection with a RST.
	Abort()
	// Vanish leaves the connection as a host does that lost its power or its
	// cable: nothing is sent any more, and nothing that arrives is answered.
	Vanish()
}

// A clientKeepAliver is a connection whose TCP can probe its peer.
type clientKeepAliver interface {
	SetKeepAlive(idle, interval time.Duration, count int) error
}

// A ClientTransport makes TCP connections for a client; OnHost makes one of a
// simulated host.
type ClientTransport interface {
	// Dial connects to addr ("192.168.1.50:4840") within timeout of virtual time
	// (0: as long as TCP itself tries). An error whose method Timeout returns
	// true says that the time ran out.
	Dial(p *vtime.Proc, addr string, timeout time.Duration) (ClientConn, error)
}

// OnHost lets clients run on a simulated host. Addresses are IPv4 addresses with
// a port. Their connections have TCP_NODELAY set, as those of all clients here
// have (the runtimes of gopcua and node-opcua and open62541's network layer set
// it).
func OnHost(h *wire.Host) ClientTransport { return clientHost{h} }

type clientHost struct{ h *wire.Host }

func (t clientHost) Dial(p *vtime.Proc, addr string, timeout time.Duration) (ClientConn, error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q, expected an IPv4 address with a port: %w", addr, err)
	}
	c, err := t.h.Dial(p, a.Addr(), a.Port(), timeout)
	if err != nil {
		return nil, err
	}
	c.SetNoDelay(true)
	return c, nil
}

// Go starts a program on the host, which ends where it is if the host loses its
// power.
func (t clientHost) Go(name string, f func(*vtime.Proc)) *vtime.Proc { return t.h.Go(name, f) }
