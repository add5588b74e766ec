package mbedtls

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// TestPossiblePeaks: the peak that a draw gives is among those that follow from its
// own operations, and so is, for nearly every step, that of another draw: few draws
// are enough to settle a recording. What no draw gives is not among them.
func TestPossiblePeaks(t *testing.T) {
	for _, name := range []string{"client-ecdsa-default", "v43-client-rsa-default", "server-rsa-default-mutual-x25519"} {
		file, err := recordings.Read(shippedRecordings + "/" + name + ".jsonl.gz")
		require.NoError(t, err)
		cfg, _, err := (&recording{file}).config()
		require.NoError(t, err)
		seen := map[string][]pair{}
		possible := map[string][]pair{}
		for seed := range uint64(5) {
			cfg.Seed = 1000 + seed
			phases, err := run(cfg)
			require.NoError(t, err)
			for _, p := range phases {
				if !strings.HasPrefix(p.name, "hs:") {
					continue
				}
				all := possiblePeaks(p.events, cfg.Version == V2_16_9)
				peak := pair{p.f.Peak, p.f.TLSFPeak}
				require.Contains(t, all, peak, "%s %s seed %d", name, p.name, cfg.Seed)
				seen[p.name] = append(seen[p.name], peak)
				if seed < 3 {
					possible[p.name] = append(possible[p.name], all...)
				}
			}
		}
		for phase, all := range seen {
			for _, peak := range all {
				require.Contains(t, possible[phase], peak, "%s %s", name, phase)
			}
			least := slices.MinFunc(possible[phase], func(a, b pair) int { return a.bytes - b.bytes })
			most := slices.MaxFunc(possible[phase], func(a, b pair) int { return a.bytes - b.bytes })
			require.LessOrEqual(t, most.bytes-least.bytes, 100, "%s %s", name, phase)
			for _, p := range possible[phase] {
				require.NotContains(t, possible[phase], pair{p.bytes + 2, p.tlsf}, "%s %s", name, phase)
				require.NotContains(t, possible[phase], pair{p.bytes, p.tlsf + 4*20}, "%s %s", name, phase)
			}
		}
	}
}

// TestSettleIsStrict: a recording whose peak was altered with an operation, so that
// its sums are right, is not settled by other random numbers.
func TestSettleIsStrict(t *testing.T) {
	file, err := recordings.Read(shippedRecordings + "/client-ecdsa-default-sw.jsonl.gz")
	require.NoError(t, err)
	l := &recording{file}
	cfg, _, err := l.config()
	require.NoError(t, err)
	phases, err := run(cfg)
	require.NoError(t, err)
	for _, d := range []int{-64, 2, 64} {
		altered := &recording{&recordings.Lines{Path: file.Path, Text: slices.Clone(file.Text)}}
		for n, p := range phases {
			if p.name == "hs:SERVER_CERTIFICATE" {
				f := p.f
				f.Peak += d
				f.TLSFPeak += d
				i := slices.IndexFunc(file.Text, func(text []byte) bool { return string(text) == endLine(n, p.f) })
				require.Positive(t, i)
				altered.Text[i] = []byte(endLine(n, f))
			}
		}
		settled, err := altered.settle(cfg, phases)
		require.NoError(t, err)
		require.ErrorContains(t, altered.compare(settled), "the model's line differs", "%+d", d)
	}
}
