package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// explain says what options are and what they do to a device.
func explain(args []string, std stdio) error {
	flags := newFlags("explain", " OPTION...", "Says what options are, and what each of their values does to a device's memory.\nThe device is started once for each value.", std)
	var f deviceFlags
	f.register(flags.FlagSet, true)
	if err := cmp.Or(flags.parse(args), flags.exclude("image", "static")); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return usagef("names of options were expected, such as CONFIG_LWIP_TCP_MSS")
	}
	cfg, err := f.device(std.err)
	if err != nil {
		return err
	}
	for i, name := range flags.Args() {
		info, effects, err := sim.ExplainOption(cfg, name)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		fmt.Fprint(std.out, info)
		if err := writeEffects(std.out, effects); err != nil {
			return err
		}
	}
	return nil
}

// writeEffects prints what values of options gain.
func writeEffects(w io.Writer, effects []sim.OptionEffect) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "  option\tfrom\tto\tfree heap\tlargest\tIRAM\t")
	for _, e := range effects {
		row(t, fmt.Sprintf("%s\t%s\t%s", e.Option, dash(e.From), dash(e.To)), e.Gain, e.Note)
	}
	return t.Flush()
}

func row(w io.Writer, name string, m sim.FreeMemory, note string) {
	fmt.Fprintf(w, "  %s\t%+8d\t%+8d\t%+8d\t%s\n", name, m.Heap, m.Largest, m.IRAM, note)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
