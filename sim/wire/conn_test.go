package wire

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func TestEcho(t *testing.T) {
	l := newLab(t, 1, 3, nil)
	l.echo(0)
	l.run(1, func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
		require.NoError(t, err)
		require.Equal(t, "10.0.0.1:7", c.RemoteAddr().String())
		require.Equal(t, "10.0.0.2", c.LocalAddr().Addr().String())
		require.NoError(t, talk(p, c, 200_000))
		require.Equal(t, "ESTABLISHED", c.State())
		require.NoError(t, c.CloseWrite())
		_, err = c.Read(p, make([]byte, 1), time.Second)
		require.Equal(t, io.EOF, err)
		c.Close()
		c.Close()
		require.Equal(t, "TIME-WAIT", c.State())
		_, err = c.Read(p, make([]byte, 1), time.Second)
		require.ErrorIs(t, err, ErrClosed)
	})
}

func TestDialErrorsSayWhoAndWhere(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	l.run(1, func(p *vtime.Proc) {
		h := l.hosts[1]
		_, err := h.Dial(p, addrOf(0), 81, time.Second)
		require.ErrorIs(t, err, ErrRefused)
		require.Regexp(t, `^wire: b: dial 10\.0\.0\.2:\d+ -> 10\.0\.0\.1:81: connection refused at [0-9.]+µs$`, err.Error())

		at := p.Now()
		_, err = h.Dial(p, addrOf(50), 81, 0)
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorContains(t, err, "nobody answers ARP")
		require.Equal(t, 3*time.Second, p.Now()-at, "three ARP requests, one a second")

		_, err = h.Dial(p, addrOf(50), 81, 2*time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorContains(t, err, "nobody answers ARP")
		var ne *NetError
		require.ErrorAs(t, err, &ne)
		require.True(t, ne.Timeout())

		_, err = h.Dial(p, netip.MustParseAddr("192.168.7.1"), 81, 0)
		require.ErrorIs(t, err, ErrUnreachable, "there is no gateway")

		l.cables[0].Pull()
		at = p.Now()
		_, err = h.Dial(p, addrOf(0), 81, 10*time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.NotContains(t, err.Error(), "ARP", "ARP still knows the host")
		require.Equal(t, 10*time.Second, p.Now()-at)
		_, err = h.Dial(p, addrOf(0), 0, 0)
		require.ErrorContains(t, err, "a port above 0")
	})
}

func TestDialGivesUpByItself(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	require.NoError(t, l.cables[0].SetFaults(Fault{Action: Drop, Class: TCP}))
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
		at, sent := p.Now(), l.hosts[1].End().Stats().Sent
		_, err = l.hosts[1].Dial(p, addrOf(0), 81, 0)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, 127*time.Second, p.Now()-at, "1 s doubled up to 64 s")
		require.Less(t, l.hosts[1].End().Stats().Sent-sent, uint64(7+10), "seven SYNs, some ARP")
	})
}

func TestAbortResets(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	lis, err := l.hosts[0].Listen(80, 4)
	require.NoError(t, err)
	var got error
	l.hosts[0].Go("server", func(p *vtime.Proc) {
		c, err := lis.Accept(p, 0)
		require.NoError(t, err)
		buf := make([]byte, 10)
		n, err := c.Read(p, buf, 0)
		require.NoError(t, err)
		require.Equal(t, "hi", string(buf[:n]))
		_, got = c.Read(p, buf, 0)
	})
	l.run(1, func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), 80, 0)
		require.NoError(t, err)
		_, err = c.Write(p, []byte("hi"), 0)
		require.NoError(t, err)
		p.Sleep(time.Second)
		c.Abort()
	})
	l.pass(time.Second)
	require.ErrorIs(t, got, ErrReset)
}

// TestVanish checks both directions: the peer's data is answered by silence, so
// that it retransmits, and nothing is sent for the connection again.
func TestVanish(t *testing.T) {
	l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { h.Retries = 3 })
	lis, err := l.hosts[0].Listen(80, 4)
	require.NoError(t, err)
	var served *Conn
	var got error
	var gave time.Duration
	l.hosts[0].Go("server", func(p *vtime.Proc) {
		c, err := lis.Accept(p, 0)
		require.NoError(t, err)
		served = c
		p.Sleep(10 * time.Second)
		_, err = c.Write(p, []byte("are you there?"), 0)
		require.NoError(t, err)
		_, got = c.Read(p, make([]byte, 1), 0)
		gave = p.Now()
	})
	var c *Conn
	l.run(1, func(p *vtime.Proc) {
		c, err = l.hosts[1].Dial(p, addrOf(0), 80, 0)
		require.NoError(t, err)
		p.Sleep(time.Second)
		c.Vanish()
	})
	require.Equal(t, "ERROR", c.State())
	end := l.hosts[1].End()
	before := end.Stats()
	require.Equal(t, "ESTABLISHED", served.State())
	l.pass(9500 * time.Millisecond)
	l.pass(time.Minute)
	require.ErrorIs(t, got, ErrTimeout)
	require.Greater(t, gave, 11*time.Second)
	after := end.Stats()
	require.Equal(t, before.Sent, after.Sent, "no FIN, no RST, no ACK")
	require.Equal(t, before.Received+4, after.Received, "data and three repetitions")

	// The port is not picked again for that peer, and taken only on request.
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].Dial(p, addrOf(0), 80, 0)
		require.NoError(t, err)
		again, err := l.hosts[1].DialWith(p, addrOf(0), 80, time.Second, DialOptions{LocalPort: c.LocalAddr().Port()})
		require.NoError(t, err)
		require.Equal(t, c.LocalAddr(), again.LocalAddr())
	})
}

func TestTimeWait(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  func(h *HostConfig)
		held time.Duration
	}{
		{"as Linux", func(h *HostConfig) {}, time.Minute},
		{"10 s", func(h *HostConfig) { h.TimeWait = 10 * time.Second }, 10 * time.Second},
		{"none", func(h *HostConfig) { h.TimeWait = -1 }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { test.cfg(h) })
			l.echo(0)
			l.run(1, func(p *vtime.Proc) {
				dial := func() error {
					c, err := l.hosts[1].DialWith(p, addrOf(0), echoPort, time.Second, DialOptions{LocalPort: 5000})
					if err == nil {
						c.Close()
						p.Sleep(10 * time.Millisecond)
					}
					return err
				}
				require.NoError(t, dial())
				if test.held > 0 {
					require.ErrorIs(t, dial(), ErrInUse)
					p.Sleep(test.held - time.Second)
					require.ErrorIs(t, dial(), ErrInUse)
					p.Sleep(time.Second)
				}
				require.NoError(t, dial())
			})
		})
	}
}

func TestKeepAliveFindsALostPeer(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	l.echo(0)
	l.run(1, func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, 0)
		require.NoError(t, err)
		require.NoError(t, c.SetKeepAlive(10*time.Second, 2*time.Second, 3))
		require.ErrorContains(t, c.SetKeepAlive(time.Second, 0, 3), "above 0")
		_, err = c.Read(p, make([]byte, 1), time.Minute)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, "ESTABLISHED", c.State(), "the peer answers")
		p.Sleep(5 * time.Second) // the sixth probe was a moment before that
		l.cables[0].Pull()
		at := p.Now()
		_, err = c.Read(p, make([]byte, 1), 0)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, "ERROR", c.State())
		require.InDelta(t, float64(11*time.Second), float64(p.Now()-at), float64(10*time.Millisecond), "5 s left of 10, then 3 probes")
	})
}

func TestNagle(t *testing.T) {
	segments := func(noDelay bool) (n uint64) {
		l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { c.Delay = 10 * time.Millisecond })
		l.echo(0)
		l.run(1, func(p *vtime.Proc) {
			c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, 0)
			require.NoError(t, err)
			c.SetNoDelay(noDelay)
			before := l.hosts[1].End().Stats().Sent
			for range 10 {
				_, err := c.Write(p, []byte("x"), 0)
				require.NoError(t, err)
			}
			n = l.hosts[1].End().Stats().Sent - before
		})
		return n
	}
	require.Equal(t, uint64(1), segments(false))
	require.Equal(t, uint64(10), segments(true))
}

func TestReceiveBufferAndMSSAreAnnounced(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	var syn Frame
	l.cables[0].Ends()[0].port = &sniffer{host: l.hosts[0], f: func(f Frame) {
		if SYN.matches(f) {
			syn = f
		}
	}}
	l.echo(0)
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].DialWith(p, addrOf(0), echoPort, 0, DialOptions{ReceiveBuffer: 8192, MSS: 536})
		require.NoError(t, err)
	})
	h := parseHeaders(syn)
	tcp := syn[h.transport:]
	require.LessOrEqual(t, int(tcp[14])<<8|int(tcp[15]), 8192)
	require.Equal(t, []byte{2, 4, 2, 24}, []byte(tcp[20:24]), "MSS 536")
}

func TestAcceptTimesOutAndListenerCloses(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	lis, err := l.hosts[0].Listen(80, 1)
	require.NoError(t, err)
	_, err = l.hosts[0].Listen(80, 1)
	require.ErrorIs(t, err, ErrInUse)
	l.run(0, func(p *vtime.Proc) {
		_, err := lis.Accept(p, time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.Equal(t, time.Second, p.Now())
		_, err = lis.Accept(p, -1)
		require.ErrorIs(t, err, ErrTimeout, "a negative timeout polls")
		require.Equal(t, time.Second, p.Now())
	})
	var got error
	l.hosts[0].Go("waits", func(p *vtime.Proc) { _, got = lis.Accept(p, 0) })
	l.pass(time.Second)
	lis.Close()
	l.pass(0)
	require.ErrorIs(t, got, ErrClosed)
	require.Equal(t, "10.0.0.1:80", lis.Addr().String())
}

func TestWriteTimesOutWhenThePeerReadsNothing(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	_, err := l.hosts[0].Listen(80, 4) // never accepted
	require.NoError(t, err)
	l.run(1, func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), 80, 0)
		require.NoError(t, err)
		n, err := c.Write(p, make([]byte, 8<<20), 10*time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.Greater(t, n, 100_000)
		require.Less(t, n, 8<<20)
	})
}

// What is written and not acknowledged stays within the send buffer asked for;
// gVisor's own grows with the peer.
func TestSendBuffer(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	lis, err := l.hosts[0].Listen(81, 1)
	require.NoError(t, err)
	l.hosts[0].Go("sink", func(p *vtime.Proc) {
		c, err := lis.Accept(p, 0)
		require.NoError(t, err)
		for { // until Vanish
			if _, err := c.Read(p, make([]byte, 1<<16), 0); err != nil {
				return
			}
		}
	})
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].DialWith(p, addrOf(0), 81, 0, DialOptions{SendBuffer: 4095})
		require.ErrorContains(t, err, "buffers of at least 4096 bytes")
		c, err := l.hosts[1].DialWith(p, addrOf(0), 81, 0, DialOptions{SendBuffer: 1 << 15})
		require.NoError(t, err)
		n, err := c.Write(p, make([]byte, 1<<20), time.Minute)
		require.NoError(t, err)
		require.Equal(t, 1<<20, n, "the peer reads")
		p.Sleep(time.Second)
		l.cables[0].Pull()
		taken := 0
		for {
			n, err := c.Write(p, make([]byte, 1000), time.Second)
			taken += n
			if err != nil {
				require.ErrorIs(t, err, ErrTimeout)
				break
			}
		}
		require.InDelta(t, 1<<15, taken, 1000)
	})
}
