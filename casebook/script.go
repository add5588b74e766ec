package casebook

import (
	"fmt"
	"strings"
)

// A Script is one case as it was read: an outage of the field, and what a model
// of that device has to show.
type Script struct {
	// File is the name given to Parse; it stands before each line number in errors.
	File string
	// ID is the case's number, such as "S01".
	ID string
	// Title is the case in a few words.
	Title string
	// Sources are the addresses of what was published, at least one.
	Sources []string
	// About are the parts of the system that the case concerns, such as "lwIP".
	About []string
	// Prose is the comment at the head of the file: what happened, and why.
	Prose string
	// NotModelled says why the case cannot be reproduced; empty: it is.
	NotModelled string
	// Sections are the runs of the case, each in a world of its own.
	Sections []*Section

	prelude []*Statement // of every section
	lines   []string     // the file, for rewriting
}

// A Section is one run of a case.
type Section struct {
	// Name is what the run shows, in words.
	Name string
	line int
	body []*Statement
}

// A Statement is a line of a script with the lines indented below it.
type Statement struct {
	// Line is its number in the file, from 1.
	Line int
	// Words are the line's words without its comment; quotes are gone.
	Words []string
	// Comment is the text behind " # ", or else the lines of comment above.
	Comment string
	// Body are the statements indented below.
	Body []*Statement

	file string
}

// Verb is the first word.
func (s *Statement) Verb() string { return s.Words[0] }

// String is the statement's own line without its comment.
func (s *Statement) String() string { return strings.Join(s.Words, " ") }

// errorf is an error that names the place.
func (s *Statement) errorf(format string, args ...any) error {
	return &Error{File: s.file, Line: s.Line, Text: s.String(), Err: fmt.Errorf(format, args...)}
}

// An Error is what is wrong with a line of a script, or what a line expected and
// did not find.
type Error struct {
	File string
	Line int
	Text string // the line without its comment
	Err  error
}

// Error says where, what stands there, and what is wrong.
func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s:%d: %s: %v", e.File, e.Line, e.Text, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
