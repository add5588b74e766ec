package nodestore

import (
	"fmt"
	"sync"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/ns0"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// build is the table of namespace 0 with the nodes that its lines make. It is
// made once and never changes.
type build struct{ base, generated []buildStep }

type buildStep struct {
	*ns0.Step
	item *newNodeItem // of a line that makes a node
}

var reduced = sync.OnceValues(func() (*build, error) {
	set, err := ns0.Reduced()
	if err != nil {
		return nil, err
	}
	steps := func(table []ns0.Step) (all []buildStep) {
		for i := range table {
			s := buildStep{Step: &table[i]}
			switch s.Verb {
			case ns0.Raw, ns0.Add, ns0.Begin:
				s.item = tableItem(s.Step)
			}
			all = append(all, s)
		}
		return all
	}
	return &build{base: steps(set.Base), generated: steps(set.Generated)}, nil
})

// initNamespace0 builds namespace 0: the nodes of the table, then what the
// server knows better than the table (UA_Server_initNS0,
// src/server/ua_server_ns0.c).
func (c *Core) initNamespace0() error {
	b, err := reduced()
	if err != nil {
		return err
	}
	c.bootstrap = true
	st := uatypes.Status(uatypes.Good)
	for i := range b.base {
		st |= c.step(&b.base[i])
	}
	for i := range b.generated {
		s := c.step(&b.generated[i])
		if st |= s; s != uatypes.Good {
			break
		}
	}
	c.bootstrap = false
	if st != uatypes.Good {
		return fmt.Errorf("%w: nodes of namespace 0", ErrOutOfMemory)
	}
	if c.completeNamespace0() != uatypes.Good {
		return fmt.Errorf("%w: values of namespace 0", ErrOutOfMemory)
	}
	return nil
}

// step does one line of the table.
func (c *Core) step(s *buildStep) uatypes.Status {
	switch s.Verb {
	case ns0.Raw:
		return c.addNodeRaw(s.item, nil)
	case ns0.Add:
		var added uatypes.NodeID
		st := c.addNode(&c.admin, s.item, &added)
		clearID(c.m, &added)
		return st
	case ns0.Begin:
		return c.beginGenerated(s.item)
	case ns0.Finish:
		return c.addNodeFinish(&c.admin, ns0ID(s.ID))
	case ns0.FinishMethod:
		return c.finishMethod(ns0ID(s.ID), nil, nil, nil)
	case ns0.Link:
		if st := c.addRef(ns0ID(s.ID), ns0ID(s.Reference), ns0ID(s.Parent), false); st != uatypes.Good {
			return st
		}
		return c.addNodeFinish(&c.admin, ns0ID(s.ID))
	default: // ns0.Ref
		return c.addRef(ns0ID(s.ID), ns0ID(s.Reference), ns0ID(s.Parent), s.Forward)
	}
}

// beginGenerated begins a node of the generated part. There a scalar value lies
// on the heap until the node has its copy.
func (c *Core) beginGenerated(item *newNodeItem) uatypes.Status {
	a, ok := item.attributes.(*uatypes.VariableAttributes)
	if !ok || a.Value.Type == nil || a.Value.IsArray {
		return c.addNodeBegin(item, nil)
	}
	v, ok := uatypes.NewScalar(c.m, a.Value.Type)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	switch x := a.Value.V.(type) {
	case []uatypes.Str:
		if len(x[0].B) > 0 {
			v.V = []uatypes.Str{c.newString(x[0].String())}
		}
	default:
		v.V = x
	}
	own, attributes := *item, *a
	attributes.Value = v
	own.attributes = &attributes
	st := c.addNodeBegin(&own, nil)
	uatypes.Clear(c.m, &v)
	return st
}

// text is a localized text as the table has it: its locale is empty, not null.
func text(s string) uatypes.LocalizedText {
	return uatypes.LocalizedText{Locale: uatypes.Str{P: uatypes.Empty}, Text: uatypes.Const(s)}
}

// tableItem makes the new node of a line.
func tableItem(s *ns0.Step) *newNodeItem {
	a := &s.Attributes
	item := &newNodeItem{class: s.Class, requested: *ns0ID(s.ID), browseName: uatypes.QualifiedName{Name: uatypes.Const(s.BrowseName)},
		parent: *ns0ID(s.Parent), reference: *ns0ID(s.Reference), typeDefinition: *ns0ID(s.Type)}
	display := text(a.DisplayName)
	var dims uatypes.Array[uint32]
	if len(a.ArrayDimensions) > 0 {
		dims = uatypes.Array[uint32]{P: uatypes.Static, V: a.ArrayDimensions}
	}
	switch s.Class {
	case ua.NodeClassObject:
		item.attributes = &uatypes.ObjectAttributes{DisplayName: display, EventNotifier: a.EventNotifier}
	case ua.NodeClassVariable:
		item.attributes = &uatypes.VariableAttributes{DisplayName: display, Value: tableValue(a.Value), DataType: *ns0ID(a.DataType),
			ValueRank: a.ValueRank, ArrayDimensions: dims, AccessLevel: a.AccessLevel,
			MinimumSamplingInterval: float64(a.MinimumSamplingInterval)}
	case ua.NodeClassMethod:
		item.attributes = &uatypes.MethodAttributes{DisplayName: display, Executable: a.Executable}
	case ua.NodeClassObjectType:
		item.attributes = &uatypes.ObjectTypeAttributes{DisplayName: display, IsAbstract: a.IsAbstract}
	case ua.NodeClassVariableType:
		item.attributes = &uatypes.VariableTypeAttributes{DisplayName: display, Value: tableValue(a.Value), DataType: *ns0ID(a.DataType),
			ValueRank: a.ValueRank, ArrayDimensions: dims, IsAbstract: a.IsAbstract}
	case ua.NodeClassReferenceType:
		r := &uatypes.ReferenceTypeAttributes{DisplayName: display, IsAbstract: a.IsAbstract, Symmetric: a.Symmetric}
		if a.InverseName != "" {
			r.InverseName = text(a.InverseName)
		}
		item.attributes = r
	case ua.NodeClassDataType:
		item.attributes = &uatypes.DataTypeAttributes{DisplayName: display, IsAbstract: a.IsAbstract}
	default:
		item.attributes = &uatypes.ViewAttributes{DisplayName: display, EventNotifier: a.EventNotifier}
	}
	return item
}

// tableValue makes the value of a line, which is not on the heap.
func tableValue(v *ns0.Value) uatypes.Variant {
	if v == nil {
		return uatypes.Variant{}
	}
	e := &v.Elements[0]
	switch v.Type {
	case ns0.Int32:
		return uatypes.Variant{Type: uatypes.TypeInt32, P: uatypes.Static, V: []int32{int32(e.Number)}}
	case ns0.String:
		return uatypes.Variant{Type: uatypes.TypeString, P: uatypes.Static, V: []uatypes.Str{uatypes.Const(e.Text)}}
	case ns0.ByteString:
		return uatypes.Variant{Type: uatypes.TypeByteString, P: uatypes.Static, V: []uatypes.Str{{}}}
	case ns0.LocalizedText:
		var x []uatypes.LocalizedText
		for _, e := range v.Elements {
			x = append(x, text(e.Text))
		}
		return uatypes.Variant{Type: uatypes.TypeLocalizedText, P: uatypes.Static, V: x, IsArray: true}
	case ns0.EnumValueType:
		var x []uatypes.EnumValueType
		for _, e := range v.Elements {
			x = append(x, uatypes.EnumValueType{Value: e.Number, DisplayName: text(e.Text), Description: text(e.Description)})
		}
		return uatypes.Variant{Type: uatypes.TypeEnumValueType, P: uatypes.Static, V: x, IsArray: true}
	default: // ns0.Argument
		var x []uatypes.Argument
		for _, e := range v.Elements {
			arg := uatypes.Argument{Name: uatypes.Const(e.Text), DataType: *ns0ID(e.DataType), ValueRank: e.ValueRank}
			if len(e.ArrayDimensions) > 0 {
				arg.ArrayDimensions = uatypes.Array[uint32]{P: uatypes.Static, V: e.ArrayDimensions}
			}
			x = append(x, arg)
		}
		return uatypes.Variant{Type: uatypes.TypeArgument, P: uatypes.Static, V: x, IsArray: true}
	}
}
