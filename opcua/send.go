package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// outgoing is a message on its way out. It is encoded into one buffer after
// another, each sent as a chunk once it is full (UA_MessageContext,
// src/ua_securechannel.c).
type outgoing struct {
	ch        *secureChannel
	requestID uint32
	buf       buffer
	enc       uatypes.Encoder
	chunks    uint32
	size      uint32 // bytes of all chunks so far, without headers
}

// begin takes the first buffer.
func (ch *secureChannel) begin(requestID uint32) (*outgoing, uatypes.Status) {
	o := &outgoing{ch: ch, requestID: requestID}
	if ch.connection == nil {
		return o, ua.StatusBadInternalError
	}
	o.enc.Exchange = o.exchange
	return o, o.newBuffer()
}

func (o *outgoing) newBuffer() uatypes.Status {
	c := o.ch.connection
	if c == nil {
		return ua.StatusBadInternalError
	}
	var st uatypes.Status
	if o.buf, st = c.sendBuffer(o.ch.config.Send); st != uatypes.Good {
		return st
	}
	o.enc.Buf, o.enc.Pos, o.enc.End = o.buf.b, symmetricHeaderLength, len(o.buf.b)-o.ch.reserved(len(o.buf.b))
	return uatypes.Good
}

// exchange sends the full buffer and takes another.
func (o *outgoing) exchange() uatypes.Status {
	if st := o.sendChunk(chunkIntermediate); st != uatypes.Good {
		return st
	}
	return o.newBuffer()
}

// encode adds a value to the message. If that fails the message is given up.
func (o *outgoing) encode(v uatypes.Value) uatypes.Status {
	st := o.enc.Encode(v)
	if st != uatypes.Good {
		o.ch.server.release(&o.buf)
	}
	return st
}

// finish sends the last chunk.
func (o *outgoing) finish() uatypes.Status { return o.sendChunk(chunkFinal) }

func (o *outgoing) sendChunk(kind uint32) uatypes.Status {
	ch := o.ch
	if ch.connection == nil {
		return ua.StatusBadInternalError
	}
	o.size += uint32(o.enc.Pos - symmetricHeaderLength)
	o.chunks++
	if ch.config.MaxMessage != 0 && o.size > ch.config.MaxMessage ||
		ch.config.MaxChunks != 0 && o.chunks > ch.config.MaxChunks {
		ch.server.release(&o.buf)
		return ua.StatusBadResponseTooLarge
	}
	signed, n := ch.seal(o.buf.b, o.enc.Pos)
	o.buf.b = o.buf.b[:n]
	ch.sendSequence++
	head := uatypes.Encoder{Buf: o.buf.b, End: n}
	head.Encode(&messageHeader{Type: typeMSG | kind, Size: uint32(n)})
	head.Encode((*uint32Value)(&ch.token.channelID))
	head.Encode((*uint32Value)(&ch.token.tokenID))
	head.Encode(&sequenceHeader{SequenceNumber: ch.sendSequence, RequestID: o.requestID})
	if st := ch.secure(o.buf.b, signed); st != uatypes.Good {
		ch.server.release(&o.buf)
		return st
	}
	return ch.connection.send(&o.buf)
}

// sendMessage sends a structure in one go: the node id of its encoding, then
// its members.
func (ch *secureChannel) sendMessage(requestID uint32, t *uatypes.DataType, v uatypes.Value) uatypes.Status {
	o, st := ch.begin(requestID)
	if st != uatypes.Good {
		return st
	}
	id := uatypes.Numeric(0, t.Encoding)
	if st = o.encode(&id); st != uatypes.Good {
		return st
	}
	if st = o.encode(v); st != uatypes.Good {
		return st
	}
	return o.finish()
}

// sendResponse stamps a response with the time and sends it (sendResponse,
// src/server/ua_server_binary.c).
func (s *Server) sendResponse(ch *secureChannel, requestID uint32, t *uatypes.DataType, r uatypes.Response) uatypes.Status {
	if ch == nil {
		return ua.StatusBadInternalError
	}
	r.Header().Timestamp = s.cfg.Clock.Now()
	if h := r.Header(); s.rel.plainFaults && h.ServiceResult != uatypes.Good {
		return ch.sendMessage(requestID, uatypes.TypeServiceFault, &uatypes.ServiceFault{ResponseHeader: *h})
	}
	return ch.sendMessage(requestID, t, r)
}

// sendFault answers a request with an otherwise empty response of type t
// (sendServiceFault). Unlike a response it is not sent on a channel that is
// not open, or whose connection is closed.
func (s *Server) sendFault(ch *secureChannel, requestID, handle uint32, t *uatypes.DataType, r uatypes.Response, status uatypes.Status) uatypes.Status {
	if ch == nil || ch.connection == nil {
		return ua.StatusBadInternalError
	}
	*r.Header() = uatypes.ResponseHeader{RequestHandle: handle, Timestamp: s.cfg.Clock.Now(), ServiceResult: status}
	if ch.state != channelOpen || ch.connection.state != connectionEstablished {
		return ua.StatusBadConnectionClosed
	}
	if s.rel.plainFaults {
		t = uatypes.TypeServiceFault
		var f uatypes.ServiceFault
		*f.Header() = *r.Header()
		r = &f
	}
	return ch.sendMessage(requestID, t, r)
}

// sendOpen sends the response to an OPN message (UA_SecureChannel_sendAsymmetricOPNMessage).
func (ch *secureChannel) sendOpen(requestID uint32, r *uatypes.OpenSecureChannelResponse) uatypes.Status {
	if ch.mode == uint32(ua.MessageSecurityModeInvalid) {
		return ua.StatusBadSecurityModeRejected
	}
	if ch.policy == nil || ch.connection == nil {
		return ua.StatusBadInternalError
	}
	buf, st := ch.connection.sendBuffer(ch.config.Send)
	if st != uatypes.Good {
		return st
	}
	security := asymmetricHeader{SecurityPolicyURI: ch.policy.uri}
	sealing := ch.sealing()
	if sealing != nil {
		security.SenderCertificate = ch.policy.certificate
		security.ReceiverCertificateThumbprint = uatypes.Str{P: uatypes.Static, B: ch.remoteThumbprint[:]}
	}
	content := channelHeaderLength + int(uatypes.Length(&security))
	start := content + sequenceHeaderLength
	e := uatypes.Encoder{Buf: buf.b, Pos: start, End: len(buf.b)}
	if sealing != nil {
		e.End -= sealing.reserved(len(buf.b) - start)
	}
	id := uatypes.Numeric(0, uatypes.TypeOpenSecureChannelResponse.Encoding)
	if start > e.End {
		st = ua.StatusBadEncodingError
	} else {
		st = e.Encode(&id)
		st |= e.Encode(r)
	}
	if st != uatypes.Good {
		ch.server.release(&buf)
		return st
	}
	signed, n := e.Pos, e.Pos
	if sealing != nil {
		signed = sealing.pad(buf.b, start, e.Pos)
		n = signed + sealing.own.Size()
		n += sealing.suite.overhead(sealing.key, n-content)
	}
	ch.sendSequence++
	head := uatypes.Encoder{Buf: buf.b, End: start}
	head.Encode(&messageHeader{Type: typeOPN | chunkFinal, Size: uint32(n)})
	head.Encode((*uint32Value)(&ch.token.channelID))
	head.Encode(&security)
	head.Encode(&sequenceHeader{SequenceNumber: ch.sendSequence, RequestID: requestID})
	if sealing != nil {
		if st := sealing.seal(ch.server, buf.b, content, signed); st != uatypes.Good {
			ch.server.release(&buf)
			return st
		}
	}
	buf.b = buf.b[:n]
	return ch.connection.send(&buf)
}
