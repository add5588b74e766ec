package opcua

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// indexEntry is what an index says of a file.
type indexEntry struct {
	File        string `json:"file"`
	Run         string `json:"run"`
	Stack       string `json:"stack"`
	Phases      int    `json:"phases"`
	Ops         int    `json:"ops"`
	Connections int    `json:"connections"`
	Rx          int    `json:"rx"`
	RxMessages  int    `json:"rx_messages"`
	RxBytes     int    `json:"rx_bytes"`
	Tx          int    `json:"tx"`
	TxBytes     int    `json:"tx_bytes"`
	Baselines   int    `json:"baselines"`

	Replayable bool   `json:"replayable"`
	Forced     bool   `json:"replayable_with_forced_random"`
	Note       string `json:"note"`
}

// checkIndex compares an index with the files beside it.
func checkIndex(dir string, b []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("1: %w", err)
	}
	at := 0
	for _, r := range raw {
		at += bytes.Index(b[at:], r)
		number := 1 + bytes.Count(b[:at], []byte("\n"))
		var want indexEntry
		if err := strict(string(r), &want); err != nil {
			return fmt.Errorf("%d: %w", number, err)
		}
		got, err := indexOf(filepath.Join(dir, want.File))
		if err != nil {
			return fmt.Errorf("%d: %w", number, err)
		}
		got.File, got.Replayable, got.Forced, got.Note = want.File, want.Replayable, want.Forced, want.Note
		if *got != want {
			return fmt.Errorf("%d: expected %+v, got %+v", number, want, *got)
		}
		at += len(r)
	}
	return nil
}

// indexOf counts what is in a file.
func indexOf(path string) (*indexEntry, error) {
	b, err := recordings.Unpack(path)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(b)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	if t != nil {
		return &indexEntry{Run: t.run, Stack: t.stack}, nil
	}
	rec, err := parseRecording(b)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	e := &indexEntry{Run: rec.header.Run, Stack: rec.header.Stack}
	received := map[int][]byte{}
	for _, l := range rec.lines {
		switch {
		case l.end != nil:
			e.Phases++
		case l.op != nil:
			e.Ops++
		case l.baseline != nil:
			e.Baselines++
			received = map[int][]byte{}
		case l.net != nil && l.net.Net == "accept":
			e.Connections++
		case l.net != nil && l.net.Net == "rx":
			e.Rx++
			e.RxBytes += l.net.Len
			n := 0
			n, received[l.net.Conn] = countChunks(append(received[l.net.Conn], l.net.bytes...))
			e.RxMessages += n
		case l.net != nil && l.net.Net == "tx":
			e.Tx++
			e.TxBytes += l.net.Len
		}
	}
	return e, nil
}

// countChunks counts the complete chunks in b and returns the rest.
func countChunks(b []byte) (n int, rest []byte) {
	for len(b) >= headerLength {
		size := binary.LittleEndian.Uint32(b[4:])
		if size < headerLength || uint32(len(b)) < size {
			break
		}
		b = b[size:]
		n++
	}
	return n, b
}
