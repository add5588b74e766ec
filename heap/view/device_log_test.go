package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
)

// The logs of this file are figures that people published of real devices.

// TestPublishedHeapInfo reads tables of heap_caps_print_heap_info.
func TestPublishedHeapInfo(t *testing.T) {
	// github.com/espressif/esp-idf/issues/9469: v4.4 on one core, with Bluetooth
	// and RTC memory as heap.
	got, err := view.ReadHeapInfo(strings.NewReader(`
Heap summary for capabilities 0x00000004:
  At 0x3ff80518 len 6872 free 144 allocated 5104 min_free 144
    largest_free_block 0 alloc_blocks 35 free_blocks 0 total_blocks 35
  At 0x3ffb6388 len 7288 free 72 allocated 5592 min_free 72
    largest_free_block 0 alloc_blocks 17 free_blocks 0 total_blocks 17
  At 0x3ffb9a20 len 16648 free 320 allocated 14704 min_free 308
    largest_free_block 8 alloc_blocks 75 free_blocks 1 total_blocks 76
  At 0x3ffce4a0 len 72544 free 52436 allocated 18484 min_free 52040
    largest_free_block 32768 alloc_blocks 116 free_blocks 2 total_blocks 118
  At 0x3ffe0440 len 129984 free 20836 allocated 107524 min_free 20836
    largest_free_block 16384 alloc_blocks 1 free_blocks 1 total_blocks 2
  Totals:
    free 73808 allocated 151408 min_free 73400 largest_free_block 32768
`))
	require.NoError(t, err)
	require.Equal(t, heap.Cap8Bit, got.Caps)
	require.Len(t, got.Regions, 5)
	require.Equal(t, heap.Addr(0x40000000), got.Regions[4].End)
	require.Equal(t, uint32(244), got.Total.AllocatedBlocks)

	// github.com/espressif/esp-idf/issues/3635: lines of the Wi-Fi driver between
	// the rows (the totals here are invented).
	got, err = view.ReadHeapInfo(strings.NewReader(`Heap summary for capabilities 0x00001000:
I (2515) wifi: state: auth -> assoc (0)
  At 0x3ffbbb28 len 8192 free 0 allocated 8008 min_free 0
    largest_free_block 0 alloc_blocks 38 free_blocks 0 total_blocks 38
I (2515) wifi: state: assoc -> run (10)
  At 0x3ffb2730 len 22736 free 0 allocated 22392 min_free 0
    largest_free_block 0 alloc_blocks 78 free_blocks 0 total_blocks 78
  Totals:
    free 0 allocated 30500 min_free 0 largest_free_block 0
`))
	require.ErrorContains(t, err, "line 9: the totals are not those of the heaps above, which are free 0 allocated 30400")
	require.NotNil(t, got, "another task may have allocated between rows and totals")
	require.Len(t, got.Regions, 2)
	require.Equal(t, uint32(30500), got.Total.TotalAllocatedBytes)
}

// TestReadHeapInfos: a firmware prints a table before and after something.
func TestReadHeapInfos(t *testing.T) {
	h, _ := booted(t, heap.V5_3_1, heap.PoisoningNone)
	print := func() string {
		return printed(t, func(b *bytes.Buffer) error { return view.PrintHeapInfo(b, h, heap.CapDefault) })
	}
	before := print()
	h.MallocDefault(heap.OwnerBoot, 1000)
	after := print()
	got, err := view.ReadHeapInfos(strings.NewReader(before + "I (300) app: connected\n" + after))
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, uint32(1004), got[0].Total.TotalFreeBytes-got[1].Total.TotalFreeBytes)

	broken := strings.Replace(before, "  Totals:\n", "", 1)
	short := strings.Replace(before, "allocated 180", "allocated 184", 1)
	got, err = view.ReadHeapInfos(strings.NewReader(broken + short + after))
	require.Len(t, got, 2, "the first is damaged")
	require.ErrorContains(t, err, "line 6: want \"  At 0x")
	require.ErrorContains(t, err, "the totals are not those")
	require.Equal(t, h.Info(heap.CapDefault), got[1].Total)
	_, err = view.ReadHeapInfos(strings.NewReader("nothing"))
	require.ErrorContains(t, err, "no line like")
}

// TestPublishedTraces reads what people show of heap_trace_dump.
func TestPublishedTraces(t *testing.T) {
	// github.com/espressif/esp-idf/issues/8446: v5.3.1 on an ESP32-S3, with the
	// lines that idf_monitor adds, and cut off.
	got, err := view.ReadHeapTrace(strings.NewReader(`I (5535) wifi:Deinit lldesc rx mblock:10
====== Heap Trace: 13 records (100 capacity) ======
    84 bytes (@ 0x3fca94d8, Internal) allocated CPU 0 ccount 0x042ac374 caller 0x40376183:0x4037da9c
--- 0x40376183: heap_caps_malloc at C:/idf/components/heap/heap_caps.c:84
0x4037da9c: pvPortMalloc at C:/idf/components/freertos/heap_idf.c:58

    84 bytes (@ 0x3fca9530, Internal) allocated CPU 0 ccount 0x042ae93c caller 0x40376183:0x4037da9c
`))
	require.ErrorContains(t, err, "the log is cut off")
	require.Len(t, got.Records, 2)
	leaks := got.Leaks()
	require.Len(t, leaks, 1)
	require.Equal(t, view.CallerLeak{Callers: []uint32{0x40376183, 0x4037DA9C}, Name: "heap_caps_malloc", Bytes: 168, Blocks: 2}, leaks[0])
	require.Equal(t, "pvPortMalloc", got.Symbols[0x4037DA9C])

	// github.com/jomjol/AI-on-the-edge-device/pull/1861: the last lines of a dump
	// of v4.4.
	got, err = view.ReadHeapTrace(strings.NewReader(`16 bytes (@ 0x3ffd1914) allocated CPU 1 ccount 0x419d1cf8 caller 0x4010a09b:0x4010a0c6
16 bytes (@ 0x3ffd18cc) allocated CPU 1 ccount 0x419d5680 caller 0x4010a09b:0x4010a0c6
78141 bytes 'leaked' in trace (96 allocations)
total allocations 5598 total frees 5447
`))
	require.ErrorContains(t, err, "line 1: the beginning of the dump is missing")
	require.Len(t, got.Records, 2)
	require.Equal(t, 1, got.Records[0].CPU)
	require.Equal(t, 5598, got.Allocations)
	require.Equal(t, 5447, got.Frees)

	// A RISC-V chip without frame pointers prints no callers; documents and forums
	// cut the space off the end of the line.
	got, err = view.ReadHeapTrace(strings.NewReader(`2 allocations trace (100 entry buffer)
32 bytes (@ 0x3ffaf214) allocated CPU 0 ccount 0x2e9b7384 caller
8 bytes (@ 0x3ffaf804) allocated CPU 0 ccount 0x2e9b79c0 caller
40 bytes 'leaked' in trace (2 allocations)
total allocations 2 total frees 0
`))
	require.NoError(t, err)
	require.Equal(t, []view.CallerLeak{{Name: "unknown caller", Bytes: 40, Blocks: 2}}, got.Leaks())
}

// TestPublishedBootLogs reads the heap_init lines of boot logs that people
// published, and boots the model of the release and chip with the layout found.
func TestPublishedBootLogs(t *testing.T) {
	const s3Stack, c3Stack = "At 3FCE9710 len 00005724 (21 KiB): RAM", "At 3FCDC710 len 00002950 (10 KiB): Retention RAM"
	const c3High, c6Stack = "At 3FCC0000 len 0001C710 (113 KiB): Retention RAM", "At 4087C610 len 00002F54 (11 KiB): RAM"
	const s3Cache = "At 3FCF0000 len 00008000 (32 KiB): DRAM"
	for _, c := range []struct {
		chip    heap.Chip
		release string
		lines   []string
	}{
		{heap.ESP32, "v5.3.1", []string{"At 3FFAE6E0 len 00001920 (6 KiB): DRAM", "At 3FFB86F8 len 00027908 (158 KiB): DRAM", "At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM", "At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM", "At 40095BB0 len 0000A450 (41 KiB): IRAM"}},
		{heap.ESP32, "v5.3.2", []string{"At 3FFAFF10 len 000000F0 (0 KiB): DRAM", "At 3FFB6388 len 00001C78 (7 KiB): DRAM", "At 3FFB9A20 len 00004108 (16 KiB): DRAM", "At 3FFC7E58 len 000181A8 (96 KiB): DRAM", "At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM", "At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM", "At 40098E5C len 000071A4 (28 KiB): IRAM"}},
		{heap.ESP32S2, "v4.4.8", []string{"At 3FFC19E0 len 0003A620 (233 KiB): DRAM", "At 3FFFC000 len 00003A10 (14 KiB): DRAM", "At 3FF9E000 len 00002000 (8 KiB): RTCRAM"}},
		{heap.ESP32S2, "v5.2.1", []string{"At 3FFD7B10 len 000244F0 (145 KiB): RAM", "At 3FFFC000 len 00003A10 (14 KiB): RAM", "At 3FF9E030 len 00001FB8 (7 KiB): RTCRAM"}},
		{heap.ESP32S3, "v5.2.2", []string{"At 3FCA4390 len 00045380 (276 KiB): RAM", s3Stack, s3Cache, "At 600FE010 len 00001FD8 (7 KiB): RTCRAM"}},
		{heap.ESP32S3, "v5.3", []string{"At 3FC97FB8 len 00051758 (325 KiB): RAM", s3Stack, s3Cache, "At 600FE100 len 00001EE8 (7 KiB): RTCRAM"}},
		{heap.ESP32S3, "v5.5.3", []string{"At 3FCAC150 len 0003D5C0 (245 KiB): RAM", s3Stack, s3Cache, "At 600FE000 len 00001FD8 (7 KiB): RTCRAM"}},
		{heap.ESP32C3, "v5.1.1", []string{"At 3FC8C590 len 00050180 (320 KiB): DRAM", "At 3FCDC710 len 00002950 (10 KiB): STACK/DRAM", "At 50000010 len 00001FD8 (7 KiB): RTCRAM"}},
		{heap.ESP32C3, "v5.3.1", []string{"At 3FC8FFC0 len 00030040 (192 KiB): RAM", c3High, c3Stack, "At 50000200 len 00001DE8 (7 KiB): RTCRAM"}},
		{heap.ESP32C3, "v5.4.4", []string{"At 3FC92710 len 0002D8F0 (182 KiB): RAM", c3High, c3Stack, "At 5000001C len 00001FCC (7 KiB): RTCRAM"}},
		{heap.ESP32C6, "v5.1", []string{"At 4080C000 len 00070610 (449 KiB): D/IRAM", "At 4087C610 len 00002F54 (11 KiB): STACK/DIRAM", "At 50000010 len 00003FF0 (15 KiB): RTCRAM"}},
		{heap.ESP32C6, "v5.4", []string{"At 4080D8E0 len 0006ED30 (443 KiB): RAM", c6Stack, "At 50000000 len 00003FE8 (15 KiB): RTCRAM"}},
		{heap.ESP32C6, "v5.5.2", []string{"At 40817220 len 000653F0 (404 KiB): RAM", c6Stack, "At 50000000 len 00003FE8 (15 KiB): RTCRAM"}},
	} {
		log := "I (219) heap_init: Initializing. RAM available for dynamic allocation:\n"
		for _, l := range c.lines {
			log += "I (226) heap_init: " + l + "\n"
		}
		l, err := view.ReadBootLog(strings.NewReader(log))
		require.NoError(t, err, "%v %s", c.chip, c.release)
		require.Equal(t, c.chip, l.Chip)
		v, err := heap.ParseVersion(c.release)
		require.NoError(t, err)
		h, err := heap.New(heap.Config{Version: v, Layout: l})
		require.NoError(t, err, "%v %s", c.chip, c.release)
		require.Equal(t, c.lines, h.BootLog(), "%v %s", c.chip, c.release)
	}
	_, err := view.ReadBootLog(strings.NewReader("At 3FC8FFC0 len 00030040 (192 KiB): RAM\n" + c3Stack + "\n"))
	require.ErrorContains(t, err, "line 2: the layout found gives")
}
