package opcua

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// From v1.2.10 on a monitored item keeps the request that made it as it is, after
// the values in it were revised; that is what this file is about.

// createStored makes a monitored item: everything is checked before it is made
// (Operation_CreateMonitoredItem, src/server/ua_services_monitoreditem.c).
func (s *Server) createStored(sess *session, i *monitoredItem, q *uatypes.MonitoredItemCreateRequest, r *uatypes.MonitoredItemCreateResult) {
	var t *uatypes.DataType
	if t, r.StatusCode = s.exampleRead(sess, i.timestamps, &q.ItemToMonitor); r.StatusCode != uatypes.Good {
		return
	}
	if i.block = s.mem.Malloc(s.rel.sizes.item, "UA_MonitoredItem"); i.block == 0 {
		r.StatusCode = ua.StatusBadOutOfMemory
		return
	}
	i.forget(s)
	st := uatypes.Copy(s.mem, &i.node, &q.ItemToMonitor)
	st |= uatypes.Copy(s.mem, &i.parameters, &q.RequestedParameters)
	i.node.AttributeID = q.ItemToMonitor.AttributeID
	if st |= s.adjust(sess, i, t, &i.parameters); st == uatypes.Good {
		st = s.registerItem(i)
	}
	if st == uatypes.Good {
		i.useParameters()
		st = s.changeMode(i, q.MonitoringMode)
	}
	if st != uatypes.Good {
		r.StatusCode = st
		s.deleteItem(i)
		return
	}
	if q.MonitoringMode > monitoringDisabled && !i.onEvents() && !s.rel.comparesValues {
		s.sample(i)
	}
	r.RevisedSamplingInterval = i.revisedInterval()
	r.RevisedQueueSize = i.queueSize
	r.MonitoredItemID = i.id
}

// exampleRead checks what is to be monitored by reading it once, and returns the
// type of the value.
func (s *Server) exampleRead(sess *session, timestamps uint32, what *uatypes.ReadValueID) (*uatypes.DataType, uatypes.Status) {
	if encoding := &what.DataEncoding; len(encoding.Name.B) > 0 {
		if string(encoding.Name.B) != binaryEncoding || encoding.NamespaceIndex != 0 {
			return nil, ua.StatusBadDataEncodingUnsupported
		}
		if what.AttributeID != attributeValue {
			return nil, ua.StatusBadDataEncodingInvalid
		}
	}
	var v uatypes.DataValue
	s.core.Read(&sess.points, timestamps, what, &v)
	t, st := v.Value.Type, uatypes.Good
	if s.rel.comparesValues && !monitorable(&v) || !s.rel.comparesValues && !canBeMonitored(&v) {
		st = v.Status
	} else if what.AttributeID == attributeEventNotifier {
		if b, ok := v.Value.V.([]uint8); !v.HasValue || !ok {
			st = ua.StatusBadInternalError
		} else if b[0]&1 == 0 {
			st = ua.StatusBadNotSupported
		}
	}
	uatypes.Clear(s.mem, &v)
	return t, st
}

// registerItem adds an item to its subscription (UA_Server_registerMonitoredItem,
// src/server/ua_subscription_monitoreditem.c). Events come from objects only.
func (s *Server) registerItem(i *monitoredItem) uatypes.Status {
	if i.onEvents() {
		class, ok := s.core.Has(&i.node.NodeID)
		if !ok {
			return ua.StatusBadNodeIDUnknown
		}
		if class != ua.NodeClassObject {
			return ua.StatusBadNodeClassInvalid
		}
	}
	sub := i.subscription
	sub.lastItem++
	sub.itemCount++
	s.itemCount++
	sub.items = slices.Insert(sub.items, 0, i)
	i.registered = true
	return uatypes.Good
}

// adjust checks the parameters of an item and revises them
// (checkAdjustMonitoredItemParams). t is the type of the present value.
func (s *Server) adjust(sess *session, i *monitoredItem, t *uatypes.DataType, p *uatypes.MonitoringParameters) uatypes.Status {
	if st := s.adjustFilter(sess, i, t, &p.Filter); st != uatypes.Good {
		return st
	}
	if s.rel.comparesValues && p.SamplingInterval < 0 {
		s.adjustToPublishing(i, p)
	} else if i.node.AttributeID == attributeValue {
		if least := s.core.MinimumSamplingInterval(&i.node.NodeID); p.SamplingInterval < least {
			p.SamplingInterval = least
		}
	}
	l := &s.cfg.Limits
	if p.SamplingInterval != atPublishing {
		p.SamplingInterval = l.SamplingInterval.bound(p.SamplingInterval)
	}
	if n := i.parameters.SamplingInterval; n != n {
		p.SamplingInterval = l.SamplingInterval.Min
	}
	switch {
	case i.onEvents() && p.QueueSize == 0:
		p.QueueSize = l.QueueSize.Max
	case i.onEvents():
		p.QueueSize = l.QueueSize.bound(p.QueueSize)
	case p.QueueSize <= 1:
		p.QueueSize = 1
	default:
		p.QueueSize = l.QueueSize.bound(p.QueueSize)
	}
	return uatypes.Good
}

func (s *Server) adjustFilter(sess *session, i *monitoredItem, t *uatypes.DataType, x *uatypes.ExtensionObject) uatypes.Status {
	if i.onEvents() {
		if uatypes.Content[uatypes.EventFilter](x) == nil {
			return ua.StatusBadEventFilterInvalid
		}
		return uatypes.Good
	}
	if x.Type == nil && x.HasBody() {
		return ua.StatusBadMonitoredItemFilterUnsupported
	}
	if x.Type == nil {
		return uatypes.Good
	}
	f := uatypes.Content[uatypes.DataChangeFilter](x)
	if f == nil && s.rel.comparesValues {
		return ua.StatusBadFilterNotAllowed
	}
	if f == nil {
		return ua.StatusBadMonitoredItemFilterUnsupported
	}
	switch ua.DeadbandType(f.DeadbandType) {
	case ua.DeadbandTypeNone:
		return uatypes.Good
	case ua.DeadbandTypeAbsolute, ua.DeadbandTypePercent:
		if t == nil || !t.IsNumeric() {
			return ua.StatusBadFilterNotAllowed
		}
		if ua.DeadbandType(f.DeadbandType) == ua.DeadbandTypeAbsolute {
			return uatypes.Good
		}
		return s.absoluteDeadband(sess, i, f, f)
	}
	return ua.StatusBadMonitoredItemFilterUnsupported
}

// useParameters takes over the parameters that an item keeps.
func (i *monitoredItem) useParameters() {
	p := &i.parameters
	i.clientHandle, i.interval, i.queueSize, i.discardOldest = p.ClientHandle, p.SamplingInterval, p.QueueSize, p.DiscardOldest
	i.filter = uatypes.DataChangeFilter{Trigger: uint32(ua.DataChangeTriggerStatusValue)}
	if f := uatypes.Content[uatypes.DataChangeFilter](&p.Filter); f != nil {
		i.filter = *f
	}
}

// modifyStored changes the parameters of an item. It samples anew only if the
// interval has changed (Operation_ModifyMonitoredItem).
func (s *Server) modifyStored(sess *session, i *monitoredItem, q *uatypes.MonitoredItemModifyRequest, r *uatypes.MonitoredItemModifyResult) {
	var p uatypes.MonitoringParameters
	if r.StatusCode = uatypes.Copy(s.mem, &p, &q.RequestedParameters); r.StatusCode != uatypes.Good {
		return
	}
	var v uatypes.DataValue
	s.core.Read(&sess.points, i.timestamps, &i.node, &v)
	r.StatusCode = s.adjust(sess, i, v.Value.Type, &p)
	uatypes.Clear(s.mem, &v)
	if r.StatusCode != uatypes.Good {
		uatypes.Clear(s.mem, &p)
		return
	}
	old := i.parameters.SamplingInterval
	uatypes.Clear(s.mem, &i.parameters)
	i.parameters = p
	i.useParameters()
	if i.interval != old {
		s.stopSampling(i)
		r.StatusCode = s.changeMode(i, i.mode)
	}
	r.RevisedSamplingInterval = i.revisedInterval()
	r.RevisedQueueSize = i.queueSize
	s.ensureQueueSpace(i)
}

// changeMode sets a mode, also if it is the one that was set
// (UA_MonitoredItem_setMonitoringMode). An item that cannot be sampled is disabled.
func (s *Server) changeMode(i *monitoredItem, mode uint32) uatypes.Status {
	if mode > monitoringReporting {
		return ua.StatusBadMonitoringModeInvalid
	}
	was := i.mode
	st := s.setMode(i, mode)
	switch {
	case st != uatypes.Good:
		i.mode = monitoringDisabled
	case s.rel.comparesValues && was == monitoringDisabled && mode != monitoringDisabled && !i.onEvents():
		s.sample(i)
	}
	return st
}

// atPublishing is the sampling interval of an item that is sampled at each
// publishing interval of its subscription.
const atPublishing = -1

// adjustToPublishing revises a negative sampling interval: that of publishing, if
// the item can be sampled so fast.
func (s *Server) adjustToPublishing(i *monitoredItem, p *uatypes.MonitoringParameters) {
	publishing := i.subscription.interval
	if i.node.AttributeID == attributeValue {
		if least := s.core.MinimumSamplingInterval(&i.node.NodeID); publishing < least {
			p.SamplingInterval = least
			return
		}
	}
	p.SamplingInterval = s.cfg.Limits.SamplingInterval.bound(publishing)
	if p.SamplingInterval == publishing {
		p.SamplingInterval = atPublishing
	}
}

// revisedInterval is the sampling interval that the client is told.
func (i *monitoredItem) revisedInterval() float64 {
	if i.interval == atPublishing {
		return i.subscription.interval
	}
	return i.interval
}

// neverSampled is the status of the last value of an item that has none, in v1.3.
const neverSampled uatypes.Status = 0xffffffff

// forget makes the next sample pass the filter.
func (i *monitoredItem) forget(s *Server) {
	if s.rel.comparesValues {
		i.lastValue.HasStatus, i.lastValue.Status = true, neverSampled
	}
}
