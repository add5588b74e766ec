package freertos

import (
	"math/bits"
	"time"
)

// The tick interrupt without a tick. The kernel computes which tick is the next
// that changes anything and sets its timer to that one; the ticks between only
// count. Whatever enters the kernel at or after a tick's instant calls sync
// first, so a tick interrupt always precedes other events of its instant.

// sync handles the tick interrupts that are due.
func (k *Kernel) sync() {
	now := k.loop.Now()
	if !k.started || now < k.nextTick {
		return
	}
	n := k.tickAt(now)
	due := k.tickTime(n) == now
	if skipped := n - k.ticks; skipped > 1 || !due {
		k.skippedTicks()
	}
	k.ticks = n
	k.nextTick = k.tickTime(n + 1)
	if due {
		k.handleTick()
	}
}

// skippedTicks does to the ready lists what the ticks did that were only
// counted. No core changed its task, but one whose task shares its priority
// looked for another, which leaves traces in the lists; so does an idle core of
// two, since both idle tasks are in one list. Looking again changes nothing more.
func (k *Kernel) skippedTicks() {
	for _, c := range k.cores {
		if k.ready[c.cur.prio].n > 1 {
			k.pick(c)
		}
	}
}

func (k *Kernel) tickInterrupt() {
	k.sync()
	if k.started {
		k.arm()
	}
}

// handleTick is xTaskIncrementTick on core 0, then
// xTaskIncrementTickOtherCores on core 1.
func (k *Kernel) handleTick() {
	k.inTick = true
	defer func() { k.inTick = false }()
	for k.delayed.n > 0 {
		t := k.delayed.head()
		if t.state.value > k.ticks {
			break
		}
		t.state.remove()
		t.event.remove()
		k.addReady(t)
		// Core 0 is offered the task first; core 1 only if it may not or need
		// not run there.
		for _, c := range k.cores {
			if t.canRunOn(c) && t.prio > c.cur.prio {
				c.pending = true
				break
			}
		}
	}
	for _, c := range k.cores {
		if c.pending || k.ready[c.cur.prio].n > 1 {
			k.switchContext(c)
		}
		if k.dead {
			return
		}
		if c.cur == c.idle {
			k.reap()
		}
	}
}

// arm sets the timer to the next tick that changes something. A timer that is
// set too early does no harm, so it is only ever moved forward.
func (k *Kernel) arm() {
	if !k.started {
		return
	}
	var at time.Duration
	switch {
	case k.boundaryNeeded():
		at = k.nextTick
	case k.delayed.n > 0:
		at = k.tickTime(k.delayed.head().state.value)
	default:
		return
	}
	if !k.tickIRQ.Active() || at < k.tickIRQ.When() {
		k.tickIRQ.ResetAt(at)
	}
}

// boundaryNeeded says that the very next tick changes something although no
// wait ends with it.
func (k *Kernel) boundaryNeeded() bool {
	for _, c := range k.cores {
		if c.yieldIRQ.Active() {
			continue // a switch is about to be made, and asks again
		}
		if c.pending {
			return true
		}
		if c.cur == c.idle && k.termination.n > 0 {
			return true
		}
		// A core whose task shares its priority looks for another at every tick,
		// which may also be a higher one that another core gave up.
		if k.ready[c.cur.prio].n > 1 && k.hasOther(c) {
			return true
		}
	}
	return false
}

// hasOther reports whether a task that no core has could have core c instead of
// its current one.
func (k *Kernel) hasOther(c *core) bool {
	for mask := k.readyMask >> c.cur.prio << c.cur.prio; mask != 0; mask &= mask - 1 {
		l := &k.ready[bits.TrailingZeros32(mask)]
		for it := l.end.next; it != &l.end; it = it.next {
			if t := it.owner; t.on == nil && t.canRunOn(c) {
				return true
			}
		}
	}
	return false
}

// block takes the running task off the ready list until a tick count
// (prvAddCurrentTaskToDelayedList). With mayBeEndless, MaxDelay has no end.
func (t *Task) block(ticks uint32, mayBeEndless bool) {
	k := t.k
	t.delayAborted = false
	t.state.remove()
	if ticks == MaxDelay && mayBeEndless {
		k.suspended.insertEnd(&t.state)
		return
	}
	t.state.value = k.ticks + uint64(ticks)
	k.delayed.insert(&t.state)
}

// Delay blocks the task until that many tick interrupts have come
// (vTaskDelay): a delay of 1 ends at the next, 0 to 10 ms from now at 100 Hz. A
// delay of 0 gives way to tasks of the same priority. Only the task itself.
func (t *Task) Delay(ticks uint32) {
	if !t.self("vTaskDelay") {
		return
	}
	if ticks > 0 {
		t.block(ticks, false)
	}
	t.yield()
}

// DelayUntil blocks the task until the tick count is *previous+increment and
// stores that there (xTaskDelayUntil). It reports whether there was anything to
// wait for. The increment must not be 0. Only the task itself.
func (t *Task) DelayUntil(previous *uint32, increment uint32) bool {
	if !t.self("xTaskDelayUntil") {
		return false
	}
	if increment == 0 {
		t.k.assert("xTaskDelayUntil", "tasks.c", "( xTimeIncrement > 0U )")
		return false
	}
	now := t.k.tickCount()
	wake := *previous + increment
	wrapped := wake < *previous
	should := wrapped || wake > now
	if now < *previous { // the count has wrapped since
		should = wrapped && wake > now
	}
	*previous = wake
	if should {
		t.block(wake-now, false)
	}
	t.yield()
	return should
}

// AbortDelay ends the wait of a blocked task early (xTaskAbortDelay). A call
// that waited for an event returns as if it had timed out. It reports whether
// the task was blocked.
func (t *Task) AbortDelay() bool {
	k := t.k
	me, ok := k.enter("xTaskAbortDelay")
	if !ok || !t.alive("xTaskAbortDelay") || t.State() != Blocked {
		return false
	}
	t.state.remove()
	if t.event.in != nil {
		t.event.remove()
		t.delayAborted = true
	}
	k.addReady(t)
	switch {
	case me == nil || len(k.cores) == 1:
		k.yieldIfRequired(me, t, t.prio)
	case k.yieldRequired(me.on, t, t.prio):
		// Two cores: the switch is only marked as pending, and the next tick
		// interrupt makes it.
		me.on.pending = true
	}
	k.arm()
	return true
}

// timeout counts down the ticks of a call that may block several times
// (TimeOut_t).
type timeout struct {
	set  bool
	from uint64
	left uint32
}

// expired is xTaskCheckForTimeOut for the running task.
func (o *timeout) expired(t *Task) bool {
	now := t.k.ticks
	if !o.set {
		o.set, o.from = true, now
	}
	if t.delayAborted {
		t.delayAborted = false
		return true
	}
	if o.left == MaxDelay {
		return false
	}
	passed := now - o.from
	if passed >= uint64(o.left) {
		o.left = 0
		return true
	}
	o.left -= uint32(passed)
	o.from = now
	return false
}
