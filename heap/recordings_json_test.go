package heap_test

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The recordings are read with a parser of their own: encoding/json accepts
// repeated keys and keys in another case, and a referee must not.

// value is a JSON value: exactly one of the kinds of a recording.
type value struct {
	kind byte // 'n' integer, 's' string, 'b' bool, 'a' array, 'o' object
	n    int64
	s    string
	b    bool
	a    []value
	o    object
}

// object keeps its fields in their order.
type object []field

type field struct {
	key string
	val value
}

func (o object) get(key string) (value, bool) {
	for _, f := range o {
		if f.key == key {
			return f.val, true
		}
	}
	return value{}, false
}

func (v value) String() string {
	switch v.kind {
	case 'n':
		return strconv.FormatInt(v.n, 10)
	case 's':
		return strconv.Quote(v.s)
	case 'b':
		return strconv.FormatBool(v.b)
	case 'a':
		s := "["
		for i, e := range v.a {
			if i > 0 {
				s += ","
			}
			s += e.String()
		}
		return s + "]"
	case 'o':
		s := "{"
		for i, f := range v.o {
			if i > 0 {
				s += ","
			}
			s += strconv.Quote(f.key) + ":" + f.val.String()
		}
		return s + "}"
	}
	return "nothing"
}

func (v value) equal(w value) bool {
	if v.kind != w.kind || v.n != w.n || v.s != w.s || v.b != w.b || len(v.a) != len(w.a) || len(v.o) != len(w.o) {
		return false
	}
	for i := range v.a {
		if !v.a[i].equal(w.a[i]) {
			return false
		}
	}
	for _, f := range v.o {
		g, ok := w.o.get(f.key)
		if !ok || !f.val.equal(g) {
			return false
		}
	}
	return true
}

func num[T ~int | ~int64 | ~uint32 | ~uint64](n T) value { return value{kind: 'n', n: int64(n)} }
func str(s string) value                                 { return value{kind: 's', s: s} }
func boolean(b bool) value                               { return value{kind: 'b', b: b} }

func nums[T ~int | ~int64 | ~uint32 | ~uint64](n ...T) value {
	v := value{kind: 'a', a: make([]value, len(n))}
	for i := range n {
		v.a[i] = num(n[i])
	}
	return v
}

// parseObject reads one line, which must be one object and nothing else.
func parseObject(line []byte) (object, error) {
	p := parser{in: line}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at != len(p.in) {
		return nil, p.errorf("end of line")
	}
	if v.kind != 'o' {
		return nil, fmt.Errorf("want an object, got %v", v)
	}
	return v.o, nil
}

type parser struct {
	in []byte
	at int
}

func (p *parser) errorf(want string) error {
	got := "end of line"
	if p.at < len(p.in) {
		got = strconv.Quote(string(p.in[p.at:min(p.at+12, len(p.in))]))
	}
	return fmt.Errorf("column %d: want %s, got %s", p.at+1, want, got)
}

func (p *parser) skip() {
	for p.at < len(p.in) && (p.in[p.at] == ' ' || p.in[p.at] == '\t') {
		p.at++
	}
}

func (p *parser) peek() byte {
	p.skip()
	if p.at == len(p.in) {
		return 0
	}
	return p.in[p.at]
}

func (p *parser) word(w string) bool {
	if len(p.in)-p.at < len(w) || string(p.in[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) value() (value, error) {
	switch c := p.peek(); {
	case c == '{':
		p.at++
		v := value{kind: 'o'}
		for first := true; ; first = false {
			if p.peek() == '}' && first {
				p.at++
				return v, nil
			}
			key, err := p.str()
			if err != nil {
				return v, err
			}
			if _, twice := v.o.get(key); twice {
				return v, fmt.Errorf("column %d: field %q twice", p.at, key)
			}
			if p.peek() != ':' {
				return v, p.errorf(`":"`)
			}
			p.at++
			e, err := p.value()
			if err != nil {
				return v, err
			}
			v.o = append(v.o, field{key, e})
			switch p.peek() {
			case ',':
				p.at++
			case '}':
				p.at++
				return v, nil
			default:
				return v, p.errorf(`"," or "}"`)
			}
		}
	case c == '[':
		p.at++
		v := value{kind: 'a', a: make([]value, 0, 8)}
		for first := true; ; first = false {
			if p.peek() == ']' && first {
				p.at++
				return v, nil
			}
			e, err := p.value()
			if err != nil {
				return v, err
			}
			v.a = append(v.a, e)
			switch p.peek() {
			case ',':
				p.at++
			case ']':
				p.at++
				return v, nil
			default:
				return v, p.errorf(`"," or "]"`)
			}
		}
	case c == '"':
		s, err := p.str()
		return str(s), err
	case c == 't' && p.word("true"):
		return boolean(true), nil
	case c == 'f' && p.word("false"):
		return boolean(false), nil
	case c == '-' || c >= '0' && c <= '9':
		start := p.at
		for p.at++; p.at < len(p.in) && (p.in[p.at] >= '0' && p.in[p.at] <= '9' || p.in[p.at] == '.' || p.in[p.at]|0x20 == 'e'); p.at++ {
		}
		s := string(p.in[start:p.at])
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != s {
			p.at = start
			return value{}, p.errorf("a plain integer")
		}
		return num(n), nil
	}
	return value{}, p.errorf("a value")
}

func (p *parser) str() (string, error) {
	if p.peek() != '"' {
		return "", p.errorf("a string")
	}
	start := p.at
	for p.at++; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; {
		case c == '"':
			s := p.in[start+1 : p.at]
			if !utf8.Valid(s) {
				p.at = start
				return "", p.errorf("UTF-8")
			}
			p.at++
			return string(s), nil
		case c == '\\' || c < ' ':
			return "", p.errorf("a string without escapes")
		}
	}
	return "", p.errorf("the end of a string")
}
