package casebook

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/plimsoll-sim/plimsoll/heap"
)

func verbHoles() verb {
	return verb{
		name:  "holes",
		usage: "holes SIZE[xN]...",
		help:  "Fills the heap so that exactly these free blocks are left, each so many bytes long without its header: a fragmented heap as someone published it. \"free filling\" gives the rest back.",
		compile: func(c *compiler, st *Statement, a *args) (func(*play) error, error) {
			c.needStart(a)
			var sizes []uint32
			for a.more() {
				size, n := splitTimes(a.word("a size"))
				bytes, times := a.inRange("a size", size, 12, 1<<22), a.inRange("how many", n, 1, 10_000)
				for range times {
					sizes = append(sizes, uint32(bytes))
				}
			}
			c.blocks["filling"] = true
			if len(sizes) == 0 {
				a.fail("sizes were expected, such as 16372 or 4000x5")
			}
			return func(p *play) error { return p.holes(sizes) }, a.done()
		},
	}
}

func splitTimes(w string) (size, times string) {
	for i := range w {
		if w[i] == 'x' {
			return w[:i], w[i+1:]
		}
	}
	return w, "1"
}

// holes fills the heap, and then opens one filling after the other to leave a
// hole at its start. While it is open nothing else is free, so that what is
// taken lies there, in a row.
func (p *play) holes(sizes []uint32) error {
	f := &filler{h: p.device.Heap()}
	f.o = f.h.Intern(heap.Tag{Task: "script", Object: "filling", What: "filling"})
	f.fill()
	slices.SortFunc(sizes, func(a, b uint32) int { return cmp.Compare(b, a) })
	for _, n := range sizes {
		if err := f.hole(n); err != nil {
			return err
		}
	}
	for _, b := range f.holes {
		if err := f.h.Free(b); err != nil {
			return err
		}
	}
	p.blocks["filling"] = append(p.blocks["filling"], f.blocks...)
	return nil
}

type filler struct {
	h      *heap.Heap
	o      heap.Owner
	blocks []heap.Addr // that fill the heap
	holes  []heap.Addr // to be freed in the end
}

// fill takes all that is left, the largest block first.
func (f *filler) fill() {
	for size := f.h.LargestFreeBlock(heap.CapDefault); size > 0; size = f.h.LargestFreeBlock(heap.CapDefault) {
		b := f.h.Malloc(f.o, size, heap.CapDefault)
		if b == 0 {
			return
		}
		f.blocks = append(f.blocks, b)
	}
}

// hole opens the smallest filling that has room for n bytes and a block behind
// that keeps them apart from the rest.
func (f *filler) hole(n uint32) error {
	const room = 64 // for headers, the block behind, and what rounding adds
	best, bestSize, largest := -1, uint32(0), uint32(0)
	for i, b := range f.blocks {
		size, err := f.h.AllocatedSize(b)
		if err != nil {
			return err
		}
		largest = max(largest, size)
		if size >= n+room && (best < 0 || size < bestSize) {
			best, bestSize = i, size
		}
	}
	if best < 0 {
		return fmt.Errorf("no room is left for a hole of %d bytes; the largest has %d", n, largest)
	}
	if err := f.h.Free(f.blocks[best]); err != nil {
		return err
	}
	f.blocks = slices.Delete(f.blocks, best, best+1)
	for left := int64(n); left >= smallest; {
		// malloc may keep more than it was asked for.
		ask := uint32(left)
		for {
			b := f.h.Malloc(f.o, ask, heap.CapDefault)
			got, err := f.h.AllocatedSize(b)
			if b == 0 || err != nil {
				return fmt.Errorf("no block of %d bytes for a hole of %d: %w", ask, n, err)
			}
			if int64(got) <= left || ask <= smallest {
				f.holes = append(f.holes, b)
				left -= int64(got) + blockHeader
				break
			}
			if err := f.h.Free(b); err != nil {
				return err
			}
			ask -= min(got-uint32(left), ask-smallest)
		}
	}
	f.blocks = append(f.blocks, f.h.Malloc(f.o, smallest, heap.CapDefault))
	f.fill()
	return nil
}

const (
	smallest    = 12 // bytes of the smallest block
	blockHeader = 4  // bytes before each block
)
