package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// setMonitoringMode is the SetMonitoringMode service
// (Service_SetMonitoringMode, src/server/ua_services_monitoreditem.c).
func (s *Server) setMonitoringMode(c *call, q *uatypes.SetMonitoringModeRequest, r *uatypes.SetMonitoringModeResponse) bool {
	sub, st := s.itemSubscription(c.session, q.SubscriptionID, len(q.MonitoredItemIDs.V))
	if st == uatypes.Good {
		st = statusOperations(s, &q.MonitoredItemIDs, &r.Results, func(id *uint32) uatypes.Status {
			i := sub.item(*id)
			switch {
			case i == nil:
				return ua.StatusBadMonitoredItemIDInvalid
			case s.rel.storedParameters:
				return s.changeMode(i, q.MonitoringMode)
			case q.MonitoringMode > monitoringReporting:
				return ua.StatusBadMonitoringModeInvalid
			case i.mode == q.MonitoringMode:
				return uatypes.Good
			}
			return s.setMode(i, q.MonitoringMode)
		})
	}
	r.ResponseHeader.ServiceResult = st
	return true
}

// setMode moves the samples that are queued to where the mode wants them. A
// disabled item forgets everything.
func (s *Server) setMode(i *monitoredItem, mode uint32) uatypes.Status {
	i.mode = mode
	if mode == monitoringDisabled {
		s.stopSampling(i)
		for n := i.queue.first(); n != nil; n = i.queue.first() {
			s.deleteNotification(n)
		}
		uatypes.Clear(s.mem, &i.lastSampled)
		uatypes.Clear(s.mem, &i.lastValue)
		i.forget(s)
		return uatypes.Good
	}
	for n := i.queue.first(); n != nil; n = n.links[itemQueue].next {
		i.subscription.queue.remove(n)
		if mode == monitoringReporting {
			i.subscription.queue.pushBack(n)
		}
	}
	return s.startSampling(i)
}

// deleteMonitoredItems is the DeleteMonitoredItems service.
func (s *Server) deleteMonitoredItems(c *call, q *uatypes.DeleteMonitoredItemsRequest, r *uatypes.DeleteMonitoredItemsResponse) bool {
	sub, st := s.itemSubscription(c.session, q.SubscriptionID, len(q.MonitoredItemIDs.V))
	if st == uatypes.Good {
		st = statusOperations(s, &q.MonitoredItemIDs, &r.Results, func(id *uint32) uatypes.Status {
			i := sub.item(*id)
			if i == nil {
				return ua.StatusBadMonitoredItemIDInvalid
			}
			s.deleteItem(i)
			return uatypes.Good
		})
	}
	r.ResponseHeader.ServiceResult = st
	return true
}

// setTriggering is the SetTriggering service (Service_SetTriggering).
func (s *Server) setTriggering(c *call, q *uatypes.SetTriggeringRequest, r *uatypes.SetTriggeringResponse) bool {
	r.ResponseHeader.ServiceResult = s.triggering(c.session, q, r)
	return true
}

func (s *Server) triggering(sess *session, q *uatypes.SetTriggeringRequest, r *uatypes.SetTriggeringResponse) uatypes.Status {
	if len(q.LinksToRemove.V) == 0 && len(q.LinksToAdd.V) == 0 {
		return ua.StatusBadNothingToDo
	}
	sub := sess.subscription(q.SubscriptionID)
	if sub == nil {
		return ua.StatusBadSubscriptionIDInvalid
	}
	i := sub.item(q.TriggeringItemID)
	if i == nil {
		return ua.StatusBadMonitoredItemIDInvalid
	}
	var ok bool
	if n := len(q.LinksToRemove.V); n > 0 {
		if r.RemoveResults, ok = uatypes.NewStatusCodes(s.mem, n); !ok {
			return ua.StatusBadOutOfMemory
		}
	}
	if n := len(q.LinksToAdd.V); n > 0 {
		if r.AddResults, ok = uatypes.NewStatusCodes(s.mem, n); !ok {
			uatypes.ClearStatusCodes(s.mem, &r.RemoveResults)
			return ua.StatusBadOutOfMemory
		}
	}
	for k, id := range q.LinksToRemove.V {
		r.RemoveResults.V[k] = s.removeTrigger(i, id)
	}
	for k, id := range q.LinksToAdd.V {
		r.AddResults.V[k] = s.addTrigger(i, id)
	}
	return uatypes.Good
}
