package heap_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
)

var recordingsFlag = flag.String("recordings", "", "replay every recording below this `folder` instead of the project's own; relative to where go test was started")

const shippedRecordings = "../recordings/heap"

// TestRecordings replays recordings of the real allocator, one subtest a file.
// The model gets the inputs of a line; the outcomes stay with the comparer. The
// first difference fails the subtest with file, line, what was recorded and what
// the model did.
func TestRecordings(t *testing.T) {
	dir := shippedRecordings
	if *recordingsFlag != "" {
		dir = whereStarted(*recordingsFlag)
	}
	files, err := recordingsIn(dir)
	require.NoError(t, err)
	for _, f := range files {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, filepath.FromSlash(f))
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			lines, err := linesOf(path, data)
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

// whereStarted makes a folder given on the command line absolute. Tests run in
// the folder of their package, with PWD set to it, so where go test was started
// is known from its process where the system shows that; else the module's root
// is tried, and then the package's folder.
func whereStarted(dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	bases := []string{"..", "."}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid())); err == nil {
		bases = append([]string{cwd}, bases...)
	}
	for _, b := range bases {
		if abs, err := filepath.Abs(filepath.Join(b, dir)); err == nil {
			if _, err := os.Stat(abs); err == nil {
				return abs
			}
		}
	}
	return dir
}

// recordingsIn lists the files below dir by their slash-separated relative
// paths. Every file there has to be a recording; none at all is an error.
func recordingsIn(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.EqualFold(filepath.Ext(p), ".md") {
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: want recordings, got none", dir)
	}
	return files, nil
}

// lines is a recording file in memory.
type lines struct {
	path string
	text [][]byte
}

// lineError is what replaying reports: where, and what differs.
type lineError struct {
	path string
	line int
	what string
	want string // as recorded
	got  string // what the model did
}

func (e *lineError) Error() string {
	s := fmt.Sprintf("%s:%d: %s", e.path, e.line, e.what)
	if e.want != "" || e.got != "" {
		s += fmt.Sprintf("\n  expected %s\n  got      %s", e.want, e.got)
	}
	return s
}

func (l *lines) errorf(i int, format string, args ...any) error {
	return &lineError{path: l.path, line: i + 1, what: fmt.Sprintf(format, args...)}
}

// linesOf unpacks a recording; one that is truncated or corrupt is an error.
func linesOf(path string, data []byte) (*lines, error) {
	if !strings.HasSuffix(path, ".jsonl.gz") {
		return nil, fmt.Errorf("%s: want a recording with a name in .jsonl.gz", path)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l := &lines{path: path}
	r := bufio.NewReader(z)
	for {
		text, err := r.ReadBytes('\n')
		switch {
		case err == io.EOF && len(text) == 0:
			if len(l.text) == 0 {
				return nil, fmt.Errorf("%s: want a recording, got an empty file", path)
			}
			return l, nil
		case err == io.EOF:
			return nil, l.errorf(len(l.text), "the last line has no end: the file is truncated")
		case err != nil:
			return nil, &lineError{path: path, line: len(l.text) + 1, what: err.Error()}
		}
		l.text = append(l.text, text[:len(text)-1])
	}
}

// replay puts a recording through the model, under the rules of the version it
// names or, if as is not nil, of another one. With images the model keeps the
// contents of memory, which must change nothing and be sound at the end.
func replay(l *lines, as *heap.Version, images bool) error {
	head, err := parseObject(l.text[0])
	if err != nil {
		return l.errorf(0, "%v", err)
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
	return l.errorf(0, "format %v: want esp32-multi-heap-trace or esp32-heap-caps-trace", format)
}

// expectation is what a recorded line says beyond its inputs.
type expectation struct {
	l    *lines
	line int
	rest object // fields not taken as inputs
}

// read parses line i.
func (l *lines) read(i int) (*expectation, error) {
	o, err := parseObject(l.text[i])
	if err != nil {
		return nil, l.errorf(i, "%v", err)
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
			return value{}, e.l.errorf(e.line, "field %q: want %s, got %v", key, map[byte]string{'n': "an integer", 's': "a string", 'a': "an array"}[kind], f.val)
		}
		e.rest = slices.Delete(e.rest, j, j+1)
		return f.val, nil
	}
	return value{}, e.l.errorf(e.line, "field %q is missing", key)
}

// takeUint is take for a number in 32 bits.
func (e *expectation) takeUint(key string) (uint32, error) {
	v, err := e.take(key, 'n')
	if err == nil && (v.n < 0 || v.n > 0xFFFFFFFF) {
		err = e.l.errorf(e.line, "field %q: want an unsigned 32-bit integer, got %v", key, v)
	}
	return uint32(v.n), err
}

// compare checks that the rest of the line is exactly what the model did.
func (e *expectation) compare(got object) error {
	for _, f := range e.rest {
		g, ok := got.get(f.key)
		if !ok {
			return &lineError{e.l.path, e.line + 1, fmt.Sprintf("field %q", f.key), f.val.String(), "no such field"}
		}
		if !g.equal(f.val) {
			return &lineError{e.l.path, e.line + 1, fmt.Sprintf("field %q of %s", f.key, e.l.text[e.line]), f.val.String(), g.String()}
		}
	}
	for _, g := range got {
		if _, ok := e.rest.get(g.key); !ok {
			return &lineError{e.l.path, e.line + 1, fmt.Sprintf("field %q of %s", g.key, e.l.text[e.line]), "no such field", g.val.String()}
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
			return 0, e.l.errorf(e.line, "%v", err)
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
		return fail(e.l.errorf(e.line, "format version %d: want 1", version))
	}
	if v, err = recordedVersion(e, as); err != nil {
		return fail(err)
	}
	poisoning, err := e.take("poisoning", 's')
	if err != nil {
		return fail(err)
	}
	if p, err = heap.ParsePoisoning(poisoning.s); err != nil {
		return fail(e.l.errorf(e.line, "%v", err))
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
func compareWithShipped(l *lines, name string) error {
	path, err := shippedOf(l.text[0], name)
	if err != nil || path == "" {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	shipped, err := linesOf(path, data)
	if err != nil {
		return err
	}
	head, err := parseObject(l.text[0])
	if err != nil {
		return err
	}
	sameHeader := bytes.Equal(l.text[0], shipped.text[0])
	if _, has := head.get("format"); !has {
		if !isEditOf(l.text, shipped.text) {
			return nil
		}
	} else if !sameHeader && !slices.EqualFunc(l.text[1:], shipped.text[1:], bytes.Equal) {
		return nil
	}
	for i := range max(len(l.text), len(shipped.text)) {
		want, got := "end of file", "end of file"
		if i < len(shipped.text) {
			want = string(shipped.text[i])
		}
		if i < len(l.text) {
			got = string(l.text[i])
		}
		if want != got {
			return &lineError{l.path, i + 1, "differs from the project's recording " + path, want, got}
		}
	}
	return nil
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
	files, err := recordingsIn(shippedRecordings)
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
