package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// signs and encrypts report what the mode of the channel asks for. An OPN message is
// encrypted also if the mode is Sign.
func (ch *secureChannel) signs() bool {
	return ch.context != nil && (ch.mode == uint32(ua.MessageSecurityModeSign) || ch.encrypts())
}

func (ch *secureChannel) encrypts() bool {
	return ch.context != nil && ch.mode == uint32(ua.MessageSecurityModeSignAndEncrypt)
}

// open decrypts a chunk whose content begins at pos, checks its signature, and cuts
// signature and padding off (decryptAndVerifyChunk, src/ua_securechannel_crypto.c).
func (ch *secureChannel) open(c *chunk, pos int) uatypes.Status {
	asymmetric := c.messageType == typeOPN
	if ch.context == nil {
		// A sequence header and at least a byte of content must follow.
		if asymmetric && pos+sequenceHeaderLength+1 >= len(c.bytes) {
			return ua.StatusBadSecurityChecksFailed
		}
		return uatypes.Good
	}
	if asymmetric {
		return ch.openAsymmetric(c, pos)
	}
	if ch.encrypts() && len(c.bytes) > pos {
		st := ch.context.withIV(ch.server, &ch.context.remote, func() error {
			plain, err := ch.context.symmetric.Decrypt(c.bytes[pos:])
			if err == nil {
				c.bytes = append(c.bytes[:pos:pos], plain...)
			}
			return err
		})
		if st != uatypes.Good {
			return st
		}
	}
	if !ch.signs() {
		return uatypes.Good
	}
	content := len(c.bytes) - macLength
	if content <= 0 || ch.context.symmetric == nil ||
		ch.context.symmetric.VerifySignature(c.bytes[:content], c.bytes[content:]) != nil {
		return ua.StatusBadSecurityChecksFailed
	}
	padding := 0
	if ch.encrypts() {
		padding = int(c.bytes[content-1]) + 1
	}
	return c.cut(pos, padding, macLength)
}

// openAsymmetric is open for an OPN message.
func (ch *secureChannel) openAsymmetric(c *chunk, pos int) uatypes.Status {
	p, key := ch.policy, ch.context.key()
	named := ch.server.object(p.object)
	plain, st := p.suite.decrypt(p.key, p.random, c.bytes[pos:])
	named()
	if st != uatypes.Good {
		return st
	}
	c.bytes = append(c.bytes[:pos:pos], plain...)
	content := len(c.bytes) - key.Size()
	if content <= 0 {
		return ua.StatusBadSecurityChecksFailed
	}
	if st := p.suite.verify(key, c.bytes[:content], c.bytes[content:]); st != uatypes.Good {
		return st
	}
	padding := int(c.bytes[content-1]) + 1
	if p.key.Bits() > 2048 && content >= 2 {
		// The last byte is the high one of a padding size of two.
		padding = int(c.bytes[content-1])<<8 + 1 + int(c.bytes[content-2]) + 1
	}
	return c.cut(pos, padding&0xffff, key.Size())
}

// cut takes padding and signature off. A sequence header and at least a byte of
// content must be left.
func (c *chunk) cut(pos, padding, signature int) uatypes.Status {
	if pos+padding+signature+sequenceHeaderLength+1 >= len(c.bytes) {
		return ua.StatusBadSecurityChecksFailed
	}
	c.bytes = c.bytes[:len(c.bytes)-signature-padding]
	return uatypes.Good
}

// reserved is how many bytes at the end of a buffer of n bytes a message may not
// fill: those of padding and signature (setBufPos).
func (ch *secureChannel) reserved(n int) int {
	r := 0
	if ch.signs() {
		r += macLength
	}
	if ch.encrypts() {
		r += 1 + (n-symmetricHeaderLength+sequenceHeaderLength)%cipherBlock + 1
	}
	return r
}

// seal pads a chunk of which the header and n bytes are written, and makes room for
// the signature. It returns the length of what is to be signed, and of the chunk
// (padChunkSym).
func (ch *secureChannel) seal(b []byte, n int) (signed, total int) {
	if !ch.signs() {
		return n, n
	}
	if ch.encrypts() {
		body := n - symmetricHeaderLength
		padding := cipherBlock - (body+sequenceHeaderLength+macLength+1)%cipherBlock
		for range padding + 1 {
			b[n] = byte(padding)
			n++
		}
	}
	return n, n + macLength
}

// secure signs and encrypts a chunk whose headers are written (signChunkSym,
// encryptChunkSym).
func (ch *secureChannel) secure(b []byte, signed int) uatypes.Status {
	if !ch.signs() {
		return uatypes.Good
	}
	c := ch.context
	if c.symmetric == nil {
		return ua.StatusBadInternalError
	}
	sig, err := c.symmetric.Signature(b[:signed])
	if err != nil {
		return ua.StatusBadInternalError
	}
	copy(b[signed:], sig)
	if !ch.encrypts() {
		return uatypes.Good
	}
	return c.withIV(ch.server, &c.local, func() error {
		const from = symmetricHeaderLength - sequenceHeaderLength
		cipher, err := c.symmetric.Encrypt(b[from:])
		copy(b[from:], cipher)
		return err
	})
}

// asymmetricSealing are the numbers of an OPN message that is signed and encrypted.
type asymmetricSealing struct {
	suite    *suite
	object   func() string
	random   *mbedtls.DRBG
	own, key *mbedtls.Key // the server's private and the client's public one
}

// sealing returns them, nil if the message is neither.
func (ch *secureChannel) sealing() *asymmetricSealing {
	if !ch.signs() {
		return nil
	}
	return &asymmetricSealing{ch.policy.suite, ch.policy.object, ch.policy.random, ch.policy.key, ch.context.key()}
}

// reserved is how many bytes at the end of a buffer an OPN message may not fill, of
// which free ones are left behind the headers (hideBytesAsym).
func (a *asymmetricSealing) reserved(free int) int {
	return a.own.Size() + 2 + a.suite.overhead(a.key, free+sequenceHeaderLength)
}

// pad pads an OPN message of n bytes whose content begins at start behind the
// sequence header, and returns what is to be signed (padChunkAsym).
func (a *asymmetricSealing) pad(b []byte, start, n int) (signed int) {
	size, long := 1, a.key.Bits() > 2048
	if long {
		size = 2
	}
	plain := a.suite.plainBlock(a.key)
	padding := plain - (n-start+sequenceHeaderLength+a.own.Size()+size)%plain
	for range padding + 1 {
		b[n] = byte(padding)
		n++
	}
	if long {
		b[n] = byte(padding >> 8)
		n++
	}
	return n
}

// seal signs an OPN message and encrypts it from a position on
// (signAndEncryptAsym). b is as long as the buffer.
func (a *asymmetricSealing) seal(s *Server, b []byte, from, signed int) uatypes.Status {
	named := s.object(a.object)
	sig, st := a.suite.sign(a.own, a.random, b[:signed])
	named()
	if st != uatypes.Good {
		return st
	}
	copy(b[signed:], sig)
	cipher, st := a.suite.encrypt(s.mem, a.key, a.random, b[from:signed+len(sig)])
	copy(b[from:], cipher)
	return st
}
