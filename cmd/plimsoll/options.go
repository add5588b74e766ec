package main

import (
	"cmp"
	"fmt"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// sevenOptions prints what the case study's seven options gain a device.
func sevenOptions(args []string, std stdio) error {
	flags := newFlags("options", "", "Says what each of the case study's seven options gains a device, alone and all together,\nwithout TLS and with an MQTT link over TLS, on Ethernet and on Wi-Fi.", std)
	var f deviceFlags
	f.register(flags.FlagSet, true)
	if err := cmp.Or(flags.parseAlone(args), flags.exclude("image", "static")); err != nil {
		return err
	}
	cfg, err := f.device(std.err)
	if err != nil {
		return err
	}
	for i, iface := range []sim.Interface{sim.Ethernet, sim.WiFi} {
		cfg.Interface = iface
		base, cloud, gains, err := outage.GainsOf(cfg, outage.SevenOptions())
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		fmt.Fprintf(std.out, "%v\n", iface)
		if err := outage.WriteGains(std.out, base, cloud, gains); err != nil {
			return err
		}
	}
	return nil
}
