package sdkconfig

// Poisoning is how the heap detects corruption (CONFIG_HEAP_CORRUPTION_DETECTION).
type Poisoning int

// The levels of heap poisoning.
const (
	PoisoningDisabled      Poisoning = 0
	PoisoningLight         Poisoning = 1
	PoisoningComprehensive Poisoning = 2
)

// String returns the level's name in Kconfig.
func (p Poisoning) String() string {
	switch p {
	case PoisoningLight:
		return "LIGHT"
	case PoisoningComprehensive:
		return "COMPREHENSIVE"
	}
	return "DISABLED"
}

// HeapTracing is where traces of allocations go (CONFIG_HEAP_TRACING_DEST).
type HeapTracing int

// The kinds of heap tracing.
const (
	HeapTracingOff        HeapTracing = 0
	HeapTracingStandalone HeapTracing = 1 // into records on the device
	HeapTracingToHost     HeapTracing = 2 // to a computer through the tracing module
)

// Heap is the configuration of the heap.
type Heap struct {
	// Poisoning is CONFIG_HEAP_CORRUPTION_DETECTION. Default PoisoningDisabled.
	Poisoning Poisoning `choice:"HEAP_CORRUPTION_DETECTION"`
	// Tracing is CONFIG_HEAP_TRACING_DEST. Default HeapTracingOff.
	Tracing HeapTracing `choice:"HEAP_TRACING_DEST"`
	// TracingStackDepth is CONFIG_HEAP_TRACING_STACK_DEPTH: callers kept in each trace record. 0 to 32 (to 10 before 5.2),
	// default 2; 0 without tracing.
	TracingStackDepth int `option:"HEAP_TRACING_STACK_DEPTH"`
	// TraceHashMap is CONFIG_HEAP_TRACE_HASH_MAP: trace records are found by a hash map. Default n.
	TraceHashMap bool `option:"HEAP_TRACE_HASH_MAP"`
	// TraceHashMapSize is CONFIG_HEAP_TRACE_HASH_MAP_SIZE: entries of that map. Default 512 (10 in 5.1).
	TraceHashMapSize int `option:"HEAP_TRACE_HASH_MAP_SIZE"`
	// TaskTracking is CONFIG_HEAP_TASK_TRACKING: each block knows the task that asked for it. Default n.
	TaskTracking bool `option:"HEAP_TASK_TRACKING"`
	// TrackDeletedTasks is CONFIG_HEAP_TRACK_DELETED_TASKS: statistics of a task outlive it. Default n.
	TrackDeletedTasks bool `option:"HEAP_TRACK_DELETED_TASKS"`
	// AbortWhenAllocationFails is CONFIG_HEAP_ABORT_WHEN_ALLOCATION_FAILS: a failed allocation panics. Default n.
	AbortWhenAllocationFails bool `option:"HEAP_ABORT_WHEN_ALLOCATION_FAILS"`
	// UseHooks is CONFIG_HEAP_USE_HOOKS: the firmware is told of each allocation. Default n.
	UseHooks bool `option:"HEAP_USE_HOOKS"`
	// PlaceFunctionIntoFlash is CONFIG_HEAP_PLACE_FUNCTION_INTO_FLASH: the heap's code is not in IRAM. Default n.
	PlaceFunctionIntoFlash bool `option:"HEAP_PLACE_FUNCTION_INTO_FLASH"`
}

func heapOptions() []option {
	const src = "components/heap/Kconfig"
	return []option{
		{name: "HEAP_CORRUPTION_DETECTION", src: src, typ: Choice, def: "HEAP_POISONING_DISABLED",
			does: "12 bytes of canaries around each block; comprehensive also fills memory and never reallocates in place.",
			one: []member{
				{name: "HEAP_POISONING_DISABLED", number: int(PoisoningDisabled)},
				{name: "HEAP_POISONING_LIGHT", number: int(PoisoningLight)},
				{name: "HEAP_POISONING_COMPREHENSIVE", number: int(PoisoningComprehensive)},
			}},
		{name: "HEAP_TRACING_DEST", src: src, typ: Choice, def: "HEAP_TRACING_OFF",
			does: "Memory of the records that the firmware supplies to heap_trace_init_standalone.",
			one: []member{
				{name: "HEAP_TRACING_OFF", number: int(HeapTracingOff)},
				{name: "HEAP_TRACING_STANDALONE", number: int(HeapTracingStandalone)},
				{name: "HEAP_TRACING_TOHOST", number: int(HeapTracingToHost)},
			}},
		{name: "HEAP_TRACING", src: src, ask: "no", def: "y if HEAP_TRACING_STANDALONE || HEAP_TRACING_TOHOST"},
		{name: "HEAP_TRACING_STACK_DEPTH", src: src, typ: Int, dep: "HEAP_TRACING", def: "0 if chip(esp32c3, esp32c6); 2",
			rng:  "0..0 if chip(esp32c3, esp32c6); 0..10 if IDF < 5.2; 0..32",
			does: "8 bytes of each trace record for each caller."},
		{name: "HEAP_TRACE_HASH_MAP", src: src, def: "n", in: "IDF >= 5.1", dep: "HEAP_TRACING_STANDALONE",
			does: "8 bytes for each entry of the map."},
		{name: "HEAP_TRACE_HASH_MAP_SIZE", src: src, typ: Int, in: "IDF >= 5.1", dep: "HEAP_TRACE_HASH_MAP",
			def: "10 if IDF < 5.2; 512", rng: "1..10000 if IDF < 5.2",
			does: "8 bytes for each entry."},
		{name: "HEAP_TASK_TRACKING", src: src, def: "n", dep: "IDF >= 5.2 || !HEAP_POISONING_DISABLED",
			does: "4 more bytes in each block. Statistics of each task, which the heap keeps in itself from 5.5 on, are not in the model."},
		{name: "HEAP_TRACK_DELETED_TASKS", src: src, def: "n", in: "IDF >= 5.5", dep: "HEAP_TASK_TRACKING",
			does: "Statistics of a task stay in the heap after its end."},
		{name: "HEAP_ABORT_WHEN_ALLOCATION_FAILS", src: src, def: "n",
			does: "A failed allocation is a panic of the chip in place of a null pointer."},
		{name: "HEAP_USE_HOOKS", src: src, def: "n", in: "IDF >= 5.1",
			does: "Nothing in the model: it calls functions of the firmware."},
		{name: "HEAP_PLACE_FUNCTION_INTO_FLASH", dep: "!chip(esp32c6) || since(5.3.4, 5.4.2, 5.5)", src: src, def: "n", in: "IDF >= 5.1",
			does: "The IRAM heap grows by the code that moves to flash."},
	}
}
