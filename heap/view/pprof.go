package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Profile writes the heap as a pprof profile, compressed, for go tool pprof. It
// has the sample types of Go's heap profile: alloc_objects, alloc_space,
// inuse_objects and inuse_space (the default). A stack is purpose, object and
// task, innermost first, so that -top lists purposes, -top -cum what they serve
// and -peek the one for the other; an object "item 4 of subscription 1" has
// "subscription 1" above it. The labels task, object, what and, for blocks in use, region can be
// filtered and tagged by. Bytes are what is taken from the free bytes.
//
// The profile of a heap is the same byte for byte in every run. The time in it
// is the heap's own, counted from 1970.
func Profile(w io.Writer, h *heap.Heap) error {
	b := newProfile()
	// What is in use, by owner and region, in address order of the first block.
	type place struct {
		owner  heap.Owner
		region string
	}
	index := make(map[place]*profile.Sample)
	used := make(map[heap.Owner][2]int64)
	var latest time.Duration
	for x := range h.Blocks {
		latest = max(latest, x.At)
		k := place{x.Owner, x.Region}
		s := index[k]
		if s == nil {
			s = b.sample(x.Tag, x.Region)
			index[k] = s
		}
		n := int64(x.Footprint)
		add(s, [4]int64{1, n, 1, n})
		u := used[x.Owner]
		used[x.Owner] = [2]int64{u[0] + 1, u[1] + n}
	}
	// What was allocated and freed again is in no region any more.
	for _, x := range h.Holdings() {
		u := used[x.Owner]
		blocks, bytes := int64(x.AllocatedBlocks)-u[0], int64(x.AllocatedBytes)-u[1]
		if blocks != 0 || bytes != 0 {
			add(b.sample(x.Tag, ""), [4]int64{blocks, bytes, 0, 0})
		}
	}
	b.p.TimeNanos = int64(latest)
	b.p.DurationNanos = int64(latest)
	if err := b.p.CheckValid(); err != nil {
		return fmt.Errorf("view: profile: %w", err)
	}
	return b.p.Write(w)
}

// DiffProfile writes what changed between two snapshots as a profile with
// inuse_objects and inuse_space: positive for blocks that were added, negative
// for blocks that are gone.
func DiffProfile(w io.Writer, before, after *heap.Snapshot) error {
	b := newProfile()
	b.p.SampleType = b.p.SampleType[2:]
	index := make(map[heap.Tag]*profile.Sample)
	count := func(blocks []heap.Block, sign int64) {
		for _, x := range blocks {
			s := index[x.Tag]
			if s == nil {
				s = b.sample(x.Tag, "")
				s.Value = make([]int64, 2)
				index[x.Tag] = s
			}
			s.Value[0] += sign
			s.Value[1] += sign * int64(x.Footprint)
		}
	}
	d := heap.Diff(before, after)
	count(d.Added, 1)
	count(d.Freed, -1)
	if err := b.p.CheckValid(); err != nil {
		return fmt.Errorf("view: profile: %w", err)
	}
	return b.p.Write(w)
}

func add(s *profile.Sample, v [4]int64) {
	for i := range v {
		s.Value[i] += v[i]
	}
}

// profileBuilder hands out one location for each name.
type profileBuilder struct {
	p         *profile.Profile
	locations map[string]*profile.Location
}

func newProfile() *profileBuilder {
	return &profileBuilder{
		p: &profile.Profile{
			SampleType: []*profile.ValueType{
				{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
				{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"},
			},
			DefaultSampleType: "inuse_space",
			PeriodType:        &profile.ValueType{Type: "space", Unit: "bytes"},
			Period:            1,
			Mapping:           []*profile.Mapping{{ID: 1, File: "esp32", HasFunctions: true}},
		},
		locations: make(map[string]*profile.Location),
	}
}

func (b *profileBuilder) sample(t heap.Tag, region string) *profile.Sample {
	s := &profile.Sample{Value: make([]int64, 4), Label: make(map[string][]string)}
	for _, part := range []struct{ key, name string }{{"what", t.What}, {"object", t.Object}, {"task", t.Task}} {
		if part.name == "" {
			continue
		}
		s.Label[part.key] = []string{part.name}
		for name, more := part.name, true; more; {
			s.Location = append(s.Location, b.location(name))
			_, name, more = strings.Cut(name, " of ")
			more = more && part.key == "object"
		}
	}
	if len(s.Location) == 0 {
		s.Location = append(s.Location, b.location("unknown"))
	}
	if region != "" {
		s.Label["region"] = []string{region}
	}
	b.p.Sample = append(b.p.Sample, s)
	return s
}

func (b *profileBuilder) location(name string) *profile.Location {
	if l := b.locations[name]; l != nil {
		return l
	}
	id := uint64(len(b.p.Location) + 1)
	f := &profile.Function{ID: id, Name: name, SystemName: name}
	l := &profile.Location{ID: id, Mapping: b.p.Mapping[0], Line: []profile.Line{{Function: f}}}
	b.p.Function = append(b.p.Function, f)
	b.p.Location = append(b.p.Location, l)
	b.locations[name] = l
	return l
}
