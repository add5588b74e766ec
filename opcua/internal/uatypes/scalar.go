package uatypes

import (
	"encoding/binary"
	"math"

	"github.com/gopcua/opcua/ua"
)

// Guid is UA_Guid as it lies in memory and on the wire (Part 6, 5.2.2.6).
type Guid [16]byte

func (w *Walker) take(n int) ([]byte, Status) {
	if w.pos+n > w.end {
		return nil, ua.StatusBadDecodingError
	}
	b := w.buf[w.pos : w.pos+n]
	w.pos += n
	return b, Good
}

func (w *Walker) room(n int) ([]byte, Status) {
	if w.pos+n > w.end {
		return nil, limitsExceeded
	}
	b := w.buf[w.pos : w.pos+n]
	w.pos += n
	return b, Good
}

func getByte(w *Walker, x *uint8) Status {
	b, s := w.take(1)
	if s == Good {
		*x = b[0]
	}
	return s
}

func putByte(w *Walker, x *uint8) Status {
	b, s := w.room(1)
	if s == Good {
		b[0] = *x
	}
	return s
}

func getUint16(w *Walker, x *uint16) Status {
	b, s := w.take(2)
	if s == Good {
		*x = binary.LittleEndian.Uint16(b)
	}
	return s
}

func putUint16(w *Walker, x *uint16) Status {
	b, s := w.room(2)
	if s == Good {
		binary.LittleEndian.PutUint16(b, *x)
	}
	return s
}

func getUint32(w *Walker, x *uint32) Status {
	b, s := w.take(4)
	if s == Good {
		*x = binary.LittleEndian.Uint32(b)
	}
	return s
}

func putUint32(w *Walker, x *uint32) Status {
	b, s := w.room(4)
	if s == Good {
		binary.LittleEndian.PutUint32(b, *x)
	}
	return s
}

func getUint64(w *Walker, x *uint64) Status {
	b, s := w.take(8)
	if s == Good {
		*x = binary.LittleEndian.Uint64(b)
	}
	return s
}

func putUint64(w *Walker, x *uint64) Status {
	b, s := w.room(8)
	if s == Good {
		binary.LittleEndian.PutUint64(b, *x)
	}
	return s
}

func getGuid(w *Walker, x *Guid) Status {
	b, s := w.take(16)
	copy(x[:], b)
	return s
}

func putGuid(w *Walker, x *Guid) Status {
	b, s := w.room(16)
	copy(b, x[:])
	return s
}

// number makes the table entry of a type that is an unsigned number on the wire.
func number[T, U any](name string, size uint32, get, put func(*Walker, *U) Status, from func(U) T, to func(T) U) *elem[T] {
	return &elem[T]{
		name: name, size: size, align: size, wire: size,
		get: func(w *Walker, x *T) Status {
			var u U
			s := get(w, &u)
			if s == Good {
				*x = from(u)
			}
			return s
		},
		put: func(w *Walker, x *T) Status {
			u := to(*x)
			return put(w, &u)
		},
		length: func(*T) uint32 { return size },
	}
}

func fixed[T any](size uint32) func(*T) uint32 { return func(*T) uint32 { return size } }

var (
	elemBoolean = number("UA_Boolean", 1, getByte, putByte,
		func(u uint8) bool { return u > 0 },
		func(x bool) uint8 {
			if x {
				return 1
			}
			return 0
		})
	elemSByte  = number("UA_SByte", 1, getByte, putByte, func(u uint8) int8 { return int8(u) }, func(x int8) uint8 { return uint8(x) })
	elemByte   = &elem[uint8]{name: "UA_Byte", size: 1, align: 1, wire: 1, get: getByte, put: putByte, length: fixed[uint8](1)}
	elemInt16  = number("UA_Int16", 2, getUint16, putUint16, func(u uint16) int16 { return int16(u) }, func(x int16) uint16 { return uint16(x) })
	elemUInt16 = &elem[uint16]{name: "UA_UInt16", size: 2, align: 2, wire: 2, get: getUint16, put: putUint16, length: fixed[uint16](2)}
	elemInt32  = number("UA_Int32", 4, getUint32, putUint32, func(u uint32) int32 { return int32(u) }, func(x int32) uint32 { return uint32(x) })
	elemUInt32 = &elem[uint32]{name: "UA_UInt32", size: 4, align: 4, wire: 4, get: getUint32, put: putUint32, length: fixed[uint32](4)}
	elemStatus = number("UA_StatusCode", 4, getUint32, putUint32, func(u uint32) Status { return Status(u) }, func(x Status) uint32 { return uint32(x) })
	elemInt64  = number("UA_Int64", 8, getUint64, putUint64, func(u uint64) int64 { return int64(u) }, func(x int64) uint64 { return uint64(x) })
	elemUInt64 = &elem[uint64]{name: "UA_UInt64", size: 8, align: 8, wire: 8, get: getUint64, put: putUint64, length: fixed[uint64](8)}
	elemFloat  = number("UA_Float", 4, getUint32, putUint32, math.Float32frombits, math.Float32bits)
	elemDouble = number("UA_Double", 8, getUint64, putUint64, math.Float64frombits, math.Float64bits)
	elemGuid   = &elem[Guid]{name: "UA_Guid", size: 16, align: 4, wire: 16, get: getGuid, put: putGuid, length: fixed[Guid](16)}
)

// Boolean visits a member of type UA_Boolean.
func (w *Walker) Boolean(x *bool) { builtin(w, x, elemBoolean) }

// SByte visits a member of type UA_SByte.
func (w *Walker) SByte(x *int8) { builtin(w, x, elemSByte) }

// Byte visits a member of type UA_Byte.
func (w *Walker) Byte(x *uint8) { builtin(w, x, elemByte) }

// Int16 visits a member of type UA_Int16.
func (w *Walker) Int16(x *int16) { builtin(w, x, elemInt16) }

// UInt16 visits a member of type UA_UInt16.
func (w *Walker) UInt16(x *uint16) { builtin(w, x, elemUInt16) }

// Int32 visits a member of type UA_Int32.
func (w *Walker) Int32(x *int32) { builtin(w, x, elemInt32) }

// UInt32 visits a member of type UA_UInt32 or of an enumeration.
func (w *Walker) UInt32(x *uint32) { builtin(w, x, elemUInt32) }

// StatusCode visits a member of type UA_StatusCode.
func (w *Walker) StatusCode(x *Status) { builtin(w, x, elemStatus) }

// Int64 visits a member of type UA_Int64 or UA_DateTime.
func (w *Walker) Int64(x *int64) { builtin(w, x, elemInt64) }

// UInt64 visits a member of type UA_UInt64.
func (w *Walker) UInt64(x *uint64) { builtin(w, x, elemUInt64) }

// Float visits a member of type UA_Float.
func (w *Walker) Float(x *float32) { builtin(w, x, elemFloat) }

// Double visits a member of type UA_Double or UA_Duration.
func (w *Walker) Double(x *float64) { builtin(w, x, elemDouble) }

// Guid visits a member of type UA_Guid.
func (w *Walker) Guid(x *Guid) { builtin(w, x, elemGuid) }
