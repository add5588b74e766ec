package opcua

import (
	"encoding/binary"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofChunk is the size of UA_Chunk in bytes (recorded).
const sizeofChunk = 28

// chunk is a complete chunk that was received (UA_Chunk). Its bytes lie in the
// receive buffer, or in a block of their own if the message goes on in a later
// buffer.
type chunk struct {
	block       uint32
	copied      uint32 // block of the bytes, 0 if they lie in the receive buffer
	bytes       []byte
	messageType uint32
	chunkType   uint32
	requestID   uint32
}

func (ch *secureChannel) deleteChunk(c *chunk) {
	ch.server.mem.Free(c.copied)
	ch.server.mem.Free(c.block)
}

func (ch *secureChannel) deleteChunks(q *[]*chunk) {
	for _, c := range *q {
		ch.deleteChunk(c)
	}
	*q = nil
}

// deleteBuffered removes what was received and not processed
// (UA_SecureChannel_deleteBuffered, src/ua_securechannel.c).
func (ch *secureChannel) deleteBuffered() {
	ch.deleteChunks(&ch.complete)
	ch.deleteChunks(&ch.decrypted)
	ch.server.mem.Free(ch.incomplete.block)
	ch.incomplete = buffer{}
}

// processBuffer takes received bytes: it puts the half chunk of the last time
// before them, cuts out the complete chunks, keeps the rest, and processes the
// messages that are complete (UA_SecureChannel_processBuffer).
func (ch *secureChannel) processBuffer(b []byte) uatypes.Status {
	m := ch.server.mem
	var appended uint32
	if old := ch.incomplete; len(old.b) > 0 {
		ch.incomplete = buffer{}
		appended = m.Realloc(old.block, uint32(len(old.b)+len(b)), "half chunk")
		if appended == 0 {
			m.Free(old.block)
			return ua.StatusBadOutOfMemory
		}
		b = append(old.b, b...)
	}
	st := ch.cutChunks(b)
	if st == uatypes.Good {
		st = ch.processChunks()
	}
	if st == uatypes.Good {
		st = ch.persist(ch.complete) | ch.persist(ch.decrypted)
	}
	m.Free(appended)
	return st
}

// cutChunks queues the complete chunks in b and keeps what follows them.
func (ch *secureChannel) cutChunks(b []byte) uatypes.Status {
	rest := b
	for {
		n, st := ch.cutChunk(rest)
		if st != uatypes.Good {
			return st
		}
		if n == 0 {
			break
		}
		rest = rest[n:]
	}
	if len(rest) == 0 {
		return uatypes.Good
	}
	block := ch.server.mem.Malloc(uint32(len(rest)), "half chunk")
	if block == 0 {
		return ua.StatusBadOutOfMemory
	}
	ch.incomplete = buffer{block, append([]byte(nil), rest...)}
	return uatypes.Good
}

// cutChunk queues the first chunk in b and returns its length, 0 if it is not
// complete (extractCompleteChunk).
func (ch *secureChannel) cutChunk(b []byte) (int, uatypes.Status) {
	if len(b) < headerLength {
		return 0, uatypes.Good
	}
	word := binary.LittleEndian.Uint32(b)
	size := binary.LittleEndian.Uint32(b[4:])
	mt, ct := word&messageTypeMask, word&chunkTypeMask
	switch {
	case size < 16:
		return 0, ua.StatusBadTCPMessageTypeInvalid
	case size > ch.config.Receive:
		return 0, ua.StatusBadTCPMessageTooLarge
	case size > uint32(len(b)):
		return 0, uatypes.Good
	}
	switch mt {
	case typeHEL, typeACK, typeERR, typeOPN:
		if ct != chunkFinal {
			return 0, ua.StatusBadTCPMessageTypeInvalid
		}
	case typeMSG, typeCLO:
		if ct != chunkFinal && ct != chunkIntermediate && ct != chunkAbort {
			return 0, ua.StatusBadTCPMessageTypeInvalid
		}
	default:
		return 0, ua.StatusBadTCPMessageTypeInvalid
	}
	block := ch.server.mem.Malloc(sizeofChunk, "UA_Chunk")
	if block == 0 {
		return 0, ua.StatusBadOutOfMemory
	}
	ch.complete = append(ch.complete, &chunk{block: block, bytes: b[:size], messageType: mt, chunkType: ct})
	return int(size), uatypes.Good
}

// persist copies the bytes of chunks that have to outlive the receive buffer
// (persistCompleteChunks).
func (ch *secureChannel) persist(q []*chunk) uatypes.Status {
	for _, c := range q {
		if c.copied != 0 {
			continue
		}
		if len(c.bytes) > 0 {
			c.copied = ch.server.mem.Calloc(uint32(len(c.bytes)), "chunk")
			if c.copied == 0 {
				return ua.StatusBadOutOfMemory
			}
		}
		c.bytes = append([]byte(nil), c.bytes...)
	}
	return uatypes.Good
}

// processChunks decrypts the complete chunks one after the other and processes
// a message as soon as its last chunk is there (processChunks).
func (ch *secureChannel) processChunks() uatypes.Status {
	for len(ch.complete) > 0 {
		c := ch.complete[0]
		ch.complete = ch.complete[1:]
		switch c.messageType {
		case typeOPN, typeMSG, typeCLO:
			if st := ch.decryptChunk(c); st != uatypes.Good {
				ch.deleteChunk(c)
				return st
			}
		default:
			c.bytes = c.bytes[headerLength:]
		}
		ch.decrypted = append(ch.decrypted, c)
		ch.decryptedCount++
		ch.decryptedLength += uint32(len(c.bytes))
		if ch.config.MaxChunks != 0 && ch.decryptedCount > ch.config.MaxChunks ||
			ch.config.MaxMessage != 0 && ch.decryptedLength > ch.config.MaxMessage {
			return ua.StatusBadTCPMessageTooLarge
		}
		if c.chunkType != chunkFinal {
			continue
		}
		if st := ch.assemble(); st != uatypes.Good {
			return st
		}
		ch.decryptedCount, ch.decryptedLength = 0, 0
	}
	return uatypes.Good
}

// assemble joins the chunks of the first message and processes it
// (assembleProcessMessage). A message of one chunk needs no buffer.
func (ch *secureChannel) assemble() uatypes.Status {
	first := ch.decrypted[0]
	if first.chunkType == chunkFinal {
		ch.decrypted = ch.decrypted[1:]
		st := ch.server.processMessage(ch, first.messageType, first.requestID, first.bytes)
		ch.deleteChunk(first)
		return st
	}
	n, size := 0, 0
	for i, c := range ch.decrypted {
		if c.requestID != first.requestID {
			return ua.StatusBadInternalError
		}
		if c.chunkType != first.chunkType && c.chunkType != chunkFinal || c.messageType != first.messageType {
			return ua.StatusBadTCPMessageTypeInvalid
		}
		size += len(c.bytes)
		if c.chunkType == chunkFinal {
			n = i + 1
			break
		}
	}
	payload, ok := ch.server.newBuffer(uint32(size), "message")
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	b := payload.b[:0]
	for _, c := range ch.decrypted[:n] {
		b = append(b, c.bytes...)
		ch.deleteChunk(c)
	}
	ch.decrypted = ch.decrypted[n:]
	st := ch.server.processMessage(ch, first.messageType, first.requestID, b)
	ch.server.release(&payload)
	return st
}
