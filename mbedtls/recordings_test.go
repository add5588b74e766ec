package mbedtls

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
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var recordingsFlag = flag.String("recordings", "", "replay every recording below this `folder` instead of the project's own; relative to where go test was started")

const shippedRecordings = "../recordings/mbedtls"

// TestRecordings replays recordings of the real mbedTLS, one subtest a file.
// The model gets the configuration in the header and what the other side sent;
// the comparer has the rest. The first difference fails the subtest with file,
// line, what was recorded and what the model did.
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
			l, err := linesOf(path, data)
			if err == nil {
				err = replay(l)
			}
			if err == nil && *recordingsFlag != "" {
				err = compareWithShipped(l)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// whereStarted makes a folder given on the command line absolute. Tests run in
// the folder of their package, so where go test was started is known from its
// process where the system shows that; else the module's root is tried, and
// then the package's folder.
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

// recordingsIn lists the files below dir. Every file there has to be a
// recording; none at all is an error.
func recordingsIn(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.EqualFold(filepath.Ext(p), ".md") {
			return err
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
	path      string
	line      int
	what      string
	want, got string // as recorded, what the model did
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

func (l *lines) differ(i int, what string, want, got any) error {
	return &lineError{l.path, i + 1, what, fmt.Sprint(want), fmt.Sprint(got)}
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

// compareWithShipped compares a replayed file with the project's recording of
// the same header, if there is one: where a carry in random numbers decides, the
// model cannot know, and an altered line could be as likely as the recorded one.
func compareWithShipped(l *lines) error {
	files, err := recordingsIn(shippedRecordings)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(shippedRecordings, filepath.FromSlash(f))
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		shipped, err := linesOf(path, data)
		if err != nil {
			return err
		}
		if !bytes.Equal(shipped.text[0], l.text[0]) {
			continue
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
				return l.differ(i, "differs from the project's recording "+path, want, got)
			}
		}
		return nil
	}
	return nil
}
