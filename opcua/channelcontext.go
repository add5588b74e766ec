package opcua

import (
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofChannelContext is the size of Basic256Sha256_ChannelContext in bytes (recorded).
const sizeofChannelContext = 396

// channelContext is what a policy with security keeps for a channel: the client's
// certificate, and the keys of the token in use.
type channelContext struct {
	policy      *securityPolicy
	block       uint32
	certificate *mbedtls.Certificate
	// Signing key, encrypting key and initialization vector: the server's, then the
	// client's.
	local, remote [3]uatypes.Str
	// symmetric computes with these keys; nil: there are none yet.
	symmetric *uapolicy.EncryptionAlgorithm
}

// newContext makes the context of a channel to the owner of a certificate
// (channelContext_newContext_sp_basic256sha256).
func (p *securityPolicy) newContext(s *Server, certificate *uatypes.Str) (*channelContext, uatypes.Status) {
	c := &channelContext{policy: p, block: s.mem.Malloc(sizeofChannelContext, "Basic256Sha256_ChannelContext")}
	if c.block == 0 {
		return nil, ua.StatusBadOutOfMemory
	}
	st := uatypes.Good
	var err error
	c.certificate, err = mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), certificate.B)
	switch {
	case err != nil:
		st = ua.StatusBadSecurityChecksFailed
	case c.key().Size() < minKeyLength || c.key().Size() > maxKeyLength:
		st = ua.StatusBadCertificateUseNotAllowed
	}
	if st != uatypes.Good {
		c.delete(s)
		return nil, st
	}
	return c, uatypes.Good
}

// key is the client's public key.
func (c *channelContext) key() *mbedtls.Key { return c.certificate.Key }

// delete gives the context back (channelContext_deleteContext_sp_basic256sha256).
func (c *channelContext) delete(s *Server) {
	for i := range c.local {
		uatypes.Clear(s.mem, &c.local[i])
	}
	for i := range c.remote {
		uatypes.Clear(s.mem, &c.remote[i])
	}
	c.certificate.Free()
	s.mem.Free(c.block)
}

// sameCertificate compares a certificate with the channel's
// (channelContext_compareCertificate_sp_basic256sha256).
func (c *channelContext) sameCertificate(s *Server, certificate *uatypes.Str) bool {
	other, err := mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), certificate.B)
	if err != nil {
		return false
	}
	defer other.Free()
	return string(other.Raw) == string(c.certificate.Raw)
}

// generateKeys derives the keys of a new token from the nonces of the last OPN
// exchange (UA_SecureChannel_generateLocalKeys, generateRemoteKeys). If memory ends
// half way the old keys may be gone.
func (ch *secureChannel) generateKeys() uatypes.Status {
	c := ch.context
	if c == nil {
		return uatypes.Good
	}
	c.symmetric = nil
	st := ch.deriveKeys(&c.local, len(ch.localNonce.B), false)
	st |= ch.deriveKeys(&c.remote, len(ch.remoteNonce.B), true)
	if st != uatypes.Good {
		return st
	}
	a, err := symmetricAlgorithms(c.policy.suite.uri, ch.localNonce.B, ch.remoteNonce.B)
	if err != nil {
		return ua.StatusBadInternalError
	}
	c.symmetric = a
	return uatypes.Good
}

// deriveKeys takes the memory of one direction: a buffer for all keys, two for
// P_SHA256 over the seed and one for its last digest if that does not fit as a whole
// (mbedtls_generateKey), then the keys themselves. Of the client's keys the buffer is
// lost if the derivation fails.
func (ch *secureChannel) deriveKeys(keys *[3]uatypes.Str, seed int, remote bool) uatypes.Status {
	m := ch.server.mem
	lengths := [3]int{signingKeyLength, ch.context.policy.suite.encryptionKey, cipherBlock}
	total := lengths[0] + lengths[1] + lengths[2]
	all, ok := uatypes.NewBuffer(m, uint32(total), "keys")
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	first := m.Malloc(uint32(keyDerivationLength+seed), "A_and_seed")
	if first == 0 {
		nullWrite("mbedtls_generateKey", uint32(keyDerivationLength+seed))
	}
	second := m.Malloc(uint32(keyDerivationLength+seed), "ANext_and_seed")
	if second == 0 {
		nullWrite("mbedtls_generateKey", uint32(keyDerivationLength+seed))
	}
	st := uatypes.Good
	if total%keyDerivationLength != 0 {
		last := m.Malloc(keyDerivationLength, "outSegment")
		if last == 0 {
			st = ua.StatusBadOutOfMemory
		}
		m.Free(last)
	}
	m.Free(second)
	m.Free(first)
	if st != uatypes.Good {
		if !remote {
			uatypes.Clear(m, &all)
		}
		return st
	}
	defer uatypes.Clear(m, &all)
	for i, n := range lengths {
		part := uatypes.Str{P: uatypes.Static, B: all.B[:n]}
		uatypes.Clear(m, &keys[i])
		st |= uatypes.Copy(m, &keys[i], &part)
	}
	return st
}

// withIV runs f with the copy of an initialization vector that encryption and
// decryption make.
func (c *channelContext) withIV(s *Server, keys *[3]uatypes.Str, f func() error) uatypes.Status {
	if c.symmetric == nil || len(keys[2].B) != cipherBlock {
		return ua.StatusBadInternalError
	}
	var iv uatypes.Str
	if st := uatypes.Copy(s.mem, &iv, &keys[2]); st != uatypes.Good {
		return st
	}
	defer uatypes.Clear(s.mem, &iv)
	if f() != nil {
		return ua.StatusBadInternalError
	}
	return uatypes.Good
}
