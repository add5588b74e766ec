package heap

// Injector decides which allocations fail on purpose. The combinators of this
// package print and parse back, so that a failing test can print the injector
// that reproduces it. An injector keeps counts, so one is good for one run.
type Injector interface {
	// Fail reports whether the allocation is to fail. It is asked once for each
	// call, in order.
	Fail(Request) bool
	// String prints the injector so that ParseInjector reads it back.
	String() string
}

// Request is an allocation that an Injector decides on.
type Request struct {
	N    uint64 // 1 for the first allocation of the heap's life
	Func string // "heap_caps_malloc"
	Size uint32 // bytes asked for
	Caps Cap    // capabilities asked for
	Tag  Tag    // who asks
}

// injected counts an allocation and lets the injector decide on it.
func (h *Heap) injected(f string, o Owner, n uint32, caps Cap) bool {
	h.calls++
	return h.cfg.Inject != nil && h.failInjected(f, o, n, caps)
}

func (h *Heap) failInjected(f string, o Owner, n uint32, caps Cap) bool {
	if !h.cfg.Inject.Fail(Request{N: h.calls, Func: f, Size: n, Caps: caps, Tag: h.Tag(o)}) {
		return false
	}
	if n > 0 {
		h.failed(f, o, n, caps, true)
	}
	return true
}

// SetInjector replaces Config.Inject; nil stops failing on purpose.
func (h *Heap) SetInjector(i Injector) { h.cfg.Inject = i }
