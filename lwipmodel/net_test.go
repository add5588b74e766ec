package lwipmodel

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// netBench runs firmware that uses package net's view, and a client on a host
// that is connected to it.
func netBench(t *testing.T, firmware func(n *Net, c net.Conn), client func(p *vtime.Proc, c *wire.Conn)) {
	done := false
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		n := b.s.Net(task)
		l, err := n.Listen("tcp", ":4840")
		require.NoError(t, err)
		require.Equal(t, "0.0.0.0:4840", l.Addr().String())
		c, err := l.Accept()
		require.NoError(t, err)
		require.Equal(t, "192.168.1.50:4840", c.LocalAddr().String())
		require.Contains(t, c.RemoteAddr().String(), "192.168.1.10:")
		firmware(n, c)
		c.Close()
		require.NoError(t, l.Close())
		_, err = l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
		done = true
	})
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		p.Sleep(time.Second)
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		client(p, c)
		c.Close()
	})
	require.NoError(t, b.loop.Run(time.Hour))
	require.True(t, done, "the firmware did not end")
}

// What golang.org/x/net/nettest asks of a net.Conn, on one goroutine and in
// virtual time.
func TestNetConn(t *testing.T) {
	big := make([]byte, 1<<17)
	for i := range big {
		big[i] = byte(i * 31)
	}

	t.Run("a stream is copied both ways and ends", func(t *testing.T) {
		netBench(t, func(_ *Net, c net.Conn) {
			n, err := io.Copy(c, c)
			require.NoError(t, err)
			require.EqualValues(t, len(big), n)
			_, err = c.Read(make([]byte, 1))
			require.ErrorIs(t, err, io.EOF, "the end stays the end")
		}, func(p *vtime.Proc, c *wire.Conn) {
			var got []byte
			buf := make([]byte, 8192)
			for sent := 0; len(got) < len(big); {
				if sent < len(big) {
					n, err := c.Write(p, big[sent:min(sent+4096, len(big))], time.Minute)
					require.NoError(t, err)
					if sent += n; sent == len(big) {
						require.NoError(t, c.CloseWrite())
					}
				}
				n, err := c.Read(p, buf, time.Minute)
				require.NoError(t, err)
				got = append(got, buf[:n]...)
			}
			require.True(t, bytes.Equal(big, got))
			_, err := c.Read(p, buf, time.Minute)
			require.ErrorIs(t, err, io.EOF)
		})
	})

	t.Run("ping pong", func(t *testing.T) {
		netBench(t, func(_ *Net, c net.Conn) {
			b := make([]byte, 8)
			for {
				if _, err := io.ReadFull(c, b); err != nil {
					require.ErrorIs(t, err, io.EOF)
					return
				}
				b[0]++
				_, err := c.Write(b)
				require.NoError(t, err)
			}
		}, func(p *vtime.Proc, c *wire.Conn) {
			b := make([]byte, 8)
			for i := range 100 {
				require.Equal(t, byte(i), b[0])
				_, err := c.Write(p, b, time.Minute)
				require.NoError(t, err)
				n, err := c.Read(p, b, time.Minute)
				require.NoError(t, err)
				require.Equal(t, 8, n)
			}
		})
	})

	timedOut := func(t *testing.T, err error) {
		t.Helper()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		var ne net.Error
		require.ErrorAs(t, err, &ne)
		require.True(t, ne.Timeout())
		require.NotErrorIs(t, err, net.ErrClosed)
	}

	t.Run("deadlines of reading", func(t *testing.T) {
		netBench(t, func(n *Net, c net.Conn) {
			b := make([]byte, 10)
			// In the past, also with data there.
			require.NoError(t, c.SetReadDeadline(n.Now().Add(-time.Second)))
			_, err := c.Read(b)
			timedOut(t, err)
			// In the future: it ends to the tick, and the connection goes on.
			for _, d := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 95 * time.Millisecond, 10 * time.Second} {
				start := n.Now()
				require.NoError(t, c.SetReadDeadline(start.Add(d)))
				_, err = c.Read(b)
				timedOut(t, err)
				took := n.Now().Sub(start)
				require.GreaterOrEqual(t, took, d)
				require.Less(t, took, d+25*time.Millisecond)
			}
			require.NoError(t, c.SetDeadline(time.Time{}))
			k, err := io.ReadFull(c, b[:5])
			require.NoError(t, err)
			require.Equal(t, "hello", string(b[:k]))
		}, func(p *vtime.Proc, c *wire.Conn) {
			p.Sleep(time.Minute)
			_, err := c.Write(p, []byte("hello"), time.Minute)
			require.NoError(t, err)
			p.Sleep(time.Minute)
		})
	})

	t.Run("deadlines of writing", func(t *testing.T) {
		big := make([]byte, 4<<20) // more than the host buffers
		for i := range big {
			big[i] = byte(i >> 3)
		}
		netBench(t, func(n *Net, c net.Conn) {
			require.NoError(t, c.SetWriteDeadline(n.Now().Add(-time.Second)))
			_, err := c.Write(big)
			timedOut(t, err)
			start := n.Now()
			require.NoError(t, c.SetWriteDeadline(start.Add(10*time.Second)))
			k, err := c.Write(big)
			timedOut(t, err)
			require.Positive(t, k)
			require.Less(t, k, len(big))
			took := n.Now().Sub(start)
			require.GreaterOrEqual(t, took, 10*time.Second)
			require.Less(t, took, 12*time.Second)
			require.NoError(t, c.SetWriteDeadline(time.Time{}))
			m, err := c.Write(big[k:])
			require.NoError(t, err)
			require.Equal(t, len(big)-k, m)
		}, func(p *vtime.Proc, c *wire.Conn) {
			p.Sleep(time.Minute) // it does not read
			buf := make([]byte, 65536)
			got := 0
			for got < len(big) {
				n, err := c.Read(p, buf, time.Minute)
				require.NoError(t, err)
				require.True(t, bytes.Equal(big[got:got+n], buf[:n]))
				got += n
			}
		})
	})

	t.Run("after a close", func(t *testing.T) {
		netBench(t, func(n *Net, c net.Conn) {
			require.NoError(t, c.Close())
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, net.ErrClosed)
			_, err = c.Write([]byte{1})
			require.ErrorIs(t, err, net.ErrClosed)
			require.ErrorIs(t, c.Close(), net.ErrClosed)
			require.ErrorIs(t, c.SetDeadline(time.Time{}), net.ErrClosed)
			require.NotNil(t, c.LocalAddr())
			require.NotNil(t, c.RemoteAddr())
		}, func(p *vtime.Proc, c *wire.Conn) {
			_, err := c.Read(p, make([]byte, 1), time.Minute)
			require.ErrorIs(t, err, io.EOF)
		})
	})

	t.Run("after a reset", func(t *testing.T) {
		netBench(t, func(n *Net, c net.Conn) {
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, ECONNRESET)
			require.True(t, errors.Is(err, syscall.ECONNRESET))
			_, err = c.Write([]byte{1})
			require.Error(t, err)
		}, func(p *vtime.Proc, c *wire.Conn) {
			p.Sleep(time.Second)
			c.Abort()
		})
	})

	t.Run("half closed", func(t *testing.T) {
		netBench(t, func(n *Net, c net.Conn) {
			require.NoError(t, c.(*Conn).CloseWrite())
			b, err := io.ReadAll(c)
			require.NoError(t, err)
			require.Equal(t, "still here", string(b))
		}, func(p *vtime.Proc, c *wire.Conn) {
			_, err := c.Read(p, make([]byte, 1), time.Minute)
			require.ErrorIs(t, err, io.EOF)
			_, err = c.Write(p, []byte("still here"), time.Minute)
			require.NoError(t, err)
			require.NoError(t, c.CloseWrite())
			p.Sleep(time.Second)
		})
	})

	t.Run("another goroutine", func(t *testing.T) {
		netBench(t, func(n *Net, c net.Conn) {
			errs := make(chan error)
			go func() {
				_, err := c.Read(make([]byte, 1))
				errs <- err
				errs <- c.Close()
				_, err = n.Dial("tcp", "192.168.1.10:80")
				errs <- err
			}()
			for range 3 {
				require.ErrorContains(t, <-errs, `belongs to task "main"`)
			}
		}, func(p *vtime.Proc, c *wire.Conn) {})
	})
}

func TestNetListenerDeadline(t *testing.T) {
	done := false
	b := newBench(t, 0, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		n := b.s.Net(task)
		l, err := n.Listen("tcp4", "192.168.1.50:0")
		require.NoError(t, err)
		require.NoError(t, l.(*Listener).SetDeadline(n.Now().Add(3*time.Second)))
		_, err = l.Accept()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, l.Close())
		done = true
	})
	require.NoError(t, b.loop.Run(4*time.Second))
	require.True(t, done)
}

func TestNetDial(t *testing.T) {
	done := false
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		task.Delay(100)
		n := b.s.Net(task)
		c, err := n.Dial("tcp", "192.168.1.10:80")
		require.NoError(t, err)
		require.Equal(t, "192.168.1.10:80", c.RemoteAddr().String())
		_, err = c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
		require.NoError(t, err)
		all, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, "200 OK", string(all))
		require.NoError(t, c.Close())

		_, err = n.Dial("tcp", "192.168.1.10:81")
		require.ErrorIs(t, err, ECONNRESET, "nobody listens there: lwIP reports the reset")
		_, err = n.Dial("tcp", "192.168.2.10:81")
		require.ErrorIs(t, err, ECONNABORTED, "no gateway: lwIP notices only that nobody answers")
		_, err = n.Dial("tcp", "example.com:80")
		var dns *net.DNSError
		require.ErrorAs(t, err, &dns)
		require.True(t, dns.IsNotFound, "there is no name server")
		_, err = n.Dial("tcp", "[::1]:80")
		require.ErrorContains(t, err, "not an IPv4 address")
		_, err = n.Listen("tcp", "example.com:80")
		require.ErrorContains(t, err, "not an IPv4 address")
		_, err = n.Dial("tcp", "192.168.1.10:http")
		require.ErrorContains(t, err, "not a number")
		_, err = n.Dial("unix", "x")
		require.ErrorContains(t, err, "unknown network unix")
		start := n.Now()
		_, err = n.Dial("tcp", "192.168.1.99:80")
		require.ErrorIs(t, err, ECONNABORTED, "nobody answers")
		// 12 repetitions of the SYN, but each waits five seconds in the queue of
		// the ARP table, and is not repeated while it is there.
		require.InDelta(t, 60, n.Now().Sub(start).Seconds(), 5)
		done = true
	})
	b.hosts[0].Go("server", func(p *vtime.Proc) {
		l, err := b.hosts[0].Listen(80, 5)
		require.NoError(t, err)
		c, err := l.Accept(p, time.Minute)
		require.NoError(t, err)
		_, err = c.Read(p, make([]byte, 100), time.Minute)
		require.NoError(t, err)
		_, err = c.Write(p, []byte("200 OK"), time.Minute)
		require.NoError(t, err)
		c.Close()
	})
	require.NoError(t, b.loop.Run(2*time.Minute))
	require.True(t, done)
}

func TestNetPacketConn(t *testing.T) {
	done := false
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		n := b.s.Net(task)
		c, err := n.ListenPacket("udp", ":5000")
		require.NoError(t, err)
		buf := make([]byte, 100)
		k, from, err := c.ReadFrom(buf)
		require.NoError(t, err)
		require.Equal(t, "192.168.1.10:6000", from.String())
		_, err = c.WriteTo(append([]byte("re: "), buf[:k]...), from)
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(n.Now().Add(time.Second)))
		_, _, err = c.ReadFrom(buf)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, c.Close())

		d, err := n.Dial("udp", "192.168.1.10:6000")
		require.NoError(t, err)
		_, err = d.Write([]byte("again"))
		require.NoError(t, err)
		k, err = d.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "ok", string(buf[:k]))
		require.NoError(t, d.Close())
		done = true
	})
	b.hosts[0].Go("peer", func(p *vtime.Proc) {
		p.Sleep(time.Second)
		u, err := b.hosts[0].ListenUDP(6000)
		require.NoError(t, err)
		require.NoError(t, u.SendTo([]byte("hello"), netip.AddrPortFrom(deviceAddr, 5000)))
		buf := make([]byte, 100)
		n, _, err := u.ReceiveFrom(p, buf, time.Minute)
		require.NoError(t, err)
		require.Equal(t, "re: hello", string(buf[:n]))
		n, from, err := u.ReceiveFrom(p, buf, time.Minute)
		require.NoError(t, err)
		require.Equal(t, "again", string(buf[:n]))
		require.NoError(t, u.SendTo([]byte("ok"), from))
	})
	require.NoError(t, b.loop.Run(time.Minute))
	require.True(t, done)
}
