package opcua

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Variable is a variable below the Objects folder with a source that is asked
// at each read, as the firmware declares them
// (UA_Server_addDataSourceVariableNode).
type Variable struct {
	NodeID      string // "ns=1;s=temperature" or "ns=1;i=42"
	BrowseName  string // "1:Ambient Temperature"
	DisplayName string
	Locale      string // of the display name, such as "en-US"
	Parent      string // node id of an object; empty: the Objects folder

	// Initial is a value of the variable's type: bool, an integer of 8 to 64
	// bits, float32, float64 or string.
	Initial any
	// Read supplies the value, of the type of Initial; nil: Initial for ever. It
	// is asked twice while the variable is added.
	Read func() any
	// Steady, which can be nil, says since when and until when Read gives the
	// same value as now; times are monotonic, in 100 ns. It changes nothing but
	// how fast the model runs.
	Steady func(now int64) (since, until int64)
	// Writable lets clients write; Write, which can be nil, is told of it.
	Writable bool
	Write    func(value any) ua.StatusCode
}

// scalar puts a value into a variant (UA_Variant_setScalarCopy). It reports
// false if the Go type belongs to no OPC UA type, or if it is not that of t,
// where t is not nil.
func scalar(m Memory, v *uatypes.Variant, t *uatypes.DataType, x any) bool {
	own := scalarType(x)
	if own == nil || t != nil && own != t {
		return false
	}
	switch x := x.(type) {
	case bool:
		uatypes.ScalarCopy(m, v, own, x)
	case int8:
		uatypes.ScalarCopy(m, v, own, x)
	case uint8:
		uatypes.ScalarCopy(m, v, own, x)
	case int16:
		uatypes.ScalarCopy(m, v, own, x)
	case uint16:
		uatypes.ScalarCopy(m, v, own, x)
	case int32:
		uatypes.ScalarCopy(m, v, own, x)
	case uint32:
		uatypes.ScalarCopy(m, v, own, x)
	case int64:
		uatypes.ScalarCopy(m, v, own, x)
	case uint64:
		uatypes.ScalarCopy(m, v, own, x)
	case float32:
		uatypes.ScalarCopy(m, v, own, x)
	case float64:
		uatypes.ScalarCopy(m, v, own, x)
	case string:
		uatypes.ScalarCopy(m, v, own, uatypes.Const(x))
	}
	return true
}

func scalarType(x any) *uatypes.DataType {
	switch x.(type) {
	case bool:
		return uatypes.TypeBoolean
	case int8:
		return uatypes.TypeSByte
	case uint8:
		return uatypes.TypeByte
	case int16:
		return uatypes.TypeInt16
	case uint16:
		return uatypes.TypeUInt16
	case int32:
		return uatypes.TypeInt32
	case uint32:
		return uatypes.TypeUInt32
	case int64:
		return uatypes.TypeInt64
	case uint64:
		return uatypes.TypeUInt64
	case float32:
		return uatypes.TypeFloat
	case float64:
		return uatypes.TypeDouble
	case string:
		return uatypes.TypeString
	}
	return nil
}

// parseNodeID reads a node id with a numeric or string identifier.
func parseNodeID(text string) (uatypes.NodeID, error) {
	var n uatypes.NodeID
	rest := text
	if after, ok := strings.CutPrefix(rest, "ns="); ok {
		ns, id, _ := strings.Cut(after, ";")
		k, err := strconv.ParseUint(ns, 10, 16)
		if err != nil {
			return n, fmt.Errorf("opcua: node id %q: namespace %q is not a number from 0 to 65535", text, ns)
		}
		n.Namespace, rest = uint16(k), id
	}
	if s, ok := strings.CutPrefix(rest, "s="); ok && s != "" {
		n.Type, n.Str = uatypes.IDString, uatypes.Const(s)
		return n, nil
	}
	if s, ok := strings.CutPrefix(rest, "i="); ok {
		k, err := strconv.ParseUint(s, 10, 32)
		if err == nil {
			n.Numeric = uint32(k)
			return n, nil
		}
	}
	return n, fmt.Errorf("opcua: node id %q: expected i= and a number, or s= and a text", text)
}

// parseQualifiedName reads "1:name"; without a number the namespace is 0.
func parseQualifiedName(text string) uatypes.QualifiedName {
	if ns, name, ok := strings.Cut(text, ":"); ok {
		if k, err := strconv.ParseUint(ns, 10, 16); err == nil {
			return uatypes.QualifiedName{NamespaceIndex: uint16(k), Name: uatypes.Const(name)}
		}
	}
	return uatypes.QualifiedName{Name: uatypes.Const(text)}
}

// addVariables adds the configured variables.
func (s *Server) addVariables() error {
	defer s.object(bootObject)()
	if err := s.addObjects(); err != nil {
		return err
	}
	for i := range s.cfg.Variables {
		v := &s.cfg.Variables[i]
		var err error
		if s.opaque != nil {
			err = s.addOpaque(i, v, s.addVariable)
		} else {
			err = s.addVariable(v)
		}
		if err != nil {
			return err
		}
	}
	return s.addMethods()
}

func (s *Server) addVariable(v *Variable) error {
	id, err := parseNodeID(v.NodeID)
	if err != nil {
		return err
	}
	t := scalarType(v.Initial)
	if t == nil {
		return fmt.Errorf("opcua: variable %s: Initial is a %T, expected bool, a number or string", v.NodeID, v.Initial)
	}
	decl := nodestore.Variable{
		ID:          id,
		BrowseName:  parseQualifiedName(v.BrowseName),
		DisplayName: uatypes.LocalizedText{Locale: uatypes.Const(v.Locale), Text: uatypes.Const(v.DisplayName)},
		DataType:    uatypes.Numeric(0, t.TypeID),
		ValueRank:   valueRankAny,
		Writable:    v.Writable,
		Source:      s.source(v, t),
	}
	if v.Parent != "" {
		if decl.Parent, err = parseNodeID(v.Parent); err != nil {
			return err
		}
	}
	own, st := s.core.AddVariable(&decl)
	uatypes.Clear(s.mem, &own)
	if st != uatypes.Good {
		return fmt.Errorf("opcua: variable %s: %w", v.NodeID, st)
	}
	return nil
}

// valueRankAny is the value rank of variables unless set (UA_VALUERANK_ANY).
const valueRankAny = -2

// source makes the callbacks of a variable. The firmware does not look at
// whether there was memory for the value: without it the value is empty.
func (s *Server) source(v *Variable, t *uatypes.DataType) *nodestore.DataSource {
	var last any // the value read before, and its variant
	var was uatypes.Variant
	src := &nodestore.DataSource{Read: func(_ *uatypes.NodeID, _, _ bool, d *uatypes.DataValue) uatypes.Status {
		x := v.Initial
		if v.Read != nil {
			x = v.Read()
		}
		if x == last && was.Type != nil && t != uatypes.TypeString {
			uatypes.ScalarAgain(s.mem, &d.Value, was)
		} else {
			if !scalar(s.mem, &d.Value, t, x) {
				return ua.StatusBadInternalError
			}
			last, was = x, d.Value
		}
		d.HasValue = true
		return uatypes.Good
	}}
	if v.Writable {
		src.Write = func(_ *uatypes.NodeID, _ bool, d *uatypes.DataValue) uatypes.Status {
			if v.Write == nil {
				return uatypes.Good
			}
			return v.Write(scalarValue(&d.Value))
		}
	}
	return src
}

// variable finds the declared variable whose whole value a read asks for, nil if
// it asks for something else.
func (s *Server) variable(id *uatypes.ReadValueID) *Variable {
	if id.AttributeID != attributeValue || len(id.IndexRange.B) > 0 {
		return nil
	}
	for i := range s.cfg.Variables {
		own, err := parseNodeID(s.cfg.Variables[i].NodeID)
		if err == nil && own.Equal(&id.NodeID) {
			return &s.cfg.Variables[i]
		}
	}
	return nil
}

// scalarValue returns the Go value of a scalar, nil for anything else.
func scalarValue(v *uatypes.Variant) any {
	if v.IsArray {
		return nil
	}
	switch x := v.V.(type) {
	case []bool:
		return x[0]
	case []int8:
		return x[0]
	case []uint8:
		return x[0]
	case []int16:
		return x[0]
	case []uint16:
		return x[0]
	case []int32:
		return x[0]
	case []uint32:
		return x[0]
	case []int64:
		return x[0]
	case []uint64:
		return x[0]
	case []float32:
		return x[0]
	case []float64:
		return x[0]
	case []uatypes.Str:
		return x[0].String()
	}
	return nil
}
