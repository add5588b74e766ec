package freertos

import "fmt"

// Delete deletes a task (vTaskDelete). One that no core is running loses its
// stack and TCB at once. One that is running, which is also a task that deletes
// itself, is only put aside: an idle task frees the memory when it next runs. A
// deleted task's code never goes on, Go's deferred functions included; what it
// had allocated, and mutexes it holds, stay as they are. A task that deletes
// itself does not return from the call. Called outside all tasks, it is as if
// another core did it.
func (t *Task) Delete() { t.delete("vTaskDelete") }

func (t *Task) delete(why string) {
	k := t.k
	if k.inert() {
		return
	}
	me := k.Current()
	if me != nil {
		me.syscall("vTaskDelete")
	} else {
		k.sync()
	}
	switch {
	case t.idle:
		k.loop.Fail(fmt.Errorf("freertos: vTaskDelete of %s: the idle tasks must not be deleted", t.name))
		return
	case !t.alive("vTaskDelete"):
		return
	case t.deleted:
		k.loop.Fail(fmt.Errorf("freertos: vTaskDelete of task %q, which was deleted before (%s) and waits for an idle task", t.name, t.ended))
		return
	}
	t.state.remove()
	t.event.remove()
	t.deleted = true
	t.ended, t.endedAt = why, k.loop.Now()
	if k.ended == nil {
		k.ended = map[string]*Task{}
	}
	k.ended[t.name] = t
	k.emit("task %s deleted by %s: %s", t.name, k.context(), why)
	c := t.on
	if c == nil {
		if t.proc != nil {
			t.proc.Kill()
		}
		k.freeTask(t)
		return
	}
	k.termination.insertEnd(&t.state)
	t.proc.Kill()
	if t != me {
		k.interrupt(c)
		return
	}
	k.switchContext(c)
	t.stop()
}

// LastDeleted returns the task of that name that was deleted last, whether or
// not its memory has been freed; nil if there was none.
func (k *Kernel) LastDeleted(name string) *Task { return k.ended[name] }

// reap is prvCheckTasksWaitingTermination, which the idle tasks run. A task that
// its core has not left yet is skipped.
func (k *Kernel) reap() {
	for it := k.termination.end.next; it != &k.termination.end; {
		t := it.owner
		it = it.next
		if t.on == nil {
			t.state.remove()
			k.freeTask(t)
		}
	}
}

// OnFree has f called when the task's memory is freed, before its stack and TCB
// are, as the deletion callbacks of thread local storage pointers are
// (FREERTOS_TLSP_DELETION_CALLBACKS). Several are called in the order of
// registration. f runs in the idle task or in the task that deletes this one; it
// must not wait.
func (t *Task) OnFree(f func()) { t.onFree = append(t.onFree, f) }

// freeTask is prvDeleteTCB: the deletion callbacks, the stack, then the TCB.
func (k *Kernel) freeTask(t *Task) {
	for _, f := range t.onFree {
		f()
	}
	t.freed = true
	k.free("the stack of task "+t.name, t.stack)
	k.free("the TCB of task "+t.name, t.tcb)
	for i, u := range k.tasks {
		if u == t {
			k.tasks = append(k.tasks[:i], k.tasks[i+1:]...)
			break
		}
	}
	k.emit("task %s freed", t.name)
}
