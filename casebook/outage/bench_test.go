package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func machine(t testing.TB) outage.Case {
	c, err := sdkconfig.ParseFile("../../examples/casestudy/sdkconfig")
	require.NoError(t, err)
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{}
	client.Subscription.Items = outage.Items(10)
	client.Subscription.SamplingInterval = 500 * time.Millisecond
	return outage.Case{
		Seed: 1, SDKConfig: c, Static: 37100, Client: client, Loss: opcua.LeaveFIN, Every: time.Minute, Stay: 10 * time.Second,
		Firmware: opcua.Firmware{TimeBase: opcua.WallClock, OnNoMemory: freertos.DeleteTask, TemperatureEvery: time.Minute},
	}
}

// BenchmarkAbandoned is an hour of virtual time with four abandoned sessions,
// each with ten items that are still sampled.
func BenchmarkAbandoned(b *testing.B) {
	r, err := outage.Start(machine(b))
	require.NoError(b, err)
	defer r.Close()
	for range 4 {
		v, err := r.Visit()
		require.NoError(b, err)
		require.True(b, v.OK(), v)
	}
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, r.World.Run(time.Hour))
	}
}
