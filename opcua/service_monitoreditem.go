package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// binaryEncoding is the only data encoding in which values can be monitored.
const binaryEncoding = "Default Binary"

// itemSubscription checks what all services on monitored items check first, and
// resets the lifetime of the subscription.
func (s *Server) itemSubscription(sess *session, id uint32, operations int) (*subscription, uatypes.Status) {
	if tooMany(s.cfg.Limits.MaxMonitoredItemsPerCall, operations) {
		return nil, ua.StatusBadTooManyOperations
	}
	sub := sess.subscription(id)
	if sub == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	sub.lifetime = 0
	return sub, uatypes.Good
}

// timestampsInvalid reports whether a request asks for unknown time stamps.
func timestampsInvalid(t uint32) bool { return t > uint32(ua.TimestampsToReturnNeither) }

// createMonitoredItems is the CreateMonitoredItems service
// (Service_CreateMonitoredItems, src/server/ua_services_monitoreditem.c).
func (s *Server) createMonitoredItems(c *call, q *uatypes.CreateMonitoredItemsRequest, r *uatypes.CreateMonitoredItemsResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	n := len(q.ItemsToCreate.V)
	if timestampsInvalid(q.TimestampsToReturn) && !tooMany(s.cfg.Limits.MaxMonitoredItemsPerCall, n) {
		*result = ua.StatusBadTimestampsToReturnInvalid
		return true
	}
	sub, st := s.itemSubscription(c.session, q.SubscriptionID, n)
	if *result = st; st != uatypes.Good {
		return true
	}
	*result = operations(s, &q.ItemsToCreate, &r.Results, "UA_MonitoredItemCreateResult",
		func(i *uatypes.MonitoredItemCreateRequest, r *uatypes.MonitoredItemCreateResult) {
			s.createItem(c.session, sub, q.TimestampsToReturn, i, r)
		})
	return true
}

// canBeMonitored reports whether a value can be monitored although a first read
// failed: the reason may go away.
func canBeMonitored(v *uatypes.DataValue) bool {
	if !v.HasStatus || v.Status>>30 <= 1 {
		return true
	}
	switch v.Status {
	case ua.StatusBadResourceUnavailable, ua.StatusBadCommunicationError, ua.StatusBadWaitingForInitialData,
		ua.StatusBadUserAccessDenied, ua.StatusBadNotReadable, ua.StatusBadIndexRangeNoData:
		return true
	}
	return false
}

// createItem makes one monitored item: it reads the value, makes the item, and
// reads the value again as the first sample (Operation_CreateMonitoredItem).
func (s *Server) createItem(sess *session, sub *subscription, timestamps uint32, q *uatypes.MonitoredItemCreateRequest, r *uatypes.MonitoredItemCreateResult) {
	l := &s.cfg.Limits
	if l.MaxMonitoredItems != 0 && s.itemCount >= l.MaxMonitoredItems ||
		l.MaxMonitoredItemsPerSubscription != 0 && sub.itemCount >= l.MaxMonitoredItemsPerSubscription {
		r.StatusCode = ua.StatusBadTooManyMonitoredItems
		return
	}
	i := &monitoredItem{id: sub.lastItem + 1, subscription: sub, timestamps: timestamps}
	i.queue.init(itemQueue)
	defer s.object(i.object)()
	if s.rel.storedParameters {
		s.createStored(sess, i, q, r)
		return
	}
	var v uatypes.DataValue
	s.core.Read(&sess.points, timestamps, &q.ItemToMonitor, &v)
	encoding := &q.ItemToMonitor.DataEncoding
	switch {
	case !canBeMonitored(&v):
		r.StatusCode = v.Status
	case len(encoding.Name.B) > 0 && (string(encoding.Name.B) != binaryEncoding || encoding.NamespaceIndex != 0):
		r.StatusCode = ua.StatusBadDataEncodingUnsupported
	case len(encoding.Name.B) > 0 && q.ItemToMonitor.AttributeID != attributeValue:
		r.StatusCode = ua.StatusBadDataEncodingInvalid
	default:
		if i.block = s.mem.Malloc(s.rel.sizes.item, "UA_MonitoredItem"); i.block == 0 {
			r.StatusCode = ua.StatusBadOutOfMemory
		}
	}
	if r.StatusCode != uatypes.Good {
		uatypes.Clear(s.mem, &v)
		return
	}
	i.node.AttributeID = q.ItemToMonitor.AttributeID
	st := uatypes.Copy(s.mem, &i.node.NodeID, &q.ItemToMonitor.NodeID)
	st |= uatypes.Copy(s.mem, &i.node.IndexRange, &q.ItemToMonitor.IndexRange)
	st |= s.setItem(sess, i, q.MonitoringMode, &q.RequestedParameters, v.Value.Type)
	uatypes.Clear(s.mem, &v)
	if st != uatypes.Good {
		r.StatusCode = st
		s.deleteItem(i)
		return
	}
	sub.lastItem++
	sub.itemCount++
	s.itemCount++
	sub.items = slices.Insert(sub.items, 0, i)
	i.registered = !s.has.itemsStayCounted
	if i.onEvents() && !s.notifies(i) {
		r.StatusCode = ua.StatusBadNotSupported
		s.deleteItem(i)
		return
	}
	if q.MonitoringMode > monitoringDisabled && !i.onEvents() && (q.MonitoringMode == monitoringReporting || !s.rel.movedSamples) {
		s.sample(i)
	}
	r.RevisedSamplingInterval = i.interval
	r.RevisedQueueSize = i.queueSize
	r.MonitoredItemID = i.id
}

// notifies reports whether the node of an item on events can be subscribed to.
// It reads the attribute without looking at the result: if there was no memory
// for it, the read goes through the null pointer.
func (s *Server) notifies(i *monitoredItem) bool {
	var v uatypes.DataValue
	s.core.Read(nil, uint32(ua.TimestampsToReturnNeither), &uatypes.ReadValueID{NodeID: i.node.NodeID, AttributeID: attributeEventNotifier}, &v)
	b, ok := v.Value.V.([]uint8)
	if !ok {
		nullWrite("Operation_CreateMonitoredItem", 1)
	}
	uatypes.Clear(s.mem, &v)
	return b[0]&1 != 0
}

// setItem revises and stores the parameters of an item, forgets the last value
// and starts sampling (setMonitoredItemSettings).
func (s *Server) setItem(sess *session, i *monitoredItem, mode uint32, p *uatypes.MonitoringParameters, t *uatypes.DataType) uatypes.Status {
	if st := s.setFilter(sess, i, &p.Filter, t); st != uatypes.Good {
		return st
	}
	s.stopSampling(i)
	uatypes.Clear(s.mem, &i.lastSampled)
	uatypes.Clear(s.mem, &i.lastValue)
	i.clientHandle = p.ClientHandle
	interval := p.SamplingInterval
	if i.node.AttributeID == attributeValue {
		if least := s.core.MinimumSamplingInterval(&i.node.NodeID); interval < least {
			interval = least
		}
	}
	i.interval = s.cfg.Limits.SamplingInterval.bound(interval)
	if interval != interval { // not a number
		i.interval = s.cfg.Limits.SamplingInterval.Min
	}
	i.queueSize = s.cfg.Limits.QueueSize.bound(p.QueueSize)
	i.discardOldest = p.DiscardOldest
	i.mode = mode
	if mode == monitoringSampling || mode == monitoringReporting {
		return s.startSampling(i)
	}
	return uatypes.Good
}

// modifyMonitoredItems is the ModifyMonitoredItems service.
func (s *Server) modifyMonitoredItems(c *call, q *uatypes.ModifyMonitoredItemsRequest, r *uatypes.ModifyMonitoredItemsResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	n := len(q.ItemsToModify.V)
	if timestampsInvalid(q.TimestampsToReturn) && !tooMany(s.cfg.Limits.MaxMonitoredItemsPerCall, n) {
		*result = ua.StatusBadTimestampsToReturnInvalid
		return true
	}
	sub, st := s.itemSubscription(c.session, q.SubscriptionID, n)
	if *result = st; st != uatypes.Good {
		return true
	}
	*result = operations(s, &q.ItemsToModify, &r.Results, "UA_MonitoredItemModifyResult",
		func(q *uatypes.MonitoredItemModifyRequest, r *uatypes.MonitoredItemModifyResult) {
			s.modifyItem(c.session, sub, q, r)
		})
	return true
}

func (s *Server) modifyItem(sess *session, sub *subscription, q *uatypes.MonitoredItemModifyRequest, r *uatypes.MonitoredItemModifyResult) {
	i := sub.item(q.MonitoredItemID)
	if i == nil {
		r.StatusCode = ua.StatusBadMonitoredItemIDInvalid
		return
	}
	defer s.object(i.object)()
	if s.rel.storedParameters {
		s.modifyStored(sess, i, q, r)
		return
	}
	var v uatypes.DataValue
	s.core.Read(&sess.points, i.timestamps, &i.node, &v)
	st := s.setItem(sess, i, i.mode, &q.RequestedParameters, v.Value.Type)
	uatypes.Clear(s.mem, &v)
	if st != uatypes.Good {
		r.StatusCode = st
		return
	}
	r.RevisedSamplingInterval = i.interval
	r.RevisedQueueSize = i.queueSize
	s.ensureQueueSpace(i)
}
