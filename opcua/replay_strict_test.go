package opcua

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	alterations     = flag.Int("alterations", 30, "how often TestReplayIsStrict alters a recording")
	alterationsOf   = flag.String("alterations-of", "abandoned_session_fin_rst", "which recording TestReplayIsStrict alters")
	alterationsSeed = flag.Uint64("alterations-seed", 1, "seed of TestReplayIsStrict")
)

var number = regexp.MustCompile(`-?\d+`)

// TestReplayIsStrict alters a recording in one place and expects the replay to
// notice.
func TestReplayIsStrict(t *testing.T) {
	f, err := os.Open("../recordings/open62541/" + *alterationsOf + ".jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	replayText := func(text string) error {
		rec, err := parseRecording([]byte(text))
		if err != nil {
			return err
		}
		return replayFile(rec)
	}
	require.NoError(t, replayText(string(b)))
	lines := strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	rng := rand.New(rand.NewPCG(*alterationsSeed, 0))
	for range *alterations {
		altered, what := alter(rng, lines)
		require.Error(t, replayText(altered), what)
	}
	require.Error(t, replayText(string(b[:len(b)-20])), "truncated")
	require.Error(t, replayText(""), "empty")
}

// alter changes one number, or takes out or doubles a line.
func alter(rng *rand.Rand, lines []string) (text, what string) {
	at := 1 + rng.IntN(len(lines)-1)
	out := append([]string(nil), lines...)
	switch rng.IntN(8) {
	case 0:
		out[at] = ""
		what = "deleted"
	case 1:
		out[at] += out[at]
		what = "doubled"
	default:
		spots := number.FindAllStringIndex(withoutNames(out[at]), -1)
		if len(spots) == 0 {
			return alter(rng, lines)
		}
		s := spots[rng.IntN(len(spots))]
		old := out[at][s[0]:s[1]]
		n, err := strconv.ParseInt(old, 10, 64)
		changed := strconv.FormatInt(n+1, 10)
		if err != nil || old[0] == '0' && len(old) > 1 { // in a hexadecimal text
			changed = old[:len(old)-1] + string('0'+(old[len(old)-1]-'0'+1)%10)
		}
		out[at] = out[at][:s[0]] + changed + out[at][s[1]:]
		what = fmt.Sprintf("%s to %s", old, changed)
	}
	return strings.Join(out, ""), fmt.Sprintf("line %d %s: %s", at+1, what, lines[at])
}

// withoutNames blanks out what is not an outcome: names of functions and phases,
// and the bytes that come in.
func withoutNames(s string) string {
	b := []byte(s)
	if strings.HasPrefix(s, `{"net":"rx"`) {
		return regexp.MustCompile(`"hex":"[^"]*"`).ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat("_", len(m)) })
	}
	for _, m := range regexp.MustCompile(`"by":"[^"]*"|,"[A-Za-z_][^"]*"\]|"name":"[^"]*"|"client":\d+|"tx_room":\d+`).FindAllIndex(b, -1) {
		copy(b[m[0]:m[1]], bytes.Repeat([]byte{'_'}, m[1]-m[0]))
	}
	return string(b)
}
