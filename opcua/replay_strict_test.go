package opcua

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

var (
	alterations     = flag.Int("alterations", 3, "how often TestReplayIsStrict alters each recording")
	alterationsOf   = flag.String("alterations-of", "", "which recordings TestReplayIsStrict alters: those whose names begin so; empty: all that are replayed fast")
	alterationsSeed = flag.Uint64("alterations-seed", 1, "seed of TestReplayIsStrict")
)

var number = regexp.MustCompile(`-?\d+`)

// place is what the message of a replay that fails begins with: the line.
var place = regexp.MustCompile(`^\d+: `)

// slowToReplay are recordings that are altered only on request.
var slowToReplay = []string{"capacity", "oom_injection_once", "encrypted_lifecycle", "four_concurrent_sessions", "second_client"}

// TestReplayIsStrict alters every recording and table in one place and expects that
// to be noticed, with the line.
func TestReplayIsStrict(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(shippedRecordings + "/*.jsonl.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl.gz")
		if !strings.HasPrefix(name, *alterationsOf) || *alterationsOf == "" && slices.Contains(slowToReplay, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireStrict(t, path)
		})
	}
}

func requireStrict(t *testing.T, path string) {
	b, err := recordings.Unpack(path)
	require.NoError(t, err)
	lines := strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	rng := rand.New(rand.NewPCG(*alterationsSeed, 0))
	for range *alterations {
		altered, what := alter(rng, lines)
		err := checkBytes([]byte(altered))
		require.Error(t, err, what)
		require.Regexp(t, place, err.Error(), what)
	}
	require.Error(t, checkBytes(b[:len(b)-20]), "truncated")
	require.Error(t, checkBytes(nil), "empty")
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
