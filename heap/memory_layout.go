package heap

import (
	"fmt"
	"slices"
)

// Layout says which of a chip's memory is left for heaps: what the linker and
// the ROM took, and which options of sdkconfig add or reserve memory. Its zero
// value is a dual-core ESP32 without static data and without code in IRAM;
// DefaultLayout is an application's. On the chips beside the ESP32 code and
// static data lie one behind the other, and StaticEnd, RTCFastAsHeap,
// RTCDataEnd, RTCReserved, SPIRAM, SPIRAMStart and DataCache are all there is.
type Layout struct {
	// Chip is IDF_TARGET; the zero value is the ESP32.
	Chip Chip
	// SingleCore is ESP_SYSTEM_SINGLE_CORE_MODE (FREERTOS_UNICORE): the second
	// core's cache (32 KiB of IRAM at 0x40078000) and its ROM data (in D/IRAM)
	// become heap.
	SingleCore bool
	// StaticStart is the linker's _data_start. 0 means 0x3FFB0000, or
	// 0x3FFBDB5C with BT.
	StaticStart Addr
	// StaticEnd is the linker's _heap_start: where .data and .bss end. It lies
	// between StaticStart and 0x3FFE0000; the linker places at most 0x2C200
	// bytes there. On other chips it is where the first region of the boot log
	// starts.
	StaticEnd Addr
	// IRAMEnd is the linker's _iram_end: where code in IRAM, which starts at
	// 0x40080000, ends; 0 means no code. At most 0x400A0000, or 0x400AA000 with
	// ESP_SYSTEM_ESP32_SRAM1_REGION_AS_IRAM (not in v4.4), where code that goes
	// beyond 0x400A0000 takes the top of D/IRAM.
	IRAMEnd Addr
	// RTCFastAsHeap is ESP_SYSTEM_ALLOW_RTC_FAST_MEM_AS_HEAP: 8 KiB more from
	// 0x3FF80000. ESP-IDF offers it in single-core mode only.
	RTCFastAsHeap bool
	// RTCDataEnd is where static data in RTC fast memory ends; 0 means none.
	RTCDataEnd Addr
	// RTCReserved is how many bytes at the end of RTC memory ESP-IDF keeps for
	// the RTC timer and the bootloader; 0 means the default: 24 from v5.0.4 and
	// v5.1.1 on, none before. On the ESP32 they are in other memory.
	RTCReserved uint32
	// IRAMAs8Bit is ESP32_IRAM_AS_8BIT_ACCESSIBLE_MEMORY: IRAM offers
	// CapIRAM8Bit. ESP-IDF offers it in single-core mode only.
	IRAMAs8Bit bool
	// BT is BT_ENABLED: the controller's ROM and shared memory are reserved.
	BT bool
	// BTSCOConnections is BTDM_CTRL_BR_EDR_MAX_SYNC_CONN_EFF, 0 to 3; each
	// reserves 0x870 bytes more.
	BTSCOConnections int
	// TraceBanks is ESP32_MEMMAP_TRACEMEM: 0, 1 or (TWOBANKS) 2 banks of 16 KiB
	// below 0x40000000 are reserved.
	TraceBanks int
	// SPIRAM is CONFIG_SPIRAM: external memory is known to the region table but
	// wholly reserved, until AddSPIRAM adds it.
	SPIRAM bool
	// SPIRAMStart is where AddSPIRAM adds external memory; 0 means the lowest
	// address. Beside the ESP32 it lies behind what is mapped of the flash, at a
	// multiple of 64 KiB.
	SPIRAMStart Addr
	// DataCache is the ESP32-S3's data cache in KiB, 16, 32 or 64; 0 means 32,
	// the default. What it leaves of 64 KiB is heap.
	DataCache int
}

// DefaultLayout is a dual-core application of the size of a Wi-Fi example, with
// the boot lines of a published log ("At 3FFB7B00 len 00028500 (161 KiB): DRAM").
func DefaultLayout() Layout {
	return Layout{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400971DC}
}

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

// availableRegions cuts the reserved ranges out of the region table
// (memory_layout_utils.c, soc_get_available_memory_regions): a hole splits a
// region, and what is left of 16 bytes or less is dropped.
func (l *Layout) availableRegions(rules *rules) ([]memoryRegion, error) {
	reserved, err := l.reservedRegions(rules)
	if err != nil {
		return nil, err
	}
	var out []memoryRegion
	for _, in := range memoryRegions(l, rules) {
		start, end := in.start, in.start+in.size
		keep := func(from, to uint32) {
			if from < to && to-from > 16 {
				out = append(out, memoryRegion{from, to - from, in.typ, in.startupStack})
			}
		}
		for _, r := range reserved {
			if r.end <= start || r.start >= end {
				continue
			}
			keep(start, r.start)
			start = r.end
		}
		keep(start, end)
	}
	return out, nil
}

// mergeRegions joins neighbours of one type and startup flag
// (heap_caps_init.c). A dropped remainder between two pieces keeps them apart.
func mergeRegions(in []memoryRegion) []memoryRegion {
	var out []memoryRegion
	for _, r := range in {
		if n := len(out); n > 0 {
			if a := &out[n-1]; a.start+a.size == r.start && a.typ == r.typ && a.startupStack == r.startupStack {
				a.size += r.size
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// A Reserved is memory of the chip that no heap gets: what the ROM, the caches,
// static data, code in IRAM and the Bluetooth controller occupy.
type Reserved struct {
	Name       string // as ESP-IDF names it: "rom_data", "dram_data", "iram_code", ...
	Start, End Addr   // End is the first address after it
}

// Reserved lists the reserved ranges in address order
// (SOC_RESERVE_MEMORY_REGION in port/esp32/memory_layout.c and components/bt).
// The error is for a layout that cannot be. What depends on the version is
// master's.
func (l Layout) Reserved() ([]Reserved, error) { return l.reserved(newestRules()) }

// Reserved is Layout.Reserved of the heap's layout in its version.
func (h *Heap) Reserved() ([]Reserved, error) { return h.cfg.Layout.reserved(&h.rules) }

func (l *Layout) reserved(r *rules) ([]Reserved, error) {
	all, err := l.reservedRegions(r)
	if err != nil {
		return nil, err
	}
	out := make([]Reserved, len(all))
	for i, r := range all {
		out[i] = Reserved{r.name, Addr(r.start), Addr(r.end)}
	}
	return out, nil
}

// A Memory is one memory of the chip, with all that is reserved in it.
type Memory struct {
	Name       string // ESP-IDF's name of its type: "DRAM", "D/IRAM", "IRAM", "SPIRAM", "RTCRAM"
	Start, End Addr   // End is the first address after it
}

// Memories lists the memories that the region table has for this layout, in its
// order, neighbours of one type joined (soc_memory_regions). What depends on the
// version is master's.
func (l Layout) Memories() []Memory { return l.memories(newestRules()) }

// Memories is Layout.Memories of the heap's layout in its version.
func (h *Heap) Memories() []Memory { return h.cfg.Layout.memories(&h.rules) }

func (l *Layout) memories(rules *rules) []Memory {
	var out []Memory
	types := memoryTypes(l, rules)
	for _, r := range memoryRegions(l, rules) {
		name, start, end := types[r.typ].name, Addr(r.start), Addr(r.start+r.size)
		if n := len(out); n > 0 && out[n-1].Name == name && out[n-1].End == start {
			out[n-1].End = end
			continue
		}
		out = append(out, Memory{name, start, end})
	}
	return out
}
