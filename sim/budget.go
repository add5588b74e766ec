package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/image"
)

// Part is a kind of use of a device's memory.
type Part uint8

// The parts, in the order in which a budget lists them.
const (
	PartReserved    Part = iota // ROM data, caches, Bluetooth's and tracing's memory
	PartStatic                  // what the linker placed: data, bss, code in IRAM
	PartAllocator               // the heaps' own structures, and remainders too small for a heap
	PartTasks                   // stacks and task control blocks
	PartSystem                  // what ESP-IDF's start took: console, event loop, NVS, watchdog
	PartDrivers                 // Ethernet or Wi-Fi
	PartNetwork                 // lwIP, with all connections
	PartTLS                     // mbedTLS
	PartServices                // services beside the main program: HTTP servers, MQTT, SNTP
	PartApplication             // what the firmware's own tasks took: the server
	PartFree                    // free
)

// partNames are the parts' names in tables.
func partNames() []string {
	return []string{"reserved", "static", "allocator", "tasks", "system", "drivers", "lwip", "tls", "services", "application", "free"}
}

// String returns the part's name in tables.
func (p Part) String() string {
	if names := partNames(); int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("Part(%d)", uint8(p))
}

// MarshalText writes String, for JSON.
func (p Part) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Part) UnmarshalText(text []byte) error {
	i := slices.Index(partNames(), string(text))
	if i < 0 {
		return fmt.Errorf("sim: part %q: one of %v was expected", text, partNames())
	}
	*p = Part(i)
	return nil
}

// A Use is one row of a budget.
type Use struct {
	Part   Part   `json:"part"`
	Name   string `json:"name"`
	Bytes  uint32 `json:"bytes"`
	Blocks int    `json:"blocks,omitempty"` // of the heap, if it is made of such
}

// A MemoryBudget says where one of the chip's memories is, to the byte.
type MemoryBudget struct {
	Name  string `json:"name"`  // "DRAM", "IRAM", "RTC FAST" or "PSRAM"
	Bytes uint32 `json:"bytes"` // of the whole memory
	Uses  []Use  `json:"uses"`  // by part, the largest first within a part
}

// A RegionBudget is one heap of the chip.
type RegionBudget struct {
	Name      string    `json:"name"` // ESP-IDF's name of its type
	Start     heap.Addr `json:"start"`
	Bytes     uint32    `json:"bytes"`     // End - Start
	Allocator uint32    `json:"allocator"` // its own structure
	Held      uint32    `json:"held"`      // by blocks, with their headers
	Free      uint32    `json:"free"`      // in holes, with their headers
	Largest   uint32    `json:"largest"`   // largest block that can be had
	Used      bool      `json:"used"`      // false: listed at the start, not a heap yet or too small for one
}

// A Budget says where a device's memory is at an instant. Everything in it was
// counted on its own, and each memory's uses add up to it; Check tells.
type Budget struct {
	Device   string         `json:"device"`
	At       time.Duration  `json:"at"`
	Memories []MemoryBudget `json:"memories"`
	Regions  []RegionBudget `json:"regions"`

	// FreeHeap and LargestFreeBlock are what esp_get_free_heap_size and
	// heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT) would return, and
	// MinimumFreeHeap esp_get_minimum_free_heap_size. To these the mark at the end
	// of each heap, 4 bytes, is free, and with poisoning a block's canaries are not
	// (multi_heap.c, multi_heap_poisoning.c); the uses count both where they are.
	FreeHeap         uint32 `json:"free_heap"`
	LargestFreeBlock uint32 `json:"largest_free_block"`
	MinimumFreeHeap  uint32 `json:"minimum_free_heap"`
}

// Budget says where the device's memory is now: the chip's DRAM (the 320 KB of
// the documentation, from 0x3FFB0000, and the 8 KB below them, of which the ROM
// leaves 6), its IRAM, RTC fast memory if it is heap, and PSRAM. Chips beside the
// ESP32 have one memory for code and data, which stands under DRAM.
func (d *Device) Budget() (*Budget, error) {
	reserved, err := d.heap.Reserved()
	if err != nil {
		return nil, fmt.Errorf("sim: device %q: %w", d.name, err)
	}
	b := &Budget{Device: d.name, At: d.world.Now(), FreeHeap: d.FreeHeap(), LargestFreeBlock: d.LargestFreeBlock(), MinimumFreeHeap: d.MinimumFreeHeap()}
	regions := d.heap.Regions()
	slices.SortFunc(regions, func(a, b heap.Region) int { return cmp.Compare(a.Start, b.Start) })
	// A heap within a heap, the pool of internal memory that is kept from malloc,
	// is a block of the outer one.
	inner := func(i int) bool {
		return i > 0 && regions[i].End <= regions[i-1].End
	}
	firmware := d.applicationTasks()
	memories := map[string]*account{}
	var order []string
	for _, m := range d.heap.Memories() {
		name := memoryName(m.Name)
		a := memories[name]
		if a == nil {
			a = &account{uses: map[useKey]*Use{}}
			memories[name] = a
			order = append(order, name)
		}
		end := m.End
		if m.Name == "SPIRAM" {
			end = m.Start + heap.Addr(d.psramSize())
		}
		a.bytes += uint32(end - m.Start)
		covered := uint32(0)
		for _, r := range reserved {
			if from, to := max(r.Start, m.Start), min(r.End, end); from < to && m.Name != "SPIRAM" {
				d.reserve(a, r, uint32(to-from))
				covered += uint32(to - from)
			}
		}
		for i, r := range regions {
			if r.Start < m.Start || r.Start >= end || inner(i) {
				continue
			}
			b.Regions = append(b.Regions, d.region(a, r, firmware))
			covered += uint32(r.End - r.Start)
		}
		// What is left over is what the boot drops: 16 bytes and less between two
		// reserved ranges; or PSRAM that is not heap.
		if left := uint32(end-m.Start) - covered; m.Name == "SPIRAM" {
			a.add(PartReserved, "mapped, not heap", left, 0)
		} else {
			a.add(PartAllocator, "remainders", left, 0)
		}
	}
	for _, name := range order {
		b.Memories = append(b.Memories, MemoryBudget{Name: name, Bytes: memories[name].bytes, Uses: memories[name].list()})
	}
	return b, b.Check()
}

// Check says whether the uses of each memory add up to it.
func (b *Budget) Check() error {
	for _, m := range b.Memories {
		sum := uint64(0)
		for _, u := range m.Uses {
			sum += uint64(u.Bytes)
		}
		if sum != uint64(m.Bytes) {
			return fmt.Errorf("sim: device %q: the budget of %s adds up to %d bytes of %d", b.Device, m.Name, sum, m.Bytes)
		}
	}
	return nil
}

// Part returns how many bytes of a memory are of that part.
func (b *Budget) Part(memory string, p Part) uint32 {
	n := uint32(0)
	for _, m := range b.Memories {
		for _, u := range m.Uses {
			if m.Name == memory && u.Part == p {
				n += u.Bytes
			}
		}
	}
	return n
}

// memoryName joins the two kinds of DRAM of the region table.
func memoryName(region string) string {
	switch region {
	case "D/IRAM", "RAM", "Retention RAM", "DRAM/RETENTION", "STACK/DRAM", "STACK/DIRAM", "DRAM/RETENTION/STACK":
		return "DRAM"
	case "RTCRAM":
		return "RTC FAST"
	case "SPIRAM":
		return "PSRAM"
	}
	return region
}

// account collects the uses of one memory.
type account struct {
	bytes uint32
	uses  map[useKey]*Use
}

type useKey struct {
	part Part
	name string
}

func (a *account) add(p Part, name string, bytes uint32, blocks int) {
	if bytes == 0 {
		return
	}
	k := useKey{p, name}
	if a.uses[k] == nil {
		a.uses[k] = &Use{Part: p, Name: name}
	}
	a.uses[k].Bytes += bytes
	a.uses[k].Blocks += blocks
}

func (a *account) list() []Use {
	var all []Use
	for _, u := range a.uses {
		all = append(all, *u)
	}
	slices.SortFunc(all, func(x, y Use) int {
		return cmp.Or(cmp.Compare(x.Part, y.Part), cmp.Compare(y.Bytes, x.Bytes), strings.Compare(x.Name, y.Name))
	})
	return all
}

// reserve adds a reserved range; static data and code by the sections of the
// image, if there is one.
func (d *Device) reserve(a *account, r heap.Reserved, n uint32) {
	part, memory := PartReserved, image.DRAM
	switch r.Name {
	case "dram_data":
		part = PartStatic
	case "iram_code", "sram1_iram":
		part, memory = PartStatic, image.IRAM
	case "rtcram_data":
		part, memory = PartStatic, image.RTCFast
	}
	if img := d.cfg.Image; part == PartStatic && r.Name != "sram1_iram" && img != nil {
		for _, s := range img.Sections {
			if s.Memory == memory && s.Size <= n {
				a.add(part, s.Name, s.Size, 0)
				n -= s.Size
			}
		}
		a.add(part, "alignment between sections", n, 0)
		return
	}
	data := ".data and .bss"
	if d.chip != heap.ESP32 {
		data = "code, .data and .bss"
	}
	names := map[string]string{"dram_data": data, "iram_code": "code", "sram1_iram": "code", "rtcram_data": "data"}
	name := names[r.Name]
	if name == "" {
		name = r.Name
	}
	a.add(part, name, n, 0)
}

// region adds a heap by walking over its blocks.
func (d *Device) region(a *account, r heap.Region, firmware map[string]bool) RegionBudget {
	out := RegionBudget{Name: r.Name, Start: r.Start, Bytes: uint32(r.End - r.Start), Used: r.Registered,
		Largest: r.Info.LargestFreeBlock}
	name := fmt.Sprintf("%s at %v", r.Name, r.Start)
	if !d.heap.Extents(r.Start, func(e heap.Extent) bool {
		n := uint32(e.End - e.Start)
		switch {
		case e.Block != nil:
			part, who := d.partOf(e.Block.Tag, firmware)
			a.add(part, who, n, 1)
			out.Held += n
		case e.Free:
			a.add(PartFree, name, n, 1)
			out.Free += n
		default:
			a.add(PartAllocator, name, n, 0)
			out.Allocator += n
		}
		return true
	}) {
		a.add(PartFree, name+", not a heap yet", out.Bytes, 0)
	}
	return out
}

// applicationTasks are the names of the tasks that the firmware made itself.
func (d *Device) applicationTasks() map[string]bool {
	names := map[string]bool{}
	for _, t := range d.tasks {
		names[t.Name()] = true
	}
	delete(names, "sys_evt")
	return names
}

// partOf says what kind of use a block is, and of whom.
func (d *Device) partOf(t heap.Tag, firmware map[string]bool) (Part, string) {
	object, kind := t.Object, t.Object
	if i := strings.IndexAny(kind, " :"); i > 0 {
		kind = kind[:i]
	}
	switch {
	case object == "" && (t.What == "stack" || t.What == "TCB"):
		return PartTasks, t.Task
	case kind == "tls" || kind == "mbedtls":
		return PartTLS, object
	case isService(kind):
		return PartServices, object
	case object == "emac" || object == "wifi driver":
		return PartDrivers, object
	case kind == "tcp" || kind == "udp" || kind == "raw" || kind == "lwip" || kind == "netif" || kind == "arp" || kind == "dns" || kind == "dhcp" || t.Task == "tiT":
		return PartNetwork, cmp.Or(object, "lwip")
	case firmware[t.Task]:
		return PartApplication, strings.TrimSpace(t.Task + " " + object)
	}
	return PartSystem, cmp.Or(object, t.What)
}

// isService says whether an object belongs to a service beside the main program.
func isService(kind string) bool {
	return kind == "httpd" || kind == "https" || kind == "mqtt" || kind == "sntp" || kind == "mdns"
}

func (d *Device) psramSize() uint32 {
	if d.cfg.PSRAM == 0 {
		return defaultPSRAM
	}
	return d.cfg.PSRAM
}
