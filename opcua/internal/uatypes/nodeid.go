package uatypes

import (
	"fmt"

	"github.com/gopcua/opcua/ua"
)

// IDType is the kind of a node id's identifier, with open62541's numbers
// (UA_NodeIdType).
type IDType uint8

// The kinds of identifiers.
const (
	IDNumeric    IDType = 0
	IDString     IDType = 3
	IDGuid       IDType = 4
	IDByteString IDType = 5
)

// NodeID is UA_NodeId.
type NodeID struct {
	Namespace uint16
	Type      IDType
	Numeric   uint32
	Str       Str // of string and byte string identifiers
	Guid      Guid
}

// Numeric returns a numeric node id.
func Numeric(ns uint16, id uint32) NodeID { return NodeID{Namespace: ns, Numeric: id} }

// IsNull reports whether n is the null node id (UA_NodeId_isNull).
func (n *NodeID) IsNull() bool {
	if n.Namespace != 0 {
		return false
	}
	switch n.Type {
	case IDNumeric:
		return n.Numeric == 0
	case IDGuid:
		return n.Guid == Guid{}
	default:
		return len(n.Str.B) == 0
	}
}

// Equal reports whether two node ids are the same (UA_NodeId_equal).
func (n *NodeID) Equal(o *NodeID) bool {
	if n.Namespace != o.Namespace || n.Type != o.Type {
		return false
	}
	switch n.Type {
	case IDNumeric:
		return n.Numeric == o.Numeric
	case IDGuid:
		return n.Guid == o.Guid
	default:
		return n.Str.Equal(&o.Str)
	}
}

// String returns the node id as Part 6, 5.3.1.10 writes it.
func (n *NodeID) String() string {
	id := fmt.Sprintf("i=%d", n.Numeric)
	switch n.Type {
	case IDString:
		id = "s=" + n.Str.String()
	case IDGuid:
		id = fmt.Sprintf("g=%x", n.Guid[:])
	case IDByteString:
		id = fmt.Sprintf("b=%x", n.Str.B)
	}
	if n.Namespace != 0 {
		return fmt.Sprintf("ns=%d;%s", n.Namespace, id)
	}
	return id
}

// Walk implements [Value].
func (n *NodeID) Walk(w *Walker) { w.NodeID(n) }

const (
	idTwoByte  = 0
	idFourByte = 1
	idComplete = 2

	flagServerIndex  = 0x40
	flagNamespaceURI = 0x80
)

func getNodeID(w *Walker, n *NodeID) Status {
	var enc uint8
	s := getByte(w, &enc)
	if s != Good {
		return s
	}
	var b uint8
	var h uint16
	switch enc &^ (flagServerIndex | flagNamespaceURI) {
	case idTwoByte:
		n.Type = IDNumeric
		s = getByte(w, &b)
		n.Numeric, n.Namespace = uint32(b), 0
	case idFourByte:
		n.Type = IDNumeric
		s = getByte(w, &b)
		n.Namespace = uint16(b)
		s |= getUint16(w, &h)
		n.Numeric = uint32(h)
	case idComplete:
		n.Type = IDNumeric
		s = getUint16(w, &n.Namespace)
		s |= getUint32(w, &n.Numeric)
	case uint8(IDString):
		n.Type = IDString
		s = getUint16(w, &n.Namespace)
		s |= getString(w, &n.Str)
	case uint8(IDGuid):
		n.Type = IDGuid
		s = getUint16(w, &n.Namespace)
		s |= getGuid(w, &n.Guid)
	case uint8(IDByteString):
		n.Type = IDByteString
		s = getUint16(w, &n.Namespace)
		s |= getString(w, &n.Str)
	default:
		s = ua.StatusBadInternalError
	}
	return s
}

func putNodeID(w *Walker, n *NodeID) Status { return putNodeIDMask(w, n, 0) }

func putNodeIDMask(w *Walker, n *NodeID, enc uint8) Status {
	var s Status
	switch n.Type {
	case IDNumeric:
		switch {
		case n.Numeric > 0xffff || n.Namespace > 0xff:
			enc |= idComplete
			s = putByte(w, &enc)
			s |= putUint16(w, &n.Namespace)
			s |= putUint32(w, &n.Numeric)
		case n.Numeric > 0xff || n.Namespace > 0:
			enc |= idFourByte
			ns, id := uint8(n.Namespace), uint16(n.Numeric)
			s = putByte(w, &enc)
			s |= putByte(w, &ns)
			s |= putUint16(w, &id)
		default:
			enc |= idTwoByte
			id := uint8(n.Numeric)
			s = putByte(w, &enc)
			s |= putByte(w, &id)
		}
		return s
	case IDGuid:
		enc |= uint8(IDGuid)
		s = putByte(w, &enc)
		s |= putUint16(w, &n.Namespace)
		return s | putGuid(w, &n.Guid)
	default:
		enc |= uint8(n.Type)
		s = putByte(w, &enc)
		s |= putUint16(w, &n.Namespace)
		if s != Good {
			return s
		}
		return putString(w, &n.Str)
	}
}

func nodeIDLength(n *NodeID) uint32 {
	switch n.Type {
	case IDNumeric:
		switch {
		case n.Numeric > 0xffff || n.Namespace > 0xff:
			return 7
		case n.Numeric > 0xff || n.Namespace > 0:
			return 4
		}
		return 2
	case IDGuid:
		return 19
	default:
		return 3 + stringLength(&n.Str)
	}
}

func clearNodeID(w *Walker, n *NodeID) {
	if n.Type == IDString || n.Type == IDByteString {
		clearString(w, &n.Str)
	}
}

func dupNodeID(w *Walker, n *NodeID) Status {
	if n.Type == IDString || n.Type == IDByteString {
		return dupString(w, &n.Str)
	}
	return Good
}

var elemNodeID = &elem[NodeID]{name: "UA_NodeId", size: 24, align: 4,
	get: getNodeID, put: putNodeID, length: nodeIDLength, clear: clearNodeID, dup: dupNodeID}

// NodeID visits a member of type UA_NodeId.
func (w *Walker) NodeID(n *NodeID) { builtin(w, n, elemNodeID) }

// ExpandedNodeID is UA_ExpandedNodeId.
type ExpandedNodeID struct {
	NodeID       NodeID
	NamespaceURI Str
	ServerIndex  uint32
}

// Walk implements [Value].
func (n *ExpandedNodeID) Walk(w *Walker) { w.ExpandedNodeID(n) }

// hasURI reports whether the namespace URI is written: it points to data.
func (n *ExpandedNodeID) hasURI() bool { return n.NamespaceURI.P > Empty }

var elemExpandedNodeID = &elem[ExpandedNodeID]{name: "UA_ExpandedNodeId", size: 36, align: 4,
	get: func(w *Walker, n *ExpandedNodeID) Status {
		if w.pos >= w.end {
			return ua.StatusBadDecodingError
		}
		enc := w.buf[w.pos]
		s := getNodeID(w, &n.NodeID)
		if enc&flagNamespaceURI != 0 {
			n.NodeID.Namespace = 0
			s |= getString(w, &n.NamespaceURI)
		}
		if enc&flagServerIndex != 0 {
			s |= getUint32(w, &n.ServerIndex)
		}
		return s
	},
	put: func(w *Walker, n *ExpandedNodeID) Status {
		var enc uint8
		if n.hasURI() {
			enc |= flagNamespaceURI
		}
		if n.ServerIndex > 0 {
			enc |= flagServerIndex
		}
		s := putNodeIDMask(w, &n.NodeID, enc)
		if s == Good && n.hasURI() {
			s = putString(w, &n.NamespaceURI)
		}
		if s == Good && n.ServerIndex > 0 {
			s = putMember(w, &n.ServerIndex, putUint32)
		}
		return s
	},
	length: func(n *ExpandedNodeID) uint32 {
		l := nodeIDLength(&n.NodeID)
		if len(n.NamespaceURI.B) > 0 {
			l += stringLength(&n.NamespaceURI)
		}
		if n.ServerIndex > 0 {
			l += 4
		}
		return l
	},
	clear: func(w *Walker, n *ExpandedNodeID) {
		clearNodeID(w, &n.NodeID)
		clearString(w, &n.NamespaceURI)
	},
	dup: func(w *Walker, n *ExpandedNodeID) Status {
		s := dupNodeID(w, &n.NodeID)
		return s | dupString(w, &n.NamespaceURI)
	},
}

// ExpandedNodeID visits a member of type UA_ExpandedNodeId.
func (w *Walker) ExpandedNodeID(n *ExpandedNodeID) { builtin(w, n, elemExpandedNodeID) }
