package sdkconfig

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A condition is a Kconfig expression over options: names, !, &&, ||, parentheses, and the comparisons = != < > <= >=
// with another name or a number. Three things are added. The name IDF stands for the release of ESP-IDF, as in
// "IDF < 5.0"; since(5.1.5, 5.2.3, 5.3.2, 5.4) holds where a change has arrived that was brought to several release
// branches: in 5.1 from 5.1.5 on, in 5.2 from 5.2.3 on, and so on, and in everything after 5.4; and chip(esp32, esp32s3)
// holds on those chips.
//
// A nil *condition always holds.
type condition struct {
	op          byte // one of: a(nd) o(r) n(ot) s(ymbol) c(omparison) v(ersion comparison) i(n releases) t(arget)
	left, right *condition
	row         int    // the option, of s and c
	cmp         string // the comparison operator, of c and v
	other       int    // the option compared with, or -1
	literal     string // the value compared with, if other is -1
	versions    []Version
	chips       []string
}

// symbols resolves an option's value while a condition is evaluated.
type symbols interface {
	version() Version
	chip() string
	value(row int) string
}

func (e *condition) holds(s symbols) bool {
	if e == nil {
		return true
	}
	switch e.op {
	case 'a':
		return e.left.holds(s) && e.right.holds(s)
	case 'o':
		return e.left.holds(s) || e.right.holds(s)
	case 'n':
		return !e.left.holds(s)
	case 's':
		return s.value(e.row) == "y"
	case 'v':
		return compared(s.version().Compare(e.versions[0]), e.cmp)
	case 'i':
		return arrived(s.version(), e.versions)
	case 't':
		return slices.Contains(e.chips, s.chip())
	}
	a, b := s.value(e.row), e.literal
	if e.other >= 0 {
		b = s.value(e.other)
	}
	x, errX := strconv.ParseInt(a, 0, 64)
	y, errY := strconv.ParseInt(b, 0, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return compared(-1, e.cmp)
		case x > y:
			return compared(1, e.cmp)
		}
		return compared(0, e.cmp)
	}
	return compared(strings.Compare(a, b), e.cmp)
}

func compared(order int, op string) bool {
	switch op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case ">":
		return order > 0
	case "<=":
		return order <= 0
	}
	return order >= 0
}

// arrived tells whether a change that first appeared in these releases is in v.
func arrived(v Version, first []Version) bool {
	newest := true
	for _, f := range first {
		if f.Major == v.Major && f.Minor == v.Minor {
			return v.Compare(f) >= 0
		}
		newest = newest && v.Compare(f) > 0
	}
	return newest
}

// parseCondition compiles text; find returns the number of an option by name. The empty text gives nil.
func parseCondition(text string, find func(string) (int, bool)) (*condition, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	p := &conditionParser{find: find}
	if err := p.split(text); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err == nil && p.next() != "" {
		err = fmt.Errorf("condition %q: unexpected %q", text, p.next())
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

type conditionParser struct {
	words []string
	at    int
	find  func(string) (int, bool)
}

func (p *conditionParser) split(text string) error {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			i++
		case strings.HasPrefix(text[i:], "&&"), strings.HasPrefix(text[i:], "||"), strings.HasPrefix(text[i:], "<="),
			strings.HasPrefix(text[i:], ">="), strings.HasPrefix(text[i:], "!="):
			p.words = append(p.words, text[i:i+2])
			i += 2
		case strings.IndexByte("()!<>=,", c) >= 0:
			p.words = append(p.words, text[i:i+1])
			i++
		default:
			j := i
			for j < len(text) && (isNameByte(text[j]) || text[j] == '.') {
				j++
			}
			if j == i {
				return fmt.Errorf("condition %q: unexpected %q", text, text[i:i+1])
			}
			p.words = append(p.words, text[i:j])
			i = j
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

func (p *conditionParser) next() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

func (p *conditionParser) take() string {
	w := p.next()
	p.at++
	return w
}

func (p *conditionParser) or() (*condition, error)  { return p.chain("||", 'o', p.and) }
func (p *conditionParser) and() (*condition, error) { return p.chain("&&", 'a', p.term) }

func (p *conditionParser) chain(word string, op byte, part func() (*condition, error)) (*condition, error) {
	e, err := part()
	for err == nil && p.next() == word {
		p.take()
		var r *condition
		if r, err = part(); err == nil {
			e = &condition{op: op, left: e, right: r}
		}
	}
	return e, err
}

func (p *conditionParser) term() (*condition, error) {
	switch w := p.take(); w {
	case "!":
		e, err := p.term()
		return &condition{op: 'n', left: e}, err
	case "(":
		e, err := p.or()
		if err == nil && p.take() != ")" {
			err = fmt.Errorf("condition: missing )")
		}
		return e, err
	case "since":
		e := &condition{op: 'i'}
		return e, p.list("since", func(word string) error {
			v, err := release(word)
			e.versions = append(e.versions, v)
			return err
		})
	case "chip":
		e := &condition{op: 't'}
		return e, p.list("chip", func(word string) error {
			e.chips = append(e.chips, word)
			if !slices.Contains(chips, word) {
				return fmt.Errorf("condition: no chip %q", word)
			}
			return nil
		})
	case "IDF":
		cmp := p.take()
		v, err := release(p.take())
		return &condition{op: 'v', cmp: cmp, versions: []Version{v}}, err
	default:
		row, ok := p.find(w)
		if !ok {
			return nil, fmt.Errorf("condition: no option %q", w)
		}
		cmp := p.next()
		if !strings.Contains(" = != < > <= >= ", " "+cmp+" ") || cmp == "" {
			return &condition{op: 's', row: row}, nil
		}
		p.take()
		e := &condition{op: 'c', row: row, cmp: cmp, other: -1, literal: p.take()}
		if other, ok := p.find(e.literal); ok {
			e.other = other
		}
		return e, nil
	}
}

// release reads a release in the table, where 5.1 is the first release of 5.1.
func release(text string) (Version, error) {
	if strings.Count(text, ".") == 1 {
		text += ".0"
	}
	return ParseVersion(text)
}

// list reads the words between parentheses behind a name.
func (p *conditionParser) list(name string, word func(string) error) error {
	if p.take() != "(" {
		return fmt.Errorf("condition: %s without (", name)
	}
	for {
		if err := word(p.take()); err != nil {
			return err
		}
		switch p.take() {
		case ")":
			return nil
		case ",":
		default:
			return fmt.Errorf("condition: %s without )", name)
		}
	}
}

// and joins two conditions, of which nil always holds.
func and(a, b *condition) *condition {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &condition{op: 'a', left: a, right: b}
}
