package freertos

import (
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// The errors of the task watchdog, by the names of esp_err_t.
var (
	ErrInvalidState = errors.New("ESP_ERR_INVALID_STATE")
	ErrInvalidArg   = errors.New("ESP_ERR_INVALID_ARG")
	ErrNotFound     = errors.New("ESP_ERR_NOT_FOUND")
	ErrNoMem        = errors.New("ESP_ERR_NO_MEM")
)

// WDTConfig is esp_task_wdt_config_t, filled from the ESP_TASK_WDT_* options.
type WDTConfig struct {
	// Timeout is ESP_TASK_WDT_TIMEOUT_S, above 0. Default 5 s.
	Timeout time.Duration
	// Panic is ESP_TASK_WDT_PANIC: a timeout stops the chip. Default false: it
	// only writes to the console.
	Panic bool
	// CheckIdleCPU0 and CheckIdleCPU1 are ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0 and
	// 1: the idle task of that core is watched. Default true. A core that the
	// chip does not have is left out.
	CheckIdleCPU0, CheckIdleCPU1 bool
}

// TaskWDT is the task watchdog (task_wdt.c): a hardware timer that is fed only
// when all subscribed tasks have reset since it was last fed. An idle task
// resets whenever it runs its hook, which is at least once a tick while it
// waits.
type TaskWDT struct {
	k       *Kernel
	cfg     WDTConfig
	on      bool
	core    *core // that handles the interrupt
	addr    heap.Addr
	entries []*wdtEntry // in the order of printing
	timer   *vtime.Timer
	fed     time.Duration
	tick    uint64 // ticks up to this one are worked out
	// dormant: nothing but waiting idle tasks is watched, so that no timeout can
	// come and the timer is off.
	dormant bool
}

// wdtEntry is twdt_entry_t.
type wdtEntry struct {
	task  *Task  // nil: a user
	user  string // name
	reset bool
	addr  heap.Addr

	polling bool // see TaskWDT.Polling
}

// WDTUser is a subscription that does not belong to a task
// (esp_task_wdt_user_handle_t).
type WDTUser struct{ e *wdtEntry }

func newTaskWDT(k *Kernel) *TaskWDT {
	w := &TaskWDT{k: k}
	w.timer = k.loop.NewTimer(w.timeout)
	return w
}

func (w *TaskWDT) begin(call string) error {
	if _, ok := w.k.enter(call); !ok {
		return fmt.Errorf("freertos: %s: the chip no longer runs, or no task does: %w", call, ErrInvalidState)
	}
	return nil
}

func (w *TaskWDT) alloc(what string, n uint32) heap.Addr {
	return w.k.heap.MallocDefault(w.k.Owner("task_wdt", what), n)
}

// Init starts the watchdog as Config.WDT says (esp_task_wdt_init), which ESP-IDF
// does in the main task before app_main if ESP_TASK_WDT_INIT is set. It takes a
// block for itself and one for each watched idle task, from malloc. The memory
// of the interrupt (esp_intr_alloc) is not part of it.
func (w *TaskWDT) Init() error {
	const call = "esp_task_wdt_init"
	k := w.k
	if err := w.begin(call); err != nil {
		return err
	}
	switch {
	case !k.started:
		return fmt.Errorf("freertos: %s before the scheduler: %w", call, ErrInvalidState)
	case w.on:
		return fmt.Errorf("freertos: %s: TWDT already initialized: %w", call, ErrInvalidState)
	case k.cfg.WDT.Timeout <= 0:
		return fmt.Errorf("freertos: %s: Config.WDT.Timeout is %v, above 0 expected: %w", call, k.cfg.WDT.Timeout, ErrInvalidArg)
	}
	w.cfg = k.cfg.WDT
	if w.addr = w.alloc("twdt_obj", k.size.wdt); w.addr == 0 {
		return fmt.Errorf("freertos: %s: insufficient memory: %w", call, ErrNoMem)
	}
	w.on = true
	w.core = k.currentCore()
	w.tick = k.ticks
	w.fed = k.loop.Now()
	for i, c := range k.cores {
		if i == 0 && w.cfg.CheckIdleCPU0 || i == 1 && w.cfg.CheckIdleCPU1 {
			if err := w.add(call, &wdtEntry{task: c.idle}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Deinit stops the watchdog and frees its memory (esp_task_wdt_deinit). Only the
// idle tasks may still be subscribed.
func (w *TaskWDT) Deinit() error {
	const call = "esp_task_wdt_deinit"
	if err := w.check(call); err != nil {
		return err
	}
	for _, e := range w.entries {
		if e.task == nil || !e.task.idle {
			return fmt.Errorf("freertos: %s: Tasks/users still subscribed (%s): %w", call, e.name(), ErrInvalidState)
		}
	}
	for _, e := range w.entries {
		w.k.free("a watchdog entry", e.addr)
	}
	w.entries = nil
	w.timer.Stop()
	w.on, w.dormant = false, false
	w.k.free("the watchdog", w.addr)
	return nil
}

func (w *TaskWDT) check(call string) error {
	if err := w.begin(call); err != nil {
		return err
	}
	if !w.on {
		return fmt.Errorf("freertos: %s: TWDT was never initialized: %w", call, ErrInvalidState)
	}
	return nil
}

// orCurrent returns the running task for nil.
func (w *TaskWDT) orCurrent(t *Task) *Task {
	if t == nil {
		return w.k.Current()
	}
	return t
}

// Add subscribes a task, nil for the running one (esp_task_wdt_add). From then
// on it has to call Reset. A block for the entry comes from malloc. A task that
// ends without Remove stays subscribed, and the watchdog will time out for it.
func (w *TaskWDT) Add(t *Task) error {
	const call = "esp_task_wdt_add"
	if err := w.check(call); err != nil {
		return err
	}
	t = w.orCurrent(t)
	if t == nil || w.find(t) != nil {
		return fmt.Errorf("freertos: %s: task is already subscribed: %w", call, ErrInvalidArg)
	}
	return w.add(call, &wdtEntry{task: t})
}

// AddUser subscribes something that is not a task (esp_task_wdt_add_user). v4.4
// does not have it.
func (w *TaskWDT) AddUser(name string) (*WDTUser, error) {
	const call = "esp_task_wdt_add_user"
	if err := w.check(call); err != nil {
		return nil, err
	}
	if w.k.size.oldWatchdog {
		return nil, fmt.Errorf("freertos: %s: ESP-IDF %v does not have it", call, w.k.heap.Version())
	}
	e := &wdtEntry{user: name}
	if err := w.add(call, e); err != nil {
		return nil, err
	}
	return &WDTUser{e}, nil
}

func (w *TaskWDT) add(call string, e *wdtEntry) error {
	w.catchUp(w.k.ticks)
	if e.addr = w.alloc("twdt_entry", w.k.size.wdtEntry); e.addr == 0 {
		return fmt.Errorf("freertos: %s: %w", call, ErrNoMem)
	}
	allReset := w.allReset(nil)
	if len(w.entries) == 0 {
		w.fed = w.k.loop.Now() // the timer starts with the first entry
	}
	if w.k.size.oldWatchdog {
		e.reset = true
		w.entries = append(w.entries, e)
	} else {
		w.entries = append([]*wdtEntry{e}, w.entries...)
	}
	if allReset {
		w.feed(w.k.loop.Now())
	}
	w.arm()
	return nil
}

// Remove ends a task's subscription, nil for the running one
// (esp_task_wdt_delete).
func (w *TaskWDT) Remove(t *Task) error {
	const call = "esp_task_wdt_delete"
	if err := w.check(call); err != nil {
		return err
	}
	e := w.find(w.orCurrent(t))
	if e == nil {
		return fmt.Errorf("freertos: %s: task not found: %w", call, ErrNotFound)
	}
	w.remove(e)
	return nil
}

// RemoveUser ends a user's subscription (esp_task_wdt_delete_user).
func (w *TaskWDT) RemoveUser(u *WDTUser) error {
	const call = "esp_task_wdt_delete_user"
	if err := w.check(call); err != nil {
		return err
	}
	if u == nil || !w.has(u.e) {
		return fmt.Errorf("freertos: %s: user not found: %w", call, ErrNotFound)
	}
	w.remove(u.e)
	return nil
}

func (w *TaskWDT) remove(e *wdtEntry) {
	w.catchUp(w.k.ticks)
	for i := range w.entries {
		if w.entries[i] == e {
			w.entries = append(w.entries[:i], w.entries[i+1:]...)
			break
		}
	}
	if len(w.entries) > 0 && w.allReset(nil) {
		w.feed(w.k.loop.Now())
	}
	w.k.free("a watchdog entry", e.addr)
	w.arm()
}

// Reset says that a task is alive, nil for the running one (esp_task_wdt_reset).
func (w *TaskWDT) Reset(t *Task) error {
	const call = "esp_task_wdt_reset"
	if err := w.check(call); err != nil {
		return err
	}
	e := w.find(w.orCurrent(t))
	if e == nil {
		return fmt.Errorf("freertos: %s: task not found: %w", call, ErrNotFound)
	}
	w.catchUp(w.k.ticks)
	w.resetEntry(e, w.k.loop.Now())
	return nil
}

// ResetUser says that a user is alive (esp_task_wdt_reset_user).
func (w *TaskWDT) ResetUser(u *WDTUser) error {
	const call = "esp_task_wdt_reset_user"
	if err := w.check(call); err != nil {
		return err
	}
	if u == nil || !w.has(u.e) {
		return fmt.Errorf("freertos: %s: user not found: %w", call, ErrNotFound)
	}
	w.catchUp(w.k.ticks)
	w.resetEntry(u.e, w.k.loop.Now())
	return nil
}

// Subscribed reports whether a task is watched (esp_task_wdt_status), without
// the cost of a call.
func (w *TaskWDT) Subscribed(t *Task) bool { return w.on && w.find(t) != nil }

func (w *TaskWDT) find(t *Task) *wdtEntry {
	for _, e := range w.entries {
		if e.task == t && t != nil {
			return e
		}
	}
	return nil
}

func (w *TaskWDT) has(e *wdtEntry) bool {
	for _, x := range w.entries {
		if x == e {
			return true
		}
	}
	return false
}
