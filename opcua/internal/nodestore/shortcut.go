package nodestore

import (
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// The functions of this file are those of uatypes with a short cut for values
// without a block, of which the address space is full.

// copyID is uatypes.Copy of a node id, with a short cut for numeric ones, which
// have no block.
func copyID(m mem.Memory, dst, src *uatypes.NodeID) uatypes.Status {
	if src.Type == uatypes.IDNumeric {
		*dst = *src
		return uatypes.Good
	}
	return uatypes.Copy(m, dst, src)
}

// copyExpanded is copyID for a target.
func copyExpanded(m mem.Memory, dst, src *uatypes.ExpandedNodeID) uatypes.Status {
	if src.NodeID.Type == uatypes.IDNumeric && src.NamespaceURI.P == uatypes.Null {
		*dst = *src
		return uatypes.Good
	}
	return uatypes.Copy(m, dst, src)
}

// clearID is uatypes.Clear of a node id.
func clearID(m mem.Memory, id *uatypes.NodeID) {
	if id.Type == uatypes.IDNumeric {
		*id = uatypes.NodeID{}
		return
	}
	uatypes.Clear(m, id)
}

// clearExpanded is uatypes.Clear of a target.
func clearExpanded(m mem.Memory, id *uatypes.ExpandedNodeID) {
	if id.NodeID.Type == uatypes.IDNumeric && id.NamespaceURI.P == uatypes.Null {
		*id = uatypes.ExpandedNodeID{}
		return
	}
	uatypes.Clear(m, id)
}

// copyValue is uatypes.Copy of a value.
func copyValue(m mem.Memory, dst, src *uatypes.DataValue) uatypes.Status {
	if src.Value.Type == nil {
		*dst = *src
		dst.Value = uatypes.Variant{}
		return uatypes.Good
	}
	return uatypes.Copy(m, dst, src)
}

// clearValue is uatypes.Clear of a value.
func clearValue(m mem.Memory, v *uatypes.DataValue) {
	if v.Value.Type == nil {
		*v = uatypes.DataValue{}
		return
	}
	uatypes.Clear(m, v)
}
