// Package simtest is package sim for tests: what fails ends the test, the world
// is closed with it, and devices can be asked to be healthy, dead or free of
// leaks.
//
//	func TestLostClients(t *testing.T) {
//		w := simtest.New(t, sim.Config{Seed: 1})
//		dev := w.Device(sim.DeviceConfig{SDKConfig: w.SDKConfig("sdkconfig"), Firmware: opcua.Firmware{}})
//		pc := w.Host("pc")
//		cable := w.Cable(dev, pc)
//		...
//		w.RequireNoLeak(dev)
//	}
package simtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A World is a sim.World of a test. Its methods end the test where sim's return
// an error.
type World struct {
	*sim.World
	t testing.TB
}

// New returns a world that is closed at the end of the test.
func New(t testing.TB, cfg sim.Config) *World {
	t.Helper()
	w := &World{World: sim.New(cfg), t: t}
	t.Cleanup(w.Close)
	return w
}

// SDKConfig reads an sdkconfig file, by its path from the package's folder.
func (w *World) SDKConfig(path string) *sdkconfig.Config {
	w.t.Helper()
	c, err := sdkconfig.ParseFile(path)
	require.NoError(w.t, err)
	return c
}

// Device is sim's Device.
func (w *World) Device(cfg sim.DeviceConfig) *sim.Device {
	w.t.Helper()
	d, err := w.World.Device(cfg)
	require.NoError(w.t, err)
	return d
}

// Host is sim's Host.
func (w *World) Host(name string) *wire.Host {
	w.t.Helper()
	h, err := w.World.Host(name)
	require.NoError(w.t, err)
	return h
}

// Cable is sim's Cable.
func (w *World) Cable(ends ...sim.Node) *sim.Cable {
	w.t.Helper()
	c, err := w.World.Cable(ends...)
	require.NoError(w.t, err)
	return c
}

// Run is sim's Run.
func (w *World) Run(d time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.World.Run(d))
}

// RunUntil is sim's RunUntil; what names the condition for the message if it
// does not come true.
func (w *World) RunUntil(what string, cond func() bool, max time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.World.RunUntil(cond, max), "waiting for %s", what)
}
