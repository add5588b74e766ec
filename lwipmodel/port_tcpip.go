package lwipmodel

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

const tcpipTaskName = "tiT"

// Sizes of what esp_netif_init takes besides the mailbox and the task: each
// semaphore and mutex is a queue object, and the key of the thread-local storage
// is a node. (idf: components/esp_netif/lwip/esp_netif_lwip.c,
// components/lwip/port/freertos/sys_arch.c, components/pthread)
const (
	tlsKeySize   = 12
	vfsEntrySize = 192
	taskExtra    = 512 // TASK_EXTRA_STACK_SIZE
)

// Init is esp_netif_init, called by task t (nil: before the scheduler runs): it
// starts the tcpip task with its mailbox and timers. The error says for which
// object there was no memory.
func (s *Stack) Init(t *freertos.Task) error {
	if s.tiT != nil {
		return nil // a second call finds it running
	}
	c := s.c
	take := func(what string, k Kind, size uint32) error {
		if c.malloc(k, size, c.self) == 0 {
			return fmt.Errorf("lwipmodel: esp_netif_init: no memory for %s (%d bytes)", what, size)
		}
		return nil
	}
	initSem := c.malloc(KindSemaphore, c.sz.mboxQueue, c.self)
	if initSem == 0 {
		return fmt.Errorf("lwipmodel: esp_netif_init: no memory for the init semaphore (%d bytes)", c.sz.mboxQueue)
	}
	// lwip_init: sys_init, then the timers that are not on demand.
	if err := take("the protection mutex", KindSemaphore, c.sz.mboxQueue); err != nil {
		return err
	}
	if err := take("the key of the thread-local storage", KindTLSKey, tlsKeySize); err != nil {
		return err
	}
	if err := take("the socket file system", KindVFSEntry, vfsEntrySize); err != nil {
		return err
	}
	c.startCyclicTimers()
	// tcpip_init.
	if s.mailbox = c.newMbox(c.opt.TCPIPMboxSize, c.self); s.mailbox == nil {
		return fmt.Errorf("lwipmodel: esp_netif_init: no memory for the mailbox of the tcpip task")
	}
	if c.opt.CoreLocking {
		if err := take("the core lock", KindSemaphore, c.sz.mboxQueue); err != nil {
			return err
		}
	}
	tiT, err := s.k.CreateTask(tcpipTaskName, uint32(c.opt.TCPIPTaskStack), c.opt.TCPIPTaskPriority, freertos.Core(c.opt.TCPIPTaskAffinity), s.tcpipTask)
	if err != nil {
		return fmt.Errorf("lwipmodel: esp_netif_init: %w", err)
	}
	s.tiT = tiT
	c.free(KindSemaphore, initSem, c.sz.mboxQueue, c.self)
	if !c.opt.CoreLocking {
		// The semaphores of esp_netif's own calls into the tcpip task.
		for range 2 {
			if err := take("the API semaphores of esp_netif", KindSemaphore, c.sz.mboxQueue); err != nil {
				return err
			}
		}
	}
	return nil
}

// tcpipTask is tcpip_thread with tcpip_timeouts_mbox_fetch, except that it sleeps
// through timers that only count. (lwip: src/api/tcpip.c)
func (s *Stack) tcpipTask(t *freertos.Task) {
	s.tiT = t
	c := s.c
	self := &thread{parker: taskThread{t}, name: tcpipTaskName}
	for {
		if c.opt.CoreLocking {
			c.lockCore(self)
		}
		if !s.everyTick {
			c.catchUp()
		}
		ms, timers := c.sleepTime()
		due := timers && ms == 0
		more := due
		if due {
			c.checkTimeouts()
		} else {
			more = c.handleOne()
		}
		if c.opt.CoreLocking {
			c.unlockCore()
		}
		if more {
			if !due {
				t.Syscall("xQueueReceive")
			}
			continue
		}
		ticks := freertos.MaxDelay
		next := c.busyTime
		if s.everyTick {
			next = c.sleepTime
		}
		if ms, busy := next(); busy {
			// A wait shorter than a tick makes the original ask again and again
			// until the tick comes.
			ticks = max(ms/c.tickMS, 1)
		}
		s.asleep, s.look = true, false
		if !s.everyTick {
			s.armCount()
		}
		t.Block(ticks)
		s.asleep = false
	}
}

// armCount sets the event that makes up for timers that only count, while the
// tcpip task sleeps: at the next firing, because what happens to the heap after
// that must find it as the firing leaves it. As long as nothing else is going to
// happen in the world the firings change nothing, and all but the last before
// the next event are skipped.
func (s *Stack) armCount() {
	c := s.c
	t := c.nextTimeout
	if t == nil {
		return
	}
	at := s.timeOf(t.time)
	s.count.Stop()
	if at <= s.k.Loop().Now() {
		return // it is due, and the tcpip task is about to run it
	}
	next, ok := s.k.Loop().NextAt()
	if !ok {
		return // nothing will ever happen
	}
	if next > at {
		// The last firing before that.
		limit := uint32(min((next-1-at)/time.Millisecond, 1<<30))
		last := uint32(0)
		for ; t != nil; t = t.next {
			if off := t.time - c.nextTimeout.time; off <= limit && c.idleFirings(t) > 0 {
				n := min(int64((limit-off)/c.period(t.id)), c.idleFirings(t)-1)
				last = max(last, off+uint32(n)*c.period(t.id))
			}
		}
		at = s.timeOf(c.nextTimeout.time + last)
	}
	s.count.ResetAt(at)
}

// timeOf returns the time at which sys_now is ms. It counts from now: sys_now
// wraps after 49.7 days, the tick count ten times later.
func (s *Stack) timeOf(ms uint32) time.Duration {
	ticks := int32(ms-s.now()) / int32(s.c.tickMS)
	return s.k.TickTime(s.k.Ticks() + uint32(ticks))
}

// countIdle is that event.
func (s *Stack) countIdle() {
	if !s.asleep || s.k.Halted() != nil {
		return
	}
	s.c.catchUp()
	if s.look {
		s.wakeTCPIP()
		return
	}
	s.armCount()
}

// lookAt ends the sleep of the tcpip task early.
func (s *Stack) lookAt(ms uint32) {
	if s.asleep && s.k.Current() != s.tiT {
		s.look = true
		s.count.ResetAt(max(s.timeOf(ms), s.k.Loop().Now()))
	}
}

// taskThread is how a task blocks in a socket call.
type taskThread struct{ t *freertos.Task }

func (p taskThread) park(ticks uint32) {
	if ticks == 0 {
		ticks = freertos.MaxDelay
	}
	p.t.Block(ticks)
}

func (p taskThread) unpark() { p.t.Unblock() }

// thread returns the socket layer's record of a task, with its semaphore. nil:
// the call is made from elsewhere, or the chip no longer runs.
func (s *Stack) thread(t *freertos.Task, call string) *thread {
	if t == nil || s.tiT == nil || s.k.Halted() != nil {
		return nil
	}
	t.Syscall(call)
	if s.k.Current() != t {
		return nil // Syscall has failed the run
	}
	th := s.threads[t]
	if th == nil {
		th = &thread{parker: taskThread{t}, name: t.Name()}
		s.threads[t] = th
		t.OnFree(func() {
			s.c.threadGone(th)
			delete(s.threads, t)
		})
	}
	if !s.c.threadSem(th) {
		s.k.Abort("lwip_arch: thread_sem_init: out of memory")
		return nil
	}
	return th
}

// inTCPIP runs f in the tcpip task and waits for it, as esp_netif's calls do.
// They have a semaphore of their own.
func (s *Stack) inTCPIP(t *freertos.Task, f func(*core)) {
	if s.k.Current() == s.tiT {
		f(s.c)
		return
	}
	th := &thread{parker: taskThread{t}, name: t.Name()}
	if s.c.opt.CoreLocking {
		s.c.lockCore(th)
		f(s.c)
		s.c.unlockCore()
		return
	}
	th.msg.th = th
	s.c.postTCPIP(th, tcpipMsg{kind: msgAPI, api: &th.msg, fn: func(c *core, m *apiMsg) {
		f(c)
		m.ack()
	}})
	s.c.semWait(th, 0)
}
