package uatypes

import "github.com/plimsoll-sim/plimsoll/opcua/internal/mem"

// Built-in types under another name.
var (
	TypeDuration = &DataType{Name: "UA_Duration", Builtin: 11, TypeID: 290}
	TypeUtcTime  = &DataType{Name: "UA_UtcTime", Builtin: 13, TypeID: 294}
	TypeLocaleID = &DataType{Name: "UA_LocaleId", Builtin: 12, TypeID: 295}
)

// plainTypes are the types of open62541's table that are neither built in nor
// structures.
var plainTypes = [...]*DataType{
	TypeDuration, TypeUtcTime, TypeLocaleID,
	TypeNodeClass, TypeApplicationType, TypeMessageSecurityMode, TypeUserTokenType, TypeSecurityTokenRequestType,
	TypeNodeAttributesMask, TypeBrowseDirection, TypeBrowseResultMask, TypeFilterOperator, TypeTimestampsToReturn,
	TypeMonitoringMode, TypeDataChangeTrigger, TypeDeadbandType, TypeRedundancySupport, TypeServerState,
	TypeAxisScaleEnumeration,
}

// TypeByID finds a type by its node id, nil if open62541 does not know it
// (UA_findDataType, src/ua_types.c).
func TypeByID(id *NodeID) *DataType {
	if id.Type != IDNumeric || id.Namespace != 0 {
		return nil
	}
	for _, list := range [...][]*DataType{builtinTypes[:], plainTypes[:], structTypes[:]} {
		for _, t := range list {
			if t.TypeID == id.Numeric {
				return t
			}
		}
	}
	return nil
}

// NewScalar returns a variant with a cleared scalar of a type (UA_new). It
// reports whether the memory was there.
func NewScalar(m mem.Memory, t *DataType) (Variant, bool) {
	p := m.Calloc(t.Size(), t.Name)
	if p == Null {
		return Variant{}, false
	}
	return Variant{Type: t, P: p, V: t.slice().zero(1)}, true
}

// NewArrayOf returns a variant with an array of n cleared elements of a type
// (UA_Array_new); n == 0 gives the empty array. It reports whether the memory
// was there.
func NewArrayOf(m mem.Memory, t *DataType, n int) (Variant, bool) {
	v := Variant{Type: t, P: Empty, V: t.slice().zero(n), IsArray: true}
	if n > 0 {
		v.P = calloc(m, n, t.Size(), t.Name)
	}
	return v, v.P != Null
}

// ReplaceElements clears elements of dst and puts copies of those of src in
// their place: src's element i goes to at[i]. Both are []T of the Go type that
// belongs to t. An element that cannot be copied stays cleared.
func (t *DataType) ReplaceElements(m mem.Memory, dst any, at []int, src any) Status {
	return t.slice().replace(&Walker{op: opCopy, mem: m}, dst, at, src)
}
