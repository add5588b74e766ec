package wire

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

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

func TestGateway(t *testing.T) {
	l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { h.Gateway = addrOf(1 - i) })
	var to []MAC
	l.cables[0].Ends()[0].port = &sniffer{host: l.hosts[0], f: func(f Frame) {
		if SYN.matches(f) {
			to = append(to, parseHeaders(f).dst)
		}
	}}
	l.run(1, func(p *vtime.Proc) {
		_, err := l.hosts[1].Dial(p, netip.MustParseAddr("192.168.7.1"), 80, 2*time.Second)
		require.ErrorIs(t, err, ErrTimeout)
		require.NotContains(t, err.Error(), "ARP", "the gateway answered it")
	})
	require.Equal(t, []MAC{l.hosts[0].MAC(), l.hosts[0].MAC()}, to)
}
