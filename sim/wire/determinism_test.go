package wire

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// busyWorld runs clients in parallel against an echo server over a faulty
// cable, some of them closing, resetting, vanishing, and one host losing power.
func busyWorld(t testing.TB, seed uint64, clients, rounds int) (fingerprint string, frames uint64, pcap []byte) {
	l := newLab(t, seed, 3, func(i int, c *CableConfig, h *HostConfig) {
		if i == 0 {
			c.Faults = []Fault{{Action: Drop, PPM: 10_000}, {Action: Reorder, PPM: 5_000, By: time.Millisecond}, {Action: Corrupt, PPM: 2_000}, {Action: Duplicate, PPM: 2_000}}
		}
	})
	defer l.close()
	var out bytes.Buffer
	capture, err := l.cables[0].Capture(&out)
	require.NoError(t, err)
	l.echo(0)
	done := 0
	for i := range clients {
		h := l.hosts[1+i%2]
		h.Go(fmt.Sprint("client-", i), func(p *vtime.Proc) {
			defer func() { done++ }()
			p.Sleep(time.Duration(i) * 137 * time.Microsecond)
			for r := range rounds {
				c, err := h.Dial(p, addrOf(0), echoPort, 30*time.Second)
				if err != nil {
					l.loop.Log().Emit(p.Name(), "%v", err)
					continue
				}
				if err := talk(p, c, 300+i*100); err != nil {
					l.loop.Log().Emit(p.Name(), "%v", err)
				}
				switch (i + r) % 4 {
				case 0, 1:
					c.Close()
				case 2:
					c.Abort()
				case 3:
					c.Vanish()
				}
				p.Sleep(10 * time.Millisecond)
			}
		})
	}
	require.NoError(t, l.loop.RunUntil(func() bool { return done == clients }, time.Hour))
	l.hosts[2].PowerOff()
	require.NoError(t, l.loop.Run(time.Second))
	require.NoError(t, l.hosts[2].PowerOn())
	require.NoError(t, l.loop.Run(time.Minute))
	require.NoError(t, capture.Close())
	return l.loop.Fingerprint(), l.cables[0].Ends()[0].Stats().Sent + l.cables[0].Ends()[1].Stats().Sent, out.Bytes()
}

func TestEveryRunIsTheSame(t *testing.T) {
	want, frames, pcap := busyWorld(t, 1, 20, 6)
	require.Greater(t, frames, uint64(1000), "the world must be busy enough to prove anything")
	for run := range 20 {
		prev := runtime.GOMAXPROCS(1 + run%2)
		got, _, again := busyWorld(t, 1, 20, 6)
		runtime.GOMAXPROCS(prev)
		require.Equal(t, want, got, "run %d", run)
		require.True(t, bytes.Equal(pcap, again), "capture of run %d", run)
	}
	t.Logf("%d frames, fingerprint %s", frames, want) // compared by hand between -race, GOARCH=386 and others
	other, _, _ := busyWorld(t, 2, 20, 6)
	require.NotEqual(t, want, other, "another seed must give another run")
}

// TestRestsLeftOutChangeNothing compares a world whose hosts rest after every
// stimulus with one whose hosts rest where their processor has work.
func TestRestsLeftOutChangeNothing(t *testing.T) {
	world := func(always bool) string {
		l := newLab(t, 5, 3, func(i int, c *CableConfig, h *HostConfig) {
			c.Faults = []Fault{{Action: Drop, PPM: 20_000}}
		})
		for _, h := range l.hosts {
			h.restAlways = always
		}
		l.echo(0)
		for i := range 6 {
			h := l.hosts[i%3] // host a talks to itself
			h.Go(fmt.Sprint("client-", i), func(p *vtime.Proc) {
				for {
					c, err := h.Dial(p, addrOf(0), echoPort, time.Minute)
					if err != nil {
						continue
					}
					if err := talk(p, c, 5000); err != nil {
						l.loop.Log().Emit(p.Name(), "%v", err)
					}
					c.Close()
					l.loop.Log().Emit(p.Name(), "done")
					p.Sleep(time.Second)
				}
			})
		}
		l.pass(time.Minute)
		require.Greater(t, l.loop.Log().Lines(), uint64(1000))
		return l.loop.Fingerprint()
	}
	require.Equal(t, world(true), world(false))
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	count := func() int {
		for range 100 {
			runtime.Gosched()
		}
		return runtime.NumGoroutine()
	}
	before := count()
	l := newLab(t, 1, 3, nil)
	l.echo(0)
	for i := range 10 {
		l.hosts[1].Go(fmt.Sprint(i), func(p *vtime.Proc) {
			c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
			require.NoError(t, err)
			_, _ = c.Read(p, make([]byte, 1), 0)
		})
	}
	l.pass(time.Second)
	l.hosts[1].PowerOff()
	require.NoError(t, l.hosts[1].PowerOn())
	l.pass(time.Second)
	require.Greater(t, count(), before)
	l.close()
	// A goroutine that has been told to end needs the scheduler once more.
	for deadline := 0; count() > before && deadline < 10000; deadline++ {
	}
	require.LessOrEqual(t, count(), before, "a goroutine of an earlier test may have ended meanwhile, none may have stayed")
}
