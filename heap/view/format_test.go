package view_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
)

func booted(t testing.TB, v heap.Version, p heap.Poisoning, hooks ...heap.Hook) (*heap.Heap, *time.Duration) {
	now := new(time.Duration)
	h, err := heap.New(heap.Config{Version: v, Poisoning: p, Layout: heap.DefaultLayout(), Hooks: hooks, Now: func() time.Duration { return *now }})
	require.NoError(t, err)
	return h, now
}

func printed(t testing.TB, print func(*bytes.Buffer) error) string {
	var b bytes.Buffer
	require.NoError(t, print(&b))
	return b.String()
}

func TestPrintHeapInfo(t *testing.T) {
	h, _ := booted(t, heap.V5_3_1, heap.PoisoningNone)
	h.Malloc(heap.OwnerBoot, 1000, heap.CapDefault)
	got := printed(t, func(b *bytes.Buffer) error { return view.PrintHeapInfo(b, h, heap.CapDMA) })
	require.Equal(t, `Heap summary for capabilities 0x00000008:
  At 0x3ffae6e0 len 6432 free 4864 allocated 1180 min_free 4864
    largest_free_block 4608 alloc_blocks 2 free_blocks 1 total_blocks 3
  At 0x3ffb7b00 len 165120 free 164180 allocated 0 min_free 164180
    largest_free_block 163840 alloc_blocks 0 free_blocks 1 total_blocks 1
  Totals:
    free 169044 allocated 1180 min_free 169044 largest_free_block 163840
`, got)
	info, err := view.ReadHeapInfo(strings.NewReader("I (327) app: hello\r\n" + strings.ReplaceAll(got, "\n", "\r\n")))
	require.NoError(t, err)
	require.Equal(t, heap.CapDMA, info.Caps)
	require.Len(t, info.Regions, 2)
	require.Equal(t, heap.Addr(0x3FFB7B00), info.Regions[1].Start)
	require.Equal(t, h.Info(heap.CapDMA), info.Total)

	for _, c := range []struct{ old, new, want string }{
		{"free 4864", "free 4865", "line 7: the totals are not those"},
		{"total_blocks 3", "total_blocks 4", "line 3: total_blocks is not"},
		{"    largest_free_block 4608", "  largest_free_block 4608", "line 3: want \"    largest_free_block"},
		{"  Totals:\n", "", "line 6: want \"  At 0x"},
		{"Heap summary", "Heap", "no line like"},
		{"free 4864", "free 99999999999", "line 2: want 32-bit numbers"},
	} {
		_, err := view.ReadHeapInfo(strings.NewReader(strings.Replace(got, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.want, c.old)
	}
}

func TestDumpAndRebuild(t *testing.T) {
	for _, p := range []heap.Poisoning{heap.PoisoningNone, heap.PoisoningLight} {
		for _, v := range []heap.Version{heap.V4_4, heap.V5_3_1, heap.Master} {
			h, _ := booted(t, v, p)
			var live []heap.Addr
			for i := range uint32(60) {
				live = append(live, h.MallocDefault(heap.OwnerBoot, 20+i*i%700))
			}
			for i := 0; i < len(live); i += 3 {
				require.NoError(t, h.Free(live[i]))
			}
			got := printed(t, func(b *bytes.Buffer) error { return view.Dump(b, h, heap.CapInvalid) })
			require.True(t, strings.HasPrefix(got, "Showing data for heap: 0x3ff"), got)

			dump, err := view.ReadDump(strings.NewReader(got))
			require.NoError(t, err)
			fresh, _ := booted(t, v, p)
			require.NoError(t, view.RebuildDump(fresh, dump, heap.OwnerBoot))
			require.Equal(t, got, printed(t, func(b *bytes.Buffer) error { return view.Dump(b, fresh, heap.CapInvalid) }))
			require.Equal(t, h.FreeSize(heap.CapDefault), fresh.FreeSize(heap.CapDefault))
			require.Equal(t, h.LargestFreeBlock(heap.CapDefault), fresh.LargestFreeBlock(heap.CapDefault))
			fresh, _ = booted(t, v, p)
			fresh.MallocDefault(heap.OwnerBoot, 8)
			require.Error(t, view.RebuildDump(fresh, dump, heap.OwnerBoot), "not a fresh heap")
		}
	}
	h, _ := booted(t, heap.V5_3_1, heap.PoisoningNone)
	got := printed(t, func(b *bytes.Buffer) error { return view.Dump(b, h, heap.CapDefault) })
	require.Equal(t, `Showing data for heap: 0x3ffae6e0 
Block 0x3ffae860 data, size: 180 bytes, Free: No 
Block 0x3ffae918 data, size: 5860 bytes, Free: Yes 
Showing data for heap: 0x3ffb7b00 
Block 0x3ffb7eb0 data, size: 164172 bytes, Free: Yes 
`, got)
	_, err := view.ReadDump(strings.NewReader(strings.Replace(got, "size: 180", "size: 184", 1)))
	require.ErrorContains(t, err, "line 3: want the block at 0x3ffae91c")
	_, err = view.ReadDump(strings.NewReader("Block 0x3ffae860 data, size: 180 bytes, Free: No \n"))
	require.ErrorContains(t, err, "line 1")
	_, err = view.ReadDump(strings.NewReader(""))
	require.Error(t, err)
}

// traced runs a scenario with a leak under a trace.
func traced(t testing.TB, x *view.HeapTrace) *heap.Heap {
	h, now := booted(t, x.Version, heap.PoisoningNone, x)
	a := h.Intern(heap.Tag{Task: "opcua_task", Object: "session 1", What: "UA_Session"})
	b := h.Intern(heap.Tag{Task: "tiT", What: "tcp_pcb"})
	h.MallocDefault(a, 200)
	*now = time.Second
	p := h.MallocDefault(b, 164)
	*now = 1500 * time.Millisecond
	h.MallocDefault(a, 30)
	require.NoError(t, h.Free(p))
	return h
}

func TestHeapTraceDump(t *testing.T) {
	const sessions = "0x400d0000:0x400d0010"
	for _, c := range []struct {
		name  string
		trace view.HeapTrace
		want  string
	}{
		{"v5.3.1 leaks", view.HeapTrace{Version: heap.V5_3_1}, `====== Heap Trace: 2 records (100 capacity) ======
   200 bytes (@ 0x3ffae918, Internal) allocated CPU 0 ccount 0x00000000 caller ` + sessions + `
    30 bytes (@ 0x3ffaea8c, Internal) allocated CPU 0 ccount 0x0e4e1c00 caller ` + sessions + `
====== Heap Trace Summary ======
Mode: Heap Trace Leaks
230 bytes 'leaked' in trace (2 allocations)
records: 2 (100 capacity, 3 high water mark)
total allocations: 3
total frees: 1
================================
`},
		{"v5.3.1 all", view.HeapTrace{Version: heap.V5_3_1, Mode: view.TraceAll, Capacity: 10}, `====== Heap Trace: 3 records (10 capacity) ======
   200 bytes (@ 0x3ffae918, Internal) allocated CPU 0 ccount 0x00000000 caller ` + sessions + `
   164 bytes (@ 0x3ffae9e4, Internal) allocated CPU 0 ccount 0x09896800 caller 0x400d0030:0x400d0040
freed by 0x400d0050:0x400d0030
    30 bytes (@ 0x3ffaea8c, Internal) allocated CPU 0 ccount 0x0e4e1c00 caller ` + sessions + `
====== Heap Trace Summary ======
Mode: Heap Trace All
230 bytes alive in trace (2/3 allocations)
records: 3 (10 capacity, 3 high water mark)
total allocations: 3
total frees: 1
================================
`},
		{"v5.3.1 RISC-V", view.HeapTrace{Version: heap.V5_3_1, Depth: -1, Capacity: 2}, `====== Heap Trace: 1 records (2 capacity) ======
    30 bytes (@ 0x3ffaea8c, Internal) allocated CPU 0 ccount 0x0e4e1c00 caller 
====== Heap Trace Summary ======
Mode: Heap Trace Leaks
30 bytes 'leaked' in trace (1 allocations)
records: 1 (2 capacity, 2 high water mark)
total allocations: 3
total frees: 1
(NB: Internal Buffer has overflowed, so trace data is incomplete.)
================================
`},
		{"v4.4 all", view.HeapTrace{Version: heap.V4_4, Mode: view.TraceAll, Depth: 4}, `3 allocations trace (100 entry buffer)
200 bytes (@ 0x3ffae918) allocated CPU 0 ccount 0x00000000 caller 0x400d0000:0x400d0010:0x400d0020:
164 bytes (@ 0x3ffae9e4) allocated CPU 0 ccount 0x09896800 caller 0x400d0030:0x400d0040:
freed by 0x400d0050:0x400d0030:0x400d0040:0x0
30 bytes (@ 0x3ffaea8c) allocated CPU 0 ccount 0x0e4e1c00 caller 0x400d0000:0x400d0010:0x400d0020:
230 bytes alive in trace (2/3 allocations)
total allocations 3 total frees 1
`},
		{"master RISC-V all", view.HeapTrace{Version: heap.Master, Mode: view.TraceAll, Depth: -1}, `====== Heap Trace: 3 records (100 capacity) ======
   200 bytes (@ 0x3ffae924, Internal) allocated CPU 0 ccount 0x00000000
   164 bytes (@ 0x3ffae9f8, Internal) allocated CPU 0 ccount 0x09896800 freed
    30 bytes (@ 0x3ffaeaac, Internal) allocated CPU 0 ccount 0x0e4e1c00
====== Heap Trace Summary ======
Mode: Heap Trace All
230 bytes alive in trace (2/3 allocations)
records: 3 (100 capacity, 3 high water mark)
total allocations: 3
total frees: 1
================================
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := traced(t, &c.trace)
			got := printed(t, func(b *bytes.Buffer) error { return c.trace.Dump(b, 0) })
			require.Equal(t, c.want, got)

			log, err := view.ReadHeapTrace(strings.NewReader("I (10) main: dump\n" + got + "--- 0x400d0000: UA_Session_new at session.c:12\nI (20) main: done\n"))
			require.NoError(t, err)
			require.Equal(t, c.trace.Mode, log.Mode)
			require.Equal(t, 3, log.Allocations)
			require.Equal(t, 1, log.Frees)
			leaks := log.Leaks()
			require.Len(t, leaks, 1)
			if c.trace.Depth >= 0 {
				require.Equal(t, "UA_Session_new", leaks[0].Name)
			} else {
				require.Equal(t, "unknown caller", leaks[0].Name)
			}
			if c.trace.Capacity != 2 {
				require.Equal(t, uint64(230), leaks[0].Bytes)
				fresh, _ := booted(t, c.trace.Version, heap.PoisoningNone)
				require.NoError(t, log.Rebuild(fresh))
				require.Equal(t, h.FreeSize(heap.CapDefault), fresh.FreeSize(heap.CapDefault))
			}
		})
	}
	x := view.HeapTrace{Version: heap.V5_3_1}
	traced(t, &x)
	require.Equal(t, "UA_Session", x.Symbols()[0x400D0000])
	got := printed(t, func(b *bytes.Buffer) error { return x.Dump(b, heap.CapSPIRAM) })
	require.Contains(t, got, "0 bytes 'leaked' in trace (0 allocations)\n")
}

func TestReadHeapTraceNoticesLostLines(t *testing.T) {
	x := view.HeapTrace{Version: heap.V5_3_1}
	traced(t, &x)
	got := printed(t, func(b *bytes.Buffer) error { return x.Dump(b, 0) })
	lines := strings.SplitAfter(got, "\n")
	for i := range lines[:len(lines)-1] {
		switch {
		case strings.HasPrefix(lines[i], "Mode"), strings.HasPrefix(lines[i], "======"), strings.HasPrefix(lines[i], "total frees"):
			if i > 0 {
				continue // adds nothing that could be missed
			}
		}
		_, err := view.ReadHeapTrace(strings.NewReader(strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "")))
		require.Error(t, err, lines[i])
	}
	_, err := view.ReadHeapTrace(strings.NewReader(strings.Replace(got, "   200 bytes", "   201 bytes", 1)))
	require.ErrorContains(t, err, "231 bytes in 2 allocations, the summary says 230 in 2")
}

func TestTaskTracking(t *testing.T) {
	h, _ := booted(t, heap.Master, heap.PoisoningNone)
	x := &view.TaskTracking{}
	x.Start(h)
	a := h.Intern(heap.Tag{Task: "opcua_task", What: "UA_Session"})
	b := h.Intern(heap.Tag{Task: "a_task_with_a_long_name"})
	h.MallocDefault(a, 200)
	p := h.Malloc(b, 5000, heap.CapDMA)
	h.Malloc(b, 5000, heap.CapDMA)
	require.NoError(t, h.Free(p))
	x.Delete("a_task_with_a_long_name")
	require.Equal(t, `┌────────────────────┬─────────┬──────────────────────┬───────────────────┬─────────────────┐
│ TASK               │ STATUS  │ CURRENT MEMORY USAGE │ PEAK MEMORY USAGE │ TOTAL HEAP USED │
├────────────────────┼─────────┼──────────────────────┼───────────────────┼─────────────────┤
│    a_task_with_a_l │ DELETED │                 5120 │             10240 │               2 │
│         opcua_task │ ALIVE   │                  208 │               208 │               1 │
│      Pre-scheduler │ ALIVE   │                  192 │               192 │               1 │
└────────────────────┴─────────┴──────────────────────┴───────────────────┴─────────────────┘
`, printed(t, func(b *bytes.Buffer) error { return x.Overview(b) }))
	require.Equal(t, `├ DELETED: a_task_with_a_l, CURRENT MEMORY USAGE 5120, PEAK MEMORY USAGE 10240, TOTAL HEAP USED 2:
│    ├ HEAP: DRAM, CAPS: 0x0000180e, SIZE: 6432, USAGE: CURRENT 0 (0%), PEAK 5120 (79%), ALLOC COUNT: 0
│    └ HEAP: DRAM, CAPS: 0x0000180e, SIZE: 165120, USAGE: CURRENT 5120 (3%), PEAK 5120 (3%), ALLOC COUNT: 1
│         ├ ALLOC 0x3ffb7eb0, SIZE 5120
├ ALIVE: opcua_task, CURRENT MEMORY USAGE 208, PEAK MEMORY USAGE 208, TOTAL HEAP USED 1:
│    └ HEAP: DRAM, CAPS: 0x0000180e, SIZE: 6432, USAGE: CURRENT 208 (3%), PEAK 208 (3%), ALLOC COUNT: 1
│         ├ ALLOC 0x3ffae924, SIZE 208
└ ALIVE: Pre-scheduler, CURRENT MEMORY USAGE 192, PEAK MEMORY USAGE 192, TOTAL HEAP USED 1:
     └ HEAP: DRAM, CAPS: 0x0000180e, SIZE: 6432, USAGE: CURRENT 192 (2%), PEAK 192 (2%), ALLOC COUNT: 1
          ├ ALLOC 0x3ffae860, SIZE 192
`, printed(t, func(b *bytes.Buffer) error { return x.Details(b, h) }))
	x.Handle = func(task string) uint32 {
		return map[string]uint32{"opcua_task": 9, "a_task_with_a_long_name": 1}[task]
	}
	overview := printed(t, func(b *bytes.Buffer) error { return x.Overview(b) })
	require.Less(t, strings.Index(overview, "opcua_task"), strings.Index(overview, "a_task"))
}

func TestReadBootLog(t *testing.T) {
	for _, l := range []heap.Layout{
		heap.DefaultLayout(),
		{StaticEnd: 0x3FFB2EC8, IRAMEnd: 0x4008944C},
		{SingleCore: true, StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400925A0, RTCFastAsHeap: true, RTCDataEnd: 0x3FF80018},
		{BT: true, StaticStart: 0x3FFBDB60, StaticEnd: 0x3FFC7E58, IRAMEnd: 0x40098E5C},
		{BT: true, BTSCOConnections: 2, StaticEnd: 0x3FFC7E58, IRAMEnd: 0x40098E5C},
		{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400971DC, TraceBanks: 1},
		{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400971DC, TraceBanks: 2},
		{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400A3000},
		{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400A0000},
	} {
		h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: l})
		require.NoError(t, err)
		log := "I (325) heap_init: Initializing. RAM available for dynamic allocation:\n"
		for i, s := range h.BootLog() {
			log += fmt.Sprintf("\x1b[0;32mI (%d) heap_init: %s\x1b[0m\r\n", 332+i*6, s)
		}
		got, err := view.ReadBootLog(strings.NewReader(log))
		require.NoError(t, err, "%+v", l)
		again, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: got})
		require.NoError(t, err)
		require.Equal(t, h.BootLog(), again.BootLog())

		_, err = view.ReadBootLog(strings.NewReader(strings.Replace(log, "00001920", "00001910", 1)))
		if !l.BT {
			require.ErrorContains(t, err, "line 2: the layout found gives")
		}
	}
	_, err := view.ReadBootLog(strings.NewReader("nothing"))
	require.Error(t, err)
}

func TestBlockTables(t *testing.T) {
	h, now := booted(t, heap.V5_3_1, heap.PoisoningNone)
	*now = 1500 * time.Millisecond
	h.MallocDefault(h.Intern(heap.Tag{Task: "tiT", Object: `10.0.0.2:51234, "x"`, What: "tcp_pcb"}), 13)
	csv := printed(t, func(b *bytes.Buffer) error { return view.BlocksCSV(b, h.Blocks) })
	require.Equal(t, `address,requested,size,footprint,region,task,object,what,seconds,serial
0x3ffae860,180,180,184,DRAM,boot,,heap_t,0,0
0x3ffae918,13,16,20,DRAM,tiT,"10.0.0.2:51234, ""x""",tcp_pcb,1.5,1
`, csv)
	jsonl := printed(t, func(b *bytes.Buffer) error { return view.BlocksJSONL(b, h.Snapshot().Blocks) })
	require.Contains(t, jsonl, `{"address":"0x3ffae918","requested":13,"size":16,"footprint":20,"region":"DRAM","task":"tiT","object":"10.0.0.2:51234, \"x\"","what":"tcp_pcb","at":1500000000,"serial":1}`)
}

func FuzzReadHeapTrace(f *testing.F) {
	for _, v := range []heap.Version{heap.V4_4, heap.V5_3_1, heap.Master} {
		x := view.HeapTrace{Version: v, Mode: view.TraceAll}
		traced(f, &x)
		f.Add(printed(f, func(b *bytes.Buffer) error { return x.Dump(b, 0) }))
	}
	f.Fuzz(func(t *testing.T, text string) {
		log, err := view.ReadHeapTrace(strings.NewReader(text))
		if err != nil {
			return
		}
		var bytes uint64
		for _, l := range log.Leaks() {
			bytes += l.Bytes
		}
		h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
		require.NoError(t, err)
		before := h.FreeSize(heap.CapDefault)
		if log.Rebuild(h) == nil {
			require.LessOrEqual(t, h.FreeSize(heap.CapDefault), before)
		}
	})
}

func FuzzReadTables(f *testing.F) {
	h, _ := booted(f, heap.V5_3_1, heap.PoisoningNone)
	f.Add(printed(f, func(b *bytes.Buffer) error { return view.PrintHeapInfo(b, h, heap.CapDefault) }))
	f.Add(printed(f, func(b *bytes.Buffer) error { return view.Dump(b, h, heap.CapInvalid) }))
	f.Add(strings.Join(h.BootLog(), "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		view.ReadHeapInfo(strings.NewReader(text))
		view.ReadHeapInfos(strings.NewReader(text))
		view.ReadBootLog(strings.NewReader(text))
		dump, err := view.ReadDump(strings.NewReader(text))
		if err != nil {
			return
		}
		h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
		require.NoError(t, err)
		if view.RebuildDump(h, dump, heap.OwnerBoot) == nil {
			var b bytes.Buffer
			require.NoError(t, view.Dump(&b, h, heap.CapInvalid))
		}
	})
}
