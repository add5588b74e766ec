package opcua

import (
	"encoding/binary"
	"fmt"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"
)

// clientMaxMessage bounds what a client keeps of a message that is not complete
// if its configuration sets no limit.
const clientMaxMessage = 16 << 20

// clientProtocolError is a violation of Part 6 by the server, with the status
// code that the specification gives for it.
type clientProtocolError struct {
	status ua.StatusCode
	text   string
}

func (e *clientProtocolError) Error() string { return e.text }

func clientViolation(status ua.StatusCode, format string, args ...any) error {
	return &clientProtocolError{status, fmt.Sprintf(format, args...)}
}

// A clientMessage is a complete message from the server.
type clientMessage struct {
	kind    string // "ACK", "ERR", "OPN", "MSG" or "CLO"
	channel uint32 // secure channel id
	token   uint32 // security token id; 0 in an OPN
	request uint32 // request id
	policy  string // security policy of an OPN
	// certificate is that of the sender of an OPN.
	certificate []byte
	body        []byte // what follows the sequence header; of ACK and ERR what follows the header
	abort       *uasc.MessageAbort
}

// A clientReader puts the server's bytes together: first to chunks, then to
// messages (Part 6, 6.7.2 and 7.1.2).
type clientReader struct {
	maxChunk   uint32            // largest chunk accepted, header included
	maxMessage uint32            // largest message accepted, 0: clientMaxMessage
	maxChunks  uint32            // most chunks of one message, 0: any number
	wanted     func(uint32) bool // whether the client waits for that request id
	crypto     *clientCrypto     // nil: no security

	buf     []byte // bytes that are not yet a chunk
	parts   []clientPart
	lastSeq uint32 // sequence number of the last chunk; 0: none yet
}

// A clientPart is a message whose last chunk has not come.
type clientPart struct {
	request uint32
	body    []byte
	chunks  uint32
}

func (r *clientReader) feed(b []byte) { r.buf = append(r.buf, b...) }

// next returns the next complete message, or nil if more bytes are needed. The
// message does not share memory with the reader.
func (r *clientReader) next() (*clientMessage, error) {
	for {
		chunk, err := r.chunk()
		if chunk == nil || err != nil {
			return nil, err
		}
		m, err := r.message(chunk)
		r.buf = append(r.buf[:0], r.buf[len(chunk):]...)
		if m != nil || err != nil {
			return m, err
		}
	}
}

const clientHeaderSize = 8 // message type, chunk type, size

// chunk returns the first chunk in the buffer, still part of it, or nil if it
// is not complete.
func (r *clientReader) chunk() ([]byte, error) {
	if len(r.buf) < clientHeaderSize {
		return nil, nil
	}
	kind, final := string(r.buf[:3]), r.buf[3]
	switch kind {
	case uacp.MessageTypeAcknowledge, uacp.MessageTypeError, uasc.MessageTypeOpenSecureChannel, uasc.MessageTypeCloseSecureChannel:
		if final != uasc.ChunkTypeFinal {
			return nil, clientViolation(ua.StatusBadTCPMessageTypeInvalid, "%s message with chunk type %q, expected %q", kind, final, uasc.ChunkTypeFinal)
		}
	case uasc.MessageTypeMessage:
		switch final {
		case uasc.ChunkTypeFinal, uasc.ChunkTypeIntermediate, uasc.ChunkTypeError:
		default:
			return nil, clientViolation(ua.StatusBadTCPMessageTypeInvalid, "MSG message with chunk type %q", final)
		}
	default:
		return nil, clientViolation(ua.StatusBadTCPMessageTypeInvalid, "message type %q", kind)
	}
	size := binary.LittleEndian.Uint32(r.buf[4:])
	if size < clientHeaderSize {
		return nil, clientViolation(ua.StatusBadTCPMessageTypeInvalid, "%s chunk of %d bytes, shorter than its header", kind, size)
	}
	if size > r.maxChunk {
		return nil, clientViolation(ua.StatusBadTCPMessageTooLarge, "%s chunk of %d bytes, at most %d were agreed", kind, size, r.maxChunk)
	}
	if uint32(len(r.buf)) < size {
		return nil, nil
	}
	return r.buf[:size], nil
}

// message takes a chunk apart; nil means that its message needs more chunks.
func (r *clientReader) message(chunk []byte) (*clientMessage, error) {
	m := &clientMessage{kind: string(chunk[:3])}
	if m.kind == uacp.MessageTypeAcknowledge || m.kind == uacp.MessageTypeError {
		m.body = append([]byte(nil), chunk[clientHeaderSize:]...)
		return m, nil
	}
	var header uasc.Header
	n, err := header.Decode(chunk)
	if err != nil {
		return nil, clientViolation(ua.StatusBadDecodingError, "%s chunk of %d bytes, too short for a secure channel id", m.kind, len(chunk))
	}
	m.channel = header.SecureChannelID
	if m.kind == uasc.MessageTypeOpenSecureChannel {
		k := clientChecker{b: chunk, pos: n}
		for range 3 { // policy, certificate, thumbprint
			if err := k.bytes(); err != nil {
				return nil, clientViolation(ua.StatusBadDecodingError, "security header of OPN: %v", err)
			}
		}
		var sec uasc.AsymmetricSecurityHeader
		used, err := sec.Decode(chunk[n:])
		if err != nil {
			return nil, clientViolation(ua.StatusBadDecodingError, "security header of OPN: %v", err)
		}
		m.policy, m.certificate, n = sec.SecurityPolicyURI, sec.SenderCertificate, n+used
	} else {
		var sec uasc.SymmetricSecurityHeader
		used, err := sec.Decode(chunk[n:])
		if err != nil {
			return nil, clientViolation(ua.StatusBadDecodingError, "%s chunk of %d bytes, too short for a token id", m.kind, len(chunk))
		}
		m.token, n = sec.TokenID, n+used
	}
	if r.crypto != nil {
		if chunk, err = r.crypto.open(m, chunk, n); err != nil {
			return nil, err
		}
	}
	var seq uasc.SequenceHeader
	used, err := seq.Decode(chunk[n:])
	if err != nil {
		return nil, clientViolation(ua.StatusBadDecodingError, "%s chunk of %d bytes, too short for a sequence header", m.kind, len(chunk))
	}
	m.request, n = seq.RequestID, n+used
	if err := r.sequence(seq.SequenceNumber); err != nil {
		return nil, err
	}
	return r.assemble(m, chunk[3], chunk[n:])
}

// sequence checks that chunks are numbered one by one. A server may wrap after
// 4294966271 to a number below 1024 (Part 6, 6.7.2.4).
func (r *clientReader) sequence(n uint32) error {
	const wrapFrom, wrapTo = 0xffffffff - 1024, 1024
	last := r.lastSeq
	r.lastSeq = n
	if last == 0 || n == last+1 || last >= wrapFrom && n < wrapTo {
		return nil
	}
	return clientViolation(ua.StatusBadSequenceNumberInvalid, "sequence number %d after %d", n, last)
}

// assemble adds the data of a chunk to its message. Chunks of requests that the
// client does not wait for are dropped at once, so that a server cannot make it
// keep them.
func (r *clientReader) assemble(m *clientMessage, final byte, data []byte) (*clientMessage, error) {
	i := 0
	for i < len(r.parts) && r.parts[i].request != m.request {
		i++
	}
	if final == uasc.ChunkTypeIntermediate {
		if i == len(r.parts) {
			if !r.wanted(m.request) {
				return nil, nil
			}
			r.parts = append(r.parts, clientPart{request: m.request})
		}
		p := &r.parts[i]
		p.chunks++
		if err := r.fits(p.chunks, len(p.body)+len(data)); err != nil {
			return nil, err
		}
		p.body = append(p.body, data...)
		return nil, nil
	}
	var part clientPart
	if i < len(r.parts) {
		part = r.parts[i]
		r.parts = append(r.parts[:i], r.parts[i+1:]...)
	}
	if final == uasc.ChunkTypeError {
		k := clientChecker{b: data}
		if _, err := k.u32(); err != nil {
			return nil, clientViolation(ua.StatusBadDecodingError, "abort chunk: %v", err)
		}
		if err := k.bytes(); err != nil {
			return nil, clientViolation(ua.StatusBadDecodingError, "abort chunk: %v", err)
		}
		m.abort = new(uasc.MessageAbort)
		if _, err := m.abort.Decode(data); err != nil {
			return nil, clientViolation(ua.StatusBadDecodingError, "abort chunk: %v", err)
		}
		return m, nil
	}
	if err := r.fits(part.chunks+1, len(part.body)+len(data)); err != nil {
		return nil, err
	}
	m.body = append(part.body, data...)
	return m, nil
}

func (r *clientReader) fits(chunks uint32, size int) error {
	limit := r.maxMessage
	if limit == 0 {
		limit = clientMaxMessage
	}
	if uint64(size) > uint64(limit) {
		return clientViolation(ua.StatusBadResponseTooLarge, "message of more than %d bytes", limit)
	}
	if r.maxChunks != 0 && chunks > r.maxChunks {
		return clientViolation(ua.StatusBadResponseTooLarge, "message of more than %d chunks", r.maxChunks)
	}
	return nil
}
