package plimsoll_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/simtest"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func TestLostClient(t *testing.T) {
	w := simtest.New(t, sim.Config{Seed: 1})
	dev := w.Device(sim.DeviceConfig{SDKConfig: w.SDKConfig("examples/casestudy/sdkconfig"), Firmware: opcua.Firmware{}})
	pc := w.Host("pc")
	cable := w.Cable(dev, pc)
	w.Run(10 * time.Second)

	client := opcua.UaExpert()
	client.Address = dev.Addr().String() + ":4840"
	client.Subscription.Items = []string{"ns=1;s=temperature"}
	pc.Go("client", func(p *vtime.Proc) {
		opcua.RunClient(p, opcua.OnHost(pc), opcua.ClientLife{Config: client, Stay: time.Hour})
	})
	w.Run(time.Minute)
	cable.Pull()         // beyond the device's own link: lwIP is not told
	w.RequireNoLeak(dev) // waits as long as the device's own timers ask for
}

// What README.md shows is the test above, word for word apart from the path of
// the sdkconfig.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	self, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	between := func(text []byte, from, to string) string {
		_, rest, found := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), from)
		require.True(t, found, "no %q", from)
		part, _, found := strings.Cut(rest, to)
		require.True(t, found, "no %q after %q", to, from)
		return part
	}
	code := between(self, "\nfunc TestLostClient", "\n}\n")
	shown := between(readme, "\nfunc TestLostClient", "\n}\n")
	require.Equal(t, strings.Replace(code, machineConfig, "sdkconfig", 1), shown)
}
