package freertos

import (
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Core is a CPU that a task is pinned to (BaseType_t xCoreID).
type Core int32

// The affinities of xTaskCreatePinnedToCore.
const (
	Core0 Core = 0 // PRO_CPU
	Core1 Core = 1 // APP_CPU
	// NoAffinity lets either core run the task (tskNO_AFFINITY).
	NoAffinity Core = 0x7FFFFFFF
)

// String returns "0", "1" or "0/1", as the task watchdog prints affinities.
func (c Core) String() string {
	switch c {
	case Core0:
		return "0"
	case Core1:
		return "1"
	case NoAffinity:
		return "0/1"
	}
	return fmt.Sprintf("Core(%d)", int32(c))
}

// MaxDelay is the block time that never ends (portMAX_DELAY).
const MaxDelay uint32 = 0xFFFFFFFF

// StackCheck is FREERTOS_CHECK_STACKOVERFLOW: how a stack overflow is noticed
// when the task is switched out.
type StackCheck uint8

const (
	// StackCheckCanary looks at the lowest 16 bytes of the stack
	// (FREERTOS_CHECK_STACKOVERFLOW_CANARY, ESP-IDF's default).
	StackCheckCanary StackCheck = iota
	// StackCheckPtrVal compares the stack pointer with the limit
	// (FREERTOS_CHECK_STACKOVERFLOW_PTRVAL).
	StackCheckPtrVal
	// StackCheckNone checks nothing (FREERTOS_CHECK_STACKOVERFLOW_NONE).
	StackCheckNone
)

// String returns the end of the option's name.
func (c StackCheck) String() string {
	switch c {
	case StackCheckCanary:
		return "CANARY"
	case StackCheckPtrVal:
		return "PTRVAL"
	case StackCheckNone:
		return "NONE"
	}
	return fmt.Sprintf("StackCheck(%d)", uint8(c))
}

// Config is what a kernel is built from: the FREERTOS_*, ESP_SYSTEM_* and
// ESP_TASK_WDT_* options that change what the model does, and how it is driven.
// DefaultConfig fills it; several defaults are not zero.
type Config struct {
	// Name stands before the kernel's lines in the event log: the device's name.
	Name string

	// Version is the release of ESP-IDF whose kernel it is. Default: the heap's,
	// which stands for releases that allocate alike.
	Version heap.Version
	// Unicore is FREERTOS_UNICORE: one core instead of two. Default false.
	Unicore bool
	// HZ is FREERTOS_HZ, the ticks a second, 1 to 1000. Default 100.
	HZ uint32
	// IdleStackSize is FREERTOS_IDLE_TASK_STACKSIZE in bytes, 768 to 32768.
	// Default 1536. Each core has an idle task.
	IdleStackSize uint32
	// TimerService says that the timer service task "Tmr Svc" is started. The
	// weak xTimerCreateTimerTask of v5 leaves it out of programs that link no
	// timer function. Default true.
	TimerService bool
	// TimerTaskPriority is FREERTOS_TIMER_TASK_PRIORITY, 1 to 24. Default 1.
	TimerTaskPriority int
	// TimerTaskStackDepth is FREERTOS_TIMER_TASK_STACK_DEPTH in bytes, 1536 to
	// 32768. Default 2048.
	TimerTaskStackDepth uint32
	// TimerTaskAffinity is FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY. Default
	// NoAffinity; up to v5.2 core 0.
	TimerTaskAffinity Core
	// TimerQueueLength is FREERTOS_TIMER_QUEUE_LENGTH in commands, 5 to 20.
	// Default 10. The queue is static data.
	TimerQueueLength uint32
	// StackChecker is COMPILER_STACK_CHECK_MODE_STRONG or ALL, NoOptimization
	// COMPILER_OPTIMIZATION_NONE and AppTrace APPTRACE_ENABLE: the idle tasks'
	// stacks are larger with them. Default false.
	StackChecker, NoOptimization, AppTrace bool

	// SMP is FREERTOS_SMP: objects have the sizes of Amazon's SMP kernel. What
	// they do is what ESP-IDF's own kernel does. Default false.
	SMP bool
	// TraceFacility is FREERTOS_USE_TRACE_FACILITY; objects grow by it.
	// Default false.
	TraceFacility bool
	// RunTimeStats is FREERTOS_GENERATE_RUN_TIME_STATS, and RunTimeCounter64
	// FREERTOS_RUN_TIME_COUNTER_TYPE_U64: a counter in each task. Default false.
	RunTimeStats, RunTimeCounter64 bool
	// ApplicationTaskTag is FREERTOS_USE_APPLICATION_TASK_TAG. Default false.
	ApplicationTaskTag bool
	// ListDataIntegrityCheckBytes is
	// FREERTOS_USE_LIST_DATA_INTEGRITY_CHECK_BYTES. Default false.
	ListDataIntegrityCheckBytes bool
	// ThreadLocalStoragePointers is FREERTOS_THREAD_LOCAL_STORAGE_POINTERS, 0 to
	// 256, and TLSPDeletionCallbacks FREERTOS_TLSP_DELETION_CALLBACKS: another
	// pointer for each. Default 1 and true.
	ThreadLocalStoragePointers uint32
	TLSPDeletionCallbacks      bool
	// TaskNotificationArrayEntries is
	// FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES, 1 to 32. Default 1. Kernel calls
	// use the first.
	TaskNotificationArrayEntries uint32
	// MaxTaskNameLen is FREERTOS_MAX_TASK_NAME_LEN, a name with its terminating
	// zero, 1 to 256 bytes. Default 16; longer names are cut.
	MaxTaskNameLen uint32
	// Picolibc is LIBC_PICOLIBC: tasks hold no newlib reentrancy structure.
	// Default false; true since v6.0.
	Picolibc bool

	// StackCheck is FREERTOS_CHECK_STACKOVERFLOW. Default StackCheckCanary.
	StackCheck StackCheck
	// WatchpointEndOfStack is FREERTOS_WATCHPOINT_END_OF_STACK: the last 32
	// bytes of the stack must not be touched at all. Default false.
	WatchpointEndOfStack bool

	// Panic is ESP_SYSTEM_PANIC. Default PanicPrintReboot.
	Panic PanicAction
	// PanicRebootDelay is ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS, 0 to 99 s.
	// Default 0.
	PanicRebootDelay time.Duration

	// WDT is what TaskWDT.Init is given at startup.
	WDT WDTConfig

	// SyscallCost is the CPU time that a task spends in each call of the
	// kernel. Default 10 µs; 0 makes calls free.
	SyscallCost time.Duration
	// InitialTickCount is the tick count at StartScheduler
	// (configINITIAL_TICK_COUNT), for what happens when the 32 bits wrap.
	// Default 0.
	InitialTickCount uint32

	// OnReset is called, outside every task, when the chip resets: by Restart,
	// or after a panic that reboots. The kernel is dead then; whoever owns the
	// chip builds the next one. Nil leaves the chip dead.
	OnReset func(ResetReason)
	// Console is given every line that the system writes to the console, with
	// the time of it. Nil drops them; Kernel.Console keeps the last ones.
	Console func(at time.Duration, line string)
	// TraceSwitches emits every context switch to the event log. Default false.
	TraceSwitches bool
}

// DefaultConfig returns ESP-IDF's defaults for a dual-core ESP32 in the given
// version.
func DefaultConfig(v heap.Version) Config {
	c := Config{
		Name:                "esp32",
		Version:             v,
		HZ:                  100,
		IdleStackSize:       1536,
		TimerService:        true,
		TimerTaskPriority:   1,
		TimerTaskStackDepth: 2048,
		TimerTaskAffinity:   NoAffinity,
		TimerQueueLength:    10,

		ThreadLocalStoragePointers:   1,
		TLSPDeletionCallbacks:        true,
		TaskNotificationArrayEntries: 1,
		MaxTaskNameLen:               16,
		Picolibc:                     v.AtLeast(6, 0, 0),

		Panic:       PanicPrintReboot,
		WDT:         WDTConfig{Timeout: 5 * time.Second, CheckIdleCPU0: true, CheckIdleCPU1: true},
		SyscallCost: 10 * time.Microsecond,
	}
	if !v.AtLeast(5, 3, 0) {
		c.TimerTaskAffinity = Core0
	}
	return c
}

// maxPriorities is configMAX_PRIORITIES of FreeRTOSConfig.h.
const maxPriorities = 25

// cores returns how many schedulers there are.
func (c *Config) cores() int {
	if c.Unicore {
		return 1
	}
	return 2
}

func (c *Config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("freertos: Config."+format, args...))
		}
	}
	between := func(name string, v, lo, hi uint32) {
		check(v >= lo && v <= hi, "%s is %d: %d to %d expected", name, v, lo, hi)
	}
	between("HZ", c.HZ, 1, 1000)
	between("IdleStackSize", c.IdleStackSize, 768, 32768)
	between("ThreadLocalStoragePointers", c.ThreadLocalStoragePointers, 0, 256)
	between("TaskNotificationArrayEntries", c.TaskNotificationArrayEntries, 1, 32)
	between("MaxTaskNameLen", c.MaxTaskNameLen, 1, 256)
	if c.TimerService {
		check(c.TimerTaskPriority >= 1 && c.TimerTaskPriority < maxPriorities,
			"TimerTaskPriority is %d: 1 to %d expected", c.TimerTaskPriority, maxPriorities-1)
		between("TimerTaskStackDepth", c.TimerTaskStackDepth, 1536, 32768)
		between("TimerQueueLength", c.TimerQueueLength, 5, 20)
		check(c.validCore(c.TimerTaskAffinity), "TimerTaskAffinity is %d: a core of the chip or NoAffinity expected", c.TimerTaskAffinity)
	}
	check(c.StackCheck <= StackCheckNone, "StackCheck is %v: CANARY, PTRVAL or NONE expected", c.StackCheck)
	check(c.Panic <= PanicGDBStub, "Panic is %v: a known action expected", c.Panic)
	check(c.PanicRebootDelay >= 0 && c.PanicRebootDelay <= 99*time.Second, "PanicRebootDelay is %v: 0 to 99 s expected", c.PanicRebootDelay)
	check(c.SyscallCost >= 0, "SyscallCost is %v: at least 0 expected", c.SyscallCost)
	return errors.Join(errs...)
}

func (c *Config) validCore(a Core) bool {
	return a == NoAffinity || a >= 0 && int(a) < c.cores()
}
