package lwipmodel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// TestRecordingsAreStrict alters recordings and wants each change noticed.
func TestRecordingsAreStrict(t *testing.T) {
	number := regexp.MustCompile(`:(-?\d+)`)
	for _, name := range []string{"graceful-def", "tw_new_syn-def", "linger_n-lin-nb0", "mallocfail-def-stage0-first9", "graceful-def-rxwifi1"} {
		t.Run(name, func(t *testing.T) {
			data, err := recordings.Unpack(filepath.Join(shippedRecordings, name+".jsonl.gz"))
			require.NoError(t, err)
			require.NoError(t, replay(name, data, false))
			lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
			lines[len(lines)-1] += "\n"
			with := func(i int, repl ...string) []byte {
				var b bytes.Buffer
				for j, l := range lines {
					if j == i {
						l = strings.Join(repl, "")
					}
					b.WriteString(l)
				}
				return b.Bytes()
			}
			shape := regexp.MustCompile(`:("[^"]*"|[^,}]*)`)
			seen := map[string]bool{}
			for i, l := range lines {
				if i == 0 {
					continue
				}
				// Everything about one line of each kind with each set of fields; of the
				// others in the first file one number each.
				fields := shape.ReplaceAllString(l, "") + strings.Split(l, ",")[1]
				known := seen[fields]
				if known && name != "graceful-def" {
					continue
				}
				seen[fields] = true
				input := strings.Contains(l, `"kind":"rx"`) || strings.Contains(l, `"kind":"call"`) || strings.Contains(l, `"kind":"tcp_tmr"`)
				for k, m := range number.FindAllStringSubmatchIndex(l, -1) {
					field := l[strings.LastIndex(l[:m[0]], `,"`)+1 : m[0]]
					if input && field != `"live"` && field != `"blocks"` && field != `"n"` {
						continue // another input is another run, which may come out the same
					}
					if known && k != i%4 {
						continue
					}
					v, err := strconv.Atoi(l[m[2]:m[3]])
					require.NoError(t, err)
					changed := l[:m[2]] + strconv.Itoa(v+1) + l[m[3]:]
					err = replay(name, with(i, changed), false)
					require.Error(t, err, "line %d: %s", i+1, changed)
					if !input {
						require.Contains(t, err.Error(), fmt.Sprintf("%s:%d:", name, i+1))
					}
				}
				if input || known {
					continue
				}
				require.Error(t, replay(name, with(i), false), "line %d deleted", i+1)
				require.Error(t, replay(name, with(i, l, l), false), "line %d doubled", i+1)
				extra := strings.Replace(l, `,"live"`, `,"extra":1,"live"`, 1)
				require.Error(t, replay(name, with(i, extra), false), "line %d with an extra field", i+1)
			}
		})
	}
}

// TestRecordingsRefuse lists what is not a recording.
func TestRecordingsRefuse(t *testing.T) {
	data, err := recordings.Unpack(filepath.Join(shippedRecordings, "graceful-def.jsonl.gz"))
	require.NoError(t, err)
	head := string(data[:bytes.IndexByte(data, '\n')+1])
	for what, d := range map[string]string{
		"an empty file":          "",
		"no JSON":                "hello\n",
		"a header alone":         head,
		"a cut line":             string(data[:len(data)-20]),
		"no end":                 string(data[:bytes.LastIndexByte(data[:bytes.LastIndexByte(data[:len(data)-1], '\n')], '\n')+1]),
		"another format":         strings.Replace(string(data), `"format": 2`, `"format": 3`, 1),
		"another source":         strings.Replace(string(data), "f79221431", "f79221432", 1),
		"an unknown option":      strings.Replace(string(data), `"TCP_MSS"`, `"TCP_MSX"`, 1),
		"an option out of range": strings.Replace(string(data), `"TCP_MSS": 1440`, `"TCP_MSS": 14400`, 1),
		"a wrong limit":          strings.Replace(string(data), `"TCP_SND_QUEUELEN": 16`, `"TCP_SND_QUEUELEN": 17`, 1),
		"an unknown call":        strings.Replace(string(data), `"op":"set_nonblocking"`, `"op":"set_blocking"`, 1),
		"a negative length":      strings.Replace(string(data), `"kind":"call","op":"recv","fd":1,"len":`, `"kind":"call","op":"recv","fd":1,"len":-`, 1),
		"a length beyond IPv4":   strings.Replace(string(data), `"len":64,"wnd"`, `"len":65536,"wnd"`, 1),
		"an unknown kind":        strings.Replace(string(data), `"kind":"rx"`, `"kind":"ry"`, 1),
		"a field twice":          strings.Replace(string(data), `"wnd":8192,"mss"`, `"wnd":8192,"wnd":8192,"mss"`, 1),
		"an unknown field":       strings.Replace(string(data), `"wnd":8192,"mss"`, `"wnd":8192,"ttl":5,"mss"`, 1),
		"time that goes back":    strings.Replace(string(data), `{"t_ms":327,"kind":"call"`, `{"t_ms":311,"kind":"call"`, 1),
	} {
		require.NotEqual(t, string(data), d, what)
		require.Regexp(t, `^file:\d+: `, replay("file", []byte(d), false).Error(), what)
	}
	dir := t.TempDir()
	_, err = recordings.Files(dir, "index.json")
	require.ErrorContains(t, err, "want recordings, got none")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.jsonl.gz"), []byte("no gzip"), 0o600))
	_, err = recordings.Unpack(filepath.Join(dir, "x.jsonl.gz"))
	require.ErrorContains(t, err, "not a gzip file")
}

// TestRecordingsMayBeRewritten: a recording that another program has read and
// written again is the same recording, and no less strict.
func TestRecordingsMayBeRewritten(t *testing.T) {
	data, err := recordings.Unpack(filepath.Join(shippedRecordings, "graceful-def.jsonl.gz"))
	require.NoError(t, err)
	var lines []string
	for l := range strings.Lines(string(data)) {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(l), &v))
		b, err := json.Marshal(v) // sorts the fields
		require.NoError(t, err)
		lines = append(lines, strings.ReplaceAll(string(b), `":`, `": `))
	}
	require.NoError(t, replay("file", []byte(strings.Join(lines, "\n")), false))
	for i, l := range lines[1:] {
		if strings.Contains(l, `"kind": "tx"`) {
			changed := strings.Replace(l, `"wnd": `, `"wnd": 1`, 1)
			lines[i+1] = changed
			require.ErrorContains(t, replay("file", []byte(strings.Join(lines, "\n")), false), fmt.Sprintf("file:%d: lines differ", i+2))
			return
		}
	}
	t.Fatal("no segment was sent")
}
