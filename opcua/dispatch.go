package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// processMessage processes a message of a channel and, if that fails, sends ERR
// and closes the channel (processSecureChannelMessage,
// src/server/ua_server_binary.c).
func (s *Server) processMessage(ch *secureChannel, messageType, requestID uint32, b []byte) uatypes.Status {
	st := uatypes.Good
	switch messageType {
	case typeHEL:
		st = s.processHello(ch, b)
	case typeOPN:
		st = s.processOpen(ch, requestID, b)
	case typeMSG:
		st = s.processRequest(ch, requestID, b)
	case typeCLO:
		s.removeChannel(ch)
	default:
		st = ua.StatusBadTCPMessageTypeInvalid
	}
	if st != uatypes.Good && ch.connection != nil {
		ch.connection.sendError(st)
		s.removeChannel(ch)
	}
	return st
}

// processHello agrees on the sizes of buffers and sends ACK (processHEL).
func (s *Server) processHello(ch *secureChannel, b []byte) uatypes.Status {
	if s.rel.freshChannels && ch.state != channelFresh || !s.rel.freshChannels && ch.state != channelClosed {
		return ua.StatusBadInternalError
	}
	var hello helloMessage
	if _, st := decode(s, b, 0, &hello); st != uatypes.Good {
		return st
	}
	uatypes.Clear(s.mem, &hello.EndpointURL)
	ch.config.Send = min(ch.config.Send, hello.ReceiveBufferSize)
	ch.config.Receive = min(ch.config.Receive, hello.SendBufferSize)
	if ch.config.Receive < minimumBuffer || ch.config.Send < minimumBuffer ||
		hello.MaxMessageSize != 0 && hello.MaxMessageSize < minimumBuffer {
		return ua.StatusBadInternalError
	}
	ch.connection.state = connectionEstablished
	buf, st := ch.connection.sendBuffer(ch.config.Send)
	if st != uatypes.Good {
		return st
	}
	ack := acknowledgeMessage{
		ReceiveBufferSize: ch.config.Receive,
		SendBufferSize:    ch.config.Send,
		MaxMessageSize:    ch.config.MaxMessage,
		MaxChunkCount:     ch.config.MaxChunks,
	}
	size := headerLength + uatypes.Length(&ack)
	buf.b = buf.b[:size]
	e := uatypes.Encoder{Buf: buf.b, End: len(buf.b)}
	e.Encode(&messageHeader{Type: typeACK | chunkFinal, Size: size})
	e.Encode(&ack)
	if st = ch.connection.send(&buf); st == uatypes.Good {
		ch.state = channelAckSent
	}
	return st
}

// processOpen opens or renews a channel (processOPN). When that fails the
// channel goes without an ERR message.
func (s *Server) processOpen(ch *secureChannel, requestID uint32, b []byte) uatypes.Status {
	if ch.state != channelAckSent && ch.state != channelOpen {
		return ua.StatusBadInternalError
	}
	var id uatypes.NodeID
	pos, st := decode(s, b, 0, &id)
	if st != uatypes.Good {
		s.removeChannel(ch)
		return st
	}
	var q uatypes.OpenSecureChannelRequest
	_, st = decode(s, b, pos, &q)
	want := uatypes.Numeric(0, uatypes.TypeOpenSecureChannelRequest.Encoding)
	if wrong := !id.Equal(&want); st != uatypes.Good || wrong {
		uatypes.Clear(s.mem, &id)
		uatypes.Clear(s.mem, &q)
		s.removeChannel(ch)
		return st
	}
	var r uatypes.OpenSecureChannelResponse
	st = s.openSecureChannel(ch, &q, &r)
	uatypes.Clear(s.mem, &q)
	if st != uatypes.Good {
		// The response is not cleared; without security it holds no memory.
		s.removeChannel(ch)
		return st
	}
	st = ch.sendOpen(requestID, &r)
	uatypes.Clear(s.mem, &r)
	if st != uatypes.Good {
		s.removeChannel(ch)
	}
	return st
}

// processRequest decodes a request, performs the service and answers it
// (processMSG).
func (s *Server) processRequest(ch *secureChannel, requestID uint32, b []byte) uatypes.Status {
	if ch.state != channelOpen {
		return ua.StatusBadInternalError
	}
	var id uatypes.NodeID
	pos, st := decode(s, b, 0, &id)
	if st != uatypes.Good {
		return st
	}
	if id.Namespace != 0 || id.Type != uatypes.IDNumeric {
		uatypes.Clear(s.mem, &id)
	}
	svc := s.services[id.Numeric]
	if svc == nil {
		var fault uatypes.ServiceFault
		return s.decodeHeaderSendFault(ch, b, pos, uatypes.TypeServiceFault, &fault, requestID, ua.StatusBadServiceUnsupported)
	}
	return svc.run(s, ch, requestID, b, pos)
}

// decodeHeaderSendFault answers a request of which only the header can be, or
// needs to be, decoded (decodeHeaderSendServiceFault). The connection stays.
func (s *Server) decodeHeaderSendFault(ch *secureChannel, b []byte, pos int, t *uatypes.DataType, r uatypes.Response, requestID uint32, status uatypes.Status) uatypes.Status {
	var h uatypes.RequestHeader
	if _, st := decode(s, b, pos, &h); st != uatypes.Good {
		return st
	}
	st := s.sendFault(ch, requestID, h.RequestHandle, t, r, status)
	uatypes.Clear(s.mem, &h)
	return st
}

// call is a request in progress.
type call struct {
	channel   *secureChannel
	session   *session // of a service that looks it up itself: nil
	requestID uint32
	handle    uint32
}
