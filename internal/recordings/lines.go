package recordings

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
)

// Unpack reads a file that is compressed if its name ends in .gz. One that is
// truncated or corrupt is an error.
func Unpack(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return data, err
	}
	return unzip(path, data)
}

func unzip(path string, data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: not a gzip file: %w", path, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: broken gzip file: %w", path, bytes.Count(text, []byte("\n"))+1, err)
	}
	return text, nil
}

// Lines is a recording in memory.
type Lines struct {
	Path string
	Text [][]byte // without their ends
}

// Read reads a recording in gzip'd lines.
func Read(path string) (*Lines, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse reads the contents of a file as Read does.
func Parse(path string, data []byte) (*Lines, error) {
	if !strings.HasSuffix(path, ".jsonl.gz") {
		return nil, fmt.Errorf("%s: want a recording with a name in .jsonl.gz", path)
	}
	text, err := unzip(path, data)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, fmt.Errorf("%s: want a recording, got an empty file", path)
	}
	l := &Lines{Path: path, Text: bytes.Split(text, []byte("\n"))}
	last := len(l.Text) - 1
	if len(l.Text[last]) > 0 {
		return nil, l.Errorf(last, "the last line has no end: the file is truncated")
	}
	l.Text = l.Text[:last]
	return l, nil
}

// A LineError says where a replay went wrong, and how.
type LineError struct {
	Path string
	Line int // counted from 1
	What string
	Want string // as recorded
	Got  string // what the model did
}

func (e *LineError) Error() string {
	s := fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.What)
	if e.Want != "" || e.Got != "" {
		s += fmt.Sprintf("\n  expected %s\n  got      %s", e.Want, e.Got)
	}
	return s
}

// Errorf makes the error of line i, counted from 0.
func (l *Lines) Errorf(i int, format string, args ...any) error {
	return &LineError{Path: l.Path, Line: i + 1, What: fmt.Sprintf(format, args...)}
}

// Differ makes the error of a line i, counted from 0, that differs.
func (l *Lines) Differ(i int, what string, want, got any) error {
	return &LineError{l.Path, i + 1, what, fmt.Sprint(want), fmt.Sprint(got)}
}

// Compare reports the first line that differs from one of the project's own
// recording.
func (l *Lines) Compare(own *Lines) error {
	for i := range max(len(l.Text), len(own.Text)) {
		want, got := "end of file", "end of file"
		if i < len(own.Text) {
			want = string(own.Text[i])
		}
		if i < len(l.Text) {
			got = string(l.Text[i])
		}
		if want != got {
			return l.Differ(i, "differs from the project's recording "+own.Path, want, got)
		}
	}
	return nil
}
