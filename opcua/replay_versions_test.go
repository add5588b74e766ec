package opcua

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestReleases replays recordings of tagged releases that were made for the model.
func TestReleases(t *testing.T) {
	t.Parallel()
	replayAll(t, "../recordings/open62541-releases")
}

// opaquePhase is what the recordings tell of a phase of the boot that is not
// modelled operation by operation: only what it leaves behind is.
type opaquePhase struct {
	allocs, frees          int
	allocBytes, freedBytes int64
	peakBytes, peakBlocks  int64
	peakTLSF               int64
	max                    uint32
}

var opaquePhases = map[Version]map[string]opaquePhase{
	V1_2_10: {
		"server_new_ns0":  {3852, 1904, 1646715, 1517683, 132521, 1957, 141856, 4072},
		"add_3_variables": {69, 33, 33043, 30969, 4257, 39, 4460, 2112},
	},
	V1_3_20: {
		"server_new_ns0":  {3462, 1904, 2030014, 1777549, 428698, 1574, 437664, 177218},
		"add_3_variables": {75, 39, 32863, 31317, 3729, 39, 3952, 2112},
	},
	V1_0_3: {
		"server_new_ns0":  {4083, 2786, 2061336, 1965972, 99606, 1300, 106012, 2132},
		"add_3_variables": {93, 63, 51487, 49605, 4281, 34, 4460, 2112},
	},
}

// impose puts the counters of a phase that is not modelled in place, and goes on
// with the block number that follows it.
func (l *ledger) impose(p opaquePhase) {
	c, s := &l.count, &l.start
	c.allocs, c.frees, c.allocBytes, c.freedBytes = p.allocs, p.frees, p.allocBytes, p.freedBytes
	c.peakBytes, c.peakBlocks, c.peakTLS = s.bytes+p.peakBytes, s.blocks+p.peakBlocks, s.tlsf+p.peakTLSF
	l.max = p.max
	for len(l.sizes) < l.first+p.allocs {
		l.sizes = append(l.sizes, block{})
	}
}

// opaqueBlocks are the blocks of the phases of the boot that are not modelled, as
// a recording that lists their operations has them. Their numbers are not those of
// the model.
type opaqueBlocks struct {
	live  map[uint32]uint32 // sizes, by the recording's numbers
	model [][2]int          // the model's numbers, from and below
}

// compareOpaque compares the operations of a phase that is not modelled with what is
// known of it, and with the blocks that the model holds after it. It returns the
// other lines.
func (r *replay) compareOpaque(o opaquePhase, body []*line) ([]*line, error) {
	ops, others := split(body, func(l *line) bool { return l.op != nil })
	r.opaque.model = append(r.opaque.model, [2]int{r.memory.first, r.memory.first + o.allocs})
	if len(ops) == 0 {
		return others, nil
	}
	if r.opaque.live == nil {
		r.opaque.live = map[uint32]uint32{}
	}
	live, start := r.opaque.live, tally{}
	for _, n := range live {
		start.bytes, start.blocks, start.tlsf = start.bytes+int64(n), start.blocks+1, start.tlsf+tlsfBytes(n)
	}
	got, c := opaquePhase{}, start
	free := func(id uint32) bool {
		n, ok := live[id]
		delete(live, id)
		c.bytes, c.blocks, c.tlsf = c.bytes-int64(n), c.blocks-1, c.tlsf-tlsfBytes(n)
		got.frees, got.freedBytes = got.frees+1, got.freedBytes+int64(n)
		return ok
	}
	for _, l := range ops {
		p, ok := l.op, true
		if p.Op != "free" {
			ok = int(p.ID) == r.memory.first+got.allocs && p.By != ""
			live[p.ID] = p.Size
			c.bytes, c.blocks, c.tlsf = c.bytes+int64(p.Size), c.blocks+1, c.tlsf+tlsfBytes(p.Size)
			got.allocs, got.allocBytes, got.max = got.allocs+1, got.allocBytes+int64(p.Size), max(got.max, p.Size)
			got.peakBytes = max(got.peakBytes, c.bytes-start.bytes)
			got.peakBlocks = max(got.peakBlocks, c.blocks-start.blocks)
			got.peakTLSF = max(got.peakTLSF, c.tlsf-start.tlsf)
		}
		switch {
		case p.Op == "free":
			ok = free(p.ID)
		case p.Op == "realloc":
			ok = ok && free(p.Old)
		}
		if !ok || p.TMs != r.now {
			return nil, fmt.Errorf("%d: another block, or another time: %s", l.number, l.text)
		}
	}
	if got != o {
		return nil, fmt.Errorf("%d: the phase's operations: expected %+v, got %+v", ops[len(ops)-1].number, got, o)
	}
	var model []uint32
	for id, b := range r.memory.sizes {
		if b.live && r.opaque.owns(uint32(id)) {
			model = append(model, b.size)
		}
	}
	recorded := slices.Collect(maps.Values(live))
	slices.Sort(model)
	slices.Sort(recorded)
	if !slices.Equal(recorded, model) {
		return nil, fmt.Errorf("%d: sizes of blocks: expected %v, got %v", ops[len(ops)-1].number, recorded, model)
	}
	return others, nil
}

// owns reports whether a block of the model belongs to a phase that is not modelled.
func (o *opaqueBlocks) owns(id uint32) bool {
	return slices.ContainsFunc(o.model, func(m [2]int) bool { return m[0] <= int(id) && int(id) < m[1] })
}

// match finds the block of the model that is free for one of the recording: of blocks
// that are not modelled only the size is known.
func (o *opaqueBlocks) match(id uint32, freed map[uint32]bool, sizes []block) uint32 {
	n, ok := o.live[id]
	if !ok {
		return id
	}
	for _, f := range slices.Sorted(maps.Keys(freed)) {
		if o.owns(f) && sizes[f].size == n {
			delete(o.live, id)
			return f
		}
	}
	return 0
}

// version returns the version that a header names.
func (h *header) version() (Version, error) {
	v, err := ParseVersion(strings.TrimPrefix(h.Stack, "open62541 "))
	if err != nil {
		return 0, fmt.Errorf("cannot replay stack %q: %w", h.Stack, err)
	}
	return v, nil
}
