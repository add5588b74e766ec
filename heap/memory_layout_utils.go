package heap

// availableRegions cuts the reserved ranges out of the region table
// (memory_layout_utils.c, soc_get_available_memory_regions): a hole splits a
// region, and what is left of 16 bytes or less is dropped.
func (l *Layout) availableRegions(rules *rules) ([]memoryRegion, error) {
	reserved, err := l.reservedRegions(rules)
	if err != nil {
		return nil, err
	}
	var out []memoryRegion
	for _, in := range memoryRegions(l, rules) {
		start, end := in.start, in.start+in.size
		keep := func(from, to uint32) {
			if from < to && to-from > 16 {
				out = append(out, memoryRegion{from, to - from, in.typ, in.startupStack})
			}
		}
		for _, r := range reserved {
			if r.end <= start || r.start >= end {
				continue
			}
			keep(start, r.start)
			start = r.end
		}
		keep(start, end)
	}
	return out, nil
}

// mergeRegions joins neighbours of one type and startup flag
// (heap_caps_init.c). A dropped remainder between two pieces keeps them apart.
func mergeRegions(in []memoryRegion) []memoryRegion {
	var out []memoryRegion
	for _, r := range in {
		if n := len(out); n > 0 {
			if a := &out[n-1]; a.start+a.size == r.start && a.typ == r.typ && a.startupStack == r.startupStack {
				a.size += r.size
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// A Reserved is memory of the chip that no heap gets: what the ROM, the caches,
// static data, code in IRAM and the Bluetooth controller occupy.
type Reserved struct {
	Name       string // as ESP-IDF names it: "rom_data", "dram_data", "iram_code", ...
	Start, End Addr   // End is the first address after it
}

// Reserved lists the reserved ranges in address order
// (SOC_RESERVE_MEMORY_REGION in port/esp32/memory_layout.c and components/bt).
// The error is for a layout that cannot be. What depends on the version is
// master's.
func (l Layout) Reserved() ([]Reserved, error) { return l.reserved(newestRules()) }

// Reserved is Layout.Reserved of the heap's layout in its version.
func (h *Heap) Reserved() ([]Reserved, error) { return h.cfg.Layout.reserved(&h.rules) }

func (l *Layout) reserved(r *rules) ([]Reserved, error) {
	all, err := l.reservedRegions(r)
	if err != nil {
		return nil, err
	}
	out := make([]Reserved, len(all))
	for i, r := range all {
		out[i] = Reserved{r.name, Addr(r.start), Addr(r.end)}
	}
	return out, nil
}

// A Memory is one memory of the chip, with all that is reserved in it.
type Memory struct {
	Name       string // ESP-IDF's name of its type: "DRAM", "D/IRAM", "IRAM", "SPIRAM", "RTCRAM"
	Start, End Addr   // End is the first address after it
}

// Memories lists the memories that the region table has for this layout, in its
// order, neighbours of one type joined (soc_memory_regions). What depends on the
// version is master's.
func (l Layout) Memories() []Memory { return l.memories(newestRules()) }

// Memories is Layout.Memories of the heap's layout in its version.
func (h *Heap) Memories() []Memory { return h.cfg.Layout.memories(&h.rules) }

func (l *Layout) memories(rules *rules) []Memory {
	var out []Memory
	types := memoryTypes(l, rules)
	for _, r := range memoryRegions(l, rules) {
		name, start, end := types[r.typ].name, Addr(r.start), Addr(r.start+r.size)
		if n := len(out); n > 0 && out[n-1].Name == name && out[n-1].End == start {
			out[n-1].End = end
			continue
		}
		out = append(out, Memory{name, start, end})
	}
	return out
}
