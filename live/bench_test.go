package live_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// BenchmarkLatency is a round trip of 64 bytes through a live device that sends
// them back. "loopback-µs" is a round trip to a real echo server over loopback,
// "virtual-µs" what the device and its cable take in the world; the rest of the
// total is what the gateway adds.
func BenchmarkLatency(b *testing.B) {
	s := start(b, with(echo))
	c := dial(b, s)
	require.NoError(b, c.SetDeadline(time.Time{}))
	say(b, c, "the first takes the handshake")
	us := func(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1000 / float64(n) }
	loopback := us(roundTrips(b, realEcho(b), 1000), 1000)
	virtual := us(virtualRoundTrip(b), 1)
	b.ResetTimer()
	total := us(roundTrips(b, c, b.N), b.N)
	b.StopTimer()
	b.ReportMetric(loopback, "loopback-µs")
	b.ReportMetric(virtual, "virtual-µs")
	b.ReportMetric(total-loopback-virtual, "added-µs/op")
}

// virtualRoundTrip is the time of a round trip in a world of its own.
func virtualRoundTrip(b *testing.B) (took time.Duration) {
	w := sim.New(sim.Config{})
	defer w.Close()
	d, err := w.Device(sim.DeviceConfig{Firmware: echo})
	require.NoError(b, err)
	pc, err := w.Host("pc")
	require.NoError(b, err)
	_, err = w.Cable(d, pc)
	require.NoError(b, err)
	require.NoError(b, w.Run(time.Second))
	pc.Go("client", func(p *vtime.Proc) {
		c, err := pc.Dial(p, d.Addr(), 4840, 0)
		require.NoError(b, err)
		for range 2 { // the first takes an ARP request
			began := p.Now()
			_, err = c.Write(p, make([]byte, 64), 0)
			require.NoError(b, err)
			n, err := c.Read(p, make([]byte, 64), 0)
			require.NoError(b, err)
			require.Equal(b, 64, n)
			took = p.Now() - began
		}
	})
	require.NoError(b, w.Run(time.Second))
	return took
}

func roundTrips(b *testing.B, c net.Conn, n int) time.Duration {
	out, back := make([]byte, 64), make([]byte, 64)
	began := time.Now()
	for range n {
		if _, err := c.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, back); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// realEcho connects to an echo server of the real system.
func realEcho(b *testing.B) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = io.Copy(c, c)
			c.Close()
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	b.Cleanup(func() { c.Close(); l.Close() })
	return c
}

// BenchmarkThroughput is what a real client reads from a device that sends as fast
// as its TCP lets it, at a speed that the world cannot keep up with.
func BenchmarkThroughput(b *testing.B) {
	s := start(b, with(source))
	require.NoError(b, s.SetSpeed(1000))
	c := dial(b, s)
	require.NoError(b, c.SetDeadline(time.Time{}))
	buf := make([]byte, 64<<10)
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if _, err := io.ReadFull(c, buf); err != nil {
			b.Fatal(err)
		}
	}
}
