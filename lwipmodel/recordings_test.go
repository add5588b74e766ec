package lwipmodel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

var recordingsFlag = recordings.Flag()

const shippedRecordings = "../recordings/lwip"

// TestRecordings replays recordings of the real stack: their inputs go in, and
// every other line must come out as it stands, in order, with times, block
// numbers and sums.
func TestRecordings(t *testing.T) {
	dir := recordings.Dir(*recordingsFlag, shippedRecordings)
	files, err := recordings.Files(dir, "index.json")
	require.NoError(t, err)
	for _, name := range files {
		t.Run(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".jsonl"), func(t *testing.T) {
			f := filepath.Join(dir, filepath.FromSlash(name))
			data, err := recordings.Unpack(f)
			require.NoError(t, err)
			if err := replay(f, data, false); err != nil {
				t.Fatal(err)
			}
			if err := replay(f, data, true); err != nil {
				t.Fatalf("with idle ticks skipped: %v", err)
			}
		})
	}
}

// replay runs one recording and reports the first line that differs. With skip,
// timer ticks that only count are made up for in one step, as the device does.
func replay(path string, data []byte, skip bool) error {
	if len(data) == 0 {
		return fmt.Errorf("%s:1: expected a header, got an empty file", path)
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	var lines []string
	for sc.Scan() {
		lines = append(lines, sc.Text())
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, len(lines)+1, err)
	}
	hdr, err := parseHeader(lines[0])
	if err != nil {
		return fmt.Errorf("%s:1: %w", path, err)
	}
	cmp := &comparer{path: path, want: lines[1:], line: 2}
	var inputs []input
	for i, l := range lines[1:] {
		in, ok, err := parseInput(l)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+2, err)
		}
		if ok {
			in.line = i + 2
			inputs = append(inputs, in)
		}
	}
	r, err := newReplayer(hdr, inputs, cmp.got)
	if err != nil {
		return fmt.Errorf("%s:1: %w", path, err)
	}
	r.skip = skip
	r.failed = func() bool { return cmp.err != nil }
	if err := r.run(); err != nil && cmp.err == nil {
		at := &lineError{cmp.line, err}
		errors.As(err, &at)
		cmp.err = fmt.Errorf("%s:%d: %w", path, at.line, at.err)
	}
	if cmp.err != nil {
		return cmp.err
	}
	return cmp.finish()
}

// A comparer holds the lines of the recording; nothing of it reaches the model.
type comparer struct {
	path string
	want []string
	line int
	err  error
}

// got compares one line of the replay with the next one of the recording.
func (c *comparer) got(line string) {
	if c.err != nil {
		return
	}
	if len(c.want) == 0 {
		c.err = fmt.Errorf("%s:%d: expected the end of the file, got %s", c.path, c.line, line)
		return
	}
	if c.want[0] != line && !sameLine(c.want[0], line) {
		c.err = fmt.Errorf("%s:%d: lines differ\nexpected %s\ngot      %s", c.path, c.line, c.want[0], line)
		return
	}
	c.want = c.want[1:]
	c.line++
}

// sameLine compares two lines that are written differently, as by another JSON
// encoder: all fields must be there on both sides, each once, with the same value.
func sameLine(a, b string) bool {
	x, errA := lineFields(a)
	y, errB := lineFields(b)
	return errA == nil && errB == nil && maps.Equal(x, y)
}

// lineFields returns the fields of a line as they are written.
func lineFields(line string) (map[string]string, error) {
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	fields := map[string]string{}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("expected an object, got %v", t)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := d.Token()
		if err != nil {
			return nil, err
		}
		if _, twice := fields[name.(string)]; twice {
			return nil, fmt.Errorf("field %q is there twice", name)
		}
		fields[name.(string)] = fmt.Sprintf("%T %v", value, value)
	}
	_, err := d.Token()
	return fields, err
}

func (c *comparer) finish() error {
	if len(c.want) > 0 {
		return fmt.Errorf("%s:%d: expected %s, got the end of the replay", c.path, c.line, c.want[0])
	}
	return nil
}
