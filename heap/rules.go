package heap

import "fmt"

// rules is everything in which the versions differ; the rest of the package never
// asks for a version by name.
type rules struct {
	// keepsClassSize: malloc keeps the request rounded up to its size class,
	// not only for the search (tlsf.c, tlsf_malloc; since tlsf ba64d198).
	keepsClassSize bool
	// fitsSmall: the reported largest block below the small-block threshold is
	// the block itself; without it the rounding-down formula is applied there
	// too and may give 0 (tlsf.c, tlsf_fit_size; heap_tlsf.c in v4.4).
	fitsSmall bool
	// searchBySize: heaps are searched in ascending size, not in the order of
	// the region table (heap_caps_init.c, sorted_add_to_registered_heaps).
	searchBySize bool
	// lateMinimumZero: a region added after startup counts with a minimum of 0
	// (heap_caps_init.c, heap_caps_add_region_with_caps).
	lateMinimumZero bool
	// sameStartOverlaps: a region that starts where a heap starts is refused
	// even if it ends inside it (heap_caps_init.c of v4.4).
	sameStartOverlaps bool
	// alignsForHardware: the capabilities of alignCaps round the size up to the
	// alignment and are translated (heap_align_hw.c); v4.4 has no such step.
	alignsForHardware bool
	// alignCaps are the capabilities that start that step.
	alignCaps Cap
	// alignedIsOwnPath: heap_caps_aligned_alloc is a loop of its own that uses
	// multi_heap's aligned call for every power of two and knows no rule of
	// EXEC and 32BIT (heap_caps.c of v4.4).
	alignedIsOwnPath bool
	// rtcExec: RTC fast memory offers EXEC (memory_layout.c).
	rtcExec bool
	// rtcExecAlias: an EXEC request from RTC fast memory gets an instruction-bus
	// alias. On the ESP32 the address is computed with the D/IRAM formula and
	// is not mapped, so that the store into it faults (heap_caps_base.c,
	// dram_alloc_to_iram_addr; since v5.3.3). Read from source, not recorded.
	rtcExecAlias bool
	// spiramSIMD: the PSRAM heap offers SIMD (esp_psram.c).
	spiramSIMD bool
	// spiramShort: the PSRAM heap ends one byte early (spiram.c of v4.4).
	spiramShort bool
	// poolIsDefault: the internal pool reserved beside PSRAM serves DEFAULT
	// (esp_psram.c, esp_psram_extram_reserve_dma_pool).
	poolIsDefault bool
	// monitorsMinimum: heap_caps_monitor_local_minimum_free_size_start exists
	// (heap_caps.c, since v5.3).
	monitorsMinimum bool
	// sram1AsIRAM: ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM exists, code may go
	// beyond 0x400A0000 (port/esp32/memory_layout.c).
	sram1AsIRAM bool
	// oneRAM: the chips beside the ESP32 have one type "RAM" for code and data
	// (port/<chip>/memory_layout.c).
	oneRAM bool
	// c3Retention: the ESP32-C3's upper memory is a type of its own.
	c3Retention bool
	// chipC6: the ESP32-C6 is supported.
	chipC6 bool
	// rtcReserve: the end of RTC memory is reserved (rtc_reserved_data).
	rtcReserve bool
	// asserts are the source lines that the messages of failed checks name.
	asserts asserts
}

// rulesOf is the table of versions: for each rule, the releases it came with.
func rulesOf(v Version) (rules, error) {
	if !v.isReleased() {
		return rules{}, fmt.Errorf("heap: %v: want a version of ParseVersion; %s", v, knownReleases)
	}
	r := rules{
		keepsClassSize:    v.since(release(5, 4, 0)),
		fitsSmall:         v.since(release(5, 3, 0)),
		searchBySize:      v.since(release(5, 5, 0)),
		lateMinimumZero:   v.since(release(5, 5, 5), release(6, 1, 0)),
		sameStartOverlaps: !v.since(release(5, 0, 0)),
		alignsForHardware: v.since(release(5, 3, 0)),
		alignCaps:         CapDMA | CapDMADescAHB | CapDMADescAXI | CapCacheAligned,
		alignedIsOwnPath:  !v.since(release(5, 3, 0)),
		rtcExec:           v.since(release(5, 2, 0)),
		rtcExecAlias:      v.since(release(5, 2, 4), release(5, 3, 3), release(5, 4, 1)),
		spiramSIMD:        v.since(release(5, 3, 3), release(5, 4, 1)),
		spiramShort:       !v.since(release(5, 0, 0)),
		poolIsDefault:     v.since(release(5, 5, 5), Master),
		monitorsMinimum:   v.since(release(5, 3, 0)),
		sram1AsIRAM:       v.since(release(5, 1, 0)),
		oneRAM:            v.since(release(5, 2, 0)),
		c3Retention:       v.since(release(5, 1, 2)),
		chipC6:            v.since(release(5, 1, 0)),
		rtcReserve:        v.since(release(5, 0, 4), release(5, 1, 1)),
		asserts:           assertsOf(v),
	}
	if v.since(release(5, 3, 3), release(5, 4, 1)) {
		r.alignCaps |= CapSIMD
	}
	return r, nil
}

// newestRules are those of master.
func newestRules() *rules {
	r, _ := rulesOf(Master)
	return &r
}
