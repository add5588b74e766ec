package freertos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkContextSwitch lets two tasks pass a semaphore to each other: two
// switches a turn.
func BenchmarkContextSwitch(b *testing.B) {
	for name, cost := range map[string]time.Duration{"free": 0, "10us": 10 * time.Microsecond} {
		b.Run(name, func(b *testing.B) {
			k := newChip(b, func(c *Config) { c.SyscallCost = cost })
			ping, err := NewBinarySemaphore(k.Kernel, "ping")
			require.NoError(b, err)
			pong, err := NewBinarySemaphore(k.Kernel, "pong")
			require.NoError(b, err)
			n := 0
			k.task(b, "a", 6, Core0, func(me *Task) {
				for {
					ping.Take(MaxDelay)
					pong.Give()
				}
			})
			k.task(b, "b", 5, Core0, func(me *Task) {
				for {
					if n%1000 == 999 {
						me.Delay(1) // or a would make 100,000 calls at one instant
					}
					ping.Give()
					pong.Take(MaxDelay)
					n++
				}
			})
			require.NoError(b, k.StartScheduler())
			b.ResetTimer()
			require.NoError(b, k.loop.RunUntil(func() bool { return n >= b.N }, 1<<62))
			b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "switches/s")
		})
	}
}

// BenchmarkSyscall is a call that takes CPU time and wakes nobody.
func BenchmarkSyscall(b *testing.B) {
	k := newChip(b, nil)
	n := 0
	k.task(b, "a", 5, Core0, func(me *Task) {
		for ; ; n++ {
			me.Syscall("model")
		}
	})
	require.NoError(b, k.StartScheduler())
	b.ResetTimer()
	require.NoError(b, k.loop.RunUntil(func() bool { return n >= b.N }, 1<<62))
}

// BenchmarkIdleDay is a day on which nothing runs but the system's own tasks,
// watched by the watchdog.
func BenchmarkIdleDay(b *testing.B) {
	for range b.N {
		k := newChip(b, nil)
		k.task(b, "main", 1, Core0, func(me *Task) {
			_ = k.WDT.Init()
			me.Delete()
		})
		require.NoError(b, k.StartScheduler())
		require.NoError(b, k.loop.Run(24*time.Hour))
		k.loop.Close()
	}
}

// BenchmarkDayOfPolling is a day of a task that wakes every 100 ms, resets the
// watchdog and looks into a queue, as opcua_task does.
func BenchmarkDayOfPolling(b *testing.B) {
	for range b.N {
		k := newChip(b, nil)
		k.task(b, "opcua_task", 10, Core1, func(me *Task) {
			_ = k.WDT.Init()
			_ = k.WDT.Add(nil)
			for {
				_ = k.WDT.Reset(nil)
				me.Delay(10)
			}
		})
		require.NoError(b, k.StartScheduler())
		require.NoError(b, k.loop.Run(24*time.Hour))
		k.loop.Close()
	}
}

// BenchmarkCreateDelete makes a task that deletes itself and waits for the idle
// task.
func BenchmarkCreateDelete(b *testing.B) {
	k := newChip(b, nil)
	n := 0
	k.task(b, "maker", 5, Core0, func(me *Task) {
		for ; ; n++ {
			t, err := k.CreateTask("job", 2048, 4, Core0, func(*Task) {})
			if err != nil {
				panic(err)
			}
			t.Delete()
		}
	})
	require.NoError(b, k.StartScheduler())
	b.ResetTimer()
	require.NoError(b, k.loop.RunUntil(func() bool { return n >= b.N }, 1<<62))
}
