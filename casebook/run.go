package casebook

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// A Runner runs scripts. Its zero value is ready for use.
type Runner struct {
	// Firmware are programs of the caller's own that the verb "firmware" finds
	// by name. Nil: none.
	Firmware map[string]sim.Firmware

	// Seed is that of every world. The same seed gives the same findings.
	Seed uint64

	// Rewrite has Run write what was found into the scripts. Run also does so
	// if the test program has a flag -rewrite that is true.
	Rewrite bool

	// Out is given what the verb "show" prints. Nil: nobody; Run gives it to the
	// test's log.
	Out io.Writer

	// Log is given the event log of all worlds, a line each. Nil: nobody.
	Log io.Writer
}

// Run runs every script of a folder, the files that end in ".txt", as a subtest
// each. See Runner.Run.
func Run(t *testing.T, dir string) {
	t.Helper()
	Runner{}.Run(t, dir)
}

// Run runs every script of a folder as a subtest that is named after the case,
// prints its title and sources, and fails where an expectation does not hold. A
// case that is not modelled is skipped with its reason.
func (r Runner) Run(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("casebook: no file *.txt in %s", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, file := range files {
		t.Run(caseName(file), func(t *testing.T) { r.test(t, file) })
	}
}

func caseName(file string) string {
	base := filepath.Base(file)
	return base[:len(base)-len(filepath.Ext(base))]
}

func (r Runner) test(t *testing.T, file string) {
	s, err := r.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s", s.ID, s.Title)
	for _, source := range s.Sources {
		t.Log(source)
	}
	if s.NotModelled != "" {
		t.Skipf("not modelled: %s", s.NotModelled)
	}
	var shown strings.Builder
	if r.Out == nil {
		r.Out = &shown
	}
	found, err := s.Execute(r)
	if shown.Len() > 0 {
		t.Log(shown.String())
	}
	if r.Rewrite || rewriteFlag() {
		text, bad := s.Rewritten(found)
		if bad == nil {
			bad = os.WriteFile(file, text, 0o644)
		}
		err = errors.Join(err, bad)
		for i := range found {
			if found[i].stale {
				found[i].Err = nil
			}
		}
	}
	for _, f := range found {
		if f.Err != nil {
			t.Error(f.Err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rewriteFlag is the flag -rewrite of the test program, if it has one.
func rewriteFlag() bool {
	f := flag.Lookup("rewrite")
	if f == nil {
		return false
	}
	g, ok := f.Value.(flag.Getter)
	if !ok {
		return false
	}
	on, _ := g.Get().(bool)
	return on
}

// ParseFile reads a script from a file.
func (r Runner) ParseFile(file string) (*Script, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	}
	return r.Parse(file, text)
}

// ParseDir reads all scripts of a folder, in the order of their file names.
func (r Runner) ParseDir(dir string) ([]*Script, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	}
	slices.Sort(files)
	var all []*Script
	var errs []error
	for _, file := range files {
		s, err := r.ParseFile(file)
		errs = append(errs, err)
		all = append(all, s)
	}
	return all, errors.Join(errs...)
}
