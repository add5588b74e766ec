package heap_test

import (
	"strconv"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// multiHeapOp is what the model gets of a line of a multi_heap trace.
type multiHeapOp struct {
	op   string
	h    int64
	n    uint32
	al   uint32
	line int
}

// multiHeapReplay drives a MultiHeap by handles.
type multiHeapReplay struct {
	m    *heap.MultiHeap
	base heap.Addr
	at   map[int64]heap.Addr // live handles
	last int64               // highest handle so far
}

func replayMultiHeap(l *recordings.Lines, as *heap.Version, images bool) error {
	e, err := readLine(l, 0)
	if err != nil {
		return err
	}
	version, poisoning, distribution, err := header(e, as)
	if err != nil {
		return err
	}
	baseField, err := e.take("region_base", 's')
	if err != nil {
		return err
	}
	base, err := strconv.ParseUint(baseField.s, 0, 32)
	if err != nil {
		return l.Errorf(0, "region_base: want an address, got %v", baseField)
	}
	size, err := e.takeUint("region_size")
	if err != nil {
		return err
	}
	m, err := heap.RegisterMultiHeap(heap.Addr(base), size, heap.MultiHeapConfig{Version: version, Poisoning: poisoning, Images: images})
	if err != nil {
		return l.Errorf(0, "%v", err)
	}
	lay := m.Layout()
	if err := e.compare(object{
		{"base_alignment", num(min(uint32(base)&-uint32(base), 4096))},
		{"control_size", num(lay.ControlSize)},
		{"fl_index_max", num(lay.FLIndexMax)},
		{"fl_index_count", num(lay.FLIndexCount)},
		{"sl_index_count", num(lay.SLIndexCount)},
		{"initial", multiHeapState(m)},
	}); err != nil {
		return err
	}

	r := &multiHeapReplay{m: m, base: heap.Addr(base), at: make(map[int64]heap.Addr)}
	for i := 1; i < len(l.Text); i++ {
		e, err := readLine(l, i)
		if err != nil {
			return err
		}
		op, err := readMultiHeapOp(e)
		if err != nil {
			return err
		}
		got, err := r.do(op)
		if err != nil {
			return l.Errorf(i, "%v", err)
		}
		if err := e.compare(got); err != nil {
			return err
		}
	}
	if found := m.Check(false); len(found) > 0 {
		return l.Errorf(len(l.Text)-1, "%v", found[0])
	}
	// Every trace but realloc0 frees what it allocated, so a lost end shows.
	if len(r.at) > 0 && distribution != "realloc0" {
		return l.Errorf(len(l.Text), "the recording ends with %d blocks not freed: lines are missing", len(r.at))
	}
	return nil
}

func readMultiHeapOp(e *expectation) (op multiHeapOp, err error) {
	o, err := e.take("op", 's')
	if err != nil {
		return op, err
	}
	op.op, op.line = o.s, e.line
	h, err := e.take("h", 'n')
	if err != nil {
		return op, err
	}
	op.h = h.n
	switch op.op {
	case "f":
		return op, nil
	case "al":
		if op.al, err = e.takeUint("al"); err != nil {
			return op, err
		}
	case "m", "r", "rn":
	default:
		return op, e.l.Errorf(e.line, `op %q: want "m", "al", "r", "rn" or "f"`, op.op)
	}
	op.n, err = e.takeUint("n")
	return op, err
}

// do performs one operation and returns what there is to compare.
func (r *multiHeapReplay) do(op multiHeapOp) (object, error) {
	p, live := r.at[op.h]
	fresh := op.op == "m" || op.op == "al" || op.op == "rn"
	switch {
	case fresh && op.h != r.last+1:
		return nil, errorf("new handle %d: want %d, the one after the last", op.h, r.last+1)
	case !fresh && !live && op.h != 0:
		return nil, errorf("handle %d is not allocated", op.h)
	}
	var q heap.Addr
	var err error
	switch op.op {
	case "m":
		q = r.m.Malloc(op.n)
	case "al":
		q = r.m.AlignedAlloc(op.n, op.al)
	case "rn":
		q, err = r.m.Realloc(0, op.n)
	case "r":
		q, err = r.m.Realloc(p, op.n)
	case "f":
		err = r.m.Free(p)
	}
	if err != nil {
		return nil, err
	}
	if fresh {
		r.last = op.h
	}
	switch {
	case q != 0:
		r.at[op.h] = q
	case op.op == "f" || op.op == "r" && op.n == 0:
		delete(r.at, op.h)
	}
	got := make(object, 0, 3)
	if op.op != "f" {
		if q == 0 {
			got = append(got, field{"r", num(-1)})
		} else {
			a, err := r.m.AllocatedSize(q)
			if err != nil {
				return nil, err
			}
			got = append(got, field{"r", num(uint32(q - r.base))}, field{"a", num(a)})
		}
	}
	return append(got, field{"s", multiHeapState(r.m)}), nil
}

func multiHeapState(m *heap.MultiHeap) value {
	i := m.Info()
	return nums(i.TotalFreeBytes, i.LargestFreeBlock, i.MinimumFreeBytes, i.AllocatedBlocks, i.FreeBlocks, i.TotalBlocks, i.TotalAllocatedBytes)
}

// replayRegister checks the rows of register.jsonl: what registering a region
// of a given size makes of it. They are the same for every version.
func replayRegister(l *recordings.Lines, as *heap.Version) error {
	versions := []heap.Version{heap.V4_4, heap.V5_3_1, heap.Master}
	if as != nil {
		versions = []heap.Version{*as}
	}
	for i := range l.Text {
		for _, v := range versions {
			if err := registerRow(l, i, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func registerRow(l *recordings.Lines, i int, v heap.Version) error {
	e, err := readLine(l, i)
	if err != nil {
		return err
	}
	base, err := e.takeUint("base")
	if err != nil {
		return err
	}
	size, err := e.takeUint("size")
	if err != nil {
		return err
	}
	name, err := e.take("poisoning", 's')
	if err != nil {
		return err
	}
	poisoning, err := heap.ParsePoisoning(name.s)
	if err != nil {
		return l.Errorf(i, "%v", err)
	}
	m, err := heap.RegisterMultiHeap(heap.Addr(base), size, heap.MultiHeapConfig{Version: v, Poisoning: poisoning})
	if err != nil {
		return e.compare(object{{"ok", boolean(false)}})
	}
	lay, info := m.Layout(), m.Info()
	got := object{
		{"ok", boolean(true)}, {"control", num(lay.ControlSize)}, {"fl_max", num(lay.FLIndexMax)},
		{"fl_count", num(lay.FLIndexCount)}, {"sl_count", num(lay.SLIndexCount)}, {"fl_shift", num(lay.FLIndexShift)},
		{"small", num(lay.SmallBlockSize)}, {"first_payload", num(lay.FirstPayload)}, {"free", num(m.FreeSize())},
		{"pool", boolean(lay.HasPool)},
	}
	if lay.HasPool {
		maxMalloc, at := largestMalloc(m, size)
		got = append(got, object{
			{"largest", num(info.LargestFreeBlock)}, {"min_free", num(info.MinimumFreeBytes)},
			{"free_blocks", num(info.FreeBlocks)}, {"total_blocks", num(info.TotalBlocks)},
			{"allocated", num(info.TotalAllocatedBytes)}, {"max_malloc", num(maxMalloc)},
		}...)
		if maxMalloc > 0 {
			got = append(got, field{"max_malloc_off", num(uint32(at - heap.Addr(base)))})
		}
	}
	return e.compare(got)
}

// largestMalloc finds the largest request that succeeds on a fresh heap, and
// where, by bisection: on a heap of one block success is monotonic.
func largestMalloc(m *heap.MultiHeap, size uint32) (n uint32, at heap.Addr) {
	low, high := uint32(0), size
	for low < high {
		mid := (low + high + 1) / 2
		if p := m.Malloc(mid); p != 0 {
			low, at = mid, p
			if m.Free(p) != nil {
				return 0, 0
			}
		} else {
			high = mid - 1
		}
	}
	return low, at
}
