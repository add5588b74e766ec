package vtime

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEventsRunByTimeThenByOrderOfScheduling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New(1)
		type key struct{ at, n int }
		got, want := []key{}, []key{}
		timers := map[key]*Timer{}
		for n := range rapid.IntRange(0, 40).Draw(t, "n") {
			k := key{rapid.IntRange(0, 5).Draw(t, "at"), n}
			timers[k] = l.After(time.Duration(k.at), func() { got = append(got, k) })
			want = append(want, k)
		}
		for n := range len(want) {
			if rapid.IntRange(0, 3).Draw(t, "stop") == 0 {
				require.True(t, timers[want[n]].Stop())
				require.False(t, timers[want[n]].Stop())
				want[n].n = -1
			}
		}
		want = slices.DeleteFunc(want, func(k key) bool { return k.n < 0 })
		slices.SortStableFunc(want, func(a, b key) int { return a.at - b.at })
		require.NoError(t, l.Run(5))
		require.Equal(t, want, got)
	})
}

func TestResetMovesAnEventToTheEndOfItsInstant(t *testing.T) {
	l := New(1)
	var got []string
	a := l.After(1, func() { got = append(got, "a") })
	l.After(2, func() { got = append(got, "b") })
	require.True(t, a.Reset(2))
	require.NoError(t, l.Run(2))
	require.Equal(t, []string{"b", "a"}, got)
	require.False(t, a.Reset(1))
	require.NoError(t, l.Run(1))
	require.Equal(t, []string{"b", "a", "a"}, got)
}

func TestRunEndsAtItsTime(t *testing.T) {
	l := New(1)
	ran := 0
	l.After(time.Second, func() { ran++ })
	l.After(time.Second+1, func() { ran++ })
	require.NoError(t, l.Run(time.Second))
	require.Equal(t, 1, ran)
	require.Equal(t, time.Second, l.Now())
	require.Error(t, l.Run(-1))
}

func TestRunUntil(t *testing.T) {
	l := New(1)
	n := 0
	var tick func()
	tick = func() { n++; l.After(time.Second, tick) }
	l.After(time.Second, tick)
	require.NoError(t, l.RunUntil(func() bool { return n == 3 }, time.Minute))
	require.Equal(t, 3*time.Second, l.Now())
	var te *TimeoutError
	require.ErrorAs(t, l.RunUntil(func() bool { return false }, time.Second), &te)
	require.Equal(t, 4*time.Second, te.Now)
}

func TestProcessesWaitInVirtualTime(t *testing.T) {
	l := New(1)
	defer l.Close()
	var got []string
	say := func(s string) { got = append(got, fmt.Sprint(l.Now(), " ", s)) }
	var a, b *Proc
	a = l.Go("a", func(p *Proc) {
		p.Park()
		say("a woken")
		p.Sleep(2 * time.Second)
		say("a slept")
		b.Wake()
	})
	b = l.Go("b", func(p *Proc) {
		p.Sleep(time.Second)
		a.Wake()
		a.Wake()
		say("b woke a")
		require.False(t, p.ParkFor(time.Second))
		say("b timed out")
		require.True(t, p.ParkFor(time.Hour))
		say("b woken")
	})
	require.NoError(t, l.Run(time.Minute))
	require.Equal(t, []string{"1s b woke a", "1s a woken", "2s b timed out", "3s a slept", "3s b woken"}, got)
	require.True(t, a.Done())
}

func TestWakeBeforeParkIsNotLost(t *testing.T) {
	l := New(1)
	defer l.Close()
	ended := false
	p := l.Go("p", func(p *Proc) {
		p.Sleep(2)
		p.Park()
		ended = true
	})
	l.After(1, p.Wake)
	require.NoError(t, l.Run(2))
	require.True(t, ended)
}

func TestKilledProcessIsUnwoundOnlyByClose(t *testing.T) {
	l := New(1)
	deferred := false
	p := l.Go("victim", func(p *Proc) {
		defer func() { deferred = true; require.True(t, p.Loop().Closing()) }()
		for {
			p.Sleep(time.Second)
		}
	})
	l.After(time.Minute, p.Kill)
	require.NoError(t, l.Run(time.Hour))
	require.True(t, p.Done())
	require.False(t, deferred)
	p.Wake()
	require.NoError(t, l.Run(time.Hour))
	l.Close()
	require.True(t, deferred)
	require.ErrorIs(t, l.Run(1), ErrClosed)
}

func TestCloseEndsEveryGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	l := New(1)
	for range 100 {
		l.Go("sleeper", func(p *Proc) {
			for {
				p.Sleep(time.Second)
			}
		})
		l.Go("never started", func(*Proc) {})
	}
	require.NoError(t, l.Run(time.Minute))
	l.Go("after", func(*Proc) {})
	l.Close()
	l.Close()
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	require.True(t, l.Go("too late", func(*Proc) {}).Done())
}

func TestMisuseIsAClearError(t *testing.T) {
	l := New(1)
	defer l.Close()
	var inner error
	p := l.Go("app", func(p *Proc) { inner = l.Run(1); p.Park() })
	require.NoError(t, l.Run(1))
	require.ErrorContains(t, inner, `inside process "app"`)
	require.PanicsWithValue(t, `vtime: Sleep on process "app" called from outside it (from an event, from the code that runs the loop, or from another goroutine)`, func() { p.Sleep(1) })
	l.After(0, func() { inner = l.Run(1) })
	require.NoError(t, l.Run(0))
	require.ErrorContains(t, inner, "while the loop is running")
}

func TestEndlessInstantIsAnError(t *testing.T) {
	l := New(1)
	defer l.Close()
	var again func()
	again = func() { l.After(0, again) }
	again()
	require.ErrorContains(t, l.Run(1), "without time passing")
}

func TestFailStopsTheRun(t *testing.T) {
	l := New(1)
	boom := errors.New("boom")
	l.After(1, func() { l.Fail(boom); l.Fail(errors.New("later")) })
	require.ErrorIs(t, l.Run(2), boom)
	require.ErrorIs(t, l.Run(2), boom)
}

func TestStreamsDependOnSeedAndNameAlone(t *testing.T) {
	a, b := New(7), New(7)
	b.Rand("newcomer").Uint64()
	require.Equal(t, a.Rand("x").Uint64(), b.Rand("x").Uint64())
	require.NotEqual(t, New(7).Rand("x").Uint64(), New(8).Rand("x").Uint64())
	require.NotEqual(t, New(7).Rand("x").Uint64(), New(7).Rand("y").Uint64())
}

func TestFingerprint(t *testing.T) {
	run := func(keep *bytes.Buffer, last byte) string {
		l := New(1)
		if keep != nil {
			l.Log().Keep(keep)
		}
		l.After(5, func() { l.Log().Emit("src", "n=%d", 1); l.Log().EmitBytes("wire", []byte{1, last}) })
		require.NoError(t, l.Run(10))
		return l.Fingerprint()
	}
	var kept bytes.Buffer
	require.Equal(t, run(nil, 2), run(&kept, 2), "keeping the lines does not change the fingerprint")
	require.NotEqual(t, run(nil, 2), run(nil, 3))
	require.Equal(t, "5 src n=1\n5 wire 0102\n", kept.String())
}

func TestFailingLogWriterFailsTheRun(t *testing.T) {
	l := New(1)
	l.Log().Keep(failing{})
	l.After(1, func() { l.Log().Emit("a", "b") })
	require.ErrorContains(t, l.Run(1), "writing the event log: full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func BenchmarkEvent(b *testing.B) {
	l := New(1)
	var t *Timer
	t = l.NewTimer(func() { t.Reset(1) })
	t.Reset(1)
	b.ReportAllocs()
	_ = l.Run(time.Duration(b.N))
}

func BenchmarkSwitch(b *testing.B) {
	l := New(1)
	defer l.Close()
	l.Go("p", func(p *Proc) {
		for {
			p.Sleep(1)
		}
	})
	b.ReportAllocs()
	_ = l.Run(time.Duration(b.N))
}
