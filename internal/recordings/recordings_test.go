package recordings

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func packed(t *testing.T, text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := Files(dir)
	require.ErrorContains(t, err, "want recordings, got none")
	_, err = Files(filepath.Join(dir, "missing"))
	require.Error(t, err)
	write := func(name string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	write("README.md")
	_, err = Files(dir)
	require.ErrorContains(t, err, "want recordings, got none")
	write("b/deep/x.jsonl.gz")
	write("a.txt") // whoever reads it will refuse it
	write("index.json")
	files, err := Files(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a.txt", "b/deep/x.jsonl.gz", "index.json"}, files)
	files, err = Files(dir, "index.json")
	require.NoError(t, err)
	require.Equal(t, []string{"a.txt", "b/deep/x.jsonl.gz"}, files)
}

func TestDir(t *testing.T) {
	require.Equal(t, "own", Dir("", "own"))
	dir := t.TempDir()
	require.Equal(t, dir, Dir(dir, "own"))
	wd, err := os.Getwd()
	require.NoError(t, err)
	require.Equal(t, filepath.Dir(wd), Dir("../internal", "own"), "found from the package's folder, wherever go test was started")
	require.Equal(t, "not/there", Dir("not/there", "own"), "and what is nowhere is left to the reader")
}

// TestParse: what cannot be read as lines is an error that says where.
func TestParse(t *testing.T) {
	l, err := Parse("a.jsonl.gz", packed(t, "one\n\nthree\n"))
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("one"), {}, []byte("three")}, l.Text)
	whole := packed(t, "one\ntwo\n")
	for want, data := range map[string][]byte{
		"a.jsonl.gz:2: the last line has no end": packed(t, "one\ntwo"),
		"a.jsonl.gz: want a recording, got an":   packed(t, ""),
		"a.jsonl.gz: not a gzip file":            []byte("one\n"),
		"a.jsonl.gz:3: broken gzip file":         whole[:len(whole)-3],
	} {
		_, err := Parse("a.jsonl.gz", data)
		require.ErrorContains(t, err, want)
	}
	_, err = Parse("a.txt", whole)
	require.ErrorContains(t, err, "a.txt: want a recording with a name in .jsonl.gz")

	path := filepath.Join(t.TempDir(), "x.jsonl.gz")
	_, err = Read(path)
	require.Error(t, err)
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	l, err = Read(path)
	require.NoError(t, err)
	require.Len(t, l.Text, 2)
	text, err := Unpack(path)
	require.NoError(t, err)
	require.Equal(t, "one\ntwo\n", string(text))
	require.NoError(t, os.WriteFile(path, []byte("no gzip"), 0o600))
	_, err = Unpack(path)
	require.ErrorContains(t, err, "not a gzip file")
}

func TestCompare(t *testing.T) {
	own := &Lines{"own", [][]byte{[]byte("one"), []byte("two")}}
	require.NoError(t, (&Lines{"p", own.Text}).Compare(own))
	for line, text := range map[int][][]byte{
		2: {[]byte("one"), []byte("three")},
		3: {[]byte("one"), []byte("two"), []byte("three")},
		1: {},
	} {
		err := (&Lines{"p", text}).Compare(own)
		var at *LineError
		require.ErrorAs(t, err, &at)
		require.Equal(t, line, at.Line)
		require.ErrorContains(t, err, "differs from the project's recording own")
	}
}

// FuzzParse: any bytes are a recording or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse("a.jsonl.gz", data)
		if err == nil && len(l.Text) == 0 {
			t.Fatal("no line and no error")
		}
	})
}
