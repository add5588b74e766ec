package freertos

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// TestMisuse: what a model must not do ends the run with an error that names the
// call and the place.
func TestMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		task  func(k *chip, me *Task) // in a task
		event func(k *chip)           // in an event
		want  string
	}{
		"delay from an event": {
			event: func(k *chip) { k.Task("a").Delay(1) },
			want:  `vTaskDelay of task "a" called from outside any task`,
		},
		"delay of another task": {
			task: func(k *chip, me *Task) { k.Task("b").Delay(1) },
			want: `vTaskDelay of task "b" called from task "a"`,
		},
		"spend of another task": {
			task: func(k *chip, me *Task) { k.Task("b").Spend(1) },
			want: `Spend of task "b" called from task "a"`,
		},
		"negative spend": {
			task: func(k *chip, me *Task) { me.Spend(-1) },
			want: `task "a": Spend(-1ns): at least 0 expected`,
		},
		"receive in an event": {
			event: func(k *chip) {
				q, _ := NewQueue[int](k.Kernel, "q", 1, 4)
				q.Receive(1)
			},
			want: "xQueueReceive called from outside any task",
		},
		"a queue that was deleted": {
			task: func(k *chip, me *Task) {
				q, _ := NewQueue[int](k.Kernel, "mbox", 1, 4)
				q.Delete()
				q.Send(1, 0)
			},
			want: `xQueueSend on "mbox", which was deleted`,
		},
		"a queue deleted while a task waits": {
			task: func(k *chip, me *Task) {
				q, _ := NewQueue[int](k.Kernel, "mbox", 1, 4)
				_, _ = k.CreateTask("w", 1024, 9, Core0, func(*Task) { q.Receive(MaxDelay) })
				q.Delete()
			},
			want: `vQueueDelete of "mbox" while 1 tasks wait for it (first: "w")`,
		},
		"a timer that was deleted": {
			task: func(k *chip, me *Task) {
				m, _ := NewTimer(k.Kernel, "tm", 1, false, func(*Timer) {})
				m.Delete(0)
				me.Delay(1)
				m.Start(0)
			},
			want: `xTimerStart on timer "tm", which was deleted`,
		},
		"an event group that was deleted": {
			task: func(k *chip, me *Task) {
				g, _ := NewEventGroup(k.Kernel, "g")
				g.Delete()
				g.SetBits(1)
			},
			want: `xEventGroupSetBits on event group "g", which was deleted`,
		},
		"deleting a task twice": {
			task: func(k *chip, me *Task) {
				b := k.Task("b")
				b.Delete()
				b.Delete()
			},
			want: `vTaskDelete on task "b", which was deleted (vTaskDelete)`,
		},
		"deleting an idle task": {
			task: func(k *chip, me *Task) { k.Task("IDLE0").Delete() },
			want: "the idle tasks must not be deleted",
		},
		"stack overflow that nobody notices": {
			task: func(k *chip, me *Task) { me.UseStack(5000) },
			want: `task "a" uses 5000 bytes of a stack of 2048 and no check is on`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newChip(t, func(c *Config) { c.StackCheck = StackCheckNone })
			k.task(t, "a", 5, Core0, func(me *Task) {
				me.Delay(1)
				if c.task != nil {
					c.task(k, me)
				}
				me.Suspend()
			})
			k.task(t, "b", 4, Core0, func(me *Task) { me.Suspend() })
			require.NoError(t, k.StartScheduler())
			if c.event != nil {
				k.loop.After(5*time.Millisecond, func() { c.event(k) })
			}
			require.ErrorContains(t, k.loop.Run(time.Second), c.want)
		})
	}
}

func TestRunInsideTask(t *testing.T) {
	k := newChip(t, nil)
	var err error
	k.task(t, "a", 5, Core0, func(me *Task) {
		err = k.loop.Run(time.Second)
		me.Delete()
	})
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Second))
	require.ErrorContains(t, err, `Run called from inside process "esp32/a"`)
}

// TestForeignGoroutine: a call for a task that is not running, from a goroutine
// beside the loop, is an error of the next run.
func TestForeignGoroutine(t *testing.T) {
	k := newChip(t, nil)
	a := k.task(t, "a", 5, Core0, func(me *Task) { me.Suspend() })
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Second))
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Delay(1)
	}()
	<-done
	var e *ContextError
	require.ErrorAs(t, k.loop.Run(time.Second), &e)
	require.Equal(t, "vTaskDelay", e.Call)
	require.Equal(t, "a", e.Task)
}

func TestConfigErrors(t *testing.T) {
	loop := vtime.New(1)
	h, err := heap.New(heap.Config{Version: heap.V5_3_1, Layout: heap.DefaultLayout()})
	require.NoError(t, err)
	_, err = New(loop, h, Config{HZ: 2000, StackCheck: 9, Panic: 9, SyscallCost: -1, PanicRebootDelay: time.Hour, TimerService: true, TimerTaskAffinity: 7})
	for _, want := range []string{
		"Config.HZ is 2000: 1 to 1000 expected", "Config.IdleStackSize is 0: 768 to 32768 expected",
		"Config.TimerTaskPriority is 0", "Config.TimerTaskStackDepth is 0", "Config.TimerQueueLength is 0", "Config.TimerTaskAffinity is 7",
		"Config.StackCheck is StackCheck(9)", "Config.Panic is PanicAction(9)", "Config.SyscallCost is -1ns", "Config.PanicRebootDelay is 1h0m0s",
	} {
		require.ErrorContains(t, err, want)
	}

	k := newChip(t, func(c *Config) { c.Unicore = true; c.TimerService = false })
	f := func(*Task) {}
	for want, err := range map[string]error{
		"priority 25: 0 to 24 expected":                   second(k.CreateTask("a", 2048, 25, Core0, f)),
		"core 1: below 1 or NoAffinity expected":          second(k.CreateTask("a", 2048, 1, Core1, f)),
		"a function expected":                             second(k.CreateTask("a", 2048, 1, Core0, nil)),
		`queue "q": length 0: at least 1 expected`:        second(NewQueue[int](k.Kernel, "q", 0, 4)),
		"at most 4 GiB expected":                          second(NewQueue[int](k.Kernel, "q", 2, 0xFFFFFFFF)),
		"initial count 2: at most 1 expected":             second(NewCountingSemaphore(k.Kernel, "s", 1, 2)),
		"Config.TimerService is off":                      second(NewTimer(k.Kernel, "t", 1, false, func(*Timer) {})),
		`timer "t": a callback expected`:                  second(NewTimer(k.Kernel, "t", 1, false, nil)),
		"a period of at least 1 tick expected":            second(NewTimer(k.Kernel, "t", 0, false, func(*Timer) {})),
		`OnNoMemory "x": keep-running, delete-task or pa`: second(ParseOnNoMemory("x")),
		"esp_task_wdt_init before the scheduler":          k.WDT.Init(),
		"TWDT was never initialized":                      k.WDT.Add(nil),
	} {
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, k.StartScheduler())
	require.ErrorContains(t, k.StartScheduler(), "the scheduler was started at 0s")
}

func second[T any](_ T, err error) error { return err }

// TestDeletedTasksUnwindOnlyAtClose: deferred functions of deleted tasks, and of
// all tasks of a dead chip, run when the loop is closed, and their calls do
// nothing.
func TestDeletedTasksUnwindOnlyAtClose(t *testing.T) {
	k := newChip(t, func(c *Config) { c.Panic = PanicGDBStub })
	var deferred []string
	q, err := NewQueue[int](k.Kernel, "q", 1, 4)
	require.NoError(t, err)
	free := uint32(0)
	start := func(name string, prio int, f func(*Task)) {
		k.task(t, name, prio, NoAffinity, func(me *Task) {
			defer func() {
				require.False(t, q.Send(1, MaxDelay))
				_, ok := q.Receive(MaxDelay)
				require.False(t, ok)
				require.False(t, q.SendFromISR(1))
				me.Delay(1)
				me.Delete()
				_, err := k.CreateTask("late", 2048, 1, Core0, func(*Task) {})
				require.Error(t, err)
				require.Error(t, k.WDT.Init())
				deferred = append(deferred, name)
			}()
			defer func() {
				for !q.Send(1, MaxDelay) { // must not hang
				}
			}()
			f(me)
		})
	}
	start("deletes itself", 5, func(me *Task) { me.Delete() })
	start("is deleted", 4, func(me *Task) { me.Delay(MaxDelay) })
	start("waits", 4, func(me *Task) { q.Receive(MaxDelay) })
	start("computes", 1, func(me *Task) { me.Spend(time.Hour) })
	require.NoError(t, k.StartScheduler())
	k.loop.After(time.Second, func() { k.Task("is deleted").Delete() })
	k.loop.After(2*time.Second, func() {
		k.Panic("IllegalInstruction")
		free = k.heap.FreeSize(heap.CapInternal)
	})
	require.NoError(t, k.loop.Run(time.Minute))
	require.Empty(t, deferred)
	require.NotNil(t, k.Halted())
	during := runtime.NumGoroutine()

	k.loop.Close()
	require.ElementsMatch(t, []string{"deletes itself", "is deleted", "waits", "computes"}, deferred)
	require.LessOrEqual(t, runtime.NumGoroutine(), during-5, "those four and the timer service have ended")
	require.Equal(t, free, k.heap.FreeSize(heap.CapInternal), "a dead chip's memory stays as it was")
}

// TestDeadChip: interrupts do nothing after a panic, and the same loop can run
// the next kernel.
func TestDeadChip(t *testing.T) {
	var second *chip
	resets := []ResetReason{}
	at := time.Duration(0)
	var k *chip
	k = newChip(t, func(c *Config) {
		c.PanicRebootDelay = 3 * time.Second
		c.OnReset = func(r ResetReason) {
			resets = append(resets, r)
			at = k.loop.Now()
			kernel, err := New(k.loop, k.heap, DefaultConfig(heap.V5_3_1))
			require.NoError(t, err)
			second = &chip{kernel, k.loop, k.heap}
			second.task(t, "a", 1, Core0, func(me *Task) { me.Delay(MaxDelay) })
			require.NoError(t, second.StartScheduler())
		}
	})
	q, err := NewQueue[int](k.Kernel, "q", 4, 4)
	require.NoError(t, err)
	received := 0
	a := k.task(t, "a", 5, Core0, func(me *Task) {
		for {
			q.Receive(MaxDelay)
			received++
		}
	})
	require.NoError(t, k.StartScheduler())
	send := func() bool { return q.SendFromISR(1) }
	k.loop.After(time.Second, func() { require.True(t, send()) })
	k.loop.After(2*time.Second, func() { k.Abort("out of luck") })
	k.loop.After(4*time.Second, func() {
		require.False(t, send())
		a.NotifyGiveFromISR()
		a.Unblock()
	})
	require.NoError(t, k.loop.Run(time.Minute))
	require.Equal(t, 1, received)
	require.Equal(t, []ResetReason{ResetPanic}, resets)
	require.Equal(t, 5*time.Second, at)
	require.Equal(t, "2s: core 0, task IDLE0: out of luck: the chip reboots (ESP_RST_PANIC)", k.Halted().String())
	require.Equal(t, []string{"out of luck", "Rebooting in 3 seconds...", "Rebooting..."}, k.Console())
	require.Nil(t, second.Halted())
	require.NotZero(t, second.TickCount())
}

func TestPowerOff(t *testing.T) {
	reset := false
	k := newChip(t, func(c *Config) { c.OnReset = func(ResetReason) { reset = true } })
	n := 0
	k.task(t, "a", 5, Core0, func(me *Task) {
		for ; ; n++ {
			me.Delay(1)
		}
	})
	require.NoError(t, k.StartScheduler())
	k.loop.After(105*time.Millisecond, k.PowerOff)
	require.NoError(t, k.loop.Run(time.Minute))
	require.Equal(t, 10, n)
	require.False(t, reset)
	require.Empty(t, k.Console())
	require.Equal(t, ResetPowerOn, k.Halted().Reset)
	k.PowerOff()
	k.Panic("StoreProhibited")
	require.Equal(t, "power off", k.Halted().Text)
}

// TestNoMemoryOutcome: what a report can say afterwards.
func TestNoMemoryOutcome(t *testing.T) {
	k := newChip(t, nil)
	failure := heap.Failure{Size: 16384, Tag: heap.Tag{What: "recv buffer"}, Free: 20000, Largest: 8000}
	a := k.task(t, "opcua_task", 5, Core0, func(me *Task) {
		me.NoMemory(failure)
		me.NoMemory(failure)
		me.SetOnNoMemory(DeleteTask)
		me.NoMemory(failure)
	})
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(time.Second))
	n, last := a.NoMemoryCount()
	require.Equal(t, 3, n)
	require.Equal(t, failure, last)
	require.Equal(t, Invalid, a.State())
	require.Equal(t, "vTaskDelete(NULL) for lack of memory: 16384 bytes for recv buffer, free 20000, largest block 8000", a.Ended())
	require.Equal(t, 10*time.Microsecond, a.EndedAt())
	require.Equal(t, a, k.LastDeleted("opcua_task"))
	require.Nil(t, k.LastDeleted("main"))
	require.Nil(t, k.Task("opcua_task"))
}

// TestBeforeScheduler: objects can be made and used before the scheduler, as
// long as nothing has to wait.
func TestBeforeScheduler(t *testing.T) {
	k := newChip(t, nil)
	s, err := NewBinarySemaphore(k.Kernel, "s")
	require.NoError(t, err)
	require.True(t, s.Give())
	require.False(t, s.Give())
	require.True(t, s.Take(0))
	require.False(t, s.Take(0))
	m, err := NewTimer(k.Kernel, "tm", 3, false, func(*Timer) {})
	require.NoError(t, err)
	require.True(t, m.Start(0))
	require.NoError(t, k.StartScheduler())
	require.NoError(t, k.loop.Run(29*time.Millisecond))
	require.True(t, m.Active())
	require.NoError(t, k.loop.Run(2*time.Millisecond))
	require.False(t, m.Active())

	k2 := newChip(t, nil)
	q, err := NewQueue[int](k2.Kernel, "q", 1, 4)
	require.NoError(t, err)
	q.Receive(1)
	var e *ContextError
	require.True(t, errors.As(k2.loop.Run(0), &e))
	require.Equal(t, "xQueueReceive that has to wait", e.Call)
}

// TestTickTimes: the instants of ticks do not drift where a second is not a
// whole number of periods, and counts and times agree across the wrap.
func TestTickTimes(t *testing.T) {
	for _, hz := range []uint32{1, 3, 7, 100, 300, 999, 1000} {
		k := newChip(t, func(c *Config) { c.HZ, c.InitialTickCount = hz, 0xFFFFFFF0 })
		require.NoError(t, k.loop.Run(12345))
		require.NoError(t, k.StartScheduler())
		for _, n := range []uint64{0, 1, 2, 31, 32, 33, 1e6, 1e9} {
			at := k.tickTime(n)
			require.Equal(t, n, k.tickAt(at), "%d Hz, tick %d", hz, n)
			if n > 0 {
				require.Equal(t, n-1, k.tickAt(at-1), "%d Hz, tick %d", hz, n)
			}
		}
		require.Equal(t, k.epoch+time.Hour, k.tickTime(uint64(hz)*3600))
		require.NoError(t, k.loop.Run(time.Hour))
		require.Equal(t, 0xFFFFFFF0+hz*3600, k.TickCount())
		for _, d := range []uint32{0, 1, 5, 0xFFFFFFFF} {
			at := k.TickTime(k.TickCount() + d)
			require.Equal(t, k.tickTime(k.ticks+uint64(int64(int32(d)))), at)
		}
	}
}
