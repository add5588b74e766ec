package wire

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

var rewrite = flag.Bool("rewrite", false, "write the golden captures anew")

// smallWorld is what the golden capture shows: ARP, ping, a connection whose
// first SYN is lost, a frame into a pulled cable.
func smallWorld(t *testing.T, tapEnds bool) []byte {
	l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) {
		c.Delay = time.Millisecond
		c.Faults = []Fault{{Action: Drop, First: 1, Class: SYN}, {Action: Duplicate, First: 1, Class: FIN}}
	})
	var out bytes.Buffer
	capture := NewCapture(l.loop, &out, CaptureConfig{Comment: "golden"})
	require.NoError(t, capture.Tap(l.cables[0]))
	if tapEnds {
		for _, e := range l.cables[0].Ends() {
			require.NoError(t, capture.TapEnd(e))
		}
	}
	l.echo(0)
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
		c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, 0)
		require.NoError(t, err)
		require.NoError(t, talk(p, c, 2000))
		c.Close()
		u, err := l.hosts[1].ListenUDP(0)
		require.NoError(t, err)
		p.Sleep(time.Second)
		l.cables[0].Pull()
		require.NoError(t, u.SendTo([]byte("into the void"), netip.AddrPortFrom(addrOf(0), 9)))
		p.Sleep(time.Second)
	})
	require.NoError(t, capture.Close())
	return out.Bytes()
}

// TestCaptureGolden holds the capture against a file: it must be the same on
// every system.
func TestCaptureGolden(t *testing.T) {
	got := smallWorld(t, true)
	path := filepath.Join("testdata", "small.pcapng")
	if *rewrite {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "the capture differs from %s: look at both in Wireshark; -rewrite accepts the new one", path)
}

func TestCaptureReadsBack(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(smallWorld(t, true)), pcapgo.DefaultNgReaderOptions)
	require.NoError(t, err)
	require.Equal(t, "plimsoll", r.SectionInfo().Application)
	require.Equal(t, "golden", r.SectionInfo().Comment)
	require.Empty(t, r.SectionInfo().OS)
	require.Empty(t, r.SectionInfo().Hardware)
	var notes []string
	frames := map[int]int{}
	var last time.Time
	for {
		data, info, opts, err := r.ReadPacketDataWithOptions()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.False(t, info.Timestamp.Before(last))
		last = info.Timestamp
		require.Equal(t, 2025, info.Timestamp.UTC().Year())
		frames[info.InterfaceIndex]++
		if info.InterfaceIndex == 0 {
			notes = append(notes, opts.Comments...)
		}
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		require.Nil(t, p.ErrorLayer())
	}
	require.Equal(t, []string{
		"fault: drop #1 of syn",
		"fault: duplicate #1 of fin",
		"lost: cable pulled",
	}, notes)
	i, err := r.Interface(1)
	require.NoError(t, err)
	require.Equal(t, "cable at a", i.Name)
	require.Contains(t, i.Comment, "cable cable: a - b, delay 1ms, 100000000 bit/s, faults: drop #1 of syn; duplicate #1 of fin")
	// The end sees a frame less for each lost one and one more for the copy.
	require.Equal(t, frames[0]-2+1, frames[1])
	require.Equal(t, frames[0], frames[2])
}

// TestTsharkFindsNothingMalformed needs tshark and is skipped without it.
func TestTsharkFindsNothingMalformed(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	_, _, pcap := busyWorld(t, 3, 4, 2)
	path := filepath.Join(t.TempDir(), "x.pcapng")
	// A pcapng file may have several sections.
	require.NoError(t, os.WriteFile(path, append(smallWorld(t, true), pcap...), 0o644))
	cmd := exec.Command(tshark, "-n", "-r", path, "-Y", "_ws.malformed")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%s", errs.String())
	require.NotContains(t, errs.String(), "damaged")
	require.Empty(t, strings.TrimSpace(out.String()))
}

func TestCaptureReportsAWriteError(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	capture, err := l.cables[0].Capture(failingWriter{})
	require.NoError(t, err, "nothing is written before the buffer is full")
	l.hosts[1].Go("ping", func(p *vtime.Proc) {
		for {
			_, _ = l.hosts[1].Ping(p, addrOf(0), time.Second)
		}
	})
	require.ErrorContains(t, l.loop.Run(time.Second), "writing the capture: disk full")
	require.ErrorContains(t, capture.Flush(), "disk full")
	require.ErrorContains(t, capture.Tap(l.cables[0]), "disk full")
}

func TestCaptureWithoutTapAndAfterClose(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	require.ErrorContains(t, NewCapture(l.loop, io.Discard, CaptureConfig{}).Flush(), "without a tap")
	var out bytes.Buffer
	epoch := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	capture := NewCapture(l.loop, &out, CaptureConfig{Epoch: epoch})
	require.NoError(t, capture.Tap(l.cables[0]))
	l.run(1, func(p *vtime.Proc) { _, _ = l.hosts[1].Ping(p, addrOf(0), time.Second) })
	require.NoError(t, capture.Close())
	require.NoError(t, capture.Close())
	size := out.Len()
	l.run(1, func(p *vtime.Proc) { _, _ = l.hosts[1].Ping(p, addrOf(0), time.Second) })
	require.Equal(t, size, out.Len())
	require.ErrorIs(t, capture.Tap(l.cables[0]), errCaptureClosed)
	r, err := pcapgo.NewNgReader(&out, pcapgo.DefaultNgReaderOptions)
	require.NoError(t, err)
	_, info, err := r.ReadPacketData()
	require.NoError(t, err)
	require.Equal(t, epoch, info.Timestamp.UTC())
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }
