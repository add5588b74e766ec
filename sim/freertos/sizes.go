package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// sizes are what the kernel's objects take, in bytes, and where from. They were
// compiled from each version's FreeRTOS.h, list.h and FreeRTOSConfig.h with a
// 32-bit compiler, newlib's reentrancy structure included up to v5.
type sizes struct {
	tcb        uint32 // StaticTask_t
	queue      uint32 // StaticQueue_t: also every semaphore and mutex
	eventGroup uint32 // StaticEventGroup_t
	timer      uint32 // StaticTimer_t

	wdt      uint32 // twdt_obj_t (twdt_config_t in v4.4)
	wdtEntry uint32 // twdt_entry_t (twdt_task_t in v4.4)

	// plainMalloc: objects other than stacks and TCBs come from malloc, not
	// from INTERNAL|8BIT memory (v4.4, freertos/portable.h).
	plainMalloc bool
	// eventGroupYields: on two cores, xEventGroupSetBits switches at once to a
	// task it woke on its own core. Up to v5.3 it only marks the switch as
	// pending, and the next tick interrupt makes it (tasks.c,
	// vTaskRemoveFromUnorderedEventList).
	eventGroupYields bool
	// oldWatchdog: the task watchdog of v4.4 (task_wdt.c): its words, new
	// entries go to the end of the list and count as reset.
	oldWatchdog bool
}

func sizesOf(v heap.Version, unicore, trace bool) (sizes, error) {
	var s sizes
	switch v {
	case heap.V4_4:
		s = sizes{tcb: 340, queue: 76, eventGroup: 28, timer: 40, wdt: 16, wdtEntry: 12, plainMalloc: true, oldWatchdog: true}
	case heap.V5_3_1:
		s = sizes{tcb: 340, queue: 84, eventGroup: 36, timer: 40, wdt: 16, wdtEntry: 16}
	case heap.Master:
		s = sizes{tcb: 100, queue: 84, eventGroup: 36, timer: 40, wdt: 16, wdtEntry: 16, eventGroupYields: true}
	default:
		return s, fmt.Errorf("freertos: ESP-IDF version %v: the sizes of its objects are not known", v)
	}
	if unicore && v != heap.V4_4 {
		s.tcb -= 4 // xCoreID
	}
	if trace {
		s.tcb += 8        // uxTCBNumber, uxTaskNumber
		s.queue += 8      // uxQueueNumber, ucQueueType and padding
		s.eventGroup += 4 // uxEventGroupNumber
		s.timer += 4      // uxTimerNumber
	}
	return s, nil
}
