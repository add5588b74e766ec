package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// transferSubscriptions is the TransferSubscriptions service
// (Service_TransferSubscriptions, src/server/ua_services_subscription.c).
func (s *Server) transferSubscriptions(c *call, q *uatypes.TransferSubscriptionsRequest, r *uatypes.TransferSubscriptionsResponse) bool {
	r.ResponseHeader.ServiceResult = operations(s, &q.SubscriptionIDs, &r.Results, "UA_TransferResult",
		func(id *uint32, r *uatypes.TransferResult) {
			r.StatusCode = s.transferSubscription(c.session, *id, q.SendInitialValues, r)
		})
	return true
}

// transferSubscription gives a subscription to another session
// (Operation_TransferSubscription). The old one stays until it can tell its
// client. The new one takes over the number of the publishing callback although
// the old one removes it: from then on it publishes only when a request finds it
// late.
func (s *Server) transferSubscription(to *session, id uint32, initial bool, r *uatypes.TransferResult) uatypes.Status {
	sub := s.transferable(id)
	if sub == nil {
		return ua.StatusBadSubscriptionIDInvalid
	}
	if sub.session == to {
		return s.sequenceNumbers(sub, r)
	}
	if !mayTransfer(sub.session, to) {
		return ua.StatusBadUserAccessDenied
	}
	if limit := s.cfg.Limits.MaxSubscriptionsPerSession; limit != 0 && uint32(len(to.subscriptions)) >= limit {
		return ua.StatusBadTooManySubscriptions
	}
	defer s.object(sub.object)()
	block := s.mem.Malloc(s.rel.sizes.subscription, "UA_Subscription")
	if block == 0 {
		return ua.StatusBadOutOfMemory
	}
	if st := s.sequenceNumbers(sub, r); st != uatypes.Good {
		s.mem.Free(block)
		return st
	}
	moved := *sub
	n := &moved
	n.block = block
	s.moveContents(sub, n)
	s.subscriptions = slices.Insert(s.subscriptions, 0, n)
	to.attachSubscription(n)
	sub.statusChange = ua.StatusGoodSubscriptionTransferred
	s.publish(sub)
	if initial {
		for _, i := range n.items {
			if !i.onEvents() && i.mode == monitoringReporting && i.queue.length == 0 {
				s.notify(i, &i.lastValue)
			}
		}
	}
	n.ready = n.queue.length
	s.publish(n)
	s.startPublishing(n)
	return uatypes.Good
}

// transferable finds a subscription of any session, or of none
// (UA_Server_getSubscriptionById).
func (s *Server) transferable(id uint32) *subscription {
	for _, sub := range s.subscriptions {
		if sub.statusChange == uatypes.Good && sub.id == id {
			return sub
		}
	}
	return nil
}

// mayTransfer reports whether a session may take over what another has: both are
// anonymous, or of the same user (allowTransferSubscription_default,
// plugins/ua_accesscontrol_default.c). What has no session any more counts as
// anonymous.
func mayTransfer(from, to *session) bool {
	var user *userName
	if from != nil {
		user = from.user
	}
	if user == nil || to.user == nil {
		return user == to.user
	}
	return string(user.name.B) == string(to.user.name.B)
}

// sequenceNumbers lists the messages that can be asked for again
// (setTransferredSequenceNumbers).
func (s *Server) sequenceNumbers(sub *subscription, r *uatypes.TransferResult) uatypes.Status {
	numbers, ok := uatypes.NewUInt32s(s.mem, len(sub.retransmission))
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	for i, k := range sub.retransmission {
		numbers.V[i] = k.message.SequenceNumber
	}
	r.AvailableSequenceNumbers = numbers
	return uatypes.Good
}

// moveContents moves items, notifications and messages from one subscription to
// its copy. The items come to be in the opposite order. Of the notifications only
// the first is moved, as the walk goes on in the new queue, whose end that is; all
// count as moved.
func (s *Server) moveContents(from, to *subscription) {
	to.items = slices.Clone(from.items)
	slices.Reverse(to.items)
	for _, i := range to.items {
		i.subscription = to
	}
	from.items, from.itemCount = nil, 0

	length := from.queue.length
	to.queue = queue{}
	to.queue.init(subscriptionQueue)
	if n := from.queue.first(); n != nil {
		from.queue.remove(n)
		to.queue.pushBack(n)
	}
	from.queue.length, to.queue.length = 0, length
	from.ready = 0

	if from.session != nil {
		from.session.retransmission -= uint32(len(from.retransmission))
	}
	from.retransmission = nil
}
