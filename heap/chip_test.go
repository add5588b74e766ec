package heap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func chipHeap(t *testing.T, cfg Config) *Heap {
	h, err := New(cfg)
	require.NoError(t, err)
	h.EnableNonOSStackHeaps()
	return h
}

func TestChips(t *testing.T) {
	for c := ESP32; int(c) < len(chips); c++ {
		again, err := ParseChip(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
		for _, v := range []Version{release(5, 2, 0), V5_3_1, Master} {
			h := chipHeap(t, Config{Version: v, Layout: c.DefaultLayout(), Images: true, Poisoning: PoisoningComprehensive})
			require.NotZero(t, h.FreeSize(CapDefault|CapInternal))
			var live []Addr
			for n := uint32(8); ; n += 1 + n/3 {
				p := h.MallocDefault(OwnerBoot, n%9000+1)
				if p == 0 || len(live) == 300 {
					break
				}
				require.NoError(t, h.Write(p, []byte{1, 2, 3}))
				live = append(live, p)
			}
			s := h.Snapshot()
			for _, p := range live {
				q, err := h.Realloc(OwnerBoot, p, 40, CapDefault)
				require.NoError(t, err)
				var b [3]byte
				require.NoError(t, h.Read(q, b[:]))
				require.Equal(t, [3]byte{1, 2, 3}, b, "%v", c)
				require.NoError(t, h.Free(q))
			}
			require.NoError(t, h.verify())
			require.NoError(t, h.Restore(s))
			require.NoError(t, h.verify())
			require.NoError(t, h.Corrupt(live[0]-1, 1))
			require.NotEmpty(t, h.CheckIntegrity(CapDefault, false))
		}
	}
	_, err := ParseChip("esp32p4")
	require.ErrorContains(t, err, "known are [esp32 esp32s2")
	require.Equal(t, "Chip(99)", Chip(99).String())
	require.Equal(t, 2, ESP32S3.Cores())
	require.Equal(t, 1, ESP32C3.Cores())
}

// TestWhereMallocGoes: by priority, memory of the ESP32-C3 that survives sleep is
// spared, and RTC memory comes last.
func TestWhereMallocGoes(t *testing.T) {
	names := func(h *Heap, caps Cap) (out []string) {
		for _, g := range h.routeFor(caps) {
			out = append(out, g.name)
		}
		return out
	}
	h := chipHeap(t, Config{Version: V5_3_1, Layout: ESP32C3.DefaultLayout()})
	require.Equal(t, []string{"RAM", "Retention RAM", "Retention RAM", "RTCRAM"}, names(h, CapDefault))
	require.Equal(t, []string{"Retention RAM", "Retention RAM"}, names(h, CapRetention|CapDMA))
	require.Empty(t, names(h, CapExec), "memory protection")
	h = chipHeap(t, Config{Version: V5_3_1, Layout: ESP32C6.DefaultLayout()})
	require.Equal(t, []string{"RAM", "RAM", "RTCRAM"}, names(h, CapDefault))
	h = chipHeap(t, Config{Version: release(5, 1, 0), Layout: ESP32C6.DefaultLayout()})
	require.Equal(t, []string{"STACK/DIRAM", "D/IRAM"}, names(h, CapExec))
	p := h.Malloc(OwnerBoot, 100, CapExec)
	require.True(t, p >= 0x4087C610, "no alias: data and code have one address, got %v", p)

	// The ESP32-S3's cache makes DMA from external memory take whole lines.
	l := ESP32S3.DefaultLayout()
	l.SPIRAM, l.SPIRAMStart = true, 0x3C110000
	h, err := New(Config{Version: Master, Layout: l})
	require.NoError(t, err)
	require.NoError(t, h.AddSPIRAM(8<<20, 16384))
	h.EnableNonOSStackHeaps()
	p = h.Malloc(OwnerBoot, 33, CapDMA|CapSPIRAM)
	require.Zero(t, p%32)
	n, err := h.AllocatedSize(p)
	require.NoError(t, err)
	require.Equal(t, uint32(64), n)
	require.Zero(t, h.Malloc(OwnerBoot, 33, CapSIMD)%16)
	require.NotZero(t, h.MallocDefault(OwnerBoot, 5<<20), "more than the ESP32 can map")
	q, err := h.Realloc(OwnerBoot, p, 100, CapDMA|CapSPIRAM)
	require.NoError(t, err)
	require.Zero(t, q%32)
	require.NotEqual(t, p, q, "an aligned block moves")
}

func TestChipLayoutErrors(t *testing.T) {
	for want, l := range map[string]Layout{
		"Chip(9) is not known":              {Chip: 9},
		"are the ESP32's":                   {Chip: ESP32S3, IRAMEnd: 0x40380000},
		"has no external memory":            {Chip: ESP32C3, SPIRAM: true},
		"DataCache is the ESP32-S3's":       {Chip: ESP32C6, DataCache: 32},
		"want 16, 32 or 64":                 {Chip: ESP32S3, DataCache: 8},
		"Layout.StaticEnd is 0x3ffb7b00":    {Chip: ESP32S3, StaticEnd: 0x3FFB7B00},
		"RTC data to 0x50002000":            {Chip: ESP32C3, RTCFastAsHeap: true, RTCDataEnd: 0x50002000},
		"are other chips', want them unset": {DataCache: 32},
	} {
		_, err := New(Config{Version: V5_3_1, Layout: l})
		require.ErrorContains(t, err, want)
	}
	_, err := New(Config{Version: V4_4, Layout: ESP32C6.DefaultLayout()})
	require.ErrorContains(t, err, "since v5.1")
	for c := ESP32; int(c) < len(chips); c++ {
		l := c.DefaultLayout()
		_, err := l.Reserved()
		require.NoError(t, err)
		require.NotEmpty(t, l.Memories())
	}
	// 16 KiB of the data cache's memory is heap, and the rest of it too.
	h := chipHeap(t, Config{Version: V5_3_1, Layout: Layout{Chip: ESP32S3, StaticEnd: 0x3FC97FB8, DataCache: 16}})
	require.Equal(t, "At 3C000000 len 00004000 (16 KiB): DRAM", h.BootLog()[3])
	h = chipHeap(t, Config{Version: V5_3_1, Layout: Layout{Chip: ESP32S3, StaticEnd: 0x3FC97FB8, DataCache: 64}})
	require.Len(t, h.BootLog(), 2)
}
