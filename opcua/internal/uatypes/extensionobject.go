package uatypes

import "github.com/gopcua/opcua/ua"

// Encodings of the body of an extension object (Part 6, 5.2.2.15).
const (
	bodyNone       = 0
	bodyByteString = 1
	bodyXML        = 2
)

// ExtensionObject is UA_ExtensionObject: decoded content if Type is not nil,
// else the encoded body of an unknown type, or no body at all.
type ExtensionObject struct {
	Type *DataType
	P    uint32 // the block with the decoded content
	V    any    // []T with one element

	Encoding uint8 // of a body that is not decoded: 0 none, 1 byte string, 2 XML
	TypeID   NodeID
	Body     Str
	// NoDelete says that the decoded content belongs to somebody else
	// (UA_EXTENSIONOBJECT_DECODED_NODELETE).
	NoDelete bool
}

// Walk implements [Value].
func (x *ExtensionObject) Walk(w *Walker) { w.ExtensionObject(x) }

// HasBody reports whether there is content, decoded or not.
func (x *ExtensionObject) HasBody() bool { return x.Type != nil || x.Encoding != bodyNone }

// Content returns the decoded content of an extension object as *T, nil if it
// holds something else.
func Content[T any](x *ExtensionObject) *T {
	if v, ok := x.V.([]T); ok && len(v) == 1 {
		return &v[0]
	}
	return nil
}

// Wrap returns an extension object with content x in block p (Static: none).
func Wrap[T any](t *DataType, p uint32, x T) ExtensionObject {
	return ExtensionObject{Type: t, P: p, V: []T{x}}
}

func putExtensionObject(w *Walker, x *ExtensionObject) Status {
	if x.Type == nil {
		s := putNodeID(w, &x.TypeID)
		if s != Good {
			return s
		}
		if s = putMember(w, &x.Encoding, putByte); s != Good || x.Encoding == bodyNone {
			return s
		}
		return putString(w, &x.Body)
	}
	if x.P == Null {
		return ua.StatusBadEncodingError
	}
	id := Numeric(0, x.Type.Encoding)
	s := putNodeID(w, &id)
	if s != Good {
		return s
	}
	enc := uint8(bodyByteString)
	if s = putMember(w, &enc, putByte); s != Good {
		return s
	}
	ops := x.Type.slice()
	n := int32(ops.length(x.V, 0))
	if s = putMember(w, &n, elemInt32.put); s != Good {
		return s
	}
	return putIndirect(w, ops, x.V, 0)
}

func getExtensionObject(w *Walker, x *ExtensionObject) Status {
	var id NodeID
	var enc uint8
	s := getNodeID(w, &id)
	s |= getByte(w, &enc)
	if s != Good {
		clearElements(w, []NodeID{id}, elemNodeID)
		return s
	}
	switch enc {
	case bodyByteString:
		s = getContent(w, x, &id)
		clearElements(w, []NodeID{id}, elemNodeID)
	case bodyNone:
		x.Encoding, x.TypeID = enc, id
	case bodyXML:
		x.Encoding, x.TypeID = enc, id
		if s = getString(w, &x.Body); s != Good {
			clearElements(w, []NodeID{x.TypeID}, elemNodeID)
			x.TypeID = NodeID{}
		}
	default:
		clearElements(w, []NodeID{id}, elemNodeID)
		s = ua.StatusBadDecodingError
	}
	return s
}

// getContent decodes the body if the type is known and keeps it as bytes if not.
func getContent(w *Walker, x *ExtensionObject, id *NodeID) Status {
	t := typeByEncoding(id)
	if t == nil {
		x.Encoding, x.TypeID = bodyByteString, *id
		outer := w.op
		w.op = opCopy
		dupNodeID(w, &x.TypeID) // the result is not looked at
		w.op = outer
		return getString(w, &x.Body)
	}
	p := w.mem.Calloc(t.Size(), t.Name)
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	w.pos += 4 // the length is not looked at
	x.Type, x.P = t, p
	var s Status
	x.V, s = t.slice().get(w)
	return s
}

func extensionObjectLength(x *ExtensionObject) uint32 {
	if x.Type == nil {
		n := 1 + nodeIDLength(&x.TypeID)
		if x.Encoding != bodyNone {
			n += stringLength(&x.Body)
		}
		return n
	}
	if x.P == Null {
		return 0
	}
	id := Numeric(0, x.Type.Encoding)
	return 1 + nodeIDLength(&id) + 4 + x.Type.slice().length(x.V, 0)
}

func clearExtensionObject(w *Walker, x *ExtensionObject) {
	if x.Type == nil {
		clearNodeID(w, &x.TypeID)
		clearString(w, &x.Body)
	} else if x.P != Null && !x.NoDelete {
		x.Type.slice().clear(w, x.V, x.P)
	}
	*x = ExtensionObject{}
}

func dupExtensionObject(w *Walker, x *ExtensionObject) Status {
	x.NoDelete = false
	if x.Type == nil {
		s := dupNodeID(w, &x.TypeID)
		return s | dupString(w, &x.Body)
	}
	if x.P == Null {
		return ua.StatusBadInternalError
	}
	var s Status
	x.P, x.V, s = x.Type.slice().dup(w, x.V)
	return s
}

func elemExtensionObject() *elem[ExtensionObject] {
	return &elem[ExtensionObject]{name: "UA_ExtensionObject", size: 36, align: 4,
		get: getExtensionObject, put: putExtensionObject, length: extensionObjectLength,
		clear: clearExtensionObject, dup: dupExtensionObject}
}

// ExtensionObject visits a member of type UA_ExtensionObject.
func (w *Walker) ExtensionObject(x *ExtensionObject) { builtin(w, x, elemExtensionObject()) }
