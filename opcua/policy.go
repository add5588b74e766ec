package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// securityPolicy is what a channel needs of its security policy
// (UA_SecurityPolicy).
type securityPolicy struct {
	uri         uatypes.Str
	nonceLength uint32 // bytes of a channel's nonce
}

// policyNone is the policy without security. Its channels have no nonces
// (plugins/crypto/ua_securitypolicy_none.c).
func policyNone() *securityPolicy {
	return &securityPolicy{uri: uatypes.Const(ua.SecurityPolicyURINone)}
}

func (p *securityPolicy) isNone() bool { return string(p.uri.B) == ua.SecurityPolicyURINone }

// channelNonce makes a new local nonce (UA_SecureChannel_generateLocalNonce,
// src/ua_securechannel_crypto.c).
func (p *securityPolicy) channelNonce(s *Server, nonce *uatypes.Str) uatypes.Status {
	return s.renewNonce(nonce, p.nonceLength)
}

// renewNonce fills a nonce with random bytes, in its old block if the length
// is the same.
func (s *Server) renewNonce(nonce *uatypes.Str, length uint32) uatypes.Status {
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
	fillNonce(s.random, nonce.B)
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
// (UA_Server_configSecureChannel).
func (s *Server) setPolicy(ch *secureChannel, h *asymmetricHeader) uatypes.Status {
	p := s.policyByURI(&h.SecurityPolicyURI)
	if p == nil {
		return ua.StatusBadSecurityPolicyRejected
	}
	if st := uatypes.Copy(s.mem, &ch.remoteCertificate, &h.SenderCertificate); st != uatypes.Good {
		return st
	}
	ch.policy = p
	ch.token.tokenID = s.nextTokenID
	s.nextTokenID++
	return uatypes.Good
}
