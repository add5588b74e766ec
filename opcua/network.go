package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// listenBacklog is the length of the queue of connections that wait to be
// accepted (MAXBACKLOG, arch/network_tcp.c).
const listenBacklog = 100

// network is the TCP network layer: the listening socket and the connections,
// the newest first (ServerNetworkLayerTCP, arch/network_tcp.c).
type network struct {
	server      *Server
	listener    int
	listening   bool
	connections []*connection
}

// start opens the listening socket (ServerNetworkLayerTCP_start).
func (n *network) start() error {
	fd, err := n.server.cfg.Sockets.Listen(n.server.cfg.Port, listenBacklog)
	if err != nil {
		return err
	}
	n.listener, n.listening = fd, true
	return nil
}

// poll is one pass over the sockets: at most one connection is accepted and of
// every connection that has something at most one buffer is read
// (ServerNetworkLayerTCP_listen).
func (n *network) poll() {
	if !n.listening {
		return
	}
	var read FDSet
	read.Set(n.listener)
	for _, c := range n.connections {
		read.Set(c.fd)
	}
	except := read
	if _, err := n.server.cfg.Sockets.Select(&read, &except); err != nil {
		return // the next iterate tries again
	}
	if read.Has(n.listener) {
		n.accept()
	}
	now := n.server.cfg.Clock.Monotonic()
	for i := 0; i < len(n.connections); {
		c := n.connections[i]
		switch {
		case n.server.has.noHelloCut && c.state == connectionOpening && now > c.opened+noHelloTimeout:
			n.remove(c)
		case except.Has(c.fd) || read.Has(c.fd):
			n.receive(c)
		}
		if i < len(n.connections) && n.connections[i] == c {
			i++ // it was not removed
		}
	}
}

func (n *network) accept() {
	fd, peer, err := n.server.cfg.Sockets.Accept(n.listener)
	if err != nil {
		return
	}
	c := &connection{server: n.server, fd: fd, peer: peer}
	defer n.server.object(c.object)()
	if c.block = n.server.mem.Malloc(n.server.rel.sizes.connection, "ConnectionEntry"); c.block == 0 {
		n.server.cfg.Sockets.Close(fd)
		return
	}
	if n.server.rel.channelAtOpen {
		c.config = n.server.cfg.Buffers
	}
	c.opened = n.server.cfg.Clock.Monotonic()
	n.connections = slices.Insert(n.connections, 0, c)
}

func (n *network) receive(c *connection) {
	defer n.server.object(c.object)()
	buf, st := c.receive()
	switch st {
	case uatypes.Good:
		n.server.processBinaryMessage(c, buf.b)
		n.server.release(&buf)
	case ua.StatusBadConnectionClosed:
		n.remove(c)
	}
}

// remove gives the socket and the entry of a connection back. Its channel stays
// until the next housekeeping (UA_Server_removeConnection).
func (n *network) remove(c *connection) {
	n.connections = slices.DeleteFunc(n.connections, func(x *connection) bool { return x == c })
	n.server.cfg.Sockets.Close(c.fd)
	c.detach()
	n.server.mem.Free(c.incomplete.block)
	n.server.mem.Free(c.block)
}

// processBinaryMessage hands received bytes to the channel of a connection and
// makes the channel if they are the first (UA_Server_processBinaryMessage,
// src/server/ua_server_binary.c). After an error it sends ERR and closes.
func (s *Server) processBinaryMessage(c *connection, b []byte) {
	if s.rel.channelAtOpen {
		s.processPacket(c, b)
		return
	}
	st := uatypes.Good
	if c.channel == nil {
		st = s.createSecureChannel(c)
	}
	if st == uatypes.Good {
		ch := c.channel
		defer s.object(ch.object)()
		st = ch.processBuffer(b)
	}
	if st != uatypes.Good {
		c.sendError(st)
		c.close()
	}
}
