package plimsoll_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every folder with Go code has a row in the table of docs/architecture.md, every
// row a folder, and what is not a test imports folders of its own or of earlier rows.
func TestLayers(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	require.NoError(t, err)
	rows := map[string]int{}
	for n, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		for _, folder := range regexp.MustCompile("`([a-z0-9/]+)/`").FindAllStringSubmatch(cells[1], -1) {
			require.DirExists(t, folder[1], "docs/architecture.md:%d", n+1)
			rows[folder[1]] = n + 1
		}
	}
	require.Greater(t, len(rows), 15)
	row := func(folder string) int {
		for ; folder != "."; folder = path.Dir(folder) {
			if n, ok := rows[folder]; ok {
				return n
			}
		}
		return 0
	}
	const module = "github.com/plimsoll-sim/plimsoll/"
	files := 0
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		name = filepath.ToSlash(name)
		folder := path.Dir(name)
		if d != nil && d.IsDir() && (name == "vendor" || name != "." && strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || folder == "." || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files++
		own := row(folder)
		require.NotZero(t, own, "%s: its folder is not in the table of docs/architecture.md", name)
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, x := range f.Imports {
			imported, err := strconv.Unquote(x.Path.Value)
			require.NoError(t, err)
			if folder, ok := strings.CutPrefix(imported, module); ok {
				require.LessOrEqual(t, row(folder), own, "%s imports %s, which is in a later row of docs/architecture.md", name, folder)
			}
		}
		return nil
	}))
	require.Greater(t, files, 300)
}
