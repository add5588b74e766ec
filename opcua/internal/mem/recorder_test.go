package mem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecorderCountsAndReports(t *testing.T) {
	var ops []Op
	r := &Recorder{OnOp: func(o Op) { ops = append(ops, o) }}
	a := r.Malloc(10, "a")
	b := r.Calloc(20, "b")
	c := r.Realloc(a, 30, "c")
	r.Free(b)
	r.Free(0)
	r.Free(r.Realloc(0, 5, "d"))
	require.Equal(t, []Op{
		{Kind: KindMalloc, ID: 1, Size: 10, What: "a"},
		{Kind: KindCalloc, ID: 2, Size: 20, What: "b"},
		{Kind: KindRealloc, ID: 3, Size: 30, Old: 1, What: "c"},
		{Kind: KindFree, ID: 2, Size: 20, What: "b"},
		{Kind: KindMalloc, ID: 4, Size: 5, What: "d"},
		{Kind: KindFree, ID: 4, Size: 5, What: "d"},
	}, ops)
	require.EqualValues(t, 30, r.LiveBytes())
	require.EqualValues(t, 1, r.LiveBlocks())
	require.EqualValues(t, 4, r.Allocs())
	bytes, blocks := r.Peak()
	require.EqualValues(t, 60, bytes, "old and new block of a realloc exist together")
	require.EqualValues(t, 3, blocks)
	r.ResetPeak()
	bytes, blocks = r.Peak()
	require.EqualValues(t, 30, bytes)
	require.EqualValues(t, 1, blocks)
	var live []uint32
	r.Live(func(id, size uint32, what string) bool { live = append(live, id, size); return true })
	require.Equal(t, []uint32{3, 30}, live)
	require.EqualValues(t, 4, c)
}

func TestRecorderFailureLeavesOldBlock(t *testing.T) {
	r := &Recorder{Fail: func(n uint64, size uint32) bool { return n == 2 && size == 8 }}
	a := r.Malloc(4, "a")
	require.Zero(t, r.Realloc(a, 8, "a"))
	require.EqualValues(t, 4, r.LiveBytes())
	require.NotZero(t, r.Realloc(a, 8, "a"))
	require.EqualValues(t, 8, r.LiveBytes())
}

func TestRecorderPanicsOnForeignBlock(t *testing.T) {
	r := &Recorder{}
	a := r.Malloc(4, "a")
	r.Free(a)
	require.PanicsWithValue(t, "opcua/internal/mem: free of block 1, which is not live", func() { r.Free(a) })
	require.Panics(t, func() { r.Realloc(7, 1, "a") })
}

func TestKindString(t *testing.T) {
	require.Equal(t, "calloc", KindCalloc.String())
	require.Equal(t, "Kind(9)", Kind(9).String())
}
