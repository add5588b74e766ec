package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A device that gets its address by DHCP answers a ping once it has one, loses
// it with its link, and asks again; without a server it never gets any.
func TestDeviceWithDHCP(t *testing.T) {
	for _, kind := range []sim.Interface{sim.Ethernet, sim.WiFi} {
		w := newWorld(t)
		d := newDevice(t, w, sim.DeviceConfig{Interface: kind, DHCP: true})
		h := newHost(t, w, "router")
		newCable(t, w, d, h)
		require.NoError(t, w.Run(30*time.Second))
		require.False(t, d.Netif().Addr().IsValid(), "nobody serves leases")
		require.ErrorIs(t, ping(t, w, h, d), wire.ErrTimeout)

		require.NoError(t, w.ServeDHCP(h, 100*time.Second))
		has := func() bool { return d.Netif().Addr() == d.Addr() }
		require.NoError(t, w.RunUntil(has, time.Minute))
		require.NoError(t, w.Run(2*time.Second)) // for the host's ARP to ask again
		require.NoError(t, ping(t, w, h, d))
		require.NoError(t, w.Run(time.Hour))
		require.True(t, has(), "it renews its lease")
		require.NoError(t, ping(t, w, h, d))

		d.LinkDown()
		require.NoError(t, w.Run(10*time.Second))
		require.False(t, d.Netif().Addr().IsValid())
		d.LinkUp()
		require.NoError(t, w.RunUntil(has, time.Minute))
		require.NoError(t, w.Run(2*time.Second)) // for the host's ARP to ask again
		require.NoError(t, ping(t, w, h, d))
	}
}

// What the device's program waits for comes with the address, not before.
func TestDHCPDelaysTheProgram(t *testing.T) {
	at := map[bool]time.Duration{}
	for _, dhcp := range []bool{false, true} {
		w := newWorld(t)
		h := newHost(t, w, "router")
		d := newDevice(t, w, sim.DeviceConfig{DHCP: dhcp, Firmware: gotIP{func(a *sim.App) { at[dhcp] = w.Now() }}})
		newCable(t, w, d, h)
		require.NoError(t, w.ServeDHCP(h, 0))
		require.NoError(t, w.Run(time.Minute))
		require.Positive(t, at[dhcp])
	}
	require.Less(t, at[false], time.Second)
	require.Greater(t, at[true], at[false]+900*time.Millisecond, "lwIP first looks whether somebody has the address")
}

type gotIP struct{ f func(*sim.App) }

func (g gotIP) Main(a *sim.App) { a.StartNetwork(g.f) }

func TestServeDHCPRefuses(t *testing.T) {
	w := newWorld(t)
	h := newHost(t, w, "router")
	require.Error(t, w.ServeDHCP(h, time.Hour), "it has no cable")
	newCable(t, w, newDevice(t, w, sim.DeviceConfig{}), h)
	require.ErrorContains(t, w.ServeDHCP(h, time.Millisecond), "want 1 s")
	require.NoError(t, w.ServeDHCP(h, time.Hour))
	require.Error(t, w.ServeDHCP(h, time.Hour), "the port is in use")
}
