package freertos

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// TaskState is eTaskState.
type TaskState uint8

// The states, in the order of eTaskState.
const (
	Running   TaskState = iota // a core has it
	Ready                      // waits for a core
	Blocked                    // waits for time or an event
	Suspended                  // vTaskSuspend
	Deleted                    // deleted, its memory not yet freed
	Invalid                    // its memory was freed
)

// String returns the name without its e.
func (s TaskState) String() string {
	if names := [...]string{"Running", "Ready", "Blocked", "Suspended", "Deleted", "Invalid"}; int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("TaskState(%d)", uint8(s))
}

// A Task is a FreeRTOS task. Its function runs as a coroutine on the loop; the
// methods that say so belong to that function's own code.
type Task struct {
	k         *Kernel
	name      string
	f         func(*Task)
	proc      *vtime.Proc
	idle      bool
	stack     heap.Addr
	tcb       heap.Addr
	stackSize uint32
	stackUsed uint32
	affinity  Core

	prio, basePrio int
	mutexesHeld    int
	// causedInheritance: its wait for a mutex raised the holder's priority.
	causedInheritance bool
	on                *core // the core that has it
	state, event      item
	delayAborted      bool
	notify            [notifySlots]notification
	deleted, freed    bool
	onFree            []func()

	owed      time.Duration // CPU time to be spent before the code goes on
	burning   bool          // on its core, spending it
	burnSince time.Duration
	cpu       time.Duration
	callsAt   time.Duration
	calls     int

	onNoMemory OnNoMemory
	starved    bool // ended by DeleteTask
	failures   int
	failure    heap.Failure
	ended      string
	endedAt    time.Duration
}

// CreateTask makes a task as xTaskCreatePinnedToCore does: the stack, of that
// many bytes, then the TCB, both from INTERNAL|8BIT memory and owned by the new
// task. Priorities are 0 to 24; names longer than 15 bytes are cut. If there is
// no memory the error is a *NoMemoryError, and a stack already taken is given
// back. A new task of at least the priority of the running one runs at once.
//
// f must not return: it ends with Delete, or the chip aborts
// (FREERTOS_TASK_FUNCTION_WRAPPER).
func (k *Kernel) CreateTask(name string, stack uint32, prio int, affinity Core, f func(*Task)) (*Task, error) {
	switch {
	case f == nil:
		return nil, fmt.Errorf("freertos: task %q: a function expected", name)
	case prio < 0 || prio >= maxPriorities:
		return nil, fmt.Errorf("freertos: task %q: priority %d: 0 to %d expected", name, prio, maxPriorities-1)
	case !k.cfg.validCore(affinity):
		return nil, fmt.Errorf("freertos: task %q: core %v: below %d or NoAffinity expected", name, affinity, len(k.cores))
	}
	if k.inert() {
		return nil, fmt.Errorf("freertos: task %q: the chip no longer runs", name)
	}
	me := k.Current()
	if me != nil {
		me.syscall("xTaskCreatePinnedToCore")
	} else {
		k.sync()
	}
	t, err := k.newTask(name, stack, prio, affinity, f)
	if err != nil {
		return nil, err
	}
	k.addNew(t)
	k.yieldIfRequired(me, t, t.prio+1)
	return t, nil
}

// newTask takes the memory and fills the TCB (prvInitialiseNewTask).
func (k *Kernel) newTask(name string, stack uint32, prio int, affinity Core, f func(*Task)) (*Task, error) {
	if limit := int(k.cfg.MaxTaskNameLen) - 1; len(name) > limit {
		name = name[:limit]
	}
	const caps = heap.CapInternal | heap.Cap8Bit
	t := &Task{k: k, name: name, f: f, stackSize: stack, prio: prio, basePrio: prio, affinity: affinity}
	if t.stack = k.heap.Malloc(k.heap.Intern(heap.Tag{Task: name, What: "stack"}), stack, caps); t.stack == 0 {
		return nil, k.noMemory("task "+name, "stack", stack, caps)
	}
	if t.tcb = k.heap.Malloc(k.heap.Intern(heap.Tag{Task: name, What: "TCB"}), k.size.TCB, caps); t.tcb == 0 {
		err := k.noMemory("task "+name, "TCB", k.size.TCB, caps)
		k.free("the stack of task "+name, t.stack)
		return nil, err
	}
	t.state.owner, t.event.owner = t, t
	t.event.value = eventValue(prio)
	return t, nil
}

// eventValue orders event lists by falling priority.
func eventValue(prio int) uint64 { return uint64(maxPriorities - prio) }

// addNew puts a new task under the scheduler's control
// (prvAddNewTaskToReadyList). Before the scheduler runs, a core notes the last
// of the highest tasks as its current one; the other core will not take it.
func (k *Kernel) addNew(t *Task) {
	k.tasks = append(k.tasks, t)
	if !k.started {
		if c := k.firstCore(t); c != nil {
			c.cur = t
		}
	}
	k.addReady(t)
	k.emit("task %s created: prio %d, core %v, stack %d at %v, TCB at %v", t.name, t.prio, t.affinity, t.stackSize, t.stack, t.tcb)
}

// firstCore returns the core whose current task a task made before the
// scheduler becomes: an idle core first, then one whose task is not higher.
func (k *Kernel) firstCore(t *Task) *core {
	for _, c := range k.cores {
		if t.canRunOn(c) && c.cur == nil {
			return c
		}
	}
	for _, c := range k.cores {
		if t.canRunOn(c) && c.cur.prio <= t.prio {
			return c
		}
	}
	return nil
}

func (t *Task) canRunOn(c *core) bool {
	return t.affinity == NoAffinity || t.affinity == c.id
}

// Name returns the task's name (pcTaskGetName).
func (t *Task) Name() string { return t.name }

// Kernel returns the kernel that the task belongs to.
func (t *Task) Kernel() *Kernel { return t.k }

// Priority returns the priority at present, inherited or not
// (uxTaskPriorityGet).
func (t *Task) Priority() int { return t.prio }

// BasePriority returns the priority without inheritance.
func (t *Task) BasePriority() int { return t.basePrio }

// Affinity returns the core that the task is pinned to (xTaskGetCoreID).
func (t *Task) Affinity() Core { return t.affinity }

// StackSize returns the bytes of the stack.
func (t *Task) StackSize() uint32 { return t.stackSize }

// CPUTime returns the CPU time that the task has spent.
func (t *Task) CPUTime() time.Duration {
	if t.burning {
		return t.cpu + t.k.loop.Now() - t.burnSince
	}
	return t.cpu
}

// State returns the task's state (eTaskGetState).
func (t *Task) State() TaskState {
	switch {
	case t.freed:
		return Invalid
	case t.deleted:
		return Deleted
	case t.on != nil:
		return Running
	case t.state.in == &t.k.delayed, t.event.in != nil:
		return Blocked
	case t.state.in == &t.k.suspended:
		for i := range t.notify {
			if t.notify[i].state == notifyWaiting {
				return Blocked
			}
		}
		return Suspended
	}
	return Ready
}

// Ended says why a deleted task ended, in words for a report; empty while it
// lives.
func (t *Task) Ended() string { return t.ended }

// EndedAt returns when a deleted task ended.
func (t *Task) EndedAt() time.Duration { return t.endedAt }

// alive fails the run if the task's memory was freed.
func (t *Task) alive(call string) bool {
	if t.freed {
		t.k.loop.Fail(fmt.Errorf("freertos: %s on task %q, which was deleted (%s): its handle points at freed memory", call, t.name, t.ended))
	}
	return !t.freed
}

// self begins a call that acts on the task's own code, and takes its CPU time.
// False: the call must do nothing.
func (t *Task) self(call string) bool {
	k := t.k
	if k.inert() {
		return false
	}
	if k.Current() != t {
		k.misuse(call, t.name)
		return false
	}
	t.syscall(call)
	return true
}

// main is the task's coroutine.
func (t *Task) main(*vtime.Proc) {
	t.k.running = t
	t.wait()
	t.f(t)
	if t.k.inert() {
		return
	}
	t.k.loge("FreeRTOS", "FreeRTOS Task \"%s\" should not return, Aborting now!", t.name)
	t.k.Abort("")
}
