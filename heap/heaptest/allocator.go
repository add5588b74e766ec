// Package heaptest holds tests for users of package heap: TestAllocator checks
// that a model of ESP-IDF's multi_heap behaves as ESP-IDF's own host tests
// demand, and Sweep fails every allocation of a scenario in turn.
package heaptest

import (
	"math/rand/v2"
	"testing"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Allocator is a heap over one region, such as heap.MultiHeap. The meaning of
// the methods is that of its methods.
type Allocator interface {
	Malloc(n uint32) heap.Addr
	AlignedAlloc(n, align uint32) heap.Addr
	Realloc(p heap.Addr, n uint32) (heap.Addr, error)
	Free(p heap.Addr) error
	AllocatedSize(p heap.Addr) (uint32, error)
	Info() heap.MultiHeapInfo
}

// Damageable is implemented by an allocator that keeps the contents of its
// memory. Check returns what is wrong with it; Corrupt inverts bytes.
type Damageable interface {
	Check(print bool) []*heap.CorruptionError
	Corrupt(p heap.Addr, n uint32) error
}

// Options says what to expect of an allocator.
type Options struct {
	// Poisoning is how the allocator was made. With comprehensive poisoning,
	// realloc always moves and damage to free memory is found.
	Poisoning heap.Poisoning
}

const regionStart = 0x3FFB0000

// TestAllocator puts an allocator through the behaviour that ESP-IDF's host
// tests of multi_heap check (test_multi_heap_host), written anew: simple
// allocations, fragmentation, defragmentation by free and by realloc, random
// operations, the figures of get_info, minimum sizes, realloc, alignment,
// overhead, and the finding of damage. newAllocator makes one over size bytes at
// start; it may be called many times.
func TestAllocator(t *testing.T, newAllocator func(t testing.TB, start heap.Addr, size uint32) Allocator, o Options) {
	small := func(t testing.TB) *driver { return newDriver(t, newAllocator, 4096) }
	t.Run("simple allocations", func(t *testing.T) { simpleAllocations(small(t)) })
	t.Run("fragmentation", func(t *testing.T) { fragmentation(small(t)) })
	t.Run("defragmentation", func(t *testing.T) { defragmentation(small(t)) })
	t.Run("get_info", func(t *testing.T) { getInfo(small(t)) })
	t.Run("minimum size", func(t *testing.T) { minimumSize(small(t)) })
	t.Run("realloc", func(t *testing.T) { reallocs(small(t), o) })
	t.Run("aligned", func(t *testing.T) { aligned(small(t)) })
	t.Run("overhead", func(t *testing.T) { overhead(small(t)) })
	t.Run("random", func(t *testing.T) {
		for _, kib := range []uint32{15, 255, 4095} {
			random(newDriver(t, newAllocator, kib*1024))
		}
	})
	if o.Poisoning != heap.PoisoningComprehensive {
		t.Run("defragmentation by realloc", func(t *testing.T) { defragRealloc(small(t)) })
	}
	if d := small(t); d.damageable != nil {
		t.Run("damage", func(t *testing.T) { damage(small(t), o) })
	}
}

// driver is an allocator with the checks that every test makes.
type driver struct {
	testing.TB
	Allocator
	damageable Damageable
	size       uint32
}

func newDriver(t testing.TB, f func(testing.TB, heap.Addr, uint32) Allocator, size uint32) *driver {
	t.Helper()
	d := &driver{TB: t, Allocator: f(t, regionStart, size), size: size}
	d.damageable, _ = d.Allocator.(Damageable)
	if d.damageable != nil && d.damageable.Corrupt(regionStart, 0) != nil {
		d.damageable = nil // it keeps no contents
	}
	return d
}

func (d *driver) require(ok bool, format string, args ...any) {
	d.Helper()
	if !ok {
		d.Fatalf(format, args...)
	}
}

func (d *driver) sound() {
	d.Helper()
	if d.damageable != nil {
		found := d.damageable.Check(false)
		d.require(len(found) == 0, "the heap is damaged: %v", found)
	}
}

// take allocates and checks the address and the size.
func (d *driver) take(n uint32) heap.Addr {
	d.Helper()
	p := d.Malloc(n)
	d.require(p != 0, "malloc(%d) failed", n)
	d.placed(p, n)
	return p
}

func (d *driver) placed(p heap.Addr, n uint32) {
	d.Helper()
	d.require(p >= regionStart && p < regionStart+heap.Addr(d.size), "%d bytes at %v: outside the region", n, p)
	got, err := d.AllocatedSize(p)
	d.require(err == nil && got >= n, "%d bytes at %v: allocated size is %d, %v", n, p, got, err)
	d.sound()
}

func (d *driver) release(p heap.Addr) {
	d.Helper()
	err := d.Free(p)
	d.require(err == nil, "free(%v): %v", p, err)
	d.sound()
}

func simpleAllocations(d *driver) {
	n := (d.Info().TotalFreeBytes + 4) / 2
	p := d.take(n)
	d.require(d.Malloc(n) == 0, "a second half of the heap was granted")
	d.release(p)
	d.release(d.take(n))
	i := d.Info()
	d.require(i.TotalFreeBytes > i.MinimumFreeBytes, "the minimum %d is not below %d free", i.MinimumFreeBytes, i.TotalFreeBytes)
}

func fragmentation(d *driver) {
	var p [4]heap.Addr
	for i := range p {
		p[i] = d.take(500)
	}
	d.require(d.Malloc(2500) == 0, "2500 bytes were granted beside four blocks of 500")
	before := d.Info()
	d.release(p[0])
	d.release(p[1])
	d.release(p[3])
	i := d.Info()
	d.require(i.AllocatedBlocks == 1 && i.FreeBlocks == 2, "1 block and 2 holes are left, not %d and %d", i.AllocatedBlocks, i.FreeBlocks)
	d.require(i.LargestFreeBlock > before.LargestFreeBlock, "freeing a neighbour did not make the largest block larger")
	d.release(p[2])
	d.release(d.take(1000))
}

func defragmentation(d *driver) {
	empty := d.Info()
	d.require(empty.AllocatedBlocks == 0 && empty.FreeBlocks == 1, "a new heap has %d blocks and %d holes", empty.AllocatedBlocks, empty.FreeBlocks)
	a, b := d.take(128), d.take(32)
	d.release(a)
	c := d.take(64)
	d.require(c == a, "64 bytes went to %v, not to the hole of 128 at %v", c, a)
	d.release(c)
	c = d.take(32)
	d.require(c == a, "32 bytes went to %v, not to the hole of 128 at %v", c, a)
	i := d.Info()
	d.require(i.AllocatedBlocks == 2 && i.FreeBlocks == 2, "%d blocks and %d holes, want 2 and 2", i.AllocatedBlocks, i.FreeBlocks)
	d.release(c)
	d.release(b)
	d.isEmpty(empty)
}

func (d *driver) isEmpty(empty heap.MultiHeapInfo) {
	d.Helper()
	i := d.Info()
	i.MinimumFreeBytes = empty.MinimumFreeBytes
	d.require(i == empty, "the emptied heap has %+v, the new one had %+v", i, empty)
}

func defragRealloc(d *driver) {
	empty := d.Info()
	a, b := d.take(128), d.take(32)
	for _, n := range []uint32{64, 32} {
		c, err := d.Realloc(a, n)
		d.require(err == nil && c == a, "realloc to %d moved from %v to %v, %v", n, a, c, err)
		d.sound()
	}
	i := d.Info()
	d.require(i.AllocatedBlocks == 2 && i.FreeBlocks == 2, "%d blocks and %d holes, want 2 and 2", i.AllocatedBlocks, i.FreeBlocks)
	d.release(a)
	d.release(b)
	d.isEmpty(empty)
}

func getInfo(d *driver) {
	before := d.Info()
	d.require(before.AllocatedBlocks == 0 && before.TotalAllocatedBytes == 0, "a new heap has %+v", before)
	d.require(before.TotalFreeBytes == before.MinimumFreeBytes, "a new heap's minimum is %d of %d", before.MinimumFreeBytes, before.TotalFreeBytes)
	p := d.take(32)
	i := d.Info()
	d.require(i.AllocatedBlocks == 1 && i.TotalAllocatedBytes == 32, "32 bytes in one block are %+v", i)
	d.require(i.TotalBlocks == i.AllocatedBlocks+i.FreeBlocks, "blocks do not add up: %+v", i)
	d.require(0 < i.MinimumFreeBytes && i.MinimumFreeBytes < before.MinimumFreeBytes, "the minimum is %d, was %d", i.MinimumFreeBytes, before.MinimumFreeBytes)
	d.release(p)
	freed := d.Info()
	d.require(freed.MinimumFreeBytes == i.MinimumFreeBytes, "the minimum went from %d to %d", i.MinimumFreeBytes, freed.MinimumFreeBytes)
	d.isEmpty(before)
}

func minimumSize(d *driver) {
	empty := d.Info()
	var live []heap.Addr
	for p := d.Malloc(1); p != 0; p = d.Malloc(1) {
		live = append(live, p)
		d.require(len(live) < int(d.size)/4, "%d blocks of 1 byte in %d bytes", len(live), d.size)
	}
	d.require(d.Info().TotalFreeBytes < empty.TotalFreeBytes, "nothing was taken")
	d.sound()
	r := rand.New(rand.NewPCG(7, 11))
	r.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	for _, p := range live {
		d.release(p)
	}
	d.isEmpty(empty)
}

func reallocs(d *driver, o Options) {
	a, b := d.take(64), d.take(32)
	d.require(b > a, "the second block at %v is not behind the first at %v", b, a)
	c := d.realloc(a, 72)
	d.require(c > b, "a block that cannot grow went from %v to %v, not behind %v", a, c, b)
	big, err := d.Realloc(c, d.size+1)
	d.require(err == nil && big == 0, "realloc to more than the heap gave %v, %v", big, err)
	if o.Poisoning == heap.PoisoningComprehensive {
		return
	}
	e := d.realloc(c, 36)
	d.require(e == c, "shrinking moved from %v to %v", c, e)
	f := d.take(60)
	d.require(f == a, "60 bytes went to %v, not where 64 were at %v", f, a)
	d.release(e)
	g := d.realloc(b, 64)
	d.require(g == b, "growing into free memory moved from %v to %v", b, g)
	d.release(g)
	h := d.realloc(f, 128)
	d.require(h == f, "growing into free memory moved from %v to %v", f, h)
}

func (d *driver) realloc(p heap.Addr, n uint32) heap.Addr {
	d.Helper()
	q, err := d.Realloc(p, n)
	d.require(err == nil && q != 0, "realloc(%v, %d) = %v, %v", p, n, q, err)
	d.placed(q, n)
	return q
}

func aligned(d *driver) {
	empty := d.Info()
	for align := uint32(0); align <= 256; align++ {
		p := d.AlignedAlloc(align+137, align)
		if align == 0 || align&(align-1) != 0 {
			d.require(p == 0, "alignment %d was granted", align)
			continue
		}
		d.require(p != 0 && uint32(p)%align == 0, "alignment %d gave %v", align, p)
		d.placed(p, align+137)
		d.release(p)
	}
	// Blocks of odd sizes next to each other do not overlap.
	a := d.AlignedAlloc(50, 4)
	b := d.AlignedAlloc(50, 4)
	d.require(a != 0 && b >= a+50, "50 bytes at %v and at %v", a, b)
	d.release(a)
	a = d.AlignedAlloc(uint32(b-a), 4)
	d.require(a != 0, "%d bytes were refused", uint32(b-a))
	d.release(b)
	d.release(a)
	d.isEmpty(empty)
}

func overhead(d *driver) {
	before := d.Info().TotalFreeBytes
	d.take(256)
	after := d.Info().TotalFreeBytes
	d.require(before-after > 256, "256 bytes cost %d", before-after)
}

// random allocates, reallocates and frees 64 blocks at random and checks that no
// two overlap.
func random(d *driver) {
	empty := d.Info()
	r := rand.New(rand.NewPCG(1, uint64(d.size)))
	var p [64]heap.Addr
	var n [64]uint32
	for i := range 3000 {
		k := r.IntN(len(p))
		if i%4 == 0 {
			want := r.Uint32N(1023) + 1
			q, err := d.Realloc(p[k], want)
			d.require(err == nil, "realloc(%v, %d): %v", p[k], want, err)
			if q != 0 {
				p[k], n[k] = q, want
				d.placed(q, want)
			}
		} else {
			if p[k] != 0 {
				d.release(p[k])
			}
			n[k] = r.Uint32N(1024)
			p[k] = d.Malloc(n[k])
		}
		for j := range p {
			if j != k && p[j] != 0 && p[k] != 0 && p[k] < p[j]+heap.Addr(n[j]) && p[j] < p[k]+heap.Addr(n[k]) {
				d.Fatalf("%d bytes at %v overlap %d bytes at %v", n[k], p[k], n[j], p[j])
			}
		}
	}
	for _, q := range p {
		d.release(q)
	}
	d.isEmpty(empty)
}

// damage inverts each byte of free memory in turn. Only comprehensive poisoning
// finds that, and it finds all of it until it is undone.
func damage(d *driver, o Options) {
	p := d.take(16)
	d.release(p)
	first := p
	if o.Poisoning != heap.PoisoningNone {
		first -= 8 // the head canary was at the start of the block
	}
	free := d.Info().LargestFreeBlock
	for i := heap.Addr(8); i < heap.Addr(free)-16; i += 7 {
		d.require(d.damageable.Corrupt(first+i, 1) == nil, "cannot damage %v", first+i)
		found := d.damageable.Check(false)
		if want := o.Poisoning == heap.PoisoningComprehensive; (len(found) > 0) != want {
			d.Fatalf("damage to free memory at %v: found %v, want that %v", first+i, found, want)
		}
		d.require(d.damageable.Corrupt(first+i, 1) == nil, "cannot repair %v", first+i)
		d.sound()
	}
	if o.Poisoning == heap.PoisoningNone {
		return
	}
	// An overrun by one byte is found when the block is freed.
	p = d.take(21)
	d.require(d.damageable.Corrupt(p+21, 1) == nil, "cannot damage %v", p+21)
	d.require(len(d.damageable.Check(false)) == 1, "an overrun is not found")
	d.require(d.Free(p) != nil, "a block that was overrun is freed")
	d.require(d.damageable.Corrupt(p+21, 1) == nil, "cannot repair %v", p+21)
	d.release(p)
}
