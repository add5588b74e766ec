package freertos

import "fmt"

// A task's Go code uses no stack of the model, so how deep the C code would go
// is declared: by UseStack, in bytes from the top of the block, what the port
// keeps there included.

// canaryBytes are what StackCheckCanary looks at (stack_macros.h).
const canaryBytes = 16

// watchpointBytes are what WatchpointEndOfStack guards (port.c).
const watchpointBytes = 32

// StackError is a stack overflow that the chip is configured not to notice. It
// ends the run.
type StackError struct {
	Task string
	Size uint32 // of the stack, in bytes
	Used uint32
}

// Error names the task and what was written over.
func (e *StackError) Error() string {
	return fmt.Sprintf("freertos: task %q uses %d bytes of a stack of %d and no check is on (Config.StackCheck): it has overwritten the heap block below, and what the chip does next is undefined", e.Task, e.Used, e.Size)
}

// UseStack declares that the task's code has gone n bytes deep into its stack.
// Less than before changes nothing. Beyond the end the task overwrites what lies
// below; depending on Config the chip notices at once, when the task is next
// switched out, or not at all (which ends the run, since what follows is
// undefined). Only the task itself.
func (t *Task) UseStack(n uint32) {
	k := t.k
	if k.inert() {
		return
	}
	if k.Current() != t {
		k.misuse("UseStack", t.name)
		return
	}
	t.stackUsed = max(t.stackUsed, n)
	switch {
	case k.cfg.WatchpointEndOfStack && t.stackUsed > t.stackSize-min(watchpointBytes, t.stackSize):
		k.panic("Unhandled debug exception", "", "Debug exception reason: Stack canary watchpoint triggered ("+t.name+") ")
	case k.cfg.StackCheck == StackCheckNone && t.stackUsed > t.stackSize:
		k.loop.Fail(&StackError{Task: t.name, Size: t.stackSize, Used: t.stackUsed})
	}
}

// StackHighWaterMark returns the bytes of stack that were never used
// (uxTaskGetStackHighWaterMark).
func (t *Task) StackHighWaterMark() uint32 {
	return t.stackSize - min(t.stackUsed, t.stackSize)
}

// overflowed is taskCHECK_FOR_STACK_OVERFLOW.
func (t *Task) overflowed() bool {
	switch t.k.cfg.StackCheck {
	case StackCheckCanary:
		return t.stackUsed+canaryBytes > t.stackSize
	case StackCheckPtrVal:
		return t.stackUsed >= t.stackSize
	}
	return false
}

// stackOverflow is vApplicationStackOverflowHook, called while core c switches
// away from the task.
func (k *Kernel) stackOverflow(c *core, t *Task) {
	k.abort(c, t.name, "***ERROR*** A stack overflow in task "+t.name+" has been detected.")
}
