package opcua

import (
	"slices"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// timer holds the callbacks that the server runs at the start of an iterate
// (UA_Timer, src/ua_timer.c), ordered by due time and then by the address of
// the entry.
type timer struct {
	mem     mem.Memory
	random  Random
	clock   Clock
	entries []*timerEntry
	lastID  uint64

	sizeofEntry uint32 // of UA_TimerEntry in bytes
	// delayed is the work that is done at the end of a turn, the newest first
	// (UA_WorkQueue), if there is no later turn for it.
	delayed    []*timerEntry
	delaysWork bool

	noDraws, skipsMissed bool
}

// timerEntry is one callback. Sessions, channels, subscriptions and monitored
// items begin with one, so that they are freed as an entry once they are due.
type timerEntry struct {
	block    uint32
	id       uint64
	next     int64 // monotonic, 100 ns
	interval int64 // 100 ns; 0: once, then the block is freed
	callback func()
	idler    idler // nil: every firing has to be run
}

func compareEntries(a, b *timerEntry) int {
	switch {
	case a.next != b.next:
		if a.next < b.next {
			return -1
		}
		return 1
	case a.block < b.block:
		return -1
	case a.block > b.block:
		return 1
	}
	return 0
}

func (t *timer) insert(e *timerEntry) {
	i, _ := slices.BinarySearchFunc(t.entries, e, compareEntries)
	t.entries = slices.Insert(t.entries, i, e)
}

func (t *timer) take(i int) *timerEntry {
	e := t.entries[i]
	t.entries = slices.Delete(t.entries, i, i+1)
	return e
}

// add inserts an entry that has a block. Each insertion draws the entry's
// priority in the tree that open62541 keeps (UA_Timer_addTimerEntry).
func (t *timer) add(e *timerEntry) uint64 {
	if !t.noDraws {
		t.random.Uint32()
	}
	t.lastID++
	e.id = t.lastID
	t.insert(e)
	return e.id
}

// addRepeated takes a block for a callback with an interval in milliseconds and
// returns its id, 0 if there is no memory (UA_Timer_addRepeatedCallback).
func (t *timer) addRepeated(ms float64, callback func()) uint64 {
	block := t.mem.Malloc(t.sizeofEntry, "UA_TimerEntry")
	if block == 0 {
		return 0
	}
	interval := int64(ms * ticksPerMillisecond)
	return t.add(&timerEntry{block: block, next: t.clock.Monotonic() + interval, interval: interval, callback: callback})
}

// freeLater frees an object that begins with a timer entry at the next iterate
// that finds a later time, after calling callback, which can be nil.
func (t *timer) freeLater(block uint32, callback func()) {
	if t.delaysWork {
		t.delayed = append(t.delayed, &timerEntry{block: block, callback: callback})
		return
	}
	t.add(&timerEntry{block: block, next: t.clock.Monotonic() + 1, callback: callback})
}

// processDelayed does the delayed work (UA_WorkQueue_manuallyProcessDelayed,
// src/ua_workqueue.c).
func (t *timer) processDelayed() {
	for len(t.delayed) > 0 {
		last := len(t.delayed) - 1
		e := t.delayed[last]
		t.delayed = t.delayed[:last]
		if e.callback != nil {
			e.callback()
		}
		t.mem.Free(e.block)
	}
}

func (t *timer) index(id uint64) int {
	return slices.IndexFunc(t.entries, func(e *timerEntry) bool { return e.id == id })
}

// setInterval changes the interval of a callback and starts it anew
// (UA_Timer_changeRepeatedCallbackInterval).
func (t *timer) setInterval(id uint64, ms float64) {
	i := t.index(id)
	if i < 0 {
		return
	}
	e := t.take(i)
	e.interval = int64(ms * ticksPerMillisecond)
	e.next = t.clock.Monotonic() + e.interval
	t.insert(e)
}

// remove removes a callback and frees its block.
func (t *timer) remove(id uint64) {
	if i := t.index(id); i >= 0 {
		t.mem.Free(t.take(i).block)
	}
}

// process runs what is due at time now. A repeated callback that is behind its
// time is due again at once after now, not as often as it was missed.
func (t *timer) process(now int64) {
	for len(t.entries) > 0 && t.entries[0].next <= now {
		e := t.entries[0]
		if e.interval == 0 {
			t.take(0)
			if e.callback != nil {
				e.callback()
			}
			t.mem.Free(e.block)
			continue
		}
		e.next += e.interval
		if e.next < now {
			e.next = now + 1
			if t.skipsMissed {
				e.next = now + e.interval
			}
		}
		t.requeue()
		e.callback()
	}
}

// requeue puts the first entry, whose time has changed to a later one, where it
// belongs.
func (t *timer) requeue() {
	e := t.entries[0]
	rest := t.entries[1:]
	i, _ := slices.BinarySearchFunc(rest, e, compareEntries)
	copy(t.entries, rest[:i])
	t.entries[i] = e
}

// clear frees all entries without calling them (UA_Timer_clear).
func (t *timer) clear() {
	for _, e := range t.entries {
		t.mem.Free(e.block)
	}
	t.entries = nil
}
