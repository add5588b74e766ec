package sdkconfig

// Core is a processor core that a task may be bound to.
type Core int

// The cores of the ESP32, and FreeRTOS's tskNO_AFFINITY.
const (
	Core0      Core = 0
	Core1      Core = 1
	NoAffinity Core = 0x7FFFFFFF
)

// String returns the core's name in ESP-IDF.
func (c Core) String() string {
	switch c {
	case Core0:
		return "CPU0"
	case Core1:
		return "CPU1"
	}
	return "NO_AFFINITY"
}

// StackCheck is how FreeRTOS checks for stack overflow at a context switch (CONFIG_FREERTOS_CHECK_STACKOVERFLOW).
type StackCheck int

// The methods of FreeRTOS's configCHECK_FOR_STACK_OVERFLOW.
const (
	StackCheckNone    StackCheck = 0
	StackCheckPointer StackCheck = 1 // the stack pointer must lie inside the stack
	StackCheckCanary  StackCheck = 2 // and the lowest 16 bytes must be untouched
)

// FreeRTOS is the configuration of the kernel.
type FreeRTOS struct {
	// Unicore is CONFIG_FREERTOS_UNICORE: FreeRTOS runs on one core. Default n.
	Unicore bool `option:"FREERTOS_UNICORE"`
	// HZ is CONFIG_FREERTOS_HZ: ticks per second. 1 to 1000, default 100.
	HZ int `option:"FREERTOS_HZ"`
	// IdleTaskStackSize is CONFIG_FREERTOS_IDLE_TASK_STACKSIZE: bytes of each idle task's stack. 768 to 32768, default 1536.
	IdleTaskStackSize int `option:"FREERTOS_IDLE_TASK_STACKSIZE"`
	// MaxTaskNameLen is CONFIG_FREERTOS_MAX_TASK_NAME_LEN: bytes of a task's name, with its terminating zero. 1 to 256, default 16.
	MaxTaskNameLen int `option:"FREERTOS_MAX_TASK_NAME_LEN"`
	// UseTimers is CONFIG_FREERTOS_USE_TIMERS: there is a timer service task. Default y.
	UseTimers bool `option:"FREERTOS_USE_TIMERS"`
	// TimerServiceTaskName is CONFIG_FREERTOS_TIMER_SERVICE_TASK_NAME: the timer service task's name. Default "Tmr Svc".
	TimerServiceTaskName string `option:"FREERTOS_TIMER_SERVICE_TASK_NAME"`
	// TimerServiceTaskAffinity is CONFIG_FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY: its core. Default NoAffinity.
	TimerServiceTaskAffinity Core `choice:"FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY"`
	// TimerTaskPriority is CONFIG_FREERTOS_TIMER_TASK_PRIORITY: its priority. 1 to 25, default 1.
	TimerTaskPriority int `option:"FREERTOS_TIMER_TASK_PRIORITY"`
	// TimerTaskStackDepth is CONFIG_FREERTOS_TIMER_TASK_STACK_DEPTH: bytes of its stack. 1536 to 32768, default 2048.
	TimerTaskStackDepth int `option:"FREERTOS_TIMER_TASK_STACK_DEPTH"`
	// TimerQueueLength is CONFIG_FREERTOS_TIMER_QUEUE_LENGTH: commands in its queue. 5 to 20, default 10.
	TimerQueueLength int `option:"FREERTOS_TIMER_QUEUE_LENGTH"`
	// QueueRegistrySize is CONFIG_FREERTOS_QUEUE_REGISTRY_SIZE: queues that a debugger can name. 0 to 20, default 0.
	QueueRegistrySize int `option:"FREERTOS_QUEUE_REGISTRY_SIZE"`
	// ThreadLocalStoragePointers is CONFIG_FREERTOS_THREAD_LOCAL_STORAGE_POINTERS: pointers in each task control block. 1 to 256, default 1.
	ThreadLocalStoragePointers int `option:"FREERTOS_THREAD_LOCAL_STORAGE_POINTERS"`
	// TLSPDeletionCallbacks is CONFIG_FREERTOS_TLSP_DELETION_CALLBACKS: each of these pointers has a callback beside it. Default y.
	TLSPDeletionCallbacks bool `option:"FREERTOS_TLSP_DELETION_CALLBACKS"`
	// TaskNotificationArrayEntries is CONFIG_FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES: notification slots of each task. 1 to 32, default 1.
	TaskNotificationArrayEntries int `option:"FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES"`
	// UseTraceFacility is CONFIG_FREERTOS_USE_TRACE_FACILITY: uxTaskGetSystemState exists. Default n.
	UseTraceFacility bool `option:"FREERTOS_USE_TRACE_FACILITY"`
	// GenerateRunTimeStats is CONFIG_FREERTOS_GENERATE_RUN_TIME_STATS: run time per task is counted. Default n.
	GenerateRunTimeStats bool `option:"FREERTOS_GENERATE_RUN_TIME_STATS"`
	// RunTimeCounterType is CONFIG_FREERTOS_RUN_TIME_COUNTER_TYPE: the counter's bytes, 4 or 8. Default 4; 0 without counters.
	RunTimeCounterType int `choice:"FREERTOS_RUN_TIME_COUNTER_TYPE"`
	// UseApplicationTaskTag is CONFIG_FREERTOS_USE_APPLICATION_TASK_TAG: each task has a tag. Default n.
	UseApplicationTaskTag bool `option:"FREERTOS_USE_APPLICATION_TASK_TAG"`
	// UseListDataIntegrityCheckBytes is CONFIG_FREERTOS_USE_LIST_DATA_INTEGRITY_CHECK_BYTES: lists carry marks against
	// overwriting. Default n.
	UseListDataIntegrityCheckBytes bool `option:"FREERTOS_USE_LIST_DATA_INTEGRITY_CHECK_BYTES"`
	// CheckStackOverflow is CONFIG_FREERTOS_CHECK_STACKOVERFLOW. Default StackCheckCanary.
	CheckStackOverflow StackCheck `choice:"FREERTOS_CHECK_STACKOVERFLOW"`
	// WatchpointEndOfStack is CONFIG_FREERTOS_WATCHPOINT_END_OF_STACK: the CPU stops on a write to a stack's last 32 bytes. Default n.
	WatchpointEndOfStack bool `option:"FREERTOS_WATCHPOINT_END_OF_STACK"`
	// ISRStackSize is CONFIG_FREERTOS_ISR_STACKSIZE: bytes of each core's interrupt stack, static. 1536 to 32768, default
	// 1536; with core dumps in ELF format 2096 to 32768, default 2096.
	ISRStackSize int `option:"FREERTOS_ISR_STACKSIZE"`
	// EnableStaticTaskCleanUp is CONFIG_FREERTOS_ENABLE_STATIC_TASK_CLEAN_UP: a hook is called when a task is deleted. Default n.
	EnableStaticTaskCleanUp bool `option:"FREERTOS_ENABLE_STATIC_TASK_CLEAN_UP"`
	// TaskPreDeletionHook is CONFIG_FREERTOS_TASK_PRE_DELETION_HOOK: a hook is called before a task is deleted. Default n.
	TaskPreDeletionHook bool `option:"FREERTOS_TASK_PRE_DELETION_HOOK"`
	// SMP is CONFIG_FREERTOS_SMP: Amazon's SMP kernel in place of ESP-IDF's. Default n.
	SMP bool `option:"FREERTOS_SMP"`
	// UseIdleHook is CONFIG_FREERTOS_USE_IDLE_HOOK: the firmware has vApplicationIdleHook. Default n.
	UseIdleHook bool `option:"FREERTOS_USE_IDLE_HOOK"`
	// UseTickHook is CONFIG_FREERTOS_USE_TICK_HOOK: the firmware has vApplicationTickHook. Default n.
	UseTickHook bool `option:"FREERTOS_USE_TICK_HOOK"`
	// TaskCreateAllowExtMem is CONFIG_FREERTOS_TASK_CREATE_ALLOW_EXT_MEM: a static task's stack may lie in PSRAM. Default n.
	TaskCreateAllowExtMem bool `option:"FREERTOS_TASK_CREATE_ALLOW_EXT_MEM"`
}

func freertosOptions() []option {
	const src = "components/freertos/Kconfig"
	timers := "FREERTOS_USE_TIMERS"
	return []option{
		{name: "FREERTOS_UNICORE", src: src, def: "n", sel: "IDF < 5.0 && ESP_SYSTEM_GDBSTUB_RUNTIME || " + oneCore,
			does: "One scheduler: no IDLE1, no ipc1, one 126 KB D/IRAM heap in place of two, and the APP CPU's 32 KB cache becomes IRAM heap."},
		{name: "FREERTOS_HZ", src: src, typ: Int, def: "100", rng: "1..1000",
			does: "Length of a tick: the grain of vTaskDelay and of every timeout."},
		{name: "FREERTOS_IDLE_TASK_STACKSIZE", src: src, typ: Int, def: "1536", rng: "768..32768",
			does: "One heap block of this size for each core's idle task."},
		{name: "FREERTOS_MAX_TASK_NAME_LEN", src: src, typ: Int, def: "16", rng: "1..256",
			does: "Bytes in each task control block; longer task names are cut."},
		{name: "FREERTOS_USE_TIMERS", src: src, def: "y", in: "since(5.2.3, 5.4)",
			does: "Without it there is no timer service task."},
		{name: "FREERTOS_TIMER_SERVICE_TASK_NAME", src: src, typ: String, def: `"Tmr Svc"`, in: "IDF >= 5.2", dep: timers,
			does: "Name of the timer service task."},
		{name: "FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY", src: src, typ: Choice, in: "IDF >= 5.3", dep: timers,
			def:  "FREERTOS_TIMER_TASK_NO_AFFINITY",
			does: "Core of the timer service task.",
			one: []member{
				{name: "FREERTOS_TIMER_TASK_AFFINITY_CPU0", number: int(Core0)},
				{name: "FREERTOS_TIMER_TASK_AFFINITY_CPU1", number: int(Core1), ask: "!FREERTOS_UNICORE"},
				{name: "FREERTOS_TIMER_TASK_NO_AFFINITY", number: int(NoAffinity)},
			}},
		{name: "FREERTOS_TIMER_SERVICE_TASK_CORE_AFFINITY", src: src, typ: Hex, in: "IDF >= 5.3", dep: timers, ask: "no",
			def: "0x0 if FREERTOS_TIMER_TASK_AFFINITY_CPU0; 0x1 if FREERTOS_TIMER_TASK_AFFINITY_CPU1; " +
				"0xFFFFFFFF if FREERTOS_TIMER_TASK_NO_AFFINITY && FREERTOS_SMP; 0x7FFFFFFF if FREERTOS_TIMER_TASK_NO_AFFINITY"},
		{name: "FREERTOS_TIMER_TASK_PRIORITY", src: src, typ: Int, def: "1", rng: "1..25", dep: timers, was: "TIMER_TASK_PRIORITY until 4.0",
			does: "Priority of the timer service task."},
		{name: "FREERTOS_TIMER_TASK_STACK_DEPTH", src: src, typ: Int, def: "2048", rng: "1536..32768", dep: timers,
			was:  "TIMER_TASK_STACK_DEPTH until 4.0",
			does: "One heap block of this size for the timer service task."},
		{name: "FREERTOS_TIMER_QUEUE_LENGTH", src: src, typ: Int, def: "10", rng: "5..20", dep: timers, was: "TIMER_QUEUE_LENGTH until 4.0",
			does: "Static bytes: 16 for each command in the timer service task's queue."},
		{name: "FREERTOS_QUEUE_REGISTRY_SIZE", src: src, typ: Int, def: "0", rng: "0..20",
			does: "Static bytes: 8 for each registered queue."},
		{name: "FREERTOS_THREAD_LOCAL_STORAGE_POINTERS", src: src, typ: Int, def: "1", rng: "1..256",
			does: "4 bytes in each task control block, 8 with deletion callbacks, for each pointer."},
		{name: "FREERTOS_TLSP_DELETION_CALLBACKS", src: src, def: "y", in: "IDF >= 5.1 || IDF >= 5.0 && FREERTOS_SMP",
			dep: "FREERTOS_THREAD_LOCAL_STORAGE_POINTERS > 0", does: "4 more bytes in each task control block for each thread-local pointer."},
		{name: "FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES", src: src, typ: Int, def: "1", rng: "1..32", in: "IDF >= 5.1",
			does: "5 bytes in each task control block for each entry."},
		{name: "FREERTOS_USE_TRACE_FACILITY", src: src, def: "n", sel: "FREERTOS_GENERATE_RUN_TIME_STATS",
			does: "8 more bytes in each task control block and in each queue, semaphore and mutex."},
		{name: "FREERTOS_GENERATE_RUN_TIME_STATS", src: src, def: "n",
			does: "A run time counter in each task control block; selects the trace facility."},
		{name: "FREERTOS_RUN_TIME_COUNTER_TYPE", src: src, typ: Choice, def: "FREERTOS_RUN_TIME_COUNTER_TYPE_U32", in: "IDF >= 5.2",
			dep:  "FREERTOS_GENERATE_RUN_TIME_STATS && (!FREERTOS_SMP || IDF >= 6.0)",
			does: "Size of the run time counter in each task control block.",
			one: []member{
				{name: "FREERTOS_RUN_TIME_COUNTER_TYPE_U32", number: 4},
				{name: "FREERTOS_RUN_TIME_COUNTER_TYPE_U64", number: 8},
			}},
		{name: "FREERTOS_USE_APPLICATION_TASK_TAG", src: src, def: "n", in: "since(5.2.2, 5.3)",
			does: "4 more bytes in each task control block."},
		{name: "FREERTOS_USE_LIST_DATA_INTEGRITY_CHECK_BYTES", src: src, def: "n", in: "IDF >= 5.3",
			does: "8 more bytes in each list and list item, so in each task control block, queue and event group."},
		{name: "FREERTOS_CHECK_STACKOVERFLOW", src: src, typ: Choice, def: "FREERTOS_CHECK_STACKOVERFLOW_CANARY",
			does: "What a task that overflows its stack is caught by at the next context switch.",
			one: []member{
				{name: "FREERTOS_CHECK_STACKOVERFLOW_NONE", number: int(StackCheckNone)},
				{name: "FREERTOS_CHECK_STACKOVERFLOW_PTRVAL", number: int(StackCheckPointer)},
				{name: "FREERTOS_CHECK_STACKOVERFLOW_CANARY", number: int(StackCheckCanary)},
			}},
		{name: "FREERTOS_WATCHPOINT_END_OF_STACK", src: src, def: "n",
			does: "60 more bytes of each idle task's stack; an overflow panics at once."},
		{name: "FREERTOS_ISR_STACKSIZE", src: src, typ: Int,
			def:  "2096 if IDF < 6.0 && ESP_COREDUMP_DATA_FORMAT_ELF || IDF >= 6.0 && ESP_COREDUMP_ENABLE; 1536",
			rng:  "2096..32768 if IDF < 6.0 && ESP_COREDUMP_DATA_FORMAT_ELF || IDF >= 6.0 && ESP_COREDUMP_ENABLE; 1536..32768",
			does: "Static bytes for each core."},
		{name: "FREERTOS_ENABLE_STATIC_TASK_CLEAN_UP", src: src, def: "n", was: "ENABLE_STATIC_TASK_CLEAN_UP_HOOK until 4.0",
			in: "IDF < 6.0", ask: "IDF >= 5.1 || IDF < 5.0 || !FREERTOS_SMP",
			does: "Nothing in the model: it calls a function of the firmware."},
		{name: "FREERTOS_TASK_PRE_DELETION_HOOK", src: src, def: "n", in: "IDF >= 5.2", dep: "!FREERTOS_ENABLE_STATIC_TASK_CLEAN_UP",
			does: "Nothing in the model: it calls a function of the firmware."},
		{name: "FREERTOS_SMP", src: src, def: "n", in: "IDF >= 5.0",
			does: "The other kernel; the model has ESP-IDF's own."},
		{name: "FREERTOS_USE_IDLE_HOOK", src: src, def: "n", in: "IDF >= 5.0",
			does: "Nothing in the model: it calls a function of the firmware."},
		{name: "FREERTOS_USE_TICK_HOOK", src: src, def: "n", in: "IDF >= 5.0",
			does: "Nothing in the model: it calls a function of the firmware."},
		{name: "FREERTOS_TASK_CREATE_ALLOW_EXT_MEM", src: src, def: "y if IDF >= 5.0 && !chip(esp32); n", dep: "SPIRAM && (IDF >= 5.4 || SPIRAM_USE_MALLOC || !chip(esp32))",
			was:  "SPIRAM_ALLOW_STACK_EXTERNAL_MEMORY until 5.4",
			does: "Whether xTaskCreateStatic takes a stack in PSRAM."},
	}
}
