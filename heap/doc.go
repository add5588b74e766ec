// Package heap is a model of ESP-IDF's heap on the ESP32: the TLSF allocator,
// multi_heap with its poisoning, and the capability layer over the chip's memory
// regions. Every address, size and figure is the one the real allocator gives:
// three versions were recorded from it, and the rules of the other releases from
// v4.4.4 to v6.0.2 follow from their sources (see Version). The memory of the
// ESP32-S2, S3, C3 and C6 is known too (see Chip). Beyond that it knows for every
// block who holds it and since when.
//
//	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
//	...
//	session := h.Intern(heap.Tag{Task: "opcua_task", Object: "session 3", What: "UA_Session"})
//	p := h.MallocDefault(session, 936)
//	fmt.Println(h.FreeSize(heap.CapDefault), h.LargestFreeBlock(heap.CapDefault))
//	err = h.Free(p)
//
// A Heap starts as the boot leaves it after heap_caps_init. Call
// EnableNonOSStackHeaps where the main task does, before app_main.
//
// A Snapshot costs microseconds and can be restored any number of times; Diff,
// GroupBlocks and Cycles answer what grew, who holds it and whether it comes back.
//
// The package needs nothing but the standard library and computes with the
// 32-bit arithmetic of the chip on every host.
package heap
