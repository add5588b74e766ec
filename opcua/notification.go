package opcua

import "github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"

// notification is a sample of a monitored item on its way to the client
// (UA_Notification, src/server/ua_subscription_monitoreditem.c).
type notification struct {
	block  uint32
	item   *monitoredItem
	handle uint32 // client handle of the item when the sample was taken
	value  uatypes.DataValue
	links  [queues]link
}

func (n *notification) reported() bool { return n.links[subscriptionQueue].in }

// newNotification takes the block of a notification (UA_Notification_new). If
// there is none, the first version writes through the null pointer all the same;
// later ones return none.
func (s *Server) newNotification(item *monitoredItem) *notification {
	n := &notification{item: item, handle: item.clientHandle}
	take := s.mem.Calloc
	if s.rel.movedSamples {
		take = s.mem.Malloc
	}
	if n.block = take(s.rel.sizes.notification, "UA_Notification"); n.block == 0 {
		if !s.has.nullWrite {
			return nil
		}
		nullWrite("UA_Notification_new", s.rel.sizes.notification)
	}
	return n
}

// deleteNotification takes a notification out of its queues and frees it
// (UA_Notification_delete).
func (s *Server) deleteNotification(n *notification) {
	n.checkKind()
	n.item.queue.remove(n)
	n.item.subscription.queue.remove(n)
	uatypes.Clear(s.mem, &n.value)
	s.mem.Free(n.block)
}

// checkKind ends the server if the notification is one of a data change of an item
// on events, which a link from another item brings about: the type of the value is
// where a list of event fields is expected, and freeing that is fatal.
func (n *notification) checkKind() {
	if n.item.onEvents() && n.value.Value.Type != nil {
		crash("UA_EventFieldList_clear", "frees what is not on the heap")
	}
}

// enqueue puts a new notification into the queues, makes room, and reports the
// latest samples of the items that this one triggers
// (UA_Notification_enqueueAndTrigger).
func (s *Server) enqueue(n *notification) {
	item := n.item
	if item.mode == monitoringReporting {
		item.subscription.queue.pushBack(n)
	}
	item.queue.pushBack(n)
	s.ensureQueueSpace(item)
	for i := len(item.triggers) - 1; i >= 0; i-- {
		if i < len(item.triggers) {
			s.trigger(item, item.triggers[i])
		}
	}
}

func (s *Server) trigger(item *monitoredItem, id uint32) {
	target := item.subscription.item(id)
	if target == nil {
		s.removeTrigger(item, id)
		return
	}
	n := target.queue.last()
	if n == nil {
		s.sample(target)
		n = target.queue.last()
	}
	if n != nil && !n.reported() {
		target.subscription.queue.pushBack(n)
	}
}

// ensureQueueSpace removes notifications until the queue of an item has its
// size again (UA_MonitoredItem_ensureQueueSpace).
func (s *Server) ensureQueueSpace(item *monitoredItem) {
	if item.queue.length <= int(item.queueSize) {
		return
	}
	reporting := false
	for item.queue.length > int(item.queueSize) {
		del := item.queue.first()
		if !item.discardOldest {
			// The second newest: the newest is to stay.
			del = item.queue.last().before(itemQueue)
		}
		if del.reported() {
			reporting = true
			// The next sample of the item takes the place in the subscription's
			// queue, so that items that sample fast do not lose their turn.
			if after := del.links[itemQueue].next; after.reported() {
				q := &item.subscription.queue
				q.remove(after)
				q.insertAfter(del, after)
			}
		}
		s.deleteNotification(del)
	}
	if (reporting || s.rel.movedSamples) && item.queueSize != 1 {
		n := item.queue.last()
		if item.discardOldest {
			n = item.queue.first()
		}
		n.value.HasStatus = true
		n.value.Status |= statusOverflow
	}
}

// statusOverflow says that a value was lost: the info type "data value" with
// the overflow bit (Part 4, 7.39.1).
const statusOverflow uatypes.Status = 0x0400 | 0x0080
