package heap_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

var recordingsFlag = recordings.Flag()

const shippedRecordings = "../recordings/heap"

// TestRecordings replays recordings of the real allocator, one subtest a file.
// The model gets the inputs of a line; the outcomes stay with the comparer. The
// first difference fails the subtest with file, line, what was recorded and what
// the model did.
func TestRecordings(t *testing.T) {
	dir := recordings.Dir(*recordingsFlag, shippedRecordings)
	files, err := recordings.Files(dir)
	require.NoError(t, err)
	for _, f := range files {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, filepath.FromSlash(f))
			lines, err := recordings.Read(path)
			if err == nil {
				err = replay(lines, nil, false)
			}
			if err == nil && *recordingsFlag != "" {
				err = compareWithShipped(lines, f)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// replay puts a recording through the model, under the rules of the version it
// names or, if as is not nil, of another one. With images the model keeps the
// contents of memory, which must change nothing and be sound at the end.
func replay(l *recordings.Lines, as *heap.Version, images bool) error {
	head, err := parseObject(l.Text[0])
	if err != nil {
		return l.Errorf(0, "%v", err)
	}
	format, ok := head.get("format")
	if !ok {
		return replayRegister(l, as)
	}
	switch format.s {
	case "esp32-multi-heap-trace":
		return replayMultiHeap(l, as, images)
	case "esp32-heap-caps-trace":
		return replayCaps(l, as, images)
	}
	return l.Errorf(0, "format %v: want esp32-multi-heap-trace or esp32-heap-caps-trace", format)
}

// expectation is what a recorded line says beyond its inputs.
type expectation struct {
	l    *recordings.Lines
	line int
	rest object // fields not taken as inputs
}

// readLine parses line i.
func readLine(l *recordings.Lines, i int) (*expectation, error) {
	o, err := parseObject(l.Text[i])
	if err != nil {
		return nil, l.Errorf(i, "%v", err)
	}
	return &expectation{l, i, o}, nil
}

// take removes a field of the given kind from the line: an input.
func (e *expectation) take(key string, kind byte) (value, error) {
	for j, f := range e.rest {
		if f.key != key {
			continue
		}
		if f.val.kind != kind {
			return value{}, e.l.Errorf(e.line, "field %q: want %s, got %v", key, map[byte]string{'n': "an integer", 's': "a string", 'a': "an array"}[kind], f.val)
		}
		e.rest = slices.Delete(e.rest, j, j+1)
		return f.val, nil
	}
	return value{}, e.l.Errorf(e.line, "field %q is missing", key)
}

// takeUint is take for a number in 32 bits.
func (e *expectation) takeUint(key string) (uint32, error) {
	v, err := e.take(key, 'n')
	if err == nil && (v.n < 0 || v.n > 0xFFFFFFFF) {
		err = e.l.Errorf(e.line, "field %q: want an unsigned 32-bit integer, got %v", key, v)
	}
	return uint32(v.n), err
}

// compare checks that the rest of the line is exactly what the model did.
func (e *expectation) compare(got object) error {
	for _, f := range e.rest {
		g, ok := got.get(f.key)
		if !ok {
			return e.l.Differ(e.line, fmt.Sprintf("field %q", f.key), f.val.String(), "no such field")
		}
		if !g.equal(f.val) {
			return e.l.Differ(e.line, fmt.Sprintf("field %q of %s", f.key, e.l.Text[e.line]), f.val.String(), g.String())
		}
	}
	for _, g := range got {
		if _, ok := e.rest.get(g.key); !ok {
			return e.l.Differ(e.line, fmt.Sprintf("field %q of %s", g.key, e.l.Text[e.line]), "no such field", g.val.String())
		}
	}
	return nil
}

// recordedVersion reads the idf field of a header.
func recordedVersion(e *expectation, as *heap.Version) (heap.Version, error) {
	v := heap.Master
	if _, ok := e.rest.get("idf"); ok {
		idf, err := e.take("idf", 's')
		if err != nil {
			return 0, err
		}
		if v, err = heap.ParseVersion(idf.s); err != nil {
			return 0, e.l.Errorf(e.line, "%v", err)
		}
	}
	if as != nil {
		v = *as
	}
	return v, nil
}

// header takes the fields that every header with a format has.
func header(e *expectation, as *heap.Version) (v heap.Version, p heap.Poisoning, distribution string, err error) {
	fail := func(e error) (heap.Version, heap.Poisoning, string, error) { return 0, 0, "", e }
	if _, err = e.take("format", 's'); err != nil {
		return fail(err)
	}
	version, err := e.takeUint("version")
	if err != nil {
		return fail(err)
	}
	if version != 1 {
		return fail(e.l.Errorf(e.line, "format version %d: want 1", version))
	}
	if v, err = recordedVersion(e, as); err != nil {
		return fail(err)
	}
	poisoning, err := e.take("poisoning", 's')
	if err != nil {
		return fail(err)
	}
	if p, err = heap.ParsePoisoning(poisoning.s); err != nil {
		return fail(e.l.Errorf(e.line, "%v", err))
	}
	// Seed and distribution are labels of how the operations were chosen.
	if _, err = e.take("seed", 'n'); err != nil {
		return fail(err)
	}
	d, err := e.take("distribution", 's')
	return v, p, d.s, err
}

// compareWithShipped compares a replayed file with the project's recording of
// the same header or, if there is none, of the same name: an operation without
// effect, such as free(NULL), can be left out, and a label such as the seed can
// be altered, without a trace in the lines that follow. A recording of other
// operations is another one, whatever its name.
func compareWithShipped(l *recordings.Lines, name string) error {
	path, err := shippedOf(l.Text[0], name)
	if err != nil || path == "" {
		return err
	}
	shipped, err := recordings.Read(path)
	if err != nil {
		return err
	}
	head, err := parseObject(l.Text[0])
	if err != nil {
		return err
	}
	sameHeader := bytes.Equal(l.Text[0], shipped.Text[0])
	if _, has := head.get("format"); !has {
		if !isEditOf(l.Text, shipped.Text) {
			return nil
		}
	} else if !sameHeader && !slices.EqualFunc(l.Text[1:], shipped.Text[1:], bytes.Equal) {
		return nil
	}
	return l.Compare(shipped)
}

// isEditOf says whether a file without a header is another with lines changed,
// lost or added in one place, rather than a recording of its own, whose lines
// differ throughout.
func isEditOf(got, want [][]byte) bool {
	const few = 16
	from := 0
	for from < min(len(got), len(want)) && bytes.Equal(got[from], want[from]) {
		from++
	}
	got, want = got[from:], want[from:]
	for len(got) > 0 && len(want) > 0 && bytes.Equal(got[len(got)-1], want[len(want)-1]) {
		got, want = got[:len(got)-1], want[:len(want)-1]
	}
	return len(got) == 0 || len(want) == 0 || len(got) <= few && len(want) <= few
}

// shippedOf returns the path of the project's recording with this header, or
// with this name, or nothing.
func shippedOf(header []byte, name string) (string, error) {
	files, err := recordings.Files(shippedRecordings)
	if err != nil {
		return "", err
	}
	byName := ""
	for _, f := range files {
		path := filepath.Join(shippedRecordings, filepath.FromSlash(f))
		if f == name {
			byName = path
		}
		first, err := firstLine(path)
		if err != nil {
			return "", err
		}
		if bytes.HasPrefix(header, []byte(`{"format":`)) && bytes.Equal(first, header) {
			return path, nil
		}
	}
	return byName, nil
}

func firstLine(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	text, err := bufio.NewReader(z).ReadBytes('\n')
	return bytes.TrimSuffix(text, []byte("\n")), err
}
