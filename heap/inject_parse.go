package heap

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// InjectorSyntaxError is text that ParseInjector cannot read.
type InjectorSyntaxError struct {
	Text   string // what was to be read
	Offset int    // bytes from the start of Text
	Want   string // what was expected there
}

// Error shows what was expected where.
func (e *InjectorSyntaxError) Error() string {
	got := "the end"
	if e.Offset < len(e.Text) {
		got = strconv.Quote(e.Text[e.Offset:min(len(e.Text), e.Offset+16)])
	}
	return fmt.Sprintf("heap: injector at offset %d: want %s, got %s", e.Offset, e.Want, got)
}

// ParseInjector reads what the injectors print, such as
// `(and (task "opcua_task") (nth 3))`.
func ParseInjector(text string) (Injector, error) {
	p := injectorParser{text: text}
	x, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at != len(text) {
		return nil, p.want("nothing more")
	}
	return x, nil
}

const maxInjectorDepth = 100

type injectorParser struct {
	text string
	at   int
}

func (p *injectorParser) want(what string) error {
	return &InjectorSyntaxError{p.text, p.at, what}
}

func (p *injectorParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// word reads up to a space or parenthesis.
func (p *injectorParser) word() string {
	p.skip()
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n()\"", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *injectorParser) number(bits int, what string) (uint64, error) {
	p.skip()
	start := p.at
	n, err := strconv.ParseUint(p.word(), 10, bits)
	if err != nil {
		p.at = start
		return 0, p.want(what)
	}
	return n, nil
}

func (p *injectorParser) expr(depth int) (Injector, error) {
	p.skip()
	if depth > maxInjectorDepth {
		return nil, p.want("less nesting")
	}
	start := p.at
	if p.at == len(p.text) || p.text[p.at] != '(' {
		if p.word() == "always" {
			return Always(), nil
		}
		p.at = start
		return nil, p.want(`"always" or "("`)
	}
	p.at++
	p.skip()
	nameAt := p.at
	x, err := p.call(p.word(), nameAt, depth)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at == len(p.text) || p.text[p.at] != ')' {
		return nil, p.want(`")"`)
	}
	p.at++
	return x, nil
}

func (p *injectorParser) call(name string, nameAt, depth int) (Injector, error) {
	switch name {
	case "nth", "from":
		n, err := p.number(64, "a count")
		if name == "nth" {
			return Nth(n), err
		}
		return From(n), err
	case "larger":
		n, err := p.number(32, "a size in bytes")
		return Larger(uint32(n)), err
	case "chance":
		n, err := p.number(32, "one in how many")
		if err != nil {
			return nil, err
		}
		seed, err := p.number(64, "a seed")
		return Chance(uint32(n), seed), err
	case "task", "object", "what":
		p.skip()
		q, err := strconv.QuotedPrefix(p.text[p.at:])
		if err != nil || q[0] != '"' {
			return nil, p.want("a quoted pattern")
		}
		s, err := strconv.Unquote(q)
		if err != nil {
			return nil, p.want("a quoted pattern")
		}
		if _, err := path.Match(s, ""); err != nil {
			return nil, p.want("a pattern of path.Match")
		}
		p.at += len(q)
		return tagged{name, s}, nil
	case "caps":
		p.skip()
		start := p.at
		c, err := ParseCap(p.word())
		if err != nil {
			p.at = start
			return nil, p.want("capabilities such as DMA|INTERNAL")
		}
		return OfCaps(c), nil
	case "and", "or":
		var all []Injector
		for p.skip(); p.at < len(p.text) && p.text[p.at] != ')'; p.skip() {
			x, err := p.expr(depth + 1)
			if err != nil {
				return nil, err
			}
			all = append(all, x)
		}
		return join{name, all}, nil
	case "not":
		x, err := p.expr(depth + 1)
		return Not(x), err
	case "on", "off":
		x, err := p.expr(depth + 1)
		return &Toggle{X: x, On: name == "on"}, err
	case "atmost":
		n, err := p.number(64, "a count")
		if err != nil {
			return nil, err
		}
		x, err := p.expr(depth + 1)
		return AtMost(n, x), err
	}
	p.at = nameAt
	return nil, p.want("nth, from, larger, chance, task, object, what, caps, and, or, not, on, off or atmost")
}
