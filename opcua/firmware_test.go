package opcua_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// failing is an injector given as a function.
type failing func(heap.Request) bool

func (f failing) Fail(r heap.Request) bool { return f(r) }
func (failing) String() string             { return "failing" }

// served is a device with the firmware, ten seconds after its start, and a host;
// the server's allocations of buffers fail while fail is true.
func served(t *testing.T, f opcua.Firmware, fail *bool) (*sim.World, *sim.Device, *wire.Host, *sim.Cable) {
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	d, err := w.Device(sim.DeviceConfig{Firmware: f, Inject: failing(func(r heap.Request) bool {
		return *fail && r.Tag.Task == "opcua_task" && r.Size >= 4096
	})})
	require.NoError(t, err)
	pc, err := w.Host("pc")
	require.NoError(t, err)
	cable, err := w.Cable(d, pc)
	require.NoError(t, err)
	require.NoError(t, w.Run(10*time.Second))
	return w, d, pc, cable
}

// visit lets a client come and leave properly, and returns what it saw.
func visit(t *testing.T, w *sim.World, d *sim.Device, pc *wire.Host) *opcua.ClientReport {
	report := new(opcua.ClientReport)
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{}
	client.Address = d.Addr().String() + ":4840"
	client.Subscription.Items = []string{"ns=1;s=temperature"}
	done := false
	pc.Go("client", func(p *vtime.Proc) {
		*report = opcua.RunClient(p, opcua.OnHost(pc), opcua.ClientLife{Config: client, Stay: time.Second})
		done = true
	})
	require.NoError(t, w.RunUntil(func() bool { return done }, 5*time.Minute))
	return report
}

// The link comes back, with the same address: the firmware does not make a second
// server, and the first one serves again.
func TestFirmwareServesAfterLinkUp(t *testing.T) {
	fail := false
	w, d, pc, cable := served(t, opcua.Firmware{}, &fail)
	require.True(t, visit(t, w, d, pc).OK())
	cable.LinkDown()
	require.NoError(t, w.Run(10*time.Second))
	cable.LinkUp()
	require.NoError(t, w.Run(10*time.Second))
	r := visit(t, w, d, pc)
	require.True(t, r.OK(), "%v", r.Err)
	require.Empty(t, d.EndedTasks())
	require.NoError(t, w.Quiet(d))
	start, ok := d.Baseline()
	require.True(t, ok)
	require.Equal(t, start.Blocks, d.TakeBaseline().Blocks)
	require.InDelta(t, start.Free, d.FreeHeap(), 16, "lwIP's timer has its block in a place a little larger")
}

// A firmware that found no memory for its task has set isServerCreated all the
// same: nothing makes the server later.
func TestFirmwareCreatesItsTaskOnce(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	var console strings.Builder
	fail := true
	d, err := w.Device(sim.DeviceConfig{Firmware: opcua.Firmware{}, Console: &console, Inject: failing(func(r heap.Request) bool { return fail && r.Size == 24336 })})
	require.NoError(t, err)
	require.NoError(t, w.Run(10*time.Second))
	require.Contains(t, console.String(), "opcua_task: ")
	require.Nil(t, d.Kernel().Task("opcua_task"))
	fail = false
	d.LinkDown()
	require.NoError(t, w.Run(time.Second))
	d.LinkUp()
	require.NoError(t, w.Run(10*time.Second))
	require.Nil(t, d.Kernel().Task("opcua_task"))
	require.NoError(t, d.Reboot())
	require.NoError(t, w.Run(10*time.Second))
	require.NotNil(t, d.Kernel().Task("opcua_task"), "a new start begins anew")
}

// What a dead server held stays for ever: it says so, and nobody waits for
// deadlines that nobody looks at.
func TestDeadServersSessionsStayForEver(t *testing.T) {
	fail := false
	w, d, pc, _ := served(t, opcua.Firmware{OnNoMemory: freertos.DeleteTask}, &fail)
	done := false
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{}
	client.Address = d.Addr().String() + ":4840"
	client.Subscription.Items = []string{"ns=1;s=temperature"}
	pc.Go("client", func(p *vtime.Proc) {
		opcua.RunClient(p, opcua.OnHost(pc), opcua.ClientLife{Config: client, Stay: time.Hour})
		done = true
	})
	require.NoError(t, w.Run(10*time.Second))
	for _, p := range d.Pending() {
		require.False(t, p.Never, "%v", p)
	}
	fail = true
	require.NoError(t, w.Run(10*time.Second))
	fail = false
	require.Len(t, d.EndedTasks(), 1)
	require.False(t, done)
	now := w.Now()
	var never *sim.NeverError
	require.ErrorAs(t, w.Quiet(d), &never)
	require.Equal(t, now, w.Now())
	require.ErrorContains(t, never, "opcua session 1")
	require.ErrorContains(t, never, "(opcua_task is dead)")
}

// Settings at the end of their range do no harm.
func TestFirmwareOddSettings(t *testing.T) {
	fail := false
	w, d, pc, _ := served(t, opcua.Firmware{TemperatureEvery: time.Nanosecond}, &fail)
	require.True(t, visit(t, w, d, pc).OK())
}
