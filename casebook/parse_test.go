package casebook_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook"
)

// TestErrors reads scripts that are wrong. What the reader says of each stands
// behind "#!" in the line that is to be named.
func TestErrors(t *testing.T) {
	const head = "case X\ntitle T\nsource https://example.com/1\n"
	for _, c := range []struct{ name, text, want string }{
		{"no verb", head + "=== s\nfly\n", `x.txt:5: fly: "fly" is not a verb; known are device, sdkconfig, option, task`},
		{"no call", head + "task t\n  fly\n=== s\nstart\n", `x.txt:5: fly: "fly" is not a call of a task; known are listen, accept`},
		{"no figure", head + "=== s\nstart\nexpect luck = 1\n", `x.txt:6: expect luck = 1: "luck" is not a figure; known are free, largest`},
		{"no relation", head + "=== s\nstart\nexpect free 1\n", "x.txt:6: expect free 1: FIGURE RELATION VALUE was expected, with one of = != <"},
		{"no value", head + "=== s\nstart\nexpect free =\n", "x.txt:6: expect free =: a value was expected at the end"},
		{"a time for a number", head + "=== s\nstart\nexpect free = 10s\n", "free is a number"},
		{"is with a number", head + "=== s\nstart\nexpect free is 10\n", `"is" goes with words`},
		{"a tolerance of nothing", head + "=== s\nstart\nexpect free = 10 within\n", `"within" is too much`},
		{"a tolerance below 0", head + "=== s\nstart\nexpect free = 10 within -1\n", "at least 0"},
		{"no mark", head + "=== s\nstart\nexpect lost since monday = 1\n", `there is no mark "monday"; there are: start`},
		{"no start", head + "=== s\nexpect free = 1\n", `a line "start" was expected before`},
		{"too late", head + "=== s\nstart\noption LWIP_TCP_MSL 5000\n", `this belongs before "start"`},
		{"unknown option", head + "=== s\noption LWIP_TCP_MLS 5000\nstart\n", "x.txt:5: option LWIP_TCP_MLS 5000:"},
		{"value out of range", head + "=== s\noption LWIP_MAX_SOCKETS 0\nstart\n", "x.txt:5: option LWIP_MAX_SOCKETS 0:"},
		{"no host", head + "=== s\nstart\nconnect c\n", `a line "host NAME" was expected before`},
		{"other host", head + "host pc\n=== s\nstart\nconnect c host=mac\n", `there is no host "mac"; the hosts are pc`},
		{"no HTTPS server", head + "host pc\n=== s\nstart\nbrowse b\n", `the statement "https" makes one`},
		{"unknown key", head + "host pc\n=== s\nstart\nconnect c prot=80\n", "prot= is unknown; known are count= every= host= may= port= timeout="},
		{"key twice", head + "host pc\n=== s\nstart\nconnect c port=80 port=81\n", "port= is given twice"},
		{"key out of range", head + "host pc\n=== s\nstart\nconnect c port=0\n", "port= is 0: 1 to 65535 was expected"},
		{"too many words", head + "=== s\nstart now\n", `"now" is too much`},
		{"no body", head + "=== s\nstart\nrepeat 3\nwait 1s\n", "statements indented below were expected"},
		{"a body", head + "=== s\nstart\n  wait 1s\n", "x.txt:6: wait 1s: start has nothing indented below it"},
		{"expect in repeat", head + "=== s\nstart\nrepeat 3\n  expect free = 1\n", "expect is found once"},
		{"a tab", head + "=== s\nstart\n\twait 1s\n", "x.txt:6: wait 1s: a tab: indent with spaces"},
		{"an open quote", head + "=== s\nstart\nping \"x\n", "a quote is not closed"},
		{"no case", "title T\nsource https://example.com/1\n=== s\nstart\n", `the script has no line "case NUMBER"`},
		{"no source", "case X\ntitle T\n=== s\nstart\n", `the script has no line "source ADDRESS"`},
		{"a source that is none", "case X\ntitle T\nsource nowhere\n=== s\nstart\n", "x.txt:3: source nowhere: an address such as"},
		{"no section", head, "the script has no section"},
		{"empty section", head + "=== s\n", "x.txt:4: === s: the section has no statements"},
		{"nameless section", head + "===\nstart\n", "a section begins with"},
		{"not modelled, and yet", head + "not-modelled because\n=== s\nstart\n", "is said not to be modelled, but has statements"},
		{"two titles", head + "title U\n=== s\nstart\n", `a second title; the first is "T"`},
		{"a title too late", head + "=== s\nstart\ntitle U\n", "title belongs before the first section"},
		{"indented first", head + "=== s\n  start\n", "indented, but no statement above it is less so"},
		{"not text", head + "\xff", "x.txt:1: the file is not UTF-8 text"},
		{"overflow", head + "=== s\nstart\nexpect free = 9000000000000*9000000000000\n", "too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := casebook.Runner{}.Parse("x.txt", []byte(c.text))
			require.ErrorContains(t, err, c.want)
		})
	}
}

// FuzzParse reads whatever there is: it must neither panic nor hang, and what it
// takes it has to take again after a rewrite.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("cases/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := casebook.Runner{}.Parse("x.txt", text)
		if err != nil {
			return
		}
		again, err := s.Rewritten(nil)
		require.NoError(t, err)
		_, err = casebook.Runner{}.Parse("x.txt", again)
		require.NoError(t, err)
	})
}
