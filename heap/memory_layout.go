package heap

import (
	"fmt"
	"slices"
)

// memoryType is a row of soc_memory_types.
type memoryType struct {
	name string
	caps [3]Cap
}

// memoryRegion is a row of soc_memory_regions. typ is -1 once it was merged.
type memoryRegion struct {
	start, size  uint32
	typ          int
	startupStack bool // not to be used before the scheduler runs: the ROM's stacks are there
}

// reservedRegion is a SOC_RESERVE_MEMORY_REGION.
type reservedRegion struct {
	start, end uint32
	name       string
}

const (
	typeDRAM = iota
	typeDIRAM
	typeIRAM
	typeSPIRAM
	typeRTCRAM
)

// Addresses of the ESP32 (soc/esp32/include/soc/soc.h, port/esp32/memory_layout.c).
const (
	dramLow, dramHigh           = 0x3FFAE000, 0x3FFE0000
	staticLow                   = 0x3FFB0000
	btReserved                  = 0xDB5C  // BTDM_RESERVE_DRAM
	linkerStatic                = 0x2C200 // length of dram0_0_seg
	diramLow, diramHigh         = 0x3FFE0000, 0x40000000
	diramIRAMLow, diramIRAMHigh = 0x400A0000, 0x400C0000
	iramLow, iramHigh           = 0x40080000, 0x400A0000
	rtcLow, rtcHigh             = 0x3FF80000, 0x3FF82000
	spiramLow, spiramHigh       = 0x3F800000, 0x3FC00000
	sram1IRAMLen                = 0xA000   // what ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM adds to IRAM
	heapSizeMax                 = 0x400000 // SOC_MAX_CONTIGUOUS_RAM_SIZE
	btSCOBytes                  = 0x870
)

// spiramCaps are the tiers of external memory (esp_psram.c; spiram.c in v4.4).
var spiramCaps = [3]Cap{CapSPIRAM | CapDefault, 0, Cap8Bit | Cap32Bit}

// spans is the memory whose contents can be kept, that of most accesses first.
func (l *Layout) spans() [][2]uint32 {
	c := &chips[l.Chip]
	var t [][2]uint32
	if l.Chip == ESP32 {
		t = [][2]uint32{{rtcLow, diramIRAMLow}}
	} else {
		t = [][2]uint32{{c.low, c.high}, {c.rtcLow, c.rtcHigh}}
	}
	if l.Chip == ESP32S3 {
		t[0][1] = s3CacheHigh
	}
	switch {
	case l.SPIRAM:
		t = append(t, [2]uint32{c.spiramLow, c.spiramHigh})
	case l.DataCache == 16:
		t = append(t, [2]uint32{s3Cache16, s3Cache16 + 0x4000})
	}
	return t
}

// memoryTypes is soc_memory_types of port/esp32/memory_layout.c.
func memoryTypes(l *Layout, r *rules) []memoryType {
	if l.Chip != ESP32 {
		return chipTypes(l.Chip, r)
	}
	iram := CapInternal | CapExec | Cap32Bit
	if l.IRAMAs8Bit {
		iram |= CapIRAM8Bit
	}
	rtc := CapInternal | Cap32Bit
	if r.rtcExec {
		rtc |= CapExec
	}
	return []memoryType{
		typeDRAM:   {"DRAM", [3]Cap{Cap8Bit | CapDefault, CapInternal | CapDMA | Cap32Bit, 0}},
		typeDIRAM:  {"D/IRAM", [3]Cap{0, CapDMA | Cap8Bit | CapInternal | CapDefault, Cap32Bit | CapExec}},
		typeIRAM:   {"IRAM", [3]Cap{iram, 0, 0}},
		typeSPIRAM: {"SPIRAM", spiramCaps},
		typeRTCRAM: {"RTCRAM", [3]Cap{CapRTCRAM, Cap8Bit | CapDefault, rtc}},
	}
}

// memoryRegions is soc_memory_regions, in the order of the table: ascending,
// with RTC memory last.
func memoryRegions(l *Layout, r *rules) []memoryRegion {
	if l.Chip != ESP32 {
		return chipRegions(l, r)
	}
	var t []memoryRegion
	add := func(start, size uint32, typ int) {
		t = append(t, memoryRegion{start, size, typ, typ == typeDIRAM})
	}
	pages := func(start, end uint32, typ int) {
		for ; start < end; start += 0x2000 {
			add(start, 0x2000, typ)
		}
	}
	if l.SPIRAM {
		add(spiramLow, spiramHigh-spiramLow, typeSPIRAM)
	}
	add(0x3FFAE000, 0x2000, typeDRAM)
	add(0x3FFB0000, 0x8000, typeDRAM)
	add(0x3FFB8000, 0x8000, typeDRAM)
	pages(0x3FFC0000, dramHigh, typeDRAM)
	add(0x3FFE0000, 0x4000, typeDIRAM)
	add(0x3FFE4000, 0x4000, typeDIRAM)
	add(0x3FFE8000, 0x8000, typeDIRAM)
	add(0x3FFF0000, 0x8000, typeDIRAM)
	add(0x3FFF8000, 0x4000, typeDIRAM)
	add(0x3FFFC000, 0x4000, typeDIRAM)
	add(0x40070000, 0x8000, typeIRAM)
	add(0x40078000, 0x8000, typeIRAM)
	pages(iramLow, iramHigh, typeIRAM)
	if l.RTCFastAsHeap {
		add(rtcLow, rtcHigh-rtcLow, typeRTCRAM)
	}
	return t
}

// reservedRegions collects the SOC_RESERVE_MEMORY_REGIONs of
// port/esp32/memory_layout.c and, with Bluetooth, of components/bt, widened to
// words and sorted; overlapping ones are an error, where ESP-IDF aborts.
func (l *Layout) reservedRegions(rules *rules) ([]reservedRegion, error) {
	switch {
	case int(l.Chip) >= len(chips):
		return nil, fmt.Errorf("heap: Layout.Chip: %v is not known", l.Chip)
	case l.Chip != ESP32:
		return l.chipReserved(rules)
	case l.RTCReserved != 0 || l.DataCache != 0 || l.SPIRAMStart != 0:
		return nil, fmt.Errorf("heap: Layout of an %v: RTCReserved, DataCache and SPIRAMStart are other chips', want them unset", l.Chip)
	}
	var t []reservedRegion
	add := func(start, end uint32, name string) { t = append(t, reservedRegion{start, end, name}) }
	add(0x40070000, 0x40078000, "cpu0_cache")
	if !l.SingleCore {
		add(0x40078000, 0x40080000, "cpu1_cache")
		add(0x3FFE3F20, 0x3FFE4350, "rom_app_data")
	}
	add(0x3FFE0000, 0x3FFE0440, "rom_pro_data")
	add(0x3FFAE000, 0x3FFAE6E0, "rom_data")
	switch l.TraceBanks {
	case 0:
	case 1:
		add(0x3FFFC000, diramHigh, "trace_mem")
	case 2:
		add(0x3FFF8000, diramHigh, "trace_mem")
	default:
		return nil, fmt.Errorf("heap: Layout.TraceBanks is %d: want 0, 1 or 2", l.TraceBanks)
	}
	if l.SPIRAM {
		add(spiramLow, spiramHigh, "spi_ram")
	}
	staticStart := uint32(l.StaticStart)
	if staticStart == 0 {
		staticStart = staticLow
		if l.BT {
			staticStart += btReserved
		}
	}
	staticEnd := uint32(l.StaticEnd)
	if staticEnd == 0 {
		staticEnd = staticStart
	}
	if staticStart < staticLow || staticEnd < staticStart || staticEnd > dramHigh {
		return nil, fmt.Errorf("heap: Layout: static data from %v to %v: want it in order between %v and %v",
			Addr(staticStart), Addr(staticEnd), Addr(staticLow), Addr(dramHigh))
	}
	if staticEnd > staticStart {
		add(staticStart, staticEnd, "dram_data")
	}
	if l.IRAMEnd != 0 {
		if l.IRAMEnd < iramLow || l.IRAMEnd > iramHigh+sram1IRAMLen {
			return nil, fmt.Errorf("heap: Layout.IRAMEnd is %v: want %v to %v, or 0 for no code", l.IRAMEnd, Addr(iramLow), Addr(iramHigh+sram1IRAMLen))
		}
		if l.IRAMEnd > iramLow {
			add(iramLow, uint32(l.IRAMEnd), "iram_code")
		}
		if l.IRAMEnd > iramHigh {
			// The instruction bus sees D/IRAM upside down.
			add(diramHigh-(uint32(l.IRAMEnd)-iramHigh), diramHigh, "sram1_iram")
		}
	}
	if l.RTCDataEnd != 0 && (l.RTCDataEnd < rtcLow || l.RTCDataEnd > rtcHigh) {
		return nil, fmt.Errorf("heap: Layout.RTCDataEnd is %v: want %v to %v, or 0 for no data", l.RTCDataEnd, Addr(rtcLow), Addr(rtcHigh))
	}
	if l.RTCFastAsHeap && l.RTCDataEnd > rtcLow {
		add(rtcLow, uint32(l.RTCDataEnd), "rtcram_data")
	}
	if l.BTSCOConnections < 0 || l.BTSCOConnections > 3 {
		return nil, fmt.Errorf("heap: Layout.BTSCOConnections is %d: want 0 to 3", l.BTSCOConnections)
	}
	if l.BT {
		add(0x3FFAE6E0, 0x3FFAFF10, "rom_bt_data")
		add(0x3FFB0000, 0x3FFB6388+btSCOBytes*uint32(l.BTSCOConnections), "rom_bt_em")
		add(0x3FFB8000, 0x3FFB9A20, "rom_bt_bss")
		add(0x3FFBDB28, 0x3FFBDB5C, "rom_bt_misc")
	}

	for i := range t {
		t[i].start &^= 3
		t[i].end = (t[i].end + 3) &^ 3
	}
	slices.SortFunc(t, func(a, b reservedRegion) int { return int(int64(a.start) - int64(b.start)) })
	for i := 1; i < len(t); i++ {
		if a, b := t[i-1], t[i]; a.start == b.start || a.end > b.start {
			return nil, fmt.Errorf("heap: Layout: reserved region %s (%v to %v) overlaps %s (%v to %v)",
				a.name, Addr(a.start), Addr(a.end), b.name, Addr(b.start), Addr(b.end))
		}
	}
	return t, nil
}
