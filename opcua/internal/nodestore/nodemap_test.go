package nodestore

import (
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

func TestMapSizes(t *testing.T) {
	require.EqualValues(t, 127, mapSize(minMapSize))
	require.EqualValues(t, 7, mapSize(0))
	require.EqualValues(t, 509, mapSize(509))
	require.EqualValues(t, 1021, mapSize(510))
	require.Equal(t, uint32(4294967291), mapSize(4294967295))
}

// TestNodeMapAgainstMap does to the node map and to a Go map the same things.
func TestNodeMapAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &mem.Recorder{}
		nm, ok := newNodeMap(m)
		require.True(t, ok)
		want := map[uint32]*node{}
		held := []*node{}
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) {
				for range rapid.IntRange(1, 60).Draw(t, "n") {
					id := rapid.Uint32Range(1, 400).Draw(t, "id")
					n := newNode(m, ua.NodeClassObject, nil)
					n.id = *ns0ID(id)
					st := nm.insert(n, nil)
					if _, there := want[id]; there {
						require.Equal(t, ua.StatusBadNodeIDExists, st)
						continue
					}
					require.Equal(t, uatypes.Good, st)
					want[id] = n
				}
			},
			"insert without id": func(t *rapid.T) {
				n := newNode(m, ua.NodeClassObject, nil)
				var id uatypes.NodeID
				require.Equal(t, uatypes.Good, nm.insert(n, &id))
				require.Nil(t, want[id.Numeric])
				require.NotZero(t, id.Numeric)
				want[id.Numeric] = n
			},
			"remove": func(t *rapid.T) {
				for range rapid.IntRange(1, 60).Draw(t, "n") {
					id := rapid.Uint32Range(1, 400).Draw(t, "id")
					st := nm.remove(ns0ID(id))
					if want[id] == nil {
						require.Equal(t, ua.StatusBadNodeIDUnknown, st)
						continue
					}
					require.Equal(t, uatypes.Good, st)
					delete(want, id)
				}
			},
			"hold": func(t *rapid.T) {
				if n := nm.get(ns0ID(rapid.Uint32Range(1, 400).Draw(t, "id"))); n != nil {
					held = append(held, n)
				}
			},
			"release": func(t *rapid.T) {
				if len(held) > 0 {
					nm.release(held[0])
					held = held[1:]
				}
			},
			"": func(t *rapid.T) {
				require.EqualValues(t, len(want), nm.count)
				for id := uint32(1); id <= 400; id++ {
					n := nm.get(ns0ID(id))
					require.True(t, n == want[id])
					nm.release(n)
				}
				// The map, its slots, the nodes in it, and those that are held.
				gone := map[*node]bool{}
				for _, n := range held {
					if n.deleted {
						gone[n] = true
					}
				}
				require.EqualValues(t, 2+len(want)+len(gone), m.LiveBlocks())
				require.LessOrEqual(t, 4*nm.count, 3*uint32(len(nm.slots))+4)
			},
		})
		for _, n := range held {
			nm.release(n)
		}
		nm.delete()
		require.Zero(t, m.LiveBlocks())
	})
}

func TestNodeMapWithoutMemory(t *testing.T) {
	for n := uint64(1); n <= 2; n++ {
		m := &mem.Recorder{Fail: func(k uint64, _ uint32) bool { return k == n }}
		_, ok := newNodeMap(m)
		require.False(t, ok)
		require.Zero(t, m.LiveBlocks())
	}
	m := &mem.Recorder{}
	nm, _ := newNodeMap(m)
	for id := uint32(1); id <= 96; id++ {
		n := newNode(m, ua.NodeClassObject, nil)
		n.id = *ns0ID(id)
		require.Equal(t, uatypes.Good, nm.insert(n, nil))
	}
	n := newNode(m, ua.NodeClassObject, nil)
	n.id = *ns0ID(97)
	m.Fail = func(_ uint64, size uint32) bool { return size == 251*8 }
	require.Equal(t, ua.StatusBadInternalError, nm.insert(n, nil), "the map cannot grow")
	require.EqualValues(t, 96+2, m.LiveBlocks(), "the node is gone")
}
