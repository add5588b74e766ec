package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Software timers (timers.c): every call on a timer is a command in the queue of
// the timer service task "Tmr Svc", which keeps the timers that are running in
// the order of their expiry and calls back.

// timerCommand is DaemonTaskMessage_t.
type timerCommand struct {
	run   func(now uint64)
	timer *Timer
}

// timerService is the timer service task with its queue.
type timerService struct {
	k      *Kernel
	queue  *Queue[timerCommand]
	task   *Task
	active []*Timer // in the order of their expiry
}

func (k *Kernel) timerServiceOf() *timerService {
	if k.timers == nil {
		k.timers = &timerService{k: k}
	}
	return k.timers
}

// start is xTimerCreateTimerTask.
func (s *timerService) start() error {
	k := s.k
	if err := s.makeQueue(); err != nil {
		return err
	}
	t, err := k.newTask("Tmr Svc", k.cfg.TimerTaskStackDepth, k.cfg.TimerTaskPriority, k.cfg.TimerTaskAffinity, s.main)
	if err != nil {
		return err
	}
	s.task = t
	k.addNew(t)
	return nil
}

// makeQueue makes the static command queue, at the first use of a timer.
func (s *timerService) makeQueue() error {
	if s.queue != nil {
		return nil
	}
	q, err := NewQueueStatic[timerCommand](s.k, "TmrQ", s.k.cfg.TimerQueueLength)
	s.queue = q
	return err
}

// main is prvTimerTask.
func (s *timerService) main(t *Task) {
	for {
		s.expireOrBlock(t)
		for {
			c, ok := s.queue.Receive(0)
			if !ok {
				break
			}
			if c.timer != nil {
				s.remove(c.timer)
			}
			c.run(s.k.ticks)
		}
	}
}

// expireOrBlock handles the first timer if it has expired, else waits for that
// or for a command (prvProcessTimerOrBlockTask).
func (s *timerService) expireOrBlock(t *Task) {
	k := s.k
	k.sync()
	if len(s.active) > 0 && s.active[0].expiry <= k.ticks {
		s.expire(s.active[0])
		return
	}
	if s.queue.Len() > 0 {
		return
	}
	s.queue.q.waitReceive.insertEnd(&t.event)
	if len(s.active) == 0 {
		t.block(MaxDelay, true)
	} else {
		t.block(uint32(s.active[0].expiry-k.ticks), false)
	}
	t.yield()
}

// expire is prvProcessExpiredTimer.
func (s *timerService) expire(m *Timer) {
	s.remove(m)
	if m.autoReload {
		s.reload(m, m.expiry)
	} else {
		m.running = false
	}
	m.callback(m)
}

// reload puts a periodic timer back; periods that were missed are called back
// for one by one (prvReloadTimer).
func (s *timerService) reload(m *Timer, expired uint64) {
	for !s.insert(m, expired+uint64(m.period)) {
		expired += uint64(m.period)
		m.callback(m)
	}
}

// insert puts a timer behind those that expire before it or with it. False: it
// has expired already (prvInsertTimerInActiveList).
func (s *timerService) insert(m *Timer, expiry uint64) bool {
	m.expiry = expiry
	if expiry <= s.k.ticks {
		return false
	}
	i := len(s.active)
	for i > 0 && s.active[i-1].expiry > expiry {
		i--
	}
	s.active = append(s.active, nil)
	copy(s.active[i+1:], s.active[i:])
	s.active[i] = m
	return true
}

func (s *timerService) remove(m *Timer) {
	for i, a := range s.active {
		if a == m {
			s.active = append(s.active[:i], s.active[i+1:]...)
			return
		}
	}
}

// begin (re)starts a timer as of the tick at which the command was given.
func (s *timerService) begin(m *Timer, from uint64) {
	m.running = true
	expiry := from + uint64(m.period)
	if s.insert(m, expiry) {
		return
	}
	if m.autoReload {
		s.reload(m, expiry)
	} else {
		m.running = false
	}
	m.callback(m)
}

// A Timer is a software timer. Its callback runs in the timer service task and
// should not block. Commands wait for room in the service's queue for the given
// ticks, and are false if none came.
type Timer struct {
	s          *timerService
	object     string
	addr       heap.Addr
	period     uint32
	autoReload bool
	callback   func(*Timer)
	running    bool
	deleted    bool
	expiry     uint64
}

// NewTimer makes a timer that is not running (xTimerCreate): one block. The
// period is in ticks, at least 1.
func NewTimer(k *Kernel, object string, period uint32, autoReload bool, callback func(*Timer)) (*Timer, error) {
	switch {
	case callback == nil:
		return nil, fmt.Errorf("freertos: timer %q: a callback expected", object)
	case period == 0:
		return nil, fmt.Errorf("freertos: timer %q: a period of at least 1 tick expected", object)
	case !k.cfg.TimerService:
		return nil, fmt.Errorf("freertos: timer %q: Config.TimerService is off, so nothing would run it", object)
	case k.inert():
		return nil, fmt.Errorf("freertos: timer %q: the chip no longer runs", object)
	}
	if me := k.Current(); me != nil {
		me.syscall("xTimerCreate")
	}
	m := &Timer{s: k.timerServiceOf(), object: object, period: period, autoReload: autoReload, callback: callback}
	if err := m.s.makeQueue(); err != nil {
		return nil, err
	}
	if m.addr = k.malloc(object, "timer", k.size.Timer); m.addr == 0 {
		return nil, k.noMemory("timer "+object, "timer", k.size.Timer, k.objectCaps())
	}
	return m, nil
}

// Addr returns where the timer lies.
func (m *Timer) Addr() heap.Addr { return m.addr }

// Period returns the period in ticks (xTimerGetPeriod).
func (m *Timer) Period() uint32 { return m.period }

// Active reports whether the timer is running (xTimerIsTimerActive).
func (m *Timer) Active() bool { return m.running }

func (m *Timer) command(call string, ticks uint32, run func(now uint64)) bool {
	if m.deleted {
		m.s.k.loop.Fail(fmt.Errorf("freertos: %s on timer %q, which was deleted: its handle points at freed memory", call, m.object))
		return false
	}
	return m.s.queue.Send(timerCommand{run: run, timer: m}, ticks)
}

// Start starts the timer, or starts its period again, as of now (xTimerStart,
// xTimerReset).
func (m *Timer) Start(ticks uint32) bool {
	m.s.k.sync()
	from := m.s.k.ticks
	return m.command("xTimerStart", ticks, func(uint64) { m.s.begin(m, from) })
}

// StartFromISR is Start for interrupts (xTimerStartFromISR).
func (m *Timer) StartFromISR() bool {
	m.s.k.sync()
	from := m.s.k.ticks
	return !m.deleted && m.s.queue.SendFromISR(timerCommand{run: func(uint64) { m.s.begin(m, from) }, timer: m})
}

// Stop stops the timer (xTimerStop).
func (m *Timer) Stop(ticks uint32) bool {
	return m.command("xTimerStop", ticks, func(uint64) { m.running = false })
}

// StopFromISR is Stop for interrupts (xTimerStopFromISR).
func (m *Timer) StopFromISR() bool {
	return !m.deleted && m.s.queue.SendFromISR(timerCommand{run: func(uint64) { m.running = false }, timer: m})
}

// ChangePeriod sets the period, at least 1 tick, and starts the timer
// (xTimerChangePeriod).
func (m *Timer) ChangePeriod(period, ticks uint32) bool {
	if period == 0 {
		m.s.k.assert("prvProcessReceivedCommands", "timers.c", "( pxTimer->xTimerPeriodInTicks > 0 )")
		return false
	}
	return m.command("xTimerChangePeriod", ticks, func(now uint64) {
		m.period = period
		m.running = true
		m.s.insert(m, now+uint64(period))
	})
}

// SetReload says whether the timer is periodic (vTimerSetReloadMode).
func (m *Timer) SetReload(on bool) { m.autoReload = on }

// Delete stops the timer and frees it, when the service gets to it
// (xTimerDelete).
func (m *Timer) Delete(ticks uint32) bool {
	return m.command("xTimerDelete", ticks, func(uint64) {
		m.running, m.deleted = false, true
		m.s.k.free("timer "+m.object, m.addr)
	})
}

// PendFunctionCall lets the timer service task call f
// (xTimerPendFunctionCall). False: no room in its queue within the ticks, or no
// timer service.
func (k *Kernel) PendFunctionCall(f func(), ticks uint32) bool {
	return k.timers != nil && k.timers.queue.Send(timerCommand{run: func(uint64) { f() }}, ticks)
}

// PendFunctionCallFromISR is PendFunctionCall for interrupts
// (xTimerPendFunctionCallFromISR).
func (k *Kernel) PendFunctionCallFromISR(f func()) bool {
	return k.timers != nil && k.timers.queue.SendFromISR(timerCommand{run: func(uint64) { f() }})
}
