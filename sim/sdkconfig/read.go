package sdkconfig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFile is the largest file that is read. A full sdkconfig has about 60 KB.
const maxFile = 4 << 20

// maxProblems is how many problems of one file are reported before the rest is only counted.
const maxProblems = 50

// A LineError is a problem in a configuration file: where it is, what was expected there and what was found.
type LineError struct {
	File    string
	Line    int    // from 1
	Column  int    // from 1, in bytes
	Option  string // with CONFIG_; empty if the line names none
	Problem string // "expected ..., found ..."
}

// Error prints the problem as "sdkconfig:17:12: CONFIG_X: expected ..., found ...".
func (e *LineError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Column)
	if e.Option != "" {
		s += e.Option + ": "
	}
	return s + e.Problem
}

// A file is a configuration file, cut into assignments.
type file struct {
	name    string
	lines   []line
	heading string // the release that its heading names
	notes   []Note
	errs    problems
}

// A line is one assignment as written.
type line struct {
	number     int
	column     int // of the value
	name       string
	value      string
	unset      bool // "# CONFIG_X is not set"
	isDefault  bool // under "# default:"
	deprecated bool // in the block of old names that ESP-IDF appends
}

// problems collects errors, up to a limit.
type problems struct {
	list []error
	more int
}

func (p *problems) add(err error) {
	if len(p.list) < maxProblems {
		p.list = append(p.list, err)
	} else {
		p.more++
	}
}

func (p *problems) joined() error {
	slices.SortStableFunc(p.list, func(a, b error) int {
		var x, y *LineError
		if !errors.As(a, &x) || !errors.As(b, &y) {
			return 0
		}
		return cmp.Or(x.Line-y.Line, x.Column-y.Column)
	})
	if p.more > 0 {
		return errors.Join(append(p.list[:len(p.list):len(p.list)], fmt.Errorf("and %d more problems", p.more))...)
	}
	return errors.Join(p.list...)
}

// Marks in the comments of a file that ESP-IDF's tools write and read.
const (
	deprecatedBegin = "# Deprecated options for backward compatibility"
	deprecatedEnd   = "# End of deprecated options"
	headingBegin    = "# Espressif IoT Development Framework (ESP-IDF) "
	headingEnd      = " Project Configuration"
	defaultPragma   = "# default:"
	prefix          = "CONFIG_"
	notSet          = " is not set"
)

// read cuts a file into assignments. The error is for a file that cannot be read at all; malformed lines are collected.
func read(name string, r io.Reader) (*file, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("sdkconfig: %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("sdkconfig: %s: expected a configuration file, found more than %d bytes", name, maxFile)
	}
	f := &file{name: name}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexByte(data, 0); i >= 0 {
		line := 1 + bytes.Count(data[:i], []byte("\n"))
		return nil, &LineError{File: name, Line: line, Column: i - bytes.LastIndexByte(data[:i], '\n'),
			Problem: "expected text in UTF-8, found a zero byte"}
	}
	deprecated, isDefault := false, false
	number := 0
	for text := range strings.SplitSeq(string(data), "\n") {
		number++
		text = strings.TrimRight(text, " \t\r")
		l := line{number: number, deprecated: deprecated, isDefault: isDefault}
		isDefault = false
		if text == "" {
			continue
		}
		if !utf8.ValidString(text) {
			f.problem(l, 1, "expected text in UTF-8, found other bytes")
			continue
		}
		if comment := strings.TrimLeft(text, " \t"); comment[0] == '#' {
			switch {
			case strings.HasPrefix(text, deprecatedBegin):
				deprecated = true
			case strings.HasPrefix(text, deprecatedEnd):
				deprecated = false
			case text == defaultPragma:
				isDefault = true
			case strings.HasPrefix(text, headingBegin) && strings.HasSuffix(text, headingEnd):
				f.heading = strings.TrimSuffix(text[len(headingBegin):], headingEnd)
			default:
				f.comment(l, text)
			}
			continue
		}
		f.assignment(l, text)
	}
	return f, nil
}

// comment looks for "# CONFIG_X is not set" in a comment.
func (f *file) comment(l line, text string) {
	if option, ok := strings.CutPrefix(text, "# "+prefix); ok {
		option, ok = strings.CutSuffix(option, notSet)
		if ok && isName(option) {
			l.name, l.value, l.unset, l.column = option, "n", true, 1
			f.lines = append(f.lines, l)
			return
		}
	}
	loose := strings.TrimSpace(strings.TrimLeft(text, "# \t"))
	if option, ok := strings.CutSuffix(loose, notSet); ok && strings.HasPrefix(option, prefix) && isName(option) {
		f.notes = append(f.notes, Note{File: f.name, Line: l.number, Option: option,
			Text: "this is only a comment: ESP-IDF reads \"# " + option + notSet + "\", with one space after #, at the start of a line"})
	}
}

// assignment reads "CONFIG_X=value".
func (f *file) assignment(l line, text string) {
	name, value, ok := strings.Cut(text, "=")
	bare, prefixed := strings.CutPrefix(name, prefix)
	switch {
	case text[0] == ' ' || text[0] == '\t':
		f.problem(l, 1, "expected CONFIG_ at the start of the line, found a space")
	case !ok || !prefixed:
		f.problem(l, 1, "expected CONFIG_NAME=VALUE or a comment, found "+shown(text))
	case !isName(bare):
		bad := strings.IndexFunc(bare, func(r rune) bool { return r > 127 || !isNameByte(byte(r)) })
		f.problem(l, len(prefix)+max(bad, 0)+1, "expected letters, digits and _ up to =, found "+shown(bare[max(bad, 0):]))
	default:
		l.name, l.value, l.column = bare, value, len(name)+2
		f.lines = append(f.lines, l)
	}
}

func (f *file) problem(l line, column int, text string) {
	f.errs.add(&LineError{File: f.name, Line: l.number, Column: column, Problem: text})
}

func isName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return s != ""
}
