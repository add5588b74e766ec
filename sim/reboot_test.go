package sim_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// crash is a firmware that panics a while after it was up, in its n-th start.
func crash(n int, after time.Duration) firmware {
	starts := 0
	return func(a *sim.App) {
		starts++
		doomed := starts == n
		a.StartNetwork(func(*sim.App) {})
		a.Ready()
		_, _ = a.CreateTask("worker", 4096, 5, freertos.Core0, func(a *sim.App) {
			a.Delay(a.Kernel().TicksFromMS(uint32(after.Milliseconds())))
			if doomed {
				a.Kernel().Panic("StoreProhibited")
			}
			a.Suspend()
		})
	}
}

// A panic with PRINT_REBOOT starts the device again, with the delay of the
// sdkconfig, the same heap and its address.
func TestRebootAfterPanic(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{Firmware: crash(1, 10*time.Second), SDKConfig: configured(t,
		"CONFIG_ESP_SYSTEM_PANIC_PRINT_REBOOT", "y", "CONFIG_ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS", "7")})
	pc := newHost(t, w, "pc")
	newCable(t, w, d, pc)
	require.NoError(t, w.Run(9*time.Second))
	require.NoError(t, ping(t, w, pc, d))
	old, free := d.Kernel(), d.FreeHeap()
	require.NoError(t, w.Run(3*time.Second))
	require.Equal(t, 1, d.Boots())
	require.Equal(t, sim.Running, d.Power())
	require.Contains(t, d.Pending()[0].String(), "the reboot after a panic: at 17")
	require.NoError(t, w.Run(10*time.Second))
	require.Equal(t, 2, d.Boots())
	require.NotSame(t, old, d.Kernel())
	require.InDelta(t, float64(17*time.Second), float64(d.BootedAt()), float64(time.Second))
	require.Equal(t, free, d.FreeHeap())
	require.NoError(t, ping(t, w, pc, d))
	require.Empty(t, d.EndedTasks())
}

// Under the GDB stub a panic ends everything: nothing answers, nothing goes by
// itself, and only a reset helps.
func TestHaltUnderGDBStub(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{Firmware: crash(1, 5*time.Second), SDKConfig: configured(t, "CONFIG_ESP_SYSTEM_PANIC_GDBSTUB", "y")})
	pc := newHost(t, w, "pc")
	newCable(t, w, d, pc)
	require.NoError(t, w.Run(10*time.Second))
	require.Equal(t, sim.Halted, d.Power())
	require.Error(t, ping(t, w, pc, d))
	require.Equal(t, []sim.Pending{{What: "everything: the device is halted", Never: true}}, d.Pending())
	before := w.Now()
	var never *sim.NeverError
	require.ErrorAs(t, w.Quiet(d), &never)
	require.Equal(t, before, w.Now(), "it does not wait")
	require.NoError(t, d.Reboot())
	require.NoError(t, w.Run(10*time.Second))
	require.Equal(t, sim.Running, d.Power())
	require.NoError(t, ping(t, w, pc, d))
}

// A task that keeps the core from its idle task is found by the task watchdog,
// which halts the chip under the GDB stub if it is to panic.
func TestWatchdogHalts(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{
		Firmware: firmware(func(a *sim.App) {
			_, err := a.CreateTask("spinner", 4096, 5, freertos.Core0, func(a *sim.App) {
				for {
					a.Spend(time.Millisecond)
				}
			})
			require.NoError(t, err)
		}),
		SDKConfig: configured(t, "CONFIG_ESP_SYSTEM_PANIC_GDBSTUB", "y", "CONFIG_ESP_TASK_WDT_PANIC", "y", "CONFIG_ESP_TASK_WDT_TIMEOUT_S", "3"),
	})
	require.NoError(t, w.Run(2900*time.Millisecond))
	require.Equal(t, sim.Running, d.Power())
	require.NoError(t, w.Run(time.Second))
	require.Equal(t, sim.Halted, d.Power())
	require.Equal(t, freertos.ResetTaskWDT, d.Kernel().Halted().Reset)
}

func TestPowerOff(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{})
	pc := newHost(t, w, "pc")
	cable := newCable(t, w, d, pc)
	var file bytes.Buffer
	capture, err := d.Capture(&file)
	require.NoError(t, err)
	require.NoError(t, w.Run(5*time.Second))
	free := d.FreeHeap()
	d.PowerOff()
	d.PowerOff()
	require.Equal(t, sim.Off, d.Power())
	require.Nil(t, d.Net())
	require.Equal(t, free, d.FreeHeap(), "as it was")
	require.Equal(t, "everything: the device is off: never", d.Pending()[0].String())
	require.Error(t, ping(t, w, pc, d))
	cable.LinkDown() // nobody is there to be told
	cable.LinkUp()
	require.NoError(t, w.Run(time.Second))
	require.NoError(t, d.Reboot())
	require.Equal(t, 2, d.Boots())
	require.NoError(t, w.Run(10*time.Second))
	require.NoError(t, capture.Flush())
	recorded := file.Len()
	require.NoError(t, ping(t, w, pc, d))
	require.NoError(t, capture.Close())
	require.Greater(t, file.Len(), recorded, "a capture goes on after a reboot")
	require.Equal(t, free, d.FreeHeap())
}

// The supply goes, or the button is pressed, while a panic waits to reboot: the
// reboot of the panic must not come on top.
func TestPowerOffDuringRebootDelay(t *testing.T) {
	for name, act := range map[string]func(*sim.Device) (power sim.Power, boots int){
		"power off": func(d *sim.Device) (sim.Power, int) { d.PowerOff(); return sim.Off, 1 },
		"reset": func(d *sim.Device) (sim.Power, int) {
			require.NoError(t, d.Reboot())
			return sim.Running, 2
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := newDevice(t, w, sim.DeviceConfig{Firmware: crash(1, time.Second), SDKConfig: configured(t,
				"CONFIG_ESP_SYSTEM_PANIC_PRINT_REBOOT", "y", "CONFIG_ESP_SYSTEM_PANIC_REBOOT_DELAY_SECONDS", "30")})
			require.NoError(t, w.Run(10*time.Second))
			require.NotNil(t, d.Kernel().Halted())
			power, boots := act(d)
			require.NoError(t, w.Run(2*time.Minute))
			require.Equal(t, power, d.Power())
			require.Equal(t, boots, d.Boots())
		})
	}
}

// A task of the device can end the device, but not start it again by Reboot.
func TestPowerOffFromWithin(t *testing.T) {
	w := newWorld(t)
	var err error
	d := newDevice(t, w, sim.DeviceConfig{Firmware: firmware(func(a *sim.App) {
		err = a.Device().Reboot()
		a.Device().PowerOff()
		t.Error("it went on without power")
	})})
	require.NoError(t, w.Run(time.Second))
	require.ErrorContains(t, err, `Reboot called by its own task "main"`)
	require.Equal(t, sim.Off, d.Power())
	require.NoError(t, d.Reboot())
	require.Equal(t, 2, d.Boots())
}

// Callbacks and baselines end with the boot that they belong to.
func TestRebootForgets(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{})
	require.NoError(t, w.Run(5*time.Second))
	called := 0
	d.OnFailure(func(heap.Failure) { called++ })
	fail := func() { d.Heap().MallocDefault(0, 1<<24) }
	fail()
	require.Equal(t, 1, called)
	require.Len(t, d.Failures(), 1)
	first, ok := d.Baseline()
	require.True(t, ok)
	require.NoError(t, d.Reboot())
	_, ok = d.Baseline()
	require.False(t, ok)
	fail()
	require.Equal(t, 1, called)
	require.Len(t, d.Failures(), 1)
	require.NoError(t, w.Run(5*time.Second))
	second, ok := d.Baseline()
	require.True(t, ok)
	require.Equal(t, first.Free, second.Free)
	require.Empty(t, d.HeldSince(first), "the same boot takes the same memory")
}

// echo is a server that reads for ever; seen are the errors of its reads.
func echo(seen *[]error) firmware {
	return func(a *sim.App) {
		started := false
		a.StartNetwork(func(e *sim.App) {
			if started {
				return
			}
			started = true
			_, _ = e.CreateTask("server", 4096, 5, freertos.Core0, func(a *sim.App) {
				n := a.Device().Net()
				l, _ := n.Socket(a.Task, lwipmodel.SockStream)
				_ = n.Bind(a.Task, l, netip.AddrPortFrom(netip.IPv4Unspecified(), 7))
				_ = n.Listen(a.Task, l, 2)
				a.Ready()
				for {
					fd, err := n.Accept(a.Task, l)
					if err != nil {
						*seen = append(*seen, err)
						continue
					}
					for b := make([]byte, 100); ; {
						if k, err := n.Recv(a.Task, fd, b, 0); err != nil || k == 0 {
							*seen = append(*seen, err)
							break
						}
					}
					_ = n.Close(a.Task, fd)
				}
			})
		})
	}
}

// The device's own link goes down: its address is taken away, and its connections
// are aborted, which the server sees and the client cannot be told. It comes up:
// the address is back, and the server, whose listener lived on, serves again.
func TestLinkDownAndUp(t *testing.T) {
	for _, iface := range []sim.Interface{sim.Ethernet, sim.WiFi} {
		t.Run(iface.String(), func(t *testing.T) {
			w := newWorld(t)
			var seen []error
			d := newDevice(t, w, sim.DeviceConfig{Firmware: echo(&seen), Interface: iface})
			pc := newHost(t, w, "pc")
			cable := newCable(t, w, d, pc)
			require.NoError(t, w.Run(5*time.Second))
			connect := func() error {
				var err error
				done := false
				pc.Go("client", func(p *vtime.Proc) {
					_, err = pc.Dial(p, d.Addr(), 7, 5*time.Second)
					done = true
				})
				require.NoError(t, w.RunUntil(func() bool { return done }, time.Minute))
				require.NoError(t, w.Run(100*time.Millisecond)) // its last ACK is under way
				return err
			}
			free := d.FreeHeap()
			require.NoError(t, connect())
			established := func() (n int) {
				for _, p := range d.Net().Netstat() {
					if p.State == lwipmodel.Established {
						n++
					}
				}
				return n
			}
			require.Equal(t, 1, established())
			cable.LinkDown()
			require.NoError(t, w.Run(time.Second))
			require.Zero(t, established())
			require.Len(t, seen, 1)
			require.Error(t, seen[0], "the server's read")
			require.Equal(t, free, d.FreeHeap())
			require.Error(t, ping(t, w, pc, d))
			require.NoError(t, w.Run(5*time.Second))
			cable.LinkUp()
			require.NoError(t, w.Run(5*time.Second))
			require.NoError(t, ping(t, w, pc, d))
			require.NoError(t, connect())
			require.Equal(t, 1, established())

			// Up and down again before anybody looks.
			d.LinkDown()
			d.LinkUp()
			require.NoError(t, w.Run(time.Second))
			require.Zero(t, established())
			require.NoError(t, ping(t, w, pc, d))
		})
	}
}

// A device that starts without a link gets its address when the link comes.
func TestBootWithoutLink(t *testing.T) {
	w := newWorld(t)
	d := newDevice(t, w, sim.DeviceConfig{})
	pc := newHost(t, w, "pc")
	newCable(t, w, d, pc)
	d.LinkDown()
	require.NoError(t, w.Run(5*time.Second))
	require.Error(t, ping(t, w, pc, d))
	require.NoError(t, w.Run(5*time.Second))
	d.LinkUp()
	require.NoError(t, w.Run(time.Second))
	require.NoError(t, ping(t, w, pc, d))
}
