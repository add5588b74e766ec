package opcua

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// base is the memory of the address space of a version whose nodes are not
// modelled one by one: the sizes of its blocks, as recorded.
type base struct {
	// sizes of the blocks of a server without configuration: "8x42 9" are 42 of
	// 8 bytes and one of 9.
	sizes string
	// draws is how many random numbers are drawn until the address space is made
	// (recorded): one for each target that a recursive browse collects, in v1.0.3
	// 3,368, and there one for each of 198 nodes inserted, 679 references added and a
	// timer. variableDraws is how many there are for each variable: one for the type
	// above it, and in v1.0.3 for the node, four references, and what three browses of
	// its parts (5 types of reference each) and one of all above it (11) collect.
	draws, variableDraws int
	// variable returns the blocks that the n-th variable (from 0) takes.
	variable func(n int, v *Variable) []baseBlock
	// missing is a block that the address space frees once and that the base does not
	// have.
	missing uint32
}

// baseBlock is a block of the address space.
type baseBlock struct {
	size uint32
	// array is the array of references that the block becomes, if any, and before its
	// size until then.
	array  array
	before uint32
}

// array is one of the arrays of references that grow with each variable.
type array uint8

const (
	noArray     array = iota
	arrayBelow        // what the Objects folder organizes
	arrayOfType       // what has the type BaseDataVariableType
	arrays
)

// base1_2_10 is that of v1.2.10 (recorded; the variables read from addNode and
// UA_Node_addReference, src/server/ua_nodes.c).
var base1_2_10 = base{
	sizes: "1x2 2x6 3x2 4x77 5x24 6x19 7x19 8x44 9x29 10x47 11x39 12x74 13x24 14x39 15x24 16x35 17x24 18x11 19x14 20x20 " +
		"21x14 22x10 23x8 24x114 25x9 26x8 27x6 28x9 29x4 32x2 33 34 36x83 37 40x5 41 43 44 46x2 47 48x9 50 53 56 57 60x2 " +
		"62x2 64 68x832 96x2 98 101 104x48 108x31 112x16 120x2 140x24 296x14 304x102 896 3092 4072",
	draws: 231, variableDraws: 1,
	variable: func(_ int, v *Variable) []baseBlock {
		node, id := v.blocks(304)
		return slices.Concat(node, blocks(68, 68, id, 24, 68, 68, id))
	},
}

// base1_3_20 is that of v1.3.20 (recorded; the variables read from addReferenceTarget
// and cleanupNodeMapEntry, src/server/ua_nodes.c and plugins/ua_nodestore_hashmap.c).
// The type of a variable has 11 already, the Objects folder one object.
var base1_3_20 = base{
	sizes: "1x2 2x6 3x2 4x53 5x22 6x19 7x19 8x453 9x30 10x53 11x39 12x22 13x25 14x39 15x22 16x101 17x20 18x11 19x8 20x18 21x6 " +
		"22x10 23x2 24x20 25x9 26x4 27x6 28x3 32x90 33 34 36x102 37 40x9 41 43 44 46x2 48x79 50 53 56x2 57 60x2 62x2 " +
		"64x7 72x2 80 88x2 96x3 98 101 108x80 112x2 116x14 120x2 128 144x24 304x13 312x80 960 3092 4072 177218",
	draws: 276, variableDraws: 1,
	variable: func(n int, v *Variable) []baseBlock {
		node, id := v.blocks(312)
		return slices.Concat(node, blocks(8), pointerTargets(n+1, arrayBelow), blocks(24, id, 32, 8), pointerTargets(n+11, arrayOfType), blocks(24, id))
	},
}

// pointerTargets returns the blocks that one more reference of a kind takes where
// there are n already: up to 16 lie in an array, more in a tree.
func pointerTargets(n int, which array) []baseBlock {
	const (
		most     = 16
		pointer  = 8  // UA_ReferenceTarget
		treeElem = 48 // UA_ReferenceTargetTreeElem
	)
	if n < most {
		return []baseBlock{{uint32(n+1) * pointer, which, uint32(n) * pointer}}
	}
	taken := []baseBlock{{size: treeElem}}
	if n == most {
		taken = slices.Repeat(taken, most+1)
		taken[0].array, taken[0].before = which, most*pointer
	}
	return taken
}

// base1_0_3 is that of v1.0.3 (recorded). The targets of a reference type lie in
// an array that grows with each: 35 variables of the type, one object in the
// Objects folder.
var base1_0_3 = base{
	sizes: "1 2x4 3 4x33 5x18 6x18 7x13 8x29 9x23 10x37 11x31 12x17 13x20 14x35 15x22 16x21 17x24 18x11 19x14 20x16 21x14 22x8 " +
		"23x6 24x15 25x9 26x8 27x2 28x9 29x4 32x2 40x52 46 48 50 52x374 53 56 57 60 62 72 80x85 96 98 104x14 116x71 120x63 " +
		"124x12 132x24 156x7 160x5 208x3 240x8 248x82 260x2 312x5 364 416x2 520 572 624x3 676 792 832 884 1820 2132",
	draws: 4246, variableDraws: 32,
	variable: func(n int, v *Variable) []baseBlock {
		const target = 52
		node, id := v.blocks(248)
		grow := func(n int, which array) []baseBlock {
			return []baseBlock{{uint32(n+1) * target, which, uint32(n) * target}}
		}
		return slices.Concat(node, blocks(target), grow(n+1, arrayBelow), blocks(id, 80, target), grow(n+35, arrayOfType), blocks(id))
	},
	missing: 8,
}

// blocks returns the blocks of a variable's node, and the length of its id.
func (v *Variable) blocks(sizeofNode uint32) (node []baseBlock, id uint32) {
	if n, err := parseNodeID(v.NodeID); err == nil {
		id = uint32(len(n.Str.B))
	}
	browse := len(parseQualifiedName(v.BrowseName).Name.B)
	return blocks(sizeofNode, id, uint32(browse), uint32(len(v.Locale)), uint32(len(v.DisplayName))), id
}

// blocks returns blocks of these sizes, without those of no size.
func blocks(sizes ...uint32) (all []baseBlock) {
	for _, n := range sizes {
		if n > 0 {
			all = append(all, baseBlock{size: n})
		}
	}
	return all
}

// parseSizes turns the text of a base into sizes.
func parseSizes(text string) []baseBlock {
	var sizes []uint32
	for _, f := range strings.Fields(text) {
		size, times, ok := strings.Cut(f, "x")
		n := 1
		if ok {
			n, _ = strconv.Atoi(times)
		}
		s, _ := strconv.Atoi(size)
		for range n {
			sizes = append(sizes, uint32(s))
		}
	}
	return blocks(sizes...)
}

// opaqueMemory is the memory of a server with a base. While the address space is
// made its calls are answered without a block; the blocks of the base take the
// place. What the address space frees later is a block of that size.
type opaqueMemory struct {
	real    mem.Memory
	missing uint32
	hidden  bool // calls are those of the address space being made
	blocks  map[uint32]uint32
	next    uint32
	base    map[uint32][]uint32 // blocks of the base by size
	arrays  [arrays]uint32      // blocks of the arrays that have grown
}

// firstHidden is the first address of blocks that are not there; the chip has no
// memory at such addresses.
const firstHidden = 0xc000_0000

func newOpaqueMemory(m mem.Memory) *opaqueMemory {
	return &opaqueMemory{real: m, blocks: map[uint32]uint32{}, next: firstHidden, base: map[uint32][]uint32{}}
}

// createOpaque makes the server with its address space hidden, and the blocks of
// the base in place of it.
func (s *Server) createOpaque(b *base, create func() error) error {
	s.opaque = newOpaqueMemory(s.mem)
	s.opaque.missing = b.missing
	s.mem = s.opaque
	s.opaque.hidden = true
	defer func() { s.opaque.hidden = false }()
	sizes := parseSizes(b.sizes)
	if !s.opaque.take(sizes) {
		return ErrOutOfMemory
	}
	if err := create(); err != nil {
		return err
	}
	for _, e := range s.timer.entries {
		// The housekeeping is in a block of the base, before all that come later:
		// of two entries that are due the one with the lower address goes first.
		e.block = s.opaque.base[sizes[0].size][0]
	}
	return nil
}

// addOpaque adds the n-th variable as add does, hidden, and takes its blocks.
func (s *Server) addOpaque(n int, v *Variable, add func(*Variable) error) error {
	if !s.opaque.take(s.rel.base.variable(n, v)) {
		return ErrOutOfMemory
	}
	s.opaque.hidden = true
	defer func() { s.opaque.hidden = false }()
	return add(v)
}

// seedOpaque brings the random generator, whose seed is known, to where it is
// when the server is ready.
func (s *Server) seedOpaque(seed int64) {
	p, ok := s.random.(*pcg32)
	if !ok {
		return
	}
	*p = *newPCG32(seed)
	for range s.rel.base.draws + s.rel.base.variableDraws*len(s.cfg.Variables) {
		p.Uint32()
	}
}

// take takes blocks of the base; an array that grows is given back when there is
// the larger one. It reports whether there was memory for all.
func (o *opaqueMemory) take(blocks []baseBlock) bool {
	for _, b := range blocks {
		p := o.real.Malloc(b.size, "address space")
		if p == 0 {
			return false
		}
		if b.array == noArray {
			o.base[b.size] = append(o.base[b.size], p)
			continue
		}
		old := o.arrays[b.array]
		if same := o.base[b.before]; old == 0 && len(same) > 0 {
			old, o.base[b.before] = same[0], same[1:]
		}
		o.real.Free(old)
		o.arrays[b.array] = p
	}
	return true
}

// give gives a block of the base back.
func (o *opaqueMemory) give(n uint32) {
	if b := o.base[n]; len(b) > 0 {
		o.base[n] = b[:len(b)-1]
		o.real.Free(b[len(b)-1])
	}
}

func (o *opaqueMemory) hide(n uint32) uint32 {
	p := o.next
	o.next += 16
	o.blocks[p] = n
	return p
}

// Malloc implements [Memory].
func (o *opaqueMemory) Malloc(n uint32, what string) uint32 {
	if o.hidden {
		return o.hide(n)
	}
	return o.real.Malloc(n, what)
}

// Calloc implements [Memory].
func (o *opaqueMemory) Calloc(n uint32, what string) uint32 {
	if o.hidden {
		return o.hide(n)
	}
	return o.real.Calloc(n, what)
}

// Realloc implements [Memory].
func (o *opaqueMemory) Realloc(p, n uint32, what string) uint32 {
	switch {
	case o.hidden:
		o.Free(p)
		return o.hide(n)
	case p >= firstHidden:
		q := o.real.Malloc(n, what)
		if q != 0 {
			o.Free(p)
		}
		return q
	}
	return o.real.Realloc(p, n, what)
}

// Free implements [Memory].
func (o *opaqueMemory) Free(p uint32) {
	if p < firstHidden {
		o.real.Free(p)
		return
	}
	n := o.blocks[p]
	delete(o.blocks, p)
	switch {
	case o.hidden:
	case n == o.missing:
		o.missing = 0
	default:
		o.give(n)
	}
}

// Roomy implements roomy.
func (o *opaqueMemory) Roomy(n uint32) bool {
	m, ok := o.real.(roomy)
	return ok && m.Roomy(n)
}

// WholeCopies implements [uatypes.WholeCopier].
func (o *opaqueMemory) WholeCopies() bool {
	m, ok := o.real.(uatypes.WholeCopier)
	return ok && m.WholeCopies()
}
