package view_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/heap/view"
)

func TestProfile(t *testing.T) {
	var out [2]bytes.Buffer
	for i := range out {
		h, _, _ := outage(t)
		require.NoError(t, view.Profile(&out[i], h))
	}
	require.Equal(t, out[0].Bytes(), out[1].Bytes(), "two runs, one profile")
	if *picturesFlag != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*picturesFlag, "heap.pb.gz"), out[0].Bytes(), 0o644))
	}

	p, err := profile.ParseData(out[0].Bytes())
	require.NoError(t, err)
	require.Equal(t, "inuse_space", p.DefaultSampleType)
	h, _, _ := outage(t)
	var want, all [4]int64
	for _, x := range h.Holdings() {
		want[0] += int64(x.AllocatedBlocks)
		want[1] += int64(x.AllocatedBytes)
		want[2] += int64(x.Blocks)
		want[3] += int64(x.Bytes)
	}
	sessions := int64(0)
	for _, s := range p.Sample {
		for i, v := range s.Value {
			all[i] += v
		}
		if s.Label["what"] != nil && s.Label["what"][0] == "UA_MonitoredItem" {
			sessions += s.Value[3]
			require.Equal(t, "UA_MonitoredItem", s.Location[0].Line[0].Function.Name)
			require.Equal(t, "opcua_task", s.Location[2].Line[0].Function.Name)
			require.Len(t, s.Label["region"], 1)
		}
	}
	require.Equal(t, want, all)
	require.Positive(t, sessions)
}

func TestDiffProfile(t *testing.T) {
	h, _ := booted(t, heap.V5_3_1, heap.PoisoningNone)
	o := h.Intern(heap.Tag{Task: "tiT", What: "tcp_pcb"})
	p := h.MallocDefault(o, 164)
	before := h.Snapshot()
	require.NoError(t, h.Free(p))
	h.MallocDefault(h.Intern(heap.Tag{Task: "tiT", Object: "item 4 of subscription 1", What: "list of pbufs"}), 16)
	var out bytes.Buffer
	require.NoError(t, view.DiffProfile(&out, before, h.Snapshot()))
	d, err := profile.ParseData(out.Bytes())
	require.NoError(t, err)
	require.Len(t, d.Sample, 2)
	require.Equal(t, []int64{1, 20}, d.Sample[0].Value)
	var stack []string
	for _, l := range d.Sample[0].Location {
		stack = append(stack, l.Line[0].Function.Name)
	}
	require.Equal(t, []string{"list of pbufs", "item 4 of subscription 1", "subscription 1", "tiT"}, stack)
	require.Equal(t, []int64{-1, -168}, d.Sample[1].Value)
}
