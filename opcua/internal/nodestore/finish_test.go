package nodestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// TestOwnBrowseWithLimit lets the server browse for itself while the references
// of a result are limited: of the result, and of the continuation point once it
// is released, nothing stays.
func TestOwnBrowseWithLimit(t *testing.T) {
	m := &mem.Recorder{}
	x := newRecorded(m)
	require.NoError(t, x.boot())
	live := map[uint64]bool{}
	m.OnOp = func(o mem.Op) {
		if o.Kind == mem.KindFree {
			delete(live, uint64(o.ID))
			return
		}
		delete(live, uint64(o.Old))
		live[uint64(o.ID)] = true
	}
	x.core.Limits.MaxReferencesPerNode = 1
	var r uatypes.BrowseResult
	x.core.browseAggregates(ns0ID(2253), 0, 0, &r)
	require.NotEmpty(t, r.ContinuationPoint.B)
	x.core.clearResult(&r)
	x.core.Release(&x.core.admin)
	require.Empty(t, live)
}
