package ns0

import (
	"maps"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"
)

// smallFile is a nodeset with one node of most classes.
const smallFile = `<UANodeSet><NamespaceUris/><Aliases><Alias Alias="HasSubtype">i=45</Alias><Alias Alias="Argument">i=296</Alias></Aliases>
<UAReferenceType NodeId="i=31" BrowseName="References" IsAbstract="true"><DisplayName>References</DisplayName></UAReferenceType>
<UAReferenceType NodeId="i=33" BrowseName="Hierarchical"><DisplayName>x</DisplayName><References><Reference ReferenceType="HasSubtype" IsForward="false">i=31</Reference></References></UAReferenceType>
<UAReferenceType NodeId="i=45" BrowseName="HasSubtype"><DisplayName>x</DisplayName><References><Reference ReferenceType="HasSubtype" IsForward="false">i=33</Reference></References></UAReferenceType>
<UAReferenceType NodeId="i=40" BrowseName="HasTypeDefinition"><DisplayName>x</DisplayName><References><Reference ReferenceType="HasSubtype" IsForward="false">i=31</Reference></References></UAReferenceType>
<UAReferenceType NodeId="i=9999" BrowseName="Own" Symmetric="true"><DisplayName>Its own</DisplayName><InverseName>Owned</InverseName><References><Reference ReferenceType="HasSubtype" IsForward="false">i=33</Reference></References></UAReferenceType>
<UAVariable NodeId="i=8" BrowseName="0:args" DataType="Argument" ValueRank="1" MinimumSamplingInterval="1000"><DisplayName>args</DisplayName>
 <References><Reference ReferenceType="i=40">i=62</Reference><Reference ReferenceType="i=9999" IsForward="false">i=7</Reference></References>
 <Value><ListOfExtensionObject><ExtensionObject><TypeId/><Body><Argument><Name>a</Name><DataType><Identifier>i=1</Identifier></DataType><ValueRank>-1</ValueRank><ArrayDimensions/><Description><Text>what</Text></Description></Argument></Body></ExtensionObject></ListOfExtensionObject></Value></UAVariable>
<UAVariableType NodeId="i=62" BrowseName="BaseVariableType"><DisplayName>x</DisplayName></UAVariableType>
<UAMethod NodeId="i=7" BrowseName="m"><DisplayName>m</DisplayName></UAMethod>
</UANodeSet>`

func TestCompile(t *testing.T) {
	set, err := parseNodeset("t", []byte(smallFile))
	require.NoError(t, err)
	base := []Step{{Verb: Raw, ID: 31}, {Verb: Raw, ID: 33}, {Verb: Raw, ID: 45}, {Verb: Add, ID: 40}, {Verb: Add, ID: 62}, {Verb: Link, ID: 9999}}
	steps, err := set.compile(base)
	require.NoError(t, err)
	require.Equal(t, []Step{
		{Line: 6, Verb: Begin, ID: 9999, Parent: 33, Reference: 45, Class: ua.NodeClassReferenceType, BrowseName: "Own",
			Attributes: Attributes{DisplayName: "Its own", InverseName: "Owned", Symmetric: true}},
		{Line: 6, Verb: Finish, ID: 9999},
		{Line: 11, Verb: Begin, ID: 7, Class: ua.NodeClassMethod, BrowseName: "m", Attributes: Attributes{DisplayName: "m", Executable: true}},
		{Line: 7, Verb: Begin, ID: 8, Parent: 7, Reference: 9999, Type: 62, Class: ua.NodeClassVariable, BrowseName: "args",
			Attributes: Attributes{DisplayName: "args", DataType: 296, ValueRank: 1, ArrayDimensions: []uint32{0}, AccessLevel: 1,
				MinimumSamplingInterval: 1000, Value: &Value{Type: Argument, Array: true, Elements: []Element{
					{Text: "a", DataType: 1, ValueRank: -1, Described: true, Description: "what"},
				}}}},
		{Line: 7, Verb: Finish, ID: 8},
		{Line: 11, Verb: FinishMethod, ID: 7},
	}, steps)

	set, err = parseNodeset("t", []byte(smallFile))
	require.NoError(t, err)
	steps, err = set.compile(base, 7)
	require.NoError(t, err)
	require.Len(t, steps, 2, "the variable is below the method")
}

// What is in the file in whole comes with everything that it refers to.
func TestNodesetsAreWhole(t *testing.T) {
	for want, get := range map[int]func() (*Set, error){4_912: Full, 4_596: Compact} {
		set, err := get()
		require.NoError(t, err)
		nodes, finished := map[uint32]bool{}, map[uint32]bool{}
		for _, s := range append(append([]Step(nil), set.Base...), set.Generated...) {
			switch s.Verb {
			case Raw, Add, Begin:
				require.False(t, nodes[s.ID], "line %d: node %d a second time", s.Line, s.ID)
				nodes[s.ID] = true
				finished[s.ID] = finished[s.ID] || s.Verb == Add
			case Finish, FinishMethod, Link:
				require.True(t, nodes[s.ID], "line %d", s.Line)
				finished[s.ID] = true
			case Ref:
				require.True(t, nodes[s.ID] && nodes[s.Parent] && nodes[s.Reference], "line %d", s.Line)
			}
		}
		require.Equal(t, want, len(nodes))
		require.True(t, maps.Equal(nodes, finished), "every node is finished")
	}
}

func TestNodesetErrorsNameTheLine(t *testing.T) {
	variable := func(value string) string {
		return strings.Replace(smallFile, "<DisplayName>args</DisplayName>", "<DisplayName>args</DisplayName><Value>"+value+"</Value>", 1)
	}
	for _, c := range []struct{ in, want string }{
		{"", "t:1: EOF"},
		{"<other/>", "t:1: expected UANodeSet, found other"},
		{"<UANodeSet>", "t:1: XML syntax error on line 1: unexpected EOF"},
		{strings.Replace(smallFile, "i=9999", "i=x", 1), `t:6: node id "i=x": expected i= and a number, or an alias`},
		{strings.Replace(smallFile, `NodeId="i=9999"`, `NodeId="i=31"`, 1), "t:6: node 31 a second time"},
		{strings.Replace(smallFile, `IsAbstract="true"`, `IsAbstract="yes"`, 1), `t:2: IsAbstract: expected true or false, found "yes"`},
		{strings.Replace(smallFile, `"0:args"`, `"1:args"`, 1), `t:7: BrowseName "1:args": expected namespace 0`},
		{strings.Replace(smallFile, `"1000"`, `"1.5"`, 1), `t:7: MinimumSamplingInterval: expected a number of 32 bits, found "1.5"`},
		{strings.Replace(smallFile, `ValueRank="1"`, `ValueRank="99"`, 1), "t:7: ValueRank: expected -3 to 16, found 99"},
		{strings.Replace(smallFile, "<DisplayName>m</DisplayName>", "", 1), "t:11: a node without BrowseName or DisplayName"},
		{strings.Replace(smallFile, ">i=7<", ">i=77<", 1), "line 7: node 8: reference 9999 to 77: there is no such node"},
		{strings.Replace(smallFile, ">i=7<", ">i=8<", 1), "line 7: node 8: its references lead in a circle (1 nodes)"},
		{variable("<Float>1</Float>"), `line 7: node 8: Value: unknown type "Float"`},
		{variable("<Int32>x</Int32>"), `line 7: node 8: Value: expected a number of 31 bits, found "x"`},
		{variable("<DateTime>x</DateTime>"), `line 7: node 8: Value: DateTime: parsing time`},
		{variable("<ByteString>*</ByteString>"), `line 7: node 8: illegal base64 data`},
		{variable("<ListOfX><Int32>1</Int32><UInt32>1</UInt32></ListOfX>"), "line 7: node 8: Value: UInt32 beside an element of another type"},
		{variable("<ExtensionObject/>"), "line 7: node 8: Value: ExtensionObject: expected a Body with one element"},
		{variable("<ExtensionObject><Body><X/></Body></ExtensionObject>"), `line 7: node 8: Value: unknown structure "X"`},
		{strings.Replace(smallFile, "<Identifier>i=1<", "<Identifier>1<", 1), `line 7: node 8: Value: Argument a: DataType: expected i= and a number, found "1"`},
	} {
		set, err := parseNodeset("t", []byte(c.in))
		if err == nil {
			_, err = set.compile([]Step{{ID: 31}, {ID: 33}, {ID: 45}, {ID: 40}, {ID: 62}})
		}
		require.ErrorContains(t, err, c.want)
	}
}

func FuzzNodeset(f *testing.F) {
	f.Add([]byte(smallFile))
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := parseNodeset("f", b)
		if err != nil {
			return
		}
		steps, err := set.compile([]Step{{ID: 31}})
		if err != nil {
			return
		}
		begun := map[uint32]bool{}
		for _, s := range steps {
			if s.Verb == Begin {
				require.False(t, begun[s.ID])
				begun[s.ID] = true
			}
		}
	})
}
