package sdkconfig

// SPIRAMUse is how PSRAM is made available (CONFIG_SPIRAM_USE).
type SPIRAMUse int

// The uses of PSRAM.
const (
	SPIRAMUseMemmap    SPIRAMUse = 0 // mapped, nothing more
	SPIRAMUseCapsAlloc SPIRAMUse = 1 // heap_caps_malloc with MALLOC_CAP_SPIRAM
	SPIRAMUseMalloc    SPIRAMUse = 2 // malloc too
)

// SPIRAM is the configuration of external RAM.
type SPIRAM struct {
	// Enabled is CONFIG_SPIRAM: the device has PSRAM. Default n.
	Enabled bool `option:"SPIRAM"`
	// Use is CONFIG_SPIRAM_USE. Default SPIRAMUseMalloc.
	Use SPIRAMUse `choice:"SPIRAM_USE"`
	// BootInit is CONFIG_SPIRAM_BOOT_INIT: PSRAM is set up at start. Default y.
	BootInit bool `option:"SPIRAM_BOOT_INIT"`
	// IgnoreNotFound is CONFIG_SPIRAM_IGNORE_NOTFOUND: a device without PSRAM starts all the same. Default n.
	IgnoreNotFound bool `option:"SPIRAM_IGNORE_NOTFOUND"`
	// MallocAlwaysInternal is CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL: malloc of up to so many bytes takes internal memory. 0 to
	// 131072, default 16384.
	MallocAlwaysInternal int `option:"SPIRAM_MALLOC_ALWAYSINTERNAL"`
	// MallocReserveInternal is CONFIG_SPIRAM_MALLOC_RESERVE_INTERNAL: bytes of internal memory kept for DMA. 0 to 262144,
	// default 32768.
	MallocReserveInternal int `option:"SPIRAM_MALLOC_RESERVE_INTERNAL"`
	// TryAllocateWiFiLWIP is CONFIG_SPIRAM_TRY_ALLOCATE_WIFI_LWIP: Wi-Fi and lwIP take PSRAM first. Default n.
	TryAllocateWiFiLWIP bool `option:"SPIRAM_TRY_ALLOCATE_WIFI_LWIP"`
	// AllowBSSSegExternalMemory is CONFIG_SPIRAM_ALLOW_BSS_SEG_EXTERNAL_MEMORY: zero-initialized data may lie in PSRAM. Default n.
	AllowBSSSegExternalMemory bool `option:"SPIRAM_ALLOW_BSS_SEG_EXTERNAL_MEMORY"`
	// CacheWorkaround is CONFIG_SPIRAM_CACHE_WORKAROUND: code works around a fault of chips before revision 3. Default y.
	CacheWorkaround bool `option:"SPIRAM_CACHE_WORKAROUND"`
}

func spiramOptions() []option {
	const src = "components/esp_psram/Kconfig.spiram.common"
	const esp32 = "components/esp_psram/esp32/Kconfig.spiram"
	const psramChips = "esp32, esp32s2, esp32s3"
	const heap = "SPIRAM_USE_CAPS_ALLOC || SPIRAM_USE_MALLOC"
	return []option{
		{name: "SPIRAM", on: psramChips, src: esp32, def: "n", was: "ESP32_SPIRAM_SUPPORT until 5.0 on esp32, ESP32S2_SPIRAM_SUPPORT until 5.0 on esp32s2, " +
			"ESP32S3_SPIRAM_SUPPORT until 5.0 on esp32s3, SPIRAM_SUPPORT until 4.0 on esp32",
			does: "One more heap of up to 4 MB at 0x3F800000."},
		{name: "SPIRAM_BOOT_HW_INIT", on: psramChips, src: src, def: "y", dep: "SPIRAM", in: "IDF >= 5.5"},
		{name: "SPIRAM_BOOT_INIT", on: psramChips, src: src, def: "y", dep: "SPIRAM && SPIRAM_BOOT_HW_INIT",
			does: "Without it PSRAM is no heap until the firmware sets it up."},
		{name: "SPIRAM_USE", on: psramChips, src: src, typ: Choice, dep: "SPIRAM", def: "SPIRAM_USE_MALLOC",
			does: "Whether PSRAM is heap at all, and whether malloc uses it.",
			one: []member{
				{name: "SPIRAM_USE_MEMMAP", number: int(SPIRAMUseMemmap)},
				{name: "SPIRAM_USE_CAPS_ALLOC", number: int(SPIRAMUseCapsAlloc)},
				{name: "SPIRAM_USE_MALLOC", number: int(SPIRAMUseMalloc)},
			}},
		{name: "SPIRAM_IGNORE_NOTFOUND", on: psramChips, src: src, def: "n",
			dep: "SPIRAM_BOOT_HW_INIT && (IDF >= 5.5 || SPIRAM_BOOT_INIT) && !SPIRAM_ALLOW_BSS_SEG_EXTERNAL_MEMORY && " +
				"(!SPIRAM_ALLOW_NOINIT_SEG_EXTERNAL_MEMORY || !since(5.0.6, 5.1.3, 5.2))",
			does: "Whether a device whose PSRAM fails starts without it or panics; Wi-Fi and lwIP then do not count on PSRAM."},
		{name: "SPIRAM_MALLOC_ALWAYSINTERNAL", on: psramChips, src: src, typ: Int, def: "16384", rng: "0..131072", dep: "SPIRAM_USE_MALLOC",
			does: "Larger requests of malloc go to PSRAM first, others to internal memory."},
		{name: "SPIRAM_MALLOC_RESERVE_INTERNAL", on: psramChips, src: src, typ: Int, def: "32768", rng: "0..262144", dep: "SPIRAM_USE_MALLOC",
			does: "Internal memory taken at start as a heap of its own, for DMA and internal requests alone."},
		{name: "SPIRAM_TRY_ALLOCATE_WIFI_LWIP", on: psramChips, src: src, def: "n", dep: heap, was: "WIFI_LWIP_ALLOCATION_FROM_SPIRAM_FIRST until 4.0",
			does: "Blocks of lwIP and Wi-Fi lie in PSRAM while there is room."},
		{name: "SPIRAM_ALLOW_BSS_SEG_EXTERNAL_MEMORY", on: psramChips, src: src, def: "n", dep: "SPIRAM && (IDF >= 5.0 || !chip(esp32s3))",
			does: "Static data that the firmware marks move out of DRAM."},
		{name: "SPIRAM_ALLOW_NOINIT_SEG_EXTERNAL_MEMORY", src: src, def: "n", dep: "SPIRAM && (chip(esp32) || " + noinitEverywhere + ")"},
		{name: "SPIRAM_CACHE_WORKAROUND", on: "esp32", src: esp32, def: "y", dep: "SPIRAM && ESP32_REV_MIN_FULL < 300",
			does: "The code grows, and the IRAM heap shrinks."},
		{name: "SPIRAM_CACHE_WORKAROUND_STRATEGY", on: "esp32", src: esp32, typ: Choice, dep: "SPIRAM_CACHE_WORKAROUND", def: "SPIRAM_CACHE_WORKAROUND_STRATEGY_MEMW",
			does: "With DUPLDST mbedTLS does not use the chip's hardware.",
			one: []member{
				{name: "SPIRAM_CACHE_WORKAROUND_STRATEGY_MEMW"},
				{name: "SPIRAM_CACHE_WORKAROUND_STRATEGY_DUPLDST"},
				{name: "SPIRAM_CACHE_WORKAROUND_STRATEGY_NOPS"},
			}},
	}
}
