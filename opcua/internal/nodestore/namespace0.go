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

var (
	reduced = sync.OnceValues(func() (*build, error) { return prepare(ns0.Reduced()) })
	full    = sync.OnceValues(func() (*build, error) { return prepare(ns0.Full()) })
	compact = sync.OnceValues(func() (*build, error) { return prepare(ns0.Compact()) })
)

// prepare makes the nodes of a table.
func prepare(set *ns0.Set, err error) (*build, error) {
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
}

// Nodeset is a table of namespace 0.
type Nodeset uint8

// The tables.
const (
	Reduced Nodeset = iota // what the port is built with
	Full                   // the whole nodeset file
	Compact                // the same without the dictionaries of types
)

// initNamespace0 builds namespace 0: the nodes of the table, then what the
// server knows better than the table (UA_Server_initNS0,
// src/server/ua_server_ns0.c).
func (c *Core) initNamespace0() error {
	b, err := [...]func() (*build, error){Reduced: reduced, Full: full, Compact: compact}[c.opts.Nodeset]()
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
// on the heap until the node has its copy, unless it is a structure; the bytes of a
// ByteString are constant.
func (c *Core) beginGenerated(item *newNodeItem) uatypes.Status {
	a, ok := item.attributes.(*uatypes.VariableAttributes)
	if !ok || a.Value.Type == nil || a.Value.IsArray || a.Value.Type.Kind == uatypes.KindStructure {
		return c.addNodeBegin(item, nil)
	}
	v, ok := uatypes.NewScalar(c.m, a.Value.Type)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	v.V = a.Value.V
	switch x := a.Value.V.(type) {
	case []uatypes.Str:
		if a.Value.Type == uatypes.TypeString {
			v.V = []uatypes.Str{c.newString(x[0].String())}
		}
	case []uatypes.LocalizedText:
		locale := c.newString(x[0].Locale.String())
		v.V = []uatypes.LocalizedText{{Locale: locale, Text: c.newString(x[0].Text.String())}}
	}
	own, attributes := *item, *a
	attributes.Value = v
	own.attributes = &attributes
	st := c.addNodeBegin(&own, nil)
	if v.Type == uatypes.TypeByteString {
		v.V = []uatypes.Str{{}}
	}
	uatypes.Clear(c.m, &v)
	return st
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
