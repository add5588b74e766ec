package nodestore

import (
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// MethodFunc is what a method does (UA_MethodCallback): it reads the input
// arguments and fills the output arguments, zero at first, with blocks of its own.
type MethodFunc func(s *Session, object, method *uatypes.NodeID, in, out []uatypes.Variant) uatypes.Status

// Call is one operation of the Call service (Operation_CallMethod,
// src/server/ua_services_method.c). It fills a zero result with blocks that the
// caller clears.
func (c *Core) Call(s *Session, r *uatypes.CallMethodRequest, result *uatypes.CallMethodResult) {
	method := c.nodes.get(&r.MethodID)
	if method == nil {
		result.StatusCode = ua.StatusBadNodeIDUnknown
		return
	}
	defer c.nodes.release(method)
	object := c.nodes.get(&r.ObjectID)
	if object == nil {
		result.StatusCode = ua.StatusBadNodeIDUnknown
		return
	}
	defer c.nodes.release(object)
	result.StatusCode = c.call(s, object, method, r, result)
}

func (c *Core) call(s *Session, object, method *node, r *uatypes.CallMethodRequest, result *uatypes.CallMethodResult) uatypes.Status {
	if object.class != ua.NodeClassObject && object.class != ua.NodeClassObjectType || method.class != ua.NodeClassMethod {
		return ua.StatusBadNodeClassInvalid
	}
	if method.method == nil {
		return ua.StatusBadInternalError
	}
	refs, st := c.referenceTypeIndices(ns0ID(idHasComponent), true)
	if st != uatypes.Good {
		return st
	}
	if !object.refersTo(&r.MethodID, &refs) {
		// A method of a functional group of the Devices model would be organized
		// below the object; that namespace is looked for first, and here it is
		// not there.
		c.setupNamespace1()
		return ua.StatusBadMethodInvalid
	}
	if !method.executable {
		return ua.StatusBadNotExecutable
	}
	if st = c.checkArguments(method, r, result); st != uatypes.Good {
		return st
	}
	n := 0
	out := c.argumentsOf(method, "OutputArguments")
	if out != nil && out.value.Value.IsArray {
		n = out.value.Value.Count()
	}
	var ok bool
	if result.OutputArguments, ok = uatypes.NewArray[uatypes.Variant](c.m, n, "UA_Variant"); !ok {
		// The node of the output arguments stays held: it can never be freed.
		return ua.StatusBadOutOfMemory
	}
	c.nodes.release(out)
	return method.method(s, &object.id, &method.id, r.InputArguments.V, result.OutputArguments.V)
}

func (n *node) refersTo(id *uatypes.NodeID, refs *referenceTypeSet) bool {
	for _, k := range n.kinds {
		if !k.inverse && refs.contains(k.typeIndex) &&
			slices.ContainsFunc(k.targets, func(t *target) bool { return t.id.NodeID.Equal(id) }) {
			return true
		}
	}
	return false
}

// argumentsOf returns the property of a method that describes its arguments, nil
// if there is none. The caller releases it (getArgumentsVariableNode).
func (c *Core) argumentsOf(method *node, name string) *node {
	want := uatypes.QualifiedName{Name: uatypes.Const(name)}
	for _, k := range method.kinds {
		if k.inverse || k.typeIndex != indexHasProperty {
			continue
		}
		for _, t := range k.targets {
			n := c.nodes.get(&t.id.NodeID)
			if n == nil {
				continue
			}
			if n.class == ua.NodeClassVariable && n.browseName.Equal(&want) {
				return n
			}
			c.nodes.release(n)
		}
	}
	return nil
}

// checkArguments checks the input arguments. Their single results are in the
// result only if one of them is wrong (validMethodArguments).
func (c *Core) checkArguments(method *node, r *uatypes.CallMethodRequest, result *uatypes.CallMethodResult) uatypes.Status {
	n := len(r.InputArguments.V)
	a := &result.InputArgumentResults
	a.P = uatypes.Empty
	if n > 0 {
		if a.P = c.m.Calloc(uint32(4*n), "UA_StatusCode"); a.P == 0 {
			return ua.StatusBadOutOfMemory
		}
		a.V = make([]uatypes.Status, n)
	}
	st := c.matchArguments(method, r.InputArguments.V, a.V)
	if st != ua.StatusBadInvalidArgument {
		if a.P != uatypes.Empty {
			c.m.Free(a.P)
		}
		*a = uatypes.Array[uatypes.Status]{}
	}
	return st
}

func (c *Core) matchArguments(method *node, in []uatypes.Variant, results []uatypes.Status) uatypes.Status {
	want := c.argumentsOf(method, "InputArguments")
	if want == nil {
		if len(in) > 0 {
			return ua.StatusBadTooManyArguments
		}
		return uatypes.Good
	}
	defer c.nodes.release(want)
	if want.source != nil || !want.value.HasValue || want.value.Value.Type != uatypes.TypeArgument {
		return ua.StatusBadInternalError
	}
	args, _ := want.value.Value.V.([]uatypes.Argument)
	if len(args) > len(in) {
		return ua.StatusBadArgumentsMissing
	}
	if len(args) < len(in) {
		return ua.StatusBadTooManyArguments
	}
	st := uatypes.Status(uatypes.Good)
	for i := range args {
		if !c.compatibleValue(&args[i].DataType, args[i].ValueRank, args[i].ArrayDimensions.V, &in[i], false) {
			results[i] = ua.StatusBadTypeMismatch
			st = ua.StatusBadInvalidArgument
		}
	}
	return st
}

// setMethod says what a method does (setMethodNode_callback).
func (c *Core) setMethod(id *uatypes.NodeID, f MethodFunc) uatypes.Status {
	return c.edit(id, func(n *node) uatypes.Status {
		if n.class != ua.NodeClassMethod {
			return ua.StatusBadNodeClassInvalid
		}
		n.method = f
		return uatypes.Good
	})
}

// finishMethod gives a method its arguments, as far as it has none, and finishes
// it (UA_Server_addMethodNodeEx_finish, src/server/ua_services_nodemanagement.c).
// If that fails the method is deleted.
func (c *Core) finishMethod(id *uatypes.NodeID, in, out []uatypes.Argument, f MethodFunc) uatypes.Status {
	var r uatypes.BrowseResult
	c.Browse(&c.admin, 0, &uatypes.BrowseDescription{NodeID: *id, ReferenceTypeID: *ns0ID(idHasProperty),
		NodeClassMask: uint32(ua.NodeClassVariable), ResultMask: maskBrowseName}, &r)
	defer c.clearResult(&r)
	if r.StatusCode != uatypes.Good {
		c.deleteNode(id, true)
		return r.StatusCode
	}
	var inID, outID uatypes.NodeID
	for i := range r.References.V {
		d := &r.References.V[i]
		if d.BrowseName.NamespaceIndex != 0 {
			continue
		}
		switch d.BrowseName.Name.String() {
		case "InputArguments":
			inID = d.NodeID.NodeID
		case "OutputArguments":
			outID = d.NodeID.NodeID
		}
	}
	st := uatypes.Status(uatypes.Good)
	if len(in) > 0 && inID.IsNull() {
		st = c.addArguments(id, "InputArguments", in, &inID)
	}
	if st == uatypes.Good && len(out) > 0 && outID.IsNull() {
		st = c.addArguments(id, "OutputArguments", out, &outID)
	}
	if st == uatypes.Good {
		st = c.setMethod(id, f)
	}
	if st == uatypes.Good {
		st = c.addNodeFinish(&c.admin, id)
	}
	if st != uatypes.Good {
		c.deleteNode(id, true)
		c.deleteNode(&inID, true)
		c.deleteNode(&outID, true)
	}
	return st
}

func (c *Core) addArguments(method *uatypes.NodeID, name string, args []uatypes.Argument, added *uatypes.NodeID) uatypes.Status {
	return c.addNode(&c.admin, &newNodeItem{class: ua.NodeClassVariable, browseName: uatypes.QualifiedName{Name: uatypes.Const(name)},
		parent: *method, reference: *ns0ID(idHasProperty), typeDefinition: *ns0ID(idPropertyType),
		attributes: &uatypes.VariableAttributes{DisplayName: text(name), DataType: *ns0ID(uatypes.TypeArgument.TypeID),
			ValueRank: rankOneDimension, ArrayDimensions: uatypes.Array[uint32]{P: uatypes.Static, V: []uint32{uint32(len(args))}},
			AccessLevel: accessRead, Value: *constantArray(uatypes.TypeArgument, args...)}}, added)
}
