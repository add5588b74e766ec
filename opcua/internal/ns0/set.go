package ns0

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/gopcua/opcua/schema"
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
	Int32 ValueType = iota
	String
	ByteString
	LocalizedText
	EnumValueType
	Argument
	Boolean
	UInt32
	DateTime
	EUInformation
)

// Value is the value of a variable.
type Value struct {
	Type        ValueType
	Array       bool
	Enumeration uint32    // of an array of Int32: the data type in place of Int32, 0 for none
	Elements    []Element // one for a scalar
}

// Element is a scalar value or an element of an array.
type Element struct {
	Number          int64    // the value; EnumValueType: its number; EUInformation: the unit; DateTime: 100 ns since 1601
	Text            string   // String, LocalizedText: the text; ByteString: the bytes; EnumValueType, EUInformation: display name; Argument: name
	Locale          string   // of Text and Description
	Described       bool     // EnumValueType, Argument, EUInformation: there is a description
	Description     string   // without Described: none
	URI             string   // EUInformation
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

var (
	full    = sync.OnceValues(func() (*Set, error) { return compiled() })
	compact = sync.OnceValues(func() (*Set, error) { return compiled(idBinaryDictionary, idXMLDictionary) })
)

// compiled makes a set of the nodeset file in gopcua's module, without some nodes.
func compiled(unwanted ...uint32) (*Set, error) {
	r, err := Reduced()
	if err != nil {
		return nil, err
	}
	set, err := parseNodeset("Opc.Ua.NodeSet2.xml", schema.OpcUaNodeSet2)
	if err != nil {
		return nil, err
	}
	steps, err := set.compile(r.Base, unwanted...)
	if err != nil {
		return nil, fmt.Errorf("Opc.Ua.NodeSet2.xml: %w", err)
	}
	return &Set{Base: r.Base, Generated: steps}, nil
}

// Full returns the whole namespace 0 of the OPC Foundation's nodeset file in gopcua's
// module, as open62541's nodeset compiler would build it. It is parsed once; do not
// change it. The error is that of a damaged file.
func Full() (*Set, error) { return full() }

// Compact returns the same without the two dictionaries of types, whose texts are 468
// kilobytes and which have been out of use since edition 1.04 of the specification.
func Compact() (*Set, error) { return compact() }
