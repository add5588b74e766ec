package freertos

import (
	"math/bits"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// How tasks share the cores. The rules are those of ESP-IDF's dual-core kernel
// (tasks.c), which on one core are FreeRTOS's own:
//
//  1. Every core has one current task, which stays in the ready list of its
//     priority while it runs.
//  2. switchContext picks the highest ready task that the core may run. On one
//     core it is the next one in the walk over its list. On two cores the walk
//     starts at the head, skips tasks that the other core has, and moves the
//     one it picks to the back.
//  3. A task that becomes ready makes the core that readied it switch if it has
//     a higher priority than that core's task and may run there; else the other
//     core, by an interrupt, on the same conditions.
//  4. At a tick, a core switches if another task shares its task's priority.
//
// A task's code runs in no virtual time, so a task can only be switched out
// where its code is inside a call of the kernel: while it spends CPU time, or
// before it goes on.

// core is one CPU.
type core struct {
	id   Core
	cur  *Task // pxCurrentTCBs
	idle *Task
	// idleFrom is the first tick at which the idle task, if it is current,
	// makes a turn that was not run.
	idleFrom uint64
	// pending: a switch was asked for and has not been made (xYieldPending).
	pending bool
	// yieldIRQ makes the pending switch at the end of the present event: the
	// cross-core interrupt, or the way out of an interrupt.
	yieldIRQ *vtime.Timer
}

func (k *Kernel) addReady(t *Task) {
	k.ready[t.prio].insertEnd(&t.state)
	k.readyMask |= 1 << t.prio
}

// switchContext is vTaskSwitchContext. The caller, if it is a task on that core,
// waits afterwards.
func (k *Kernel) switchContext(c *core) {
	c.pending = false
	old := c.cur
	if old != nil && old.on == c && old.overflowed() {
		k.stackOverflow(c, old)
		return
	}
	next := k.pick(c)
	if next != old || next.on != c {
		if c.idle == next || c.idle == old {
			k.WDT.beforeIdleChange()
		}
		if old != nil && old.on == c {
			old.switchedOut()
		}
		c.cur = next
		next.on = c
		if k.cfg.TraceSwitches {
			k.emit("core %v: %s", c.id, next.name)
		}
		if next == c.idle {
			k.idleLoop(c)
		} else {
			next.dispatch()
		}
	}
	k.arm()
}

// pick is taskSELECT_HIGHEST_PRIORITY_TASK of one core and
// prvSelectHighestPriorityTaskSMP of two. There is always an idle task.
func (k *Kernel) pick(c *core) *Task {
	for mask := k.readyMask; ; {
		prio := bits.Len32(mask) - 1
		mask &^= 1 << prio
		l := &k.ready[prio]
		if l.n == 0 {
			k.readyMask &^= 1 << prio
			continue
		}
		if len(k.cores) == 1 {
			return l.next()
		}
		l.rewind()
		for range l.n {
			t := l.next()
			if k.otherCoreHas(c, t) || !t.canRunOn(c) {
				continue
			}
			l.rewind()
			t.state.remove()
			l.insertEnd(&t.state)
			return t
		}
		// The original's walk ends one step further on, at the first task again.
		l.next()
	}
}

func (k *Kernel) otherCoreHas(c *core, t *Task) bool {
	for _, o := range k.cores {
		if o != c && o.cur == t {
			return true
		}
	}
	return false
}

// yieldRequired is taskIS_YIELD_REQUIRED: whether core c, which readied t, has to
// switch because its task's priority is below the given one. If it is the other
// core that has to, that is arranged.
func (k *Kernel) yieldRequired(c *core, t *Task, below int) bool {
	if t.canRunOn(c) && c.cur.prio < below {
		return true
	}
	for _, o := range k.cores {
		if o != c && t.canRunOn(o) && o.cur.prio < below {
			k.interrupt(o)
		}
	}
	return false
}

// yieldIfRequired ends a call that readied t. The caller is the task me, or nil:
// an interrupt, which core 0 handles, or code before the scheduler.
func (k *Kernel) yieldIfRequired(me, t *Task, below int) {
	switch {
	case me == nil:
		k.yieldFromISR(t, below)
	case k.yieldRequired(me.on, t, below):
		me.yield()
	default:
		k.arm()
	}
}

// yieldFromISR is what an interrupt does after it readied t. A task may call
// FromISR functions too, and goes on with its code for the moment.
func (k *Kernel) yieldFromISR(t *Task, below int) {
	if !k.started {
		return
	}
	c := k.cores[0]
	if me := k.Current(); me != nil && me.on != nil {
		c = me.on
	}
	if k.yieldRequired(c, t, below) {
		k.interrupt(c)
	}
	k.arm()
}

// interrupt makes a core switch at the end of the present event.
func (k *Kernel) interrupt(c *core) {
	c.pending = true
	if !c.yieldIRQ.Active() {
		c.yieldIRQ.Reset(0)
	}
}

func (k *Kernel) yieldInterrupt(c *core) {
	if k.dead {
		return
	}
	k.sync()
	if c.pending && !k.dead {
		k.switchContext(c)
	}
}

// dispatch lets a task's code go on.
func (t *Task) dispatch() {
	if t.proc == nil {
		t.proc = t.k.loop.Go(t.k.cfg.Name+"/"+t.name, t.main)
		return
	}
	t.proc.Wake()
}

func (t *Task) switchedOut() {
	t.stopBurning()
	t.on = nil
}

func (t *Task) stopBurning() {
	if !t.burning {
		return
	}
	d := min(t.k.loop.Now()-t.burnSince, t.owed)
	t.owed -= d
	t.cpu += d
	t.burning = false
}

// wait gives the loop back until the task is on a core and has spent the CPU
// time that it owes. Every stop of a task's code is in here.
func (t *Task) wait() {
	k := t.k
	for {
		k.sync() // a tick interrupt comes before the next instruction
		switch {
		case t.on == nil || t.deleted || k.dead:
			t.proc.Park()
		case t.owed > 0:
			t.burning, t.burnSince = true, k.loop.Now()
			t.proc.ParkFor(t.owed)
			t.stopBurning()
		default:
			return
		}
		k.running = t
	}
}

// yield is taskYIELD of the running task.
func (t *Task) yield() {
	t.k.switchContext(t.on)
	t.wait()
}

// idleLoop is one turn of prvIdleTask, which then waits for an interrupt. The
// turns it makes after every tick interrupt change nothing while nothing else
// does; the watchdog counts them without running them.
func (k *Kernel) idleLoop(c *core) {
	k.reap()
	k.WDT.idleHook(c)
}
