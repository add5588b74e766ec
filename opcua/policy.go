package opcua

import (
	"crypto/sha1"
	"fmt"
	"strings"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes of what a policy with security holds, in bytes.
const (
	// sizeofPolicyContext is Basic256Sha256_PolicyContext without mutexes: what was
	// recorded less the state of the generator HAVEGE and two mutexes.
	sizeofPolicyContext = 984
	// sizeofHostPolicyContext is the same as it was recorded.
	sizeofHostPolicyContext = 37920
	sizeofSHA256            = 108 // mbedtls_sha256_context (recorded)
	sizeofHMAC              = 128 // two blocks of SHA-256 (recorded)
)

// securityPolicy is a security policy of the server (UA_SecurityPolicy).
type securityPolicy struct {
	uri         uatypes.Str
	nonceLength uint32 // bytes of a channel's nonce
	suite       *suite // nil: no security

	certificate uatypes.Str // the server's
	context     uint32      // Basic256Sha256_PolicyContext
	digest      [2]uint32   // contexts of the message digest
	random      *mbedtls.DRBG
	key         *mbedtls.Key
	thumbprint  uatypes.Str
}

// policyNone is the policy without security. Its channels have no nonces
// (plugins/crypto/ua_securitypolicy_none.c).
func policyNone() *securityPolicy {
	return &securityPolicy{uri: uatypes.Const(ua.SecurityPolicyURINone)}
}

// object names what the policy's key keeps from its first use.
func (p *securityPolicy) object() string {
	return "security policy " + strings.TrimPrefix(p.uri.String(), ua.SecurityPolicyURIPrefix)
}

func (p *securityPolicy) isNone() bool { return p.suite == nil }

// open loads certificate and key (UA_SecurityPolicy_Basic256Sha256,
// plugins/crypto/mbedtls/ua_securitypolicy_basic256sha256.c).
func (p *securityPolicy) open(s *Server) uatypes.Status {
	st := p.load(s)
	if st != uatypes.Good {
		p.clear(s)
	}
	return st
}

func (p *securityPolicy) load(s *Server) uatypes.Status {
	c := &s.cfg.Security
	if st := p.loadCertificate(s, c.Certificate); st != uatypes.Good {
		return st
	}
	size := uint32(sizeofPolicyContext)
	if c.Host {
		size = sizeofHostPolicyContext
	}
	if p.context = s.mem.Malloc(size, "Basic256Sha256_PolicyContext"); p.context == 0 {
		return ua.StatusBadOutOfMemory
	}
	for i, n := range []uint32{sizeofSHA256, sizeofHMAC} {
		if p.digest[i] = s.mem.Calloc(n, "mbedtls_md_context"); p.digest[i] == 0 {
			return ua.StatusBadOutOfMemory
		}
	}
	p.random = mbedtls.NewDRBG(s.entropy.Fill, "open62541-drbg")
	var data uatypes.Str
	source := uatypes.Const(string(c.PrivateKey))
	uatypes.Copy(s.mem, &data, &source)
	key, err := mbedtls.ParsePrivateKey(s.mem, c.build(), data.B)
	uatypes.Clear(s.mem, &data)
	if err != nil {
		return ua.StatusBadSecurityChecksFailed
	}
	p.key = key
	var ok bool
	if p.thumbprint, ok = uatypes.NewBuffer(s.mem, thumbprintLength, "thumbprint"); !ok {
		return ua.StatusBadOutOfMemory
	}
	sum := sha1.Sum(p.certificate.B)
	p.thumbprint.B = sum[:]
	return uatypes.Good
}

// loadCertificate keeps a copy of the certificate, which is parsed only to see
// that it can be (UA_mbedTLS_LoadLocalCertificate).
func (p *securityPolicy) loadCertificate(s *Server, b []byte) uatypes.Status {
	var data uatypes.Str
	source := uatypes.Const(string(b))
	uatypes.Copy(s.mem, &data, &source)
	defer uatypes.Clear(s.mem, &data)
	crt, err := mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), data.B)
	if err != nil {
		return ua.StatusBadInvalidArgument
	}
	defer crt.Free()
	raw := uatypes.Const(string(crt.Raw))
	return uatypes.Copy(s.mem, &p.certificate, &raw)
}

// clear gives back what the policy holds (clear_sp_basic256sha256).
func (p *securityPolicy) clear(s *Server) {
	uatypes.Clear(s.mem, &p.certificate)
	p.key.Free()
	for i := range p.digest {
		s.mem.Free(p.digest[i])
		p.digest[i] = 0
	}
	uatypes.Clear(s.mem, &p.thumbprint)
	s.mem.Free(p.context)
	p.context, p.key = 0, nil
}

// fillNonce fills b with random bytes: without security they are not
// cryptographic ones.
func (p *securityPolicy) fillNonce(s *Server, b []byte) {
	if p.isNone() {
		fillNonce(s.random, b)
		return
	}
	p.random.Read(b)
}

// renewNonce fills a nonce with random bytes, in its old block if the length
// is the same (UA_SecureChannel_generateLocalNonce, src/ua_securechannel_crypto.c;
// UA_Session_generateNonce, src/server/ua_session.c).
func (p *securityPolicy) renewNonce(s *Server, nonce *uatypes.Str, length uint32) uatypes.Status {
	if uint32(len(nonce.B)) != length {
		uatypes.Clear(s.mem, nonce)
		n, ok := uatypes.NewBuffer(s.mem, length, "nonce")
		if !ok {
			return ua.StatusBadOutOfMemory
		}
		*nonce = n
	}
	// The bytes of a string never change: copies of the old nonce keep theirs.
	nonce.B = make([]byte, length)
	p.fillNonce(s, nonce.B)
	return uatypes.Good
}

// policyByURI finds a policy of the server.
func (s *Server) policyByURI(uri *uatypes.Str) *securityPolicy {
	for _, p := range s.policies {
		if p.uri.Equal(uri) {
			return p
		}
	}
	return nil
}

// setPolicy chooses the policy that the first OPN message of a channel names
// (UA_Server_configSecureChannel, UA_SecureChannel_setSecurityPolicy). A policy is
// not offered to a client that expects another certificate. If memory ends after
// the channel's context was made, the context is never given back.
func (s *Server) setPolicy(ch *secureChannel, h *asymmetricHeader) uatypes.Status {
	p := s.policyByURI(&h.SecurityPolicyURI)
	if p == nil || !p.isNone() && !p.thumbprint.Equal(&h.ReceiverCertificateThumbprint) {
		return ua.StatusBadSecurityPolicyRejected
	}
	if !p.isNone() {
		// The channel gets its number with the OpenSecureChannel service.
		defer s.object(func() string { return fmt.Sprintf("channel %d", s.nextChannelID) })()
		var st uatypes.Status
		if ch.context, st = p.newContext(s, &h.SenderCertificate); st != uatypes.Good {
			return st
		}
	}
	if st := uatypes.Copy(s.mem, &ch.remoteCertificate, &h.SenderCertificate); st != uatypes.Good {
		return st
	}
	ch.remoteThumbprint = sha1.Sum(ch.remoteCertificate.B)
	ch.policy = p
	ch.token.tokenID = s.nextTokenID
	s.nextTokenID++
	return uatypes.Good
}
