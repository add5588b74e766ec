package opcua

import (
	"encoding/binary"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of the structures in which v1.0 collects messages, in bytes (recorded).
const (
	sizeofMessage      = 36 // UA_Message
	sizeofChunkPayload = 16 // UA_ChunkPayload
)

// message is a message of which chunks have arrived (UA_Message, v1.0).
type message struct {
	block       uint32
	messageType uint32
	requestID   uint32
	chunks      []payload
	size        uint32
	final       bool
}

// payload is the content of a chunk (UA_ChunkPayload). Its bytes lie in the
// receive buffer or in a block of their own.
type payload struct {
	block  uint32
	copied uint32
	bytes  []byte
	owned  bool
}

func (ch *secureChannel) deleteMessage(m *message) {
	for _, p := range m.chunks {
		ch.server.mem.Free(p.copied)
		ch.server.mem.Free(p.block)
	}
	ch.server.mem.Free(m.block)
}

func (ch *secureChannel) deleteMessages() {
	for _, m := range ch.messages {
		ch.deleteMessage(m)
	}
	ch.messages = nil
}

// addChunk checks a chunk and adds it to its message. A channel that gets one it
// cannot take is closed (UA_SecureChannel_decryptAddChunk, src/ua_securechannel.c).
func (ch *secureChannel) addChunk(b []byte) uatypes.Status {
	if ch.state == channelClosed {
		return ua.StatusBadSecureChannelClosed
	}
	st := ch.takeChunk(b)
	if st != uatypes.Good {
		ch.shut()
	}
	return st
}

func (ch *secureChannel) takeChunk(b []byte) uatypes.Status {
	word := binary.LittleEndian.Uint32(b)
	if binary.LittleEndian.Uint32(b[headerLength:]) != ch.token.channelID && ch.state != channelAckSent {
		return ua.StatusBadSecureChannelIDInvalid
	}
	messageType, chunkType := word&messageTypeMask, word&chunkTypeMask
	pos := channelHeaderLength
	switch messageType {
	case typeERR:
		if chunkType != chunkFinal {
			return ua.StatusBadTCPMessageTypeInvalid
		}
		return ch.putPayload(messageType, chunkType, 0, b[pos:])
	case typeMSG, typeCLO:
		if st := ch.checkTokenInUse(binary.LittleEndian.Uint32(b[pos:])); st != uatypes.Good {
			return st
		}
		pos += 4
	case typeOPN:
		if chunkType != chunkFinal {
			return ua.StatusBadTCPMessageTypeInvalid
		}
		var h asymmetricHeader
		var st uatypes.Status
		if pos, st = decode(ch.server, b, pos, &h); st != uatypes.Good {
			return st
		}
		same := ch.policy.uri.Equal(&h.SecurityPolicyURI)
		uatypes.Clear(ch.server.mem, &h)
		if !same {
			return ua.StatusBadSecurityPolicyRejected
		}
		if pos >= len(b) {
			return ua.StatusBadSecurityChecksFailed
		}
	default:
		return ua.StatusBadTCPMessageTypeInvalid
	}
	var seq sequenceHeader
	pos, st := decode(ch.server, b, pos, &seq)
	switch {
	case st != uatypes.Good:
		return st
	case pos >= len(b):
		return ua.StatusBadSecurityChecksFailed
	case messageType == typeOPN:
		ch.receiveSequence = seq.SequenceNumber
	default:
		if st := ch.checkSequence(seq.SequenceNumber); st != uatypes.Good {
			return st
		}
	}
	return ch.putPayload(messageType, chunkType, seq.RequestID, b[pos:])
}

// checkTokenInUse checks the token of a message; the use of the new one ends the
// old one (checkSymHeader). Only the token in use is checked for its age.
func (ch *secureChannel) checkTokenInUse(id uint32) uatypes.Status {
	switch {
	case id == ch.token.tokenID:
		if ch.state == channelOpen && ch.token.expires() < ch.server.channelNow() {
			ch.shut()
			return ua.StatusBadSecureChannelClosed
		}
	case id != ch.alternative.tokenID, id == 0:
		return ua.StatusBadSecureChannelTokenUnknown
	default:
		ch.token, ch.alternative = ch.alternative, securityToken{}
	}
	return uatypes.Good
}

// putPayload adds the content of a chunk to its message, or drops the message
// (putPayload, addChunkPayload).
func (ch *secureChannel) putPayload(messageType, chunkType, requestID uint32, b []byte) uatypes.Status {
	var latest *message
	if n := len(ch.messages); n > 0 {
		latest = ch.messages[n-1]
	}
	if chunkType == chunkAbort {
		if latest != nil && latest.requestID == requestID {
			ch.messages = ch.messages[:len(ch.messages)-1]
			ch.deleteMessage(latest)
		}
		return uatypes.Good
	}
	switch {
	case latest == nil:
	case latest.requestID != requestID:
		if !latest.final {
			return ua.StatusBadTCPMessageTypeInvalid
		}
		latest = nil
	case latest.messageType != messageType, latest.final:
		return ua.StatusBadTCPMessageTypeInvalid
	}
	m := ch.server.mem
	if latest == nil {
		latest = &message{block: m.Malloc(sizeofMessage, "UA_Message"), requestID: requestID, messageType: messageType}
		if latest.block == 0 {
			return ua.StatusBadOutOfMemory
		}
		ch.messages = append(ch.messages, latest)
	}
	if ch.config.MaxChunks > 0 && ch.config.MaxChunks <= uint32(len(latest.chunks)) ||
		ch.config.MaxMessage > 0 && ch.config.MaxMessage < latest.size+uint32(len(b)) {
		return ua.StatusBadResponseTooLarge
	}
	p := payload{block: m.Malloc(sizeofChunkPayload, "UA_ChunkPayload"), bytes: b}
	if p.block == 0 {
		return ua.StatusBadOutOfMemory
	}
	latest.chunks = append(latest.chunks, p)
	latest.size += uint32(len(b))
	latest.final = chunkType == chunkFinal
	return uatypes.Good
}

// processMessages processes the messages up to the first that is not complete
// (UA_SecureChannel_processCompleteMessages). One for which there is no memory is
// never given back.
func (ch *secureChannel) processMessages() {
	for len(ch.messages) > 0 && ch.messages[0].final && ch.state != channelClosed {
		m := ch.messages[0]
		ch.messages = ch.messages[1:]
		if len(m.chunks) == 1 {
			ch.server.processWhole(ch, m, m.chunks[0].bytes)
		} else {
			whole, ok := ch.server.newBuffer(m.size, "message")
			if !ok {
				return
			}
			b := whole.b[:0]
			for _, p := range m.chunks {
				b = append(b, p.bytes...)
			}
			ch.server.processWhole(ch, m, b)
			ch.server.release(&whole)
		}
		ch.deleteMessage(m)
	}
}

// processWhole processes a message; if that fails the channel is closed without
// an ERR message (processSecureChannelMessage, src/server/ua_server_binary.c).
func (s *Server) processWhole(ch *secureChannel, m *message, b []byte) {
	st := uatypes.Good
	switch m.messageType {
	case typeOPN:
		st = s.processOpen(ch, m.requestID, b)
	case typeMSG:
		st = s.processRequest(ch, m.requestID, b)
	case typeCLO:
		s.closeChannel(ch)
	default:
		st = ua.StatusBadTCPMessageTypeInvalid
	}
	if st != uatypes.Good {
		s.closeChannel(ch)
	}
}

// closeChannel removes a channel that is still in the list
// (UA_SecureChannelManager_close).
func (s *Server) closeChannel(ch *secureChannel) {
	for _, x := range s.channels {
		if x == ch {
			s.removeChannel(ch)
			return
		}
	}
}

// persistMessages copies the content of chunks that has to outlive the receive
// buffer (UA_SecureChannel_persistIncompleteMessages).
func (ch *secureChannel) persistMessages() {
	for _, m := range ch.messages {
		for i := range m.chunks {
			p := &m.chunks[i]
			if p.owned {
				continue
			}
			if len(p.bytes) > 0 {
				if p.copied = ch.server.mem.Calloc(uint32(len(p.bytes)), "chunk"); p.copied == 0 {
					ch.shut()
					return
				}
			}
			p.bytes = append([]byte(nil), p.bytes...)
			p.owned = true
		}
	}
}
