package opcua

import (
	"fmt"
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Monitoring modes (Part 4, 7.23).
const (
	monitoringDisabled = iota
	monitoringSampling
	monitoringReporting
)

// Attribute ids (Part 6, A.1).
const (
	attributeEventNotifier = 12
	attributeValue         = 13
)

// monitoredItem is UA_MonitoredItem.
type monitoredItem struct {
	block        uint32
	id           uint32
	name         string // for reports
	subscription *subscription
	timestamps   uint32
	clientHandle uint32
	node         uatypes.ReadValueID // node, attribute and index range; no encoding
	mode         uint32

	// parameters is what the client asked for, revised, if it is kept.
	parameters uatypes.MonitoringParameters
	registered bool // counted in the subscription; not kept up without parameters

	interval      float64 // sampling, ms
	queueSize     uint32
	discardOldest bool
	filter        uatypes.DataChangeFilter
	events        uatypes.EventFilter // of an item on events

	variable            *Variable // whose value it is, nil if it is something else
	sampledAt           int64     // monotonic
	timer               uint64    // 0: not sampling
	sampledAtPublishing bool
	lastSampled         uatypes.Str
	lastValue           uatypes.DataValue
	queue               queue
	links               uint32   // block of triggers
	triggers            []uint32 // ids of the items that this one triggers
}

func (i *monitoredItem) object() string {
	if i.name == "" {
		i.name = fmt.Sprintf("item %d of subscription %d", i.id, i.subscription.id)
	}
	return i.name
}

func (i *monitoredItem) onEvents() bool { return i.node.AttributeID == attributeEventNotifier }

// deleteItem takes a monitored item apart; its own block follows at the next
// iterate (UA_MonitoredItem_delete, src/server/ua_subscription_monitoreditem.c).
func (s *Server) deleteItem(i *monitoredItem) {
	if i.registered {
		i.subscription.itemCount--
		s.itemCount--
		i.registered = false
	}
	s.stopSampling(i)
	s.mem.Free(i.links)
	i.links, i.triggers = 0, nil
	for n := i.queue.first(); n != nil; n = i.queue.first() {
		s.deleteNotification(n)
	}
	uatypes.Clear(s.mem, &i.events)
	uatypes.Clear(s.mem, &i.parameters)
	sub := i.subscription
	sub.items = slices.DeleteFunc(sub.items, func(x *monitoredItem) bool { return x == i })
	uatypes.Clear(s.mem, &i.node.DataEncoding)
	uatypes.Clear(s.mem, &i.node.IndexRange)
	uatypes.Clear(s.mem, &i.lastSampled)
	uatypes.Clear(s.mem, &i.lastValue)
	uatypes.Clear(s.mem, &i.node.NodeID)
	s.timer.freeLater(i.block, nil)
}

// startSampling registers the callback that samples an item.
func (s *Server) startSampling(i *monitoredItem) uatypes.Status {
	if i.timer != 0 || i.onEvents() {
		return uatypes.Good
	}
	if i.interval != i.interval { // not a number
		return ua.StatusBadInternalError
	}
	if i.interval == atPublishing && s.rel.comparesValues {
		i.sampledAtPublishing = true
		return uatypes.Good
	}
	if i.timer = s.timer.addRepeated(i.interval, func() { s.sample(i) }); i.timer == 0 {
		return ua.StatusBadOutOfMemory
	}
	i.variable = s.variable(&i.node)
	s.timer.entries[s.timer.index(i.timer)].idler = itemIdler{s, i}
	return uatypes.Good
}

func (s *Server) stopSampling(i *monitoredItem) {
	i.sampledAtPublishing = false
	if i.timer != 0 {
		s.timer.remove(i.timer)
		i.timer = 0
	}
}

// addTrigger makes an item trigger another (UA_MonitoredItem_addLink).
func (s *Server) addTrigger(i *monitoredItem, id uint32) uatypes.Status {
	if i.subscription.item(id) == nil {
		return ua.StatusBadMonitoredItemIDInvalid
	}
	if slices.Contains(i.triggers, id) {
		return uatypes.Good
	}
	block := s.mem.Realloc(i.links, uint32(len(i.triggers)+1)*4, "triggering links")
	if block == 0 {
		return ua.StatusBadOutOfMemory
	}
	i.links = block
	i.triggers = append(i.triggers, id)
	return uatypes.Good
}

// removeTrigger undoes addTrigger, also if the other item is gone
// (UA_MonitoredItem_removeLink).
func (s *Server) removeTrigger(i *monitoredItem, id uint32) uatypes.Status {
	at := slices.Index(i.triggers, id)
	if at < 0 {
		return ua.StatusBadMonitoredItemIDInvalid
	}
	last := len(i.triggers) - 1
	i.triggers[at] = i.triggers[last]
	i.triggers = i.triggers[:last]
	if last == 0 {
		s.mem.Free(i.links)
		i.links = 0
	} else if block := s.mem.Realloc(i.links, uint32(last)*4, "triggering links"); block != 0 {
		i.links = block
	}
	if i.subscription.item(id) == nil {
		return ua.StatusBadMonitoredItemIDInvalid
	}
	return uatypes.Good
}
