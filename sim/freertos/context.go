package freertos

import "fmt"

// inert says that calls do nothing any more: the chip has died, or the loop
// unwinds what ran on it. Deferred functions of tasks get here; one that
// repeats a call until it succeeds would never end, so it is cut off.
func (k *Kernel) inert() bool {
	if k.loop.Closing() {
		if k.closeCalls++; k.closeCalls > 1000 {
			if p := k.loop.Current(); p != nil {
				k.closeCalls = 0
				p.Park() // unwinds
			}
		}
		return true
	}
	return k.dead
}

// ContextError is a call from where FreeRTOS does not allow it. It ends the run.
type ContextError struct {
	Call string // the call by FreeRTOS's name
	Task string // the task it was meant for, if it is one of a task
	From string // where it came from
}

// Error says what was called, from where, and what is allowed.
func (e *ContextError) Error() string {
	of := ""
	if e.Task != "" {
		of = fmt.Sprintf(" of task %q", e.Task)
	}
	return fmt.Sprintf("freertos: %s%s called from %s: it belongs to the code of a running task (interrupts and events use the FromISR calls; no call may come from another goroutine)", e.Call, of, e.From)
}

// misuse fails the run.
func (k *Kernel) misuse(call, task string) {
	k.loop.Fail(&ContextError{Call: call, Task: task, From: k.whence()})
}

func (k *Kernel) whence() string {
	if t := k.Current(); t != nil {
		return fmt.Sprintf("task %q", t.name)
	}
	if p := k.loop.Current(); p != nil {
		return fmt.Sprintf("process %q", p.Name())
	}
	return "outside any task (an event, the code that runs the loop, or another goroutine)"
}

// enter begins a call that only tasks make, or code before the scheduler. It
// takes the call's CPU time. t is nil before the scheduler; ok is false if the
// call must do nothing.
func (k *Kernel) enter(call string) (t *Task, ok bool) {
	if k.inert() {
		return nil, false
	}
	t = k.Current()
	if t == nil {
		if k.started {
			k.misuse(call, "")
		}
		return nil, !k.started
	}
	t.syscall(call)
	return t, true
}

// enterISR begins a call that interrupts make. It may also come from a task.
func (k *Kernel) enterISR() bool {
	if k.inert() {
		return false
	}
	k.sync()
	return !k.dead
}
