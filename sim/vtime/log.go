package vtime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// A Log is a loop's record of what happened. Every line goes into the
// fingerprint; the lines themselves are written out only on request.
type Log struct {
	loop *Loop
	hash hash.Hash
	buf  []byte
	w    io.Writer
	n    uint64
}

func newLog(l *Loop) *Log { return &Log{loop: l, hash: sha256.New()} }

// Keep writes every further line to w as text; nil ends that. An error of w
// fails the loop.
func (g *Log) Keep(w io.Writer) { g.w = w }

// Kept reports whether lines are written out, for callers that would otherwise
// spend time on making them readable.
func (g *Log) Kept() bool { return g.w != nil }

// Lines returns how many lines were emitted.
func (g *Log) Lines() uint64 { return g.n }

// Emit adds a line: the virtual time in nanoseconds, the source, and the text
// made of format and args as fmt.Sprintf does.
func (g *Log) Emit(source, format string, args ...any) {
	b := g.begin(source)
	if len(args) == 0 {
		b = append(b, format...)
	} else {
		b = fmt.Appendf(b, format, args...)
	}
	g.end(b)
}

// EmitBytes adds a line whose text is data in hexadecimal, such as a frame.
func (g *Log) EmitBytes(source string, data []byte) {
	b := g.begin(source)
	if g.w == nil {
		// The fingerprint takes the bytes as they are: cheaper, and as strict.
		b = strconv.AppendInt(b, int64(len(data)), 10)
		b = append(b, ' ')
		g.end(append(b, data...))
		return
	}
	raw := strconv.AppendInt(append([]byte(nil), b...), int64(len(data)), 10)
	raw = append(append(append(raw, ' '), data...), '\n')
	g.hash.Write(raw)
	g.n++
	g.write(append(hex.AppendEncode(b, data), '\n'))
}

// Fingerprint returns the SHA-256 of all lines so far, in hexadecimal.
func (g *Log) Fingerprint() string { return hex.EncodeToString(g.hash.Sum(nil)) }

func (g *Log) begin(source string) []byte {
	b := strconv.AppendInt(g.buf[:0], int64(g.loop.now), 10)
	b = append(b, ' ')
	b = append(b, source...)
	return append(b, ' ')
}

func (g *Log) end(b []byte) {
	b = append(b, '\n')
	g.buf = b
	g.hash.Write(b)
	g.n++
	if g.w != nil {
		g.write(b)
	}
}

func (g *Log) write(b []byte) {
	if _, err := g.w.Write(b); err != nil {
		g.w = nil
		g.loop.Fail(fmt.Errorf("vtime: writing the event log: %w", err))
	}
}
