package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// createSubscription is the CreateSubscription service
// (Service_CreateSubscription, src/server/ua_services_subscription.c). The first
// response is due at the first publishing interval.
func (s *Server) createSubscription(c *call, q *uatypes.CreateSubscriptionRequest, r *uatypes.CreateSubscriptionResponse) bool {
	l := &s.cfg.Limits
	result := &r.ResponseHeader.ServiceResult
	if l.MaxSubscriptions != 0 && uint32(len(s.subscriptions)) >= l.MaxSubscriptions ||
		l.MaxSubscriptionsPerSession != 0 && uint32(len(c.session.subscriptions)) >= l.MaxSubscriptionsPerSession {
		*result = ua.StatusBadTooManySubscriptions
		return true
	}
	sub := &subscription{id: s.lastSubscription + 1, sequence: 1}
	sub.queue.init(subscriptionQueue)
	defer s.object(sub.object)()
	if sub.block = s.mem.Calloc(s.rel.sizes.subscription, "UA_Subscription"); sub.block == 0 {
		*result = ua.StatusBadOutOfMemory
		return true
	}
	sub.setSettings(l, q.RequestedPublishingInterval, q.RequestedLifetimeCount, q.RequestedMaxKeepAliveCount, q.MaxNotificationsPerPublish, q.Priority)
	sub.enabled = q.PublishingEnabled
	sub.keepAlives = sub.keepAliveCount
	s.lastSubscription++
	s.subscriptions = slices.Insert(s.subscriptions, 0, sub)
	if s.rel.ownSubscriptions {
		c.session.attachSubscription(sub)
	}
	if *result = s.startPublishing(sub); *result != uatypes.Good {
		if !s.rel.ownSubscriptions {
			s.deleteSubscription(sub)
		}
		return true
	}
	if !s.rel.ownSubscriptions {
		c.session.attachSubscription(sub)
	}
	r.SubscriptionID = sub.id
	r.RevisedPublishingInterval = sub.interval
	r.RevisedLifetimeCount = sub.lifetimeCount
	r.RevisedMaxKeepAliveCount = sub.keepAliveCount
	return true
}

// modifySubscription is the ModifySubscription service.
func (s *Server) modifySubscription(c *call, q *uatypes.ModifySubscriptionRequest, r *uatypes.ModifySubscriptionResponse) bool {
	sub := c.session.subscription(q.SubscriptionID)
	if sub == nil {
		r.ResponseHeader.ServiceResult = ua.StatusBadSubscriptionIDInvalid
		return true
	}
	old := sub.interval
	sub.setSettings(&s.cfg.Limits, q.RequestedPublishingInterval, q.RequestedLifetimeCount, q.RequestedMaxKeepAliveCount, q.MaxNotificationsPerPublish, q.Priority)
	sub.lifetime = 0
	switch {
	case s.rel.ownSubscriptions:
		s.stopPublishing(sub)
		if st := s.startPublishing(sub); st != uatypes.Good {
			r.ResponseHeader.ServiceResult = st
			return true
		}
	case sub.timer != 0 && sub.interval != old:
		s.timer.setInterval(sub.timer, sub.interval)
	}
	r.RevisedPublishingInterval = sub.interval
	r.RevisedLifetimeCount = sub.lifetimeCount
	r.RevisedMaxKeepAliveCount = sub.keepAliveCount
	return true
}

// setPublishingMode is the SetPublishingMode service.
func (s *Server) setPublishingMode(c *call, q *uatypes.SetPublishingModeRequest, r *uatypes.SetPublishingModeResponse) bool {
	r.ResponseHeader.ServiceResult = statusOperations(s, &q.SubscriptionIDs, &r.Results, func(id *uint32) uatypes.Status {
		sub := c.session.subscription(*id)
		if sub == nil {
			return ua.StatusBadSubscriptionIDInvalid
		}
		sub.lifetime = 0
		sub.enabled = q.PublishingEnabled
		return uatypes.Good
	})
	return true
}

// deleteSubscriptions is the DeleteSubscriptions service.
func (s *Server) deleteSubscriptions(c *call, q *uatypes.DeleteSubscriptionsRequest, r *uatypes.DeleteSubscriptionsResponse) bool {
	r.ResponseHeader.ServiceResult = statusOperations(s, &q.SubscriptionIDs, &r.Results, func(id *uint32) uatypes.Status {
		sub := c.session.subscription(*id)
		if sub == nil {
			return ua.StatusBadSubscriptionIDInvalid
		}
		s.deleteSubscription(sub)
		return uatypes.Good
	})
	s.answerWithout(c.session)
	return true
}

// republish is the Republish service.
func (s *Server) republish(c *call, q *uatypes.RepublishRequest, r *uatypes.RepublishResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	sub := c.session.subscription(q.SubscriptionID)
	if sub == nil {
		*result = ua.StatusBadSubscriptionIDInvalid
		return true
	}
	sub.lifetime = 0
	for _, k := range sub.retransmission {
		if k.message.SequenceNumber == q.RetransmitSequenceNumber {
			*result = uatypes.Copy(s.mem, &r.NotificationMessage, &k.message)
			return true
		}
	}
	*result = ua.StatusBadMessageNotAvailable
	return true
}
