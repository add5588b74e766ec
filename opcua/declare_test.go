package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// pump is an object with a variable and a method.
func pump(c *ServerConfig) {
	c.Objects = []Object{{NodeID: "ns=1;s=pump", BrowseName: "1:Pump"}}
	c.Variables = []Variable{{NodeID: "ns=1;s=pump.speed", BrowseName: "1:Speed", Initial: int32(7), Parent: "ns=1;s=pump"}}
	c.Methods = []Method{{NodeID: "ns=1;s=pump.add", BrowseName: "1:Add", Object: "ns=1;s=pump",
		In: []Argument{{"a", int32(0)}, {"b", int32(0)}}, Out: []Argument{{"sum", int32(0)}},
		Call: func(in []any) ([]any, ua.StatusCode) { return []any{in[0].(int32) + in[1].(int32)}, ua.StatusOK }}}
}

func TestDeclaredObjectsAndMethods(t *testing.T) {
	r := newRig(t, pump)
	b := newBench(r, true)
	before := r.memory.count
	r.sent = nil
	number := func(n int32) uatypes.Variant {
		return uatypes.Variant{Type: uatypes.TypeInt32, P: uatypes.Static, V: []int32{n}}
	}
	q := uatypes.CallRequest{MethodsToCall: list(uatypes.CallMethodRequest{
		ObjectID: uatypes.NodeID{Namespace: 1, Type: uatypes.IDString, Str: uatypes.Const("pump")},
		MethodID: uatypes.NodeID{Namespace: 1, Type: uatypes.IDString, Str: uatypes.Const("pump.add")}, InputArguments: list(number(40), number(2))})}
	require.True(t, b.request(uatypes.TypeCallRequest.Encoding, encoded(&q)[len(encoded(&q.RequestHeader)):]))
	var m mem.Recorder
	var id uatypes.NodeID
	pos, _ := uatypes.Decode(&m, r.sent, symmetricHeaderLength, &id)
	var x uatypes.CallResponse
	_, st := uatypes.Decode(&m, r.sent, pos, &x)
	require.Equal(t, uatypes.Good, st)
	require.Equal(t, []int32{42}, x.Results.V[0].OutputArguments.V[0].V)
	require.Equal(t, before.bytes, r.memory.count.bytes)
	r.sent = nil
	read := uatypes.ReadRequest{NodesToRead: list(uatypes.ReadValueID{NodeID: uatypes.NodeID{Namespace: 1, Type: uatypes.IDString, Str: uatypes.Const("pump.speed")}, AttributeID: attributeValue})}
	require.True(t, b.request(uatypes.TypeReadRequest.Encoding, encoded(&read)[len(encoded(&read.RequestHeader)):]))
	require.Equal(t, "Good Good", describeMore(r.sent))
}

func TestDeclarationsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*ServerConfig){
		"opcua: object x: ":         func(c *ServerConfig) { c.Objects[0].NodeID = "x" },
		"object ns=1;s=pump: ":      func(c *ServerConfig) { c.Objects[0].Parent = "ns=1;s=nobody" },
		"method ns=1;s=pump.add: ":  func(c *ServerConfig) { c.Methods[0].Object = "ns=1;s=nobody" },
		"argument a: Of is a []int": func(c *ServerConfig) { c.Methods[0].In[0].Of = []int{} },
		"Call is nil":               func(c *ServerConfig) { c.Methods[0].Call = nil },
		"only with v1.2-rc1":        func(c *ServerConfig) { *c = withVersion(*c, V1_2_10); pump(c) },
	} {
		cfg := DefaultServerConfig()
		cfg.Memory, cfg.Clock = newLedger(nil), &testClock{now: 80_000_000}
		cfg.Sockets = &tape{max: 10, fds: map[int]*peer{}, conns: map[int]*peer{}, note: func(happened) {}}
		pump(&cfg)
		change(&cfg)
		_, err := NewServer(cfg)
		require.Error(t, err, name)
		if name != "opcua: object x: " {
			require.ErrorContains(t, err, name)
		}
	}
}
