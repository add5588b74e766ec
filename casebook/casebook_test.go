package casebook_test

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook"
	"github.com/plimsoll-sim/plimsoll/sim"
)

var rewrite = flag.Bool("rewrite", false, "write what the cases find into the scripts, and what is generated from them")

func TestCases(t *testing.T) { casebook.Run(t, "cases") }

// TestIndex holds docs/cases.md against the scripts.
func TestIndex(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, casebook.WriteIndex(&b, scripts(t)))
	generated(t, "../docs/cases.md", b.String())
}

// TestManual holds the reference in docs/casebook.md against the language.
func TestManual(t *testing.T) {
	const file, mark = "../docs/casebook.md", "<!-- generated: go test ./casebook -run TestManual -rewrite -->\n"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	prose, _, ok := strings.Cut(string(text), mark)
	require.True(t, ok, "%s has no line %q", file, mark)
	var b strings.Builder
	b.WriteString(prose + mark + "\n")
	require.NoError(t, casebook.WriteManual(&b))
	generated(t, file, b.String())
}

func generated(t *testing.T, file, want string) {
	t.Helper()
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(text), "go test ./casebook -rewrite writes %s", file)
}

func scripts(t *testing.T) []*casebook.Script {
	t.Helper()
	all, err := casebook.Runner{}.ParseDir("cases")
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// TestHonesty asks of the book what cannot be seen in one script: that every
// expectation says where it comes from, and has been measured; that every gap
// has a reason; and that the case's number is its file's.
func TestHonesty(t *testing.T) {
	origin := regexp.MustCompile(`^(thread|commit|source|docs|derived): .{3}`)
	for _, s := range scripts(t) {
		require.Equal(t, "cases/"+s.ID+".txt", s.File)
		require.NotEmpty(t, s.Prose, s.File)
		require.NotEmpty(t, s.About, s.File)
		if s.NotModelled == "" {
			require.NotEmpty(t, s.Figures(), s.File)
		}
		for _, f := range s.Figures() {
			require.Regexp(t, origin, f.Comment, "%s:%d: where does %s %s come from?", s.File, f.Line, f.Figure, f.Expected)
			require.NotEmpty(t, f.Written, "%s:%d: no line \"found\"; -rewrite writes it", s.File, f.Line)
		}
	}
}

// TestMutation changes every expectation, and in another run every line "found",
// and expects each of them to be noticed, with its line.
func TestMutation(t *testing.T) {
	for _, s := range scripts(t) {
		if s.NotModelled != "" || s.ID == "S30" { // 50 days of virtual time are run often enough
			continue
		}
		text, err := os.ReadFile(s.File)
		require.NoError(t, err)
		lines := strings.Split(string(text), "\n")
		for _, f := range s.Figures() {
			lines[f.Line-1] = opposite(t, lines[f.Line-1], f)
		}
		changed, err := casebook.Runner{}.Parse(s.File, []byte(strings.Join(lines, "\n")))
		require.NoError(t, err)
		found, err := changed.Execute(casebook.Runner{})
		require.NoError(t, err)
		require.Len(t, found, len(s.Figures()), s.File)
		for _, f := range found {
			require.ErrorContains(t, f.Err, s.File, "%s:%d: %v was not noticed", s.File, f.Line, f)
		}
	}
}

// opposite changes an expectation so that what was found contradicts it.
func opposite(t *testing.T, line string, f casebook.Finding) string {
	t.Helper()
	if f.Gap { // a gap that has closed
		relation := "="
		if !strings.ContainsAny(f.Found[:1], "-0123456789") {
			relation = "is"
		}
		return "gap " + f.Figure + " " + relation + " " + f.Found
	}
	if strings.HasPrefix(f.Expected, "is ") {
		return "expect " + f.Figure + " is other"
	}
	one := "1"
	if strings.HasSuffix(f.Found, "s") { // a time
		one = "1ms"
	}
	if strings.HasPrefix(f.Found, "-") {
		return "expect " + f.Figure + " = " + one + f.Found
	}
	return "expect " + f.Figure + " = " + one + "+" + f.Found
}

// TestFound sees that a wrong line "found" fails, and that a rewrite mends it.
func TestFound(t *testing.T) {
	const text = "case X\ntitle T\nsource https://example.com/1\n\n=== s\nstart\nexpect pcbs = 0\nexpect free > 0\n  found 17\nexpect power is running\n"
	s, err := casebook.Runner{}.Parse("x.txt", []byte(text))
	require.NoError(t, err)
	found, err := s.Execute(casebook.Runner{})
	require.NoError(t, err)
	require.Len(t, found, 3)
	require.NoError(t, found[0].Err)
	require.ErrorContains(t, found[1].Err, "x.txt:8: expect free > 0: the script says that 17 was found")
	mended, err := s.Rewritten(found)
	require.NoError(t, err)
	want := "expect pcbs = 0\n  found 0\nexpect free > 0\n  found " + found[1].Found + "\nexpect power is running\n  found running\n"
	require.True(t, strings.HasSuffix(string(mended), want), "%s", mended)
	s, err = casebook.Runner{}.Parse("x.txt", mended)
	require.NoError(t, err)
	again, err := s.Execute(casebook.Runner{})
	require.NoError(t, err)
	for _, f := range again {
		require.NoError(t, f.Err)
	}
}

// TestRunErrors runs scripts that go wrong on the way.
func TestRunErrors(t *testing.T) {
	const head = "case X\ntitle T\nsource https://example.com/1\nhost pc\n"
	for _, c := range []struct{ name, text, want string }{
		{"refused", "=== s\nstart\nconnect c port=81\n", "x.txt:7: connect c port=81: wire: pc: dial"},
		{"never", "=== s\nstart\nwait until pcbs = 1 max=5s\n", "x.txt:7: wait until pcbs = 1 max=5s: pcbs is 0 after 5s"},
		{"a task without its socket", "task t\n  listen 80 as l\n  close m\n=== s\nstart\nwait 1s\nexpect calls close EBADF = 1\nexpect calls close ok = 1\n", "x.txt:12: expect calls close ok = 1: expected = 1, found 0, 1 less than 1"},
		{"too many", "task t\n  listen 80 as l\n=== s\nstart\nconnect c\nclose c 2\n", `2 of "c" were to be taken, but 1 are open`},
		{"no memory", "=== s\nstart\nmalloc a 1000000\n", "no block of 1000000 bytes is left"},
		{"no server", "=== s\nstart\nexpect sessions = 0\n", "there is no OPC UA server"},
		{"no release", "=== s\ndevice eth idf=4.4.1\nstart\n", "x.txt:7: start:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := casebook.Runner{}.Parse("x.txt", []byte(head+c.text))
			require.NoError(t, err)
			found, err := s.Execute(casebook.Runner{})
			for _, f := range found {
				if err == nil {
					err = f.Err
				}
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

// firmware is a program in Go that a script names.
type firmware struct{}

func (firmware) Main(a *sim.App) {
	a.StartNetwork(func(*sim.App) {})
	a.Malloc("buffer", 1000)
	a.Ready()
}

func TestFirmware(t *testing.T) {
	const text = "case X\ntitle T\nsource https://example.com/1\n=== s\nfirmware mine\nstart\nexpect request buffer = 1000\n"
	_, err := casebook.Runner{}.Parse("x.txt", []byte(text))
	require.ErrorContains(t, err, `Runner.Firmware has no "mine"`)
	r := casebook.Runner{Firmware: map[string]sim.Firmware{"mine": firmware{}}}
	s, err := r.Parse("x.txt", []byte(text))
	require.NoError(t, err)
	found, err := s.Execute(r)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, found[0].Err)
}

// TestDeterminism runs a case twice and compares the logs of all its worlds.
func TestDeterminism(t *testing.T) {
	var logs [2]bytes.Buffer
	for i := range logs {
		r := casebook.Runner{Seed: 7, Log: &logs[i]}
		s, err := r.ParseFile("cases/S12.txt")
		require.NoError(t, err)
		_, err = s.Execute(r)
		require.NoError(t, err)
	}
	require.NotEmpty(t, logs[0].Bytes())
	require.True(t, bytes.Equal(logs[0].Bytes(), logs[1].Bytes()), "two runs with one seed have different logs")
}
