package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Write is one operation of the Write service (Operation_Write,
// src/server/ua_services_attribute.c).
func (c *Core) Write(s *Session, w *uatypes.WriteValue) uatypes.Status {
	return c.edit(&w.NodeID, func(n *node) uatypes.Status { return c.writeNode(n, s, w) })
}

// writeAttribute writes an attribute.
func (c *Core) writeAttribute(s *Session, id *uatypes.NodeID, a ua.AttributeID, v uatypes.Variant) uatypes.Status {
	return c.Write(s, &uatypes.WriteValue{NodeID: *id, AttributeID: uint32(a),
		Value: uatypes.DataValue{Value: v, HasValue: true}})
}

// writeValue writes the value of a variable.
func (c *Core) writeValue(s *Session, id *uatypes.NodeID, v *uatypes.Variant) uatypes.Status {
	return c.writeAttribute(s, id, ua.AttributeIDValue, *v)
}

// writeMaskBit returns the bit of the write mask for an attribute
// (UA_WRITEMASK_*).
func writeMaskBit(a ua.AttributeID) uint32 {
	switch a {
	case ua.AttributeIDArrayDimensions:
		return 1 << 1
	case ua.AttributeIDContainsNoLoops:
		return 1 << 3
	case ua.AttributeIDDataType:
		return 1 << 4
	case ua.AttributeIDDescription:
		return 1 << 5
	case ua.AttributeIDDisplayName:
		return 1 << 6
	case ua.AttributeIDEventNotifier:
		return 1 << 7
	case ua.AttributeIDExecutable:
		return 1 << 8
	case ua.AttributeIDHistorizing:
		return 1 << 9
	case ua.AttributeIDInverseName:
		return 1 << 10
	case ua.AttributeIDIsAbstract:
		return 1 << 11
	case ua.AttributeIDMinimumSamplingInterval:
		return 1 << 12
	case ua.AttributeIDSymmetric:
		return 1 << 15
	case ua.AttributeIDAccessLevel:
		return 1 << 0
	case ua.AttributeIDValueRank:
		return 1 << 19
	case ua.AttributeIDWriteMask:
		return 1 << 20
	case ua.AttributeIDValue:
		return 1 << 21 // of a variable type
	}
	return 0
}

// scalar returns the content of a value that must be a scalar of a type.
func scalar[T any](w *uatypes.WriteValue, t *uatypes.DataType) (*T, bool) {
	v := &w.Value.Value
	if !w.Value.HasValue || v.Type != t || v.IsArray {
		return nil, false
	}
	x, ok := v.V.([]T)
	if !ok || len(x) != 1 {
		return nil, false
	}
	return &x[0], true
}

// set stores a scalar in a field of the node.
func set[T any](w *uatypes.WriteValue, t *uatypes.DataType, field *T) uatypes.Status {
	x, ok := scalar[T](w, t)
	if !ok {
		return ua.StatusBadTypeMismatch
	}
	*field = *x
	return uatypes.Good
}

// setText replaces a text of the node, which stays if the copy fails.
func (c *Core) setText(w *uatypes.WriteValue, field *uatypes.LocalizedText) uatypes.Status {
	x, ok := scalar[uatypes.LocalizedText](w, uatypes.TypeLocalizedText)
	if !ok {
		return ua.StatusBadTypeMismatch
	}
	var t uatypes.LocalizedText
	if st := uatypes.Copy(c.m, &t, x); st != uatypes.Good {
		return st
	}
	uatypes.Clear(c.m, field)
	*field = t
	return uatypes.Good
}

// writeNode writes one attribute of a node (copyAttributeIntoNode).
func (c *Core) writeNode(n *node, s *Session, w *uatypes.WriteValue) uatypes.Status {
	a := ua.AttributeID(w.AttributeID)
	switch a {
	case ua.AttributeIDNodeID, ua.AttributeIDNodeClass, ua.AttributeIDUserWriteMask, ua.AttributeIDUserAccessLevel,
		ua.AttributeIDUserExecutable, ua.AttributeIDBrowseName:
		return ua.StatusBadWriteNotSupported
	case ua.AttributeIDIsAbstract: // the class is looked at last
	default:
		classes := attributeClasses(a)
		if classes == 0 {
			return ua.StatusBadAttributeIDInvalid
		}
		if n.class&classes == 0 {
			return ua.StatusBadNodeClassInvalid
		}
	}
	if a == ua.AttributeIDValue && n.class == ua.NodeClassVariable {
		if !s.isAdmin() && n.accessLevel&accessWrite == 0 {
			return ua.StatusBadNotWritable
		}
	} else if userWriteMask(n, s)&writeMaskBit(a) == 0 {
		return ua.StatusBadUserAccessDenied
	}
	switch a {
	case ua.AttributeIDDisplayName:
		return c.setText(w, &n.displayName)
	case ua.AttributeIDDescription:
		return c.setText(w, &n.description)
	case ua.AttributeIDInverseName:
		return c.setText(w, &n.inverseName)
	case ua.AttributeIDWriteMask:
		return set(w, uatypes.TypeUInt32, &n.writeMask)
	case ua.AttributeIDIsAbstract:
		var abstract bool
		if st := set(w, uatypes.TypeBoolean, &abstract); st != uatypes.Good {
			return st
		}
		if !n.isType() {
			return ua.StatusBadNodeClassInvalid
		}
		n.isAbstract = abstract
		return uatypes.Good
	case ua.AttributeIDSymmetric:
		return set(w, uatypes.TypeBoolean, &n.symmetric)
	case ua.AttributeIDContainsNoLoops:
		return set(w, uatypes.TypeBoolean, &n.noLoops)
	case ua.AttributeIDEventNotifier:
		return set(w, uatypes.TypeByte, &n.eventNotifier)
	case ua.AttributeIDAccessLevel:
		return set(w, uatypes.TypeByte, &n.accessLevel)
	case ua.AttributeIDMinimumSamplingInterval:
		return set(w, uatypes.TypeDouble, &n.minimumSamplingInterval)
	case ua.AttributeIDHistorizing:
		return set(w, uatypes.TypeBoolean, &n.historizing)
	case ua.AttributeIDExecutable:
		return set(w, uatypes.TypeBoolean, &n.executable)
	case ua.AttributeIDValue:
		return c.writeNodeValue(n, &w.Value, &w.IndexRange)
	}
	return c.writeConstraint(n, a, w)
}

// writeConstraint writes data type, value rank or array dimensions, if type and
// value of the node allow it.
func (c *Core) writeConstraint(n *node, a ua.AttributeID, w *uatypes.WriteValue) uatypes.Status {
	var dataType *uatypes.NodeID
	var rank *int32
	var dims uatypes.Array[uint32]
	ok := false
	switch a {
	case ua.AttributeIDDataType:
		dataType, ok = scalar[uatypes.NodeID](w, uatypes.TypeNodeID)
	case ua.AttributeIDValueRank:
		rank, ok = scalar[int32](w, uatypes.TypeInt32)
	default:
		v := &w.Value.Value
		ok = w.Value.HasValue && v.Type == uatypes.TypeUInt32 && v.IsArray
		if ok {
			x, _ := v.V.([]uint32)
			dims = uatypes.Array[uint32]{P: v.P, V: x}
		}
	}
	if !ok {
		return ua.StatusBadTypeMismatch
	}
	typ := c.typeOf(n)
	if typ == nil {
		return ua.StatusBadTypeMismatch
	}
	defer c.nodes.release(typ)
	// A type that is in use does not change.
	if n.class == ua.NodeClassVariableType && n.hasSubtypeOrInstance() {
		return ua.StatusBadInternalError
	}
	switch {
	case dataType != nil:
		return c.writeDataType(n, typ, dataType)
	case rank != nil:
		return c.writeValueRank(n, typ, *rank)
	}
	return c.writeArrayDimensions(n, typ, &dims)
}

func (c *Core) writeDataType(n, typ *node, id *uatypes.NodeID) uatypes.Status {
	if !c.compatibleDataTypes(id, &typ.dataType) {
		return ua.StatusBadTypeMismatch
	}
	var v uatypes.DataValue
	if st := c.readOwnValue(n, &v); st != uatypes.Good {
		return st
	}
	if v.HasValue {
		fits := c.compatibleValue(id, n.valueRank, n.arrayDimensions.V, &v.Value, false)
		uatypes.Clear(c.m, &v)
		if !fits {
			return ua.StatusBadTypeMismatch
		}
	}
	var dup uatypes.NodeID
	if st := uatypes.Copy(c.m, &dup, id); st != uatypes.Good {
		return st
	}
	uatypes.Clear(c.m, &n.dataType)
	n.dataType = dup
	return uatypes.Good
}

func (c *Core) writeValueRank(n, typ *node, rank int32) uatypes.Status {
	if !compatibleRanks(rank, typ.valueRank) {
		return ua.StatusBadTypeMismatch
	}
	dims := len(n.arrayDimensions.V)
	if dims == 0 {
		var v uatypes.DataValue
		if st := c.readOwnValue(n, &v); st != uatypes.Good {
			return st
		}
		if !v.HasValue || v.Value.Type == nil {
			n.valueRank = rank
			return uatypes.Good
		}
		if v.Value.IsArray {
			dims = 1
		}
		uatypes.Clear(c.m, &v)
	}
	if !rankFitsDimensions(rank, dims) {
		return ua.StatusBadTypeMismatch
	}
	n.valueRank = rank
	return uatypes.Good
}

func (c *Core) writeArrayDimensions(n, typ *node, dims *uatypes.Array[uint32]) uatypes.Status {
	if !rankFitsDimensions(n.valueRank, len(dims.V)) || !compatibleDimensions(typ.arrayDimensions.V, dims.V) {
		return ua.StatusBadTypeMismatch
	}
	var v uatypes.DataValue
	if st := c.readOwnValue(n, &v); st != uatypes.Good {
		return st
	}
	if v.HasValue {
		fits := valueFitsDimensions(&v.Value, dims.V)
		uatypes.Clear(c.m, &v)
		if !fits {
			return ua.StatusBadTypeMismatch
		}
	}
	var dup uatypes.Array[uint32]
	if st := copyDimensions(c.m, &dup, dims); st != uatypes.Good {
		return st
	}
	clearDimensions(c.m, &n.arrayDimensions)
	n.arrayDimensions = dup
	return uatypes.Good
}
