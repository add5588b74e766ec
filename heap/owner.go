package heap

import "strings"

// Tag says who holds a block, from the outside in.
type Tag struct {
	Task   string // the FreeRTOS task that allocated it: "opcua_task", "tiT"
	Object string // what it serves: "session 3", "10.0.0.2:51234"
	What   string // the C object, pool or purpose: "UA_Session", "tcp_pcb", "stack"
}

// String joins the parts that are not empty with slashes.
func (t Tag) String() string {
	parts := make([]string, 0, 3)
	for _, s := range []string{t.Task, t.Object, t.What} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "/")
}

// Owner is an interned Tag, a small number that costs nothing to carry through
// an allocation. Owner 0 is OwnerBoot.
type Owner uint32

// OwnerBoot is the owner of everything allocated without a better one.
const OwnerBoot Owner = 0

// ownerHeap holds the allocator's own records.
const ownerHeap Owner = 1

// holding is what one owner holds and ever allocated.
type holding struct {
	bytes      uint32 // of memory taken from the free bytes, headers included
	blocks     uint32
	everBytes  uint64
	everBlocks uint64
}

// owners interns tags and keeps the sums per owner.
type owners struct {
	tags  []Tag
	ids   map[Tag]Owner
	holds []holding
}

func (o *owners) init() {
	o.ids = make(map[Tag]Owner)
	o.intern(Tag{Task: "boot"})
	o.intern(Tag{Task: "boot", What: "heap_t"})
}

func (o *owners) intern(t Tag) Owner {
	if id, ok := o.ids[t]; ok {
		return id
	}
	id := Owner(len(o.tags))
	o.tags = append(o.tags, t)
	o.holds = append(o.holds, holding{})
	o.ids[t] = id
	return id
}

func (o *owners) hold(id Owner, bytes uint32) {
	h := &o.holds[id]
	h.bytes += bytes
	h.blocks++
	h.everBytes += uint64(bytes)
	h.everBlocks++
}

func (o *owners) release(id Owner, bytes uint32) {
	h := &o.holds[id]
	h.bytes -= bytes
	h.blocks--
}

// move passes a block on, as if the new owner had allocated it.
func (o *owners) move(from, to Owner, bytes uint32) {
	o.release(from, bytes)
	f := &o.holds[from]
	f.everBytes -= uint64(bytes)
	f.everBlocks--
	o.hold(to, bytes)
}

// Intern returns the owner for a tag, the same one for equal tags.
func (h *Heap) Intern(t Tag) Owner { return h.owners.intern(t) }

// Tag returns what was interned as o; an owner that never was is OwnerBoot's.
func (h *Heap) Tag(o Owner) Tag {
	if int(o) >= len(h.owners.tags) {
		o = OwnerBoot
	}
	return h.owners.tags[o]
}

// Holding is what one owner holds at an instant.
type Holding struct {
	Owner  Owner  // as Intern returned it
	Tag    Tag    // what it stands for
	Bytes  uint32 // taken from the free bytes: payloads, headers and poisoning
	Blocks uint32 // allocated blocks
	// AllocatedBytes and AllocatedBlocks count everything the owner ever
	// allocated, freed or not.
	AllocatedBytes  uint64
	AllocatedBlocks uint64
}

// Holdings returns what every owner holds, in the order of their interning,
// owners that hold nothing included.
func (h *Heap) Holdings() []Holding {
	out := make([]Holding, len(h.owners.tags))
	for i := range out {
		out[i] = h.Holding(Owner(i))
	}
	return out
}

// Holding returns what one owner holds.
func (h *Heap) Holding(o Owner) Holding {
	if int(o) >= len(h.owners.holds) {
		return Holding{Owner: o}
	}
	x := h.owners.holds[o]
	return Holding{
		Owner: o, Tag: h.owners.tags[o], Bytes: x.bytes, Blocks: x.blocks,
		AllocatedBytes: x.everBytes, AllocatedBlocks: x.everBlocks,
	}
}

// Held returns what each owner holds of the memory that offers caps, in the
// order of their interning; owners that hold nothing of it are left out. A heap
// made inside a block (the internal pool) counts with its own blocks, and only
// what it does not cover counts for the block. AllocatedBytes and
// AllocatedBlocks are those of Holding.
func (h *Heap) Held(caps Cap) []Holding {
	sums := make([]holding, len(h.owners.tags))
	for _, g := range h.heaps {
		if !g.matches(caps) {
			continue
		}
		m := g.heap
		for i := m.first; i != 0; i = m.blocks[i].next {
			b := &m.blocks[i]
			if b.isFree() || b.bytes() == 0 {
				continue
			}
			sums[b.owner].bytes += b.bytes() + blockHeader - h.nestedIn(g, b)
			sums[b.owner].blocks++
		}
	}
	var out []Holding
	for o, s := range sums {
		if s.blocks > 0 {
			x := h.Holding(Owner(o))
			x.Bytes, x.Blocks = s.bytes, s.blocks
			out = append(out, x)
		}
	}
	return out
}

// nestedIn returns the bytes of heaps that lie inside a block.
func (h *Heap) nestedIn(g *region, b *block) uint32 {
	var n uint32
	for _, x := range h.heaps {
		if x != g && x.heap != nil && x.start >= b.addr && x.start < b.addr+b.bytes() {
			n += x.end - x.start
		}
	}
	return n
}
