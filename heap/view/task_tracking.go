package view

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// TaskTracking keeps per-task statistics like HEAP_TASK_TRACKING of ESP-IDF
// master (heap_task_info.c) and prints its tables. Add it to a heap with
// Heap.AddHook. What ESP-IDF's own records would cost is not taken from the
// modelled memory. Sizes are those of whole blocks.
type TaskTracking struct {
	// Handle gives a task's TaskHandle_t, the address of its TCB; the tables
	// list tasks by descending handle. Nil lists the task that allocated last
	// for the first time first.
	Handle func(task string) uint32

	tasks []*trackedTask
}

type trackedTask struct {
	name          string
	deleted       bool
	order         uint32
	current, peak uint32
	heaps         []*trackedHeap
}

type trackedHeap struct {
	region        heap.Region
	current, peak uint32
	allocs        []trackedAlloc
}

type trackedAlloc struct {
	addr heap.Addr
	size uint32
}

// preScheduler is the name of what was allocated before there were tasks.
const preScheduler = "Pre-scheduler"

func taskName(b heap.Block) string {
	if b.Tag.Task == "" || b.Tag.Task == "boot" {
		return preScheduler
	}
	return b.Tag.Task
}

// Start takes over what is allocated already and adds the tracking to the heap,
// as if it had been on from the beginning, except that peaks start now.
func (t *TaskTracking) Start(h *heap.Heap) {
	for b := range h.Blocks {
		t.Alloc(b.Addr, b.Requested, b)
	}
	h.AddHook(t)
}

// Alloc counts a block (heap_caps_update_per_task_info_alloc).
func (t *TaskTracking) Alloc(p heap.Addr, _ uint32, b heap.Block) {
	name, size := taskName(b), b.Footprint-4
	task := t.task(name)
	if task == nil {
		task = &trackedTask{name: name, order: uint32(len(t.tasks) + 1)}
		if name == preScheduler {
			task.order = 0
		}
		t.tasks = append(t.tasks, task)
	}
	task.current += size
	task.peak = max(task.peak, task.current)
	i := slices.IndexFunc(task.heaps, func(x *trackedHeap) bool { return x.region.Start == b.RegionStart })
	if i < 0 {
		i = len(task.heaps)
		task.heaps = append(task.heaps, &trackedHeap{region: heap.Region{Start: b.RegionStart, Name: b.Region}})
	}
	x := task.heaps[i]
	x.current += size
	x.peak = max(x.peak, x.current)
	x.allocs = append(x.allocs, trackedAlloc{p, size})
}

// Free takes a block off its task (heap_caps_update_per_task_info_free). As in
// the original, what was allocated before the scheduler is never taken off.
func (t *TaskTracking) Free(p heap.Addr, b heap.Block) {
	name := taskName(b)
	if name == preScheduler {
		return
	}
	for _, task := range t.tasks {
		if task.name != name {
			continue
		}
		for _, x := range task.heaps {
			i := slices.IndexFunc(x.allocs, func(a trackedAlloc) bool { return a.addr == p })
			if i < 0 {
				continue
			}
			size := x.allocs[i].size
			x.allocs = slices.Delete(x.allocs, i, i+1)
			x.current -= size
			task.current -= size
			return
		}
	}
}

// Delete marks a task as deleted (HEAP_TRACK_DELETED_TASKS). A new task of the
// same name is another one.
func (t *TaskTracking) Delete(task string) {
	if x := t.task(task); x != nil {
		x.deleted = true
	}
}

// task returns the living task of a name.
func (t *TaskTracking) task(name string) *trackedTask {
	for _, x := range t.tasks {
		if x.name == name && !x.deleted {
			return x
		}
	}
	return nil
}

// sorted returns the tasks in the order of the tables.
func (t *TaskTracking) sorted() []*trackedTask {
	handle := func(x *trackedTask) uint32 {
		if x.name == preScheduler || t.Handle == nil {
			return x.order
		}
		return t.Handle(x.name)
	}
	s := slices.Clone(t.tasks)
	slices.SortStableFunc(s, func(a, b *trackedTask) int { return cmp.Compare(handle(b), handle(a)) })
	return s
}

// Overview prints the table of heap_caps_print_all_task_stat_overview.
func (t *TaskTracking) Overview(w io.Writer) error {
	b := bufio.NewWriter(w)
	tasks := t.sorted()
	if len(tasks) > 0 {
		fmt.Fprint(b, "┌────────────────────┬─────────┬──────────────────────┬───────────────────┬─────────────────┐\n"+
			"│ TASK               │ STATUS  │ CURRENT MEMORY USAGE │ PEAK MEMORY USAGE │ TOTAL HEAP USED │\n"+
			"├────────────────────┼─────────┼──────────────────────┼───────────────────┼─────────────────┤\n")
	}
	for _, x := range tasks {
		status := "ALIVE  "
		if x.deleted {
			status = "DELETED"
		}
		fmt.Fprintf(b, "│ %18s │ %7s │ %20d │ %17d │ %15d │\n", x.shortName(), status, x.current, x.peak, len(x.heaps))
	}
	if len(tasks) > 0 {
		fmt.Fprint(b, "└────────────────────┴─────────┴──────────────────────┴───────────────────┴─────────────────┘\n")
	}
	return b.Flush()
}

// shortName is the name as a task control block keeps it: at most 15 bytes.
func (x *trackedTask) shortName() string {
	if len(x.name) > 15 {
		return x.name[:15]
	}
	return x.name
}

// Details prints every task with its heaps and allocations, like
// heap_caps_print_all_task_stat; h is the heap that was tracked.
func (t *TaskTracking) Details(w io.Writer, h *heap.Heap) error {
	b := bufio.NewWriter(w)
	regions := make(map[heap.Addr]heap.Region)
	for _, r := range h.Regions() {
		regions[r.Start] = r
	}
	tasks := t.sorted()
	for i, x := range tasks {
		bar, start := "│", "├"
		if i == len(tasks)-1 {
			bar, start = " ", "└"
		}
		status := "ALIVE"
		if x.deleted {
			status = "DELETED"
		}
		fmt.Fprintf(b, "%s %s: %s, CURRENT MEMORY USAGE %d, PEAK MEMORY USAGE %d, TOTAL HEAP USED %d:\n", start, status, x.shortName(), x.current, x.peak, len(x.heaps))
		for j, y := range x.heaps {
			heapBar, heapStart := "│", "├"
			if j == len(x.heaps)-1 {
				heapBar, heapStart = " ", "└"
			}
			r := regions[y.region.Start]
			size := max(1, uint32(r.End-r.Start))
			fmt.Fprintf(b, "%s    %s HEAP: %s, CAPS: 0x%08x, SIZE: %d, USAGE: CURRENT %d (%d%%), PEAK %d (%d%%), ALLOC COUNT: %d\n",
				bar, heapStart, y.region.Name, uint32(r.Caps[0]|r.Caps[1]|r.Caps[2]), size,
				y.current, y.current*100/size, y.peak, y.peak*100/size, len(y.allocs))
			for _, a := range y.allocs {
				fmt.Fprintf(b, "%s    %s    ├ ALLOC %v, SIZE %d\n", bar, heapBar, a.addr, a.size)
			}
		}
	}
	return b.Flush()
}
