package uatypes

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Status is an OPC UA status code. Like open62541, the code here joins the
// results of independent steps with a bitwise or, so that a value can be a
// mixture of two codes.
type Status = ua.StatusCode

// Good is the status code of success.
const Good Status = 0

// maxRecursion is the nesting depth at which decoding and encoding give up
// (UA_ENCODING_MAX_RECURSION).
const maxRecursion = 100

// limitsExceeded means that the buffer is full: it never leaves this package.
const limitsExceeded Status = 0x80080000 // BadEncodingLimitsExceeded

// Value is a type that lists its members for a [Walker], in the order of the
// C structure. All types of this package are Values through their pointers.
type Value interface {
	Walk(w *Walker)
}

// pointerTo is satisfied by the pointer type of every Value type T.
type pointerTo[T any] interface {
	*T
	Value
}

type operation uint8

const (
	opLayout operation = iota
	opDecode
	opEncode
	opLength
	opClear
	opCopy
)

// Walker is one operation on a value while it visits the members. Only the
// functions of this package make one.
type Walker struct {
	op     operation
	mem    mem.Memory
	status Status // of the structure being walked
	depth  int

	// Decoding and encoding: the buffer, the next byte and the limit.
	buf      []byte
	pos, end int
	ratio    uint32                 // how many times larger than its encoding an array can be
	exchange func(w *Walker) Status // sends a full chunk, nil if there is only one

	// Layout: bytes so far and the strictest alignment. Length: bytes so far.
	size, align uint32
}

// place adds a member to the layout of a C structure.
func (w *Walker) place(size, align uint32) {
	w.size = (w.size + align - 1) &^ (align - 1)
	w.size += size
	w.align = max(w.align, align)
}

// layout returns sizeof and alignof of a structure. A structure without
// members is a void pointer in open62541's generated headers.
func layout(v Value) (size, align uint32) {
	w := Walker{op: opLayout, align: 1}
	v.Walk(&w)
	if w.size == 0 {
		return 4, 4
	}
	return (w.size + w.align - 1) &^ (w.align - 1), w.align
}

// SizeOf returns the size in bytes of the C structure of a value.
func SizeOf(v Value) uint32 {
	size, _ := layout(v)
	return size
}

// Decode reads a value from buf at pos and returns the position behind it. If
// it fails, the blocks taken so far are given back and v is undefined
// (UA_decodeBinary).
func Decode[T any, P pointerTo[T]](m mem.Memory, buf []byte, pos int, v P) (int, Status) {
	return DecodeWithin[T](m, buf, pos, v, arrayRatio)
}

// arrayRatio is that of the first version: an array of which a larger part of the
// message would be missing is refused before memory is taken for it.
const arrayRatio = 32

// DecodeWithin is Decode with another ratio between the size of an array and the
// bytes that must be left of the message.
func DecodeWithin[T any, P pointerTo[T]](m mem.Memory, buf []byte, pos int, v P, ratio uint32) (int, Status) {
	var zero T
	*v = zero
	w := Walker{op: opDecode, mem: m, buf: buf, pos: pos, end: len(buf), ratio: ratio}
	if s := decodeStruct(&w, v); s != Good {
		Clear[T](m, v)
		return pos, s
	}
	return w.pos, Good
}

// Clear gives back all blocks of a value, in the order of UA_clear, and zeroes it.
func Clear[T any, P pointerTo[T]](m mem.Memory, v P) {
	w := Walker{op: opClear, mem: m}
	v.Walk(&w)
	var zero T
	*v = zero
}

// Scratch is room for walking values that a caller keeps, for paths that are
// walked so often that the room is worth sparing.
type Scratch struct{ w Walker }

// ClearDataValue is Clear of a data value.
func (s *Scratch) ClearDataValue(m mem.Memory, v *DataValue) {
	s.w = Walker{op: opClear, mem: m}
	v.Walk(&s.w)
	*v = DataValue{}
}

// EncodeDataValue encodes a data value into buf and returns how many bytes it
// has (Encoder.Encode without a second buffer).
func (s *Scratch) EncodeDataValue(v *DataValue, buf []byte) (int, Status) {
	s.w = Walker{op: opEncode, buf: buf, end: len(buf)}
	s.w.Member(v)
	return s.w.pos, s.w.status
}

// Copy makes dst a deep copy of src. If a block cannot be had, dst is cleared
// after the remaining members were copied, as UA_copy does it.
func Copy[T any, P pointerTo[T]](m mem.Memory, dst, src P) Status {
	*dst = *src
	w := Walker{op: opCopy, mem: m}
	dst.Walk(&w)
	if w.status != Good {
		Clear[T](m, dst)
	}
	return w.status
}

// Length returns the number of bytes of the binary encoding (UA_calcSizeBinary).
func Length(v Value) uint32 {
	w := Walker{op: opLength}
	v.Walk(&w)
	return w.size
}

// decodeStruct decodes the members of a structure until one fails.
func decodeStruct(w *Walker, v Value) Status {
	if w.depth > maxRecursion {
		return ua.StatusBadEncodingError
	}
	w.depth++
	outer := w.status
	w.status = Good
	v.Walk(w)
	s := w.status
	w.status = outer
	w.depth--
	return s
}

// encodeStruct encodes the members of a structure until one fails.
func encodeStruct(w *Walker, v Value) Status { return decodeStruct(w, v) }

// Member visits a structure inside a structure.
func (w *Walker) Member(v Value) {
	switch w.op {
	case opLayout:
		w.place(layout(v))
	case opDecode:
		if w.status == Good {
			w.status = decodeStruct(w, v)
		}
	case opEncode:
		if w.status == Good {
			w.status = encodeStruct(w, v)
		}
	case opCopy:
		outer := w.status
		w.status = Good
		v.Walk(w)
		w.status |= outer
	default:
		v.Walk(w)
	}
}

// putMember encodes a member. If the buffer is full it takes back what the
// member wrote, exchanges the buffer for an empty one and tries again
// (encodeWithExchangeBuffer).
func putMember[T any](w *Walker, x *T, put func(*Walker, *T) Status) Status {
	start := w.pos
	s := put(w, x)
	if s != limitsExceeded {
		return s
	}
	w.pos = start
	if s = w.flush(); s != Good {
		return s
	}
	return put(w, x)
}

// flush exchanges the full buffer for an empty one.
func (w *Walker) flush() Status {
	if w.exchange == nil {
		return ua.StatusBadEncodingError
	}
	return w.exchange(w)
}

// builtin visits a member whose type needs more than its members: get, put,
// length, clear and dup are its entries of the jump tables.
func builtin[T any](w *Walker, x *T, e *elem[T]) {
	switch w.op {
	case opLayout:
		w.place(e.size, e.align)
	case opDecode:
		if w.status == Good {
			w.status = e.get(w, x)
		}
	case opEncode:
		if w.status == Good {
			w.status = putMember(w, x, e.put)
		}
	case opLength:
		w.size += e.length(x)
	case opClear:
		if e.clear != nil {
			e.clear(w, x)
		}
	case opCopy:
		if e.dup != nil {
			w.status |= e.dup(w, x)
		}
	}
}

// elem is the entry of one type in open62541's jump tables. A type without
// blocks has no clear and no dup.
type elem[T any] struct {
	name        string // of the C type
	size, align uint32 // of the C type; 0: what its members come to
	wire        uint32 // bytes of the encoding if an array is encoded as it lies in memory, else 0
	get         func(*Walker, *T) Status
	put         func(*Walker, *T) Status
	length      func(*T) uint32
	clear       func(*Walker, *T)
	dup         func(*Walker, *T) Status // makes a shallow copy a deep one
}
