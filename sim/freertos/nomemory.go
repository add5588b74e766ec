package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// OnNoMemory is what firmware does with an allocation that failed.
type OnNoMemory uint8

const (
	// KeepRunning: the call site gives up what it wanted, says nothing, and
	// tries again in its next turn.
	KeepRunning OnNoMemory = iota
	// DeleteTask: the task notices and calls vTaskDelete(NULL). Everything else
	// goes on, and what the task had allocated stays allocated.
	DeleteTask
	// Panic: nothing is checked, and the task writes through the null pointer.
	// The whole chip stops.
	Panic
)

// String returns "keep-running", "delete-task" or "panic".
func (o OnNoMemory) String() string {
	switch o {
	case KeepRunning:
		return "keep-running"
	case DeleteTask:
		return "delete-task"
	case Panic:
		return "panic"
	}
	return fmt.Sprintf("OnNoMemory(%d)", uint8(o))
}

// ParseOnNoMemory reads what String writes.
func ParseOnNoMemory(s string) (OnNoMemory, error) {
	for o := KeepRunning; o <= Panic; o++ {
		if o.String() == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("freertos: OnNoMemory %q: keep-running, delete-task or panic expected", s)
}

// SetOnNoMemory says what NoMemory does from now on. Default KeepRunning.
func (t *Task) SetOnNoMemory(o OnNoMemory) { t.onNoMemory = o }

// NoMemory is where the task's code finds that an allocation failed. With
// KeepRunning it returns; with DeleteTask and Panic it does not. Only the task
// itself.
func (t *Task) NoMemory(f heap.Failure) {
	k := t.k
	if k.inert() {
		return
	}
	if k.Current() != t {
		k.misuse("NoMemory", t.name)
		return
	}
	t.failures++
	t.failure = f
	k.emit("task %s: no memory for %s (%d bytes, free %d, largest block %d): %v", t.name, f.Tag, f.Size, f.Free, f.Largest, t.onNoMemory)
	switch t.onNoMemory {
	case DeleteTask:
		t.starved = true
		t.delete(fmt.Sprintf("vTaskDelete(NULL) for lack of memory: %d bytes for %s, free %d, largest block %d", f.Size, f.Tag.What, f.Free, f.Largest))
	case Panic:
		k.Panic("StoreProhibited")
	}
}

// EndedForMemory reports whether DeleteTask ended it.
func (t *Task) EndedForMemory() bool { return t.starved }

// NoMemoryCount returns how often NoMemory was called, and the last failure.
func (t *Task) NoMemoryCount() (int, heap.Failure) { return t.failures, t.failure }
