// Package image reads where the linker of a firmware's build put its static memory: from the ELF file, from the
// linker's map file, or from what `idf.py size --format json` prints. With it a modelled device has exactly the heap
// regions of the real one.
//
//	img, err := image.ReadFile("build/app.elf") // or build/app.map, or size.json
//	...
//	dev, err := world.Device(sim.DeviceConfig{Image: img})
//
// Only internal memory counts: DRAM, IRAM and RTC fast memory of the plain ESP32. Sections in flash, in PSRAM and in RTC
// slow memory are left out, since no heap is made of what they leave free.
package image
