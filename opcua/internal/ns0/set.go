package ns0

import (
	"bytes"
	_ "embed"
	"sync"

	"github.com/gopcua/opcua/ua"
)

// Set is a list of steps that build a namespace.
type Set struct {
	// Base are the nodes that a server always has (UA_Server_createNS0_base). A
	// step that fails does not stop the next one.
	Base []Step
	// Generated are the nodes of the nodeset file (namespace0_generated). The
	// first step that fails ends them.
	Generated []Step
}

// Verb says what a step does.
type Verb uint8

// The verbs of the table.
const (
	Raw          Verb = iota // add a node without references
	Add                      // add a node with everything
	Begin                    // add a node and the references to its parent and type
	Finish                   // check the type, instantiate children, construct
	FinishMethod             // Finish for a method
	Link                     // add the reference from the parent, then Finish
	Ref                      // add a reference
)

// Step is one line of the table. Node ids are numeric ids in namespace 0; 0 is
// the null node id.
type Step struct {
	Line int // in the file, from 1
	Verb Verb

	ID        uint32 // the node; of a Ref, its source
	Parent    uint32 // Add, Begin, Link: the parent; Ref: the target
	Reference uint32 // the reference type
	Forward   bool   // Ref: from source to target

	// Of Raw, Add and Begin.
	Class      ua.NodeClass
	Type       uint32 // type definition
	BrowseName string
	Attributes Attributes
}

// Attributes are the attributes of a new node that the table gives. Those that
// its class does not have are zero.
type Attributes struct {
	DisplayName             string
	InverseName             string // empty: none
	DataType                uint32
	ValueRank               int32
	ArrayDimensions         []uint32
	AccessLevel             uint8
	MinimumSamplingInterval uint32 // milliseconds
	EventNotifier           uint8
	IsAbstract              bool
	Symmetric               bool
	Executable              bool
	Value                   *Value // nil: empty
}

// ValueType is the data type of a node's value in the table.
type ValueType uint8

// The types that occur.
const (
	Int32         ValueType = iota // a scalar
	String                         // a scalar
	ByteString                     // a scalar, always null
	LocalizedText                  // an array; the locales are empty
	EnumValueType                  // an array
	Argument                       // an array
)

// Value is the value of a variable.
type Value struct {
	Type     ValueType
	Elements []Element // one for a scalar
}

// Element is a scalar value or an element of an array.
type Element struct {
	Number          int64    // Int32: the value; EnumValueType: its number
	Text            string   // String, LocalizedText: the text; EnumValueType: display name; Argument: name
	Description     string   // EnumValueType
	DataType        uint32   // Argument
	ValueRank       int32    // Argument
	ArrayDimensions []uint32 // Argument
}

//go:embed reduced.txt
var reducedText []byte

var reduced = sync.OnceValues(func() (*Set, error) {
	return Parse("ns0/reduced.txt", bytes.NewReader(reducedText))
})

// Reduced returns the reduced namespace 0 of open62541 v1.2-rc1-20: 233 nodes
// (the server adds one more in code). It is parsed once; do not change it. The
// error is that of a damaged table.
func Reduced() (*Set, error) { return reduced() }
