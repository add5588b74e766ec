// Package freertos models the FreeRTOS of ESP-IDF on a chip with one or two
// cores: tasks, queues, semaphores, timers and the task watchdog, with their
// memory from the chip's heap and their timing in virtual time.
//
// A [Kernel] is one chip from its reset to the next. Firmware is Go code in
// tasks, which call what they would call in C:
//
//	k, err := freertos.New(loop, h, freertos.DefaultConfig(heap.V5_3_1))
//	k.CreateTask("main", 4096, 1, freertos.Core0, func(t *freertos.Task) {
//		q, err := freertos.NewQueue[string](k, "log", 8, 4)
//		...
//		for {
//			if line, ok := q.Receive(k.TicksFromMS(500)); ok {
//				fmt.Println(line)
//			}
//		}
//	})
//	err = k.StartScheduler()
//	err = loop.Run(time.Minute)
//
// # Time
//
// A task's code takes no time of its own. Time passes while it waits, in
// [Task.Spend], and by [Config.SyscallCost] in each call of the kernel; while it
// passes, the task can be switched out. Block times are in ticks, with
// FreeRTOS's meaning: a delay of n ends at the n-th tick interrupt from now. At
// the instant of a tick interrupt the interrupt comes first. Ticks that change
// nothing cost nothing.
//
// # Scheduling
//
// By priority, then in the order of the ready lists, with time slices of one
// tick, as tasks.c of ESP-IDF v5.3.1 has it; the other versions differ in sizes
// and in what their comments say. A call that wakes a task of higher priority
// does not return before that task waits. Interrupts are events of the loop:
// they use the calls named FromISR, are handled by core 0, and take no time. Not
// modelled: critical sections and vTaskSuspendAll (a task's code between two
// calls cannot be interrupted anyway), interrupt priorities, and the offset
// between the ticks of the two cores.
//
// # Death
//
// A deleted task's code never goes on: its coroutine stays where it is, its
// deferred functions do not run, and what it allocated stays allocated, but for
// its stack and TCB. [Kernel.Panic], [Kernel.Abort] and a watchdog with
// WDTConfig.Panic stop the whole chip. [Task.NoMemory] is where firmware says
// that an allocation failed, with one of three ends. When the loop is closed
// everything unwinds, and every call does nothing.
//
// # Errors
//
// What FreeRTOS asserts ends the chip, as there. What a model must never do ends
// the run with an error: a blocking call outside a task or for another task
// (*ContextError), 100,000 calls without time passing (*SpinError), the use of a
// deleted object. Calls from another goroutine are a data race that only the
// race detector sees for certain.
package freertos
