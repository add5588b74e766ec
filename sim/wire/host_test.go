package wire

import (
	"errors"
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

func TestPowerOffAndOn(t *testing.T) {
	l := newLab(t, 1, 3, nil)
	l.echo(0)
	var c *Conn
	finished := false
	l.hosts[1].Go("client", func(p *vtime.Proc) {
		defer func() { finished = true }()
		var err error
		c, err = l.hosts[1].Dial(p, addrOf(0), echoPort, 0)
		require.NoError(t, err)
		_, _ = c.Read(p, make([]byte, 1), 0)
	})
	var outside error
	l.loop.Go("observer", func(p *vtime.Proc) {
		p.Sleep(500 * time.Millisecond)
		_, outside = c.Read(p, make([]byte, 1), 0)
	})
	l.pass(time.Second)
	h := l.hosts[1]
	sent := h.End().Stats().Sent
	h.PowerOff()
	require.False(t, h.On())
	l.pass(time.Minute)
	require.Equal(t, sent, h.End().Stats().Sent, "no FIN, no RST, no ARP")
	require.False(t, finished, "a program without power runs no deferred functions")
	require.ErrorIs(t, outside, ErrPoweredOff)
	_, err := h.Listen(1, 1)
	require.ErrorIs(t, err, ErrPoweredOff)

	require.NoError(t, h.PowerOn())
	require.NoError(t, h.PowerOn())
	_, err = c.Write(nil, []byte("x"), 0)
	require.ErrorIs(t, err, ErrPoweredOff, "an old connection stays lost")
	c.Close()
	// The old peer speaks and is answered with RST.
	var old *Conn
	lis, err := l.hosts[2].Listen(90, 1)
	require.NoError(t, err)
	l.hosts[2].Go("server", func(p *vtime.Proc) { old, _ = lis.Accept(p, 0) })
	l.run(1, func(p *vtime.Proc) {
		_, err := h.Dial(p, addrOf(2), 90, 0)
		require.NoError(t, err)
	})
	l.pass(time.Second)
	h.PowerOff()
	require.NoError(t, h.PowerOn())
	l.run(2, func(p *vtime.Proc) {
		_, err := old.Write(p, []byte("still there?"), 0)
		require.NoError(t, err)
		_, err = old.Read(p, make([]byte, 1), time.Minute)
		require.ErrorIs(t, err, ErrReset)
	})
}

func TestPing(t *testing.T) {
	l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { c.Delay = 2 * time.Millisecond })
	l.run(1, func(p *vtime.Proc) {
		rtt, err := l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
		require.Greater(t, rtt, 8*time.Millisecond, "ARP first")
		rtt, err = l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
		// 98 bytes and 12 of preamble and frame check sequence, twice.
		require.Equal(t, 4*time.Millisecond+2*110*80*time.Nanosecond, rtt)
		l.cables[0].Pull()
		_, err = l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.NotContains(t, err.Error(), "ARP")
		_, err = l.hosts[1].Ping(p, addrOf(9), time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorContains(t, err, "nobody answers ARP")
	})
}

func TestProbeSYN(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	lis, err := l.hosts[0].Listen(80, 1)
	require.NoError(t, err)
	accepted := false
	l.hosts[0].Go("server", func(p *vtime.Proc) { _, err := lis.Accept(p, 0); accepted = err == nil })
	l.run(1, func(p *vtime.Proc) {
		probe := func(port uint16, timeout time.Duration) Answer {
			a, err := l.hosts[1].ProbeSYN(p, addrOf(0), port, timeout)
			require.NoError(t, err)
			return a
		}
		require.Equal(t, AnswersSYN, probe(80, time.Second))
		require.Equal(t, AnswersRST, probe(81, time.Second))
		p.Sleep(time.Second)
		require.False(t, accepted, "no connection came of it")

		require.NoError(t, l.cables[0].SetFaults(Fault{Action: Drop, First: 1, Class: SYN}))
		at := p.Now()
		require.Equal(t, AnswersSYN, probe(80, 10*time.Second), "the second SYN gets through")
		require.InDelta(t, float64(time.Second), float64(p.Now()-at), float64(time.Millisecond))

		require.NoError(t, l.cables[0].SetFaults(Fault{Action: Drop, Class: TCP}))
		before := l.hosts[1].End().Stats().Lost
		require.Equal(t, Silence, probe(80, 10*time.Second))
		require.Equal(t, uint64(4), l.hosts[1].End().Stats().Lost-before, "SYNs at 0, 1, 3 and 7 s")

		a, err := l.hosts[1].ProbeSYN(p, addrOf(9), 80, time.Second)
		require.NoError(t, err)
		require.Equal(t, NoARP, a)
		require.Equal(t, "no ARP answer", a.String())
	})
}

func TestUDP(t *testing.T) {
	l := newLab(t, 1, 3, nil)
	srv, err := l.hosts[0].ListenUDP(69)
	require.NoError(t, err)
	_, err = l.hosts[0].ListenUDP(69)
	require.ErrorIs(t, err, ErrInUse)
	l.hosts[0].Go("server", func(p *vtime.Proc) {
		buf := make([]byte, 2000)
		for {
			n, from, err := srv.ReceiveFrom(p, buf, 0)
			if err != nil {
				return
			}
			require.NoError(t, srv.SendTo(buf[:n], from))
		}
	})
	l.run(1, func(p *vtime.Proc) {
		u, err := l.hosts[1].ListenUDP(0)
		require.NoError(t, err)
		buf := make([]byte, 2000)
		for _, size := range []int{0, 5, 1472, 1900} { // the last in fragments
			require.NoError(t, u.SendTo(make([]byte, size), srv.LocalAddr()))
			n, from, err := u.ReceiveFrom(p, buf, time.Second)
			require.NoError(t, err)
			require.Equal(t, size, n)
			require.Equal(t, srv.LocalAddr(), from)
		}
		_, _, err = u.ReceiveFrom(p, buf, time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.ErrorIs(t, u.SendTo(make([]byte, 70000), srv.LocalAddr()), ErrTooLong)
		u.Close()
		require.ErrorIs(t, u.SendTo(nil, srv.LocalAddr()), ErrClosed)
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

func TestHostConfigErrorsComeAllAtOnce(t *testing.T) {
	_, err := NewHost(vtime.New(1), HostConfig{MTU: 9000, FirstPort: 5, LastPort: 4, Retries: -1, MAC: MAC{1}})
	for _, part := range []string{"Name must not", "Address is", "MTU is 9000", "ports 5 to 4", "Retries is -1", "a group address"} {
		require.ErrorContains(t, err, part)
	}
	_, err = NewHost(vtime.New(1), HostConfig{Name: "x", Address: netip.MustParsePrefix("10.0.0.1/24"), Gateway: netip.MustParseAddr("10.0.1.1")})
	require.ErrorContains(t, err, "an address in 10.0.0.0/24 was expected")
	_, err = NewHost(vtime.New(1), HostConfig{Name: "x", Address: netip.MustParsePrefix("fe80::1/64")})
	require.ErrorContains(t, err, "an IPv4 address")
}

func TestCallsWithoutCableOrWorld(t *testing.T) {
	loop := vtime.New(1)
	h, err := NewHost(loop, HostConfig{Name: "x", Address: netip.MustParsePrefix("10.0.0.1/24")})
	require.NoError(t, err)
	_, err = h.Listen(80, 1)
	require.ErrorIs(t, err, ErrNotAttached)
	h.Close()
	h.Close()
	_, err = h.Listen(80, 1)
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, h.PowerOn(), "does nothing after Close")
	require.False(t, h.On())
}

// TestClosingTheWorldIsQuiet has deferred functions call hosts while the loop
// unwinds.
func TestClosingTheWorldIsQuiet(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	l.echo(0)
	var after error
	l.hosts[1].Go("client", func(p *vtime.Proc) {
		c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, 0)
		require.NoError(t, err)
		defer func() {
			c.Close()
			_, after = c.Write(p, []byte("x"), 0)
		}()
		_, _ = c.Read(p, make([]byte, 1), 0)
	})
	l.pass(time.Second)
	sent := l.hosts[1].End().Stats().Sent
	l.close()
	require.True(t, errors.Is(after, ErrClosed))
	require.Equal(t, sent, l.hosts[1].End().Stats().Sent)
}

func TestASweepOfAddressesStaysOnTheLoop(t *testing.T) {
	l := newLab(t, 1, 2, nil)
	busy, silent := 0, 0
	for i := range 100 {
		l.hosts[1].Go("ping", func(p *vtime.Proc) {
			_, err := l.hosts[1].Ping(p, addrOf(100+i), time.Minute)
			if errors.Is(err, ErrBusy) {
				busy++
				return
			}
			require.ErrorContains(t, err, "nobody answers ARP")
			silent++
		})
	}
	l.pass(time.Minute)
	require.Equal(t, maxUnresolved, silent)
	require.Equal(t, 100-maxUnresolved, busy)
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].Ping(p, addrOf(0), time.Second)
		require.NoError(t, err)
	})
}
