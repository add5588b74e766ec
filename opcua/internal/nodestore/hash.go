package nodestore

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// fnv is the hash of all lookups, continued from h (UA_ByteString_hash,
// src/ua_types.c): FNV-1a without its offset basis.
func fnv(h uint32, b []byte) uint32 {
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func hashNodeID(n *uatypes.NodeID) uint32 {
	h := uint32(n.Namespace)
	switch n.Type {
	case uatypes.IDString, uatypes.IDByteString:
		return fnv(h, n.Str.B)
	case uatypes.IDGuid:
		return fnv(h, n.Guid[:])
	default:
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], n.Numeric)
		return fnv(h, b[:])
	}
}

func hashExpandedNodeID(n *uatypes.ExpandedNodeID) uint32 {
	h := hashNodeID(&n.NodeID)
	if n.ServerIndex != 0 {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], n.ServerIndex)
		h = fnv(h, b[:])
	}
	return fnv(h, n.NamespaceURI.B)
}

func hashQualifiedName(q *uatypes.QualifiedName) uint32 {
	return fnv(uint32(q.NamespaceIndex), q.Name.B)
}

// compareNodeID is the order of node ids (UA_NodeId_order).
func compareNodeID(a, b *uatypes.NodeID) int {
	if c := cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Type, b.Type)); c != 0 {
		return c
	}
	switch a.Type {
	case uatypes.IDString, uatypes.IDByteString:
		return bytes.Compare(a.Str.B, b.Str.B)
	case uatypes.IDGuid:
		return bytes.Compare(a.Guid[:], b.Guid[:])
	default:
		return cmp.Compare(a.Numeric, b.Numeric)
	}
}

// compareExpanded is the order of targets (UA_ExpandedNodeId_order).
func compareExpanded(a, b *uatypes.ExpandedNodeID) int {
	return cmp.Or(
		cmp.Compare(a.ServerIndex, b.ServerIndex),
		bytes.Compare(a.NamespaceURI.B, b.NamespaceURI.B),
		compareNodeID(&a.NodeID, &b.NodeID))
}
