package heap

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Config is what a Heap is made from. Version and Layout have to be set; the
// zero value of every other field is ESP-IDF's default.
type Config struct {
	Version   Version   // whose rules apply
	Poisoning Poisoning // HEAP_CORRUPTION_DETECTION
	// TaskTracking is HEAP_TASK_TRACKING: 4 bytes in front of each block for the
	// task that asked for it. Before v5.2 they are part of the head canary's
	// structure, so that it needs poisoning. Not with Images from v5.2 on.
	TaskTracking bool
	Layout       Layout // which memory is heap; DefaultLayout is a typical one

	// Now is the clock that stamps allocations and failures; nil is always 0.
	Now func() time.Duration
	// OnFail is the callback of heap_caps_register_failed_alloc_callback. It
	// may read the heap, not allocate.
	OnFail func(Failure)
	// OnAbort is called where ESP-IDF calls abort() or asserts: a bad pointer,
	// detected corruption, or a failed allocation with AbortOnFailure. The
	// chip is then dead, so OnAbort usually does not return to the caller; if
	// it does, or is nil, an operation with a bad pointer or a damaged header
	// has no effect.
	OnAbort func(error)
	// AbortOnFailure is HEAP_ABORT_WHEN_ALLOCATION_FAILS.
	AbortOnFailure bool
	// Images keeps the contents of the memory: data, block headers, canaries and
	// fill patterns. Damage to them (Write, Corrupt) is then found when and as
	// ESP-IDF finds it. It costs a host byte for each byte of memory in use.
	Images bool
	// Console gets what the heap prints, such as "CORRUPT HEAP: ..."; nil
	// discards it.
	Console io.Writer
	// Hooks are told of every allocation and free.
	Hooks []Hook
	// Inject decides which allocations fail on purpose; nil fails none.
	Inject Injector
}

// Heap is all of a chip's heap memory behind the capability layer
// (heap_caps.c). It is not for concurrent use.
type Heap struct {
	cfg    Config
	rules  rules
	types  []memoryType
	chip   *chip
	heaps  []*region // search order
	table  []*region // registration order, the regions of heap_caps_init only
	routes []route
	owners owners

	started     bool          // heap_caps_enable_nonos_stack_heaps was called
	extmem      bool          // heap_caps_malloc_extmem_enable was called,
	extmemLimit uint32        // with this limit
	mem         *memory       // contents, nil without Images
	aliases     map[Addr]Addr // instruction-bus address of a D/IRAM block to its data-bus address
	calls       uint64        // allocation calls so far
	failures    uint64        // of which failed
	monitor     []uint32      // minima put aside by MonitorMinimumStart, in search order
	monitorAt   Addr          // the block that ESP-IDF keeps them in
	bootLog     []string
	aborted     bool // an allocation met a damaged header
}

// region is one registered heap (heap_t of heap_private.h).
type region struct {
	name       string
	caps       [3]Cap
	all        Cap
	start, end uint32
	heap       *MultiHeap // nil until registered
}

// contains says whether an address is in the region, allocated or not.
func (r *region) contains(p Addr) bool {
	return r.heap != nil && uint32(p) >= r.start && uint32(p) < r.end
}

func (r *region) matches(caps Cap) bool { return r.heap != nil && r.all&caps == caps }

const heapRecord = 36 // sizeof(heap_t) of heap_private.h

// New builds the heaps of a chip as heap_caps_init does: it registers every
// available region except those the ROM's startup stacks lie in, takes the
// array of heap records from the first of them that has byte-accessible
// internal memory for it, and writes the boot log.
func New(cfg Config) (*Heap, error) {
	r, err := rulesOf(cfg.Version)
	if err != nil {
		return nil, err
	}
	if cfg.Poisoning > PoisoningComprehensive {
		return nil, fmt.Errorf("heap: Config.Poisoning: %v: want none, light or comprehensive", cfg.Poisoning)
	}
	inHead := !cfg.Version.AtLeast(5, 2, 0)
	switch {
	case !cfg.TaskTracking:
	case inHead && cfg.Poisoning == PoisoningNone:
		return nil, fmt.Errorf("heap: Config.TaskTracking: %v tracks tasks with poisoning only", cfg.Version)
	case !inHead && cfg.Images:
		return nil, fmt.Errorf("heap: Config.TaskTracking: no images of %v's blocks with their tasks", cfg.Version)
	}
	if int(cfg.Layout.Chip) >= len(chips) {
		return nil, fmt.Errorf("heap: Layout.Chip: %v is not known", cfg.Layout.Chip)
	}
	if cfg.Layout.Chip == ESP32 && !r.sram1AsIRAM && cfg.Layout.IRAMEnd > iramHigh {
		return nil, fmt.Errorf("heap: Layout.IRAMEnd is %v: %v has no SRAM1 as IRAM, want at most %v", cfg.Layout.IRAMEnd, cfg.Version, Addr(iramHigh))
	}
	h := &Heap{cfg: cfg, rules: r, types: memoryTypes(&cfg.Layout, &r), chip: &chips[cfg.Layout.Chip]}
	h.owners.init()
	if cfg.Images {
		h.mem = newMemory(cfg.Layout.spans()...)
	}
	regions, err := cfg.Layout.availableRegions(&r)
	if err != nil {
		return nil, err
	}
	for _, m := range mergeRegions(regions) {
		t := h.types[m.typ]
		g := &region{name: t.name, caps: t.caps, all: t.caps[0] | t.caps[1] | t.caps[2], start: m.start, end: m.start + m.size}
		if !m.startupStack {
			h.register(g)
		}
		h.table = append(h.table, g)
		h.bootLog = append(h.bootLog, fmt.Sprintf("At %08X len %08X (%d KiB): %s", m.start, m.size, m.size/1024, t.name))
	}

	records := heapRecord * uint32(len(h.table))
	i := slices.IndexFunc(h.table, func(g *region) bool {
		if !g.matches(Cap8Bit | CapInternal) {
			return false
		}
		row := g.heap.mallocRow(records)
		if row != 0 {
			h.tookFor(ownerHeap, g.heap, row)
		}
		return row != 0
	})
	if i < 0 {
		return nil, fmt.Errorf("heap: no heap of the layout has %d bytes of 8BIT|INTERNAL memory for the records of its %d heaps", records, len(h.table))
	}
	h.heaps = slices.Clone(h.table)
	if r.searchBySize {
		// Each goes before the first that is as large or larger, so among equals
		// the last registered comes first.
		h.heaps = h.heaps[:0]
		for _, g := range h.table {
			at := slices.IndexFunc(h.heaps, func(x *region) bool { return x.end-x.start >= g.end-g.start })
			if at < 0 {
				at = len(h.heaps)
			}
			h.heaps = slices.Insert(h.heaps, at, g)
		}
	}
	return h, nil
}

func (h *Heap) register(g *region) {
	m := &MultiHeap{console: h.cfg.Console, onAbort: func(err error) { h.aborted = true; h.abort(err) }}
	if m.mem = h.mem; m.mem != nil {
		m.mem.include(g.start, g.end)
	}
	if m.register(g.start, g.end-g.start, h.cfg.Poisoning, &h.rules) {
		g.heap = m
		if h.cfg.TaskTracking {
			m.head, m.overhead = m.head+taskOwner, m.overhead+taskOwner
		}
	}
	h.routes = nil
}

// now is the time that stamps an event.
func (h *Heap) now() time.Duration {
	if h.cfg.Now == nil {
		return 0
	}
	return h.cfg.Now()
}

// Version returns whose rules apply.
func (h *Heap) Version() Version { return h.cfg.Version }

// Chip returns the chip whose memory the heap is in.
func (h *Heap) Chip() Chip { return h.cfg.Layout.Chip }

// Poisoning returns the kind of poisoning.
func (h *Heap) Poisoning() Poisoning { return h.cfg.Poisoning }

// EnableNonOSStackHeaps registers the heaps that the ROM's startup stacks lay in
// (D/IRAM). ESP-IDF calls heap_caps_enable_nonos_stack_heaps in the main task
// just before app_main; until then everything comes from the other heaps.
func (h *Heap) EnableNonOSStackHeaps() {
	for _, g := range h.heaps {
		if g.heap == nil {
			h.register(g)
		}
	}
	h.started = true
}

// EnableExtMem makes malloc use external memory for requests above limit bytes
// (heap_caps_malloc_extmem_enable).
func (h *Heap) EnableExtMem(limit uint32) { h.extmem, h.extmemLimit = true, limit }

// BootLog returns the lines that the boot log has after "heap_init: ", in
// address order: "At 3FFB7B00 len 00028500 (161 KiB): DRAM".
func (h *Heap) BootLog() []string { return slices.Clone(h.bootLog) }
