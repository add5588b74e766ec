package freertos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// chip is a kernel with what is around it.
type chip struct {
	*Kernel
	loop *vtime.Loop
	heap *heap.Heap
}

func newChip(t testing.TB, change func(*Config)) *chip { return newChipOf(t, heap.V5_3_1, change) }

func newChipOf(t testing.TB, v heap.Version, change func(*Config)) *chip {
	t.Helper()
	loop := vtime.New(1)
	h, err := heap.New(heap.Config{Version: v, Layout: heap.DefaultLayout(), Now: loop.Now})
	require.NoError(t, err)
	h.EnableNonOSStackHeaps()
	cfg := DefaultConfig(v)
	if change != nil {
		change(&cfg)
	}
	k, err := New(loop, h, cfg)
	require.NoError(t, err)
	t.Cleanup(loop.Close)
	return &chip{k, loop, h}
}

func (c *chip) task(t testing.TB, name string, prio int, core Core, f func(*Task)) *Task {
	t.Helper()
	task, err := c.CreateTask(name, 2048, prio, core, f)
	require.NoError(t, err)
	return task
}

func TestFirstTicks(t *testing.T) {
	c := newChip(t, nil)
	var got []time.Duration
	c.task(t, "a", 5, Core0, func(t *Task) {
		for {
			got = append(got, c.loop.Now())
			t.Delay(1)
		}
	})
	require.NoError(t, c.StartScheduler())
	require.NoError(t, c.loop.Run(35*time.Millisecond))
	require.Equal(t, []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond}, got)
}

// TestIdleTaskSkipsATaskThatItsCoreHasNotLeft: the first idle task to look frees
// a, not the worker that core 1 has not left yet.
func TestIdleTaskSkipsATaskThatItsCoreHasNotLeft(t *testing.T) {
	k := newChip(t, func(c *Config) { c.SyscallCost = 0 })
	var freed []string
	worker := k.task(t, "worker", 5, Core1, func(me *Task) { me.Spend(time.Hour) })
	worker.OnFree(func() { freed = append(freed, "worker") })
	a := k.task(t, "a", 5, Core0, func(me *Task) {
		me.Delay(1)
		worker.Delete()
		require.Equal(t, Deleted, worker.State())
		me.Delete()
	})
	a.OnFree(func() { freed = append(freed, "a") })
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(10*time.Millisecond))
	require.Equal(t, []string{"a", "worker"}, freed)
}

// TestManyCallsInTime: only calls without time passing are too many.
func TestManyCallsInTime(t *testing.T) {
	k := newChip(t, nil)
	n := 0
	k.task(t, "a", 5, Core0, func(me *Task) {
		for ; n < maxCallsAtOnce+1000; n++ {
			k.TickCount()
		}
		me.Delete()
	})
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Hour))
	require.Equal(t, maxCallsAtOnce+1000, n)
}
