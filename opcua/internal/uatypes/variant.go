package uatypes

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Variant is UA_Variant. An empty variant has no Type.
type Variant struct {
	Type    *DataType
	P       uint32 // the block with the value or the elements, Null or Empty
	V       any    // []T; of a scalar one element
	IsArray bool
	Dims    Array[int32] // array dimensions
	// NoDelete says that the blocks belong to somebody else and are not given
	// back with the variant (UA_VARIANT_DATA_NODELETE).
	NoDelete bool
}

// Walk implements [Value].
func (v *Variant) Walk(w *Walker) { w.Variant(v) }

// Count returns the number of elements; a scalar has one.
func (v *Variant) Count() int {
	if v.Type == nil {
		return 0
	}
	return v.Type.slice().count(v.V)
}

// ScalarCopy puts a copy of x, of the Go type that belongs to t, into a
// variant (UA_Variant_setScalarCopy). If memory is short v stays as it was.
func ScalarCopy[T any](m mem.Memory, v *Variant, t *DataType, x T) Status {
	s := t.slice().(sliceOf[T])
	p := m.Malloc(s.size(), t.Name)
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	n := []T{x}
	if s.e.dup != nil {
		w := Walker{op: opCopy, mem: m}
		if st := s.e.dup(&w, &n[0]); st != Good {
			clearElements(&w, n, s.e)
			m.Free(p)
			return st
		}
	}
	*v = Variant{Type: t, P: p, V: n}
	return Good
}

// ScalarAgain is ScalarCopy of a value that was copied before, of a type whose
// values have no blocks of their own: was is what that copy was.
func ScalarAgain(m mem.Memory, v *Variant, was Variant) Status {
	p := m.Malloc(was.Type.slice().size(), was.Type.Name)
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	*v = Variant{Type: was.Type, P: p, V: was.V}
	return Good
}

// ArrayCopy puts a copy of the elements x into a variant (UA_Variant_setArrayCopy).
func ArrayCopy[T any](m mem.Memory, v *Variant, t *DataType, x []T) Status {
	w := Walker{op: opCopy, mem: m}
	p, n, st := t.slice().dup(&w, x)
	if st != Good {
		*v = Variant{}
		return st
	}
	*v = Variant{Type: t, P: p, V: n, IsArray: true}
	return Good
}

const (
	variantTypeMask   = 0x3f
	variantDimensions = 0x40
	variantArray      = 0x80
)

// encodedAsArray reports whether the array bit is set: open62541 goes by the
// length and by the pointer.
func (v *Variant) encodedAsArray() bool {
	return v.IsArray && v.Count() > 0 || v.P == Null || v.P == Empty
}

func putVariant(w *Walker, v *Variant) Status {
	var enc uint8
	if v.Type == nil {
		return putByte(w, &enc)
	}
	ops := v.Type.slice()
	array := v.encodedAsArray()
	enc = v.Type.Builtin
	if array {
		enc |= variantArray
		if len(v.Dims.V) > 0 {
			enc |= variantDimensions
		}
	}
	s := putByte(w, &enc)
	if s != Good {
		return s
	}
	switch {
	case v.Type.Kind == KindStructure:
		s = putWrapped(w, v, array)
	case array:
		s = ops.putArray(w, v.V, v.P)
	default:
		s = putIndirect(w, ops, v.V, 0)
	}
	if s == Good && enc&variantDimensions != 0 {
		s = putArray(w, &v.Dims, elemInt32)
	}
	return s
}

// putIndirect is putMember for an element of a slice.
func putIndirect(w *Walker, ops slice, v any, i int) Status {
	start := w.pos
	s := ops.put(w, v, i)
	if s != limitsExceeded {
		return s
	}
	w.pos = start
	if s = w.flush(); s != Good {
		return s
	}
	return ops.put(w, v, i)
}

// putWrapped encodes structures, each wrapped in an extension object
// (Variant_encodeBinaryWrapExtensionObject).
func putWrapped(w *Walker, v *Variant, array bool) Status {
	ops := v.Type.slice()
	n := 1
	if array {
		n = ops.count(v.V)
		l := int32(n)
		if s := elemInt32.put(w, &l); s != Good {
			return s
		}
	}
	for i := range n {
		x := ExtensionObject{Type: v.Type, P: v.P, V: ops.part(v.V, i, i+1)}
		if s := putMember(w, &x, putExtensionObject); s != Good {
			return s
		}
	}
	return Good
}

func getVariant(w *Walker, v *Variant) Status {
	var enc uint8
	if s := getByte(w, &enc); s != Good || enc == 0 {
		return s
	}
	array := enc&variantArray != 0
	number := int(enc & variantTypeMask)
	if number == 0 || number > len(builtinTypes) {
		return ua.StatusBadDecodingError
	}
	t := builtinTypes[number-1]
	if t == TypeVariant && !array {
		return ua.StatusBadDecodingError
	}
	if w.depth > maxRecursion {
		return ua.StatusBadEncodingError
	}
	w.depth++
	v.Type = t
	var s Status
	switch {
	case array:
		v.IsArray = true
		v.P, v.V, s = t.slice().getArray(w)
	case t == TypeExtensionObject:
		s = getUnwrapped(w, v)
	default:
		if v.P = w.mem.Calloc(t.Size(), t.Name); v.P == Null {
			w.depth--
			return ua.StatusBadOutOfMemory
		}
		v.V, s = t.slice().get(w)
	}
	if array && enc&variantDimensions != 0 {
		s |= getArray(w, &v.Dims, elemInt32)
	}
	w.depth--
	return s
}

// getUnwrapped decodes the content of an extension object as the variant's own
// value if its type is known (Variant_decodeBinaryUnwrapExtensionObject).
func getUnwrapped(w *Walker, v *Variant) Status {
	start := w.pos
	var id NodeID
	if s := getNodeID(w, &id); s != Good {
		return s
	}
	var enc uint8
	if s := getByte(w, &enc); s != Good {
		clearElements(w, []NodeID{id}, elemNodeID)
		return s
	}
	if t := typeByEncoding(&id); enc == bodyByteString && t != nil {
		v.Type = t
		w.pos += 4 // the length is not looked at
	} else {
		v.Type = TypeExtensionObject
		w.pos = start
		clearElements(w, []NodeID{id}, elemNodeID)
	}
	if v.P = w.mem.Calloc(v.Type.Size(), v.Type.Name); v.P == Null {
		return ua.StatusBadOutOfMemory
	}
	var s Status
	v.V, s = v.Type.slice().get(w)
	return s
}

func variantLength(v *Variant) uint32 {
	if v.Type == nil {
		return 1
	}
	ops := v.Type.slice()
	array := v.encodedAsArray()
	n := uint32(1)
	count := uint32(1)
	if array {
		count = uint32(ops.count(v.V))
		n += ops.arrayLength(v.V)
	} else {
		n += ops.length(v.V, 0)
	}
	if v.Type.Kind == KindStructure {
		id := Numeric(0, v.Type.Encoding)
		n += (nodeIDLength(&id) + 1 + 4) * count
	}
	if array && len(v.Dims.V) > 0 {
		n += arrayLength(&v.Dims, elemInt32)
	}
	return n
}

func clearVariant(w *Walker, v *Variant) {
	if !v.NoDelete {
		if v.Type != nil && v.P != Null && v.P != Empty {
			v.Type.slice().clear(w, v.V, v.P)
		}
		if v.Dims.P != Empty {
			free(w.mem, v.Dims.P)
		}
	}
	*v = Variant{}
}

func dupVariant(w *Walker, v *Variant) Status {
	src := *v
	*v = Variant{}
	if src.Type == nil {
		return Good
	}
	ops := src.Type.slice()
	if ops.count(src.V) == 0 {
		if src.P != Null {
			v.P = Empty
		}
	} else {
		var s Status
		if v.P, v.V, s = ops.dup(w, src.V); s != Good {
			*v = Variant{}
			return s
		}
	}
	v.Type, v.IsArray = src.Type, src.IsArray
	if src.Dims.P != Null {
		v.Dims = src.Dims
		return dupArray(w, &v.Dims, elemInt32)
	}
	return Good
}

func elemVariant() *elem[Variant] {
	return &elem[Variant]{name: "UA_Variant", size: 24, align: 4,
		get: getVariant, put: putVariant, length: variantLength, clear: clearVariant, dup: dupVariant}
}

// Variant visits a member of type UA_Variant.
func (w *Walker) Variant(v *Variant) { builtin(w, v, elemVariant()) }

// Floats returns the elements of a numeric variant as double precision numbers,
// nil for any other.
func (v *Variant) Floats() []float64 {
	switch x := v.V.(type) {
	case []bool:
		f := make([]float64, len(x))
		for i := range x {
			if x[i] {
				f[i] = 1
			}
		}
		return f
	case []int8:
		return floats(x)
	case []uint8:
		return floats(x)
	case []int16:
		return floats(x)
	case []uint16:
		return floats(x)
	case []int32:
		return floats(x)
	case []uint32:
		return floats(x)
	case []int64:
		return floats(x)
	case []uint64:
		return floats(x)
	case []float32:
		return floats(x)
	case []float64:
		return x
	}
	return nil
}

func floats[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32](x []T) []float64 {
	f := make([]float64, len(x))
	for i := range x {
		f[i] = float64(x[i])
	}
	return f
}
