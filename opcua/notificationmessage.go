package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// moveNotifications moves the first notifications of a subscription's queue
// into a message (prepareNotificationMessage, src/server/ua_subscription.c).
// The memory of the message is taken first, so that it succeeds or changes
// nothing. There is room for two kinds of notifications, data changes and
// events; only the former occur.
func (s *Server) moveNotifications(sub *subscription, m *uatypes.NotificationMessage, count int) uatypes.Status {
	data, ok := uatypes.NewArray[uatypes.ExtensionObject](s.mem, 2, "UA_ExtensionObject")
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	m.NotificationData = data
	var change uatypes.DataChangeNotification
	p := s.mem.Calloc(uatypes.SizeOf(&change), "UA_DataChangeNotification")
	if p == 0 {
		uatypes.Clear(s.mem, m)
		return ua.StatusBadOutOfMemory
	}
	data.V[0] = uatypes.Wrap(uatypes.TypeDataChangeNotification, p, change)
	content := uatypes.Content[uatypes.DataChangeNotification](&data.V[0])
	if content.MonitoredItems, ok = uatypes.NewArray[uatypes.MonitoredItemNotification](s.mem, count, "UA_MonitoredItemNotification"); !ok {
		uatypes.Clear(s.mem, m)
		return ua.StatusBadOutOfMemory
	}
	m.NotificationData.V = data.V[:1]
	for i := range content.MonitoredItems.V {
		n := sub.queue.first()
		if n == nil {
			content.MonitoredItems.V = content.MonitoredItems.V[:i]
			if i == 0 {
				s.mem.Free(content.MonitoredItems.P)
				content.MonitoredItems.P = uatypes.Null
			}
			break
		}
		n.checkKind()
		content.MonitoredItems.V[i] = uatypes.MonitoredItemNotification{ClientHandle: s.handleOf(n), Value: n.value}
		n.value = uatypes.DataValue{}
		// Earlier samples of the item that were not to be reported must not come
		// after this one.
		for prev := s.earlier(n); prev != nil; prev = s.earlier(n) {
			s.deleteNotification(prev)
		}
		s.deleteNotification(n)
	}
	return uatypes.Good
}

// handleOf returns the client handle that a notification carries.
func (s *Server) handleOf(n *notification) uint32 {
	if s.rel.movedSamples {
		return n.item.clientHandle
	}
	return n.handle
}

// earlier returns the sample before n that has to go with it, nil if there is none.
func (s *Server) earlier(n *notification) *notification {
	if s.rel.movedSamples {
		return nil
	}
	return n.before(itemQueue)
}
