package freertos

// SetPriority changes the task's base priority, 0 to 24 (vTaskPrioritySet). A
// higher value is cut to 24. An inherited priority stays until the mutex is
// given back.
func (t *Task) SetPriority(prio int) {
	k := t.k
	me, ok := k.enter("vTaskPrioritySet")
	if !ok || !t.alive("vTaskPrioritySet") || t.deleted {
		return
	}
	prio = min(max(prio, 0), maxPriorities-1)
	was := t.basePrio
	if prio == was {
		return
	}
	raisesOther := prio > was && t.on == nil
	if t.basePrio == t.prio {
		k.setPriority(t, prio)
	}
	t.basePrio = prio
	if !t.event.borrowed() {
		t.event.value = eventValue(prio)
	}
	switch {
	case !k.started:
	case raisesOther:
		// Compared with the new priority even where the task does not get it yet
		// or is not ready. On one core the original yields for a task one below
		// as well (taskIS_YIELD_REQUIRED_USING_PRIORITY), which makes tasks of
		// the caller's priority take turns.
		above := prio + 1
		if len(k.cores) == 1 {
			above++
		}
		if me != nil && k.yieldRequired(me.on, t, above) {
			me.yield()
			return
		}
	case prio < was && t.on != nil:
		if me != nil && t.on == me.on {
			me.yield()
			return
		}
		k.interrupt(t.on)
	}
	k.arm()
}

// setPriority changes the priority in use and moves a ready task to its list.
func (k *Kernel) setPriority(t *Task, prio int) {
	ready := t.state.in == &k.ready[t.prio]
	if ready {
		t.state.remove()
	}
	t.prio = prio
	if ready {
		k.addReady(t)
	}
}

// borrowed says that an event group uses the event item's value
// (taskEVENT_LIST_ITEM_VALUE_IN_USE).
func (it *item) borrowed() bool { return it.value&eventValueInUse != 0 }

const eventValueInUse = 0x80000000

// inherit gives the holder of a mutex the priority of the running task, which
// is about to wait for it (xTaskPriorityInherit). It reports whether the holder
// has an inherited priority. An event list that the holder waits in is not put
// in order again.
func (k *Kernel) inherit(holder, waiter *Task) bool {
	if holder == nil || holder.freed {
		return false
	}
	if holder.prio >= waiter.prio {
		return holder.basePrio < waiter.prio
	}
	if !holder.event.borrowed() {
		holder.event.value = eventValue(waiter.prio)
	}
	k.setPriority(holder, waiter.prio)
	return true
}

// disinherit ends an inherited priority when the holder gives its last mutex
// back (xTaskPriorityDisinherit). It reports whether the priority changed.
func (k *Kernel) disinherit(holder *Task) bool {
	if holder == nil {
		return false
	}
	holder.mutexesHeld--
	if holder.prio == holder.basePrio || holder.mutexesHeld > 0 {
		return false
	}
	k.setPriority(holder, holder.basePrio)
	holder.event.value = eventValue(holder.prio)
	return true
}

// disinheritAfterTimeout lowers the holder's priority when a task that waited
// for its mutex gave up (vTaskPriorityDisinheritAfterTimeout), if that is the
// only mutex it holds.
func (k *Kernel) disinheritAfterTimeout(holder *Task, highestWaiting int) {
	if holder == nil || holder.freed {
		return
	}
	prio := max(holder.basePrio, highestWaiting)
	if holder.prio == prio || holder.mutexesHeld != 1 {
		return
	}
	if !holder.event.borrowed() {
		holder.event.value = eventValue(prio)
	}
	k.setPriority(holder, prio)
	k.arm()
}

// Suspend takes the task out of scheduling, whatever it waits for, until Resume
// (vTaskSuspend). A call in which it waited ends as if timed out.
func (t *Task) Suspend() {
	k := t.k
	me, ok := k.enter("vTaskSuspend")
	if !ok || !t.alive("vTaskSuspend") || t.deleted {
		return
	}
	t.state.remove()
	t.event.remove()
	k.suspended.insertEnd(&t.state)
	for i := range t.notify {
		if t.notify[i].state == notifyWaiting {
			t.notify[i].state = notifyNone
		}
	}
	switch {
	case t.on == nil:
	case t == me:
		t.yield()
	default:
		k.interrupt(t.on)
	}
}

// Resume ends a suspension (vTaskResume). On a task that is not suspended it
// does nothing.
func (t *Task) Resume() {
	k := t.k
	me, ok := k.enter("vTaskResume")
	if !ok || !t.alive("vTaskResume") || t.State() != Suspended {
		return
	}
	t.state.remove()
	k.addReady(t)
	k.yieldIfRequired(me, t, t.prio+1)
}

// ResumeFromISR is Resume for interrupts (xTaskResumeFromISR).
func (t *Task) ResumeFromISR() {
	k := t.k
	if !k.enterISR() || !t.alive("xTaskResumeFromISR") || t.State() != Suspended {
		return
	}
	t.state.remove()
	k.addReady(t)
	k.yieldFromISR(t, t.prio+1)
}
