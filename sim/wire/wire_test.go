package wire

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// lab is a small network for tests: hosts a, b, c, ... with addresses
// 10.0.0.1, 10.0.0.2, ... on one switch, or two hosts on one cable.
type lab struct {
	t      testing.TB
	loop   *vtime.Loop
	hosts  []*Host
	cables []*Cable
}

func newLab(t testing.TB, seed uint64, hosts int, cfg func(i int, c *CableConfig, h *HostConfig)) *lab {
	l := &lab{t: t, loop: vtime.New(seed)}
	sw := NewSwitch(l.loop, "switch")
	for i := range hosts {
		name := string(rune('a' + i))
		cc := FastEthernet("cable-" + name)
		if hosts == 2 {
			cc.Name = "cable"
		}
		hc := HostConfig{Name: name, Address: netip.PrefixFrom(addrOf(i), 24)}
		if cfg != nil {
			cfg(i, &cc, &hc)
		}
		h, err := NewHost(l.loop, hc)
		require.NoError(t, err)
		l.hosts = append(l.hosts, h)
		if hosts == 2 && i == 1 {
			require.NoError(t, h.Connect(l.cables[0]))
			continue
		}
		c, err := NewCable(l.loop, cc)
		require.NoError(t, err)
		require.NoError(t, h.Connect(c))
		if hosts > 2 {
			require.NoError(t, sw.Connect(c))
		}
		l.cables = append(l.cables, c)
	}
	t.Cleanup(l.close)
	return l
}

func (l *lab) close() {
	l.loop.Close()
	for _, h := range l.hosts {
		h.Close()
	}
}

func addrOf(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}) }

// run starts f as a program on host i and runs the world until it ends.
func (l *lab) run(i int, f func(p *vtime.Proc)) {
	l.t.Helper()
	done := false
	l.hosts[i].Go("test", func(p *vtime.Proc) { f(p); done = true })
	require.NoError(l.t, l.loop.RunUntil(func() bool { return done }, 24*time.Hour))
}

func (l *lab) pass(d time.Duration) {
	l.t.Helper()
	require.NoError(l.t, l.loop.Run(d))
}

const echoPort = 7

// echo serves RFC 862 on host i.
func (l *lab) echo(i int) {
	lis, err := l.hosts[i].Listen(echoPort, 64)
	require.NoError(l.t, err)
	l.hosts[i].Go("echo", func(p *vtime.Proc) {
		for n := 0; ; n++ {
			c, err := lis.Accept(p, 0)
			if err != nil {
				return
			}
			l.hosts[i].Go(fmt.Sprintf("echo-%d", n), func(p *vtime.Proc) {
				defer c.Close()
				buf := make([]byte, 4096)
				for {
					n, err := c.Read(p, buf, 0)
					if err != nil {
						return
					}
					if _, err := c.Write(p, buf[:n], 0); err != nil {
						return
					}
				}
			})
		}
	})
}

// talk sends n bytes to an echo server and reads them back.
func talk(p *vtime.Proc, c *Conn, n int) error {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i * 7)
	}
	if _, err := c.Write(p, out, time.Minute); err != nil {
		return err
	}
	got := make([]byte, 0, n)
	buf := make([]byte, 1000)
	for len(got) < n {
		k, err := c.Read(p, buf, time.Minute)
		if err != nil {
			return err
		}
		got = append(got, buf[:k]...)
	}
	for i := range out {
		if out[i] != got[i] {
			return fmt.Errorf("byte %d of the echo is %d; %d was sent", i, got[i], out[i])
		}
	}
	return nil
}
