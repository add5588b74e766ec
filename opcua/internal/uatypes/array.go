package uatypes

import (
	"math"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Values of an address that are not blocks.
const (
	// Null is NULL: no string, no array.
	Null uint32 = 0
	// Empty marks an array or string of length zero that is not null
	// (UA_EMPTY_ARRAY_SENTINEL).
	Empty uint32 = 1
	// Static marks data that is not on the heap, such as a string constant. It
	// can be copied and encoded, and must not be cleared.
	Static uint32 = math.MaxUint32
)

// Array is an array member of a C structure: its length and a pointer to a block.
type Array[T any] struct {
	P uint32 // the block, or Null, Empty or Static
	V []T
}

func free(m mem.Memory, p uint32) {
	switch p {
	case Null, Empty:
	case Static:
		panic("opcua/internal/uatypes: free of static data")
	default:
		m.Free(p)
	}
}

// calloc takes a block for n elements. A product beyond 32 bits fails without
// asking the heap, as the C library does.
func calloc(m mem.Memory, n int, size uint32, name string) uint32 {
	total := uint64(n) * uint64(size)
	if total > math.MaxUint32 {
		return Null
	}
	return m.Calloc(uint32(total), name)
}

func getArray[T any](w *Walker, a *Array[T], e *elem[T]) Status {
	var u uint32
	if s := getUint32(w, &u); s != Good {
		return s
	}
	if n := int32(u); n <= 0 {
		*a = Array[T]{}
		if n == 0 {
			a.P = Empty
		}
		return Good
	}
	// A length that cannot be in the rest of the message is refused before
	// memory is taken. The product wraps as size_t does.
	n, size := int(u), e.sizeOf()
	if w.pos+int(size*u/w.ratio) > w.end {
		return ua.StatusBadDecodingError
	}
	p := calloc(w.mem, n, size, e.name)
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	if e.wire != 0 && w.pos+n*int(e.wire) > w.end {
		free(w.mem, p)
		return ua.StatusBadDecodingError
	}
	v := make([]T, n)
	for i := range v {
		if s := e.get(w, &v[i]); s != Good {
			clearElements(w, v[:i+1], e)
			free(w.mem, p)
			return s
		}
	}
	a.P, a.V = p, v
	return Good
}

func clearElements[T any](w *Walker, v []T, e *elem[T]) {
	if e.clear == nil {
		return
	}
	outer := w.op
	w.op = opClear
	var zero T
	for i := range v {
		e.clear(w, &v[i])
		v[i] = zero
	}
	w.op = outer
}

func putArray[T any](w *Walker, a *Array[T], e *elem[T]) Status {
	n := int32(-1)
	if len(a.V) > 0 {
		n = int32(len(a.V))
	} else if a.P == Empty {
		n = 0
	}
	if s := putMember(w, &n, elemInt32.put); s != Good || n <= 0 {
		return s
	}
	if e.wire != 0 && w.pos+len(a.V)*int(e.wire) > w.end {
		return putBytes(w, elementBytes(a.V, e))
	}
	for i := range a.V {
		if s := putMember(w, &a.V[i], e.put); s != Good {
			return s
		}
	}
	return Good
}

// elementBytes returns the encoding of an array that is encoded as it lies in memory.
func elementBytes[T any](v []T, e *elem[T]) []byte {
	b := make([]byte, len(v)*int(e.wire))
	t := Walker{op: opEncode, buf: b, end: len(b)}
	for i := range v {
		e.put(&t, &v[i])
	}
	return b
}

// putBytes writes bytes that may be split between chunks.
func putBytes(w *Walker, b []byte) Status {
	for w.pos+len(b) > w.end {
		n := copy(w.buf[w.pos:w.end], b)
		w.pos += n
		if s := w.flush(); s != Good {
			return s
		}
		b = b[n:]
	}
	w.pos += copy(w.buf[w.pos:w.end], b)
	return Good
}

func arrayLength[T any](a *Array[T], e *elem[T]) uint32 {
	if e.wire != 0 {
		return 4 + e.wire*uint32(len(a.V))
	}
	n := uint32(4)
	for i := range a.V {
		n += e.length(&a.V[i])
	}
	return n
}

func clearArray[T any](w *Walker, a *Array[T], e *elem[T]) {
	clearElements(w, a.V, e)
	free(w.mem, a.P)
	*a = Array[T]{}
}

// dupArray gives a shallow copy blocks of its own (UA_Array_copy). If one
// cannot be had, the copy of every element is still tried before all go back.
func dupArray[T any](w *Walker, a *Array[T], e *elem[T]) Status {
	if len(a.V) == 0 {
		if a.P != Null {
			a.P = Empty
		}
		return Good
	}
	src := a.V
	*a = Array[T]{}
	p := calloc(w.mem, len(src), e.sizeOf(), e.name)
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	v := make([]T, len(src))
	copy(v, src)
	s := Good
	if e.dup != nil {
		for i := range v {
			if t := e.dup(w, &v[i]); t != Good {
				clearElements(w, v[i:i+1], e)
				s |= t
			}
		}
		if s != Good {
			clearElements(w, v, e)
			free(w.mem, p)
			return s
		}
	}
	a.P, a.V = p, v
	return Good
}

// visitArray visits an array member.
func visitArray[T any](w *Walker, a *Array[T], e *elem[T]) {
	switch w.op {
	case opLayout:
		w.place(4, 4)
		w.place(4, 4)
	case opDecode:
		if w.status == Good {
			w.status = getArray(w, a, e)
		}
	case opEncode:
		if w.status == Good {
			w.status = putArray(w, a, e)
		}
	case opLength:
		w.size += arrayLength(a, e)
	case opClear:
		clearArray(w, a, e)
	case opCopy:
		// After a failure in the structure open62541 sets the length to 0 also of
		// an array that it has copied: when the structure is cleared, the array
		// goes, and what its elements hold is lost (copyStructure).
		if w.status |= dupArray(w, a, e); w.status != Good && !wholeCopies(w.mem) {
			a.V = nil
		}
	}
}

// WholeCopier is a memory in which a copy that fails is given back in whole.
type WholeCopier interface{ WholeCopies() bool }

func wholeCopies(m mem.Memory) bool {
	c, ok := m.(WholeCopier)
	return ok && c.WholeCopies()
}

// sizeOf returns the size of the C type.
func (e *elem[T]) sizeOf() uint32 {
	if e.size != 0 {
		return e.size
	}
	var zero T
	return SizeOf(any(&zero).(Value))
}

// structure makes the table entry of a type that lists its members.
func structure[T any, P pointerTo[T]](name string) *elem[T] {
	return &elem[T]{
		name:   name,
		get:    func(w *Walker, x *T) Status { return decodeStruct(w, P(x)) },
		put:    func(w *Walker, x *T) Status { return encodeStruct(w, P(x)) },
		length: func(x *T) uint32 { return Length(P(x)) },
		clear:  func(w *Walker, x *T) { P(x).Walk(w) },
		dup: func(w *Walker, x *T) Status {
			outer := w.status
			w.status = Good
			P(x).Walk(w)
			s := w.status
			w.status = outer
			return s
		},
	}
}

// NewArray takes a cleared block for n elements (UA_Array_new); n == 0 gives
// the empty array. It reports whether the memory was there.
func NewArray[T any, P pointerTo[T]](m mem.Memory, n int, name string) (Array[T], bool) {
	if n == 0 {
		return Array[T]{P: Empty}, true
	}
	var zero T
	p := calloc(m, n, SizeOf(P(&zero)), name)
	if p == Null {
		return Array[T]{}, false
	}
	return Array[T]{P: p, V: make([]T, n)}, true
}

// ClearArray gives back an array with its elements (UA_Array_delete).
func ClearArray[T any, P pointerTo[T]](m mem.Memory, a *Array[T]) {
	for i := range a.V {
		Clear[T, P](m, &a.V[i])
	}
	free(m, a.P)
	*a = Array[T]{}
}

// CopyArray makes dst a deep copy of src (UA_Array_copy). At failure dst is null.
func CopyArray[T any, P pointerTo[T]](m mem.Memory, dst, src *Array[T], name string) Status {
	*dst = *src
	w := Walker{op: opCopy, mem: m}
	return dupArray(&w, dst, structure[T, P](name))
}

// NewStatusCodes is NewArray of UA_StatusCode.
func NewStatusCodes(m mem.Memory, n int) (Array[Status], bool) {
	if n == 0 {
		return Array[Status]{P: Empty}, true
	}
	p := calloc(m, n, elemStatus.size, elemStatus.name)
	if p == Null {
		return Array[Status]{}, false
	}
	return Array[Status]{P: p, V: make([]Status, n)}, true
}

// NewUInt32s is NewArray of UA_UInt32.
func NewUInt32s(m mem.Memory, n int) (Array[uint32], bool) {
	if n == 0 {
		return Array[uint32]{P: Empty}, true
	}
	p := calloc(m, n, elemUInt32.size, elemUInt32.name)
	if p == Null {
		return Array[uint32]{}, false
	}
	return Array[uint32]{P: p, V: make([]uint32, n)}, true
}

// ClearStatusCodes gives back an array of UA_StatusCode.
func ClearStatusCodes(m mem.Memory, a *Array[Status]) {
	free(m, a.P)
	*a = Array[Status]{}
}
