package freertos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// TestSizes checks every object's block against the sizes compiled from each
// version's headers.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		version                   heap.Version
		unicore, trace            bool
		tcb, queue, group, timer  uint32
		tcbKept, wdt, wdtEntry    uint32
		objectsFromDefault, names bool
	}{
		{version: heap.V4_4, tcb: 344, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 12},
		{version: heap.V4_4, unicore: true, tcb: 344, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 12},
		{version: heap.V4_4, trace: true, tcb: 352, queue: 92, group: 40, timer: 44, wdt: 16, wdtEntry: 12},
		{version: heap.V5_3_1, tcb: 340, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 16},
		{version: heap.V5_3_1, unicore: true, tcb: 336, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 16},
		{version: heap.V5_3_1, trace: true, tcb: 348, queue: 92, group: 40, timer: 44, wdt: 16, wdtEntry: 16},
		{version: heap.Master, tcb: 100, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 16},
		{version: heap.Master, unicore: true, tcb: 96, queue: 84, group: 36, timer: 40, wdt: 16, wdtEntry: 16},
		{version: heap.Master, trace: true, tcb: 108, queue: 92, group: 40, timer: 44, wdt: 16, wdtEntry: 16},
	} {
		k := newChipOf(t, c.version, func(cfg *Config) { cfg.Unicore, cfg.TraceFacility = c.unicore, c.trace })
		k.task(t, "main", 5, Core0, func(me *Task) {
			_, err := NewQueue[int](k.Kernel, "mbox", 32, 4)
			require.NoError(t, err)
			_, err = NewBinarySemaphore(k.Kernel, "sem")
			require.NoError(t, err)
			_, err = NewMutex(k.Kernel, "mutex")
			require.NoError(t, err)
			_, err = NewRecursiveMutex(k.Kernel, "rmutex")
			require.NoError(t, err)
			_, err = NewEventGroup(k.Kernel, "group")
			require.NoError(t, err)
			_, err = NewTimer(k.Kernel, "timer", 1, false, func(*Timer) {})
			require.NoError(t, err)
			require.NoError(t, k.WDT.Init())
			me.Suspend()
		})
		require.NoError(t, k.StartScheduler())
		require.NoError(t, k.loop.Run(time.Second))
		got := map[heap.Tag]uint32{}
		k.heap.Blocks(func(b heap.Block) bool { got[b.Tag] += b.Requested; return true })
		want := map[heap.Tag]uint32{
			{Task: "main", What: "stack"}:                          2048,
			{Task: "main", What: "TCB"}:                            c.tcb,
			{Task: "Tmr Svc", What: "stack"}:                       2048,
			{Task: "Tmr Svc", What: "TCB"}:                         c.tcb,
			{Task: "main", Object: "mbox", What: "queue"}:          c.queue + 128,
			{Task: "main", Object: "sem", What: "semaphore"}:       c.queue,
			{Task: "main", Object: "mutex", What: "mutex"}:         c.queue,
			{Task: "main", Object: "rmutex", What: "mutex"}:        c.queue,
			{Task: "main", Object: "group", What: "event group"}:   c.group,
			{Task: "main", Object: "timer", What: "timer"}:         c.timer,
			{Task: "main", Object: "task_wdt", What: "twdt_obj"}:   c.wdt,
			{Task: "main", Object: "task_wdt", What: "twdt_entry"}: c.wdtEntry,
		}
		if c.unicore {
			want[heap.Tag{Task: "IDLE", What: "stack"}] = 1536
			want[heap.Tag{Task: "IDLE", What: "TCB"}] = c.tcb
		} else {
			want[heap.Tag{Task: "main", Object: "task_wdt", What: "twdt_entry"}] *= 2
			for _, idle := range []string{"IDLE0", "IDLE1"} {
				want[heap.Tag{Task: idle, What: "stack"}] = 1536
				want[heap.Tag{Task: idle, What: "TCB"}] = c.tcb
			}
		}
		for tag := range want {
			require.Contains(t, got, tag)
		}
		for tag, n := range got {
			if tag.Task == "boot" || tag.What == "heap_t" {
				continue
			}
			require.Equal(t, want[tag], n, "%v unicore %v trace %v: %v", c.version, c.unicore, c.trace, tag)
		}
	}
}

// TestTaskMemoryOrder: the stack is taken before the TCB and freed before it.
func TestTaskMemoryOrder(t *testing.T) {
	k := newChip(t, nil)
	a := k.task(t, "a", 1, Core0, func(*Task) {})
	require.Less(t, a.stack, a.tcb)
	var freed []string
	a.OnFree(func() {
		freed = append(freed, "callback 1")
		_, err := k.heap.AllocatedSize(a.stack)
		require.NoError(t, err)
	})
	a.OnFree(func() { freed = append(freed, "callback 2") })
	a.Delete()
	require.Equal(t, []string{"callback 1", "callback 2"}, freed)
	require.Equal(t, Invalid, a.State())
	// The block freed last is the first of its class: a TCB gets the place of the
	// TCB, a stack that of the stack.
	b := k.task(t, "b", 1, Core0, func(*Task) {})
	require.Equal(t, a.stack, b.stack)
	require.Equal(t, a.tcb, b.tcb)
}

// TestNoMemoryForTask: a task that cannot be made leaves nothing behind, whether
// the stack or the TCB is refused.
func TestNoMemoryForTask(t *testing.T) {
	k := newChip(t, nil)
	const caps = heap.CapInternal | heap.Cap8Bit
	free := k.heap.FreeSize(caps)
	_, err := k.CreateTask("big", 300_000, 1, Core0, func(*Task) {})
	var none *NoMemoryError
	require.ErrorAs(t, err, &none)
	require.EqualValues(t, 300_000, none.Failure.Size)
	require.Equal(t, "stack", none.Failure.Tag.What)
	require.Equal(t, free, none.Failure.Free)
	require.ErrorContains(t, err, "task big: errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY")

	// Fill the memory but for one block that takes a stack and no more.
	var held []heap.Addr
	for k.heap.LargestFreeBlock(caps) >= 64 {
		p := k.heap.Malloc(heap.OwnerBoot, k.heap.LargestFreeBlock(caps), caps)
		held = append(held, p)
	}
	require.NoError(t, k.heap.Free(held[len(held)-1]))
	left := k.heap.FreeSize(caps)
	_, err = k.CreateTask("a", k.heap.LargestFreeBlock(caps), 1, Core0, func(*Task) {})
	require.ErrorAs(t, err, &none)
	require.Equal(t, "TCB", none.Failure.Tag.What)
	require.Equal(t, left, k.heap.FreeSize(caps))
	_, err = NewQueue[int](k.Kernel, "q", 100, 100)
	require.ErrorAs(t, err, &none)
	_, err = NewEventGroup(k.Kernel, "g")
	if err != nil {
		require.ErrorAs(t, err, &none)
	}
}

// TestV4_4ObjectsComeFromMalloc: with external memory, v4.4 puts queues where
// malloc does, later versions keep them internal.
func TestObjectsAndExternalMemory(t *testing.T) {
	for _, v := range []heap.Version{heap.V4_4, heap.V5_3_1} {
		k := newChipOf(t, v, nil)
		l := heap.DefaultLayout()
		l.SPIRAM = true
		h, err := heap.New(heap.Config{Version: v, Layout: l})
		require.NoError(t, err)
		require.NoError(t, h.AddSPIRAM(4<<20, 1000))
		k2, err := New(k.loop, h, DefaultConfig(v))
		require.NoError(t, err)
		q, err := NewQueue[int](k2, "q", 1000, 4)
		require.NoError(t, err)
		external := q.Addr() >= 0x3F800000 && q.Addr() < 0x3FC00000
		require.Equal(t, v == heap.V4_4, external, "%v: %v", v, q.Addr())
		task, err := k2.CreateTask("a", 4096, 1, Core0, func(*Task) {})
		require.NoError(t, err)
		require.Greater(t, task.stack, heap.Addr(0x3FFAE000))
	}
}
