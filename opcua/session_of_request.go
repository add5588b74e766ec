package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// v1.0 looks for the session before it knows the service. A session that has
// timed out is found as long as the housekeeping has not removed it, if it is on
// the channel of the request.

// sessionOfRequest finds the session of a token, nil if there is none
// (processMSGDecoded, src/server/ua_server_binary.c).
func (s *Server) sessionOfRequest(ch *secureChannel, token *uatypes.NodeID) *session {
	for _, sess := range ch.sessions {
		if sess.token.Equal(token) {
			return sess
		}
	}
	if token.IsNull() {
		return nil
	}
	return s.sessionByToken(token)
}

// bindAny is bind for v1.0.
func (s *Server) bindAny(c *call, h *uatypes.RequestHeader, need needs) (st uatypes.Status, refused bool) {
	if need == needsChannel {
		return uatypes.Good, false
	}
	c.session = s.sessionOfRequest(c.channel, &h.AuthenticationToken)
	switch {
	case c.session == nil && need != needsNoSession:
		return ua.StatusBadSessionIDInvalid, true
	case c.session == nil:
		c.session = &session{channel: c.channel, anonymous: true}
	case need == needsSession && !c.session.activated:
		s.removeSession(c.session)
		return ua.StatusBadSessionNotActivated, true
	case need == needsAnySession:
		return uatypes.Good, false
	case c.session.channel != c.channel:
		return ua.StatusBadSecureChannelIDInvalid, true
	}
	c.session.updateLifetime(s)
	return uatypes.Good, false
}

// activateAny is the ActivateSession service of v1.0 (Service_ActivateSession,
// src/server/ua_services_session.c). A session that has lost its channel does not
// get the new one, so that no nonce can be made for it.
func (s *Server) activateAny(sess *session, ch *secureChannel, q *uatypes.ActivateSessionRequest, r *uatypes.ActivateSessionResponse) uatypes.Status {
	if sess.validTill < s.sessionNow() {
		return ua.StatusBadSessionIDInvalid
	}
	defer s.object(sess.object)()
	if s.endpointFor(ch, &q.UserIdentityToken) == nil {
		return ua.StatusBadIdentityTokenInvalid
	}
	if st := s.logIn(sess, &q.UserIdentityToken); st != uatypes.Good {
		return st
	}
	if sess.channel != nil && sess.channel != ch {
		sess.attach(ch)
	}
	sess.activated = true
	sess.updateLifetime(s)
	st := ua.StatusBadInternalError
	if sess.channel != nil {
		st = s.sessionNonce(sess)
	}
	st |= uatypes.Copy(s.mem, &r.ServerNonce, &sess.nonce)
	if st != uatypes.Good {
		sess.detach()
		sess.activated = false
	}
	return st
}

// endpointFor finds the endpoint of a channel that takes tokens of a kind.
func (s *Server) endpointFor(ch *secureChannel, token *uatypes.ExtensionObject) *uatypes.EndpointDescription {
	id, kind := policyID(token)
	own := s.core.Endpoints()
	for i := range own.V {
		e := &own.V[i]
		if e.SecurityMode != ch.mode || !e.SecurityPolicyURI.Equal(&ch.policy.uri) {
			continue
		}
		for j := range e.UserIdentityTokens.V {
			t := e.UserIdentityTokens.V[j].TokenType
			if id != nil && t == uint32(kind) || t == uint32(ua.UserTokenTypeAnonymous) && !token.HasBody() {
				return e
			}
		}
	}
	return nil
}
