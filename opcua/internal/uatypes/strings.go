package uatypes

import (
	"bytes"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Str is UA_String, UA_ByteString and UA_XmlElement: a length and a pointer.
type Str struct {
	P uint32 // the block, or Null, Empty or Static
	B []byte
}

// Const returns a string constant, which is not on the heap.
func Const(s string) Str { return Str{P: Static, B: []byte(s)} }

// String returns the text.
func (s *Str) String() string { return string(s.B) }

// Equal reports whether two strings have the same bytes; null equals empty
// (UA_String_equal).
func (s *Str) Equal(t *Str) bool { return bytes.Equal(s.B, t.B) }

// Walk implements [Value].
func (s *Str) Walk(w *Walker) { w.String(s) }

func getString(w *Walker, s *Str) Status {
	var u uint32
	if st := getUint32(w, &u); st != Good {
		return st
	}
	if n := int32(u); n <= 0 {
		*s = Str{}
		if n == 0 {
			s.P = Empty
		}
		return Good
	}
	if w.pos+int(u/w.ratio) > w.end {
		return ua.StatusBadDecodingError
	}
	p := w.mem.Calloc(u, "UA_String")
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	n := int(u)
	if w.pos+n > w.end {
		free(w.mem, p)
		return ua.StatusBadDecodingError
	}
	*s = Str{P: p, B: append([]byte(nil), w.buf[w.pos:w.pos+n]...)}
	w.pos += n
	return Good
}

func putString(w *Walker, s *Str) Status {
	n := int32(-1)
	if len(s.B) > 0 {
		n = int32(len(s.B))
	} else if s.P == Empty {
		n = 0
	}
	if st := putMember(w, &n, elemInt32.put); st != Good || n <= 0 {
		return st
	}
	return putBytes(w, s.B)
}

func stringLength(s *Str) uint32 { return 4 + uint32(len(s.B)) }

func clearString(w *Walker, s *Str) {
	free(w.mem, s.P)
	*s = Str{}
}

func dupString(w *Walker, s *Str) Status {
	if len(s.B) == 0 {
		if s.P != Null {
			s.P = Empty
		}
		return Good
	}
	src := s.B
	*s = Str{}
	p := w.mem.Calloc(uint32(len(src)), "UA_String")
	if p == Null {
		return ua.StatusBadOutOfMemory
	}
	// The bytes of a string never change, so that copies can share them.
	*s = Str{P: p, B: src}
	return Good
}

var elemString = &elem[Str]{name: "UA_String", size: 8, align: 4,
	get: getString, put: putString, length: stringLength, clear: clearString, dup: dupString}

// String visits a member of type UA_String, UA_ByteString or UA_XmlElement.
func (w *Walker) String(s *Str) { builtin(w, s, elemString) }

// QualifiedName is UA_QualifiedName.
type QualifiedName struct {
	NamespaceIndex uint16
	Name           Str
}

// Walk implements [Value].
func (q *QualifiedName) Walk(w *Walker) { w.QualifiedName(q) }

// Equal reports whether two names are the same (UA_QualifiedName_equal).
func (q *QualifiedName) Equal(r *QualifiedName) bool {
	return q.NamespaceIndex == r.NamespaceIndex && q.Name.Equal(&r.Name)
}

var elemQualifiedName = &elem[QualifiedName]{name: "UA_QualifiedName", size: 12, align: 4,
	get: func(w *Walker, q *QualifiedName) Status {
		s := getUint16(w, &q.NamespaceIndex)
		return s | getString(w, &q.Name)
	},
	put: func(w *Walker, q *QualifiedName) Status {
		if s := putUint16(w, &q.NamespaceIndex); s != Good {
			return s
		}
		return putString(w, &q.Name)
	},
	length: func(q *QualifiedName) uint32 { return 2 + stringLength(&q.Name) },
	clear:  func(w *Walker, q *QualifiedName) { clearString(w, &q.Name) },
	dup:    func(w *Walker, q *QualifiedName) Status { return dupString(w, &q.Name) },
}

// QualifiedName visits a member of type UA_QualifiedName.
func (w *Walker) QualifiedName(q *QualifiedName) { builtin(w, q, elemQualifiedName) }

// LocalizedText is UA_LocalizedText.
type LocalizedText struct {
	Locale, Text Str
}

// Walk implements [Value].
func (l *LocalizedText) Walk(w *Walker) { w.LocalizedText(l) }

var elemLocalizedText = &elem[LocalizedText]{name: "UA_LocalizedText", size: 16, align: 4,
	get: func(w *Walker, l *LocalizedText) Status {
		var mask uint8
		s := getByte(w, &mask)
		if mask&1 != 0 {
			s |= getString(w, &l.Locale)
		}
		if mask&2 != 0 {
			s |= getString(w, &l.Text)
		}
		return s
	},
	put: func(w *Walker, l *LocalizedText) Status {
		var mask uint8
		if l.Locale.P != Null {
			mask |= 1
		}
		if l.Text.P != Null {
			mask |= 2
		}
		s := putByte(w, &mask)
		if s != Good {
			return s
		}
		if mask&1 != 0 {
			s |= putString(w, &l.Locale)
		}
		if mask&2 != 0 {
			s |= putString(w, &l.Text)
		}
		return s
	},
	length: func(l *LocalizedText) uint32 {
		n := uint32(1)
		if l.Locale.P != Null {
			n += stringLength(&l.Locale)
		}
		if l.Text.P != Null {
			n += stringLength(&l.Text)
		}
		return n
	},
	clear: func(w *Walker, l *LocalizedText) {
		clearString(w, &l.Locale)
		clearString(w, &l.Text)
	},
	dup: func(w *Walker, l *LocalizedText) Status {
		s := dupString(w, &l.Locale)
		return s | dupString(w, &l.Text)
	},
}

// LocalizedText visits a member of type UA_LocalizedText.
func (w *Walker) LocalizedText(l *LocalizedText) { builtin(w, l, elemLocalizedText) }

// NewBuffer takes an uncleared block of n bytes (UA_ByteString_allocBuffer);
// n == 0 gives a null string. It reports whether the memory was there.
func NewBuffer(m mem.Memory, n uint32, name string) (Str, bool) {
	if n == 0 {
		return Str{}, true
	}
	p := m.Malloc(n, name)
	if p == Null {
		return Str{}, false
	}
	return Str{P: p, B: make([]byte, n)}, true
}
