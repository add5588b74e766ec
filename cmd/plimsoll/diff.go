package main

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// diff says what memory lies between two configurations.
func diff(args []string, std stdio) error {
	flags := newFlags("diff", " A B", "Says what memory lies between two configurations of a device, by option.\nThe device is started with both, and once with each option that differs.", std)
	var f deviceFlags
	f.register(flags.FlagSet, false)
	if err := cmp.Or(flags.parse(args), flags.exclude("image", "static")); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return usagef("two sdkconfig files were expected, found %q", flags.Args())
	}
	cfg, err := f.device(std.err)
	if err != nil {
		return err
	}
	a, err := f.config(flags.Arg(0), std.err)
	if err != nil {
		return err
	}
	b, err := f.config(flags.Arg(1), std.err)
	if err != nil {
		return err
	}
	d, err := sim.DiffConfigs(cfg, a, b)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "A %s: %d bytes of heap free after the start, largest block %d, IRAM %d\n", flags.Arg(0), d.A.Heap, d.A.Largest, d.A.IRAM)
	fmt.Fprintf(std.out, "B %s: %d bytes of heap free after the start, largest block %d, IRAM %d\n", flags.Arg(1), d.B.Heap, d.B.Largest, d.B.IRAM)
	if err := writeEffects(std.out, d.Options); err != nil {
		return err
	}
	t := tabwriter.NewWriter(std.out, 0, 8, 2, ' ', 0)
	row(t, "only in combination\t\t", d.Rest, "")
	row(t, "together\t\t", d.Together, "")
	return t.Flush()
}
