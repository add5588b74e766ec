package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
)

// Turns in which nothing can happen are not run. Whatever the clients do, the
// heap is the same to the byte as if they had been, and the clients see the same.
// (A frame that comes within the tens of microseconds of such a turn is handled
// that much earlier; here clients do not come at a turn's own instant.)
func TestLeavingOutTurnsChangesNothing(t *testing.T) {
	const offGrid = 1300 * time.Microsecond
	base := machine(t)
	rapid.Check(t, func(t *rapid.T) {
		c := base
		c.Loss = rapid.SampledFrom([]opcua.Leaving{opcua.LeaveClose, opcua.LeaveFIN, opcua.LeaveRST, opcua.LeaveVanish}).Draw(t, "loss")
		c.Every = rapid.SampledFrom([]time.Duration{30 * time.Second, time.Minute}).Draw(t, "every") + offGrid
		c.Stay = rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second}).Draw(t, "stay")
		c.Firmware.TimeBase = rapid.SampledFrom([]opcua.TimeBase{opcua.Monotonic, opcua.WallClock}).Draw(t, "time base")
		c.Firmware.TemperatureEvery = rapid.SampledFrom([]time.Duration{0, 7 * time.Second, time.Minute}).Draw(t, "temperature")
		c.Client.Subscription.Items = outage.Items(rapid.IntRange(1, 3).Draw(t, "items"))
		c.Client.Subscription.SamplingInterval = rapid.SampledFrom([]time.Duration{50, 130, 500, 1700}).Draw(t, "sampling") * time.Millisecond
		c.Client.Subscription.Publish = rapid.IntRange(1, 5).Draw(t, "publish")
		c.Client.Subscription.LifetimeCount = rapid.Uint32Range(30, 60).Draw(t, "lifetime")
		visits := rapid.IntRange(1, 2).Draw(t, "clients")
		run := func(every bool) (seen []any) {
			c := c
			c.Firmware.EveryTurn = every
			r, err := outage.Start(c)
			require.NoError(t, err)
			defer r.Close()
			require.NoError(t, r.World.Run(offGrid))
			for range visits {
				v, err := r.Visit()
				require.NoError(t, err)
				seen = append(seen, v.Free, v.Large, v.Dead, v.Report.Reached, v.Report.OK(), v.Report.Stats,
					r.Device.MinimumFreeHeap(), r.Device.HeldSince(r.Start()))
			}
			return seen
		}
		require.Equal(t, run(true), run(false))
	})
}
