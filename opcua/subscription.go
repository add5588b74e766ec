package opcua

import (
	"fmt"
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

const (
	// maxRetransmissionQueue is how many messages a subscription keeps to be
	// asked for again (UA_MAX_RETRANSMISSIONQUEUESIZE,
	// src/server/ua_subscription.c).
	maxRetransmissionQueue = 256
)

// subscription is UA_Subscription.
type subscription struct {
	block   uint32
	id      uint32
	session *session // nil once it is detached

	interval                float64 // publishing, ms
	lifetimeCount           uint32
	keepAliveCount          uint32
	notificationsPerPublish uint32
	priority                uint8
	enabled                 bool

	late         bool // a response is due and could not be sent
	statusChange uatypes.Status
	sequence     uint32 // of the next notification message
	keepAlives   uint32 // publishing intervals without a response
	lifetime     uint32 // publishing intervals without a request

	timer     uint64 // 0: not publishing
	items     []*monitoredItem
	itemCount uint32 // not reduced when a single item is deleted
	lastItem  uint32 // id of the newest item

	queue          queue // of notifications to be reported
	ready          int   // of them, those of the last publishing interval
	retransmission []*retransmission
}

func (sub *subscription) object() string { return fmt.Sprintf("subscription %d", sub.id) }

func (sub *subscription) item(id uint32) *monitoredItem {
	for _, i := range sub.items {
		if i.id == id {
			return i
		}
	}
	return nil
}

// subscription finds a subscription of a session that is not to be deleted
// (UA_Session_getSubscriptionById, src/server/ua_session.c).
func (sess *session) subscription(id uint32) *subscription {
	for _, sub := range sess.subscriptions {
		if sub.statusChange == uatypes.Good && sub.id == id {
			return sub
		}
	}
	return nil
}

// attachSubscription adds a subscription to a session.
func (sess *session) attachSubscription(sub *subscription) {
	sub.session = sess
	if sess.byPriority {
		at := slices.IndexFunc(sess.subscriptions, func(x *subscription) bool { return x.priority < sub.priority })
		if at < 0 {
			at = len(sess.subscriptions)
		}
		sess.subscriptions = slices.Insert(sess.subscriptions, at, sub)
	} else if sess.newestFirst {
		sess.subscriptions = slices.Insert(sess.subscriptions, 0, sub)
	} else {
		sess.subscriptions = append(sess.subscriptions, sub)
	}
	sess.retransmission += uint32(len(sub.retransmission))
}

// detachSubscription takes a subscription from its session. With the last one
// go the publish requests that wait (UA_Session_detachSubscription).
func (s *Server) detachSubscription(sub *subscription) {
	sess := sub.session
	sub.session = nil
	sess.subscriptions = slices.DeleteFunc(sess.subscriptions, func(x *subscription) bool { return x == sub })
	sess.retransmission -= uint32(len(sub.retransmission))
	if !s.rel.ownSubscriptions {
		s.answerWithout(sess)
	}
}

// answerWithout answers the publish requests that wait in a session without
// subscriptions (UA_Subscription_answerPublishRequestsNoSubscription).
func (s *Server) answerWithout(sess *session) {
	if len(sess.subscriptions) > 0 {
		return
	}
	for p := sess.dequeue(); p != nil; p = sess.dequeue() {
		p.response.ResponseHeader.ServiceResult = ua.StatusBadNoSubscription
		s.sendResponse(sess.channel, p.requestID, uatypes.TypePublishResponse, &p.response)
		s.freePublishRequest(p)
	}
}

// deleteSubscription empties a subscription; its own block follows at the next
// iterate (UA_Server_deleteSubscription). In v1.2-rc1 it stops publishing only after
// its session has answered the publish requests.
func (s *Server) deleteSubscription(sub *subscription) {
	if s.rel.endedAtOnce {
		s.stopPublishing(sub)
	}
	if sub.session != nil {
		s.detachSubscription(sub)
	}
	s.subscriptions = slices.DeleteFunc(s.subscriptions, func(x *subscription) bool { return x == sub })
	s.clearSubscription(sub)
	s.timer.freeLater(sub.block, nil)
}

// clearSubscription stops publishing and deletes items and messages
// (UA_Subscription_clear, src/server/ua_subscription.c). The empty shell of a
// subscription that has timed out stays until it can tell its client.
func (s *Server) clearSubscription(sub *subscription) {
	s.stopPublishing(sub)
	for len(sub.items) > 0 {
		s.deleteItem(sub.items[0])
	}
	s.itemCount -= sub.itemCount
	sub.itemCount = 0
	for len(sub.retransmission) > 0 {
		s.removeRetransmission(sub, 0)
	}
}

func (s *Server) stopPublishing(sub *subscription) {
	if sub.timer != 0 {
		s.timer.remove(sub.timer)
		sub.timer = 0
	}
}

// startPublishing registers the callback of the publishing interval
// (Subscription_registerPublishCallback).
func (s *Server) startPublishing(sub *subscription) uatypes.Status {
	if sub.timer != 0 {
		return uatypes.Good
	}
	sub.timer = s.timer.addRepeated(sub.interval, func() {
		defer s.object(sub.object)()
		for _, i := range sub.items {
			if i.sampledAtPublishing {
				s.sample(i)
			}
		}
		sub.ready = sub.queue.length
		s.publish(sub)
	})
	if sub.timer == 0 {
		return ua.StatusBadOutOfMemory
	}
	s.timer.entries[s.timer.index(sub.timer)].idler = publishIdler{sub}
	return uatypes.Good
}

// setSettings revises what the client asked for (setSubscriptionSettings,
// src/server/ua_services_subscription.c).
func (sub *subscription) setSettings(l *Limits, interval float64, lifetime, keepAlive, notifications uint32, priority uint8) {
	sub.interval = l.PublishingInterval.bound(interval)
	if interval != interval { // not a number
		sub.interval = l.PublishingInterval.Min
	}
	sub.keepAliveCount = l.KeepAliveCount.bound(keepAlive)
	sub.lifetimeCount = max(l.LifetimeCount.bound(lifetime), 3*sub.keepAliveCount)
	sub.notificationsPerPublish = notifications
	if notifications == 0 || notifications > l.MaxNotificationsPerPublish {
		sub.notificationsPerPublish = l.MaxNotificationsPerPublish
	}
	sub.priority = priority
}
