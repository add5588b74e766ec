package heap

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBootLogOfPublishedLayouts(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Layout: Layout{StaticEnd: 0x3FFB2EC8, IRAMEnd: 0x4008944C}})
	require.NoError(t, err)
	require.Equal(t, []string{
		"At 3FFAE6E0 len 00001920 (6 KiB): DRAM",
		"At 3FFB2EC8 len 0002D138 (180 KiB): DRAM",
		"At 3FFE0440 len 00003AE0 (14 KiB): D/IRAM",
		"At 3FFE4350 len 0001BCB0 (111 KiB): D/IRAM",
		"At 4008944C len 00016BB4 (90 KiB): IRAM",
	}, h.BootLog())
}

func TestOwnersHoldWhatTheyAllocated(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout()})
	require.NoError(t, err)
	s := h.Intern(Tag{Task: "opcua_task", Object: "session 3", What: "UA_Session"})
	p := h.MallocDefault(s, 936)
	require.NotZero(t, p)
	require.Equal(t, uint32(940), h.Holding(s).Bytes)
	before := h.FreeSize(CapDefault)
	require.NoError(t, h.Free(p))
	require.Equal(t, before+940, h.FreeSize(CapDefault))
	require.Zero(t, h.Holding(s).Bytes)
	require.Error(t, h.Free(p))
}

func TestAllocationFunctions(t *testing.T) {
	var failed []Failure
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout(), OnFail: func(f Failure) { failed = append(failed, f) }})
	require.NoError(t, err)
	o := h.Intern(Tag{Task: "emac_rx", What: "DMA buffer"})
	p := h.AlignedCalloc(o, 64, 2, 100, CapDMA)
	require.Zero(t, uint32(p)%64)
	n, err := h.AllocatedSize(p)
	require.NoError(t, err)
	require.Equal(t, uint32(256), n, "DMA rounds the size up to the alignment")
	require.Zero(t, h.AlignedCalloc(o, 4, 1<<20, 1<<20, CapDMA), "the product overflows")
	require.NotZero(t, h.MallocPrefer(o, 100, CapSPIRAM, CapDefault))
	require.NotZero(t, h.CallocPrefer(o, 10, 10, CapSPIRAM, CapDefault))
	require.Zero(t, h.CallocPrefer(o, 1<<20, 1<<20, CapDefault))
	require.Zero(t, h.MallocPrefer(o, 0, CapDefault))
	require.Empty(t, failed)
	require.Zero(t, h.MallocPrefer(o, 100, CapDefault|CapSPIRAM, CapSPIRAM))
	require.Len(t, failed, 1)
	require.Equal(t, CapSPIRAM, failed[0].Caps)
	require.Zero(t, h.MallocPrefer(o, 100))
	require.Equal(t, "heap_caps_malloc_prefer: 100 bytes of DEFAULT for emac_rx/DMA buffer failed at 0s: no heap serves such a request (free 169580, largest block 163840)", failed[1].Error())

	q := h.CallocDefault(o, 3, 7)
	require.NotZero(t, q)
	q, err = h.ReallocDefault(o, q, 100)
	require.NoError(t, err)
	q, err = h.ReallocDefault(o, q, 1<<20)
	require.NoError(t, err)
	require.Zero(t, q)
	require.Zero(t, h.CallocDefault(o, 1<<20, 1<<20))
	require.Zero(t, h.Calloc(o, 1<<20, 1<<20, CapDefault))
}

func TestAbortWhenAllocationFails(t *testing.T) {
	var died error
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout(), AbortOnFailure: true, OnAbort: func(err error) { died = err }})
	require.NoError(t, err)
	h.Malloc(OwnerBoot, 0x100000, CapDefault|CapInternal)
	require.EqualError(t, died, "Mem alloc fail. size 0x00100000 caps 0x00001800")
	var f Failure
	require.ErrorAs(t, died, &f)
	require.Equal(t, h.LargestFreeBlock(CapDefault), f.Largest)
}

// TestExternalMemory is a device with 4 MiB of PSRAM: malloc takes large
// requests from it, and part of the internal memory is kept for DMA.
func TestExternalMemory(t *testing.T) {
	for v, poolServesMalloc := range map[Version]bool{V4_4: false, V5_3_1: false, Master: true} {
		h, err := New(Config{Version: v, Layout: Layout{StaticEnd: 0x3FFB86F8, IRAMEnd: 0x40095BB0, SPIRAM: true}})
		require.NoError(t, err)
		require.NoError(t, h.AddSPIRAM(4<<20, 16384))
		h.EnableNonOSStackHeaps()
		require.NoError(t, h.ReserveInternalPool(32768))
		require.Less(t, h.MallocDefault(OwnerBoot, 20_000), Addr(0x3FC00000))
		require.Greater(t, h.MallocDefault(OwnerBoot, 16_384), Addr(0x3FC00000))
		pool := h.Regions()[0]
		require.Equal(t, poolServesMalloc, (pool.Caps[0]|pool.Caps[1]|pool.Caps[2])&CapDefault != 0)
		require.NotZero(t, h.Malloc(OwnerBoot, 1000, CapDMA))
		require.NoError(t, h.verify())
		held := uint32(0)
		for _, x := range h.Held(CapInternal) {
			held += x.Bytes
		}
		require.Error(t, h.AddSPIRAM(4<<20, 0), "twice")
		require.Positive(t, held)
	}
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout()})
	require.NoError(t, err)
	require.Error(t, h.AddSPIRAM(4<<20, 0))
}

func TestLayoutErrors(t *testing.T) {
	for want, l := range map[string]Layout{
		"static data from":        {StaticStart: 0x3FFB8000, StaticEnd: 0x3FFB0000},
		"Layout.IRAMEnd is":       {IRAMEnd: 0x40060000},
		"Layout.TraceBanks is 3":  {TraceBanks: 3},
		"Layout.BTSCOConnections": {BT: true, BTSCOConnections: 4},
		"Layout.RTCDataEnd":       {RTCFastAsHeap: true, RTCDataEnd: 0x3FFB0000},
		"overlaps rom_bt_em":      {BT: true, StaticStart: 0x3FFB0000, StaticEnd: 0x3FFC0000},
		"overlaps trace_mem":      {TraceBanks: 1, IRAMEnd: 0x400A8000},
	} {
		_, err := New(Config{Version: V5_3_1, Layout: l})
		require.ErrorContains(t, err, want, "%+v", l)
	}
	_, err := New(Config{Version: V4_4, Layout: Layout{IRAMEnd: 0x400A1000}})
	require.ErrorContains(t, err, "no SRAM1 as IRAM")
	_, err = New(Config{Layout: DefaultLayout()})
	require.ErrorContains(t, err, "want a version of ParseVersion")
	_, err = New(Config{Version: Master, Layout: DefaultLayout(), Poisoning: 9})
	require.Error(t, err)
}

func TestParseVersion(t *testing.T) {
	for s, want := range map[string]Version{
		"v5.3.1": V5_3_1, "5.3": V5_3_1, "5.3.2": V5_3_1, "v4.4.8": V4_4, "4.4.4": V4_4, "4.4": V4_4, "master": Master,
		"5.3.3": release(5, 3, 3), "v5.4": release(5, 4, 0), "5.0.2": release(5, 0, 2), "v5.5.5": release(5, 5, 5), "6.0.2": release(6, 0, 2),
	} {
		v, err := ParseVersion(s)
		require.NoError(t, err, s)
		require.Equal(t, want, v, s)
		again, err := ParseVersion(v.String())
		require.NoError(t, err, s)
		require.Equal(t, v, again, s)
		_, err = New(Config{Version: v, Layout: DefaultLayout()})
		require.NoError(t, err, s)
	}
	for _, s := range []string{"", "v4.4.2", "v3.3", "main", "5", "5.0", "5.0.1", "5.3.9", "6.0.3", "6.1", "5.3.x", "5.3.1.2", "5.-3", "4.3.2", "1.2.3", "255.0.0"} {
		_, err := ParseVersion(s)
		require.Error(t, err, s)
	}
	require.True(t, Master.AtLeast(99, 0, 0))
	require.False(t, V5_3_1.AtLeast(5, 4, 0))
	require.Equal(t, "Version(0)", Version(0).String())
}

// TestRulesByRelease: which release has which rule, where a rule came to several
// lines.
func TestRulesByRelease(t *testing.T) {
	for _, c := range []struct {
		rule  string
		has   func(rules) bool
		with  string
		hasNo string
	}{
		{"keepsClassSize", func(r rules) bool { return r.keepsClassSize }, "5.4 5.4.4 5.5 6.0.2 master", "4.4.8 5.0.2 5.1.7 5.2.7 5.3.5"},
		{"fitsSmall", func(r rules) bool { return r.fitsSmall }, "5.3 5.3.5 5.4 6.0 master", "4.4.8 5.0.9 5.1.7 5.2.7"},
		{"searchBySize", func(r rules) bool { return r.searchBySize }, "5.5 6.0 master", "4.4.8 5.3.5 5.4.4"},
		{"lateMinimumZero", func(r rules) bool { return r.lateMinimumZero }, "5.5.5 master", "5.4.4 5.5 5.5.4 6.0 6.0.2"},
		{"poolIsDefault", func(r rules) bool { return r.poolIsDefault }, "5.5.5 master", "5.3.1 5.5.4 6.0.2"},
		{"alignedIsOwnPath", func(r rules) bool { return r.alignedIsOwnPath }, "4.4.8 5.0.2 5.1.7 5.2.7", "5.3 5.4 master"},
		{"rtcExec", func(r rules) bool { return r.rtcExec }, "5.2 5.3.1 6.0 master", "4.4.8 5.1.7"},
		{"rtcExecAlias", func(r rules) bool { return r.rtcExecAlias }, "5.2.4 5.2.7 5.3.3 5.4.1 5.5 master", "5.1.7 5.2.3 5.3.2 5.4"},
		{"spiramSIMD", func(r rules) bool { return r.spiramSIMD }, "5.3.3 5.4.1 5.5 master", "5.2.7 5.3.2 5.4"},
		{"SIMD alignment", func(r rules) bool { return r.alignCaps&CapSIMD != 0 }, "5.3.3 5.4.1 5.5 master", "5.3.2 5.4"},
		{"spiramShort", func(r rules) bool { return r.spiramShort }, "4.4.8", "5.0.2 5.3.1 master"},
		{"sram1AsIRAM", func(r rules) bool { return r.sram1AsIRAM }, "5.1 5.3.1 master", "4.4.8 5.0.9"},
	} {
		for want, names := range map[bool]string{true: c.with, false: c.hasNo} {
			for name := range strings.FieldsSeq(names) {
				v, err := ParseVersion(name)
				require.NoError(t, err)
				r, err := rulesOf(v)
				require.NoError(t, err)
				require.Equal(t, want, c.has(r), "%s in %s", c.rule, name)
				require.NotZero(t, r.asserts.free, name)
			}
		}
	}
	r, err := rulesOf(release(5, 2, 5))
	require.NoError(t, err)
	require.Equal(t, 68, r.asserts.capsFree, "the lines of v5.2.4")
}

func TestCapNames(t *testing.T) {
	for _, c := range []Cap{0, CapExec, CapDMA | CapInternal, CapInvalid | 1<<25, 0xFFFFFFFF} {
		got, err := ParseCap(c.String())
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
	c, err := ParseCap("MALLOC_CAP_8BIT | MALLOC_CAP_INTERNAL")
	require.NoError(t, err)
	require.Equal(t, Cap8Bit|CapInternal, c)
	for _, s := range []string{"", "FAST", "8BIT|", "0x", "0xgg", "-1"} {
		_, err := ParseCap(s)
		require.Error(t, err, s)
	}
}

// TestPlaceKeepsTheHeapConsistent puts blocks at random addresses.
func TestPlaceKeepsTheHeapConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawHeapOf(t, ESP32)
		placed := 0
		for range rapid.IntRange(1, 40).Draw(t, "blocks") {
			p := Addr(0x3FFB8000 + rapid.Uint32Range(0, 4000).Draw(t, "at")*4)
			n := rapid.Uint32Range(1, 3000).Draw(t, "n")
			if r.h.Place(OwnerBoot, p, n, 0) == nil {
				got, err := r.h.AllocatedSize(p)
				require.NoError(t, err)
				require.GreaterOrEqual(t, got, n)
				placed++
			}
		}
		require.Positive(t, placed)
		require.NoError(t, r.h.verify())
	})
}

func TestMonitorMinimum(t *testing.T) {
	h, err := New(Config{Version: V5_3_1, Layout: DefaultLayout()})
	require.NoError(t, err)
	require.NoError(t, h.Free(h.MallocDefault(OwnerBoot, 50_000)))
	lowest := h.MinimumFreeSize(CapDefault)
	require.ErrorContains(t, h.MonitorMinimumStop(), "ESP_FAIL")
	require.NoError(t, h.MonitorMinimumStart())
	require.Equal(t, h.FreeSize(CapDefault), h.MinimumFreeSize(CapDefault))
	s := h.Snapshot()
	require.NoError(t, h.Free(h.MallocDefault(OwnerBoot, 1000)))
	require.Equal(t, h.FreeSize(CapDefault)-1004, h.MinimumFreeSize(CapDefault))
	require.NoError(t, h.MonitorMinimumStart(), "again")
	require.Equal(t, h.FreeSize(CapDefault), h.MinimumFreeSize(CapDefault))
	require.NoError(t, h.MonitorMinimumStop())
	require.Equal(t, lowest-1004-24, h.MinimumFreeSize(CapDefault), "the small heap's minimum, under the block for the minima")
	require.NoError(t, h.Restore(s))
	require.NoError(t, h.MonitorMinimumStop())
	require.NoError(t, h.verify())

	old, err := New(Config{Version: V4_4, Layout: DefaultLayout()})
	require.NoError(t, err)
	require.Error(t, old.MonitorMinimumStart())
	require.Error(t, old.Restore(s), "a snapshot of another heap")
	require.Error(t, old.Restore(nil))
}

// Task tracking takes 4 bytes more of each block, before v5.2 only with poisoning.
func TestTaskTracking(t *testing.T) {
	took := func(cfg Config) uint32 {
		cfg.Layout = DefaultLayout()
		h, err := New(cfg)
		require.NoError(t, err)
		free := h.FreeSize(CapDefault)
		p := h.MallocDefault(0, 101)
		require.NotZero(t, p)
		lost := free - h.FreeSize(CapDefault)
		require.NoError(t, h.Free(p))
		require.Equal(t, free, h.FreeSize(CapDefault))
		return lost
	}
	require.Equal(t, uint32(104+4), took(Config{Version: V5_3_1}))
	require.Equal(t, uint32(104+4+4), took(Config{Version: V5_3_1, TaskTracking: true}))
	require.Equal(t, uint32(101+12+3+4), took(Config{Version: V4_4, Poisoning: PoisoningLight}))
	require.Equal(t, uint32(101+16+3+4), took(Config{Version: V4_4, Poisoning: PoisoningLight, TaskTracking: true}))
	_, err := New(Config{Version: V4_4, Layout: DefaultLayout(), TaskTracking: true})
	require.ErrorContains(t, err, "with poisoning only")
	_, err = New(Config{Version: V5_3_1, Layout: DefaultLayout(), TaskTracking: true, Images: true})
	require.ErrorContains(t, err, "no images")
}
