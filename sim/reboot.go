package sim

import "fmt"

// Reboot restarts the device as its reset button does: heap, tasks and
// connections are gone, nothing is said to the peers, and the firmware starts
// anew. It works in every state, also after a panic.
func (d *Device) Reboot() error {
	d.PowerOff()
	return d.boot()
}

// PowerOff takes the device's supply away. It says nothing more until Reboot.
func (d *Device) PowerOff() {
	d.kernel.PowerOff()
	d.power = Off
	d.netif, d.net = nil, nil
}

// restart is what follows a panic that reboots, or esp_restart.
func (d *Device) restart() {
	if err := d.boot(); err != nil {
		d.world.loop.Fail(fmt.Errorf("sim: device %q: reboot: %w", d.name, err))
	}
}
