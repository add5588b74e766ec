package casebook

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// sectionMark begins the line that opens a section.
const sectionMark = "==="

// Parse reads a script. Every verb, call, figure and argument of it is checked;
// the error joins all that is wrong, each an *Error with its line. r says which
// firmware of the caller's own the script may name.
func (r Runner) Parse(file string, text []byte) (*Script, error) {
	if !utf8.Valid(text) {
		return nil, &Error{File: file, Line: 1, Err: errors.New("the file is not UTF-8 text")}
	}
	s := &Script{File: file, lines: strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")}
	p := &parser{script: s}
	for i, l := range s.lines {
		p.line(i+1, l)
	}
	p.complete()
	if len(p.errs) == 0 {
		for i := range max(1, len(s.Sections)) {
			_, errs := s.compile(r, i)
			p.errs = append(p.errs, errs...)
			if len(errs) > 0 {
				break // the prelude's errors would come again
			}
		}
	}
	return s, errors.Join(p.errs...)
}

type parser struct {
	script *Script
	errs   []error
	stack  []level  // open bodies, the outermost first
	began  bool     // a statement was read, so comments are no longer prose
	above  []string // lines of comment directly above
}

type level struct {
	indent int
	last   *Statement
}

func (p *parser) fail(line int, text, format string, args ...any) {
	p.errs = append(p.errs, &Error{File: p.script.File, Line: line, Text: text, Err: fmt.Errorf(format, args...)})
}

func (p *parser) line(n int, l string) {
	text := strings.TrimRight(l, " \r")
	trimmed := strings.TrimLeft(text, " ")
	switch {
	case trimmed == "":
		p.above = nil
		if !p.began && p.script.Prose != "" {
			p.script.Prose += "\n"
		}
		return
	case strings.HasPrefix(trimmed, "#"):
		line := strings.TrimSpace(strings.TrimPrefix(trimmed, "#"))
		if !p.began {
			p.script.Prose += line + "\n"
		}
		p.above = append(p.above, line)
		return
	case strings.ContainsRune(text, '\t'):
		p.fail(n, strings.TrimSpace(text), "a tab: indent with spaces")
		return
	}
	p.began = true
	if strings.HasPrefix(trimmed, sectionMark) {
		p.section(n, text, strings.TrimSpace(strings.TrimPrefix(trimmed, sectionMark)))
		return
	}
	words, comment, err := split(trimmed)
	if err != nil {
		p.fail(n, trimmed, "%w", err)
		return
	}
	if comment == "" {
		comment = strings.Join(p.above, " ")
	}
	p.above = nil
	p.statement(&Statement{Line: n, Words: words, Comment: comment, file: p.script.File}, len(text)-len(trimmed), trimmed)
}

func (p *parser) section(n int, text, name string) {
	if text[0] == ' ' || name == "" {
		p.fail(n, strings.TrimSpace(text), "a section begins with %q at the start of a line, followed by what it shows", sectionMark)
		return
	}
	p.stack = nil
	p.script.Sections = append(p.script.Sections, &Section{Name: name, line: n})
}

func (p *parser) statement(s *Statement, indent int, raw string) {
	for len(p.stack) > 0 && p.stack[len(p.stack)-1].indent > indent {
		p.stack = p.stack[:len(p.stack)-1]
	}
	if len(p.stack) == 0 && indent > 0 {
		p.fail(s.Line, raw, "indented, but no statement above it is less so")
		return
	}
	if len(p.stack) == 0 || p.stack[len(p.stack)-1].indent < indent {
		p.stack = append(p.stack, level{indent: indent})
	}
	if len(p.stack) > maxDepth {
		p.fail(s.Line, raw, "indented more than %d times", maxDepth)
		return
	}
	depth := len(p.stack) - 1
	p.stack[depth].last = s
	switch {
	case depth > 0:
		above := p.stack[depth-1].last
		above.Body = append(above.Body, s)
	case p.heading(s, raw):
	case len(p.script.Sections) > 0:
		c := p.script.Sections[len(p.script.Sections)-1]
		c.body = append(c.body, s)
	default:
		p.script.prelude = append(p.script.prelude, s)
	}
}

// maxDepth bounds how deep statements may be indented.
const maxDepth = 20

// heading reads the lines that describe the case, and reports whether s is one.
func (p *parser) heading(s *Statement, raw string) bool {
	_, rest, _ := strings.Cut(raw, " ")
	rest = strings.TrimSpace(rest)
	switch s.Verb() {
	case "case", "title", "source", "about", "not-modelled":
	default:
		return false
	}
	if rest == "" {
		p.fail(s.Line, raw, "%s is followed by a text", s.Verb())
		return true
	}
	if len(p.script.Sections) > 0 {
		p.fail(s.Line, raw, "%s belongs before the first section", s.Verb())
		return true
	}
	once := func(field *string) {
		if *field != "" {
			p.fail(s.Line, raw, "a second %s; the first is %q", s.Verb(), *field)
		}
		*field = rest
	}
	switch s.Verb() {
	case "case":
		once(&p.script.ID)
	case "title":
		once(&p.script.Title)
	case "not-modelled":
		once(&p.script.NotModelled)
	case "about":
		p.script.About = append(p.script.About, strings.Fields(rest)...)
	case "source":
		if u, err := url.Parse(rest); err != nil || u.Host == "" || strings.ContainsAny(rest, " ") {
			p.fail(s.Line, raw, "an address such as https://github.com/owner/name/issues/1 was expected")
		}
		p.script.Sources = append(p.script.Sources, rest)
	}
	return true
}

// complete checks what a whole script needs.
func (p *parser) complete() {
	s := p.script
	need := func(ok bool, what string) {
		if !ok {
			p.fail(len(s.lines), "", "the script has no %s", what)
		}
	}
	need(s.ID != "", "line \"case NUMBER\"")
	need(s.Title != "", "line \"title TEXT\"")
	need(len(s.Sources) > 0, "line \"source ADDRESS\"")
	if s.NotModelled == "" {
		need(len(s.Sections) > 0, "section, which begins with "+sectionMark)
	} else if len(s.Sections) > 0 || len(s.prelude) > 0 {
		p.fail(len(s.lines), "", "the case is said not to be modelled, but has statements")
	}
	for _, c := range s.Sections {
		if len(c.body) == 0 {
			p.fail(c.line, sectionMark+" "+c.Name, "the section has no statements")
		}
	}
}

// split divides a line into words. Double quotes hold a text together; "#" at
// the start of a word begins a comment.
func split(l string) (words []string, comment string, err error) {
	for {
		l = strings.TrimLeft(l, " ")
		switch {
		case l == "":
			return words, "", nil
		case l[0] == '#':
			return words, strings.TrimSpace(l[1:]), nil
		case l[0] == '"':
			text, rest, ok := strings.Cut(l[1:], "\"")
			if !ok {
				return nil, "", errors.New("a quote is not closed")
			}
			words, l = append(words, text), rest
		default:
			word, rest, _ := strings.Cut(l, " ")
			words, l = append(words, word), rest
		}
	}
}
