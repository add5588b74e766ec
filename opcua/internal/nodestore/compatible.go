package nodestore

import "github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"

// Special value ranks (Part 3, 5.6.2).
const (
	rankScalarOrOneDimension        = -3
	rankAny                         = -2
	rankScalar                      = -1
	rankOneOrMoreDimensions         = 0
	rankOneDimension                = 1
	sizeofUInt32             uint32 = 4
)

// compatibleDataTypes reports whether a data type may stand where another one is
// demanded: the same, a subtype, or Int32 for an enumeration
// (src/server/ua_services_attribute.c).
func (c *Core) compatibleDataTypes(t, constraint *uatypes.NodeID) bool {
	if t.IsNull() {
		return false
	}
	if constraint.IsNull() || constraint.Equal(ns0ID(idBaseDataType)) || t.Equal(constraint) {
		return true
	}
	subtype := referenceTypeSet{}.with(indexHasSubtype)
	return c.isNodeInTree(t, constraint, subtype) ||
		t.Equal(ns0ID(uatypes.TypeInt32.TypeID)) && c.isNodeInTree(constraint, ns0ID(idEnumeration), subtype)
}

// compatibleValueType is compatibleDataTypes for a value: UtcTime, say, is a
// DateTime on the wire, so that the demanded type may also be below the value's.
func (c *Core) compatibleValueType(t *uatypes.DataType, constraint *uatypes.NodeID) bool {
	id := ns0ID(t.TypeID)
	return c.compatibleDataTypes(id, constraint) ||
		c.isNodeInTree(constraint, id, referenceTypeSet{}.with(indexHasSubtype))
}

// rankFitsDimensions reports whether a value rank goes with a number of array
// dimensions (compatibleValueRankArrayDimensions).
func rankFitsDimensions(rank int32, dimensions int) bool {
	switch {
	case rank < rankScalarOrOneDimension:
		return false
	case rank <= rankOneOrMoreDimensions:
		return dimensions == 0
	}
	return dimensions == int(rank)
}

// compatibleRanks reports whether a value rank may stand where another one is
// demanded (compatibleValueRanks).
func compatibleRanks(rank, constraint int32) bool {
	switch constraint {
	case rankScalarOrOneDimension:
		return rank == rankScalar || rank == rankOneDimension
	case rankAny:
		return true
	case rankOneOrMoreDimensions:
		return rank >= rankOneOrMoreDimensions
	}
	return rank == constraint
}

// rankFitsValue reports whether a value has the dimensions that a rank demands
// (compatibleValueRankValue).
func rankFitsValue(rank int32, v *uatypes.Variant) bool {
	if rank < rankScalarOrOneDimension {
		return false
	}
	if v.P == uatypes.Null {
		return true // an empty array always fits
	}
	dims := len(v.Dims.V)
	if dims == 0 && v.IsArray {
		dims = 1
	}
	switch rank {
	case rankScalarOrOneDimension:
		return dims <= 1
	case rankAny:
		return true
	case rankScalar:
		return dims == 0
	case rankOneOrMoreDimensions:
		return dims >= 1
	}
	return dims == int(rank)
}

// compatibleDimensions reports whether array dimensions keep to a limit, in
// which 0 allows any length (compatibleArrayDimensions).
func compatibleDimensions(limit, dims []uint32) bool {
	if len(limit) == 0 {
		return true
	}
	if len(dims) != len(limit) {
		return false
	}
	for i, l := range limit {
		if l != 0 && l < dims[i] {
			return false
		}
	}
	return true
}

// valueFitsDimensions is compatibleDimensions for a value
// (compatibleValueArrayDimensions).
func valueFitsDimensions(v *uatypes.Variant, limit []uint32) bool {
	var dims []uint32
	for _, d := range v.Dims.V {
		dims = append(dims, uint32(d))
	}
	if v.Dims.P == uatypes.Null && v.IsArray {
		dims = []uint32{uint32(v.Count())}
	}
	return compatibleDimensions(limit, dims)
}

// compatibleValue reports whether a variable with the given attributes may have
// a value. Of a part of an array (ranged) only the type counts.
func (c *Core) compatibleValue(dataType *uatypes.NodeID, rank int32, dims []uint32, v *uatypes.Variant, ranged bool) bool {
	if v.Type == nil {
		return dataType.Equal(ns0ID(idBaseDataType)) || dataType.IsNull() || c.bootstrap
	}
	if !c.compatibleValueType(v.Type, dataType) {
		return false
	}
	return ranged || valueFitsDimensions(v, dims) && rankFitsValue(rank, v)
}
