package opcua

import (
	"fmt"
	"slices"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

const (
	// sessionNonceLength is the length of a session's nonce in bytes
	// (UA_SESSION_NONCELENTH, src/server/ua_session.c).
	sessionNonceLength = 32
)

// session is a session (session_list_entry with its UA_Session). It outlives
// its channel and can be activated on another one.
type session struct {
	block     uint32
	number    int  // for reports: sessions count from 1
	anonymous bool // stands in for the session of a request that needs none

	id, token   uatypes.NodeID
	channel     *secureChannel // nil if its channel is gone
	activated   bool
	timeout     float64 // ms
	validTill   int64   // monotonic, unless the time base is wrong
	description uatypes.ApplicationDescription
	name        uatypes.Str
	nonce       uatypes.Str
	user        *userName // nil: anonymous
	locales     uatypes.Array[uatypes.Str]
	parameter   sessionParameter

	points nodestore.Session // continuation points

	subscriptions  []*subscription
	newestFirst    bool   // order of the subscriptions
	dropRequests   func() // nil: they outlive the channel
	byPriority     bool
	lastSeen       uint32            // id of the one that was late last, in v1.0
	requests       []*publishRequest // waiting to be answered, the oldest first
	retransmission uint32            // messages kept for all subscriptions
}

// userName is the user name that access control keeps for a session
// (UA_ByteString_new in activateSession_default,
// plugins/ua_accesscontrol_default.c).
type userName struct {
	block uint32
	name  uatypes.Str
}

func (sess *session) object() string { return fmt.Sprintf("session %d", sess.number) }

// updateLifetime moves the deadline (UA_Session_updateLifetime).
func (sess *session) updateLifetime(s *Server) {
	sess.validTill = s.cfg.SessionTimeBase.read(s.cfg.Clock) + int64(sess.timeout*ticksPerMillisecond)
}

// attach binds a session to a channel (UA_Session_attachToSecureChannel).
func (sess *session) attach(ch *secureChannel) {
	sess.detach()
	sess.channel = ch
	ch.sessions = slices.Insert(ch.sessions, 0, sess)
}

func (sess *session) detach() {
	if ch := sess.channel; ch != nil {
		sess.channel = nil
		if sess.dropRequests != nil {
			sess.dropRequests()
		}
		ch.sessions = slices.DeleteFunc(ch.sessions, func(x *session) bool { return x == sess })
	}
}

// newSession makes a session that is bound to a channel and not activated
// (UA_Server_createSession, src/server/ua_services_session.c).
func (s *Server) newSession(ch *secureChannel, timeout float64) *session {
	s.sessionNumber++
	sess := &session{number: s.sessionNumber, newestFirst: s.rel.ownSubscriptions, byPriority: s.rel.dropsRequests}
	if !s.has.requestsOutliveChannel {
		sess.dropRequests = func() {
			for p := sess.dequeue(); p != nil; p = sess.dequeue() {
				s.freePublishRequest(p)
			}
		}
	}
	defer s.object(sess.object)()
	if sess.block = s.mem.Malloc(s.rel.sizes.session, "session_list_entry"); sess.block == 0 {
		s.sessionNumber--
		return nil
	}
	sess.id = uatypes.NodeID{Namespace: 1, Type: uatypes.IDGuid, Guid: randomGuid(s.random)}
	sess.token = uatypes.NodeID{Namespace: 1, Type: uatypes.IDGuid, Guid: randomGuid(s.random)}
	sess.timeout = s.cfg.Limits.MaxSessionTimeout
	if timeout > 0 && timeout <= s.cfg.Limits.MaxSessionTimeout {
		sess.timeout = timeout
	}
	sess.attach(ch)
	sess.updateLifetime(s)
	s.sessions = slices.Insert(s.sessions, 0, sess)
	return sess
}

// removeSession ends a session. Its subscriptions go at once, the rest at the
// next iterate (UA_Server_removeSession).
func (s *Server) removeSession(sess *session) {
	i := slices.Index(s.sessions, sess)
	if i < 0 {
		return
	}
	for _, sub := range slices.Clone(sess.subscriptions) {
		s.deleteSubscription(sub)
	}
	for p := sess.dequeue(); p != nil; p = sess.dequeue() {
		s.freePublishRequest(p)
	}
	if u := sess.user; u != nil {
		uatypes.Clear(s.mem, &u.name)
		s.mem.Free(u.block)
		sess.user = nil
	}
	sess.detach()
	sess.activated = false
	s.sessions = slices.Delete(s.sessions, i, i+1)
	s.timer.freeLater(sess.block, func() { s.clearSession(sess) })
}

// clearSession gives back what belongs to a session (UA_Session_clear,
// src/server/ua_session.c).
func (s *Server) clearSession(sess *session) {
	for _, sub := range slices.Clone(sess.subscriptions) {
		s.deleteSubscription(sub)
	}
	sess.detach()
	uatypes.Clear(s.mem, &sess.description)
	uatypes.Clear(s.mem, &sess.name)
	uatypes.Clear(s.mem, &sess.nonce)
	s.core.Release(&sess.points)
	sess.parameter.clear(s)
	uatypes.ClearArray(s.mem, &sess.locales)
}

// cleanupSessions removes the sessions whose deadline has passed
// (UA_Server_cleanupSessions).
func (s *Server) cleanupSessions(now int64) {
	for _, sess := range slices.Clone(s.sessions) {
		if sess.validTill < now {
			s.removeSession(sess)
		}
	}
}

// sessionByToken finds a session that has not timed out (getSessionByToken).
func (s *Server) sessionByToken(token *uatypes.NodeID) *session {
	for _, sess := range s.sessions {
		if sess.token.Equal(token) {
			if s.sessionNow() > sess.validTill {
				return nil
			}
			return sess
		}
	}
	return nil
}
