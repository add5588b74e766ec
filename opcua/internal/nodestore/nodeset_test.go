package nodestore

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// nodesetRecordings are what the real server did when it was compiled with the
// nodeset file of gopcua's module by its own nodeset compiler, which had been told
// to keep references in the order of the file: all operations on the heap from
// UA_Server_new to the end of run_startup, with the firmware's three variables.
var nodesetRecordings = map[Nodeset]struct {
	operations       int
	digest           string // of lines "malloc ID SIZE OLD"
	bytes, blocks    uint64
	tlsf, tlsfAtPeak int
	nodes            int
}{
	Full:    {226_471, "f47cb11d204e7b7ed500499d30aba94b63fd3187f536047e6ef34cfe653f9064", 4_007_881, 48_932, 4_249_700, 4_501_576, 4_899},
	Compact: {209_129, "1db9c13fc0fb6b16538b8a57c1b8afe8f1250086ecc9c2274fcd38fc0a9858b2", 3_249_173, 45_154, 3_473_104, 3_488_572, 4_583},
}

func TestNodesets(t *testing.T) {
	for nodeset, want := range nodesetRecordings {
		t.Run(fmt.Sprint(nodeset), func(t *testing.T) {
			t.Parallel()
			h := sha256.New()
			w := bufio.NewWriter(h)
			n, tlsf, peak := 0, 0, 0
			sizes := map[uint32]int{}
			give := func(id uint32) {
				tlsf -= sizes[id]
				delete(sizes, id)
			}
			m := &mem.Recorder{OnOp: func(o mem.Op) {
				n++
				size := o.Size
				if o.Kind == mem.KindFree {
					size = 0
					give(o.ID)
				} else {
					sizes[o.ID] = max(12, int(size+3)&^3) + 4
					tlsf += sizes[o.ID]
					peak = max(peak, tlsf)
					give(o.Old)
				}
				fmt.Fprintf(w, "%s %d %d %d\n", o.Kind, o.ID, size, o.Old)
			}}
			r := newRecorded(m)
			r.nodeset = nodeset
			require.NoError(t, r.boot())
			require.NoError(t, w.Flush())
			require.Equal(t, want.operations, n)
			require.Equal(t, want.digest, hex.EncodeToString(h.Sum(nil)))
			require.Equal(t, want.bytes, m.LiveBytes())
			require.Equal(t, want.blocks, m.LiveBlocks())
			require.Equal(t, want.tlsf, tlsf)
			require.Equal(t, want.tlsfAtPeak, peak)
			require.Equal(t, want.nodes, r.core.Nodes())
			r.core.Delete()
			require.Zero(t, m.LiveBytes())
		})
	}
}

// A server whose memory ends while it makes a large nodeset gives all of it back.
func TestNodesetWithoutMemory(t *testing.T) {
	for _, limit := range []uint64{100_000, 1_000_000, 4_000_000} {
		m := &mem.Recorder{}
		m.Fail = func(_ uint64, size uint32) bool { return m.LiveBytes()+uint64(size) > limit }
		r := newRecorded(m)
		r.nodeset = Full
		require.ErrorIs(t, r.create(), ErrOutOfMemory)
		require.Zero(t, m.LiveBytes())
	}
}

// The nodes of a nodeset are made once.
func TestNodesetIsPreparedOnce(t *testing.T) {
	first, err := full()
	require.NoError(t, err)
	again, err := full()
	require.NoError(t, err)
	require.Same(t, first, again)
}

func BenchmarkFullNodeset(b *testing.B) {
	_, err := full()
	require.NoError(b, err)
	for b.Loop() {
		r := newRecorded(&mem.Recorder{})
		r.nodeset = Full
		require.NoError(b, r.create())
	}
}
