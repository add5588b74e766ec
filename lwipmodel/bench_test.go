package lwipmodel

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// idle accepts connections and leaves them alone.
func idle(b *bench, task *freertos.Task) {
	l, err := b.s.Socket(task, SockStream)
	require.NoError(b.t, err)
	require.NoError(b.t, b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort)))
	require.NoError(b.t, b.s.Listen(task, l, 5))
	for {
		_, err := b.s.Accept(task, l)
		require.NoError(b.t, err)
	}
}

// halfOpen is a device with one connection whose client has vanished.
func halfOpen(t testing.TB) *bench {
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), idle)
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		c.Vanish()
	})
	require.NoError(t, b.loop.Run(2*time.Second))
	require.Len(t, b.s.Netstat(), 2)
	return b
}

// BenchmarkIdleDay is the cost of a simulated day with one half-open connection.
func BenchmarkIdleDay(bb *testing.B) {
	for range bb.N {
		bb.StopTimer()
		b := halfOpen(bb)
		bb.StartTimer()
		require.NoError(bb, b.loop.Run(24*time.Hour))
		bb.StopTimer()
		require.Equal(bb, Established, b.s.Netstat()[1].State)
		b.loop.Close()
		bb.StartTimer()
	}
}
