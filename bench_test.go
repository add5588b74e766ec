package plimsoll_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// lab is a device with one host, up and at rest.
func lab(b *testing.B) (*sim.World, *sim.Device, *wire.Host) {
	c, err := sdkconfig.ParseFile(machineConfig)
	require.NoError(b, err)
	w := sim.New(sim.Config{Seed: 1})
	b.Cleanup(w.Close)
	dev, err := w.Device(sim.DeviceConfig{SDKConfig: c, Static: staticA, Firmware: opcua.Firmware{TemperatureEvery: time.Minute}})
	require.NoError(b, err)
	pc, err := w.Host("pc")
	require.NoError(b, err)
	_, err = w.Cable(dev, pc)
	require.NoError(b, err)
	require.NoError(b, w.Run(5*time.Second))
	return w, dev, pc
}

// lifecycle connects, opens channel and session, reads, and closes.
func lifecycle(p *vtime.Proc, dev *sim.Device, pc *wire.Host) error {
	cfg := opcua.UaExpert()
	cfg.Address = dev.Addr().String() + ":4840"
	c, err := opcua.Dial(p, opcua.OnHost(pc), cfg)
	if err != nil {
		return err
	}
	if _, err := c.Read("ns=1;s=temperature"); err != nil {
		return err
	}
	return c.Close()
}

// BenchmarkLifecycle is one connection of a client: connect, HEL, OPN, session,
// read, close.
func BenchmarkLifecycle(b *testing.B) {
	w, dev, pc := lab(b)
	b.ReportAllocs()
	for b.Loop() {
		done := false
		pc.Go("client", func(p *vtime.Proc) {
			require.NoError(b, lifecycle(p, dev, pc))
			done = true
		})
		require.NoError(b, w.RunUntil(func() bool { return done }, time.Minute))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lifecycles/s")
}

// BenchmarkDay is a day with one lifecycle a minute.
func BenchmarkDay(b *testing.B) {
	w, dev, pc := lab(b)
	pc.Go("clients", func(p *vtime.Proc) {
		for {
			require.NoError(b, lifecycle(p, dev, pc))
			p.Sleep(time.Minute)
		}
	})
	for b.Loop() {
		require.NoError(b, w.Run(24*time.Hour))
	}
	b.ReportMetric(24*3600*float64(b.N)/b.Elapsed().Seconds(), "simulated-s/s")
}

// BenchmarkIdleDay is a day in which nothing happens but a half-open connection
// being there.
func BenchmarkIdleDay(b *testing.B) {
	w, dev, pc := lab(b)
	cfg := opcua.UaExpert()
	cfg.Address = dev.Addr().String() + ":4840"
	pc.Go("client", func(p *vtime.Proc) {
		c, err := opcua.Dial(p, opcua.OnHost(pc), cfg)
		require.NoError(b, err)
		c.Vanish()
	})
	require.NoError(b, w.Run(time.Minute))
	for b.Loop() {
		require.NoError(b, w.Run(24*time.Hour))
	}
}

// BenchmarkBoot is a device's start, from its sdkconfig to the server that
// accepts connections, with the host memory that it takes.
func BenchmarkBoot(b *testing.B) {
	c, err := sdkconfig.ParseFile(machineConfig)
	require.NoError(b, err)
	var worlds []*sim.World
	b.Cleanup(func() {
		for _, w := range worlds {
			w.Close()
		}
	})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	for i := range b.N {
		w := sim.New(sim.Config{Seed: uint64(i)})
		worlds = append(worlds, w)
		_, err := w.Device(sim.DeviceConfig{Name: fmt.Sprint("esp32-", i), SDKConfig: c, Static: staticA, Firmware: opcua.Firmware{}})
		require.NoError(b, err)
		require.NoError(b, w.Run(time.Second))
	}
	b.StopTimer()
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(b.N)/1024, "KiB/device")
}
