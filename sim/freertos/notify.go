package freertos

// notifySlots: the one notification of a task that ESP-IDF's default gives
// (FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES 1), and one for Block and Unblock.
const (
	notifySlots = 2
	blockSlot   = 1
)

type notifyState uint8

const (
	notifyNone notifyState = iota
	notifyWaiting
	notifyReceived
)

// notification is ulNotifiedValue and ucNotifyState of the TCB.
type notification struct {
	value uint32
	state notifyState
}

// NotifyAction is eNotifyAction: what Notify does with the value.
type NotifyAction uint8

// The actions, in the order of eNotifyAction.
const (
	NoAction                 NotifyAction = iota // only notify
	SetBits                                      // value |= v
	Increment                                    // value++
	SetValueWithOverwrite                        // value = v
	SetValueWithoutOverwrite                     // value = v, if no notification is pending
)

// take is ulTaskGenericNotifyTake.
func (t *Task) take(slot int, clear bool, ticks uint32) uint32 {
	n := &t.notify[slot]
	if n.value == 0 {
		n.state = notifyWaiting
		if ticks > 0 {
			t.block(ticks, true)
			t.yield()
		}
	}
	v := n.value
	switch {
	case v == 0:
	case clear:
		n.value = 0
	default:
		n.value = v - 1
	}
	n.state = notifyNone
	return v
}

// send is xTaskGenericNotify without its yield. woken: the task was waiting and
// is ready now.
func (t *Task) send(slot int, v uint32, action NotifyAction) (ok, woken bool) {
	n := &t.notify[slot]
	was := n.state
	n.state = notifyReceived
	ok = true
	switch action {
	case SetBits:
		n.value |= v
	case Increment:
		n.value++
	case SetValueWithOverwrite:
		n.value = v
	case SetValueWithoutOverwrite:
		if ok = was != notifyReceived; ok {
			n.value = v
		}
	}
	if was != notifyWaiting || t.deleted {
		return ok, false
	}
	t.state.remove()
	t.k.addReady(t)
	return ok, true
}

// NotifyTake waits until the task's notification value is not 0, at most the
// given ticks, and returns it; it is then set to 0 (clear) or counted down
// (ulTaskNotifyTake). 0: the time ran out. Only the task itself.
func (t *Task) NotifyTake(clear bool, ticks uint32) uint32 {
	if !t.self("ulTaskNotifyTake") {
		return 0
	}
	return t.take(0, clear, ticks)
}

// NotifyGive increments the task's notification value (xTaskNotifyGive).
func (t *Task) NotifyGive() { t.notifyFromTask("xTaskNotifyGive", 0, Increment) }

// Notify sends the task a notification (xTaskNotify). It fails only with
// SetValueWithoutOverwrite.
func (t *Task) Notify(v uint32, action NotifyAction) bool {
	return t.notifyFromTask("xTaskNotify", v, action)
}

func (t *Task) notifyFromTask(call string, v uint32, action NotifyAction) bool {
	me, ok := t.k.enter(call)
	if !ok || !t.alive(call) {
		return false
	}
	ok, woken := t.send(0, v, action)
	if woken {
		t.k.yieldIfRequired(me, t, t.prio)
	}
	return ok
}

// NotifyGiveFromISR is NotifyGive for interrupts (vTaskNotifyGiveFromISR).
func (t *Task) NotifyGiveFromISR() { t.NotifyFromISR(0, Increment) }

// NotifyFromISR is Notify for interrupts (xTaskNotifyFromISR).
func (t *Task) NotifyFromISR(v uint32, action NotifyAction) bool {
	if !t.k.enterISR() || !t.alive("xTaskNotifyFromISR") {
		return false
	}
	ok, woken := t.send(0, v, action)
	if woken {
		t.k.yieldFromISR(t, t.prio)
	}
	return ok
}

// NotifyWait waits for a notification, at most the given ticks, and returns the
// value (xTaskNotifyWait). If none is pending the bits clearOnEntry are cleared
// first; the bits clearOnExit are cleared after one came. Only the task itself.
func (t *Task) NotifyWait(clearOnEntry, clearOnExit uint32, ticks uint32) (v uint32, ok bool) {
	if !t.self("xTaskNotifyWait") {
		return 0, false
	}
	n := &t.notify[0]
	if n.state != notifyReceived {
		n.value &^= clearOnEntry
		n.state = notifyWaiting
		if ticks > 0 {
			t.block(ticks, true)
			t.yield()
		}
	}
	v, ok = n.value, n.state == notifyReceived
	if ok {
		n.value &^= clearOnExit
	}
	n.state = notifyNone
	return v, ok
}

// NotifyStateClear forgets a pending notification and reports whether there was
// one (xTaskNotifyStateClear).
func (t *Task) NotifyStateClear() bool {
	if _, ok := t.k.enter("xTaskNotifyStateClear"); !ok || t.notify[0].state != notifyReceived {
		return false
	}
	t.notify[0].state = notifyNone
	return true
}

// NotifyValueClear clears bits of the notification value and returns what it
// was (ulTaskNotifyValueClear).
func (t *Task) NotifyValueClear(bits uint32) uint32 {
	if _, ok := t.k.enter("ulTaskNotifyValueClear"); !ok {
		return 0
	}
	v := t.notify[0].value
	t.notify[0].value &^= bits
	return v
}

// Block waits until Unblock, at most the given ticks, and reports whether it
// came. An Unblock that came since the last Block counts. It is a binary
// semaphore that costs no memory and no notification, for models of components
// whose own semaphores are accounted for elsewhere. Only the task itself.
func (t *Task) Block(ticks uint32) bool {
	return t.self("Block") && t.take(blockSlot, true, ticks) != 0
}

// Unblock ends a task's Block. Tasks and interrupts may call it; a task is
// switched out if the other has a higher priority. On a deleted task it does
// nothing.
func (t *Task) Unblock() {
	k := t.k
	if k.inert() || t.deleted {
		return
	}
	me := k.Current()
	if me != nil {
		me.syscall("Unblock")
	} else {
		k.sync()
	}
	if t.deleted {
		return // while the call took its time
	}
	if _, woken := t.send(blockSlot, 1, SetValueWithOverwrite); woken {
		k.yieldIfRequired(me, t, t.prio)
	}
}
