package mbedtls

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// TestReplayIsStrict alters recordings, a number, a line at a time: the replay
// notices each, and names the file and a line.
func TestReplayIsStrict(t *testing.T) {
	for _, name := range []string{"client-rsa-dynfree-caonly", "server-rsa-default-x25519"} {
		path := filepath.Join(shippedRecordings, name+".jsonl.gz")
		file, err := recordings.Read(path)
		require.NoError(t, err)
		good := &recording{file}
		cfg, _, err := good.config()
		require.NoError(t, err)
		phases, err := run(cfg)
		require.NoError(t, err)
		require.NoError(t, good.compare(phases))

		try := func(what string, text [][]byte) {
			t.Helper()
			l := &recording{&recordings.Lines{Path: path, Text: text}}
			c, _, err := l.config()
			if err == nil {
				p := phases
				if string(text[0]) != string(good.Text[0]) {
					if p, err = run(c); err != nil {
						err = l.Errorf(0, "%v", err)
					}
				}
				if err == nil {
					err = l.compare(p)
				}
			}
			require.Error(t, err, "%s: %s is not noticed", name, what)
			require.Regexp(t, regexp.QuoteMeta(path)+`:\d+: `, err.Error())
		}
		number := regexp.MustCompile(`[0-9]+`)
		for i, line := range good.Text {
			if i > 40 && i%7 != 0 && string(line[:6]) != `{"end"` && string(line[:6]) != `{"tota` && string(line[:6]) != `{"note` {
				continue // operations are many and alike
			}
			for _, at := range number.FindAllIndex(line, -1) {
				if i == 0 && !outcomeOfHeader(line, at[0]) || line[at[0]-1] != ':' && line[at[0]-1] != ' ' {
					continue // a part of a name
				}
				n, err := strconv.Atoi(string(line[at[0]:at[1]]))
				require.NoError(t, err)
				altered := fmt.Appendf(nil, "%s%d%s", line[:at[0]], n+1, line[at[1]:])
				text := append([][]byte{}, good.Text...)
				text[i] = altered
				try(fmt.Sprintf("line %d: %s", i+1, altered), text)
			}
			if i > 0 {
				try(fmt.Sprintf("line %d deleted", i+1), append(append([][]byte{}, good.Text[:i]...), good.Text[i+1:]...))
				twice := append(append([][]byte{}, good.Text[:i+1]...), good.Text[i:]...)
				try(fmt.Sprintf("line %d twice", i+1), twice)
			}
		}
		for i := 1; i < len(good.Text); i += 97 {
			try(fmt.Sprintf("cut at line %d", i+1), good.Text[:i])
		}
	}
}

// outcomeOfHeader tells a number that the model must know from an input.
func outcomeOfHeader(line []byte, at int) bool {
	from := regexp.MustCompile(`"overheads"`).FindIndex(line)
	return from != nil && at > from[0]
}

// TestChainOf: what a recording shows of a chain is what the table of the test
// authority has.
func TestChainOf(t *testing.T) {
	for name, from := range map[string]string{
		"client-rsa-default-chain4": "hs:SERVER_CERTIFICATE", "client-ecdsa-dyn": "hs:SERVER_CERTIFICATE",
		"v43-client-rsa-default": "hs:SERVER_CERTIFICATE", "server-rsa-default-x25519": "parse_own_cert",
	} {
		path := filepath.Join(shippedRecordings, name+".jsonl.gz")
		file, err := recordings.Read(path)
		require.NoError(t, err)
		l := &recording{file}
		cfg, h, err := l.config()
		require.NoError(t, err)
		pki := testPKI[h.Auth]
		got := l.chainOf(from, pki.serverKey, SizesOf(cfg).Crt, true)
		want := pki.chains[h.Chain]
		require.Len(t, got, len(want), name)
		for i := range want {
			require.Equal(t, [4]int{want[i].DER, want[i].RDNs, want[i].EKUs, want[i].SANs}, [4]int{got[i].DER, got[i].RDNs, got[i].EKUs, got[i].SANs}, name)
		}
	}
}
