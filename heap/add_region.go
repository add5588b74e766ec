package heap

import (
	"fmt"
	"slices"
)

// AddRegion makes [start, end) a heap with the given capabilities by priority
// tier (heap_caps_add_region_with_caps). It may lie strictly inside an existing
// heap, in a block allocated for it, but not across a heap's edge. Its record
// of 36 bytes is allocated from internal memory, and it is searched before all
// others.
func (h *Heap) AddRegion(caps [3]Cap, start, end Addr) error {
	if start == 0 || end <= start {
		return &RegionError{Start: start, End: end, Code: "ESP_ERR_INVALID_ARG"}
	}
	for _, g := range h.heaps {
		s, e := Addr(g.start), Addr(g.end)
		overlaps := start < s && end > s || start < e && end > e || start == s && end == e
		if h.rules.sameStartOverlaps {
			overlaps = start <= s && end > s || start < e && end > e
		}
		if overlaps {
			return &RegionError{Start: start, End: end, Code: "ESP_FAIL", Other: fmt.Sprintf("%s at %v to %v", g.name, s, e)}
		}
	}
	record := h.Malloc(ownerHeap, heapRecord, CapInternal|Cap8Bit)
	if record == 0 {
		return &RegionError{Start: start, End: end, Code: "ESP_ERR_NO_MEM"}
	}
	g := &region{caps: caps, all: caps[0] | caps[1] | caps[2], start: uint32(start), end: uint32(end), name: h.nameFor(caps)}
	h.register(g)
	if g.heap == nil {
		if err := h.Free(record); err != nil {
			return err
		}
		return &RegionError{Start: start, End: end, Code: "ESP_ERR_INVALID_SIZE"}
	}
	if h.rules.lateMinimumZero && h.started {
		g.heap.minFree = 0
	}
	h.heaps = slices.Insert(h.heaps, 0, g)
	h.routes = nil
	return nil
}

// nameFor names an added region after the memory type of the same
// capabilities.
func (h *Heap) nameFor(caps [3]Cap) string {
	if caps[0] == spiramCaps[0] {
		return "SPIRAM"
	}
	for _, t := range h.types {
		if t.caps == caps {
			return t.name
		}
	}
	return "added"
}

// RegionError is a region that AddRegion refused.
type RegionError struct {
	Start, End Addr   // the region; End is the first address after it
	Code       string // esp_err_t by name
	Other      string // the heap it overlaps
}

// Error says which region and why, with ESP-IDF's error name.
func (e *RegionError) Error() string {
	s := fmt.Sprintf("heap: add region %v to %v: %s", e.Start, e.End, e.Code)
	if e.Other != "" {
		s += ": overlaps " + e.Other
	}
	return s
}

// AddSPIRAM adds size bytes of external memory, at 0x3F800000 and at most 4 MiB on
// the ESP32 and at Layout.SPIRAMStart on other chips, as the system does before it
// starts the scheduler, and enables malloc to use it for requests above limit
// (SPIRAM_MALLOC_ALWAYSINTERNAL, default 16384). A negative limit adds the memory
// for heap_caps_malloc only (SPIRAM_USE_CAPS_ALLOC).
func (h *Heap) AddSPIRAM(size uint32, limit int) error {
	if !h.cfg.Layout.SPIRAM {
		return fmt.Errorf("heap: AddSPIRAM: Layout.SPIRAM is false")
	}
	start := max(uint32(h.cfg.Layout.SPIRAMStart), h.chip.spiramLow)
	if size == 0 || start >= h.chip.spiramHigh || size > h.chip.spiramHigh-start {
		return fmt.Errorf("heap: AddSPIRAM: %d bytes at %v: want 1 to %d inside %v to %v",
			size, Addr(start), h.chip.spiramHigh-h.chip.spiramLow, Addr(h.chip.spiramLow), Addr(h.chip.spiramHigh))
	}
	caps := spiramCaps
	if h.rules.spiramSIMD {
		caps[2] |= CapSIMD
	}
	end := Addr(start + size)
	if h.rules.spiramShort {
		end--
	}
	if err := h.AddRegion(caps, Addr(start), end); err != nil {
		return err
	}
	if limit >= 0 {
		h.EnableExtMem(uint32(limit))
	}
	return nil
}

// ReserveInternalPool sets size bytes of internal memory (SPIRAM_MALLOC_RESERVE_INTERNAL,
// default 32768) aside as heaps that malloc does not use up, in pieces of the
// largest free block (esp_psram_extram_reserve_dma_pool). The main task calls
// it after EnableNonOSStackHeaps on a chip with external memory.
func (h *Heap) ReserveInternalPool(size uint32) error {
	caps := [3]Cap{0, CapDMA | CapInternal, Cap8Bit | Cap32Bit}
	if h.rules.poolIsDefault {
		caps[2] |= CapDefault
	}
	pool := h.Intern(Tag{Task: "main", What: "internal pool"})
	for size > 0 {
		next := min(h.LargestFreeBlock(CapDMA|CapInternal), size)
		p := h.Malloc(pool, next, CapDMA|CapInternal)
		if p == 0 {
			return &RegionError{Code: "ESP_ERR_NO_MEM"}
		}
		if err := h.AddRegion(caps, p, p+Addr(next)-1); err != nil {
			return err
		}
		size -= next
	}
	return nil
}
