package freertos

import "github.com/plimsoll-sim/plimsoll/heap"

// Sizes are what the kernel's objects take from the heap, in bytes. How each
// structure is made up is in structs.go.
type Sizes struct {
	TCB          uint32 // StaticTask_t, beside the task's stack
	Queue        uint32 // StaticQueue_t: every semaphore and mutex, and a queue beside its items
	EventGroup   uint32 // StaticEventGroup_t
	Timer        uint32 // StaticTimer_t
	StreamBuffer uint32 // StaticStreamBuffer_t, beside its bytes; also a message buffer's
}

// Sizes returns what this kernel's objects take: it depends on the release, the
// chip and the configuration.
func (k *Kernel) Sizes() Sizes { return k.size.Sizes }

// sizes are Sizes, those of the task watchdog, and what differs with them between
// releases.
type sizes struct {
	Sizes

	wdt      uint32 // twdt_obj_t (twdt_config_t in v4.4)
	wdtEntry uint32 // twdt_entry_t (twdt_task_t in v4.4)

	// plainMalloc: objects other than stacks and TCBs come from malloc, not
	// from INTERNAL|8BIT memory (v4.4, freertos/portable.h).
	plainMalloc bool
	// eventGroupYields: on two cores, xEventGroupSetBits switches at once to a
	// task it woke on its own core. Up to v5.1.5, v5.2.3 and v5.3.1 it only marks
	// the switch as pending, and the next tick interrupt makes it (tasks.c,
	// vTaskRemoveFromUnorderedEventList).
	eventGroupYields bool
	// oldWatchdog: the task watchdog of v4.4 (task_wdt.c): its words, new
	// entries go to the end of the list and count as reset.
	oldWatchdog bool
}

// sizesOf are the sizes in a release of ESP-IDF, on a chip, with the options of
// the configuration.
func sizesOf(v heap.Version, chip heap.Chip, c *Config) sizes {
	p := port{version: v, chip: chip, cfg: c}
	s := sizes{
		Sizes: Sizes{TCB: p.tcb(), Queue: p.queue(), EventGroup: p.eventGroup(), Timer: p.timer(), StreamBuffer: p.streamBuffer()},
		wdt:   16, wdtEntry: 16,
		eventGroupYields: v.AtLeast(5, 3, 2) || v.AtLeast(5, 2, 4) && !v.AtLeast(5, 3, 0) || v.AtLeast(5, 1, 6) && !v.AtLeast(5, 2, 0),
	}
	if !v.AtLeast(5, 0, 0) {
		s.plainMalloc, s.oldWatchdog, s.wdtEntry = true, true, 12
	}
	return s
}

// What the idle task's stack is enlarged by (configSTACK_OVERHEAD_TOTAL of
// FreeRTOSConfig.h, the same in all releases), in bytes.
const (
	overheadChecker      = 256  // COMPILER_STACK_CHECK_MODE_STRONG or ALL
	overheadOptimization = 320  // COMPILER_OPTIMIZATION_NONE
	overheadAppTrace     = 1280 // APPTRACE_ENABLE
	overheadWatchpoint   = 60   // FREERTOS_WATCHPOINT_END_OF_STACK
)

// idleStack is configMINIMAL_STACK_SIZE.
func (c *Config) idleStack() uint32 {
	n := c.IdleStackSize
	if c.StackChecker {
		n += overheadChecker
	}
	if c.NoOptimization {
		n += overheadOptimization
	}
	if c.AppTrace {
		n += overheadAppTrace
	}
	if c.WatchpointEndOfStack {
		n += overheadWatchpoint
	}
	return n
}
