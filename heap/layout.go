package heap

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
