package freertos

// Polling says that a task, nil for the running one, is about to block and that
// the firmware it models would not: it would wake every so often, find nothing
// to do, and reset the watchdog. While it is on, the task counts as one that
// resets at every tick, and the model need not run turns in which nothing
// happens. The task switches it off when it wakes, and goes on with Reset. On a
// task that is not subscribed it does nothing.
func (w *TaskWDT) Polling(t *Task, on bool) {
	if w.k.inert() || !w.on {
		return
	}
	e := w.find(w.orCurrent(t))
	if e == nil || e.polling == on {
		return
	}
	w.k.sync()
	w.catchUp(w.k.ticks)
	e.polling = on
	if !on && w.dormant {
		w.dormant = false
		w.timer.ResetAt(w.fed + w.cfg.Timeout)
	}
}
