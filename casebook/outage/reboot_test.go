package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// A device whose panic reboots comes back during the visit that it failed: the
// visit says so, keeps the failure that was the cause, and the next client is
// served by a device with all its memory.
func TestRebootDuringVisit(t *testing.T) {
	c := machine(t)
	c.SDKConfig = c.SDKConfig.Clone()
	require.NoError(t, c.SDKConfig.Set("CONFIG_ESP_SYSTEM_PANIC_PRINT_REBOOT", "y"))
	c.Firmware.OnNoMemory = freertos.Panic
	r, err := outage.Start(c)
	require.NoError(t, err)
	defer r.Close()
	free := r.Start().Free
	for {
		v, err := r.Visit()
		require.NoError(t, err)
		if v.OK() {
			require.Nil(t, v.Failure)
			require.Less(t, v.N, 50)
			continue
		}
		require.Equal(t, 1, v.Reboots)
		require.Empty(t, v.Dead, "it is up again")
		require.NotNil(t, v.Failure)
		require.Equal(t, "opcua_task", v.Failure.Tag.Task)
		require.Equal(t, free, v.Free)
		break
	}
	require.Equal(t, 2, r.Device.Boots())
	require.Equal(t, free, r.Start().Free)
	v, err := r.Visit()
	require.NoError(t, err)
	require.True(t, v.OK(), "%v", v.Report.Err)
	require.Zero(t, v.Reboots)

	o, err := outage.Survey(c, 50, false)
	require.NoError(t, err)
	require.NotNil(t, o.First)
	require.Equal(t, 1, o.First.Reboots)
	require.Equal(t, o.First.Failure, o.Failure)
}

func TestCaseErrors(t *testing.T) {
	for want, change := range map[string]func(*outage.Case){
		"Case.SDKConfig is nil": func(c *outage.Case) { c.SDKConfig = nil },
		"Case.Every is 0s":      func(c *outage.Case) { c.Every = 0 },
		"Case.Stay is -1s":      func(c *outage.Case) { c.Stay = -time.Second },
		"Case.Hosts is -1":      func(c *outage.Case) { c.Hosts = -1 },
		"the linker places":     func(c *outage.Case) { c.Static = 1 << 20 },
	} {
		c := machine(t)
		change(&c)
		_, err := outage.Start(c)
		require.ErrorContains(t, err, want)
	}
}
