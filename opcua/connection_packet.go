package opcua

import (
	"encoding/binary"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// v1.0 makes a channel when OPN arrives. What is before that belongs to the
// connection: its buffer sizes, the chunk of which a part has arrived, and HEL.

// receiveAppended reads into a new buffer, behind the half chunk of the last time
// (connection_recv, arch/network_tcp.c).
func (c *connection) receiveAppended() (buffer, uatypes.Status) {
	buf, ok := c.server.newBuffer(c.config.Receive, "receive buffer")
	if !ok {
		return buf, ua.StatusBadOutOfMemory
	}
	offset := len(c.incomplete.b)
	got, err := c.server.cfg.Sockets.Recv(c.fd, buf.b[offset:])
	if err != nil || got == 0 {
		c.server.release(&buf)
		if err == EAGAIN {
			return buf, uatypes.Good
		}
		c.close()
		return buf, ua.StatusBadConnectionClosed
	}
	copy(buf.b, c.incomplete.b)
	c.server.mem.Free(c.incomplete.block)
	c.incomplete = buffer{}
	buf.b = buf.b[:offset+got]
	return buf, uatypes.Good
}

// processPacket processes the chunks in what was received, then the messages that
// are complete with them (UA_Server_processBinaryMessage,
// src/server/ua_server_binary.c).
func (s *Server) processPacket(c *connection, b []byte) {
	if st := c.processChunks(b); st != uatypes.Good {
		c.sendError(st)
		c.close()
		return
	}
	ch := c.channel
	if ch == nil {
		return
	}
	defer s.object(ch.object)()
	ch.processMessages()
	if ch.state != channelClosed {
		ch.persistMessages()
	}
}

// processChunks processes complete chunks and keeps what follows them
// (UA_Connection_processChunks, src/ua_connection.c).
func (c *connection) processChunks(b []byte) uatypes.Status {
	for {
		n, st := c.processChunk(b)
		if st != uatypes.Good {
			return st
		}
		if n == 0 {
			break
		}
		b = b[n:]
	}
	if len(b) == 0 {
		return uatypes.Good
	}
	block := c.server.mem.Malloc(uint32(len(b)), "half chunk")
	if block == 0 {
		return ua.StatusBadOutOfMemory
	}
	c.incomplete = buffer{block, append([]byte(nil), b...)}
	return uatypes.Good
}

// processChunk processes the first chunk in b and returns its length, 0 if it is
// not complete.
func (c *connection) processChunk(b []byte) (int, uatypes.Status) {
	if len(b) < headerLength {
		return 0, uatypes.Good
	}
	word := binary.LittleEndian.Uint32(b)
	size := binary.LittleEndian.Uint32(b[4:])
	switch word & messageTypeMask {
	case typeHEL, typeACK, typeERR, typeOPN, typeMSG, typeCLO:
	default:
		return 0, ua.StatusBadTCPMessageTypeInvalid
	}
	switch kind := word & chunkTypeMask; {
	case kind != chunkFinal && kind != chunkIntermediate && kind != chunkAbort:
		return 0, ua.StatusBadTCPMessageTypeInvalid
	case size < 16, size > c.config.Receive:
		return 0, ua.StatusBadTCPMessageTooLarge
	case size > uint32(len(b)):
		return 0, uatypes.Good
	}
	chunk := b[:size]
	if c.channel != nil {
		return int(size), c.channel.addChunk(chunk)
	}
	switch word & messageTypeMask {
	case typeHEL:
		return int(size), c.server.agree(c, chunk)
	case typeOPN:
		return int(size), c.server.openWith(c, chunk)
	}
	return int(size), ua.StatusBadTCPMessageTypeInvalid
}

// agree takes over what HEL asks for, as far as it can be, and sends ACK
// (processHEL). The sizes keep the client's sense: what the client sends with is
// what the server sends with too. What HEL allows is what the server keeps to.
func (s *Server) agree(c *connection, chunk []byte) uatypes.Status {
	var hello helloMessage
	if _, st := decode(s, chunk, headerLength, &hello); st != uatypes.Good {
		return st
	}
	uatypes.Clear(s.mem, &hello.EndpointURL)
	local := s.cfg.Buffers
	c.config = Buffers{
		Send:       min(hello.SendBufferSize, local.Receive),
		Receive:    min(hello.ReceiveBufferSize, local.Send),
		MaxMessage: hello.MaxMessageSize,
		MaxChunks:  hello.MaxChunkCount,
	}
	if c.config.Receive < minimumBuffer || c.config.Send < minimumBuffer || c.config.MaxMessage != 0 && c.config.MaxMessage < minimumBuffer {
		return ua.StatusBadInternalError
	}
	c.state = connectionEstablished
	buf, st := c.sendBuffer(c.config.Send)
	if st != uatypes.Good {
		return st
	}
	ack := acknowledgeMessage{ReceiveBufferSize: c.config.Send, SendBufferSize: c.config.Receive, MaxMessageSize: c.config.MaxMessage, MaxChunkCount: c.config.MaxChunks}
	size := headerLength + uatypes.Length(&ack)
	buf.b = buf.b[:size]
	e := uatypes.Encoder{Buf: buf.b, End: len(buf.b)}
	e.Encode(&messageHeader{Type: typeACK | chunkFinal, Size: size})
	e.Encode(&ack)
	return c.send(&buf)
}

// openWith makes a channel for the OPN message of a connection that has none
// (processCompleteChunkWithoutChannel).
func (s *Server) openWith(c *connection, chunk []byte) uatypes.Status {
	if c.state != connectionEstablished {
		return ua.StatusBadCommunicationError
	}
	var h asymmetricHeader
	if _, st := decode(s, chunk, channelHeaderLength, &h); st != uatypes.Good {
		return st
	}
	st := s.openChannel(c, &h)
	uatypes.Clear(s.mem, &h)
	if st != uatypes.Good {
		return st
	}
	ch := c.channel
	defer s.object(ch.object)()
	if st := ch.addChunk(chunk); st != uatypes.Good {
		return st
	}
	ch.processMessages()
	return uatypes.Good
}

// openChannel makes the channel, with the policy that the header names
// (createSecureChannel, UA_SecureChannelManager_create).
func (s *Server) openChannel(c *connection, h *asymmetricHeader) uatypes.Status {
	p := s.policyByURI(&h.SecurityPolicyURI)
	if p == nil {
		return ua.StatusBadSecurityPolicyRejected
	}
	if st := s.createSecureChannel(c); st != uatypes.Good {
		return st
	}
	ch := c.channel
	if st := s.setPolicy(ch, h); st != uatypes.Good {
		s.channels = s.channels[:len(s.channels)-1]
		c.detach()
		s.mem.Free(ch.block)
		return st
	}
	ch.token.createdAt = s.cfg.Clock.Now()
	ch.token.revisedLifetime = s.cfg.Limits.MaxSecurityTokenLifetime
	return uatypes.Good
}
