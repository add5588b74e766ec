package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// malloc takes memory for a kernel object other than a stack or TCB
// (pvPortMalloc).
func (k *Kernel) malloc(object, what string, n uint32) heap.Addr {
	o := k.Owner(object, what)
	if k.size.plainMalloc {
		return k.heap.MallocDefault(o, n)
	}
	return k.heap.Malloc(o, n, heap.CapInternal|heap.Cap8Bit)
}

func (k *Kernel) free(what string, p heap.Addr) {
	if p == 0 {
		return
	}
	if err := k.heap.Free(p); err != nil {
		k.loop.Fail(fmt.Errorf("freertos: freeing %s: %w", what, err))
	}
}

// NoMemoryError is an object that could not be made
// (errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY, or a null handle).
type NoMemoryError struct {
	Object  string       // what was to be made: "task opcua_task"
	Failure heap.Failure // the allocation that failed
}

// Error names the object and the allocation.
func (e *NoMemoryError) Error() string {
	return fmt.Sprintf("freertos: %s: errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY: %d bytes for %s, free %d, largest block %d",
		e.Object, e.Failure.Size, e.Failure.Tag.What, e.Failure.Free, e.Failure.Largest)
}

func (k *Kernel) noMemory(object, what string, n uint32, caps heap.Cap) *NoMemoryError {
	return &NoMemoryError{Object: object, Failure: heap.Failure{
		Func: "heap_caps_malloc", Size: n, Caps: caps, Tag: heap.Tag{Task: k.context(), Object: object, What: what},
		Free: k.heap.FreeSize(caps), Largest: k.heap.LargestFreeBlock(caps), At: k.loop.Now(),
	}}
}
