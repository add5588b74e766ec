package ns0

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gopcua/opcua/ua"
)

// nodeset is a nodeset file (UANodeSet.xsd, Part 6, annex F) as read: its nodes in
// the order of the file.
type nodeset struct {
	nodes []*fileNode
	byID  map[uint32]*fileNode
}

// fileNode is a node of a nodeset file.
type fileNode struct {
	line  int
	class ua.NodeClass
	id    uint32

	browseName, displayName, inverseName string
	abstract, symmetric, executable      bool
	eventNotifier, accessLevel           uint8
	samplingInterval                     uint32 // ms
	dataType                             uint32 // 0: not given
	valueRank                            *int32 // nil: not given
	arrayDimensions                      []uint32
	value                                *element

	references []reference
	parent     *fileNode
	parentType uint32 // of the reference to the parent
	hidden     bool   // the server makes it without the file
}

// reference is a reference as seen from one of its ends.
type reference struct {
	kind, target uint32
	forward      bool
}

// has reports whether a node has a reference already.
func (n *fileNode) has(r reference) bool {
	for _, x := range n.references {
		if x == r {
			return true
		}
	}
	return false
}

// element is an XML element with what is in it.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// child returns the first child with a name, nil if there is none.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return nil
}

// text returns an element's text without the space around it; nil has none.
func (e *element) text() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.Text)
}

// classes are the elements of nodes. Views are left out, as the nodeset compiler does.
var classes = map[string]ua.NodeClass{
	"UAObject": ua.NodeClassObject, "UAVariable": ua.NodeClassVariable, "UAMethod": ua.NodeClassMethod,
	"UAObjectType": ua.NodeClassObjectType, "UAVariableType": ua.NodeClassVariableType,
	"UAReferenceType": ua.NodeClassReferenceType, "UADataType": ua.NodeClassDataType,
}

// fileElement is the XML form of a node. Attributes are text, so that errors can say
// what is in the file.
type fileElement struct {
	NodeID                  string `xml:"NodeId,attr"`
	BrowseName              string `xml:"BrowseName,attr"`
	DataType                string `xml:"DataType,attr"`
	ValueRank               string `xml:"ValueRank,attr"`
	ArrayDimensions         string `xml:"ArrayDimensions,attr"`
	AccessLevel             string `xml:"AccessLevel,attr"`
	MinimumSamplingInterval string `xml:"MinimumSamplingInterval,attr"`
	EventNotifier           string `xml:"EventNotifier,attr"`
	IsAbstract              string `xml:"IsAbstract,attr"`
	Symmetric               string `xml:"Symmetric,attr"`
	Executable              string `xml:"Executable,attr"`

	DisplayName string   `xml:"DisplayName"`
	InverseName string   `xml:"InverseName"`
	Value       *element `xml:"Value"`
	References  []struct {
		ReferenceType string `xml:"ReferenceType,attr"`
		IsForward     string `xml:"IsForward,attr"`
		Target        string `xml:",chardata"`
	} `xml:"References>Reference"`
}

// parseNodeset reads a nodeset file of namespace 0. The name is for error messages,
// which are of type *SyntaxError.
func parseNodeset(name string, b []byte) (*nodeset, error) {
	set := &nodeset{byID: map[uint32]*fileNode{}}
	d := xml.NewDecoder(bytes.NewReader(b))
	fail := func(err error) (*nodeset, error) {
		line, _ := d.InputPos()
		return nil, &SyntaxError{File: name, Line: line, Err: err}
	}
	aliases := map[string]string{}
	for depth := 0; ; {
		t, err := d.Token()
		if err == io.EOF && depth == 0 && len(set.nodes) > 0 {
			return set, nil
		}
		if err != nil {
			return fail(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			class, isNode := classes[t.Name.Local]
			switch {
			case depth == 0:
				if t.Name.Local != "UANodeSet" {
					return fail(fmt.Errorf("expected UANodeSet, found %s", t.Name.Local))
				}
				depth++
			case t.Name.Local == "Aliases":
				var list struct {
					Alias []struct {
						Alias string `xml:",attr"`
						ID    string `xml:",chardata"`
					}
				}
				if err := d.DecodeElement(&list, &t); err != nil {
					return fail(err)
				}
				for _, a := range list.Alias {
					aliases[a.Alias] = a.ID
				}
			case isNode:
				line, _ := d.InputPos()
				var x fileElement
				if err := d.DecodeElement(&x, &t); err != nil {
					return fail(err)
				}
				n, err := x.node(class, aliases)
				if err == nil && set.byID[n.id] != nil {
					err = fmt.Errorf("node %d a second time", n.id)
				}
				if err != nil {
					return nil, &SyntaxError{File: name, Line: line, Err: err}
				}
				n.line = line
				set.nodes = append(set.nodes, n)
				set.byID[n.id] = n
			default:
				if err := d.Skip(); err != nil {
					return fail(err)
				}
			}
		}
	}
}

// node turns the XML form into a node.
func (x *fileElement) node(class ua.NodeClass, aliases map[string]string) (*fileNode, error) {
	var errs []error
	id := func(text string) uint32 {
		if a, ok := aliases[text]; ok {
			text = a
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(text, "i="), 10, 32)
		if err != nil || !strings.HasPrefix(text, "i=") || n == 0 {
			errs = append(errs, fmt.Errorf("node id %q: expected i= and a number, or an alias", text))
		}
		return uint32(n)
	}
	unsigned := func(attribute, text string, bits int, unless uint64) uint64 {
		if text == "" {
			return unless
		}
		n, err := strconv.ParseUint(text, 10, bits)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: expected a number of %d bits, found %q", attribute, bits, text))
		}
		return n
	}
	truth := func(attribute, text string, unless bool) bool {
		switch text {
		case "":
			return unless
		case "true", "false":
			return text == "true"
		}
		errs = append(errs, fmt.Errorf("%s: expected true or false, found %q", attribute, text))
		return false
	}
	browseName := x.BrowseName
	if ns, name, ok := strings.Cut(browseName, ":"); ok {
		if ns != "0" {
			errs = append(errs, fmt.Errorf("BrowseName %q: expected namespace 0", browseName))
		}
		browseName = name
	}
	n := &fileNode{class: class, id: id(x.NodeID), browseName: browseName, displayName: strings.TrimSpace(x.DisplayName),
		inverseName: x.InverseName, abstract: truth("IsAbstract", x.IsAbstract, false), symmetric: truth("Symmetric", x.Symmetric, false),
		executable:       truth("Executable", x.Executable, true),
		accessLevel:      uint8(unsigned("AccessLevel", x.AccessLevel, 8, 1)),
		samplingInterval: uint32(unsigned("MinimumSamplingInterval", x.MinimumSamplingInterval, 32, 0)), value: x.Value}
	if unsigned("EventNotifier", x.EventNotifier, 8, 0) != 0 {
		n.eventNotifier = 1 // the compiler writes true
	}
	if browseName == "" || x.DisplayName == "" {
		errs = append(errs, errors.New("a node without BrowseName or DisplayName"))
	}
	if x.DataType != "" {
		n.dataType = id(x.DataType)
	}
	if x.ValueRank != "" {
		rank, err := signed(x.ValueRank)
		if err == nil && (rank < -3 || rank > maxRank) {
			err = fmt.Errorf("expected -3 to %d, found %d", maxRank, rank)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("ValueRank: %w", err))
		}
		n.valueRank = &rank
	}
	for _, d := range strings.FieldsFunc(x.ArrayDimensions, func(r rune) bool { return r == ',' }) {
		n.arrayDimensions = append(n.arrayDimensions, uint32(unsigned("ArrayDimensions", d, 32, 0)))
	}
	for _, r := range x.References {
		ref := reference{kind: id(r.ReferenceType), target: id(r.Target), forward: truth("IsForward", r.IsForward, true)}
		if !n.has(ref) {
			n.references = append(n.references, ref)
		}
	}
	return n, errors.Join(errs...)
}

// maxRank is the highest number of dimensions that a file may ask for.
const maxRank = 16
