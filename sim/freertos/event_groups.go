package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// The high byte of an event list item's value, which an event group borrows for
// the bits that the task waits for (event_groups.c).
const (
	eventClearOnExit   = 0x01000000
	eventUnblocked     = 0x02000000 // the bits came
	eventWaitForAll    = 0x04000000
	eventControlBits   = 0xFF000000
	eventGroupBitsMask = 0x00FFFFFF
)

// An EventGroup is 24 bits that tasks set and wait for (event_groups.c).
type EventGroup struct {
	k       *Kernel
	object  string
	addr    heap.Addr
	bits    uint32
	waiting list
	deleted bool
}

// NewEventGroup makes an event group with all bits clear (xEventGroupCreate).
func NewEventGroup(k *Kernel, object string) (*EventGroup, error) {
	if k.inert() {
		return nil, fmt.Errorf("freertos: event group %q: the chip no longer runs", object)
	}
	if me := k.Current(); me != nil {
		me.syscall("xEventGroupCreate")
	}
	g := &EventGroup{k: k, object: object}
	g.waiting.init()
	if g.addr = k.malloc(object, "event group", k.size.EventGroup); g.addr == 0 {
		return nil, k.noMemory("event group "+object, "event group", k.size.EventGroup, k.objectCaps())
	}
	return g, nil
}

// Addr returns where the event group lies.
func (g *EventGroup) Addr() heap.Addr { return g.addr }

// Bits returns the bits (xEventGroupGetBits), without the cost of a call.
func (g *EventGroup) Bits() uint32 { return g.bits }

func (g *EventGroup) begin(call string, bits uint32, needBits bool) (me *Task, ok bool) {
	me, ok = g.k.enter(call)
	switch {
	case !ok:
	case g.deleted:
		g.k.loop.Fail(fmt.Errorf("freertos: %s on event group %q, which was deleted: its handle points at freed memory", call, g.object))
		ok = false
	case bits&eventControlBits != 0:
		g.k.assert(call, "event_groups.c", "( uxBitsToWaitFor & eventEVENT_BITS_CONTROL_BYTES ) == 0")
		ok = false
	case needBits && bits == 0:
		g.k.assert(call, "event_groups.c", "uxBitsToWaitFor != 0")
		ok = false
	}
	return me, ok
}

func matches(have, want uint32, all bool) bool {
	if all {
		return have&want == want
	}
	return have&want != 0
}

// WaitBits waits for any of the bits, or for all of them, at most the given
// ticks, and clears them on its way out if clear is set (xEventGroupWaitBits).
// It returns all bits as they were when the wait ended, before the clearing.
func (g *EventGroup) WaitBits(bits uint32, clear, all bool, ticks uint32) uint32 {
	me, ok := g.begin("xEventGroupWaitBits", bits, true)
	if !ok {
		return 0
	}
	if matches(g.bits, bits, all) {
		have := g.bits
		if clear {
			g.bits &^= bits
		}
		return have
	}
	if ticks == 0 {
		return g.bits
	}
	control := uint32(0)
	if clear {
		control |= eventClearOnExit
	}
	if all {
		control |= eventWaitForAll
	}
	return g.await(me, "xEventGroupWaitBits", bits, control, ticks)
}

// await blocks until the bits come or the ticks are over.
func (g *EventGroup) await(me *Task, call string, bits, control, ticks uint32) uint32 {
	k := g.k
	if me == nil {
		k.misuse(call+" that has to wait", "")
		return 0
	}
	me.event.value = uint64(bits|control) | eventValueInUse
	g.waiting.insertEnd(&me.event)
	me.block(ticks, true)
	me.yield()
	v := uint32(me.event.value)
	me.event.value = eventValue(me.prio)
	if v&eventUnblocked != 0 {
		return v & eventGroupBitsMask
	}
	have := g.bits
	if control&eventClearOnExit != 0 && matches(have, bits, control&eventWaitForAll != 0) {
		g.bits &^= bits
	}
	return have
}

// SetBits sets bits and wakes the tasks that waited for them
// (xEventGroupSetBits). It returns the bits after that, those cleared by woken
// tasks missing.
func (g *EventGroup) SetBits(bits uint32) uint32 {
	me, ok := g.begin("xEventGroupSetBits", bits, false)
	if !ok {
		return 0
	}
	g.switchAfter(me, g.set(me, bits))
	return g.bits
}

// set changes the bits and readies the tasks whom that concerns. It reports
// whether one of them should have the caller's core.
func (g *EventGroup) set(me *Task, bits uint32) (yield bool) {
	clear := uint32(0)
	g.bits |= bits
	for it := g.waiting.end.next; it != &g.waiting.end; {
		t, v := it.owner, uint32(it.value)
		it = it.next
		want := v & eventGroupBitsMask
		if !matches(g.bits, want, v&eventWaitForAll != 0) {
			continue
		}
		if v&eventClearOnExit != 0 {
			clear |= want
		}
		yield = g.unblock(me, t, g.bits|eventUnblocked) || yield
	}
	g.bits &^= clear
	return yield
}

// unblock is vTaskRemoveFromUnorderedEventList.
func (g *EventGroup) unblock(me, t *Task, value uint32) (yield bool) {
	t.event.value = uint64(value) | eventValueInUse
	t.event.remove()
	t.state.remove()
	g.k.addReady(t)
	return g.k.yieldRequired(me.on, t, t.prio)
}

// switchAfter ends a call that woke tasks.
func (g *EventGroup) switchAfter(me *Task, yield bool) {
	switch {
	case yield && (len(g.k.cores) == 1 || g.k.size.eventGroupYields):
		me.yield()
		return
	case yield:
		me.on.pending = true
	}
	g.k.arm()
}

// SetBitsFromISR asks the timer service task to set bits
// (xEventGroupSetBitsFromISR). False: its queue is full, or it does not exist.
func (g *EventGroup) SetBitsFromISR(bits uint32) bool {
	return g.k.PendFunctionCallFromISR(func() { g.SetBits(bits) })
}

// ClearBits clears bits and returns what the bits were before
// (xEventGroupClearBits).
func (g *EventGroup) ClearBits(bits uint32) uint32 {
	if _, ok := g.begin("xEventGroupClearBits", bits, false); !ok {
		return 0
	}
	have := g.bits
	g.bits &^= bits
	return have
}

// Sync sets bits and waits for all of others, a meeting point of tasks
// (xEventGroupSync). It returns the bits; those waited for are cleared if all
// came.
func (g *EventGroup) Sync(set, want, ticks uint32) uint32 {
	me, ok := g.begin("xEventGroupSync", want, true)
	if !ok || set&eventControlBits != 0 {
		return 0
	}
	before := g.bits
	yield := g.set(me, set)
	if (before|set)&want == want {
		g.bits &^= want
		g.switchAfter(me, yield)
		return before | set
	}
	if ticks == 0 {
		g.switchAfter(me, yield)
		return g.bits
	}
	return g.await(me, "xEventGroupSync", want, eventClearOnExit|eventWaitForAll, ticks)
}

// Delete frees the group; tasks that wait are woken and get no bits
// (vEventGroupDelete).
func (g *EventGroup) Delete() {
	me, ok := g.begin("vEventGroupDelete", 0, false)
	if !ok {
		return
	}
	yield := false
	for g.waiting.n > 0 {
		yield = g.unblock(me, g.waiting.head(), eventUnblocked) || yield
	}
	g.deleted = true
	g.k.free("event group "+g.object, g.addr)
	g.switchAfter(me, yield)
}
