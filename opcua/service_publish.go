package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// publishService is the Publish service (Service_Publish,
// src/server/ua_services_subscription.c). It never answers at once, except with
// a fault: the request waits until there is something to report.
func (s *Server) publishService(c *call, q *uatypes.PublishRequest, _ *uatypes.PublishResponse) bool {
	sess := c.session
	fault := func(status uatypes.Status) bool {
		var r uatypes.PublishResponse
		s.sendFault(sess.channel, c.requestID, c.handle, uatypes.TypePublishResponse, &r, status)
		return false
	}
	if len(sess.subscriptions) == 0 {
		return fault(ua.StatusBadNoSubscription)
	}
	if limit := s.cfg.Limits.MaxPublishReqPerSession; limit != 0 && uint32(len(sess.requests)) >= limit {
		s.answerOldest(sess)
	}
	p := &publishRequest{requestID: c.requestID}
	if p.block = s.mem.Malloc(sizeofPublishRequest, "UA_PublishResponseEntry"); p.block == 0 {
		return fault(ua.StatusBadOutOfMemory)
	}
	p.response.ResponseHeader.RequestHandle = c.handle
	acks := q.SubscriptionAcknowledgements.V
	if len(acks) > 0 {
		var ok bool
		if p.response.Results, ok = uatypes.NewStatusCodes(s.mem, len(acks)); !ok {
			s.mem.Free(p.block)
			return fault(ua.StatusBadOutOfMemory)
		}
	}
	for i, a := range acks {
		result := &p.response.Results.V[i]
		if sub := sess.subscription(a.SubscriptionID); sub == nil {
			*result = ua.StatusBadSubscriptionIDInvalid
		} else {
			*result = s.acknowledge(sub, a.SequenceNumber)
		}
	}
	sess.requests = append(sess.requests, p)
	s.publishLate(sess)
	return false
}

// publishLate uses a new request for the first subscription that is late, and
// puts it behind the others if it is still there.
func (s *Server) publishLate(sess *session) {
	if s.rel.ownSubscriptions {
		s.publishAfterLast(sess)
		return
	}
	if s.rel.publishesAll {
		s.publishLateOnes(sess)
		return
	}
	for i, sub := range sess.subscriptions {
		if !sub.late {
			continue
		}
		defer s.object(sub.object)()
		s.publish(sub)
		if sub.session != nil {
			sess.subscriptions = append(slices.Delete(sess.subscriptions, i, i+1), sub)
		}
		return
	}
}

// publishLateOnes is publishLate of v1.3: if no other request waited before, the
// late subscriptions get their turn until the new one is used.
func (s *Server) publishLateOnes(sess *session) {
	if len(sess.requests) > 1 {
		return
	}
	for _, sub := range slices.Clone(sess.subscriptions) {
		if !sub.late {
			continue
		}
		previous := s.enter(sub.object())
		s.publishOnce(sub)
		s.leave(previous)
		if sub.session != nil {
			i := slices.Index(sess.subscriptions, sub)
			sess.subscriptions = append(slices.Delete(sess.subscriptions, i, i+1), sub)
		}
		if len(sess.requests) == 0 {
			return
		}
	}
}

// publishAfterLast is publishLate of v1.0: the search begins behind the
// subscription that was late last.
func (s *Server) publishAfterLast(sess *session) {
	n := len(sess.subscriptions)
	first := 1 + slices.IndexFunc(sess.subscriptions, func(sub *subscription) bool { return sub.id == sess.lastSeen })
	for k := range n {
		if sub := sess.subscriptions[(first+k)%n]; sub.late {
			sess.lastSeen = sub.id
			defer s.object(sub.object)()
			s.publish(sub)
			return
		}
	}
	sess.lastSeen = 0
}

// answerOldest answers the oldest publish request because there are too many
// (UA_Session_reachedPublishReqLimit, src/server/ua_subscription.c).
func (s *Server) answerOldest(sess *session) {
	p := sess.dequeue()
	r := &p.response
	r.ResponseHeader.ServiceResult = ua.StatusBadTooManyPublishRequests
	r.NotificationMessage.PublishTime = s.cfg.Clock.Now()
	s.sendResponse(sess.channel, p.requestID, uatypes.TypePublishResponse, r)
	uatypes.ClearStatusCodes(s.mem, &r.Results)
	s.mem.Free(p.block)
}
