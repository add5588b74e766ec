package freertos

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plainWDT is the task watchdog as task_wdt.c has it, driven by every single
// turn of the idle tasks, against which the one that works turns out is checked.
type plainWDT struct {
	timeout time.Duration
	entries []*plainEntry
	fed     time.Duration
	out     []string
}

type plainEntry struct {
	name  string
	reset bool
}

func (w *plainWDT) add(name string, now time.Duration) {
	w.until(now - 1)
	all := w.allReset("")
	w.entries = append([]*plainEntry{{name: name}}, w.entries...)
	if all || len(w.entries) == 1 {
		w.feed(now)
	}
}

func (w *plainWDT) allReset(but string) bool {
	for _, e := range w.entries {
		if e.name != but && !e.reset {
			return false
		}
	}
	return true
}

func (w *plainWDT) feed(now time.Duration) {
	w.fed = now
	for _, e := range w.entries {
		e.reset = false
	}
}

func (w *plainWDT) reset(name string, now time.Duration) {
	for _, e := range w.entries {
		if e.name == name {
			e.reset = true
			if w.allReset(name) {
				w.feed(now)
			}
		}
	}
}

// until lets the hardware timer expire up to now.
func (w *plainWDT) until(now time.Duration) {
	for len(w.entries) > 0 && w.fed+w.timeout <= now {
		w.fed += w.timeout
		line := fmt.Sprint(w.fed)
		for _, e := range w.entries {
			if !e.reset {
				line += " " + e.name
			}
		}
		w.out = append(w.out, line)
	}
}

// TestWatchdogAgainstPlainOne runs random loads on two cores with both watchdogs.
func TestWatchdogAgainstPlainOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		timeout := time.Duration(rapid.IntRange(3, 30).Draw(rt, "timeout"))*10*time.Millisecond + 50 // never at the instant of a reset
		var got []string
		k := newChip(t, func(c *Config) {
			c.SyscallCost = 0
			c.TraceSwitches = true
			c.WDT = WDTConfig{Timeout: timeout, CheckIdleCPU0: rapid.Bool().Draw(rt, "idle0"), CheckIdleCPU1: rapid.Bool().Draw(rt, "idle1")}
			c.Console = func(at time.Duration, line string) {
				if strings.Contains(line, "got triggered") {
					got = append(got, fmt.Sprint(at))
				} else if _, name, ok := strings.Cut(line, " - "); ok {
					got[len(got)-1] += " " + strings.Fields(name)[0]
				}
			}
		})
		plain := &plainWDT{timeout: timeout}
		entered := map[Core]uint64{} // the tick at which a core took its idle task
		k.loop.Log().Keep(writerFunc(func(b []byte) {
			var c Core
			if f := strings.Fields(string(b)); len(f) == 5 && f[2] == "core" && strings.HasPrefix(f[4], "IDLE") {
				fmt.Sscanf(f[3], "%d:", &c)
				plain.until(k.loop.Now() - 1)
				plain.reset(f[4], k.loop.Now())
				entered[c] = k.ticks
			}
		}))
		var tick func()
		tick = func() {
			k.sync()
			plain.until(k.loop.Now() - 1)
			for _, c := range k.cores {
				if c.cur == c.idle && entered[c.id] != k.ticks {
					plain.reset(c.idle.name, k.loop.Now())
				}
			}
			plain.until(k.loop.Now())
			k.loop.At(k.nextTick, tick)
		}

		k.task(t, "main", 9, Core0, func(me *Task) {
			require.NoError(t, k.WDT.Init())
			for i, on := range []bool{k.cfg.WDT.CheckIdleCPU0, k.cfg.WDT.CheckIdleCPU1} {
				if on {
					plain.add(fmt.Sprint("IDLE", i), k.loop.Now())
				}
			}
			me.Delay(MaxDelay)
		})
		for i := range rapid.IntRange(0, 3).Draw(rt, "tasks") {
			name := fmt.Sprint("t", i)
			watched := rapid.Bool().Draw(rt, "watched")
			steps := rapid.SliceOfN(rapid.IntRange(0, 99), 1, 8).Draw(rt, "steps")
			k.task(t, name, 2+i, Core(i%2), func(me *Task) {
				if watched {
					require.NoError(t, k.WDT.Add(nil))
					plain.add(name, k.loop.Now())
				}
				for n := 0; ; n++ {
					d := steps[n%len(steps)]
					if n%2 == 0 {
						me.Spend(time.Duration(d)*1500*time.Microsecond + 123)
					} else {
						me.Delay(uint32(1 + d/4))
					}
					if watched {
						require.NoError(t, k.WDT.Reset(nil))
						plain.until(k.loop.Now() - 1)
						plain.reset(name, k.loop.Now())
					}
				}
			})
		}
		require.NoError(t, k.StartScheduler())
		k.loop.At(k.nextTick, tick)
		require.NoError(t, k.loop.Run(1500*time.Millisecond+1))
		plain.until(k.loop.Now())
		require.Equal(rt, plain.out, got)
	})
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) { f(b); return len(b), nil }

func TestWatchdogUsers(t *testing.T) {
	k := newChip(t, func(c *Config) {
		c.WDT = WDTConfig{Timeout: time.Second}
	})
	var left []string
	k.task(t, "main", 1, Core0, func(me *Task) {
		require.NoError(t, k.WDT.Init())
		require.ErrorIs(t, k.WDT.Init(), ErrInvalidState)
		require.ErrorIs(t, k.WDT.Reset(nil), ErrNotFound)
		require.ErrorIs(t, k.WDT.Remove(nil), ErrNotFound)
		me.Delay(300) // nothing is watched, so nothing times out
		require.Empty(t, k.Console())
		u, err := k.WDT.AddUser("flash")
		require.NoError(t, err)
		require.NoError(t, k.WDT.Add(nil))
		require.ErrorIs(t, k.WDT.Add(nil), ErrInvalidArg)
		require.ErrorIs(t, k.WDT.Deinit(), ErrInvalidState)
		require.True(t, k.WDT.Subscribed(me))
		for range 5 {
			me.Delay(50)
			require.NoError(t, k.WDT.Reset(nil))
			require.NoError(t, k.WDT.ResetUser(u))
		}
		require.Empty(t, k.Console())
		require.NoError(t, k.WDT.Remove(nil))
		me.Delay(150)
		left = k.Console()
		require.NoError(t, k.WDT.RemoveUser(u))
		require.ErrorIs(t, k.WDT.RemoveUser(u), ErrNotFound)
		require.ErrorIs(t, k.WDT.ResetUser(u), ErrNotFound)
		free := k.heap.FreeSize(0)
		require.NoError(t, k.WDT.Deinit())
		require.Equal(t, free+20, k.heap.FreeSize(0))
		require.ErrorIs(t, k.WDT.Add(nil), ErrInvalidState)
		me.Delete()
	})
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Minute))
	require.Nil(t, k.Halted())
	require.Equal(t, []string{
		"E (6500) task_wdt: Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:",
		"E (6500) task_wdt:  - flash (CPU 0/1)",
		"E (6500) task_wdt: Tasks currently running:",
		"E (6500) task_wdt: CPU 0: IDLE0",
		"E (6500) task_wdt: CPU 1: IDLE1",
		"E (6500) task_wdt: Print CPU 0 (current core) backtrace",
		"E (6500) task_wdt: Print CPU 1 backtrace",
	}, left)
}

// TestWatchdogPolling: a task that says it polls is not reported while it blocks,
// but does not hide an idle task that starves, and is watched again afterwards.
func TestWatchdogPolling(t *testing.T) {
	var got []string
	k := newChip(t, func(c *Config) {
		c.WDT = WDTConfig{Timeout: time.Second, CheckIdleCPU0: true, CheckIdleCPU1: true}
		c.Console = func(at time.Duration, line string) {
			if _, name, ok := strings.Cut(line, " - "); ok {
				got = append(got, fmt.Sprint(at.Truncate(10*time.Millisecond), " ", name))
			}
		}
	})
	k.task(t, "opcua_task", 5, Core1, func(me *Task) {
		k.WDT.Polling(nil, true) // not subscribed: nothing
		require.NoError(t, k.WDT.Init())
		require.NoError(t, k.WDT.Add(nil))
		k.WDT.Polling(nil, true)
		k.WDT.Polling(nil, true)
		me.Delay(10_000)
		k.WDT.Polling(nil, false)
		me.Delay(150)
		me.Delete()
	})
	k.task(t, "hog", 5, Core0, func(me *Task) {
		me.Delay(5000)
		me.Spend(1500 * time.Millisecond)
		me.Delete()
	})
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Second))
	events := 0
	require.Error(t, k.loop.RunUntil(func() bool { events++; return false }, 48*time.Second))
	require.Less(t, events, 10, "nothing happens, so nothing runs")
	require.NoError(t, k.loop.Run(60*time.Second))
	require.Equal(t, []string{"50.99s IDLE0 (CPU 0)", "1m41s opcua_task (CPU 1)"}, got[:2])
}
