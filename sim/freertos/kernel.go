package freertos

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A Kernel is the FreeRTOS of one chip, from its reset to the next. It belongs
// to the goroutine that runs its loop.
type Kernel struct {
	// WDT is the task watchdog (esp_task_wdt.h).
	WDT *TaskWDT

	loop *vtime.Loop
	heap *heap.Heap
	cfg  Config
	size sizes
	boot time.Duration // the reset of the chip

	cores       []*core
	ready       [maxPriorities]list
	readyMask   uint32 // priorities whose list may not be empty
	delayed     list   // by the tick that ends the wait
	suspended   list   // also what waits without a limit
	termination list   // deleted, memory not yet freed
	tasks       []*Task
	running     *Task // whose code ran last
	ended       map[string]*Task
	timers      *timerService

	started  bool
	dead     bool
	epoch    time.Duration // tick 0
	period   time.Duration // of the tick; 0 if it is no whole number of nanoseconds
	ticks    uint64        // since epoch
	nextTick time.Duration // the first tick interrupt that was not looked at
	inTick   bool          // inside handleTick
	tickIRQ  *vtime.Timer

	halt       *Halt
	console    []string
	closeCalls int
}

// New builds a kernel on a loop and a heap, in the state after the chip's
// reset: tasks and objects can be made, none runs before StartScheduler.
func New(loop *vtime.Loop, h *heap.Heap, cfg Config) (*Kernel, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if chip := h.Chip(); chip.Cores() < cfg.cores() {
		return nil, fmt.Errorf("freertos: Config.Unicore is false: an %v has one core", chip)
	}
	if cfg.Version == 0 {
		cfg.Version = h.Version()
	}
	k := &Kernel{loop: loop, heap: h, cfg: cfg, size: sizesOf(cfg.Version, h.Chip(), &cfg), boot: loop.Now()}
	if time.Second%time.Duration(cfg.HZ) == 0 {
		k.period = time.Second / time.Duration(cfg.HZ)
	}
	for i := range k.ready {
		k.ready[i].init()
	}
	for _, l := range []*list{&k.delayed, &k.suspended, &k.termination} {
		l.init()
	}
	for i := range cfg.cores() {
		c := &core{id: Core(i)}
		c.yieldIRQ = loop.NewTimer(func() { k.yieldInterrupt(c) })
		k.cores = append(k.cores, c)
	}
	k.tickIRQ = loop.NewTimer(k.tickInterrupt)
	k.WDT = newTaskWDT(k)
	return k, nil
}

// StartScheduler creates the idle tasks and the timer service task, and lets
// the tasks run, as vTaskStartScheduler does. The first tick interrupt comes a
// tick later, on both cores at once. The error says for which task there was no
// memory (ESP-IDF asserts).
func (k *Kernel) StartScheduler() error {
	switch {
	case k.inert():
		return nil
	case k.started:
		return fmt.Errorf("freertos: StartScheduler: the scheduler was started at %v", k.epoch)
	}
	for _, c := range k.cores {
		name := "IDLE"
		if len(k.cores) > 1 {
			name = fmt.Sprint("IDLE", c.id)
		}
		t, err := k.newTask(name, k.cfg.idleStack(), 0, c.id, nil)
		if err != nil {
			return err
		}
		c.idle = t
		t.idle = true
		k.addNew(t)
	}
	if k.cfg.TimerService {
		if err := k.timerServiceOf().start(); err != nil {
			return err
		}
	}
	k.started = true
	k.epoch = k.loop.Now()
	k.nextTick = k.tickTime(1)
	for _, c := range k.cores {
		k.switchContext(c)
	}
	return nil
}

// Loop returns the loop that the kernel runs on.
func (k *Kernel) Loop() *vtime.Loop { return k.loop }

// Heap returns the heap that the kernel allocates from.
func (k *Kernel) Heap() *heap.Heap { return k.heap }

// Config returns what the kernel was built from.
func (k *Kernel) Config() Config { return k.cfg }

// Started reports whether the scheduler runs (xTaskGetSchedulerState).
func (k *Kernel) Started() bool { return k.started }

// Current returns the task whose code is running (xTaskGetCurrentTaskHandle),
// nil in interrupts, before the scheduler, and in code outside this chip.
func (k *Kernel) Current() *Task {
	if t := k.running; t != nil && t.proc == k.loop.Current() {
		return t
	}
	return nil
}

// RunningOn returns the task that a core has (xTaskGetCurrentTaskHandleForCore),
// nil before the scheduler runs and for a core that the chip does not have.
func (k *Kernel) RunningOn(c Core) *Task {
	if !k.started || c < 0 || int(c) >= len(k.cores) {
		return nil
	}
	return k.cores[c].cur
}

// Tasks returns the tasks whose memory has not been freed, in the order of
// their creation, the kernel's own included.
func (k *Kernel) Tasks() []*Task { return append([]*Task(nil), k.tasks...) }

// Task returns the first of Tasks with that name (xTaskGetHandle), nil if there
// is none. Deleted tasks whose memory is still held are not found.
func (k *Kernel) Task(name string) *Task {
	for _, t := range k.tasks {
		if t.name == name && !t.deleted {
			return t
		}
	}
	return nil
}

// Owner interns an owner of memory: the task that is running, or "boot" before
// the scheduler and "interrupt" outside all tasks after, with the given object
// and what.
func (k *Kernel) Owner(object, what string) heap.Owner {
	return k.heap.Intern(heap.Tag{Task: k.context(), Object: object, What: what})
}

func (k *Kernel) context() string {
	switch t := k.Current(); {
	case t != nil:
		return t.name
	case !k.started:
		return "boot"
	}
	return "interrupt"
}

// TickCount returns the ticks since the scheduler was started
// (xTaskGetTickCount). At the instant of a tick interrupt it counts already.
func (k *Kernel) TickCount() uint32 {
	if k.Current() != nil {
		k.enter("xTaskGetTickCount")
	} else {
		k.sync()
	}
	return k.tickCount()
}

// Ticks is TickCount without the cost of a call.
func (k *Kernel) Ticks() uint32 {
	k.sync()
	return k.tickCount()
}

func (k *Kernel) tickCount() uint32 { return k.cfg.InitialTickCount + uint32(k.ticks) }

// TickTime returns when the tick count becomes, or became, count: the time next
// to now at which it does, before the scheduler as if that started now.
func (k *Kernel) TickTime(count uint32) time.Duration {
	if !k.started && !k.dead {
		return k.loop.Now() + time.Duration(uint64(count-k.cfg.InitialTickCount)*uint64(time.Second)/uint64(k.cfg.HZ))
	}
	k.sync()
	delta := int64(int32(count - k.tickCount()))
	return k.tickTime(uint64(max(0, int64(k.ticks)+delta)))
}

// TicksFromMS converts milliseconds to ticks, rounding down (pdMS_TO_TICKS).
func (k *Kernel) TicksFromMS(ms uint32) uint32 {
	return uint32(uint64(ms) * uint64(k.cfg.HZ) / 1000)
}

// tickTime returns when tick interrupt n comes.
func (k *Kernel) tickTime(n uint64) time.Duration {
	if k.period != 0 {
		return k.epoch + time.Duration(n)*k.period
	}
	hi, lo := bits.Mul64(n, uint64(time.Second))
	lo, carry := bits.Add64(lo, uint64(k.cfg.HZ)-1, 0) // round up, so that tickAt gives n back
	q, _ := bits.Div64(hi+carry, lo, uint64(k.cfg.HZ))
	return k.epoch + time.Duration(q)
}

// tickAt returns the last tick interrupt at or before t.
func (k *Kernel) tickAt(t time.Duration) uint64 {
	if k.period != 0 {
		return uint64((t - k.epoch) / k.period)
	}
	hi, lo := bits.Mul64(uint64(t-k.epoch), uint64(k.cfg.HZ))
	q, _ := bits.Div64(hi, lo, uint64(time.Second))
	return q
}

func (k *Kernel) emit(format string, args ...any) {
	k.loop.Log().Emit(k.cfg.Name, format, args...)
}
