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

func TestWiFiEchoes(t *testing.T) {
	for name, cfg := range map[string]WiFiConfig{"dynamic": {}, "static": {StaticTx: 16}} {
		t.Run(name, func(t *testing.T) {
			b := newWiFiBench(t, 1, DefaultOptions(), cfg, echo)
			require.NoError(t, b.loop.Run(time.Second))
			base := b.live()
			var took time.Duration
			b.hosts[0].Go("client", func(p *vtime.Proc) {
				c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
				require.NoError(t, err)
				start := p.Now()
				buf := make([]byte, 1000)
				for range 100 {
					_, err := c.Write(p, buf, time.Second)
					require.NoError(t, err)
					for got := 0; got < len(buf); {
						n, err := c.Read(p, buf, time.Second)
						require.NoError(t, err)
						got += n
					}
				}
				took = p.Now() - start
				c.Close()
			})
			require.NoError(t, b.loop.Run(200*time.Second))
			require.Equal(t, base, b.live())
			require.Greater(t, took, 100*700*time.Microsecond, "a kilobyte takes 700 us in the air")
			require.Zero(t, b.n.Counters().NoBuffer)
		})
	}
}

// Unread segments of idle sockets hold the receive buffers of the whole device.
func TestWiFiReceiveBuffersAreShared(t *testing.T) {
	opt := DefaultOptions()
	var fds []int
	read := false
	b := newWiFiBench(t, 1, opt, WiFiConfig{DynamicRx: 8}, func(b *bench, task *freertos.Task) {
		l, _ := b.s.Socket(task, SockStream)
		b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort))
		b.s.Listen(task, l, 5)
		for len(fds) < 3 {
			fd, err := b.s.Accept(task, l)
			require.NoError(t, err)
			fds = append(fds, fd)
		}
		task.Delay(1000)
		lost := b.n.Counters().NoBuffer
		require.Positive(t, lost)
		require.EqualValues(t, 8*(14+20+20+100), b.live()["l2_rx_buffer"])
		for _, fd := range fds {
			for got := 0; got < 500; {
				n, err := b.s.Recv(task, fd, make([]byte, 500), 0)
				require.NoError(t, err)
				got += n
			}
		}
		read = true
	})
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		var conns []*wire.Conn
		for range 3 {
			c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
			require.NoError(t, err)
			c.SetNoDelay(true)
			conns = append(conns, c)
		}
		for _, c := range conns {
			for range 5 {
				_, err := c.Write(p, make([]byte, 100), time.Second)
				require.NoError(t, err)
				p.Sleep(10 * time.Millisecond)
			}
		}
	})
	require.NoError(t, b.loop.Run(time.Minute))
	require.True(t, read)
	require.Zero(t, b.live()["l2_rx_buffer"])
}

// Frames that find no send buffer are lost; TCP sends them again.
func TestWiFiSendBuffers(t *testing.T) {
	got := 0
	b := newWiFiBench(t, 1, DefaultOptions(), WiFiConfig{DynamicTx: 2, AirTime: func(int) time.Duration { return 20 * time.Millisecond }}, func(b *bench, task *freertos.Task) {
		l, _ := b.s.Socket(task, SockStream)
		b.s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort))
		b.s.Listen(task, l, 5)
		fd, err := b.s.Accept(task, l)
		require.NoError(t, err)
		n, err := b.s.Send(task, fd, make([]byte, 20000), 0)
		require.NoError(t, err)
		require.Equal(t, 20000, n)
		b.s.Close(task, fd)
	})
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		p.Sleep(time.Second)
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		for {
			n, err := c.Read(p, make([]byte, 5000), time.Minute)
			if err != nil {
				return
			}
			got += n
		}
	})
	require.NoError(t, b.loop.Run(5*time.Minute+10*time.Second))
	require.Equal(t, 20000, got)
	require.Positive(t, b.n.Counters().TxNoBuffer)
	require.Zero(t, b.live()["l2_tx_buffer"])
}

// With L2ToL3Copy received data is held in buffers of lwIP's.
func TestL2ToL3Copy(t *testing.T) {
	opt := DefaultOptions()
	opt.L2ToL3Copy = true
	b := newWiFiBench(t, 1, opt, WiFiConfig{DynamicRx: 1}, idle)
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		_, err = c.Write(p, make([]byte, 100), time.Second)
		require.NoError(t, err)
	})
	require.NoError(t, b.loop.Run(5*time.Second))
	live := b.live()
	require.Zero(t, live["l2_rx_buffer"])
	require.Zero(t, live["esp_pbuf"])
	require.EqualValues(t, 16+156, live["PBUF_RAM"]) // 14 + 20 + 20 + 100, in words
}
