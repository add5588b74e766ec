package simtest_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/simtest"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// fakeTB is a test that may fail. What it does not override panics.
type fakeTB struct {
	testing.TB
	text    strings.Builder
	failed  bool
	cleanup []func()
}

func (f *fakeTB) Name() string     { return "fake" }
func (f *fakeTB) Helper()          {}
func (f *fakeTB) Cleanup(g func()) { f.cleanup = append(f.cleanup, g) }
func (f *fakeTB) FailNow()         { f.failed = true; runtime.Goexit() }
func (f *fakeTB) Errorf(format string, args ...any) {
	fmt.Fprintf(&f.text, format, args...)
}

// failure runs a test to its end and returns what it failed with, empty if it
// passed.
func failure(test func(w *simtest.World)) string {
	f := &fakeTB{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(simtest.New(f, sim.Config{Seed: 1}))
	}()
	<-done
	for _, g := range f.cleanup {
		g()
	}
	if f.failed {
		return f.text.String()
	}
	return ""
}

// firmware is a program given as a function.
type firmware func(*sim.App)

func (f firmware) Main(a *sim.App) { f(a) }

// started brings up the network and a task named "worker", and is ready.
func started(worker func(*sim.App)) firmware {
	return func(a *sim.App) {
		a.StartNetwork(func(*sim.App) {})
		_, err := a.CreateTask("worker", 4096, 5, freertos.Core0, func(a *sim.App) {
			a.Delay(100) // the main task is gone by then
			a.Ready()
			worker(a)
			a.Suspend()
		})
		if err != nil {
			a.Abort(err.Error())
		}
	}
}

func idle(*sim.App) {}

func config(panics string) *sdkconfig.Config {
	c := sdkconfig.Default("5.3.1")
	if err := c.Set("CONFIG_ESP_SYSTEM_PANIC_"+panics, "y"); err != nil {
		panic(err)
	}
	return c
}

// later runs f in the worker after ten seconds.
func later(f func(*sim.App)) firmware {
	return started(func(a *sim.App) { a.Delay(1000); f(a) })
}

func panicNow(a *sim.App) { a.Kernel().Panic("StoreProhibited") }

func TestRequire(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*simtest.World)
		want []string // in the failure; none: it passes
	}{
		{"healthy", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			w.Cable(d, w.Host("pc"))
			w.Run(5 * time.Second)
			w.RequireHealthy(d)
		}, nil},
		{"healthy, with hosts that cannot reach it", func(w *simtest.World) {
			d, other := w.Device(sim.DeviceConfig{Firmware: started(idle)}), w.Device(sim.DeviceConfig{})
			w.Cable(d, w.Host("pc")).Pull()
			w.Cable(other, w.Host("elsewhere"))
			off := w.Host("off")
			w.Cable(d, off)
			off.PowerOff()
			w.Host("no cable")
			w.Run(5 * time.Second)
			w.RequireHealthy(d)
		}, nil},
		{"not up", func(w *simtest.World) {
			w.RequireHealthy(w.Device(sim.DeviceConfig{Firmware: firmware(idle)}))
		}, []string{`device "esp32" is not healthy`, "its firmware is not up"}},
		{"link down", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			c := w.Cable(d, w.Host("pc"))
			w.Run(5 * time.Second)
			c.LinkDown()
			w.RequireHealthy(d)
		}, []string{"ping from pc:"}},
		{"a task ended", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) { a.Delete() })})
			w.Run(30 * time.Second)
			w.RequireTaskDead(d, "worker")
			w.RequireTaskDead(d, "main")
			w.RequireHealthy(d)
		}, nil},
		{"a task ended for memory", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) {
				a.SetOnNoMemory(freertos.DeleteTask)
				a.NoMemory(heap.Failure{Size: 1 << 20})
			})})
			w.Run(30 * time.Second)
			w.RequireTaskDead(d, "worker")
			w.RequireHealthy(d)
		}, []string{"task worker ended: vTaskDelete(NULL) for lack of memory: 1048576 bytes"}},
		{"halted", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(panicNow), SDKConfig: config("GDBSTUB")})
			w.Run(30 * time.Second)
			w.RequireTaskDead(d, "worker")
			w.RequireHealthy(d)
		}, []string{"it is halted", "StoreProhibited"}},
		{"off", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			w.Run(5 * time.Second)
			d.PowerOff()
			w.RequireHealthy(d)
		}, []string{"it is off"}},

		{"task lives", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			w.Run(5 * time.Second)
			w.RequireTaskDead(d, "worker")
		}, []string{`task "worker" was expected to be dead, but it is Suspended`}},
		{"no such task", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			w.Run(5 * time.Second)
			w.RequireTaskDead(d, "wroker")
		}, []string{`task "wroker" was expected to be dead, but the device "esp32" has had none of that name`}},
		{"no such task on a halted chip", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(panicNow), SDKConfig: config("GDBSTUB")})
			w.Run(30 * time.Second)
			w.RequireTaskDead(d, "wroker")
		}, []string{`task "wroker" was expected to be dead`}},
		{"a task lives again after a reboot", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(panicNow), SDKConfig: config("PRINT_REBOOT")})
			w.Run(15 * time.Second)
			w.RequireTaskDead(d, "worker")
		}, []string{`task "worker" was expected to be dead, but it is Blocked`}},

		{"no leak", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) { a.Free(a.Malloc("buffer", 100)) })})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, nil},
		{"no leak without firmware", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, nil},
		{"leak", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) {
				a.Within("session 7", func() { a.Malloc("buffer", 100) })
			})})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, []string{"bytes free and", "held more than at the start", "104       1  worker  session 7  buffer 104"}},
		{"many leaks", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) {
				for i := range 30 {
					a.Within(fmt.Sprintf("session %d", i), func() { a.Malloc("buffer", 100); a.Malloc("UA_Session", 200) })
				}
			})})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, []string{"9240      60  worker  30 x session  UA_Session 6120, buffer 3120", "total"}},
		{"leak of a byte", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) { a.Malloc("buffer", 1) })})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, []string{"bytes free and"}},
		{"something stays for ever", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: later(func(a *sim.App) {
				a.Device().AddPending(func() []sim.Pending { return []sim.Pending{{What: "a session", Never: true}} })
			})})
			w.Run(30 * time.Second)
			w.RequireNoLeak(d)
		}, []string{"does not come to rest: these never go by themselves:\n", "a session", "pending:"}},
		{"never ready", func(w *simtest.World) {
			w.RequireNoLeak(w.Device(sim.DeviceConfig{Firmware: firmware(idle)}))
		}, []string{"has no baseline: its firmware has not been ready"}},
		{"rebooted meanwhile", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{SDKConfig: config("PRINT_REBOOT"), Firmware: later(func(a *sim.App) {
				a.Device().AddPending(func() []sim.Pending { return []sim.Pending{{What: "a session", At: time.Hour}} })
				a.Delay(100)
				panicNow(a)
			})})
			w.Run(11500 * time.Millisecond)
			w.RequireNoLeak(d)
		}, []string{`device "esp32" restarted at`}},
		{"off while it is asked", func(w *simtest.World) {
			d := w.Device(sim.DeviceConfig{Firmware: started(idle)})
			w.Run(5 * time.Second)
			d.PowerOff()
			w.RequireNoLeak(d)
		}, []string{"everything: the device is off"}},

		{"sdkconfig", func(w *simtest.World) { w.SDKConfig("no such file") }, []string{"no such file"}},
		{"device", func(w *simtest.World) { w.Device(sim.DeviceConfig{Static: 1 << 20}) }, []string{"the linker places at most"}},
		{"host", func(w *simtest.World) { w.Host("") }, []string{"a name was expected"}},
		{"cable", func(w *simtest.World) { w.Cable(w.Host("pc")) }, []string{"a cable has two ends"}},
		{"run", func(w *simtest.World) { w.Run(-1) }, []string{"a duration of at least 0 was expected"}},
		{"run until", func(w *simtest.World) { w.RunUntil("rain", func() bool { return false }, time.Second) }, []string{"waiting for rain"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := failure(c.test)
			if c.want == nil {
				require.Empty(t, got)
			}
			for _, want := range c.want {
				require.Contains(t, got, want)
			}
		})
	}
}

// A firmware may call itself ready before app_main has returned: the main task's
// stack, which is freed then, is no part of what RequireNoLeak compares with, and
// does not hide a leak.
func TestReadyBeforeMainReturns(t *testing.T) {
	for name, f := range map[string]func(*sim.App){
		"in app_main": func(a *sim.App) {
			a.StartNetwork(func(*sim.App) {})
			a.Ready()
		},
		"in an event handler": func(a *sim.App) { a.StartNetwork((*sim.App).Ready) },
		"in a task of higher priority": func(a *sim.App) {
			a.StartNetwork(func(*sim.App) {})
			_, err := a.CreateTask("worker", 4096, 5, freertos.Core0, func(a *sim.App) {
				a.Ready()
				a.Suspend()
			})
			if err != nil {
				a.Abort(err.Error())
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			leak := false
			run := func(w *simtest.World) {
				d := w.Device(sim.DeviceConfig{Firmware: firmware(f)})
				w.Run(5 * time.Second)
				if leak {
					d.Heap().MallocDefault(d.Heap().Intern(heap.Tag{Task: "worker", What: "buffer"}), 100)
				}
				w.RequireNoLeak(d)
				base, _ := d.Baseline()
				require.Empty(t, d.HeldSince(base))
			}
			require.Empty(t, failure(run))
			leak = true
			require.Regexp(t, ` 104 +1 +worker +buffer 104\n\s+104 +1 +total`, failure(run))
		})
	}
}

// A connection that the firmware has forgotten to close is named with its state.
func TestForgottenConnectionIsShown(t *testing.T) {
	text := failure(func(w *simtest.World) {
		d := w.Device(sim.DeviceConfig{Firmware: started(func(a *sim.App) {
			ip := a.Device().Net()
			fd, err := ip.Socket(a.Task, lwipmodel.SockStream)
			require.NoError(t, err)
			require.NoError(t, ip.Bind(a.Task, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 23)))
			require.NoError(t, ip.Listen(a.Task, fd, 1))
			_, err = ip.Accept(a.Task, fd)
			require.NoError(t, err)
		})})
		pc := w.Host("pc")
		w.Cable(d, pc)
		w.Run(5 * time.Second)
		pc.Go("client", func(p *vtime.Proc) {
			c, err := pc.Dial(p, d.Addr(), 23, time.Second)
			require.NoError(t, err)
			c.Close()
		})
		w.Run(time.Minute)
		w.RequireNoLeak(d)
	})
	require.Regexp(t, `:23 +192\.168\.1\.100:\d+ +CLOSE_WAIT .* never: the peer has closed, the application has not`, text)
}
