package sdkconfig

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the outcomes of testdata/script anew")

// TestScripts runs testdata/script. A script opens with a paragraph on what it shows. Then come steps, each followed by
// a line ---- and its outcome up to the next empty line:
//
//	parse NAME [RELEASE]  reads the lines after it, which begin with "| "; after "~ " stands a quoted Go string
//	apply NAME            reads such lines on top of the configuration so far
//	set OPTION VALUE      assigns an option
//
// The outcome is errors, or the release, the notes and the changes.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			text := strings.ReplaceAll(string(data), "\r\n", "\n")
			got := runScript(t, text)
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, text, got)
		})
	}
}

func runScript(t *testing.T, text string) string {
	blocks := strings.Split(strings.TrimSpace(text), "\n\n")
	out := []string{blocks[0]}
	var c *Config
	for _, block := range blocks[1:] {
		step, _, _ := strings.Cut(block, "\n----")
		command, input, _ := strings.Cut(step, "\n")
		words := strings.SplitN(command, " ", 3)
		var outcome string
		c, outcome = runStep(t, c, words, scriptInput(t, input))
		out = append(out, step+"\n----\n"+outcome)
	}
	return strings.Join(out, "\n\n") + "\n"
}

func scriptInput(t *testing.T, lines string) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		if quoted, ok := strings.CutPrefix(line, "~ "); ok {
			raw, err := strconv.Unquote(quoted)
			require.NoError(t, err, line)
			b.WriteString(raw)
			continue
		}
		require.True(t, strings.HasPrefix(line, "|"), line)
		b.WriteString(strings.TrimPrefix(line[1:], " ") + "\n")
	}
	return b.String()
}

func runStep(t *testing.T, c *Config, words []string, input string) (*Config, string) {
	var err error
	before := c
	switch words[0] {
	case "parse":
		if len(words) == 3 {
			c, err = ParseFor(words[2], words[1], strings.NewReader(input))
		} else {
			c, err = Parse(words[1], strings.NewReader(input))
		}
		if err == nil {
			before = newConfig(c.IDF)
		}
	case "apply":
		c = c.Clone()
		err = c.Apply(words[1], strings.NewReader(input))
	case "set":
		c = c.Clone()
		err = c.Set(words[1], words[2])
	default:
		t.Fatalf("no step %q", words[0])
	}
	if err != nil {
		return before, err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "ESP-IDF %s\n", c.IDF)
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, d := range Diff(before, c) {
		fmt.Fprintln(&b, d)
	}
	return c, strings.TrimSuffix(b.String(), "\n")
}
