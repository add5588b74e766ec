package sim

import "fmt"

// Reboot restarts the device as its reset button does: heap, tasks and
// connections are gone, nothing is said to the peers, and the firmware starts
// anew. It works in every state, also after a panic and after PowerOff. A task
// of the device itself restarts by Kernel.Restart (esp_restart); here it gets an
// error.
func (d *Device) Reboot() error {
	if t := d.kernel.Current(); t != nil {
		return fmt.Errorf("sim: device %q: Reboot called by its own task %q, which would not live to see it: Kernel.Restart is esp_restart", d.name, t.Name())
	}
	d.PowerOff()
	if err := d.boot(); err != nil {
		return fmt.Errorf("sim: device %q: reboot: %w", d.name, err)
	}
	return nil
}

// PowerOff takes the device's supply away. It says nothing more until Reboot.
// What Heap and Kernel return stays as it was at that instant.
func (d *Device) PowerOff() {
	// The kernel comes last: to a task of its own it does not return.
	d.power = Off
	d.netif, d.net, d.pending = nil, nil, nil
	d.kernel.PowerOff()
}

// restart is what follows a panic that reboots, or esp_restart.
func (d *Device) restart() {
	if err := d.boot(); err != nil {
		d.world.loop.Fail(fmt.Errorf("sim: device %q: reboot: %w", d.name, err))
	}
}
