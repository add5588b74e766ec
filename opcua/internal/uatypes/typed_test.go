package uatypes

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

func TestTypeByID(t *testing.T) {
	for _, typ := range []*DataType{TypeBoolean, TypeDiagnosticInfo, TypeDuration, TypeServerState, TypeArgument, TypeEventNotificationList} {
		id := Numeric(0, typ.TypeID)
		require.Same(t, typ, TypeByID(&id), typ.Name)
	}
	unknown := Numeric(0, 26)
	require.Nil(t, TypeByID(&unknown))
	other := Numeric(1, 1)
	require.Nil(t, TypeByID(&other))
}

func TestNewScalarAndArray(t *testing.T) {
	m := &mem.Recorder{}
	v, ok := NewScalar(m, TypeArgument)
	require.True(t, ok)
	require.Equal(t, []Argument{{}}, v.V)
	require.EqualValues(t, TypeArgument.Size(), m.LiveBytes())
	Clear(m, &v)
	v, ok = NewArrayOf(m, TypeInt16, 3)
	require.True(t, ok)
	require.EqualValues(t, 6, m.LiveBytes())
	Clear(m, &v)
	v, ok = NewArrayOf(m, TypeInt16, 0)
	require.True(t, ok)
	require.Equal(t, Empty, v.P)
	require.Zero(t, m.LiveBytes())
	m.Fail = func(uint64, uint32) bool { return true }
	_, ok = NewScalar(m, TypeInt16)
	require.False(t, ok)
	_, ok = NewArrayOf(m, TypeInt16, 1)
	require.False(t, ok)
}

func TestReplaceElements(t *testing.T) {
	m := &mem.Recorder{}
	var v Variant
	require.Equal(t, Good, ArrayCopy(m, &v, TypeString, []Str{Const("one"), Const("two"), Const("three")}))
	require.Equal(t, Good, TypeString.ReplaceElements(m, v.V, []int{2, 0}, []Str{Const("drei"), Const("eins")}))
	require.Equal(t, "eins", v.V.([]Str)[0].String())
	require.Equal(t, "drei", v.V.([]Str)[2].String())
	require.EqualValues(t, 3*8+4+3+4, m.LiveBytes())
	m.Fail = func(uint64, uint32) bool { return true }
	require.NotEqual(t, Good, TypeString.ReplaceElements(m, v.V, []int{1}, []Str{Const("zwei")}))
	require.Equal(t, Null, v.V.([]Str)[1].P)
	Clear(m, &v)
	require.Zero(t, m.LiveBlocks())
}
