package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofPublishRequest is the size of UA_PublishResponseEntry in bytes (recorded).
const sizeofPublishRequest = 160

// publishRequest is a publish request that waits for something to report: the
// response that it will get (UA_PublishResponseEntry).
type publishRequest struct {
	block     uint32
	requestID uint32
	response  uatypes.PublishResponse
}

func (s *Server) freePublishRequest(p *publishRequest) {
	uatypes.Clear(s.mem, &p.response)
	s.mem.Free(p.block)
}

// dequeue takes the oldest publish request, nil if there is none.
func (sess *session) dequeue() *publishRequest {
	if len(sess.requests) == 0 {
		return nil
	}
	p := sess.requests[0]
	sess.requests = sess.requests[1:]
	return p
}

func (sess *session) requeue(p *publishRequest) {
	sess.requests = slices.Insert(sess.requests, 0, p)
}

// publish answers a publish request if there is something to report, or if it
// is time for a keep-alive (UA_Subscription_publish,
// src/server/ua_subscription.c). The lifetime of a subscription counts the
// intervals in which no request waits, whether or not the client is there.
func (s *Server) publish(sub *subscription) {
	for s.publishOnce(sub) {
	}
}

// publishOnce sends at most one response and reports whether more are to follow.
func (s *Server) publishOnce(sub *subscription) (more bool) {
	var p *publishRequest
	if sub.session != nil {
		p = sub.session.dequeue()
	}
	if p != nil {
		sub.lifetime = 0
	} else if sub.lifetime++; sub.lifetime > sub.lifetimeCount {
		sub.statusChange = ua.StatusBadTimeout
	}
	if sub.statusChange != uatypes.Good {
		s.publishStatusChange(sub, p)
		return false
	}
	sub.ready = min(sub.ready, sub.queue.length)
	if s.rel.publishesAll {
		sub.ready = sub.queue.length
	}
	count := sub.ready
	if !sub.enabled {
		count = 0
	}
	if count > int(sub.notificationsPerPublish) {
		count, more = int(sub.notificationsPerPublish), true
	}
	if count == 0 {
		if sub.keepAlives++; sub.keepAlives < sub.keepAliveCount {
			if p != nil {
				sub.session.requeue(p)
			}
			return false
		}
	}
	if p == nil || sub.session.channel == nil {
		sub.late = true
		if p != nil {
			sub.session.requeue(p)
		}
		return false
	}
	var kept *retransmission
	if count > 0 {
		if kept = s.prepare(sub, &p.response.NotificationMessage, count); kept == nil {
			sub.late = true
			sub.session.requeue(p)
			return false
		}
	}
	if s.rel.publishesAll {
		more = sub.queue.length > 0
	}
	s.respond(sub, p, kept, count, more)
	return more
}

// prepare moves notifications into a message and takes the memory to keep it.
// It returns nil if there is not enough.
func (s *Server) prepare(sub *subscription, m *uatypes.NotificationMessage, count int) *retransmission {
	r := &retransmission{}
	if !s.cfg.Limits.NoRetransmissionQueue {
		if r.block = s.mem.Malloc(sizeofRetransmission, "UA_NotificationMessageEntry"); r.block == 0 {
			return nil
		}
	}
	if st := s.moveNotifications(sub, m, count); st != uatypes.Good {
		s.mem.Free(r.block)
		return nil
	}
	return r
}

// respond sends a publish response. Whether it arrives is not looked at.
func (s *Server) respond(sub *subscription, p *publishRequest, kept *retransmission, count int, more bool) {
	sub.ready -= count
	r := &p.response
	m := &r.NotificationMessage
	r.SubscriptionID = sub.id
	r.MoreNotifications = more
	m.PublishTime = s.cfg.Clock.Now()
	m.SequenceNumber = sub.sequence
	stored := kept != nil && kept.block != 0
	if stored {
		kept.message = *m
		s.keep(sub, kept)
	}
	if count > 0 {
		if sub.sequence++; sub.sequence == 0 {
			sub.sequence = 1
		}
	}
	// The list lies on the stack.
	r.AvailableSequenceNumbers = uatypes.Array[uint32]{P: uatypes.Static}
	for _, k := range sub.retransmission {
		r.AvailableSequenceNumbers.V = append(r.AvailableSequenceNumbers.V, k.message.SequenceNumber)
	}
	s.sendResponse(sub.session.channel, p.requestID, uatypes.TypePublishResponse, r)
	sub.late = s.rel.publishesAll && more
	sub.keepAlives = 0
	if stored {
		*m = uatypes.NotificationMessage{}
	}
	r.AvailableSequenceNumbers = uatypes.Array[uint32]{}
	s.freePublishRequest(p)
}

// publishStatusChange tells the client that its subscription is over, and
// deletes it. Without a request only its shell stays.
func (s *Server) publishStatusChange(sub *subscription, p *publishRequest) {
	if p == nil && !s.has.shellsStay {
		s.deleteSubscription(sub)
		return
	}
	if p == nil {
		s.clearSubscription(sub)
		sub.late = true
		return
	}
	r := &p.response
	r.SubscriptionID = sub.id
	m := &r.NotificationMessage
	m.PublishTime = s.cfg.Clock.Now()
	m.SequenceNumber = sub.sequence
	// The notification lies on the stack.
	m.NotificationData = uatypes.Array[uatypes.ExtensionObject]{P: uatypes.Static, V: []uatypes.ExtensionObject{
		uatypes.Wrap(uatypes.TypeStatusChangeNotification, uatypes.Static,
			uatypes.StatusChangeNotification{Status: sub.statusChange}),
	}}
	s.sendResponse(sub.session.channel, p.requestID, uatypes.TypePublishResponse, r)
	m.NotificationData = uatypes.Array[uatypes.ExtensionObject]{}
	s.freePublishRequest(p)
	s.deleteSubscription(sub)
}
