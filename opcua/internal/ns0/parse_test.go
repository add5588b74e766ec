package ns0

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"
)

func TestReducedIsWhole(t *testing.T) {
	set, err := Reduced()
	require.NoError(t, err)
	nodes := map[uint32]bool{}
	finished := map[uint32]bool{}
	for _, s := range append(append([]Step(nil), set.Base...), set.Generated...) {
		switch s.Verb {
		case Raw, Add, Begin:
			require.False(t, nodes[s.ID], "line %d: node %d a second time", s.Line, s.ID)
			nodes[s.ID] = true
			finished[s.ID] = finished[s.ID] || s.Verb == Add
		case Finish, FinishMethod, Link:
			require.True(t, nodes[s.ID], "line %d: node %d is not there yet", s.Line, s.ID)
			finished[s.ID] = true
		case Ref:
			require.True(t, nodes[s.ID] && nodes[s.Parent] && nodes[s.Reference], "line %d", s.Line)
		}
		if s.Verb == Add || s.Verb == Begin {
			require.True(t, s.Parent == 0 || nodes[s.Parent], "line %d: parent %d is not there yet", s.Line, s.Parent)
			require.True(t, s.Reference == 0 || nodes[s.Reference], "line %d", s.Line)
			require.True(t, s.Type == 0 || nodes[s.Type], "line %d", s.Line)
		}
	}
	require.Len(t, nodes, 233)
	require.Equal(t, nodes, finished, "every node is finished")
}

func TestParseStep(t *testing.T) {
	set, err := Parse("t", strings.NewReader(`# a comment
base
raw VariableType 62 "BaseVariableType" type=24 rank=-2 abstract

generated
begin Variable 5 4 46 68 "A name" display="An other" type=296 rank=1 dims=0 access=3 sampling=1000 value=Argument[]:"x, y",7,1,0 value=Argument[]:"z",7,-1
ref 5 39 298 inverse
`))
	require.NoError(t, err)
	require.Equal(t, []Step{{Line: 3, Verb: Raw, ID: 62, Class: ua.NodeClassVariableType, BrowseName: "BaseVariableType",
		Attributes: Attributes{DisplayName: "BaseVariableType", DataType: 24, ValueRank: -2, IsAbstract: true}}}, set.Base)
	require.Equal(t, []Step{
		{Line: 6, Verb: Begin, ID: 5, Parent: 4, Reference: 46, Type: 68, Class: ua.NodeClassVariable, BrowseName: "A name",
			Attributes: Attributes{DisplayName: "An other", DataType: 296, ValueRank: 1, ArrayDimensions: []uint32{0}, AccessLevel: 3,
				MinimumSamplingInterval: 1000, Value: &Value{Type: Argument, Array: true, Elements: []Element{
					{Text: "x, y", DataType: 7, ValueRank: 1, ArrayDimensions: []uint32{0}},
					{Text: "z", DataType: 7, ValueRank: -1},
				}}}},
		{Line: 7, Verb: Ref, ID: 5, Reference: 39, Parent: 298},
	}, set.Generated)
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"finish 1", `t:1: expected "base" or "generated" before the first step`},
		{"base\n\nfinish x", `t:3: expected a number, found "x"`},
		{"base\nfinish", `t:2: "finish" takes 1 words, found 0`},
		{"base\nfinish 1 2", `t:2: "finish" takes 1 words, found 2`},
		{"base\nraw Thing 1 \"x\"", `t:2: unknown node class "Thing"`},
		{"base\nraw Object 1 x", `t:2: expected a quoted text, found x`},
		{"base\nraw Object 1 \"x", `t:2: a quote without its pair`},
		{"base\nraw Object 1 \"x\" odd", `t:2: unknown attribute "odd"`},
		{"base\nraw Object 1 \"x\" odd=1", `t:2: unknown attribute "odd=1"`},
		{"base\nraw Object 1 \"x\" events=256", `t:2: expected a number up to 255, found "256"`},
		{"base\nref 1 2 3 back", `t:2: expected forward or inverse, found "back"`},
		{"base\nfly 1", `t:2: unknown verb "fly"`},
		{"base\nraw Variable 1 \"x\" value=7", `t:2: expected TYPE:FIELDS, found "7"`},
		{"base\nraw Variable 1 \"x\" value=Int32:1,2", `t:2: a value of type Int32 takes 1 fields, found 2`},
		{"base\nraw Variable 1 \"x\" value=Int32:1 value=Int32:2", `t:2: a second value "Int32:2" beside one of another type or a scalar`},
		{"base\nraw Variable 1 \"x\" value=ByteString:1", `t:2: expected null, found "1"`},
		{"base\nraw Variable 1 \"x\" value=Float:1", `t:2: unknown value type "Float"`},
		{"base\nraw Variable 1 \"x\" value=Argument[]:\"a\"", `t:2: a value of type Argument[] takes 3 fields, found 1`},
	} {
		_, err := Parse("t", strings.NewReader(c.in))
		require.EqualError(t, err, c.want, "%q", c.in)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("base\nraw Variable 1 \"x\" value=Argument[]:\"a\",1,1,0"))
	f.Add(reducedText)
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := Parse("f", bytes.NewReader(b))
		if err == nil {
			for _, s := range append(set.Base, set.Generated...) {
				require.Positive(t, s.Line)
			}
		}
	})
}
