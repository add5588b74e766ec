package opcua

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Object is an object that the firmware declares (UA_Server_addObjectNode).
type Object struct {
	NodeID         string // "ns=1;s=pump"
	BrowseName     string // "1:Pump"
	DisplayName    string // empty: the browse name
	Locale         string // of the display name
	Parent         string // node id of another object; empty: the Objects folder
	TypeDefinition string // node id of an object type; empty: BaseObjectType
}

// Method is a method that the firmware declares (UA_Server_addMethodNode).
type Method struct {
	NodeID      string // "ns=1;s=pump.start"
	BrowseName  string // "1:Start"
	DisplayName string // empty: the browse name
	Locale      string // of the display name
	Object      string // node id of the object that has it; empty: the Objects folder

	// In and Out are its arguments, each of the type of its Of.
	In, Out []Argument
	// Call does what the method does. It gets the values of In, and returns those
	// of Out, of the types of their Of, and a status code; if that is not Good, or
	// the values are not of these types, the client gets no values.
	Call func(in []any) (out []any, status ua.StatusCode)
}

// Argument is an argument of a method.
type Argument struct {
	Name string
	Of   any // a value of its type: bool, an integer, float32, float64 or string
}

// addObjects adds the configured objects, in their order.
func (s *Server) addObjects() error {
	for i := range s.cfg.Objects {
		o := &s.cfg.Objects[i]
		d := nodestore.Object{BrowseName: parseQualifiedName(o.BrowseName), DisplayName: displayName(o.Locale, o.DisplayName)}
		if err := parseNodeIDs(o.NodeID, &d.ID, o.Parent, &d.Parent, o.TypeDefinition, &d.TypeDefinition); err != nil {
			return err
		}
		id, st := s.core.AddObject(&d)
		uatypes.Clear(s.mem, &id)
		if st != uatypes.Good {
			return fmt.Errorf("opcua: object %s: %w", o.NodeID, st)
		}
	}
	return nil
}

// addMethods adds the configured methods, in their order.
func (s *Server) addMethods() error {
	for i := range s.cfg.Methods {
		m := &s.cfg.Methods[i]
		if m.Call == nil {
			return fmt.Errorf("opcua: method %s: Call is nil", m.NodeID)
		}
		d := nodestore.Method{BrowseName: parseQualifiedName(m.BrowseName), DisplayName: displayName(m.Locale, m.DisplayName), Func: s.methodFunc(m)}
		if err := parseNodeIDs(m.NodeID, &d.ID, m.Object, &d.Object, "", nil); err != nil {
			return err
		}
		var err error
		if d.In, err = argumentsOf(m, m.In); err != nil {
			return err
		}
		if d.Out, err = argumentsOf(m, m.Out); err != nil {
			return err
		}
		id, st := s.core.AddMethod(&d)
		uatypes.Clear(s.mem, &id)
		if st != uatypes.Good {
			return fmt.Errorf("opcua: method %s: %w", m.NodeID, st)
		}
	}
	return nil
}

// methodFunc makes the callback of a method.
func (s *Server) methodFunc(m *Method) nodestore.MethodFunc {
	return func(_ *nodestore.Session, _, _ *uatypes.NodeID, in, out []uatypes.Variant) uatypes.Status {
		values := make([]any, len(in))
		for i := range in {
			values[i] = scalarValue(&in[i])
		}
		results, st := m.Call(values)
		switch {
		case st != ua.StatusOK:
			return st
		case len(results) != len(out):
			return ua.StatusBadInternalError
		}
		for i := range out {
			if !scalar(s.mem, &out[i], scalarType(m.Out[i].Of), results[i]) {
				return ua.StatusBadInternalError
			}
		}
		return uatypes.Good
	}
}

func argumentsOf(m *Method, args []Argument) ([]uatypes.Argument, error) {
	var out []uatypes.Argument
	for _, a := range args {
		t := scalarType(a.Of)
		if t == nil {
			return nil, fmt.Errorf("opcua: method %s: argument %s: Of is a %T, expected bool, a number or string", m.NodeID, a.Name, a.Of)
		}
		out = append(out, uatypes.Argument{Name: uatypes.Const(a.Name), DataType: uatypes.Numeric(0, t.TypeID), ValueRank: valueRankScalar})
	}
	return out, nil
}

// valueRankScalar is the value rank of a single value (UA_VALUERANK_SCALAR).
const valueRankScalar = -1

func displayName(locale, text string) uatypes.LocalizedText {
	return uatypes.LocalizedText{Locale: uatypes.Const(locale), Text: uatypes.Const(text)}
}

// parseNodeIDs reads up to three node ids, of which those after the first can be
// empty.
func parseNodeIDs(own string, id *uatypes.NodeID, second string, to *uatypes.NodeID, third string, also *uatypes.NodeID) (err error) {
	if *id, err = parseNodeID(own); err != nil {
		return err
	}
	if second != "" {
		if *to, err = parseNodeID(second); err != nil {
			return err
		}
	}
	if third != "" {
		*also, err = parseNodeID(third)
	}
	return err
}
