package heap_test

import (
	"fmt"
	"os"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
)

// A server's session on a dual-core ESP32, and who holds the memory.
func Example() {
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
	if err != nil {
		panic(err)
	}
	h.EnableNonOSStackHeaps()
	before := h.FreeSize(heap.CapDefault)
	session := h.Intern(heap.Tag{Task: "opcua_task", Object: "session 3", What: "UA_Session"})
	p := h.MallocDefault(session, 936)
	fmt.Println(p, before-h.FreeSize(heap.CapDefault), "bytes less")
	for _, g := range heap.GroupBlocks(h.Blocks, heap.ByObject) {
		fmt.Println(g.Key, g.Footprint)
	}
	fmt.Println(h.Free(p), h.FreeSize(heap.CapDefault) == before)
	// Output:
	// 0x3ffae918 940 bytes less
	// session 3 940
	// - 184
	// <nil> true
}

// Two releases of ESP-IDF keep different amounts of memory for one request.
func ExampleVersion() {
	for _, v := range []heap.Version{heap.V5_3_1, heap.Master} {
		m, err := heap.RegisterMultiHeap(0x3FFE4350, 0x1BCB0, heap.MultiHeapConfig{Version: v})
		if err != nil {
			panic(err)
		}
		size, err := m.AllocatedSize(m.Malloc(936))
		fmt.Println(v, size, err)
	}
	// Output:
	// v5.3.1 936 <nil>
	// master 960 <nil>
}

// An overrun of one byte is found when the block is freed, in the words of
// ESP-IDF, with the block's owner.
func ExampleHeap_Corrupt() {
	h, err := heap.New(heap.Config{
		Version: heap.V5_3_1, Layout: heap.DefaultLayout(),
		Poisoning: heap.PoisoningLight, Images: true, Console: os.Stdout,
	})
	if err != nil {
		panic(err)
	}
	o := h.Intern(heap.Tag{Task: "opcua_task", Object: "session 3", What: "UA_ByteString"})
	p := h.MallocDefault(o, 30)
	h.Corrupt(p+30, 1)
	var c *heap.CorruptionError
	if e, ok := h.Free(p).(*heap.CorruptionError); ok {
		c = e
	}
	fmt.Println(c.Assert)
	fmt.Println(c.Block.Tag)
	// Output:
	// CORRUPT HEAP: Bad tail at 0x3ffae94a. Expected 0xbaad5678 got 0xbaad5687
	// assert failed: multi_heap_free multi_heap_poisoning.c:279 (head != NULL)
	// opcua_task/session 3/UA_ByteString
}

// The second allocation of a task fails, and a test can print why.
func ExampleInjector() {
	inject, err := heap.ParseInjector(`(and (task "opcua_task") (nth 2))`)
	if err != nil {
		panic(err)
	}
	h, err := heap.New(heap.Config{
		Version: heap.V5_3_1, Layout: heap.DefaultLayout(), Inject: inject,
		OnFail: func(f heap.Failure) { fmt.Println(f) },
	})
	if err != nil {
		panic(err)
	}
	o := h.Intern(heap.Tag{Task: "opcua_task", What: "UA_Session"})
	h.MallocDefault(o, 100)
	h.MallocDefault(o, 200)
	// Output:
	// heap_caps_malloc: 200 bytes of INTERNAL|DEFAULT for opcua_task/UA_Session failed at 0s: injected (free 169944, largest block 163840)
}

// What changed between two moments.
func ExampleDiff() {
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
	if err != nil {
		panic(err)
	}
	before := h.Snapshot()
	h.MallocDefault(h.Intern(heap.Tag{Task: "tiT", Object: "10.0.0.2:51234", What: "tcp_pcb"}), 164)
	fmt.Print(heap.Diff(before, h.Snapshot()))
	if err := view.PrintHeapInfo(os.Stdout, h, heap.CapRTCRAM); err != nil {
		panic(err)
	}
	// Output:
	// free 205632 -> 205464 (-168)
	// +1 tiT/10.0.0.2:51234/tcp_pcb 168 bytes
	// Heap summary for capabilities 0x00008000:
	//   Totals:
	//     free 0 allocated 0 min_free 0 largest_free_block 0
}
