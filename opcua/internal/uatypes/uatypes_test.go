package uatypes

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// TestStructSizes compares the layout that follows from the members with the
// sizes that a C compiler gave.
func TestStructSizes(t *testing.T) {
	f, err := os.Open("../../../recordings/open62541/struct_sizes.jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	own := map[string]uint32{
		"UA_EndpointDescription":       SizeOf(&EndpointDescription{}),
		"UA_NodeId":                    elemNodeID.size,
		"UA_ExpandedNodeId":            elemExpandedNodeID.size,
		"UA_Variant":                   elemVariant().size,
		"UA_DataValue":                 elemDataValue().size,
		"UA_String":                    elemString.size,
		"UA_MonitoredItemNotification": SizeOf(&MonitoredItemNotification{}),
		"UA_ReadValueId":               SizeOf(&ReadValueID{}),
		"UA_ReferenceDescription":      SizeOf(&ReferenceDescription{}),
		"UA_ExtensionObject":           elemExtensionObject().size,
		"UA_DataChangeNotification":    SizeOf(&DataChangeNotification{}),
	}
	found := 0
	for s := bufio.NewScanner(z); s.Scan(); {
		var line struct {
			Type string `json:"type"`
			Size uint32 `json:"size_align8"`
		}
		require.NoError(t, json.Unmarshal(s.Bytes(), &line))
		if size, ok := own[line.Type]; ok {
			require.Equal(t, line.Size, size, line.Type)
			found++
		}
	}
	require.Equal(t, len(own), found)
}

// value returns a message with every kind of member.
func value(m mem.Memory, t *testing.T) WriteRequest {
	str := func(s string) Str { return Const(s) }
	src := WriteRequest{NodesToWrite: Array[WriteValue]{P: Static, V: []WriteValue{
		{NodeID: NodeID{Namespace: 1, Type: IDString, Str: str("temperature")}, AttributeID: 13, IndexRange: str("0:1"),
			Value: DataValue{HasValue: true, Value: Variant{Type: TypeString, P: Static, IsArray: true, V: []Str{str("a"), {}, {P: Empty}}},
				HasStatus: true, Status: 7, HasServerTimestamp: true, ServerTimestamp: 9}},
		{Value: DataValue{HasValue: true, Value: Variant{Type: TypeRange, P: Static, V: []Range{{1, 2}}}}},
		{Value: DataValue{HasValue: true, Value: Variant{Type: TypeVariant, P: Static, IsArray: true,
			V: []Variant{{Type: TypeFloat, P: Static, V: []float32{1.5}}, {}}}}},
		{Value: DataValue{HasValue: true, Value: Variant{Type: TypeLocalizedText, P: Static, V: []LocalizedText{{Locale: str("en"), Text: str("x")}}}}},
		{Value: DataValue{HasValue: true, Value: Variant{Type: TypeDiagnosticInfo, P: Static, V: []DiagnosticInfo{{HasLocale: true, Locale: 3, HasAdditionalInfo: true, AdditionalInfo: str("i")}}}}},
		{Value: DataValue{HasValue: true, Value: Variant{Type: TypeExpandedNodeID, P: Static, V: []ExpandedNodeID{{NamespaceURI: str("u"), ServerIndex: 4}}}}},
	}}}
	src.RequestHeader.AdditionalHeader = ExtensionObject{Encoding: bodyByteString, TypeID: Numeric(0, 77777), Body: str("body")}
	src.RequestHeader.AuthenticationToken = NodeID{Namespace: 1, Type: IDGuid, Guid: Guid{1, 2, 3}}
	var v WriteRequest
	require.Equal(t, Good, Copy(m, &v, &src))
	return v
}

func encode(t *testing.T, v Value) []byte {
	n := Length(v)
	e := Encoder{Buf: make([]byte, n), End: int(n)}
	require.Equal(t, Good, e.Encode(v))
	require.Equal(t, int(n), e.Pos)
	return e.Buf
}

// TestRoundTrip decodes what was encoded, and finds all memory back after clear.
func TestRoundTrip(t *testing.T) {
	var r mem.Recorder
	v := value(&r, t)
	b := encode(t, &v)
	var d WriteRequest
	pos, s := Decode(&r, b, 0, &d)
	require.Equal(t, Good, s)
	require.Equal(t, len(b), pos)
	require.Equal(t, b, encode(t, &d))
	Clear(&r, &d)
	Clear(&r, &v)
	require.Zero(t, r.LiveBlocks())
}

// TestChunks encodes through a buffer of every small size: the bytes are the
// same wherever the buffer ends.
func TestChunks(t *testing.T) {
	var r mem.Recorder
	v := value(&r, t)
	whole := encode(t, &v)
	for size := 32; size < 80; size++ {
		var got []byte
		e := &Encoder{Buf: make([]byte, size), End: size}
		e.Exchange = func() Status {
			got = append(got, e.Buf[:e.Pos]...)
			e.Buf, e.Pos = make([]byte, size), 0
			return Good
		}
		require.Equal(t, Good, e.Encode(&v))
		require.Equal(t, whole, append(got, e.Buf[:e.Pos]...), "buffers of %d bytes", size)
	}
}

// TestOutOfMemory lets each allocation of a decoding and of a copy fail in turn.
func TestOutOfMemory(t *testing.T) {
	var r mem.Recorder
	v := value(&r, t)
	b := encode(t, &v)
	for n := uint64(1); ; n++ {
		fail := mem.Recorder{Fail: func(i uint64, _ uint32) bool { return i == n }}
		var d WriteRequest
		_, s := Decode(&fail, b, 0, &d)
		if fail.Allocs() < n {
			require.Equal(t, Good, s)
			break
		}
		require.Zero(t, fail.LiveBlocks(), "allocation %d of decoding", n)
	}
	for n := uint64(1); ; n++ {
		fail := mem.Recorder{Fail: func(i uint64, _ uint32) bool { return i == n }}
		var d DataValue
		src := DataValue{Value: Variant{Type: TypeQualifiedName, P: Static, IsArray: true, V: []QualifiedName{{Name: Const("a")}, {Name: Const("b")}}}}
		s := Copy(&fail, &d, &src)
		if fail.Allocs() < n {
			require.Equal(t, Good, s)
			break
		}
		require.NotEqual(t, Good, s)
		require.Zero(t, fail.LiveBlocks(), "allocation %d of copying", n)
	}
}

// TestCopyLoses copies a structure in which an array follows the member that
// fails: what the elements of the array hold is lost, as in open62541.
func TestCopyLoses(t *testing.T) {
	src := EndpointDescription{EndpointURL: Const("url"), UserIdentityTokens: Array[UserTokenPolicy]{P: Static, V: []UserTokenPolicy{{PolicyID: Const("lost")}}}}
	fail := mem.Recorder{Fail: func(i uint64, _ uint32) bool { return i == 1 }}
	var d EndpointDescription
	require.NotEqual(t, Good, Copy(&fail, &d, &src))
	require.EqualValues(t, 1, fail.LiveBlocks())
	require.EqualValues(t, len("lost"), fail.LiveBytes())
}

// FuzzDecode decodes arbitrary bytes as every structure: no panic, and all
// memory back.
func FuzzDecode(f *testing.F) {
	var r mem.Recorder
	f.Add(byte(0), []byte{1, 2, 3})
	f.Add(byte(7), encode(&testing.T{}, &BrowseRequest{}))
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		d := structTypes[int(which)%len(structTypes)]
		w := Walker{op: opDecode, mem: &r, buf: b, end: len(b), ratio: arrayRatio}
		v, s := d.slice().get(&w)
		if s == Good {
			n := d.slice().length(v, 0)
			if int(n) > 4*len(b)+64 {
				t.Fatalf("%d bytes decode to %d", len(b), n)
			}
		}
		w.op = opClear
		p := r.Malloc(1, "content")
		d.slice().clear(&w, v, p)
		if r.LiveBlocks() != 0 {
			t.Fatalf("%d blocks left of %s", r.LiveBlocks(), d.Name)
		}
	})
}
