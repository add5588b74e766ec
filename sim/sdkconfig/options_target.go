package sdkconfig

import "slices"

// targetOption is the option that names the chip. ESP-IDF takes it from idf.py set-target and writes it as the first
// line of an sdkconfig.
const targetOption = "IDF_TARGET"

// chips are the chips that the option table covers, by their CONFIG_IDF_TARGET.
var chips = []string{"esp32", "esp32s2", "esp32s3", "esp32c3", "esp32c6"}

// Chips that differ in how many cores they have, by the condition that holds on them.
const (
	oneCore  = "chip(esp32s2, esp32c3, esp32c6)"
	twoCores = "esp32, esp32s3"
)

// chipOf is the chip whose options hold for a value of CONFIG_IDF_TARGET: those of the plain ESP32 for a chip that the
// table does not cover.
func chipOf(target string) string {
	if t := plain(target); slices.Contains(chips, t) {
		return t
	}
	return chips[0]
}

// Chip returns the chip whose options and defaults hold: Target, or "esp32" if the table does not cover that chip.
func (c *Config) Chip() string { return chipOf(quote(c.Target)) }

func targetOptions() []option {
	const s2CacheSizes = "IDF >= 5.4"
	const cache = "components/esp_system/port/soc/"
	return []option{
		{name: targetOption, src: "Kconfig", typ: String, def: `"esp32"`,
			does: "The chip: its memory, cores and drivers, and the defaults of many options."},
		{name: "ESP32S2_INSTRUCTION_CACHE_SIZE", on: "esp32s2", src: cache + "esp32s2/Kconfig.cache", typ: Choice, def: "ESP32S2_INSTRUCTION_CACHE_8KB",
			does: "Memory that is not heap: code and data begin behind the caches.",
			one: []member{
				{name: "ESP32S2_INSTRUCTION_CACHE_8KB", number: 8},
				{name: "ESP32S2_INSTRUCTION_CACHE_16KB", number: 16},
			}},
		{name: "ESP32S2_INSTRUCTION_CACHE_SIZE", on: "esp32s2", src: cache + "esp32s2/Kconfig.cache", typ: Hex, ask: "no", in: s2CacheSizes,
			def: "0x4000 if ESP32S2_INSTRUCTION_CACHE_16KB; 0x2000"},
		{name: "ESP32S2_DATA_CACHE_SIZE", on: "esp32s2", src: cache + "esp32s2/Kconfig.cache", typ: Choice,
			def:  "ESP32S2_DATA_CACHE_0KB if IDF < 5.1 && !SPIRAM; ESP32S2_DATA_CACHE_8KB",
			does: "Memory that is not heap: code and data begin behind the caches.",
			one: []member{
				{name: "ESP32S2_DATA_CACHE_0KB", number: 0, ask: "!SPIRAM"},
				{name: "ESP32S2_DATA_CACHE_8KB", number: 8},
				{name: "ESP32S2_DATA_CACHE_16KB", number: 16},
			}},
		{name: "ESP32S2_DATA_CACHE_SIZE", on: "esp32s2", src: cache + "esp32s2/Kconfig.cache", typ: Hex, ask: "no", in: s2CacheSizes,
			def: "0 if ESP32S2_DATA_CACHE_0KB; 0x4000 if ESP32S2_DATA_CACHE_16KB; 0x2000"},
		{name: "ESP32S3_DATA_CACHE_SIZE", on: "esp32s3", src: cache + "esp32s3/Kconfig.cache", typ: Choice, def: "ESP32S3_DATA_CACHE_32KB",
			does: "What the cache leaves of 64 KB is heap.",
			one: []member{
				{name: "ESP32S3_DATA_CACHE_16KB", number: 16},
				{name: "ESP32S3_DATA_CACHE_32KB", number: 32},
				{name: "ESP32S3_DATA_CACHE_64KB", number: 64},
			}},
		{name: "ESP32S3_DATA_CACHE_SIZE", on: "esp32s3", src: cache + "esp32s3/Kconfig.cache", typ: Hex, ask: "no",
			def: "0x10000 if ESP32S3_DATA_CACHE_64KB; 0x8000"},
	}
}
