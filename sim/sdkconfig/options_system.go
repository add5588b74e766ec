package sdkconfig

// PanicAction is what the chip does after a panic (CONFIG_ESP_SYSTEM_PANIC).
type PanicAction int

// The actions after a panic.
const (
	PanicPrintHalt      PanicAction = 0 // prints registers and stops
	PanicPrintReboot    PanicAction = 1 // prints registers and reboots
	PanicSilentReboot   PanicAction = 2 // reboots
	PanicGDBStub        PanicAction = 3 // stops and waits for a debugger on the serial port
	PanicGDBStubRuntime PanicAction = 4 // the same; before 5.2 also a debugger's break at run time
)

// String returns the action's name in Kconfig.
func (p PanicAction) String() string {
	switch p {
	case PanicPrintReboot:
		return "PRINT_REBOOT"
	case PanicSilentReboot:
		return "SILENT_REBOOT"
	case PanicGDBStub:
		return "GDBSTUB"
	case PanicGDBStubRuntime:
		return "GDBSTUB_RUNTIME"
	}
	return "PRINT_HALT"
}

// Halts tells whether the chip stays still after a panic, until it is switched off and on.
func (p PanicAction) Halts() bool {
	return p == PanicPrintHalt || p == PanicGDBStub || p == PanicGDBStubRuntime
}

// System is the configuration of the start, the system's own tasks, watchdogs and memory.
type System struct {
	// CPUFreqMHz is CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ: 80, 120 (ESP32-C6), 160 or 240 (Xtensa). Default 160.
	CPUFreqMHz int `choice:"ESP_DEFAULT_CPU_FREQ_MHZ"`
	// MainTaskStackSize is CONFIG_ESP_MAIN_TASK_STACK_SIZE: bytes of the main task's stack before the extra bytes that
	// ESP-IDF adds. Default 3584.
	MainTaskStackSize int `option:"ESP_MAIN_TASK_STACK_SIZE"`
	// MainTaskAffinity is CONFIG_ESP_MAIN_TASK_AFFINITY: the main task's core. Default Core0.
	MainTaskAffinity Core `choice:"ESP_MAIN_TASK_AFFINITY"`
	// EventQueueSize is CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE: events that may wait in the default event loop. Default 32.
	EventQueueSize int `option:"ESP_SYSTEM_EVENT_QUEUE_SIZE"`
	// EventTaskStackSize is CONFIG_ESP_SYSTEM_EVENT_TASK_STACK_SIZE: bytes of its task's stack before the extra bytes. Default 2304.
	EventTaskStackSize int `option:"ESP_SYSTEM_EVENT_TASK_STACK_SIZE"`
	// EventPostFromISR is CONFIG_ESP_EVENT_POST_FROM_ISR: interrupts may post events. Default y.
	EventPostFromISR bool `option:"ESP_EVENT_POST_FROM_ISR"`
	// EventLoopProfiling is CONFIG_ESP_EVENT_LOOP_PROFILING: event loops count. Default n.
	EventLoopProfiling bool `option:"ESP_EVENT_LOOP_PROFILING"`
	// IPCEnable is CONFIG_ESP_IPC_ENABLE: there are tasks that run functions on a given core. Default y; since 5.5 n on one core.
	IPCEnable bool `option:"ESP_IPC_ENABLE"`
	// IPCTaskStackSize is CONFIG_ESP_IPC_TASK_STACK_SIZE: bytes of each of their stacks. 512 to 65536, default 1024; 1536 in
	// 4.4; from 2048, default 2048 with application tracing.
	IPCTaskStackSize int `option:"ESP_IPC_TASK_STACK_SIZE"`
	// TimerTaskStackSize is CONFIG_ESP_TIMER_TASK_STACK_SIZE: bytes of the esp_timer task's stack before the extra bytes.
	// 2048 to 65536, default 3584.
	TimerTaskStackSize int `option:"ESP_TIMER_TASK_STACK_SIZE"`
	// TimerTaskAffinity is CONFIG_ESP_TIMER_TASK_AFFINITY: its core. Default Core0; always so before 5.1.
	TimerTaskAffinity Core `choice:"ESP_TIMER_TASK_AFFINITY"`
	// MinimalSharedStackSize is CONFIG_ESP_MINIMAL_SHARED_STACK_SIZE: least bytes of a shared stack. Default 2048.
	MinimalSharedStackSize int `option:"ESP_MINIMAL_SHARED_STACK_SIZE"`
	// Panic is CONFIG_ESP_SYSTEM_PANIC. Default PanicPrintReboot.
	Panic PanicAction `choice:"ESP_SYSTEM_PANIC"`
	// PanicRebootDelayS is CONFIG_ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS: seconds between printing and rebooting. 0 to 99, default 0.
	PanicRebootDelayS int `option:"ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS"`
	// GDBStubRuntime is CONFIG_ESP_SYSTEM_GDBSTUB_RUNTIME: a debugger may break in at any time. Default n.
	GDBStubRuntime bool `option:"ESP_SYSTEM_GDBSTUB_RUNTIME"`
	// TaskWDT is CONFIG_ESP_TASK_WDT_EN: the task watchdog is built. Default y; always so before 5.0.1.
	TaskWDT bool `option:"ESP_TASK_WDT_EN"`
	// TaskWDTInit is CONFIG_ESP_TASK_WDT_INIT: and is started before app_main. Default y. Before 5.0.1 it was CONFIG_ESP_TASK_WDT.
	TaskWDTInit bool `option:"ESP_TASK_WDT_INIT"`
	// TaskWDTPanic is CONFIG_ESP_TASK_WDT_PANIC: a timeout panics; else it prints. Default n.
	TaskWDTPanic bool `option:"ESP_TASK_WDT_PANIC"`
	// TaskWDTTimeoutS is CONFIG_ESP_TASK_WDT_TIMEOUT_S: seconds until a task must have reported. 1 to 60, default 5.
	TaskWDTTimeoutS int `option:"ESP_TASK_WDT_TIMEOUT_S"`
	// TaskWDTCheckIdleTaskCPU0 is CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0: core 0's idle task must report. Default y.
	TaskWDTCheckIdleTaskCPU0 bool `option:"ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0"`
	// TaskWDTCheckIdleTaskCPU1 is CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1: core 1's idle task must report. Default y.
	TaskWDTCheckIdleTaskCPU1 bool `option:"ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1"`
	// IntWDT is CONFIG_ESP_INT_WDT: the interrupt watchdog runs. Default y.
	IntWDT bool `option:"ESP_INT_WDT"`
	// IntWDTTimeoutMS is CONFIG_ESP_INT_WDT_TIMEOUT_MS: milliseconds that interrupts may be off. 10 to 10000, default 300;
	// 800 with PSRAM.
	IntWDTTimeoutMS int `option:"ESP_INT_WDT_TIMEOUT_MS"`
	// IntWDTCheckCPU1 is CONFIG_ESP_INT_WDT_CHECK_CPU1: also on core 1. Default y.
	IntWDTCheckCPU1 bool `option:"ESP_INT_WDT_CHECK_CPU1"`
	// AllowRTCFastMemAsHeap is CONFIG_ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP: what is left of 8 KB of RTC memory is heap.
	// Default y with FREERTOS_UNICORE; always n without it.
	AllowRTCFastMemAsHeap bool `option:"ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP"`
	// UseFixedStaticRAMSize is CONFIG_ESP32_USE_FIXED_STATIC_RAM_SIZE: the heap begins at a fixed address. Default n.
	UseFixedStaticRAMSize bool `option:"ESP32_USE_FIXED_STATIC_RAM_SIZE"`
	// FixedStaticRAMSize is CONFIG_ESP32_FIXED_STATIC_RAM_SIZE: bytes of static memory below it. 0 to 0x2c200, default
	// 0x1E000; 0 unless it is fixed.
	FixedStaticRAMSize int `option:"ESP32_FIXED_STATIC_RAM_SIZE"`
	// IRAMAs8Bit is CONFIG_ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY: IRAM heap serves MALLOC_CAP_IRAM_8BIT. Default n; needs one core.
	IRAMAs8Bit bool `option:"ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY"`
	// SRAM1RegionAsIRAM is CONFIG_ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM: 40 KB of D/IRAM may hold code. Default n.
	SRAM1RegionAsIRAM bool `option:"ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM"`
	// RTCDataInFastMem is CONFIG_ESP32_RTCDATA_IN_FAST_MEM: RTC_DATA_ATTR variables lie in RTC fast memory. Default n.
	RTCDataInFastMem bool `option:"ESP32_RTCDATA_IN_FAST_MEM"`
	// Trax is CONFIG_ESP32_TRAX: memory for the CPU's trace. Default n.
	Trax bool `option:"ESP32_TRAX"`
	// TraxTwoBanks is CONFIG_ESP32_TRAX_TWOBANKS: for both cores. Default n.
	TraxTwoBanks bool `option:"ESP32_TRAX_TWOBANKS"`
	// TraceMemReserveDRAM is CONFIG_ESP32_TRACEMEM_RESERVE_DRAM: bytes of D/IRAM that tracing takes: 0, 0x4000 or 0x8000. Default 0x0.
	TraceMemReserveDRAM int `option:"ESP32_TRACEMEM_RESERVE_DRAM"`
	// S2InstructionCache is CONFIG_ESP32S2_INSTRUCTION_CACHE_SIZE: KiB of the ESP32-S2's cache for code: 8 or 16. Default 8.
	S2InstructionCache int `choice:"ESP32S2_INSTRUCTION_CACHE_SIZE"`
	// S2DataCache is CONFIG_ESP32S2_DATA_CACHE_SIZE: KiB of its cache for data: 0, 8 or 16. Default 8; before 5.1 0 without PSRAM.
	S2DataCache int `choice:"ESP32S2_DATA_CACHE_SIZE"`
	// S3DataCache is CONFIG_ESP32S3_DATA_CACHE_SIZE: KiB of the ESP32-S3's cache for data: 16, 32 or 64. Default 32.
	S3DataCache int `choice:"ESP32S3_DATA_CACHE_SIZE"`
	// RevMinFull is CONFIG_ESP32_REV_MIN_FULL: oldest chip revision that boots, times 100. Default 0.
	RevMinFull int `choice:"ESP32_REV_MIN"`
	// Coredump is CONFIG_ESP_COREDUMP_ENABLE: a panic saves or prints a core dump. Default n.
	Coredump bool `option:"ESP_COREDUMP_ENABLE"`
	// CoredumpStackSize is CONFIG_ESP_COREDUMP_STACK_SIZE: bytes of a stack of its own. 0 to 4096, default 0; with
	// task stacks in PSRAM from 1792 (1280 before 5.1.4), which is the default then; 0 without core dumps.
	CoredumpStackSize int `option:"ESP_COREDUMP_STACK_SIZE"`
	// ApptraceEnable is CONFIG_APPTRACE_ENABLE: application tracing. Default n.
	ApptraceEnable bool `option:"APPTRACE_ENABLE"`
	// PMEnable is CONFIG_PM_ENABLE: the clock follows the load. Default n.
	PMEnable bool `option:"PM_ENABLE"`
	// PthreadTaskStackSizeDefault is CONFIG_PTHREAD_TASK_STACK_SIZE_DEFAULT: bytes of a thread's stack. Default 3072.
	PthreadTaskStackSizeDefault int `option:"PTHREAD_TASK_STACK_SIZE_DEFAULT"`
	// PthreadStackMin is CONFIG_PTHREAD_STACK_MIN: the least bytes of one. Default 768.
	PthreadStackMin int `option:"PTHREAD_STACK_MIN"`
	// PthreadTaskPrioDefault is CONFIG_PTHREAD_TASK_PRIO_DEFAULT: a thread's priority. 0 to 255, default 5.
	PthreadTaskPrioDefault int `option:"PTHREAD_TASK_PRIO_DEFAULT"`
	// PthreadTaskNameDefault is CONFIG_PTHREAD_TASK_NAME_DEFAULT: a thread's name. Default "pthread".
	PthreadTaskNameDefault string `option:"PTHREAD_TASK_NAME_DEFAULT"`
}

func systemOptions() []option {
	const src = "components/esp_system/Kconfig"
	const soc = "components/esp_system/port/soc/esp32/"
	const pthread = "components/pthread/Kconfig"
	const traceMemory = "chip(esp32) || IDF < 5.0" // 4.4 has the ESP32's options on all chips
	const coredump = "components/espcoredump/Kconfig"
	panicWas := func(action string) string {
		return "ESP32_PANIC_" + action + " until 4.2 on esp32, ESP32S2_PANIC_" + action + " until 4.2 on esp32s2"
	}
	freq := func(mhz string) string {
		return "ESP32_DEFAULT_CPU_FREQ_" + mhz + " until 5.0 on esp32, ESP32S2_DEFAULT_CPU_FREQ_" + mhz + " until 5.0 on esp32s2, " +
			"ESP32S3_DEFAULT_CPU_FREQ_" + mhz + " until 5.0 on esp32s3, ESP32C3_DEFAULT_CPU_FREQ_" + mhz + " until 5.0 on esp32c3"
	}
	return []option{
		{name: "ESP_DEFAULT_CPU_FREQ_MHZ", src: soc + "Kconfig.cpu", typ: Choice, def: "ESP_DEFAULT_CPU_FREQ_MHZ_160",
			does: "Nothing: in the model system calls cost a fixed time.",
			one: []member{
				{name: "ESP_DEFAULT_CPU_FREQ_MHZ_80", number: 80, was: freq("80")},
				{name: "ESP_DEFAULT_CPU_FREQ_MHZ_120", number: 120, ask: "chip(esp32c6)"},
				{name: "ESP_DEFAULT_CPU_FREQ_MHZ_160", number: 160, was: freq("160")},
				{name: "ESP_DEFAULT_CPU_FREQ_MHZ_240", number: 240, was: freq("240"), ask: "chip(esp32, esp32s2, esp32s3)"},
			}},
		{name: "ESP_DEFAULT_CPU_FREQ_MHZ", src: soc + "Kconfig.cpu", typ: Int, ask: "no", was: freq("MHZ"),
			def: "80 if ESP_DEFAULT_CPU_FREQ_MHZ_80; 120 if ESP_DEFAULT_CPU_FREQ_MHZ_120; 240 if ESP_DEFAULT_CPU_FREQ_MHZ_240; 160"},
		{name: "ESP_SYSTEM_SINGLE_CORE_MODE", src: src, ask: "no", def: "n", sel: "FREERTOS_UNICORE"},
		{name: "ESP_MAIN_TASK_STACK_SIZE", src: src, typ: Int, def: "3584", was: "MAIN_TASK_STACK_SIZE until 4.0",
			does: "One heap block of this size and 512 bytes until app_main returns."},
		{name: "ESP_MAIN_TASK_AFFINITY", src: src, typ: Choice, def: "ESP_MAIN_TASK_AFFINITY_CPU0",
			does: "Core of the main task.",
			one: []member{
				{name: "ESP_MAIN_TASK_AFFINITY_CPU0", number: int(Core0)},
				{name: "ESP_MAIN_TASK_AFFINITY_CPU1", number: int(Core1), ask: "!FREERTOS_UNICORE"},
				{name: "ESP_MAIN_TASK_AFFINITY_NO_AFFINITY", number: int(NoAffinity)},
			}},
		{name: "ESP_MAIN_TASK_AFFINITY", src: src, typ: Hex, ask: "no",
			def: "0x0 if ESP_MAIN_TASK_AFFINITY_CPU0; 0x1 if ESP_MAIN_TASK_AFFINITY_CPU1; 0xFFFFFFFF if FREERTOS_SMP; 0x7FFFFFFF"},
		{name: "ESP_SYSTEM_EVENT_QUEUE_SIZE", src: src, typ: Int, def: "32", was: "SYSTEM_EVENT_QUEUE_SIZE until 4.0",
			does: "16 heap bytes for each event of the default event loop's queue."},
		{name: "ESP_SYSTEM_EVENT_TASK_STACK_SIZE", src: src, typ: Int, def: "2304", was: "SYSTEM_EVENT_TASK_STACK_SIZE until 4.0",
			does: "One heap block of this size and 512 bytes for task sys_evt."},
		{name: "ESP_EVENT_POST_FROM_ISR", src: "components/esp_event/Kconfig", def: "y", was: "POST_EVENTS_FROM_ISR until 4.0",
			does: "Event data of up to 4 bytes travel in the queue in place of a heap block."},
		{name: "ESP_EVENT_LOOP_PROFILING", src: "components/esp_event/Kconfig", def: "n", was: "EVENT_LOOP_PROFILING until 4.0",
			does: "More bytes in each event loop and handler."},
		{name: "ESP_IPC_ENABLE", src: src, ask: "no", in: "since(5.5.1, 6.0)", def: "y if !FREERTOS_UNICORE", gone: "y",
			does: "Whether there are tasks ipc0 and ipc1."},
		{name: "ESP_IPC_TASK_STACK_SIZE", src: src, typ: Int, was: "IPC_TASK_STACK_SIZE until 4.0",
			def: "2048 if APPTRACE_ENABLE; 1536 if IDF < 5.0; 1280 if chip(esp32s3) && IDF >= 5.0; 1024", rng: "2048..65536 if APPTRACE_ENABLE; 512..65536",
			does: "One heap block of this size for each core's ipc task."},
		{name: "ESP_TIMER_TASK_STACK_SIZE", src: "components/esp_timer/Kconfig", typ: Int, def: "3584", rng: "2048..65536",
			was:  "TIMER_TASK_STACK_SIZE until 4.0",
			does: "One heap block of this size and 512 bytes for task esp_timer."},
		{name: "ESP_TIMER_TASK_AFFINITY", src: "components/esp_timer/Kconfig", typ: Choice, in: timerAffinity, def: "ESP_TIMER_TASK_AFFINITY_CPU0",
			does: "Core of task esp_timer.",
			one: []member{
				{name: "ESP_TIMER_TASK_AFFINITY_CPU0", number: int(Core0)},
				{name: "ESP_TIMER_TASK_AFFINITY_CPU1", number: int(Core1), ask: "!FREERTOS_UNICORE && ESP_TIMER_SHOW_EXPERIMENTAL"},
				{name: "ESP_TIMER_TASK_AFFINITY_NO_AFFINITY", number: int(NoAffinity), ask: "!FREERTOS_UNICORE && ESP_TIMER_SHOW_EXPERIMENTAL"},
			}},
		{name: "ESP_TIMER_TASK_AFFINITY", src: "components/esp_timer/Kconfig", typ: Hex, in: timerAffinity, ask: "no",
			def: "0x0 if ESP_TIMER_TASK_AFFINITY_CPU0; 0x1 if ESP_TIMER_TASK_AFFINITY_CPU1; 0xFFFFFFFF if FREERTOS_SMP; 0x7FFFFFFF"},
		{name: "ESP_TIMER_SHOW_EXPERIMENTAL", src: "components/esp_timer/Kconfig", in: timerAffinity, def: "n"},
		{name: "ESP_MINIMAL_SHARED_STACK_SIZE", src: src, typ: Int, def: "2048",
			does: "Nothing in the model: no model firmware runs functions on a shared stack."},
		{name: "ESP_SYSTEM_PANIC", src: src, typ: Choice, def: "ESP_SYSTEM_PANIC_PRINT_REBOOT",
			does: "Whether a panic ends in a reboot, with all memory back, or in a device that is dead until switched off and on.",
			one: []member{
				{name: "ESP_SYSTEM_PANIC_PRINT_HALT", number: int(PanicPrintHalt), ask: runtimeStub, was: panicWas("PRINT_HALT")},
				{name: "ESP_SYSTEM_PANIC_PRINT_REBOOT", number: int(PanicPrintReboot), ask: runtimeStub, was: panicWas("PRINT_REBOOT")},
				{name: "ESP_SYSTEM_PANIC_SILENT_REBOOT", number: int(PanicSilentReboot), ask: runtimeStub, was: panicWas("SILENT_REBOOT")},
				{name: "ESP_SYSTEM_PANIC_GDBSTUB", number: int(PanicGDBStub), was: panicWas("GDBSTUB")},
				{name: "ESP_SYSTEM_GDBSTUB_RUNTIME", number: int(PanicGDBStubRuntime), alone: "IDF >= 5.2", def: "n"},
			}},
		{name: "ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS", src: src, typ: Int, def: "0", rng: "0..99", in: "IDF >= 5.1", dep: "ESP_SYSTEM_PANIC_PRINT_REBOOT",
			does: "How long the device stays silent before it reboots."},
		{name: "ESP_TASK_WDT_EN", src: src, def: "y", in: "since(5.0.1, 5.1)",
			does: "Whether there is a task watchdog."},
		{name: "ESP_TASK_WDT_INIT", src: src, def: "y", dep: "ESP_TASK_WDT_EN", was: "ESP_TASK_WDT until 5.0.1, TASK_WDT until 4.0",
			does: "Whether it runs without the firmware's doing."},
		{name: "ESP_TASK_WDT_PANIC", src: src, def: "n", dep: "ESP_TASK_WDT_INIT", was: "TASK_WDT_PANIC until 4.0",
			does: "Whether a task that hangs ends in a panic or in a line of log."},
		{name: "ESP_TASK_WDT_TIMEOUT_S", src: src, typ: Int, def: "5", rng: "1..60", dep: "ESP_TASK_WDT_INIT", was: "TASK_WDT_TIMEOUT_S until 4.0",
			does: "How long a task may hang."},
		{name: "ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0", src: src, def: "y", dep: "ESP_TASK_WDT_INIT", was: "TASK_WDT_CHECK_IDLE_TASK_CPU0 until 4.0",
			does: "Whether a task that never waits is noticed."},
		{name: "ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1", src: src, def: "y", dep: "ESP_TASK_WDT_INIT && !FREERTOS_UNICORE", was: "TASK_WDT_CHECK_IDLE_TASK_CPU1 until 4.0",
			does: "Whether a task that never waits is noticed."},
		{name: "ESP_INT_WDT", src: src, def: "y", was: "INT_WDT until 4.0", sel: "ESP32_REV_MIN_FULL >= 300 && SPIRAM && !FREERTOS_UNICORE",
			does: "Nothing in the model: interrupts are never off for long."},
		{name: "ESP_INT_WDT_TIMEOUT_MS", src: src, typ: Int, def: "800 if SPIRAM && (chip(esp32) || IDF >= 5.5.5 && IDF < 6.0); 300", rng: "10..10000", dep: "ESP_INT_WDT", was: "INT_WDT_TIMEOUT_MS until 4.0",
			does: "Nothing in the model: interrupts are never off for long."},
		{name: "ESP_INT_WDT_CHECK_CPU1", src: src, def: "y", dep: "ESP_INT_WDT && !FREERTOS_UNICORE", was: "INT_WDT_CHECK_CPU1 until 4.0",
			does: "Nothing in the model: interrupts are never off for long."},
		{name: "ESP_SYSTEM_RTC_FAST_MEM_AS_HEAP_DEPCHECK", src: src, ask: "no", def: "y if FREERTOS_UNICORE || !chip(esp32)"},
		{name: "ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP", src: src, def: "y", dep: "ESP_SYSTEM_RTC_FAST_MEM_AS_HEAP_DEPCHECK",
			was:  "ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP until 4.3 on esp32, ESP32S2_ALLOW_RTC_FAST_MEM_AS_HEAP until 4.3 on esp32s2",
			does: "One more heap of up to 8 KB, used last; with two cores ESP-IDF ignores it."},
		{name: "ESP32_USE_FIXED_STATIC_RAM_SIZE", on: "esp32", src: soc + "Kconfig.memory", def: "n",
			does: "The DRAM heap does not depend on the firmware's static data."},
		{name: "ESP32_FIXED_STATIC_RAM_SIZE", on: "esp32", src: soc + "Kconfig.memory", typ: Hex, def: "0x1E000", rng: "0..0x2c200", dep: "ESP32_USE_FIXED_STATIC_RAM_SIZE",
			does: "Where the DRAM heap begins: 0x3FFB0000 and this."},
		{name: "ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY", on: "esp32", src: soc + "Kconfig.memory", def: "n", dep: "FREERTOS_UNICORE",
			does: "The IRAM heap serves byte buffers that ask for it, those of mbedTLS and Bluetooth."},
		{name: "ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM", on: "esp32", src: soc + "Kconfig.memory", def: "n", dep: "!ESP32_TRAX", in: "IDF >= 5.1",
			does: "Up to 40 KB more code in IRAM; what of it goes beyond 0x400A0000 is no heap at the top of D/IRAM."},
		{name: "ESP32_RTCDATA_IN_FAST_MEM", on: "esp32", src: soc + "Kconfig.memory", def: "n", dep: "FREERTOS_UNICORE",
			does: "The RTC heap shrinks by these variables."},
		{name: "ESP32_TRAX", on: "esp32", src: soc + "Kconfig.tracemem", def: "n",
			does: "The last 16 KB of D/IRAM are not heap."},
		{name: "ESP32_TRAX_TWOBANKS", on: "esp32", src: soc + "Kconfig.tracemem", def: "n", dep: "ESP32_TRAX && !FREERTOS_UNICORE",
			does: "The last 32 KB of D/IRAM are not heap."},
		{name: "ESP32_MEMMAP_TRACEMEM", dep: traceMemory, src: soc + "Kconfig.tracemem", ask: "no",
			was: "MEMMAP_TRACEMEM until 4.0", def: "n", sel: "ESP32_TRAX || APPTRACE_DEST_TRAX && !ESP32_TRAX && (" + traceMemory + ")"},
		{name: "ESP32_MEMMAP_TRACEMEM_TWOBANKS", dep: traceMemory, src: soc + "Kconfig.tracemem", ask: "no",
			was: "MEMMAP_TRACEMEM_TWOBANKS until 4.0", def: "n", sel: "ESP32_TRAX_TWOBANKS || APPTRACE_DEST_TRAX && !ESP32_TRAX && (" + traceMemory + ")"},
		{name: "ESP32_TRACEMEM_RESERVE_DRAM", dep: traceMemory, src: soc + "Kconfig.tracemem", typ: Hex, ask: "no", was: "TRACEMEM_RESERVE_DRAM until 4.0",
			def:  "0x8000 if ESP32_MEMMAP_TRACEMEM && ESP32_MEMMAP_TRACEMEM_TWOBANKS; 0x4000 if ESP32_MEMMAP_TRACEMEM; 0x0",
			does: "The last 16 or 32 KB of D/IRAM are not heap."},
		{name: "ESP32_REV_MIN", on: "esp32", src: "components/esp_hw_support/port/esp32/Kconfig.hw_support", typ: Choice, def: "ESP32_REV_MIN_0",
			does: "From revision 3 on, PSRAM needs no workaround in code.",
			one: []member{
				{name: "ESP32_REV_MIN_0", number: 0},
				{name: "ESP32_REV_MIN_1", number: 100},
				{name: "ESP32_REV_MIN_1_1", number: 101, in: minimumRevisions},
				{name: "ESP32_REV_MIN_2", number: 200},
				{name: "ESP32_REV_MIN_3", number: 300},
				{name: "ESP32_REV_MIN_3_1", number: 301, in: minimumRevisions},
			}},
		{name: "ESP32_REV_MIN_FULL", on: "esp32", src: "components/esp_hw_support/port/esp32/Kconfig.hw_support", typ: Int, ask: "no", in: minimumRevisions,
			def: "100 if ESP32_REV_MIN_1; 101 if ESP32_REV_MIN_1_1; 200 if ESP32_REV_MIN_2; 300 if ESP32_REV_MIN_3; 301 if ESP32_REV_MIN_3_1; 0"},
		{name: "ESP32_REV_MIN", on: "esp32", src: "components/esp_hw_support/port/esp32/Kconfig.hw_support", typ: Int, ask: "no",
			def: "1 if ESP32_REV_MIN_1 || ESP32_REV_MIN_1_1; 2 if ESP32_REV_MIN_2; 3 if ESP32_REV_MIN_3 || ESP32_REV_MIN_3_1; 0"},
		{name: "ESP_COREDUMP_TO_FLASH_OR_UART", src: coredump, typ: Choice, def: "ESP_COREDUMP_ENABLE_TO_NONE",
			does: "Whether a panic takes the time of a core dump; larger interrupt stacks.",
			one: []member{
				{name: "ESP_COREDUMP_ENABLE_TO_FLASH", number: 1, ask: coredumpStack + " || !FREERTOS_TASK_CREATE_ALLOW_EXT_MEM",
					was: "ESP32_ENABLE_COREDUMP_TO_FLASH until 4.3"},
				{name: "ESP_COREDUMP_ENABLE_TO_UART", number: 2, was: "ESP32_ENABLE_COREDUMP_TO_UART until 4.3"},
				{name: "ESP_COREDUMP_ENABLE_TO_NONE", number: 0, was: "ESP32_ENABLE_COREDUMP_TO_NONE until 4.3"},
			}},
		{name: "ESP_COREDUMP_ENABLE", src: coredump, ask: "no", sel: "ESP_COREDUMP_ENABLE_TO_FLASH || ESP_COREDUMP_ENABLE_TO_UART",
			was: "ESP32_ENABLE_COREDUMP until 4.3", does: "Larger interrupt stacks."},
		{name: "ESP_COREDUMP_DATA_FORMAT", src: coredump, typ: Choice, def: "ESP_COREDUMP_DATA_FORMAT_ELF", in: "IDF < 6.0", dep: "ESP_COREDUMP_ENABLE",
			does: "With ELF the interrupt stacks are 560 bytes larger.",
			one: []member{
				{name: "ESP_COREDUMP_DATA_FORMAT_BIN", number: 0, was: "ESP32_COREDUMP_DATA_FORMAT_BIN until 4.3"},
				{name: "ESP_COREDUMP_DATA_FORMAT_ELF", number: 1, was: "ESP32_COREDUMP_DATA_FORMAT_ELF until 4.3"},
			}},
		{name: "ESP_COREDUMP_USE_STACK_SIZE", src: coredump, ask: "no", in: coredumpStack, gone: "n",
			def: "y if ESP_COREDUMP_ENABLE_TO_FLASH && FREERTOS_TASK_CREATE_ALLOW_EXT_MEM; n"},
		{name: "ESP_COREDUMP_STACK_SIZE", src: coredump, typ: Int, dep: "ESP_COREDUMP_ENABLE", was: "ESP32_CORE_DUMP_STACK_SIZE until 4.3",
			in:  "since(4.4.5, 5.0)",
			def: "0 if !ESP_COREDUMP_USE_STACK_SIZE || IDF >= 5.0 && IDF < 5.1; 1792 if since(5.1.4, 5.2.2, 5.3); 1280",
			rng: "0..4096 if !ESP_COREDUMP_USE_STACK_SIZE && " + coredumpStack + "; 0..2147483647 if !" + coredumpStack + "; " +
				"1792..4096 if since(5.1.4, 5.2.2, 5.3); 1280..4096",
			does: "Static bytes."},
		{name: "APPTRACE_DESTINATION", src: "components/app_trace/Kconfig", typ: Choice, in: "IDF < 6.0", def: "APPTRACE_DEST_NONE",
			does: "Larger ipc stacks, and the last 32 KB of D/IRAM are not heap.",
			one: []member{
				{name: "APPTRACE_DEST_JTAG", number: 1, was: "ESP32_APPTRACE_DEST_TRAX until 4.3"},
				{name: "APPTRACE_DEST_NONE", number: 0, was: "ESP32_APPTRACE_DEST_NONE until 4.1"},
			}},
		{name: "APPTRACE_DEST_TRAX", on: "esp32, esp32s2, esp32s3", src: "components/app_trace/Kconfig", ask: "no", in: "IDF < 6.0", dep: "!ESP32_TRAX", sel: "APPTRACE_DEST_JTAG"},
		{name: "APPTRACE_ENABLE", src: "components/app_trace/Kconfig", ask: "no", in: "IDF < 6.0", sel: "APPTRACE_DEST_JTAG", was: "ESP32_APPTRACE_ENABLE until 4.1",
			does: "Larger ipc stacks; with JTAG, the last 32 KB of D/IRAM are not heap."},
		{name: "PM_ENABLE", src: "components/esp_pm/Kconfig", def: "n", dep: "IDF < 5.0 || !FREERTOS_SMP",
			does: "Nothing in the model: the clock is constant."},
		{name: "PTHREAD_TASK_PRIO_DEFAULT", src: pthread, typ: Int, def: "5", rng: "0..255", was: "ESP32_PTHREAD_TASK_PRIO_DEFAULT until 4.0",
			does: "Priority of a pthread that does not ask for one."},
		{name: "PTHREAD_TASK_STACK_SIZE_DEFAULT", src: pthread, typ: Int, def: "3072", was: "ESP32_PTHREAD_TASK_STACK_SIZE_DEFAULT until 4.0",
			does: "One heap block of this size for each pthread that does not ask for one."},
		{name: "PTHREAD_STACK_MIN", src: pthread, typ: Int, def: "768", was: "ESP32_PTHREAD_STACK_MIN until 3.3",
			does: "Smaller stacks that a pthread asks for are raised to this."},
		{name: "PTHREAD_TASK_NAME_DEFAULT", src: pthread, typ: String, def: `"pthread"`, was: "ESP32_PTHREAD_TASK_NAME_DEFAULT until 4.0",
			does: "Name of the task of a pthread that does not ask for one."},
	}
}
