package plimsoll_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/simtest"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

const machineConfig = "examples/casestudy/sdkconfig"

// Static DRAM of the machine, at which 70,744 and 95,100 bytes are free after the
// start of its server; the case study finds these values.
const (
	staticA = 37112
	staticB = 12680
)

// machine is the production machine as shipped, with clients that are lost by FIN.
func machine(t testing.TB) outage.Case {
	c, err := sdkconfig.ParseFile(machineConfig)
	require.NoError(t, err)
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{}
	client.Subscription.Items = outage.Items(10)
	client.Subscription.SamplingInterval = 500 * time.Millisecond
	return outage.Case{
		Seed: 1, SDKConfig: c, Static: staticA, Client: client,
		Loss: opcua.LeaveFIN, Every: 30 * time.Minute, Stay: 10 * time.Second,
		Firmware: opcua.Firmware{TimeBase: opcua.WallClock, OnNoMemory: freertos.DeleteTask, TemperatureEvery: time.Minute},
	}
}

// The front door: a device from an sdkconfig, a host, a cable that is pulled, and
// the memory back to the byte.
func TestFrontDoor(t *testing.T) {
	w := simtest.New(t, sim.Config{Seed: 1})
	dev := w.Device(sim.DeviceConfig{SDKConfig: w.SDKConfig(machineConfig), Static: staticA, Firmware: opcua.Firmware{}})
	pc := w.Host("pc")
	cable := w.Cable(dev, pc)
	w.Run(10 * time.Second)
	w.RequireHealthy(dev)
	client := opcua.UaExpert()
	client.Address = dev.Addr().String() + ":4840"
	client.Subscription.Items = []string{"ns=1;s=temperature"}
	pc.Go("client", func(p *vtime.Proc) {
		opcua.RunClient(p, opcua.OnHost(pc), opcua.ClientLife{Config: client, Stay: time.Hour})
	})
	w.Run(time.Minute)
	cable.Pull()
	pc.PowerOff()
	w.RequireNoLeak(dev)
}

func TestOutageAsShipped(t *testing.T) {
	r, err := outage.Start(machine(t))
	require.NoError(t, err)
	defer r.Close()
	require.InDelta(t, 70744, r.Start().Free, 16, "the published figure")
	visits := func() (served int, bad *outage.Visit) {
		for bad == nil && served < 50 {
			v, err := r.Visit()
			require.NoError(t, err)
			if v.OK() {
				require.Positive(t, v.Kept, "each lost client leaves something behind")
				served++
			} else {
				bad = v
			}
		}
		return served, bad
	}
	served, bad := visits()
	require.NotNil(t, bad, "the outage")
	require.NotNil(t, bad.Failure)
	require.Equal(t, "opcua_task", bad.Failure.Tag.Task)
	require.Greater(t, bad.Failure.Size, bad.Failure.Largest, "no block was large enough")
	require.Contains(t, bad.Dead, "vTaskDelete(NULL) for lack of memory")
	p, err := r.Probe()
	require.NoError(t, err)
	require.Equal(t, outage.Probe{Ping: "answered", SYN: wire.AnswersSYN.String(), Client: p.Client}, p)
	require.Contains(t, p.Client, "HEL: no answer")

	// Only a restart helps, and then it happens again.
	free := r.Start().Free
	require.NoError(t, r.Reboot())
	require.Equal(t, free, r.Start().Free)
	again, bad := visits()
	require.NotNil(t, bad)
	require.Equal(t, served, again)
}

// What the outside gets depends on what the firmware does with the failure.
func TestOutageByWhatFirmwareDoes(t *testing.T) {
	for o, want := range map[freertos.OnNoMemory]outage.Probe{
		freertos.DeleteTask:  {Ping: "answered", SYN: "SYN-ACK"},
		freertos.KeepRunning: {Ping: "answered", SYN: "SYN-ACK"},
		freertos.Panic:       {Ping: "timed out", SYN: "no ARP answer"},
	} {
		t.Run(o.String(), func(t *testing.T) {
			c := machine(t)
			c.Firmware.OnNoMemory = o
			c.Every = time.Minute
			r, err := outage.Start(c)
			require.NoError(t, err)
			defer r.Close()
			for {
				v, err := r.Visit()
				require.NoError(t, err)
				if !v.OK() {
					break
				}
				require.Less(t, v.N, 50)
			}
			p, err := r.Probe()
			require.NoError(t, err)
			require.NotEqual(t, "served", p.Client)
			want.Client = p.Client
			require.Equal(t, want, p)
			if o == freertos.Panic {
				require.Equal(t, sim.Halted, r.Device.Power())
			}
		})
	}
}

// Each cause alone: with the right clock and little memory, or with the wrong
// clock and clients that close, nothing piles up.
func TestCausesAlone(t *testing.T) {
	for name, change := range map[string]func(*outage.Case){
		"wrong time base, but clients close":    func(c *outage.Case) { c.Loss = opcua.LeaveClose },
		"lost clients, but the right time base": func(c *outage.Case) { c.Firmware.TimeBase = opcua.Monotonic },
	} {
		t.Run(name, func(t *testing.T) {
			c := machine(t)
			change(&c)
			o, err := outage.Survey(c, 12, true)
			require.NoError(t, err)
			require.Equal(t, 12, o.Served, "%v", o.First)
			require.Zero(t, o.Held, "%v", o.HeldBy)
		})
	}
	t.Run("little memory decides when", func(t *testing.T) {
		small, large := machine(t), machine(t)
		small.Every, large.Every = time.Minute, time.Minute
		large.Static = staticB
		a, err := outage.Survey(small, 50, false)
		require.NoError(t, err)
		b, err := outage.Survey(large, 50, false)
		require.NoError(t, err)
		require.Less(t, a.Served, b.Served)
	})
}

func TestFixesAlone(t *testing.T) {
	shipped, err := outage.Survey(machine(t), 50, false)
	require.NoError(t, err)
	want := map[string]func(t *testing.T, o *outage.Outcome){
		"right time base": func(t *testing.T, o *outage.Outcome) {
			require.Equal(t, 12, o.Served)
			require.Zero(t, o.Held)
		},
		"SO_LINGER in Kconfig only":      func(t *testing.T, o *outage.Outcome) { require.Equal(t, shipped.Served, o.Served) },
		"SO_LINGER and setsockopt {1,0}": func(t *testing.T, o *outage.Outcome) { require.Equal(t, shipped.Served, o.Served) },
		"seven options": func(t *testing.T, o *outage.Outcome) {
			require.Greater(t, o.Free, shipped.Free, "they give memory")
			require.Less(t, o.Served, 12, "but not for ever")
		},
		"client timeouts 10 min and 1 min": func(t *testing.T, o *outage.Outcome) { require.Equal(t, shipped.Served, o.Served) },
	}
	for _, fix := range outage.Fixes() {
		t.Run(fix.Name, func(t *testing.T) {
			c, err := machine(t).With(fix)
			require.NoError(t, err)
			o, err := outage.Survey(c, 12, true)
			require.NoError(t, err)
			require.Contains(t, want, fix.Name)
			want[fix.Name](t, o)
		})
	}
}

func TestAllFixesSurviveFiftyLostClients(t *testing.T) {
	for _, loss := range []opcua.Leaving{opcua.LeaveFIN, opcua.LeaveRST, opcua.LeaveVanish} {
		t.Run(loss.String(), func(t *testing.T) {
			c, err := machine(t).With(outage.AllFixes())
			require.NoError(t, err)
			c.Loss = loss
			o, err := outage.Survey(c, 50, true)
			require.NoError(t, err)
			require.Equal(t, 50, o.Served, "%v", o.First)
			require.Zero(t, o.Held, "%v", o.HeldBy)
			require.Empty(t, o.Never)
		})
	}
}

func TestAllFixesWithEightClientsAtOnce(t *testing.T) {
	c, err := machine(t).With(outage.AllFixes())
	require.NoError(t, err)
	c.Static, c.Hosts = staticB, 4
	crowd, err := outage.Together(c, 8, func(i int) opcua.Leaving { return opcua.Leaving(i % 4) })
	require.NoError(t, err)
	require.Equal(t, 8, crowd.Served(), "%v", crowd.Reports)
	require.Empty(t, crowd.Dead)
	require.Zero(t, crowd.Held)
}

// The same seed gives the same run, whatever the number of processors; another
// seed gives another.
func TestDeterminism(t *testing.T) {
	run := func(seed uint64) string {
		c := machine(t)
		c.Seed, c.Every, c.Hosts = seed, time.Minute, 2
		r, err := outage.Start(c)
		require.NoError(t, err)
		defer r.Close()
		for i := range 3 {
			r.Case.Loss = opcua.Leaving(i + 1)
			_, err := r.Visit()
			require.NoError(t, err)
		}
		return r.World.Fingerprint()
	}
	want := run(1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i := range 20 {
		runtime.GOMAXPROCS(1 + i%2)
		require.Equal(t, want, run(1), "run %d", i)
	}
	require.NotEqual(t, want, run(2))
}

func TestClosedWorldLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	r, err := outage.Start(machine(t))
	require.NoError(t, err)
	_, err = r.Visit()
	require.NoError(t, err)
	r.Close()
	deadline := 1000
	for runtime.NumGoroutine() > before && deadline > 0 {
		runtime.Gosched()
		deadline--
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestClearErrors(t *testing.T) {
	w := sim.New(sim.Config{})
	defer w.Close()
	var hosts []sim.Node
	for i := range 3 {
		h, err := w.Host(fmt.Sprint("pc", i+1))
		require.NoError(t, err)
		hosts = append(hosts, h)
	}
	_, err := w.Cable(hosts...)
	require.EqualError(t, err, "sim: a cable has two ends, but 3 were given (pc1, pc2, pc3); to connect several hosts to a device, give each a cable of its own")
	_, err = w.Cable(hosts[0], hosts[1])
	require.NoError(t, err)
	_, err = w.Cable(hosts[1], hosts[2])
	require.ErrorContains(t, err, `host "pc2" has one network socket, and cable "pc1-pc2" is in it`)
	_, err = w.Host("pc1")
	require.ErrorContains(t, err, `the name "pc1" is taken`)
	_, err = w.Device(sim.DeviceConfig{Static: 1 << 20})
	require.ErrorContains(t, err, "the linker places at most")
}
