// Package recordings finds and reads the recordings that the tests of several
// packages replay: the project's own, or those below a folder given on the
// command line. What a recording holds, and how it is replayed, is each
// package's own.
package recordings

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Flag declares the flag -recordings of a test.
func Flag() *string {
	return flag.String("recordings", "", "replay every recording below this `folder` instead of the project's own; relative to where go test was started")
}

// Dir is the folder to look in: the one given on the command line, or the
// project's own if none is.
//
// Tests run in the folder of their package, with PWD set to it, so where go test
// was started is known from its process where the system shows that; else the
// module's root is tried, and then the package's folder.
func Dir(given, own string) string {
	if given == "" {
		return own
	}
	if filepath.IsAbs(given) {
		return given
	}
	bases := []string{"..", "."}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid())); err == nil {
		bases = append([]string{cwd}, bases...)
	}
	for _, b := range bases {
		if abs, err := filepath.Abs(filepath.Join(b, given)); err == nil {
			if _, err := os.Stat(abs); err == nil {
				return abs
			}
		}
	}
	return given
}

// Files lists the files below dir by their slash-separated paths relative to it.
// Descriptions (.md) and files of the names in besides are left out; every other
// file has to be a recording. None at all is an error.
func Files(dir string, besides ...string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.EqualFold(filepath.Ext(p), ".md") || slices.Contains(besides, d.Name()) {
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("recordings: %s: want recordings, got none", dir)
	}
	return files, nil
}
