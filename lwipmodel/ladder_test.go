package lwipmodel

import (
	"bytes"
	"encoding/xml"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A connection that is opened, used, closed with a lost FIN, and reset by the
// next segment; and one to another port that is not wanted.
func TestLadder(t *testing.T) {
	r := newRig(t, DefaultOptions(), 1)
	l := newLadder(func() time.Duration { return time.Duration(r.clock) * time.Millisecond }, func(p netip.AddrPort) bool { return p.Port() != 2000 }, 0)
	r.c.ladder = l
	fd := r.listen(5)
	r.clock = 100
	pcb := r.open(1000)
	r.open(2000)
	c := r.accept(fd)
	r.send(&seg{srcPort: 1000, seq: 1, ack: pcb.sndNxt, flags: flagACK | flagPSH, wnd: 5840, data: make([]byte, 300)})
	r.do(0, func(th *thread) {
		r.c.recv(th, c, make([]byte, 1000), 0)
		r.c.send(th, c, [][]byte{make([]byte, 2000)}, 0)
	})
	r.advance(500)
	r.send(&seg{srcPort: 1000, seq: 301, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
	r.close(c)
	r.advance(2000)
	r.send(&seg{srcPort: 1000, seq: 301, ack: pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
	r.advance(130000)

	var text, svg bytes.Buffer
	require.NoError(t, l.WriteText(&text))
	require.NoError(t, l.WriteSVG(&svg))
	for name, got := range map[string][]byte{"ladder.txt": text.Bytes(), "ladder.svg": svg.Bytes()} {
		file := filepath.Join("testdata", name)
		if *rewrite {
			require.NoError(t, os.WriteFile(file, got, 0o644))
			continue
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), file)
	}
	d := xml.NewDecoder(&svg)
	for {
		_, err := d.Token()
		if err != nil {
			require.ErrorContains(t, err, "EOF")
			break
		}
	}
	for _, e := range l.Events() {
		require.EqualValues(t, 1000, e.Peer.Port())
	}
}
