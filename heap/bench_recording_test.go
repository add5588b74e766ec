package heap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// BenchmarkRecording performs the operations of a recorded trace of 5,000
// operations, which are read beforehand, with the figures that a recording asks
// for after each.
func BenchmarkRecording(b *testing.B) {
	l := shippedLines(b, "multi_heap-v5.3.1/02_diram111k_proto_none.jsonl.gz")
	var ops []multiHeapOp
	for i := 1; i < len(l.Text); i++ {
		e, err := readLine(l, i)
		require.NoError(b, err)
		op, err := readMultiHeapOp(e)
		require.NoError(b, err)
		ops = append(ops, op)
	}
	at := make([]heap.Addr, len(ops)+1)
	ops = ops[:5000]
	for b.Loop() {
		m, err := heap.RegisterMultiHeap(0x3FFE4350, 113840, heap.MultiHeapConfig{Version: heap.V5_3_1})
		require.NoError(b, err)
		for i := range ops {
			op := &ops[i]
			switch op.op {
			case "m":
				at[op.h] = m.Malloc(op.n)
			case "al":
				at[op.h] = m.AlignedAlloc(op.n, op.al)
			case "rn", "r":
				p := at[op.h]
				if op.op == "rn" {
					p = 0
				}
				q, err := m.Realloc(p, op.n)
				if err != nil {
					b.Fatal(err)
				}
				if q != 0 || op.n == 0 {
					at[op.h] = q
				}
			case "f":
				if err := m.Free(at[op.h]); err != nil {
					b.Fatal(err)
				}
			}
			m.Info()
		}
	}
}
