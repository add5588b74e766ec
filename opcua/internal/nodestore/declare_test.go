package nodestore

import (
	"errors"
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

func booted(t *testing.T) (*Core, *mem.Recorder) {
	m := &mem.Recorder{}
	r := newRecorded(m)
	require.NoError(t, r.boot())
	return r.core, m
}

func name(s string) uatypes.QualifiedName {
	return uatypes.QualifiedName{NamespaceIndex: 1, Name: uatypes.Const(s)}
}

func readValue(t *testing.T, c *Core, id *uatypes.NodeID, attribute ua.AttributeID) any {
	var v uatypes.DataValue
	c.Read(&Session{}, uint32(ua.TimestampsToReturnBoth), &uatypes.ReadValueID{NodeID: *id, AttributeID: uint32(attribute)}, &v)
	require.False(t, v.HasStatus, "%v", v.Status)
	var kept uatypes.DataValue // clearing empties what is in v
	uatypes.Copy(&mem.Recorder{}, &kept, &v)
	uatypes.Clear(c.m, &v)
	return kept.Value.V
}

func TestVariableInANode(t *testing.T) {
	c, m := booted(t)
	live := m.LiveBytes()
	var written []int32
	id, st := c.AddVariable(&Variable{ID: uatypes.Numeric(1, 7), BrowseName: name("level"), DataType: *ns0ID(6), ValueRank: rankScalar,
		Writable: true, Value: *constant(uatypes.TypeInt32, int32(5)),
		OnWrite: func(v *uatypes.DataValue) { written = append(written, v.Value.V.([]int32)[0]) }})
	require.Equal(t, uatypes.Good, st)
	require.Equal(t, []int32{5}, readValue(t, c, &id, ua.AttributeIDValue))
	require.Equal(t, "level", readValue(t, c, &id, ua.AttributeIDDisplayName).([]uatypes.LocalizedText)[0].Text.String())

	write := func(v *uatypes.Variant) uatypes.Status {
		return c.Write(&Session{}, &uatypes.WriteValue{NodeID: id, AttributeID: uint32(ua.AttributeIDValue),
			Value: uatypes.DataValue{HasValue: true, Value: *v}})
	}
	require.Equal(t, uatypes.Good, write(constant(uatypes.TypeInt32, int32(9))))
	require.Equal(t, ua.StatusBadTypeMismatch, write(constant(uatypes.TypeFloat, float32(9))))
	require.Equal(t, ua.StatusBadTypeMismatch, write(constantArray(uatypes.TypeInt32, int32(9))))
	require.Equal(t, []int32{9}, written)
	require.Equal(t, []int32{9}, readValue(t, c, &id, ua.AttributeIDValue))

	require.Equal(t, uatypes.Good, c.DeleteNode(&uatypes.DeleteNodesItem{NodeID: id, DeleteTargetReferences: true}))
	require.Equal(t, live, m.LiveBytes())
}

func TestVariableOfATypeGetsItsChildren(t *testing.T) {
	c, _ := booted(t)
	const buildInfoType = 3051
	id, st := c.AddVariable(&Variable{ID: uatypes.Numeric(1, 8), BrowseName: name("build"), DataType: *ns0ID(uatypes.TypeBuildInfo.TypeID),
		ValueRank: rankScalar, TypeDefinition: *ns0ID(buildInfoType), Value: *constant(uatypes.TypeBuildInfo, uatypes.BuildInfo{})})
	require.Equal(t, uatypes.Good, st)
	children := func(id *uatypes.NodeID) (all []string) {
		var r uatypes.BrowseResult
		c.browseAggregates(id, 0, maskBrowseName, &r)
		for i := range r.References.V {
			all = append(all, r.References.V[i].BrowseName.Name.String())
		}
		c.clearResult(&r)
		return all
	}
	require.Equal(t, []string(nil), children(ns0ID(buildInfoType)), "the reduced namespace has no children of types")
	require.Equal(t, []string(nil), children(&id))
}

func TestObjectWithMandatoryChild(t *testing.T) {
	c, m := booted(t)
	add := func(item *newNodeItem) uatypes.NodeID {
		var id uatypes.NodeID
		require.Equal(t, uatypes.Good, c.addNode(&c.admin, item, &id))
		return id
	}
	typ := add(&newNodeItem{class: ua.NodeClassObjectType, requested: uatypes.Numeric(1, 100), browseName: name("PumpType"),
		parent: *ns0ID(idBaseObjectType), reference: *ns0ID(idHasSubtype), attributes: &uatypes.ObjectTypeAttributes{}})
	for i, rule := range []uint32{idMandatory, idOptional} {
		child := add(&newNodeItem{class: ua.NodeClassVariable, requested: uatypes.Numeric(1, uint32(101+i)), browseName: name([]string{"speed", "note"}[i]),
			parent: typ, reference: *ns0ID(idHasComponent), typeDefinition: *ns0ID(idBaseDataVariableType),
			attributes: &uatypes.VariableAttributes{DataType: *ns0ID(6), ValueRank: rankScalar, AccessLevel: accessRead, Value: *constant(uatypes.TypeInt32, int32(3))}})
		require.Equal(t, uatypes.Good, c.addRef(&child, ns0ID(idHasModellingRule), ns0ID(rule), true))
	}
	live := m.LiveBytes()
	pump, st := c.AddObject(&Object{BrowseName: name("pump"), TypeDefinition: typ})
	require.Equal(t, uatypes.Good, st)
	require.NotZero(t, pump.Numeric, "the server chose an id")

	var r uatypes.BrowsePathResult
	path := uatypes.BrowsePath{StartingNode: pump}
	path.RelativePath.Elements.V = []uatypes.RelativePathElement{{ReferenceTypeID: *ns0ID(idHierarchicalReferences), IncludeSubtypes: true, TargetName: name("speed")}}
	c.TranslateBrowsePath(&path, &r)
	require.Equal(t, uatypes.Good, r.StatusCode)
	require.Equal(t, []int32{3}, readValue(t, c, &r.Targets.V[0].TargetID.NodeID, ua.AttributeIDValue))
	uatypes.Clear(m, &r)
	path.RelativePath.Elements.V[0].TargetName = name("note")
	c.TranslateBrowsePath(&path, &r)
	require.Equal(t, ua.StatusBadNoMatch, r.StatusCode, "an optional child is not made")

	require.Equal(t, uatypes.Good, c.DeleteNode(&uatypes.DeleteNodesItem{NodeID: pump, DeleteTargetReferences: true}))
	require.Equal(t, live, m.LiveBytes(), "the child goes with its parent")
}

func TestMethodIsCalled(t *testing.T) {
	c, m := booted(t)
	id, st := c.AddMethod(&Method{ID: uatypes.Numeric(1, 5), BrowseName: name("double"),
		In:  []uatypes.Argument{{Name: uatypes.Const("x"), DataType: *ns0ID(6), ValueRank: rankScalar}},
		Out: []uatypes.Argument{{Name: uatypes.Const("y"), DataType: *ns0ID(6), ValueRank: rankScalar}},
		Func: func(_ *Session, object, method *uatypes.NodeID, in, out []uatypes.Variant) uatypes.Status {
			return uatypes.ScalarCopy(m, &out[0], uatypes.TypeInt32, 2*in[0].V.([]int32)[0])
		}})
	require.Equal(t, uatypes.Good, st)
	live := m.LiveBytes()
	call := func(args ...uatypes.Variant) uatypes.CallMethodResult {
		var r uatypes.CallMethodResult
		c.Call(&Session{}, &uatypes.CallMethodRequest{ObjectID: *ns0ID(idObjectsFolder), MethodID: id,
			InputArguments: uatypes.Array[uatypes.Variant]{V: args}}, &r)
		return r
	}
	r := call(*constant(uatypes.TypeInt32, int32(21)))
	require.Equal(t, uatypes.Good, r.StatusCode)
	require.Equal(t, []int32{42}, r.OutputArguments.V[0].V)
	uatypes.Clear(m, &r)
	require.Equal(t, ua.StatusBadArgumentsMissing, call().StatusCode)
	r = call(*constant(uatypes.TypeFloat, float32(1)))
	require.Equal(t, ua.StatusBadInvalidArgument, r.StatusCode)
	require.Equal(t, []uatypes.Status{ua.StatusBadTypeMismatch}, r.InputArgumentResults.V)
	uatypes.Clear(m, &r)
	require.Equal(t, live, m.LiveBytes())
}

func TestContinuationPoints(t *testing.T) {
	c, m := booted(t)
	live := m.LiveBytes()
	d := &uatypes.BrowseDescription{NodeID: *ns0ID(idServer), BrowseDirection: browseBoth, ResultMask: 63}
	var whole uatypes.BrowseResult
	c.Browse(&Session{}, 0, d, &whole)
	n := len(whole.References.V)
	require.Greater(t, n, 6)

	s := &Session{}
	var ids []string
	var r uatypes.BrowseResult
	c.Browse(s, 2, d, &r)
	for {
		require.Equal(t, uatypes.Good, r.StatusCode)
		for i := range r.References.V {
			ids = append(ids, r.References.V[i].NodeID.NodeID.String())
		}
		point := uatypes.Str{P: uatypes.Static, B: r.ContinuationPoint.B}
		uatypes.Clear(m, &r)
		if len(point.B) == 0 {
			break
		}
		require.Equal(t, 1, s.used)
		c.BrowseNext(s, false, &point, &r)
	}
	require.Len(t, ids, n)
	for i := range ids {
		require.Equal(t, whole.References.V[i].NodeID.NodeID.String(), ids[i])
	}
	uatypes.Clear(m, &whole)
	require.Equal(t, live, m.LiveBytes())

	for i := range maxContinuationPoints + 1 {
		c.Browse(s, 2, d, &r)
		if i == maxContinuationPoints {
			require.Equal(t, ua.StatusBadNoContinuationPoints, r.StatusCode)
			require.Empty(t, r.References.V)
		}
		uatypes.Clear(m, &r)
	}
	require.Equal(t, live+maxContinuationPoints*120, m.LiveBytes(), "104 bytes and an identifier of 16")
	c.Release(s)
	require.Equal(t, live, m.LiveBytes())
}

func TestNamespaces(t *testing.T) {
	c, _ := booted(t)
	require.EqualValues(t, 1, c.AddNamespace("open62541.esp32.server"))
	require.EqualValues(t, 2, c.AddNamespace("urn:machine"))
	require.EqualValues(t, 2, c.AddNamespace("urn:machine"))
	names := readValue(t, c, ns0ID(idNamespaceArray), ua.AttributeIDValue).([]uatypes.Str)
	require.Len(t, names, 3)
}

func TestConfiguration(t *testing.T) {
	c, _ := booted(t)
	require.Error(t, c.Configure(Config{}), "a second time")
	yes, no := uatypes.Const("user2"), uatypes.Const("password")
	right := uatypes.Const("password1")
	require.True(t, c.Login(&yes, &right))
	require.False(t, c.Login(&yes, &no))
	require.Equal(t, "opc.tcp://opcua-esp32:4840/", c.DiscoveryURL().String())
	require.Equal(t, "open62541.esp32.server", c.Application().ApplicationURI.String())
	require.Len(t, c.Endpoints().V, 1)

	r := newRecorded(&mem.Recorder{})
	require.NoError(t, r.create())
	require.NoError(t, r.configure())
	taken := errors.New("address in use")
	require.ErrorIs(t, r.core.Startup(func() error { return taken }), taken)

	_, err := New(Options{})
	require.Error(t, err)
}

func TestServiceLevelWithoutMemoryIsACrash(t *testing.T) {
	c, m := booted(t)
	m.Fail = func(uint64, uint32) bool { return true }
	require.PanicsWithError(t, "readServiceLevel: writes through NULL after an allocation failed", func() {
		var v uatypes.DataValue
		c.Read(&Session{}, 3, &uatypes.ReadValueID{NodeID: *ns0ID(idServiceLevel), AttributeID: uint32(ua.AttributeIDValue)}, &v)
	})
}

// TestCircleIsACrash makes a circle of parts, which a client can do, and deletes
// a node on it. With memory without end only the stack ends the recursion.
func TestCircleIsACrash(t *testing.T) {
	c, m := booted(t)
	a, st := c.AddObject(&Object{BrowseName: name("a")})
	require.Equal(t, uatypes.Good, st)
	b, st := c.AddObject(&Object{BrowseName: name("b"), Parent: a, Reference: *ns0ID(idHasComponent)})
	require.Equal(t, uatypes.Good, st)
	require.Equal(t, uatypes.Good, c.DeleteReference(&uatypes.DeleteReferencesItem{SourceNodeID: a, ReferenceTypeID: *ns0ID(idOrganizes),
		TargetNodeID: uatypes.ExpandedNodeID{NodeID: *ns0ID(idObjectsFolder)}, DeleteBidirectional: true}))
	require.Equal(t, uatypes.Good, c.addRef(&b, ns0ID(idHasComponent), &a, true))
	require.Panics(t, func() { c.DeleteNode(&uatypes.DeleteNodesItem{NodeID: a}) })

	// With 40 KB it ends before that: the deepest level gives up, the others go on.
	c.depth = 0
	limit := m.LiveBytes() + 40<<10
	m.Fail = func(_ uint64, size uint32) bool { return m.LiveBytes()+uint64(size) > limit }
	require.Equal(t, uatypes.Good, c.DeleteNode(&uatypes.DeleteNodesItem{NodeID: a}))
	_, there := c.Has(&a)
	require.False(t, there)
}
