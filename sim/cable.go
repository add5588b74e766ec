package sim

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A Node is what an end of a cable can be plugged into: a *Device or a
// *wire.Host.
type Node interface{ Name() string }

// A Cable is a network connection between two nodes. Its embedded wire.Cable
// has Pull, Plug, SetFaults and Capture.
//
// Every device has a switch beside it, so that several hosts can be cabled to
// its one port. Pull interrupts the cable beyond that switch: neither side is
// told. LinkDown takes down the device's own link, between its port and the
// switch: lwIP is told, and aborts its connections.
type Cable struct {
	*wire.Cable
	ends    []Node
	devices []*Device
}

// Cable joins two nodes with a cable of fast Ethernet. A host has one socket;
// a device takes any number of cables.
func (w *World) Cable(ends ...Node) (*Cable, error) { return w.CableWith(wire.CableConfig{}, ends...) }

// CableWith is Cable with delay, bandwidth and faults of the caller's choice. An
// empty name is made from the names of the ends; a bandwidth of 0 with a delay
// of 0 is fast Ethernet.
func (w *World) CableWith(cfg wire.CableConfig, ends ...Node) (*Cable, error) {
	if len(ends) != 2 {
		return nil, fmt.Errorf("sim: a cable has two ends, but %d were given (%s); to connect several hosts to a device, give each a cable of its own", len(ends), nodeNames(ends))
	}
	for i, n := range ends {
		if err := w.pluggable(n); err != nil {
			return nil, fmt.Errorf("sim: end %d of a cable: %w", i+1, err)
		}
	}
	if cfg.Name == "" {
		cfg.Name = ends[0].Name() + "-" + ends[1].Name()
	}
	if cfg.Delay == 0 && cfg.Bandwidth == 0 {
		fast := wire.FastEthernet(cfg.Name)
		cfg.Delay, cfg.Bandwidth = fast.Delay, fast.Bandwidth
	}
	if ends[0] == ends[1] {
		return nil, fmt.Errorf("sim: cable %q: both ends are plugged into %q", cfg.Name, ends[0].Name())
	}
	for _, n := range ends {
		if h, ok := n.(*wire.Host); ok && h.End() != nil {
			return nil, fmt.Errorf("sim: cable %q: host %q has one network socket, and cable %q is in it", cfg.Name, h.Name(), h.End().Cable().Name())
		}
	}
	if err := w.take(cfg.Name, netip.Addr{}); err != nil {
		return nil, err
	}
	raw, err := wire.NewCable(w.loop, cfg)
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	c := &Cable{Cable: raw, ends: ends}
	for _, n := range ends {
		switch n := n.(type) {
		case *wire.Host:
			err = n.Connect(raw)
		case *Device:
			c.devices = append(c.devices, n)
			err = n.hub.Connect(raw)
		}
		if err != nil {
			return nil, fmt.Errorf("sim: %w", err)
		}
	}
	w.cables = append(w.cables, c)
	return c, nil
}

// pluggable says what is wrong with an end of a cable: it has to be a device or a
// host of this world.
func (w *World) pluggable(n Node) error {
	switch n := n.(type) {
	case *Device:
		switch {
		case n == nil:
			return errors.New("a device or a host was expected, found a nil *sim.Device")
		case n.world != w:
			return fmt.Errorf("device %q is in another world", n.name)
		}
	case *wire.Host:
		switch {
		case n == nil:
			return errors.New("a device or a host was expected, found a nil *wire.Host")
		case !slices.Contains(w.hosts, n):
			return fmt.Errorf("host %q is not one of this world: World.Host makes them", n.Name())
		}
	case nil:
		return errors.New("a device or a host was expected, found nil")
	default:
		return fmt.Errorf("a *sim.Device or a *wire.Host was expected, found a %T", n)
	}
	return nil
}

// Hosts returns the hosts that have a cable to the device, pulled or not, in the
// order of their cables.
func (d *Device) Hosts() []*wire.Host {
	var hosts []*wire.Host
	for _, c := range d.world.cables {
		if !slices.Contains(c.devices, d) {
			continue
		}
		for _, n := range c.ends {
			if h, ok := n.(*wire.Host); ok {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts
}

// LinkDown takes down the device's own link, as when its cable is drawn from
// the board or its Wi-Fi is disconnected. All its connections are concerned,
// also those over other cables. On a cable between hosts it does nothing.
func (c *Cable) LinkDown() {
	for _, d := range c.devices {
		d.LinkDown()
	}
}

// LinkUp undoes LinkDown.
func (c *Cable) LinkUp() {
	for _, d := range c.devices {
		d.LinkUp()
	}
}

// Capture records the device's own port, where the traffic of all its cables
// passes, as pcapng, reboots included. Close it at the end.
func (d *Device) Capture(out io.Writer) (*wire.Capture, error) {
	capture := wire.NewCapture(d.world.loop, out, wire.CaptureConfig{})
	if err := capture.TapEnd(d.end); err != nil {
		return nil, fmt.Errorf("sim: capturing at %q: %w", d.name, err)
	}
	return capture, nil
}

func nodeNames(nodes []Node) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = "nil"
		if v := reflect.ValueOf(n); v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			names[i] = n.Name()
		}
	}
	return strings.Join(names, ", ")
}
