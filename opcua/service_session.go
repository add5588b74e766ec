package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// boundSession finds the session of a token among those that are bound to a
// channel (getBoundSession, src/server/ua_server_binary.c). A token that exists
// nowhere gives no session and no error.
func (s *Server) boundSession(ch *secureChannel, token *uatypes.NodeID) (*session, uatypes.Status) {
	now := s.sessionNow()
	for _, sess := range ch.sessions {
		if sess.token.Equal(token) {
			if sess.validTill < now {
				return nil, ua.StatusBadSessionClosed
			}
			return sess, uatypes.Good
		}
	}
	if s.sessionByToken(token) != nil {
		return nil, ua.StatusBadSecureChannelIDInvalid
	}
	return nil, uatypes.Good
}

// createSession is the CreateSession service (Service_CreateSession,
// src/server/ua_services_session.c). Copies of endpoints that were made before
// one failed are never given back.
func (s *Server) createSession(c *call, q *uatypes.CreateSessionRequest, r *uatypes.CreateSessionResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	if *result = s.checkClient(c.channel, q); *result != uatypes.Good {
		return true
	}
	if uint32(len(s.sessions)) >= s.cfg.Limits.MaxSessions {
		*result = ua.StatusBadTooManySessions
		return true
	}
	sess := s.newSession(c.channel, q.RequestedSessionTimeout)
	if sess == nil {
		*result = ua.StatusBadOutOfMemory
		return true
	}
	defer s.object(sess.object)()
	*result = s.fillSession(sess, c.channel, q, r)
	if *result != uatypes.Good {
		s.removeSession(sess)
	}
	return true
}

func (s *Server) fillSession(sess *session, ch *secureChannel, q *uatypes.CreateSessionRequest, r *uatypes.CreateSessionResponse) uatypes.Status {
	own := s.core.Endpoints()
	endpoints, ok := uatypes.NewArray[uatypes.EndpointDescription](s.mem, len(own.V), "UA_EndpointDescription")
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	r.ServerEndpoints = endpoints
	st := uatypes.Good
	for i := range own.V {
		st |= uatypes.Copy(s.mem, &endpoints.V[i], &own.V[i])
	}
	if st != uatypes.Good {
		return st
	}
	for i := range endpoints.V {
		uatypes.Clear(s.mem, &endpoints.V[i].EndpointURL)
		st |= uatypes.Copy(s.mem, &endpoints.V[i].EndpointURL, &q.EndpointURL)
	}
	st |= uatypes.Copy(s.mem, &sess.description, &q.ClientDescription)
	r.SessionID = sess.id
	r.RevisedSessionTimeout = sess.timeout
	r.AuthenticationToken = sess.token
	st |= uatypes.Copy(s.mem, &sess.name, &q.SessionName)
	for i := range endpoints.V {
		e := &endpoints.V[i]
		if e.SecurityMode == ch.mode && e.SecurityPolicyURI.Equal(&ch.policy.uri) && e.EndpointURL.Equal(&q.EndpointURL) {
			st |= uatypes.Copy(s.mem, &r.ServerCertificate, &e.ServerCertificate)
		}
	}
	st |= s.sessionNonce(sess)
	st |= uatypes.Copy(s.mem, &r.ServerNonce, &sess.nonce)
	st |= s.signSession(ch, q, r)
	return st
}

// activateSession is the ActivateSession service (Service_ActivateSession).
func (s *Server) activateSession(c *call, q *uatypes.ActivateSessionRequest, r *uatypes.ActivateSessionResponse) bool {
	if s.rel.channelAtOpen {
		r.ResponseHeader.ServiceResult = s.activateAny(c.session, c.channel, q, r)
		return true
	}
	r.ResponseHeader.ServiceResult = s.activate(c.channel, q, r)
	return true
}

func (s *Server) activate(ch *secureChannel, q *uatypes.ActivateSessionRequest, r *uatypes.ActivateSessionResponse) uatypes.Status {
	sess := s.sessionByToken(&q.RequestHeader.AuthenticationToken)
	switch {
	case sess == nil,
		!sess.activated && sess.channel != ch, // the first time on the channel that made it
		sess.validTill < s.sessionNow():
		return ua.StatusBadSessionIDInvalid
	}
	defer s.object(sess.object)()
	if st := s.checkSignature(ch, sess, q); st != uatypes.Good {
		return st
	}
	endpoint, policy := s.selectTokenPolicy(ch, &q.UserIdentityToken)
	if endpoint == nil {
		return ua.StatusBadIdentityTokenInvalid
	}
	if policy.TokenType == uint32(ua.UserTokenTypeUserName) {
		if st := s.openPassword(ch, sess, endpoint, policy, &q.UserIdentityToken); st != uatypes.Good {
			return st
		}
	}
	if st := s.logIn(sess, &q.UserIdentityToken); st != uatypes.Good {
		return st
	}
	if s.rel.keepsLocales {
		sess.parameter.set(s, userNameOf(&q.UserIdentityToken))
	}
	if sess.channel != ch {
		sess.attach(ch)
	}
	st := s.sessionNonce(sess)
	st |= uatypes.Copy(s.mem, &r.ServerNonce, &sess.nonce)
	if st == uatypes.Good && s.rel.keepsLocales {
		st = sess.keepLocales(s, q)
	}
	if st != uatypes.Good {
		sess.detach()
		return st
	}
	sess.updateLifetime(s)
	sess.activated = true
	return uatypes.Good
}

// closeSession is the CloseSession service (Service_CloseSession). Subscriptions
// that are to stay lose their session.
func (s *Server) closeSession(c *call, q *uatypes.CloseSessionRequest, r *uatypes.CloseSessionResponse) bool {
	if s.rel.channelAtOpen {
		if c.session.channel != c.channel {
			r.ResponseHeader.ServiceResult = ua.StatusBadSecureChannelIDInvalid
			return true
		}
		s.removeSession(c.session)
		return true
	}
	sess, st := s.boundSession(c.channel, &q.RequestHeader.AuthenticationToken)
	if st == uatypes.Good && sess == nil {
		st = ua.StatusBadSessionIDInvalid
	}
	r.ResponseHeader.ServiceResult = st
	if st != uatypes.Good {
		return true
	}
	if !q.DeleteSubscriptions {
		for len(sess.subscriptions) > 0 {
			s.detachSubscription(sess.subscriptions[0])
		}
	}
	s.removeSession(sess)
	return true
}
