package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/simtest"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// clientsLeave is the test that one writes for the firmware: clients that close,
// and clients that reset, leave nothing behind.
func clientsLeave(t testing.TB, f Logger) {
	w := simtest.New(t, sim.Config{Seed: 1})
	dev := w.Device(sim.DeviceConfig{Firmware: f})
	pc := w.Host("pc")
	w.Cable(dev, pc)
	w.Run(5 * time.Second)
	for _, leave := range []func(*wire.Conn){(*wire.Conn).Close, (*wire.Conn).Abort} {
		var err error
		pc.Go("client", func(p *vtime.Proc) { err = visit(p, pc, dev, leave) })
		w.Run(time.Minute)
		require.NoError(t, err)
	}
	w.RequireHealthy(dev)
	w.RequireNoLeak(dev)
}

func TestClientsLeaveNothing(t *testing.T) { clientsLeave(t, Logger{}) }

// The same test finds the leak of the other one, and says what it is.
func TestLeakIsFound(t *testing.T) {
	r := &recorder{TB: t}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		clientsLeave(r, Logger{Leaky: true})
	}()
	<-ended
	require.True(t, r.failed)
	require.Regexp(t, `\n\s*1028 +1 +client +client +buffer 1028\n`, r.text.String())
}

// recorder is a test that notes its failure instead of failing.
type recorder struct {
	testing.TB
	text   strings.Builder
	failed bool
}

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }
func (r *recorder) FailNow()                          { r.failed = true; runtime.Goexit() }

// What the program prints: the leak costs a buffer for each client.
func TestShow(t *testing.T) {
	var leaky, fixed strings.Builder
	require.NoError(t, show(&leaky, Logger{Leaky: true}, 5))
	require.NoError(t, show(&fixed, Logger{}, 5))
	require.Contains(t, leaky.String(), "5140")
	require.NotContains(t, fixed.String(), "client  client")
}
