package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// writeNodeValue writes the value of a variable, all of it or a part of an array
// (writeNodeValueAttribute).
func (c *Core) writeNodeValue(n *node, value *uatypes.DataValue, indexRange *uatypes.Str) uatypes.Status {
	var r *numericRange
	if len(indexRange.B) > 0 {
		var st uatypes.Status
		if r, st = c.parseRange(indexRange.B); st != uatypes.Good {
			return st
		}
		defer c.m.Free(r.block)
	}
	adjusted := *value
	if value.HasValue && value.Value.Type != nil {
		adjustType(&adjusted.Value, &n.dataType)
		dataType := &n.dataType
		if value.Value.Type == uatypes.TypeExtensionObject {
			dataType = ns0ID(uatypes.TypeExtensionObject.TypeID)
		}
		if !c.compatibleValue(dataType, n.valueRank, n.arrayDimensions.V, &adjusted.Value, r != nil) {
			return ua.StatusBadTypeMismatch
		}
	}
	now := c.now()
	if !adjusted.HasSourceTimestamp {
		adjusted.SourceTimestamp, adjusted.HasSourceTimestamp = now, true
	}
	adjusted.ServerTimestamp, adjusted.HasServerTimestamp = now, true
	if n.source != nil {
		if n.source.Write == nil {
			return ua.StatusBadWriteNotSupported
		}
		return n.source.Write(&n.id, r != nil, &adjusted)
	}
	st := c.replaceValue(n, &adjusted, r)
	if st == uatypes.Good && n.onWrite != nil {
		n.onWrite(&adjusted)
	}
	return st
}

// replaceValue puts a value into the node.
func (c *Core) replaceValue(n *node, v *uatypes.DataValue, r *numericRange) uatypes.Status {
	if r == nil {
		var dup uatypes.DataValue
		if st := uatypes.Copy(c.m, &dup, v); st != uatypes.Good {
			return st
		}
		uatypes.Clear(c.m, &n.value)
		n.value = dup
		return uatypes.Good
	}
	old := &n.value
	if v.Status != old.Status || !v.HasValue || !old.HasValue {
		return ua.StatusBadIndexRangeInvalid
	}
	if old.Value.Type == nil || v.Value.Type == nil || old.Value.Type.TypeID != v.Value.Type.TypeID {
		return ua.StatusBadTypeMismatch
	}
	if st := c.setRange(&old.Value, &v.Value, r.dims); st != uatypes.Good {
		return st
	}
	old.HasStatus, old.Status = v.HasStatus, v.Status
	old.HasSourceTimestamp, old.SourceTimestamp = v.HasSourceTimestamp, v.SourceTimestamp
	old.HasSourcePicoseconds, old.SourcePicoseconds = v.HasSourcePicoseconds, v.SourcePicoseconds
	return uatypes.Good
}

// adjustType gives a value the type of the variable where both are the same on
// the wire: a byte string for an array of bytes, an Int32 for an enumeration
// (adjustValue).
func adjustType(v *uatypes.Variant, dataType *uatypes.NodeID) {
	t := uatypes.TypeByID(dataType)
	if t == nil {
		return
	}
	if t == uatypes.TypeByte && v.Type == uatypes.TypeByteString && !v.IsArray {
		if s, ok := v.V.([]uatypes.Str); ok && len(s) == 1 {
			*v = uatypes.Variant{Type: t, P: s[0].P, V: s[0].B, IsArray: true}
		}
		return
	}
	if t.Kind != uatypes.KindStructure && v.Type.Kind != uatypes.KindStructure && t.Builtin == v.Type.Builtin {
		v.Type = t
	}
}
