package heap_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// scenarioLayout is what the linker and sdkconfig of a recorded scenario left
// (see the README beside the recordings).
func scenarioLayout(name string) (heap.Layout, bool) {
	switch name {
	case "hello":
		return heap.Layout{StaticEnd: 0x3FFB2EC8, IRAMEnd: 0x4008944C}, true
	case "wifi":
		return heap.Layout{StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400971DC}, true
	case "wifilight", "wifib":
		return heap.Layout{StaticEnd: 0x3FFB86F8, IRAMEnd: 0x40095BB0}, true
	case "psram":
		return heap.Layout{StaticEnd: 0x3FFB86F8, IRAMEnd: 0x40095BB0, SPIRAM: true}, true
	case "uni":
		return heap.Layout{SingleCore: true, StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400925A0}, true
	case "unirtc":
		return heap.Layout{SingleCore: true, StaticEnd: 0x3FFB7B00, IRAMEnd: 0x400925A0, RTCFastAsHeap: true, RTCDataEnd: 0x3FF80018}, true
	case "iram8":
		return heap.Layout{SingleCore: true, StaticEnd: 0x3FFB9C70, IRAMEnd: 0x4008F3C4, IRAMAs8Bit: true}, true
	case "bt":
		return heap.Layout{BT: true, StaticStart: 0x3FFBDB60, StaticEnd: 0x3FFC7E58, IRAMEnd: 0x40098E5C}, true
	}
	return heap.Layout{}, false
}

// layoutOfBootLog finds the layout that gives the boot log of a header.
func layoutOfBootLog(e *expectation) (heap.Layout, error) {
	log, _ := e.rest.get("boot_log")
	var text strings.Builder
	for _, s := range log.a {
		fmt.Fprintln(&text, s.s)
	}
	return view.ReadBootLog(strings.NewReader(text.String()))
}

// capsOp is what the model gets of a line of a capability trace.
type capsOp struct {
	op         string
	h          int64
	n, al      uint32
	caps       heap.Cap
	regionCaps [3]heap.Cap
	start, end heap.Addr
	limit      uint32
}

type capsReplay struct {
	h     *heap.Heap
	at    map[int64]heap.Addr
	last  int64
	phase string // the op before, of those that have an order
}

func replayCaps(l *recordings.Lines, as *heap.Version, images bool) error {
	e, err := readLine(l, 0)
	if err != nil {
		return err
	}
	version, poisoning, _, err := header(e, as)
	if err != nil {
		return err
	}
	scenario, err := e.take("scenario", 's')
	if err != nil {
		return err
	}
	layout, ok := scenarioLayout(scenario.s)
	if !ok {
		// The memory of another scenario is what its boot log says.
		if layout, err = layoutOfBootLog(e); err != nil {
			return l.Errorf(0, "scenario %v is not known, and its boot log gives no layout: %v", scenario, err)
		}
		layout.IRAMAs8Bit = strings.HasPrefix(scenario.s, "iram8")
	}
	h, err := heap.New(heap.Config{Version: version, Poisoning: poisoning, Layout: layout, Images: images})
	if err != nil {
		return l.Errorf(0, "%v", err)
	}
	log := value{kind: 'a'}
	for _, s := range h.BootLog() {
		log.a = append(log.a, str(s))
	}
	if err := e.compare(object{{"sizeof_heap_t", num(36)}, {"boot_log", log}}); err != nil {
		return err
	}

	r := &capsReplay{h: h, at: make(map[int64]heap.Addr)}
	for i := 1; i < len(l.Text); i++ {
		e, err := readLine(l, i)
		if err != nil {
			return err
		}
		op, err := readCapsOp(e)
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
	if found := h.CheckIntegrity(heap.CapInvalid, false); len(found) > 0 {
		return l.Errorf(len(l.Text)-1, "%v", found[0])
	}
	if r.phase != "end" {
		return l.Errorf(len(l.Text), `the recording has no "end": lines are missing`)
	}
	return nil
}

func readCapsOp(e *expectation) (op capsOp, err error) {
	o, err := e.take("op", 's')
	if err != nil {
		return op, err
	}
	op.op = o.s
	var fields []string
	switch op.op {
	case "init", "enable", "end":
		return op, nil
	case "add":
		fields = []string{"caps3", "start", "end"}
	case "extmem":
		fields = []string{"limit"}
	case "md":
		fields = []string{"h", "n"}
	case "m", "c", "r":
		fields = []string{"h", "n", "caps"}
	case "al":
		fields = []string{"h", "n", "al", "caps"}
	case "f":
		fields = []string{"h"}
	default:
		return op, e.l.Errorf(e.line, "op %q is not known", op.op)
	}
	for _, f := range fields {
		var n uint32
		switch f {
		case "h":
			var v value
			v, err = e.take("h", 'n')
			op.h = v.n
		case "caps3":
			var v value
			if v, err = e.take("caps", 'a'); err != nil {
				return op, err
			}
			if len(v.a) != 3 {
				return op, e.l.Errorf(e.line, "caps: want three tiers, got %v", v)
			}
			for i := range v.a {
				if v.a[i].kind != 'n' || v.a[i].n < 0 || v.a[i].n > 0xFFFFFFFF {
					return op, e.l.Errorf(e.line, "caps: want unsigned 32-bit integers, got %v", v)
				}
				op.regionCaps[i] = heap.Cap(v.a[i].n)
			}
		default:
			n, err = e.takeUint(f)
		}
		if err != nil {
			return op, err
		}
		switch f {
		case "n":
			op.n = n
		case "al":
			op.al = n
		case "caps":
			op.caps = heap.Cap(n)
		case "start":
			op.start = heap.Addr(n)
		case "end":
			op.end = heap.Addr(n)
		case "limit":
			op.limit = n
		}
	}
	return op, nil
}

func (r *capsReplay) do(op capsOp) (object, error) {
	if (op.op == "init") != (r.phase == "") || r.phase == "end" {
		return nil, errorf("op %q after %q: a recording starts with init and ends with end", op.op, r.phase)
	}
	p, live := r.at[op.h]
	fresh := false
	switch op.op {
	case "md", "m", "c", "al":
		fresh = true
		if op.h != r.last+1 {
			return nil, errorf("new handle %d: want %d, the one after the last", op.h, r.last+1)
		}
		r.last = op.h
	case "f", "r":
		if !live && op.h != 0 {
			return nil, errorf("handle %d is not allocated", op.h)
		}
	}
	r.phase = op.op
	var q heap.Addr
	var err error
	const owner = heap.OwnerBoot
	switch op.op {
	case "init":
		return object{{"heaps", r.heaps()}, {"s", r.state()}}, nil
	case "enable":
		r.h.EnableNonOSStackHeaps()
		return object{{"heaps", r.heaps()}, {"s", r.state()}}, nil
	case "add":
		var code int
		if err := r.h.AddRegion(op.regionCaps, op.start, op.end); err != nil {
			var refused *heap.RegionError
			if !errors.As(err, &refused) {
				return nil, err
			}
			code = map[string]int{"ESP_FAIL": -1, "ESP_ERR_NO_MEM": 0x101, "ESP_ERR_INVALID_ARG": 0x102, "ESP_ERR_INVALID_SIZE": 0x104}[refused.Code]
		}
		return object{{"err", num(code)}, {"heaps", r.heaps()}, {"s", r.state()}}, nil
	case "extmem":
		r.h.EnableExtMem(op.limit)
		return object{{"s", r.state()}}, nil
	case "end":
		return object{{"failed_cb", num(r.h.Failures())}, {"heaps", r.heaps()}, {"s", r.state()}}, nil
	case "md":
		q = r.h.MallocDefault(owner, op.n)
	case "m":
		q = r.h.Malloc(owner, op.n, op.caps)
	case "c":
		q = r.h.Calloc(owner, 1, op.n, op.caps)
	case "al":
		q = r.h.AlignedAlloc(owner, op.al, op.n, op.caps)
	case "r":
		q, err = r.h.Realloc(owner, p, op.n, op.caps)
	case "f":
		err = r.h.Free(p)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case q != 0:
		r.at[op.h] = q
	case !fresh && (op.op == "f" || op.n == 0):
		delete(r.at, op.h)
	}
	got := object{{"s", r.state()}}
	if op.op != "f" {
		got = append(got, field{"r", num(uint32(q))})
	}
	return got, nil
}

func (r *capsReplay) state() value {
	v := value{kind: 'a'}
	for _, c := range [3]heap.Cap{heap.CapDefault | heap.CapInternal, heap.Cap8Bit, heap.Cap32Bit} {
		v.a = append(v.a, nums(r.h.FreeSize(c), r.h.LargestFreeBlock(c), r.h.MinimumFreeSize(c)))
	}
	return v
}

func (r *capsReplay) heaps() value {
	v := value{kind: 'a'}
	for _, g := range r.h.Regions() {
		o := object{{"start", num(uint32(g.Start))}, {"end", num(uint32(g.End))}, {"caps", nums(g.Caps[:]...)}, {"registered", boolean(g.Registered)}}
		if g.Registered {
			o = append(o, object{
				{"free", num(g.Info.TotalFreeBytes)}, {"largest", num(g.Info.LargestFreeBlock)},
				{"min", num(g.Info.MinimumFreeBytes)}, {"allocated_blocks", num(g.Info.AllocatedBlocks)},
			}...)
		}
		v.a = append(v.a, value{kind: 'o', o: o})
	}
	return v
}
