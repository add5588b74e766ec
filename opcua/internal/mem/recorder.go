package mem

import "fmt"

// Kind is the kind of one heap operation.
type Kind uint8

// The four operations, under the names that the recordings give them.
const (
	KindMalloc Kind = iota
	KindCalloc
	KindRealloc
	KindFree
)

// String returns the operation's name in the recordings: "malloc", "calloc",
// "realloc" or "free".
func (k Kind) String() string {
	switch k {
	case KindMalloc:
		return "malloc"
	case KindCalloc:
		return "calloc"
	case KindRealloc:
		return "realloc"
	case KindFree:
		return "free"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Op is one heap operation that succeeded, or failed with ID 0.
type Op struct {
	Kind Kind
	ID   uint32 // the block: made by an allocation, given back by a free
	Size uint32 // bytes requested; at a free, the bytes that the block had
	Old  uint32 // realloc only: the block given back
	What string // the name the caller gave the block
}

// Recorder is a [Memory] without a size limit that numbers its blocks 1, 2, 3
// and so on, never reusing a number, counts what is live, and hands every
// operation to a function. The address of block n is n + 1, because open62541
// marks empty arrays with the address 1. Its zero value is ready for use.
type Recorder struct {
	// OnOp is called after every operation; nil drops them.
	OnOp func(Op)
	// Fail is asked before an allocation of size bytes, the n-th since the
	// start (from 1); true makes it return NULL. Nil never fails.
	Fail func(n uint64, size uint32) bool

	blocks map[uint32]block // by number
	next   uint32
	allocs uint64

	liveBytes, peakBytes   uint64
	liveBlocks, peakBlocks uint64
}

type block struct {
	size uint32
	what string
}

// LiveBytes returns the sum of the requested sizes of all live blocks.
func (r *Recorder) LiveBytes() uint64 { return r.liveBytes }

// LiveBlocks returns the number of live blocks.
func (r *Recorder) LiveBlocks() uint64 { return r.liveBlocks }

// Allocs returns how many allocations were asked for, failed ones included.
func (r *Recorder) Allocs() uint64 { return r.allocs }

// Peak returns the highest number of live bytes and of live blocks since the
// start or the last ResetPeak. During a realloc old and new block are both live.
func (r *Recorder) Peak() (bytes, blocks uint64) { return r.peakBytes, r.peakBlocks }

// ResetPeak makes the present live bytes and blocks the peaks.
func (r *Recorder) ResetPeak() { r.peakBytes, r.peakBlocks = r.liveBytes, r.liveBlocks }

// Live calls f for every live block in the order of their making, until f
// returns false.
func (r *Recorder) Live(f func(id, size uint32, what string) bool) {
	for id := uint32(1); id <= r.next; id++ {
		if b, ok := r.blocks[id]; ok && !f(id, b.size, b.what) {
			return
		}
	}
}

// Malloc implements [Memory].
func (r *Recorder) Malloc(n uint32, what string) uint32 { return r.alloc(KindMalloc, 0, n, what) }

// Calloc implements [Memory].
func (r *Recorder) Calloc(n uint32, what string) uint32 { return r.alloc(KindCalloc, 0, n, what) }

// Realloc implements [Memory]: with p == 0 it is recorded as a malloc, as the
// recordings have it. It panics if p is not a live block, for then the model
// above has lost track of its memory.
func (r *Recorder) Realloc(p, n uint32, what string) uint32 {
	if p == 0 {
		return r.alloc(KindMalloc, 0, n, what)
	}
	return r.alloc(KindRealloc, p-1, n, what)
}

// Free implements [Memory]. It panics if p is not a live block, for then the
// model above has lost track of its memory.
func (r *Recorder) Free(p uint32) {
	if p == 0 {
		return
	}
	b := r.drop("free", p-1)
	if r.OnOp != nil {
		r.OnOp(Op{Kind: KindFree, ID: p - 1, Size: b.size, What: b.what})
	}
}

func (r *Recorder) alloc(k Kind, old, n uint32, what string) uint32 {
	r.allocs++
	id := uint32(0)
	if r.Fail == nil || !r.Fail(r.allocs, n) {
		if r.blocks == nil {
			r.blocks = make(map[uint32]block)
		}
		r.next++
		id = r.next
		r.blocks[id] = block{size: n, what: what}
		r.liveBytes += uint64(n)
		r.liveBlocks++
		r.peakBytes = max(r.peakBytes, r.liveBytes)
		r.peakBlocks = max(r.peakBlocks, r.liveBlocks)
		if old != 0 {
			r.drop("realloc", old)
		}
	}
	if r.OnOp != nil {
		r.OnOp(Op{Kind: k, ID: id, Size: n, Old: old, What: what})
	}
	if id == 0 {
		return 0
	}
	return id + 1
}

func (r *Recorder) drop(op string, id uint32) block {
	b, ok := r.blocks[id]
	if !ok {
		panic(fmt.Sprintf("opcua/internal/mem: %s of block %d, which is not live", op, id))
	}
	delete(r.blocks, id)
	r.liveBytes -= uint64(b.size)
	r.liveBlocks--
	return b
}
