package heap

import "fmt"

// MonitorMinimumStart sets the minimum of every heap to what is free now and
// puts the old minima aside (heap_caps_monitor_local_minimum_free_size_start),
// so that MinimumFreeSize is the minimum since. The minima put aside take a
// block of default memory. Started again before it is stopped, it starts the
// minimum anew. v4.4 does not have it.
func (h *Heap) MonitorMinimumStart() error {
	if !h.rules.monitorsMinimum {
		return fmt.Errorf("heap: %v has no heap_caps_monitor_local_minimum_free_size_start", h.cfg.Version)
	}
	if h.monitorAt == 0 {
		n := uint32(len(h.heaps))
		o := h.Intern(Tag{What: "min_free_bytes_monitoring"})
		h.monitorAt = h.Malloc(o, 4*n, CapDefault)
		if h.monitorAt == 0 {
			// ESP-IDF asserts here.
			return h.abort(&AllocFailedAbort{Failure{Func: "heap_caps_malloc", Size: 4 * n, Caps: CapDefault, Tag: h.Tag(o), At: h.now(),
				Free: h.FreeSize(CapDefault), Largest: h.LargestFreeBlock(CapDefault)}})
		}
		h.monitor = make([]uint32, n)
		for i := range h.monitor {
			h.monitor[i] = 0xFFFFFFFF
		}
	}
	for i := range h.monitor {
		if m := h.heaps[i].heap; m != nil {
			h.monitor[i] = min(h.monitor[i], m.minFree)
			m.minFree = m.freeBytes
		}
	}
	return nil
}

// MonitorMinimumStop ends what MonitorMinimumStart started: minima are lifetime
// minima again (heap_caps_monitor_local_minimum_free_size_stop). It is an error
// if it was not started. Heaps are known by their place in the search order, so
// one that was added meanwhile shifts the minima, as with the original.
func (h *Heap) MonitorMinimumStop() error {
	if h.monitorAt == 0 {
		return fmt.Errorf("heap: ESP_FAIL: the minimum is not being monitored")
	}
	for i, old := range h.monitor {
		if m := h.heaps[i].heap; m != nil {
			m.minFree = min(m.minFree, old)
		}
	}
	p := h.monitorAt
	h.monitorAt, h.monitor = 0, nil
	return h.Free(p)
}
