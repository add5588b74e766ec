package freertos

import "time"

// How the watchdog's timer is kept without running the idle tasks: an idle task
// that waits makes a turn at every tick, and its hook resets its entry. Those
// turns are not run. Whenever somebody changes an entry, a core takes or leaves
// its idle task, or the timer is due, catchUp works out what they did since. The
// timer stays set to an expiry that feeding may have put off, and is set again
// when it comes.

// allReset reports whether all entries but one have reset.
func (w *TaskWDT) allReset(but *wdtEntry) bool {
	for _, e := range w.entries {
		if e != but && !e.reset {
			return false
		}
	}
	return true
}

func (w *TaskWDT) resetEntry(e *wdtEntry, at time.Duration) {
	e.reset = true
	if w.allReset(e) {
		w.feed(at)
	}
}

func (w *TaskWDT) feed(at time.Duration) {
	w.fed = at
	for _, e := range w.entries {
		e.reset = false
	}
}

// idleHook is the hook that an idle task calls when it starts to run.
func (w *TaskWDT) idleHook(c *core) {
	c.idleFrom = w.k.ticks + 1
	if !w.on {
		return
	}
	if e := w.find(c.idle); e != nil {
		w.resetEntry(e, w.k.loop.Now())
	}
}

// beforeIdleChange is called before a core takes its idle task, or another in
// its place.
func (w *TaskWDT) beforeIdleChange() {
	if !w.on {
		return
	}
	ticks := w.k.ticks
	if w.k.inTick {
		ticks-- // the idle task does not get to its hook at this one
	}
	w.catchUp(ticks)
	if w.dormant {
		w.dormant = false
		w.timer.ResetAt(w.fed + w.cfg.Timeout)
	}
}

// catchUp works out what the idle tasks that wait have done at the ticks up to
// the given one. Which cores are idle has not changed since the last time.
func (w *TaskWDT) catchUp(to uint64) {
	if !w.on || to <= w.tick {
		return
	}
	// What repeats, repeats from the third tick on at the latest.
	for n := 0; w.tick < to && n < 4; n++ {
		w.tick++
		w.idleTurns(w.tick)
	}
	if w.tick < to {
		w.tick = to
		if w.onlyIdle() {
			w.fed = w.k.tickTime(to)
		}
	}
}

func (w *TaskWDT) idleTurns(tick uint64) {
	for _, c := range w.k.cores {
		if c.cur != c.idle || tick < c.idleFrom {
			continue
		}
		if e := w.find(c.idle); e != nil {
			w.resetEntry(e, w.k.tickTime(tick))
		}
	}
	for _, e := range w.entries {
		if e.polling {
			w.resetEntry(e, w.k.tickTime(tick))
		}
	}
}

// onlyIdle reports whether every entry is an idle task that waits, or a task that
// polls.
func (w *TaskWDT) onlyIdle() bool {
	for _, e := range w.entries {
		if e.polling {
			continue
		}
		if e.task == nil || !e.task.idle || e.task.on == nil {
			return false
		}
	}
	return true
}

// arm sets the timer after a change of the entries.
func (w *TaskWDT) arm() {
	w.dormant = false
	if len(w.entries) == 0 {
		w.timer.Stop()
		return
	}
	if !w.timer.Active() {
		w.timer.ResetAt(w.fed + w.cfg.Timeout)
	}
}

// timeout is due when the timer was set to expire; feeding it since then has
// put that off.
func (w *TaskWDT) timeout() {
	k := w.k
	if k.dead || !w.on {
		return
	}
	k.sync()
	w.catchUp(k.ticks)
	switch now := k.loop.Now(); {
	case w.fed+w.cfg.Timeout <= now:
		w.interrupt()
	case w.onlyIdle():
		w.dormant = true
	default:
		w.timer.ResetAt(w.fed + w.cfg.Timeout)
	}
}

// interrupt is task_wdt_isr.
func (w *TaskWDT) interrupt() {
	k := w.k
	w.fed = k.loop.Now() // but no entry counts as reset
	w.timer.ResetAt(w.fed + w.cfg.Timeout)
	caption := "Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:"
	if k.size.oldWatchdog {
		caption = "Task watchdog got triggered. The following tasks did not reset the watchdog in time:"
	}
	k.loge("task_wdt", "%s", caption)
	var failed [2]bool
	for _, e := range w.entries {
		if e.reset {
			continue
		}
		affinity := NoAffinity
		if e.task != nil {
			affinity = e.task.affinity
		}
		if len(k.cores) == 1 && !k.size.oldWatchdog {
			affinity = Core0
		}
		for i := range failed {
			failed[i] = failed[i] || affinity == NoAffinity || affinity == Core(i)
		}
		k.loge("task_wdt", " - %s (CPU %v)", e.name(), affinity)
	}
	k.loge("task_wdt", "Tasks currently running:")
	for _, c := range k.cores {
		k.loge("task_wdt", "CPU %v: %s", c.id, k.taskOn(c))
	}
	if w.cfg.Panic {
		w.abort(failed)
		return
	}
	for _, c := range []*core{w.core, k.other(w.core)} {
		if c == nil || !failed[c.id] && !k.size.oldWatchdog {
			continue
		}
		if c == w.core {
			k.loge("task_wdt", "Print CPU %v (current core) backtrace", c.id)
		} else {
			k.loge("task_wdt", "Print CPU %v backtrace", c.id)
		}
	}
}

// abort is task_wdt_timeout_abort, on the core whose task failed; if both have
// one, on the other core than that of the interrupt.
func (w *TaskWDT) abort(failed [2]bool) {
	k := w.k
	c := w.core
	if o := k.other(c); o != nil && failed[o.id] && !k.size.oldWatchdog {
		if failed[c.id] {
			k.loge("task_wdt", "Print CPU %v (current core) backtrace", c.id)
		}
		c = o
	}
	k.loge("task_wdt", "Aborting.")
	switch {
	case k.size.oldWatchdog:
	case c == w.core:
		k.loge("task_wdt", "Print CPU %v (current core) backtrace", c.id)
	default:
		k.loge("task_wdt", "Print CPU %v backtrace", c.id)
	}
	if k.size.oldWatchdog {
		k.print(abortText(c))
	}
	k.die(c, k.taskOn(c), "task_wdt: Aborting.", ResetTaskWDT)
}

func (k *Kernel) other(c *core) *core {
	for _, o := range k.cores {
		if o != c {
			return o
		}
	}
	return nil
}

func (e *wdtEntry) name() string {
	if e.task == nil {
		return e.user
	}
	return e.task.name
}
