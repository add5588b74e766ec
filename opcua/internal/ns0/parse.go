package ns0

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gopcua/opcua/ua"
)

// SyntaxError is a line of a table that cannot be read.
type SyntaxError struct {
	File string
	Line int
	Err  error
}

// Error names the file, the line and what was expected.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Parse reads a table in the format that the head of reduced.txt describes. The
// name is for error messages, which are of type *SyntaxError.
func Parse(name string, r io.Reader) (*Set, error) {
	set := &Set{}
	var into *[]Step
	sc := bufio.NewScanner(r)
	line := 0
	for sc.Scan() {
		line++
		words, err := split(sc.Text(), ' ')
		if err == nil && len(words) > 0 {
			switch {
			case words[0] == "base" && len(words) == 1:
				into = &set.Base
				continue
			case words[0] == "generated" && len(words) == 1:
				into = &set.Generated
				continue
			case into == nil:
				err = errors.New(`expected "base" or "generated" before the first step`)
			}
			var s Step
			if err == nil {
				s, err = parseStep(words)
			}
			s.Line = line
			if err == nil {
				*into = append(*into, s)
			}
		}
		if err != nil {
			return nil, &SyntaxError{File: name, Line: line, Err: err}
		}
	}
	if err := sc.Err(); err != nil {
		return nil, &SyntaxError{File: name, Line: line + 1, Err: err}
	}
	return set, nil
}

// split cuts a line at a separator, but not inside quotes, and drops empty
// parts. A line that begins with # has no parts.
func split(line string, sep byte) ([]string, error) {
	if strings.HasPrefix(line, "#") {
		return nil, nil
	}
	var parts []string
	start, quoted := 0, false
	for i := 0; i <= len(line); i++ {
		switch {
		case i == len(line) || line[i] == sep && !quoted:
			if i > start {
				parts = append(parts, line[start:i])
			}
			start = i + 1
		case line[i] == '"':
			quoted = !quoted
		}
	}
	if quoted {
		return nil, errors.New("a quote without its pair")
	}
	return parts, nil
}

func parseStep(words []string) (Step, error) {
	var s Step
	want := 0 // words after the verb, without attributes
	switch words[0] {
	case "raw":
		s.Verb, want = Raw, 3
	case "add":
		s.Verb, want = Add, 6
	case "begin":
		s.Verb, want = Begin, 6
	case "finish":
		s.Verb, want = Finish, 1
	case "method":
		s.Verb, want = FinishMethod, 1
	case "link":
		s.Verb, want = Link, 3
	case "ref":
		s.Verb, want = Ref, 4
	default:
		return s, fmt.Errorf("unknown verb %q", words[0])
	}
	args := words[1:]
	hasNode := s.Verb <= Begin
	if len(args) < want || len(args) > want && !hasNode {
		return s, fmt.Errorf("%q takes %d words, found %d", words[0], want, len(args))
	}
	var err error
	id := func(i int) (n uint32) {
		if err == nil {
			n, err = number(args[i])
		}
		return n
	}
	switch {
	case hasNode:
		if s.Class, err = class(args[0]); err != nil {
			return s, err
		}
		s.ID = id(1)
		if s.Verb != Raw {
			s.Parent, s.Reference, s.Type = id(2), id(3), id(4)
		}
		if err == nil {
			s.BrowseName, err = unquote(args[want-1])
		}
		if err == nil {
			s.Attributes.DisplayName = s.BrowseName
			err = parseAttributes(&s.Attributes, args[want:])
		}
	case s.Verb == Link:
		s.ID, s.Parent, s.Reference = id(0), id(1), id(2)
	case s.Verb == Ref:
		s.ID, s.Reference, s.Parent = id(0), id(1), id(2)
		switch args[3] {
		case "forward":
			s.Forward = true
		case "inverse":
		default:
			return s, fmt.Errorf("expected forward or inverse, found %q", args[3])
		}
	default:
		s.ID = id(0)
	}
	return s, err
}

func class(word string) (ua.NodeClass, error) {
	for _, c := range []ua.NodeClass{ua.NodeClassObject, ua.NodeClassVariable, ua.NodeClassMethod,
		ua.NodeClassObjectType, ua.NodeClassVariableType, ua.NodeClassReferenceType,
		ua.NodeClassDataType, ua.NodeClassView} {
		if c.String() == "NodeClass"+word {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown node class %q", word)
}

func number(word string) (uint32, error) {
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a number, found %q", word)
	}
	return uint32(n), nil
}

func unquote(word string) (string, error) {
	if len(word) < 2 || word[0] != '"' || word[len(word)-1] != '"' || strings.Count(word, `"`) != 2 {
		return "", fmt.Errorf("expected a quoted text, found %s", word)
	}
	return word[1 : len(word)-1], nil
}

func parseAttributes(a *Attributes, words []string) error {
	for _, w := range words {
		key, val, hasValue := strings.Cut(w, "=")
		var err error
		var n uint32
		switch {
		case !hasValue && key == "abstract":
			a.IsAbstract = true
		case !hasValue && key == "symmetric":
			a.Symmetric = true
		case !hasValue && key == "executable":
			a.Executable = true
		case !hasValue:
			err = fmt.Errorf("unknown attribute %q", w)
		case key == "display":
			a.DisplayName, err = unquote(val)
		case key == "inverse":
			a.InverseName, err = unquote(val)
		case key == "type":
			a.DataType, err = number(val)
		case key == "rank":
			a.ValueRank, err = signed(val)
		case key == "dims":
			n, err = number(val)
			a.ArrayDimensions = append(a.ArrayDimensions, n)
		case key == "access":
			a.AccessLevel, err = small(val)
		case key == "sampling":
			a.MinimumSamplingInterval, err = number(val)
		case key == "events":
			a.EventNotifier, err = small(val)
		case key == "value":
			err = parseValue(a, val)
		default:
			err = fmt.Errorf("unknown attribute %q", w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
