package sim

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// ServeDHCP makes a host the DHCP server of the devices with DeviceConfig.DHCP
// that it can reach: it leases to each the Address of its configuration, for
// the given time in whole seconds; 0: one day.
func (w *World) ServeDHCP(h *wire.Host, lease time.Duration) error {
	err := h.ServeDHCP(wire.DHCPConfig{
		Lease: lease,
		Assign: func(client wire.MAC) (netip.Prefix, bool) {
			for _, d := range w.devices {
				if d.mac == client {
					return d.cfg.Address, true
				}
			}
			return netip.Prefix{}, false
		},
	})
	if err != nil {
		return fmt.Errorf("sim: %w", err)
	}
	return nil
}

// onAddress is what lwIP's DHCP client calls in lwIP's task when the address
// has come (esp_netif_internal_dhcpc_cb): it posts the event.
func (d *Device) onAddress(gotIP eventID) func() {
	return func() {
		a := &App{Task: d.kernel.Current(), dev: d}
		a.post(gotIP, sizeGotIP)
	}
}
