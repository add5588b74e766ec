// Package heap is a model of ESP-IDF's heap on the ESP32: the TLSF allocator,
// multi_heap with its poisoning, and the capability layer over the chip's memory
// regions. Every address, size and figure is the one the real allocator gives,
// for the versions whose behaviour was recorded (see Version); beyond that it
// knows for every block who holds it and since when.
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
// The package needs nothing but the standard library and computes with the
// 32-bit arithmetic of the chip on every host.
package heap
