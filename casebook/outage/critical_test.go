package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

func vanishing() outage.Case {
	client := opcua.UaExpert()
	client.Reconnect = opcua.ReconnectPolicy{}
	client.Subscription.Items = outage.Items(10)
	client.Subscription.SamplingInterval = 500 * time.Millisecond
	return outage.Case{Seed: 1, SDKConfig: sdkconfig.Default("5.3.1"), Static: 37112, Firmware: opcua.Firmware{TemperatureEvery: time.Minute},
		Client: client, Loss: opcua.LeaveVanish, Every: time.Minute, Stay: 10 * time.Second}
}

// The search ends between a period that kills and one that does not, close
// together, and both are what they are if tried again.
func TestFindCritical(t *testing.T) {
	c := vanishing()
	trials := 0
	f, err := outage.FindCritical(c, outage.Search{Progress: func(outage.Trial) { trials++ }})
	require.NoError(t, err)
	require.Greater(t, trials, 5)
	require.False(t, f.Limited, "the shortest periods were tried with 50 clients, and killed")
	require.Greater(t, f.Hold, 19*time.Minute, "what TCP retransmits and the session of 20 minutes")
	require.True(t, f.Dies.Died)
	require.False(t, f.Survives.Died)
	require.Less(t, f.Dies.Period, f.Survives.Period)
	require.Less(t, f.Survives.Period, f.Dies.Period*103/100+time.Second)
	require.Equal(t, time.Duration(f.Dies.Served)*f.Dies.Period, f.Dies.After)
	for _, x := range []*outage.Trial{f.Dies, f.Survives} {
		again := c
		again.Every = x.Period
		o, err := outage.Survey(again, x.Clients, false)
		require.NoError(t, err)
		require.Equal(t, x.Died, o.First != nil)
		require.Equal(t, x.Served, o.Served)
	}
}

// Clients that close properly leave nothing that adds up, and a session that
// never expires adds up whatever the period.
func TestCriticalOfNoneAndOfAny(t *testing.T) {
	c := vanishing()
	c.Loss = opcua.LeaveClose
	f, err := outage.FindCritical(c, outage.Search{Shortest: 30 * time.Second})
	require.NoError(t, err)
	require.Nil(t, f.Dies)
	require.False(t, f.Survives.Died)

	f, err = outage.FindCritical(vanishing(), outage.Search{Clients: 2})
	require.NoError(t, err)
	require.Nil(t, f.Dies)
	require.True(t, f.Limited, "two clients do not fill the memory")

	c = vanishing()
	c.Loss, c.Every, c.Firmware.TimeBase = opcua.LeaveFIN, 30*time.Minute, opcua.WallClock
	f, err = outage.FindCritical(c, outage.Search{})
	require.NoError(t, err)
	require.Negative(t, f.Hold)
	require.Positive(t, f.Held)
	require.Nil(t, f.Survives)
	require.Positive(t, f.Dies.Served)

	_, err = outage.FindCritical(c, outage.Search{Shortest: time.Hour, Longest: time.Minute})
	require.ErrorContains(t, err, "search from 1h0m0s to 1m0s")
}

// The smallest set: no change alone saves the device, two do; and what the
// configuration does not allow is left out.
func TestFindRescue(t *testing.T) {
	c := vanishing()
	fixes := []outage.Fix{outage.OptionFix("LWIP_TCP_MAXRTX", "3"), outage.OptionFix("LWIP_TCP_MSS", "1"), outage.OptionFix("LWIP_TCP_MSL", "5000"), outage.Fixes()[4]}
	var told []outage.Trial
	r, err := outage.FindRescue(c, 7, fixes, 2, outage.Search{Progress: func(x outage.Trial) { told = append(told, x) }})
	require.NoError(t, err)
	require.True(t, r.Smallest)
	require.Len(t, r.Fixes, 2)
	require.Equal(t, []string{"LWIP_TCP_MAXRTX=3", "client timeouts 10 min and 1 min"}, []string{r.Fixes[0].Name, r.Fixes[1].Name})
	require.False(t, r.Trial.Died)
	require.Contains(t, told[2].Why, "expected a number from 536")

	// By leaving out instead.
	left, err := outage.FindRescue(c, 7, fixes, 1, outage.Search{})
	require.NoError(t, err)
	require.Len(t, left.Fixes, 2)

	none, err := outage.FindRescue(c, 7, fixes[2:3], 2, outage.Search{})
	require.NoError(t, err)
	require.Nil(t, none)
	c.Every = time.Hour
	asItIs, err := outage.FindRescue(c, 2, fixes, 2, outage.Search{})
	require.NoError(t, err)
	require.Empty(t, asItIs.Fixes)
}

// What is tried depends on the case: not what it has already, nor buffers of an
// interface that it does not use, nor what its chip does not have.
func TestCandidates(t *testing.T) {
	names := func(c outage.Case) (all []string) {
		for _, f := range outage.Candidates(c) {
			all = append(all, f.Name)
		}
		return all
	}
	c := vanishing()
	require.Equal(t, []string{"session timeout of the clients 1 min", "secure channel of the clients 10 min", "right time base", "SO_LINGER and setsockopt {1,0}", "FREERTOS_UNICORE=y",
		"LWIP_IPV6=n", "LWIP_TCP_MSL=5000", "LWIP_TCP_MAXRTX=3", "LWIP_TCP_MSS=536", "ETH_DMA_RX_BUFFER_NUM=4", "ETH_DMA_TX_BUFFER_NUM=4",
		"NEWLIB_NANO_FORMAT=y", "MBEDTLS_SSL_OUT_CONTENT_LEN=2048", "MBEDTLS_DYNAMIC_BUFFER=y"}, names(c))
	require.NoError(t, c.SDKConfig.Set("IDF_TARGET", "esp32c3"))
	c.Interface, c.Static, c.Client.SessionTimeout, c.Firmware.TimeBase = sim.WiFi, 0, time.Minute, opcua.WallClock
	require.Equal(t, []string{"secure channel of the clients 10 min", "right time base", "SO_LINGER and setsockopt {1,0}",
		"LWIP_IPV6=n", "LWIP_TCP_MSL=5000", "LWIP_TCP_MAXRTX=3", "LWIP_TCP_MSS=536", "ESP_WIFI_STATIC_RX_BUFFER_NUM=4",
		"NEWLIB_NANO_FORMAT=y", "MBEDTLS_SSL_OUT_CONTENT_LEN=2048", "MBEDTLS_DYNAMIC_BUFFER=y"}, names(c))
}

// A device that keeps something for ever is saved by what ends that, not by what
// only makes room.
func TestFindRescueFromWhatStays(t *testing.T) {
	c := vanishing()
	c.Loss, c.Every, c.Firmware.TimeBase = opcua.LeaveFIN, 30*time.Minute, opcua.WallClock
	fixes := outage.Candidates(c)
	var told []outage.Trial
	r, err := outage.FindRescue(c, 3, fixes, 1, outage.Search{Progress: func(x outage.Trial) { told = append(told, x) }})
	require.NoError(t, err)
	require.Len(t, r.Fixes, 1)
	require.Equal(t, "right time base", r.Fixes[0].Name)
	require.Contains(t, told[0].Why, "bytes behind for ever")
	at, err := c.Try(3)
	require.NoError(t, err)
	require.False(t, at.Died, "three have room")
}
