package freertos

import (
	"fmt"
	"time"
)

// maxCallsAtOnce bounds the calls that a task may make at one instant. More
// means that it polls something that only time can change.
const maxCallsAtOnce = 100_000

// SpinError is a task that makes calls for ever without time passing. It ends
// the run.
type SpinError struct {
	Task  string
	Call  string // the last of the calls
	Calls int
	At    time.Duration
}

// Error names the task and the call.
func (e *SpinError) Error() string {
	return fmt.Sprintf("freertos: task %q made %d calls at %v without time passing, the last is %s: it polls for something that only time can bring (give calls a cost with Config.SyscallCost, or let it wait)", e.Task, e.Calls, e.At, e.Call)
}

// syscall takes the CPU time of one call. The call's effect comes after it.
func (t *Task) syscall(call string) {
	t.count(call)
	t.owed += t.k.cfg.SyscallCost
	t.wait()
}

// count finds a task that makes calls for ever without time passing.
func (t *Task) count(call string) {
	k := t.k
	if now := k.loop.Now(); now != t.callsAt {
		t.callsAt, t.calls = now, 0
	}
	if t.calls++; t.calls > maxCallsAtOnce {
		k.loop.Fail(&SpinError{Task: t.name, Call: call, Calls: maxCallsAtOnce, At: k.loop.Now()})
		t.stop()
	}
}

// CountCall notes a call that takes no time of its own, such as malloc, so that
// a task which makes nothing but such calls ends the run with a *SpinError
// instead of hanging it. Calls of other than the running task are not counted.
func (t *Task) CountCall(call string) {
	if k := t.k; !k.inert() && k.Current() == t {
		t.count(call)
	}
}

// stop ends the task's code where it is; it never goes on.
func (t *Task) stop() {
	t.proc.Kill()
	for {
		t.proc.Park()
	}
}

// Syscall takes the CPU time of one call (Config.SyscallCost), for code that
// models calls of other components. The name appears in errors. Only the task
// itself.
func (t *Task) Syscall(call string) { t.self(call) }

// Spend takes d of CPU time: the task computes. It competes for its core as
// FreeRTOS has it, so more time may pass. Only the task itself.
func (t *Task) Spend(d time.Duration) {
	k := t.k
	if k.inert() {
		return
	}
	if k.Current() != t {
		k.misuse("Spend", t.name)
		return
	}
	if d < 0 {
		k.loop.Fail(fmt.Errorf("freertos: task %q: Spend(%v): at least 0 expected", t.name, d))
		return
	}
	t.owed += d
	t.wait()
}

// Yield gives way to ready tasks of the same priority (taskYIELD). Only the task
// itself.
func (t *Task) Yield() {
	if t.self("taskYIELD") {
		t.yield()
	}
}
