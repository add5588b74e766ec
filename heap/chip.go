package heap

import (
	"fmt"
	"slices"
)

// Chip is a member of the ESP32 family, by its IDF_TARGET. The heap code is the
// same on all; what differs is the memory.
type Chip uint8

// The chips whose memory is known. The ESP32's was recorded from the real
// allocator; the others' is read from the sources and compared with published
// boot logs.
const (
	ESP32   Chip = iota // Xtensa, one or two cores, 520 KiB of SRAM in several kinds
	ESP32S2             // Xtensa, one core, 320 KiB of SRAM
	ESP32S3             // Xtensa, two cores, 512 KiB of SRAM
	ESP32C3             // RISC-V, one core, 400 KiB of SRAM
	ESP32C6             // RISC-V, one core, 512 KiB of SRAM
)

// String returns the chip's IDF_TARGET: "esp32", "esp32s3".
func (c Chip) String() string {
	if int(c) < len(chips) {
		return chips[c].name
	}
	return fmt.Sprintf("Chip(%d)", uint8(c))
}

// ParseChip reads an IDF_TARGET such as "esp32c3".
func ParseChip(s string) (Chip, error) {
	var names []string
	for i := range chips {
		if chips[i].name == s {
			return Chip(i), nil
		}
		names = append(names, chips[i].name)
	}
	return 0, fmt.Errorf("heap: chip %q is not known; known are %v", s, names)
}

// Cores returns how many cores the chip has.
func (c Chip) Cores() int {
	if c == ESP32 || c == ESP32S3 {
		return 2
	}
	return 1
}

// StaticRange is where the linker places static data: on the ESP32 between
// these addresses, on the others code in RAM and then the data, from the first on
// (memory.ld.in; the ESP32-S2's begins behind its caches, 8 KiB here).
func (c Chip) StaticRange() (start, end Addr) {
	if c == ESP32 {
		return staticLow, staticLow + linkerStatic
	}
	return Addr(chips[c].low), Addr(chips[c].linkerHigh)
}

// ExternalMemory returns how many bytes of external memory the chip can map
// (SOC_EXTRAM_DATA_SIZE), 0 if it can have none.
func (c Chip) ExternalMemory() uint32 { return chips[c].spiramHigh - chips[c].spiramLow }

// DefaultLayout is what a small application leaves on the chip, with the boot
// lines of a published log: the ESP32's is DefaultLayout.
func (c Chip) DefaultLayout() Layout {
	switch c {
	case ESP32S2:
		return Layout{Chip: c, StaticEnd: 0x3FFD7B10, RTCFastAsHeap: true, RTCDataEnd: 0x3FF9E030}
	case ESP32S3:
		return Layout{Chip: c, StaticEnd: 0x3FC97FB8, RTCFastAsHeap: true, RTCDataEnd: 0x600FE100}
	case ESP32C3:
		return Layout{Chip: c, StaticEnd: 0x3FC8FFC0, RTCFastAsHeap: true, RTCDataEnd: 0x50000200}
	case ESP32C6:
		return Layout{Chip: c, StaticEnd: 0x4080D8E0, RTCFastAsHeap: true}
	}
	return DefaultLayout()
}

// chip is the memory of a chip beside the ESP32, where one memory holds code,
// static data and heap, and the ROM's startup stack and data lie at its top
// (soc.h and port/<chip>/memory_layout.c; for ROM data the ROM's layout table,
// whose values stand in the bootloader's linker script).
type chip struct {
	name       string
	low, high  uint32 // the memory (SOC_DIRAM_DRAM_LOW, _HIGH)
	linkerHigh uint32 // where the linker's segment ends: static data may end here
	appEnd     uint32 // from here on the ROM's startup stack (SOC_ROM_STACK_START - _SIZE)
	romData    uint32 // from here on the ROM's data (_dram0_rtos_reserved_start)
	rtcLow     uint32
	rtcHigh    uint32
	spiramLow  uint32 // external memory, 0 if there is none (SOC_EXTRAM_DATA_LOW, _HIGH)
	spiramHigh uint32
	sizeMax    uint32 // SOC_MAX_CONTIGUOUS_RAM_SIZE
	cacheLine  uint32 // alignment of external memory for DMA (esp_cache_get_alignment)
	simdAlign  uint32 // SOC_SIMD_PREFERRED_DATA_ALIGNMENT, 0 without SIMD
}

var chips = [...]chip{
	// What the ESP32 has beyond these figures is in memory_layout.go.
	ESP32: {name: "esp32", low: dramLow, high: diramHigh, rtcLow: rtcLow, rtcHigh: rtcHigh,
		spiramLow: spiramLow, spiramHigh: spiramHigh, sizeMax: heapSizeMax, cacheLine: 4},
	ESP32S2: {name: "esp32s2", low: 0x3FFB2000, high: 0x40000000, linkerHigh: 0x3FFDE000, appEnd: 0x3FFFC000, romData: 0x3FFFFA10,
		rtcLow: 0x3FF9E000, rtcHigh: 0x3FFA0000, spiramLow: 0x3F500000, spiramHigh: 0x3FF80000, sizeMax: 0xA80000, cacheLine: 32},
	ESP32S3: {name: "esp32s3", low: 0x3FC88000, high: 0x3FCF0000, linkerHigh: 0x3FCDB700, appEnd: 0x3FCE9710, romData: 0x3FCEEE34,
		rtcLow: 0x600FE000, rtcHigh: 0x60100000, spiramLow: 0x3C000000, spiramHigh: 0x3E000000, sizeMax: 0x2000000, cacheLine: 32, simdAlign: 16},
	ESP32C3: {name: "esp32c3", low: 0x3FC80000, high: 0x3FCE0000, linkerHigh: 0x3FCCE710, appEnd: 0x3FCDC710, romData: 0x3FCDF060,
		rtcLow: 0x50000000, rtcHigh: 0x50002000, sizeMax: 0x64000},
	ESP32C6: {name: "esp32c6", low: 0x40800000, high: 0x40880000, linkerHigh: 0x4086E610, appEnd: 0x4087C610, romData: 0x4087F564,
		rtcLow: 0x50000000, rtcHigh: 0x50004000, sizeMax: 0x80000},
}

// s3Cache is the memory that the ESP32-S3's data cache leaves (levels 9 and 10).
const (
	s3CacheLow, s3CacheHigh = 0x3FCF0000, 0x3FCF8000
	s3Cache16               = 0x3C000000 // another 16 KiB with a data cache of 16 KiB
)

const (
	typeRAM = iota
	typeRAMHigh
	typeRAMStack
	typeCacheRAM
	typeChipRTCRAM
)

// chipTypes is soc_memory_types of the chips beside the ESP32, with memory
// protection on, ESP-IDF's default: what can be written cannot be executed, so
// that no memory offers EXEC, but on the ESP32-C6 of v5.1, which has none.
func chipTypes(c Chip, r *rules) []memoryType {
	common := CapDefault | Cap32Bit | Cap8Bit
	if !r.oneRAM {
		return oldChipTypes(c, r)
	}
	ram, high := common|CapInternal|CapDMA, Cap(0)
	t := []memoryType{
		typeRAM:        {"RAM", [3]Cap{ram, 0, 0}},
		typeRAMHigh:    {"RAM", [3]Cap{ram, 0, 0}},
		typeCacheRAM:   {"DRAM", [3]Cap{0, common | CapInternal | CapDMA, 0}},
		typeChipRTCRAM: {"RTCRAM", [3]Cap{CapRTCRAM, 0, common | CapInternal}},
	}
	switch c {
	case ESP32S3:
		high = CapRetention
		if r.spiramSIMD {
			high |= CapSIMD
			t[typeCacheRAM].caps[1] |= CapSIMD
		}
		t[typeRAM].caps[0] |= high
		t[typeRAMHigh] = t[typeRAM]
	case ESP32C3:
		t[typeRAMHigh] = memoryType{"Retention RAM", [3]Cap{CapRetention, ram, 0}}
	case ESP32C6:
		t[typeChipRTCRAM].caps = [3]Cap{CapRTCRAM, common | CapInternal, 0}
	}
	t[typeRAMStack] = t[typeRAMHigh]
	return t
}

// oldChipTypes is that of v5.1 and before, where memory that only data may use
// is DRAM and its stack at the top a type of its own.
func oldChipTypes(c Chip, r *rules) []memoryType {
	dram := [3]Cap{Cap8Bit | CapDefault, CapInternal | CapDMA | Cap32Bit, 0}
	retention := dram
	retention[2] = CapRetention
	t := []memoryType{
		typeRAM:        {"DRAM", dram},
		typeRAMHigh:    {"DRAM", dram},
		typeRAMStack:   {"STACK/DRAM", dram},
		typeCacheRAM:   {"DRAM", dram},
		typeChipRTCRAM: {"RTCRAM", [3]Cap{CapRTCRAM, Cap8Bit | CapDefault, CapInternal | Cap32Bit}},
	}
	switch c {
	case ESP32S2:
		t[typeRAMStack].name = "DRAM"
	case ESP32S3:
		t[typeRAMStack].caps[0] |= CapRetention
	case ESP32C3:
		t[typeRAMStack].caps = retention
		if r.c3Retention {
			t[typeRAMHigh] = memoryType{"DRAM/RETENTION", retention}
			t[typeRAMStack].name = "DRAM/RETENTION/STACK"
		}
	case ESP32C6:
		diram := memoryType{"D/IRAM", [3]Cap{0, CapDMA | Cap8Bit | CapInternal | CapDefault, Cap32Bit | CapExec}}
		t[typeRAM], t[typeRAMHigh] = diram, diram
		t[typeRAMStack] = memoryType{"STACK/DIRAM", [3]Cap{Cap8Bit | CapDefault | CapRetention, CapExec | CapInternal | CapDMA | Cap32Bit, 0}}
	}
	return t
}

// chipRegions is soc_memory_regions of the chips beside the ESP32. Pieces that
// ESP-IDF lists one by one and always merges again are one here.
func chipRegions(l *Layout, r *rules) []memoryRegion {
	c := &chips[l.Chip]
	var t []memoryRegion
	add := func(start, end uint32, typ int) {
		t = append(t, memoryRegion{start, end - start, typ, typ == typeRAMStack})
	}
	if l.Chip == ESP32C3 && r.c3Retention {
		add(c.low, 0x3FCC0000, typeRAM)
		add(0x3FCC0000, c.appEnd, typeRAMHigh)
	} else {
		add(c.low, c.appEnd, typeRAM)
	}
	add(c.appEnd, c.high, typeRAMStack)
	if l.Chip == ESP32S3 && l.DataCache != 64 {
		add(s3CacheLow, s3CacheHigh, typeCacheRAM)
		if l.DataCache == 16 {
			add(s3Cache16, s3Cache16+0x4000, typeCacheRAM)
		}
	}
	if l.RTCFastAsHeap {
		add(c.rtcLow, c.rtcHigh, typeChipRTCRAM)
	}
	return t
}

// chipReserved collects the reserved regions of the chips beside the ESP32.
// ESP-IDF reserves code and static data apart; the linker places one behind the
// other, so that they are one range.
func (l *Layout) chipReserved(r *rules) ([]reservedRegion, error) {
	c := &chips[l.Chip]
	if l.Chip == ESP32C6 && !r.chipC6 {
		return nil, fmt.Errorf("heap: Layout.Chip is %v: ESP-IDF has it since v5.1", l.Chip)
	}
	if l.IRAMEnd != 0 || l.StaticStart != 0 || l.IRAMAs8Bit || l.BT || l.BTSCOConnections != 0 || l.TraceBanks != 0 {
		return nil, fmt.Errorf("heap: Layout of an %v: IRAMEnd, StaticStart, IRAMAs8Bit, BT, BTSCOConnections and TraceBanks are the ESP32's, want them unset: StaticEnd is where code and static data end", l.Chip)
	}
	if l.SPIRAM && c.spiramLow == 0 {
		return nil, fmt.Errorf("heap: Layout.SPIRAM: an %v has no external memory", l.Chip)
	}
	switch {
	case l.DataCache == 0:
	case l.Chip != ESP32S3:
		return nil, fmt.Errorf("heap: Layout.DataCache is the ESP32-S3's, want it unset for an %v", l.Chip)
	case l.DataCache != 16 && l.DataCache != 32 && l.DataCache != 64:
		return nil, fmt.Errorf("heap: Layout.DataCache is %d KiB: want 16, 32 or 64", l.DataCache)
	}
	staticEnd := max(uint32(l.StaticEnd), c.low)
	if uint32(l.StaticEnd) != 0 && uint32(l.StaticEnd) < c.low || staticEnd > c.linkerHigh {
		return nil, fmt.Errorf("heap: Layout.StaticEnd is %v: want %v to %v on an %v, or 0 for no code and data", l.StaticEnd, Addr(c.low), Addr(c.linkerHigh), l.Chip)
	}
	var t []reservedRegion
	add := func(start, end uint32, name string) {
		if start < end {
			t = append(t, reservedRegion{start &^ 3, (end + 3) &^ 3, name})
		}
	}
	add(c.low, staticEnd, "dram_data")
	add(c.romData, c.high, "rom_data")
	if l.SPIRAM {
		add(c.spiramLow, c.spiramHigh, "extram_data_region")
	}
	if l.RTCFastAsHeap {
		end := uint32(l.RTCReserved)
		if end == 0 && r.rtcReserve {
			end = 24 // RTC_TIMER_RESERVE_RTC of ld.common
		}
		if end > c.rtcHigh-c.rtcLow || l.RTCDataEnd != 0 && (uint32(l.RTCDataEnd) < c.rtcLow || uint32(l.RTCDataEnd) > c.rtcHigh-end) {
			return nil, fmt.Errorf("heap: Layout: RTC data to %v and %d bytes reserved: want both inside %v to %v", l.RTCDataEnd, end, Addr(c.rtcLow), Addr(c.rtcHigh))
		}
		add(c.rtcLow, uint32(l.RTCDataEnd), "rtcram_data")
		add(c.rtcHigh-end, c.rtcHigh, "rtc_reserved_data")
	}
	slices.SortFunc(t, func(a, b reservedRegion) int { return int(int64(a.start) - int64(b.start)) })
	return t, nil
}
