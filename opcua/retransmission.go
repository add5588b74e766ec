package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofRetransmission is the size of UA_NotificationMessageEntry in bytes
// (recorded).
const sizeofRetransmission = 32

// retransmission is a notification message that was sent and not acknowledged
// (UA_NotificationMessageEntry).
type retransmission struct {
	block   uint32
	message uatypes.NotificationMessage
}

// keep stores a message that is being sent
// (UA_Subscription_addRetransmissionMessage, src/server/ua_subscription.c). When
// there is no room the last one that was stored has to go, not the oldest: the
// queue is filled and emptied at the same end.
func (s *Server) keep(sub *subscription, r *retransmission) {
	sess := sub.session
	limit := s.cfg.Limits.MaxRetransmissionQueueSize
	switch {
	case len(sub.retransmission) >= maxRetransmissionQueue && !s.rel.ownSubscriptions:
		s.removeRetransmission(sub, s.dropped(sub))
	case sess != nil && limit > 0 && sess.retransmission >= limit:
		s.makeRoom(sess)
	}
	sub.retransmission = append(sub.retransmission, r)
	if sess != nil {
		sess.retransmission++
	}
}

// makeRoom removes, of the newest messages of the subscriptions of a session,
// the one that was published first (removeOldestRetransmissionMessageFromSession).
func (s *Server) makeRoom(sess *session) {
	var from *subscription
	var first int64
	for _, sub := range sess.subscriptions {
		n := len(sub.retransmission)
		if n == 0 {
			continue
		}
		if t := sub.retransmission[s.dropped(sub)].message.PublishTime; from == nil || first > t {
			from, first = sub, t
		}
	}
	if from != nil {
		s.removeRetransmission(from, s.dropped(from))
	}
}

// dropped returns which message of a full queue goes.
func (s *Server) dropped(sub *subscription) int {
	if s.has.newestDropped {
		return len(sub.retransmission) - 1
	}
	return 0
}

func (s *Server) removeRetransmission(sub *subscription, i int) {
	r := sub.retransmission[i]
	sub.retransmission = append(sub.retransmission[:i], sub.retransmission[i+1:]...)
	if sub.session != nil {
		sub.session.retransmission--
	}
	uatypes.Clear(s.mem, &r.message)
	s.mem.Free(r.block)
}

// acknowledge removes a message that the client has received
// (UA_Subscription_removeRetransmissionMessage).
func (s *Server) acknowledge(sub *subscription, sequence uint32) uatypes.Status {
	for i, r := range sub.retransmission {
		if r.message.SequenceNumber == sequence {
			s.removeRetransmission(sub, i)
			return uatypes.Good
		}
	}
	return ua.StatusBadSequenceNumberUnknown
}
