package opcua_test

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// across lets a client with a subscription come 20 seconds before the device's clock
// jumps; look is called in its process 30 seconds after that, with the number of
// notifications that it had 5 seconds after the jump, and later two minutes on.
func across(t *testing.T, f opcua.Firmware, hz string, jump time.Duration, look func(c *opcua.Client, s *opcua.Server, before uint64), later func(*opcua.Server)) {
	w := sim.New(sim.Config{Seed: 1})
	t.Cleanup(w.Close)
	var server *opcua.Server
	f.Started = func(_ *sim.App, s *opcua.Server) { server = s }
	sdk := sdkconfig.Default("5.3.1")
	require.NoError(t, sdk.Set("CONFIG_FREERTOS_HZ", hz))
	d, err := w.Device(sim.DeviceConfig{Firmware: f, SDKConfig: sdk, BootTime: -1})
	require.NoError(t, err)
	pc, err := w.Host("pc")
	require.NoError(t, err)
	_, err = w.Cable(d, pc)
	require.NoError(t, err)
	require.NoError(t, w.Run(jump-20*time.Second))
	done := false
	pc.Go("client", func(p *vtime.Proc) {
		defer func() { done = true }()
		cfg := opcua.Gopcua()
		cfg.Address = d.Addr().String() + ":4840"
		cfg.Reconnect = opcua.ReconnectPolicy{}
		cfg.SessionTimeout = time.Minute
		c, err := opcua.Dial(p, opcua.OnHost(pc), cfg)
		if err != nil {
			t.Error(err)
			return
		}
		if f.ClockSetAfter > 0 {
			v, err := c.Read("i=2258")
			if err != nil || v[0].Value.Value().(time.Time).Year() != 1970 {
				t.Error(v, err)
			}
		}
		sub, err := c.Subscribe(opcua.SubscriptionConfig{PublishingInterval: 500 * time.Millisecond, LifetimeCount: 1000, KeepAliveCount: 4,
			SamplingInterval: 500 * time.Millisecond, Publish: 3, Items: []string{"ns=1;s=temperature"}})
		if err != nil {
			t.Error(err, sub)
			return
		}
		if err := c.Stay(25 * time.Second); err != nil {
			t.Error(err)
			return
		}
		before := c.Stats().Notifications
		_ = c.Stay(25 * time.Second) // what became of it look sees
		look(c, server, before)
	})
	require.NoError(t, w.RunUntil(func() bool { return done }, 10*time.Minute))
	if later != nil {
		require.NoError(t, w.Run(2*time.Minute))
		later(server)
	}
}

// FreeRTOS counts ticks in 32 bits: at 1000 Hz the count wraps after 49.7 days. From
// then on everything of the server that is due by the clock waits for as long again:
// nothing is sampled or published and no session ends, but requests are answered. With
// a count that goes on nothing happens.
func TestTickWrapOfADevice(t *testing.T) {
	t.Parallel()
	for _, wide := range []bool{false, true} {
		across(t, opcua.Firmware{WideTicks: wide}, "1000", (1<<32)*time.Millisecond, func(c *opcua.Client, s *opcua.Server, before uint64) {
			require.Nil(t, c.Lost())
			require.Equal(t, wide, c.Stats().Notifications > before, "%d notifications", c.Stats().Notifications)
			require.Equal(t, opcua.Counts{Connections: 1, Channels: 1, Sessions: 1, Subscriptions: 1}, s.Counts())
			v, err := c.Read("ns=1;s=temperature")
			require.NoError(t, err)
			require.IsType(t, float32(0), v[0].Value.Value())
			// The client leaves without a word: only a clock that goes on finds out.
			c.Vanish()
		}, func(s *opcua.Server) { require.Equal(t, wide, s.Counts().Sessions == 0, "%+v", s.Counts()) })
	}
}

// SNTP sets the wall clock from 1970 to 2023 while a client is there. Time stamps jump;
// sessions do not notice, for their deadlines are on the monotonic clock, unless they
// are taken from and compared with the wall clock, as v0.1 did: then every session has
// ended at the next housekeeping.
func TestClockSetDuringASession(t *testing.T) {
	t.Parallel()
	for _, base := range []opcua.TimeBase{opcua.AsReleased, opcua.OnlyWallClock} {
		across(t, opcua.Firmware{ClockSetAfter: time.Minute, TimeBase: base}, "100", time.Minute, func(c *opcua.Client, s *opcua.Server, before uint64) {
			require.Nil(t, c.Lost())
			v, err := c.Read("i=2258")
			if base == opcua.OnlyWallClock {
				require.ErrorIs(t, err, ua.StatusBadSessionIDInvalid)
				require.Equal(t, opcua.Counts{Connections: 1, Channels: 1}, s.Counts())
				return
			}
			require.NoError(t, err)
			require.Equal(t, 2023, v[0].Value.Value().(time.Time).Year())
			require.Greater(t, c.Stats().Notifications, before)
		}, nil)
	}
}
