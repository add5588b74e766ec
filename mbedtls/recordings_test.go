package mbedtls

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

var recordingsFlag = recordings.Flag()

const shippedRecordings = "../recordings/mbedtls"

// TestRecordings replays recordings of the real mbedTLS, one subtest a file.
// The model gets the configuration in the header and what the other side sent;
// the comparer has the rest. The first difference fails the subtest with file,
// line, what was recorded and what the model did.
func TestRecordings(t *testing.T) {
	dir := recordings.Dir(*recordingsFlag, shippedRecordings)
	files, err := recordings.Files(dir)
	require.NoError(t, err)
	for _, f := range files {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, filepath.FromSlash(f))
			l, err := recordings.Read(path)
			if err == nil {
				err = replay(&recording{l})
			}
			if err == nil && *recordingsFlag != "" {
				err = compareWithShipped(l)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// compareWithShipped compares a replayed file with the project's recording of
// the same header, if there is one: where a carry in random numbers decides, the
// model cannot know, and an altered line could be as likely as the recorded one.
func compareWithShipped(l *recordings.Lines) error {
	files, err := recordings.Files(shippedRecordings)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(shippedRecordings, filepath.FromSlash(f))
		shipped, err := recordings.Read(path)
		if err != nil {
			return err
		}
		if bytes.Equal(shipped.Text[0], l.Text[0]) {
			return l.Compare(shipped)
		}
	}
	return nil
}
