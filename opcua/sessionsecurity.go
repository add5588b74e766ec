package opcua

import (
	"encoding/binary"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sessionNonce renews the nonce of a session with the generator of its channel's
// policy (UA_Session_generateNonce, src/server/ua_session.c).
func (s *Server) sessionNonce(sess *session) uatypes.Status {
	if sess.channel == nil || sess.channel.policy == nil {
		return ua.StatusBadInternalError
	}
	return sess.channel.policy.renewNonce(s, &sess.nonce, sessionNonceLength)
}

// checkClient checks who wants a session: the certificate must be that of the
// channel, and name the application (Service_CreateSession).
func (s *Server) checkClient(ch *secureChannel, q *uatypes.CreateSessionRequest) uatypes.Status {
	if ch.signs() && !ch.context.sameCertificate(s, &q.ClientCertificate) {
		return ua.StatusBadCertificateInvalid
	}
	if !ch.policy.isNone() && len(q.ClientNonce.B) < sessionNonceLength {
		return ua.StatusBadNonceInvalid
	}
	if len(q.ClientCertificate.B) > 0 {
		return s.verifyApplicationURI(&q.ClientCertificate, &q.ClientDescription.ApplicationURI)
	}
	return uatypes.Good
}

// signSession signs the client's certificate and nonce (signCreateSessionResponse).
func (s *Server) signSession(ch *secureChannel, q *uatypes.CreateSessionRequest, r *uatypes.CreateSessionResponse) uatypes.Status {
	if !ch.signs() {
		return uatypes.Good
	}
	p := ch.policy
	st := uatypes.Copy(s.mem, &r.ServerSignature.Algorithm, &p.suite.signatureURI)
	var ok bool
	if r.ServerSignature.Signature, ok = uatypes.NewBuffer(s.mem, uint32(p.key.Size()), "signature"); !ok {
		st |= ua.StatusBadOutOfMemory
	}
	if st != uatypes.Good {
		return st
	}
	data, ok := s.join(&q.ClientCertificate, &q.ClientNonce)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	named := s.object(p.object)
	sig, st := p.suite.sign(p.key, p.random, data.B)
	named()
	copy(r.ServerSignature.Signature.B, sig)
	uatypes.Clear(s.mem, &data)
	return st
}

// checkSignature checks the client's signature of the server's certificate and the
// session's nonce (checkSignature).
func (s *Server) checkSignature(ch *secureChannel, sess *session, q *uatypes.ActivateSessionRequest) uatypes.Status {
	switch {
	case !ch.signs():
		return uatypes.Good
	case len(q.ClientSignature.Signature.B) == 0:
		return ua.StatusBadApplicationSignatureInvalid
	}
	data, ok := s.join(&ch.policy.certificate, &sess.nonce)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	defer uatypes.Clear(s.mem, &data)
	return ch.policy.suite.verify(ch.context.key(), data.B, q.ClientSignature.Signature.B)
}

// join copies two strings into a buffer.
func (s *Server) join(a, b *uatypes.Str) (uatypes.Str, bool) {
	data, ok := uatypes.NewBuffer(s.mem, uint32(len(a.B)+len(b.B)), "signed data")
	if ok {
		data.B = append(append(data.B[:0], a.B...), b.B...)
	}
	return data, ok
}

// openPassword decrypts the password of a user as the token policy asks for. The
// policy of the endpoint counts if it names none. On a channel with another policy
// a context is made for it, with the server's own certificate for lack of the
// client's.
func (s *Server) openPassword(ch *secureChannel, sess *session, e *uatypes.EndpointDescription, t *uatypes.UserTokenPolicy, token *uatypes.ExtensionObject) uatypes.Status {
	uri := &e.SecurityPolicyURI
	if t.SecurityPolicyURI.P != uatypes.Null {
		uri = &t.SecurityPolicyURI
	}
	p := s.policyByURI(uri)
	if p == nil {
		return ua.StatusBadInternalError
	}
	user := uatypes.Content[uatypes.UserNameIdentityToken](token)
	var algorithm uatypes.Str
	if !p.isNone() {
		algorithm = p.suite.encryptionURI
	}
	switch {
	case !user.EncryptionAlgorithm.Equal(&algorithm):
		return ua.StatusBadIdentityTokenInvalid
	case p.isNone():
		return uatypes.Good
	}
	if p != ch.policy {
		temporary, st := p.newContext(s, &p.certificate)
		if st != uatypes.Good {
			return st
		}
		defer temporary.delete(s)
	}
	return s.decryptPassword(p, &sess.nonce, user)
}

// decryptPassword replaces an encrypted password by the plain one: a length, the
// password, the nonce that the server gave last, and zeros (decryptPassword,
// src/server/ua_services_session.c). Nothing must be wrong with any of them.
func (s *Server) decryptPassword(p *securityPolicy, nonce *uatypes.Str, user *uatypes.UserNameIdentityToken) uatypes.Status {
	const lengthSize = 4
	var secret uatypes.Str
	if st := uatypes.Copy(s.mem, &secret, &user.Password); st != uatypes.Good {
		return ua.StatusBadIdentityTokenInvalid
	}
	defer uatypes.Clear(s.mem, &secret)
	named := s.object(p.object)
	b, st := p.suite.decrypt(p.key, p.random, secret.B)
	named()
	if st != uatypes.Good || len(b) < lengthSize+len(nonce.B) {
		return ua.StatusBadIdentityTokenInvalid
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	b = b[lengthSize:]
	if n > uint64(len(b)) || n < uint64(len(nonce.B)) {
		return ua.StatusBadIdentityTokenInvalid
	}
	for _, x := range b[n:] {
		if x != 0 {
			return ua.StatusBadIdentityTokenInvalid
		}
	}
	password := b[:n-uint64(len(nonce.B))]
	if string(b[len(password):n]) != string(nonce.B) {
		return ua.StatusBadIdentityTokenInvalid
	}
	// It takes the place of the ciphertext in its block.
	user.Password.B = append([]byte{}, password...)
	return uatypes.Good
}
