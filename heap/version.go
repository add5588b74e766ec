package heap

import (
	"fmt"
	"strconv"
	"strings"
)

// Version names a set of heap rules. ESP-IDF changed what malloc keeps of a
// rounded request, the order in which heaps are searched and several
// capability rules between releases, so a heap always belongs to a version.
type Version uint8

// The versions whose behaviour was recorded from the real allocator.
const (
	// V4_4 is ESP-IDF v4.4.8. Releases v4.4.4 to v4.4.8 allocate alike.
	V4_4 Version = iota + 1
	// V5_3_1 is ESP-IDF v5.3.1 with the tlsf commit it pins (8fc595fe).
	// Releases v5.3 to v5.3.2 allocate alike.
	V5_3_1
	// Master is ESP-IDF at commit 102122904ade (July 2026).
	Master
)

// String returns the name the recordings use: "v4.4.8", "v5.3.1" or "master".
func (v Version) String() string {
	switch v {
	case V4_4:
		return "v4.4.8"
	case V5_3_1:
		return "v5.3.1"
	case Master:
		return "master"
	}
	return "Version(" + strconv.Itoa(int(v)) + ")"
}

// ParseVersion reads an ESP-IDF version such as "v5.3.1", "5.3.1", "v4.4.8",
// "4.4" or "master". Releases that are known to allocate like a recorded one
// are accepted for it (see the constants); every other release is an error that
// says why, because its rules were not recorded.
func ParseVersion(s string) (Version, error) {
	name := strings.TrimPrefix(strings.TrimSpace(s), "v")
	switch name {
	case "master", "latest":
		return Master, nil
	case "4.4", "4.4.4", "4.4.5", "4.4.6", "4.4.7", "4.4.8":
		return V4_4, nil
	case "5.3", "5.3.0", "5.3.1", "5.3.2":
		return V5_3_1, nil
	case "4.4.0", "4.4.1", "4.4.2", "4.4.3":
		return 0, fmt.Errorf("heap: ESP-IDF version %q: v4.4.0 to v4.4.3 fix the TLSF control structure at build time, an allocator that was not recorded; known are v4.4.4 to v4.4.8, v5.3 to v5.3.2 and master", s)
	}
	return 0, fmt.Errorf("heap: ESP-IDF version %q is not known; known are v4.4.4 to v4.4.8, v5.3 to v5.3.2 and master", s)
}

// rules is everything in which the versions differ. One row a version; the rest
// of the package never asks for a version by name.
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
	// asserts are the source lines that the messages of failed checks name.
	asserts asserts
}

// rulesOf is the table of versions.
func rulesOf(v Version) (rules, error) {
	switch v {
	case V4_4:
		return rules{
			sameStartOverlaps: true,
			alignedIsOwnPath:  true,
			spiramShort:       true,
			asserts: asserts{
				capsFile: "heap_caps.c", capsFree: 381, capsRealloc: 424, capsReallocAlias: 415,
				alignedFunc: "multi_heap_aligned_alloc", alignedFill: 211, mallocFill: 241,
				free: 259, realloc: 295, size: 363, validBlock: 94,
				tlsfFile: "heap_tlsf.c", tlsfFree: 965, tlsfRealloc: 1016,
			},
		}, nil
	case V5_3_1:
		return rules{
			fitsSmall:         true,
			alignsForHardware: true,
			alignCaps:         CapDMA | CapDMADescAHB | CapDMADescAXI | CapCacheAligned,
			rtcExec:           true,
			monitorsMinimum:   true,
			asserts: asserts{
				capsFile: "heap_caps_base.c", capsFree: 69, capsRealloc: 219, capsReallocAlias: 210,
				alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 231, mallocFill: 261,
				free: 279, realloc: 315, size: 382, validBlock: 118,
				tlsfFile: "tlsf.c", tlsfFree: 1201, tlsfRealloc: 1252,
			},
		}, nil
	case Master:
		return rules{
			keepsClassSize:    true,
			fitsSmall:         true,
			searchBySize:      true,
			lateMinimumZero:   true,
			alignsForHardware: true,
			alignCaps:         CapDMA | CapDMADescAHB | CapDMADescAXI | CapCacheAligned | CapSIMD,
			rtcExec:           true,
			rtcExecAlias:      true,
			spiramSIMD:        true,
			poolIsDefault:     true,
			monitorsMinimum:   true,
			asserts: asserts{
				capsFile: "heap_caps_base.c", capsFree: 116, capsRealloc: 319, capsReallocAlias: 303,
				alignedFunc: "multi_heap_aligned_alloc_offs", alignedFill: 229, mallocFill: 259,
				free: 277, realloc: 313, size: 388, validBlock: 119,
				tlsfFile: "tlsf.c", tlsfFree: 629, tlsfRealloc: 680,
			},
		}, nil
	}
	return rules{}, fmt.Errorf("heap: %v: want V4_4, V5_3_1 or Master", v)
}
