package lwipmodel

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// Two tasks of the device talk to each other, over 127.0.0.1 and over the
// device's own address. Nothing leaves on the cable.
func TestLoopback(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", deviceAddr.String()} {
		t.Run(addr, func(t *testing.T) {
			var got []byte
			b := newBench(t, 0, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
				b.k.CreateTask("client", 4096, 5, freertos.NoAffinity, func(task *freertos.Task) {
					task.Delay(100)
					n := b.s.Net(task)
					c, err := n.Dial("tcp", net.JoinHostPort(addr, "4840"))
					require.NoError(t, err)
					require.Equal(t, addr, c.LocalAddr().(*net.TCPAddr).IP.String())
					sent := make([]byte, 5000)
					for i := range sent {
						sent[i] = byte(i * 3)
					}
					_, err = c.Write(sent)
					require.NoError(t, err)
					require.NoError(t, c.(*Conn).CloseWrite())
					got, err = io.ReadAll(c)
					require.NoError(t, err)
					require.Equal(t, sent, got)
					require.NoError(t, c.Close())

					u, err := n.Dial("udp", net.JoinHostPort(addr, "5000"))
					require.NoError(t, err)
					_, err = u.Write([]byte("over"))
					require.NoError(t, err)
					require.NoError(t, u.Close())
					task.Delete()
				})
				n := b.s.Net(task)
				l, err := n.Listen("tcp", ":4840")
				require.NoError(t, err)
				u, err := n.ListenPacket("udp", ":5000")
				require.NoError(t, err)
				c, err := l.Accept()
				require.NoError(t, err)
				_, err = io.Copy(c, c)
				require.NoError(t, err)
				require.NoError(t, c.Close())
				buf := make([]byte, 10)
				k, from, err := u.ReadFrom(buf)
				require.NoError(t, err)
				require.Equal(t, "over", string(buf[:k]))
				require.Equal(t, addr, from.(*net.UDPAddr).IP.String())
				require.NoError(t, u.Close())
				require.NoError(t, l.Close())
			})
			require.NoError(t, b.loop.Run(500*time.Millisecond))
			before := b.n.Counters().Sent
			require.NoError(t, b.loop.Run(50*time.Second))
			require.Len(t, got, 5000)
			require.Equal(t, before, b.n.Counters().Sent)
			require.NoError(t, b.loop.Run(130*time.Second))
			live := b.live()
			require.Zero(t, live["PBUF_RAM"])
			require.Zero(t, live["TCP_PCB"])
		})
	}
}

// Two tasks that both send to each other without reading: with both windows shut
// each acknowledgement is outside the window, and is acknowledged.
func TestLoopbackWithoutEnd(t *testing.T) {
	b := newBench(t, 0, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		b.k.CreateTask("client", 4096, 5, freertos.NoAffinity, func(task *freertos.Task) {
			task.Delay(100)
			c, err := b.s.Net(task).Dial("tcp", "127.0.0.1:4840")
			require.NoError(t, err)
			c.Write(make([]byte, 20000))
		})
		l, err := b.s.Net(task).Listen("tcp", ":4840")
		require.NoError(t, err)
		c, err := l.Accept()
		require.NoError(t, err)
		c.Write(make([]byte, 20000))
	})
	require.NoError(t, b.loop.Run(time.Minute))
	require.NotNil(t, b.k.Halted())
	require.Contains(t, b.k.Halted().Text, "acknowledge acknowledgements for ever")
}
