package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// Wrong arguments end the program with exit code 2, before anything is run.
func TestArguments(t *testing.T) {
	for args, want := range map[string]string{
		"-loss gone":             "gone",
		"-loss close":            "clients that close properly do no harm",
		"-interface token-ring":  "eth or wifi was expected",
		"-items 0":               "have to be 1 to 100",
		"-every 0s":              "have to be above 0",
		"-changes -1s":           "at least 0",
		"-stay 6m -every 5m":     "-stay 6m0s has to be below -every 5m0s",
		"-sdkconfig nosuchfile":  "nosuchfile",
		"all of it":              "no arguments but flags were expected",
		"-clients 0 -publish 17": "-clients 0 at least 1",
	} {
		var out strings.Builder
		code, err := run(strings.Fields(args), &out, io.Discard)
		require.ErrorContains(t, err, want)
		require.Equal(t, 2, code)
		require.Empty(t, out.String())
	}
}

// Files come in a fixed order, and the same arguments give the same bytes. With
// clients that the shipped machine survives, the exit code is not 0.
func TestFiles(t *testing.T) {
	tell := func() (string, map[string]string) {
		dir := t.TempDir()
		var out strings.Builder
		code, err := run([]string{"-nomap", "-clients", "2", "-every", "1m", "-o", dir}, &out, io.Discard)
		require.NoError(t, err)
		require.Equal(t, 1, code, "two clients do not kill the machine")
		require.Contains(t, out.String(), ": outage.pcapng, heap.svg, heap.csv\n", "and no map of a failure that was not")
		files := map[string]string{}
		for _, name := range []string{"outage.pcapng", "heap.svg", "heap.csv"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			files[name] = string(b)
		}
		return strings.ReplaceAll(out.String(), dir, ""), files
	}
	text, files := tell()
	again, filesAgain := tell()
	require.Equal(t, text, again)
	require.Equal(t, files, filesAgain)
}

// What is odd in a given sdkconfig is printed, and what of it is not read.
func TestNotes(t *testing.T) {
	c, err := sdkconfig.Parse("sdkconfig", strings.NewReader("CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP=y\nCONFIG_EXAMPLE_LED=5\n"))
	require.NoError(t, err)
	var out strings.Builder
	(&story{w: &out, sdkconfig: c}).tellNotes()
	require.Empty(t, out.String(), "the program's own")
	(&story{w: &out, sdkconfig: c, given: true}).tellNotes()
	require.Contains(t, out.String(), "sdkconfig:1: CONFIG_ESP32_ALLOW_RTC_FAST_MEM_AS_HEAP: ESP-IDF ")
	require.Contains(t, out.String(), "options that the model does not read: CONFIG_EXAMPLE_LED\n")
}
