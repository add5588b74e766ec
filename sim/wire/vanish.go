package wire

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/ports"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// vanishing is a connection that the host has lost: its port stays reserved, so
// that no other connection falls into its filter.
type vanishing struct {
	port     ports.Reservation
	reserved bool
}

// Vanish makes the host lose the connection without a trace, as when the
// program's machine dies while the network stays: no FIN and no RST, nothing is
// ever sent for it again, and what the peer sends for it is ignored in silence.
// Host.PowerOff does the same to a whole host.
func (c *Conn) Vanish() {
	if c.broken() != nil {
		return
	}
	m := c.m
	t := tupleOf(c.local, c.remote)
	m.host.loop.Log().Emit("host "+m.host.cfg.Name, "%s -> %s vanishes", c.local, c.remote)
	m.vanished[t] = vanishing{}
	c.leave()
	c.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
	c.ep.Close() // the RST goes into the filter
	m.rest()
	v := vanishing{port: ports.Reservation{
		Networks:  []tcpip.NetworkProtocolNumber{ipv4Protocol},
		Transport: tcp.ProtocolNumber,
		Addr:      toStack(c.local.Addr()),
		Port:      c.local.Port(),
		Dest:      tcpip.FullAddress{Addr: toStack(c.remote.Addr()), Port: c.remote.Port()},
	}}
	rng := m.stack.SecureRNG()
	_, err := m.stack.ReservePort(rng, v.port, nil)
	v.reserved = err == nil
	m.vanished[t] = v
}

// reclaim ends the filter of a vanished connection.
func (m *machine) reclaim(t tuple) {
	v, ok := m.vanished[t]
	if !ok {
		return
	}
	delete(m.vanished, t)
	if v.reserved {
		m.stack.ReleasePort(v.port)
	}
}

// hides reports whether a frame of the stack belongs to a vanished connection.
func (m *machine) hides(h headers) bool {
	if len(m.vanished) == 0 || h.proto != protoTCP || h.transport == 0 {
		return false
	}
	_, gone := m.vanished[h.tuple]
	return gone
}
