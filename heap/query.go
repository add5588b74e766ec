package heap

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"time"
)

// Key names the group that a block belongs to in a query. The empty name leaves
// the block out.
type Key func(Block) string

// ByTask groups by the task that allocated; "-" if it is not known.
func ByTask(b Block) string { return first(b.Tag.Task, "-") }

// ByObject groups by the object served, such as "session 3"; "-" if there is
// none.
func ByObject(b Block) string { return first(b.Tag.Object, "-") }

// ByWhat groups by C object, pool or purpose; "-" if it is not known.
func ByWhat(b Block) string { return first(b.Tag.What, "-") }

// ByTag groups by the whole tag, its parts joined by slashes.
func ByTag(b Block) string { return first(b.Tag.String(), "-") }

// ByRegion groups by the name of the memory type: "DRAM", "D/IRAM".
func ByRegion(b Block) string { return b.Region }

// ByAge groups by how long ago, seen from now, a block was allocated: by the
// largest of the ages that it has reached. The ages must be ascending.
func ByAge(now time.Duration, ages ...time.Duration) Key {
	return func(b Block) string {
		i, _ := slices.BinarySearch(ages, now-b.At+1)
		if i == 0 {
			if len(ages) == 0 {
				return "any age"
			}
			return fmt.Sprintf("under %v", ages[0])
		}
		return fmt.Sprintf("%v and more", ages[i-1])
	}
}

// BySizeClass groups by requested size, in powers of two: "17 to 32".
func BySizeClass(b Block) string {
	if b.Requested <= 1 {
		return "1"
	}
	high := uint32(1) << bits.Len32(b.Requested-1)
	return fmt.Sprintf("%d to %d", high/2+1, high)
}

// Group is the blocks of one key.
type Group struct {
	Key       string        // as the Key function gave it
	Blocks    int           // how many
	Requested uint64        // bytes asked for
	Footprint uint64        // bytes taken from the free bytes
	Largest   uint32        // the largest request
	Oldest    time.Duration // the earliest time of allocation
}

// GroupBlocks adds blocks up by a key, largest footprint first, equal ones by
// key. Blocks comes from Heap.Blocks or Snapshot.Blocks:
//
//	heap.GroupBlocks(h.Blocks, heap.ByObject)
func GroupBlocks(blocks func(func(Block) bool), key Key) []Group {
	var out []Group
	index := make(map[string]int)
	for b := range blocks {
		k := key(b)
		if k == "" {
			continue
		}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, Group{Key: k, Oldest: b.At})
		}
		g := &out[i]
		g.Blocks++
		g.Requested += uint64(b.Requested)
		g.Footprint += uint64(b.Footprint)
		g.Largest = max(g.Largest, b.Requested)
		g.Oldest = min(g.Oldest, b.At)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Footprint, a.Footprint), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// Find returns the block that an address lies in, header and canaries included:
// what a wild pointer points into.
func (h *Heap) Find(p Addr) (Block, bool) {
	g := h.findHeap(p)
	if g == nil {
		return Block{}, false
	}
	i := g.heap.rowAt(uint32(p))
	if i == 0 || g.heap.blocks[i].isFree() {
		return Block{}, false
	}
	return h.block(g, i), true
}

// Blocks calls f for every block that was allocated when the snapshot was taken,
// like Heap.Blocks.
func (s *Snapshot) Blocks(f func(Block) bool) { s.view().Blocks(f) }

// FreeSize is Heap.FreeSize when the snapshot was taken.
func (s *Snapshot) FreeSize(caps Cap) uint32 { return s.view().FreeSize(caps) }

// LargestFreeBlock is Heap.LargestFreeBlock when the snapshot was taken.
func (s *Snapshot) LargestFreeBlock(caps Cap) uint32 { return s.view().LargestFreeBlock(caps) }

// MinimumFreeSize is Heap.MinimumFreeSize when the snapshot was taken.
func (s *Snapshot) MinimumFreeSize(caps Cap) uint32 { return s.view().MinimumFreeSize(caps) }

// view is a heap for reading only, made of the snapshot's state.
func (s *Snapshot) view() *Heap {
	h := &Heap{owners: s.owners}
	for i, g := range s.heaps {
		x := *g
		x.heap = nil
		if s.allocators[i] != nil {
			x.heap = &s.states[i]
		}
		h.heaps = append(h.heaps, &x)
	}
	return h
}

// Difference is what changed between two snapshots of a heap.
type Difference struct {
	Added []Block // allocated since and still there, in address order
	Freed []Block // there before and gone, in address order
	// FreeBefore and FreeAfter are the free bytes of all heaps.
	FreeBefore, FreeAfter uint32
}

// Diff compares two snapshots of one heap. A block that was reallocated counts
// as freed and added.
func Diff(before, after *Snapshot) Difference {
	type id struct {
		addr   Addr
		serial uint32
		region Addr
	}
	old := make(map[id]bool)
	for b := range before.Blocks {
		old[id{b.Addr, b.Serial, b.RegionStart}] = true
	}
	d := Difference{FreeBefore: before.FreeSize(0), FreeAfter: after.FreeSize(0)}
	kept := make(map[id]bool)
	for b := range after.Blocks {
		k := id{b.Addr, b.Serial, b.RegionStart}
		if old[k] {
			kept[k] = true
		} else {
			d.Added = append(d.Added, b)
		}
	}
	for b := range before.Blocks {
		if !kept[id{b.Addr, b.Serial, b.RegionStart}] {
			d.Freed = append(d.Freed, b)
		}
	}
	return d
}

// String lists the differences by tag, added ones first: "+2 opcua_task/session
// 3/UA_Session 1234 bytes".
func (d Difference) String() string {
	s := fmt.Sprintf("free %d -> %d (%+d)\n", d.FreeBefore, d.FreeAfter, int64(d.FreeAfter)-int64(d.FreeBefore))
	for _, part := range []struct {
		sign   string
		blocks []Block
	}{{"+", d.Added}, {"-", d.Freed}} {
		for _, g := range GroupBlocks(slices.Values(part.blocks), ByTag) {
			s += fmt.Sprintf("%s%d %s %d bytes\n", part.sign, g.Blocks, g.Key, g.Footprint)
		}
	}
	return s
}
