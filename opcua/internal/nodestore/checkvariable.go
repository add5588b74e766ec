package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// useTypeAttributes takes value, data type and array dimensions from the type
// of a variable where the variable has none (useVariableTypeAttributes,
// src/server/ua_services_nodemanagement.c).
func (c *Core) useTypeAttributes(s *Session, n, typ *node) uatypes.Status {
	var v uatypes.DataValue
	if st := c.readOwnValue(n, &v); st != uatypes.Good {
		return st
	}
	if v.Value.Type != nil {
		uatypes.Clear(c.m, &v)
	} else {
		var d uatypes.DataValue
		if c.readOwnValue(typ, &d) == uatypes.Good && d.HasValue {
			// A default that does not fit is left out.
			c.writeValue(s, &n.id, &d.Value)
		}
		clearValue(c.m, &d)
	}
	if n.dataType.IsNull() {
		st := c.writeAttribute(s, &n.id, ua.AttributeIDDataType,
			uatypes.Variant{Type: uatypes.TypeNodeID, P: uatypes.Static, V: []uatypes.NodeID{typ.dataType}})
		if st != uatypes.Good {
			return st
		}
	}
	if len(n.arrayDimensions.V) == 0 && len(typ.arrayDimensions.V) > 0 {
		return c.writeAttribute(s, &n.id, ua.AttributeIDArrayDimensions,
			uatypes.Variant{Type: uatypes.TypeUInt32, P: uatypes.Static, V: typ.arrayDimensions.V, IsArray: true})
	}
	return uatypes.Good
}

// checkVariable checks data type, value rank, array dimensions and value of a
// variable, or variable type, against its type. A variable without a value gets
// a default one (typeCheckVariableNode).
func (c *Core) checkVariable(s *Session, n, typ *node) uatypes.Status {
	if !c.compatibleDataTypes(&n.dataType, &typ.dataType) ||
		!rankFitsDimensions(n.valueRank, len(n.arrayDimensions.V)) ||
		!compatibleRanks(n.valueRank, typ.valueRank) ||
		!compatibleDimensions(typ.arrayDimensions.V, n.arrayDimensions.V) {
		return ua.StatusBadTypeMismatch
	}
	// The value can come from a data source: read it as a client does.
	var v uatypes.DataValue
	st := c.readOwnValue(n, &v)
	if st != uatypes.Good {
		return st
	}
	if (!v.HasValue || v.Value.Type == nil) && !n.dataType.Equal(ns0ID(idBaseDataType)) {
		c.setDefaultValue(n)
		clearValue(c.m, &v)
		if st = c.readOwnValue(n, &v); st != uatypes.Good {
			clearValue(c.m, &v)
			return st
		}
	}
	if !c.compatibleValue(&n.dataType, n.valueRank, n.arrayDimensions.V, &v.Value, false) {
		// Writing may find a representation that fits.
		st = c.writeValue(s, &n.id, &v.Value)
	}
	clearValue(c.m, &v)
	return st
}

// setDefaultValue gives a variable a zero value of its data type, or, if that is
// abstract, of the first type near it that is not (setDefaultValue).
func (c *Core) setDefaultValue(n *node) uatypes.Status {
	t := uatypes.TypeByID(&n.dataType)
	if t == nil {
		near, st := c.browseRecursive(&n.dataType, browseBoth, referenceTypeSet{}.with(indexHasSubtype), uint32(ua.NodeClassDataType))
		if st != uatypes.Good {
			return st
		}
		for i := 0; i < near.len() && t == nil; i++ {
			if id := &near.targets[i].NodeID; !id.Equal(ns0ID(idBaseDataType)) {
				t = uatypes.TypeByID(id)
			}
		}
		clearTrees(near)
		if t == nil {
			return ua.StatusBadTypeMismatch
		}
	}
	v, st := c.defaultValue(n, t)
	if st != uatypes.Good {
		return st
	}
	st = c.writeAttribute(&c.admin, &n.id, ua.AttributeIDValue, v)
	uatypes.Clear(c.m, &v)
	return st
}

// defaultValue makes a zero value of a type with the rank and the dimensions of
// a node; a dimension of any length becomes one of length 1.
func (c *Core) defaultValue(n *node, t *uatypes.DataType) (uatypes.Variant, uatypes.Status) {
	switch {
	case n.valueRank < 0:
		v, ok := uatypes.NewScalar(c.m, t)
		if !ok {
			return v, ua.StatusBadOutOfMemory
		}
		return v, uatypes.Good
	case n.valueRank == 0:
		return uatypes.Variant{Type: t, IsArray: true}, uatypes.Good
	}
	var dims uatypes.Array[uint32]
	if st := copyDimensions(c.m, &dims, &n.arrayDimensions); st != uatypes.Good {
		return uatypes.Variant{}, st
	}
	size := uint32(1)
	v := uatypes.Variant{Dims: uatypes.Array[int32]{P: dims.P}}
	for _, d := range dims.V {
		d = max(d, 1)
		size *= d
		v.Dims.V = append(v.Dims.V, int32(d))
	}
	a, ok := uatypes.NewArrayOf(c.m, t, int(size))
	if !ok {
		uatypes.Clear(c.m, &v)
		return v, ua.StatusBadOutOfMemory
	}
	a.Dims = v.Dims
	return a, uatypes.Good
}
