package heap

import (
	"errors"
	"fmt"
	"time"
)

// Failure is one failed allocation, as the callback of
// heap_caps_register_failed_alloc_callback sees it, with the reason.
type Failure struct {
	Func string        // "heap_caps_malloc": the function that failed
	Size uint32        // bytes requested
	Caps Cap           // capabilities requested
	Tag  Tag           // who asked
	At   time.Duration // when, by Config.Now
	// Free and Largest are the free bytes and the largest free block of the
	// memory with these capabilities at that moment. Size <= Free with
	// Size > Largest is fragmentation.
	Free, Largest uint32
	Injected      bool // failed on purpose, see Injector
}

// Error is the line a firmware would log; it makes a Failure an error.
func (f Failure) Error() string {
	why := "no memory"
	switch {
	case f.Injected:
		why = "injected"
	case f.Size <= f.Largest:
		why = "no heap serves such a request"
	case f.Size <= f.Free:
		why = "fragmented"
	}
	return fmt.Sprintf("%s: %d bytes of %v for %v failed at %v: %s (free %d, largest block %d)",
		f.Func, f.Size, f.Caps, f.Tag, f.At, why, f.Free, f.Largest)
}

// AllocFailedAbort is the abort of HEAP_ABORT_WHEN_ALLOCATION_FAILS.
type AllocFailedAbort struct{ Failure Failure }

// Error is ESP-IDF's message: "Mem alloc fail. size 0x00000800 caps 0x00001800".
func (e *AllocFailedAbort) Error() string {
	return fmt.Sprintf("Mem alloc fail. size 0x%08x caps 0x%08x", e.Failure.Size, uint32(e.Failure.Caps))
}

// Unwrap returns the Failure.
func (e *AllocFailedAbort) Unwrap() error { return e.Failure }

// StoreProhibitedError is a store of ESP-IDF's own code to an address that is
// not mapped, a panic of the chip.
type StoreProhibitedError struct{ Addr Addr }

// Error names the address.
func (e *StoreProhibitedError) Error() string {
	return fmt.Sprintf("heap: StoreProhibited at %v: the alias of executable RTC memory is not mapped", e.Addr)
}

// failed runs what follows a failed allocation (heap_caps_alloc_failed).
func (h *Heap) failed(f string, o Owner, n uint32, caps Cap, injected bool) {
	h.failures++
	if h.cfg.OnFail == nil && !h.cfg.AbortOnFailure {
		return
	}
	fail := Failure{
		Func: f, Size: n, Caps: caps, Tag: h.Tag(o), At: h.now(),
		Free: h.FreeSize(caps), Largest: h.LargestFreeBlock(caps), Injected: injected,
	}
	if h.cfg.OnFail != nil {
		h.cfg.OnFail(fail)
	}
	if h.cfg.AbortOnFailure {
		h.abort(&AllocFailedAbort{fail})
	}
}

// abort reports an error that is the end of the chip, and returns it. What the
// error says about blocks is completed with their tags.
func (h *Heap) abort(err error) error {
	var c *CorruptionError
	if errors.As(err, &c) {
		h.addTags(c)
	}
	if h.cfg.OnAbort != nil {
		h.cfg.OnAbort(err)
	}
	return err
}

func (h *Heap) addTags(c *CorruptionError) {
	for _, b := range [...]*Block{c.Block, c.Before, c.After} {
		if b != nil && !b.Free {
			b.Tag = h.Tag(b.Owner)
		}
		if b != nil {
			if g := h.findHeap(b.Addr); g != nil {
				b.Region = g.name
			}
		}
	}
}

// Failures returns how many allocations failed so far, which is how often
// ESP-IDF would have run the callback.
func (h *Heap) Failures() uint64 { return h.failures }

// Calls returns how many allocations were asked for so far, failed ones
// included. Free does not count, nor does a Realloc to 0 bytes.
func (h *Heap) Calls() uint64 { return h.calls }
