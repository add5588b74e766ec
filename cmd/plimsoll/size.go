package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/plimsoll-sim/plimsoll/casebook/outage"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// size prints where a device's memory is after its start.
func size(args []string, std stdio) error {
	flags := newFlags("size", "", "Starts a device and prints where its memory is: ROM and reserved, static by section, each task's stack, drivers,\nlwIP, the server, free; to the byte.", std)
	var f deviceFlags
	f.register(flags.FlagSet, true)
	asJSON := flags.Bool("json", false, "print JSON")
	svg := flags.String("svg", "", "file for a picture of it")
	population := flags.String("clients", "", clientsHelp)
	wall := flags.Bool("wallclock", false, "with -clients: the server takes sessions' deadlines from the wrong clock, as a real machine did")
	noMemory := flags.String("nomemory", "keep-running", "with -clients: what the server's task does without memory: keep-running, delete-task or panic")
	log := flags.Bool("log", false, "print what the device prints while it starts, first")
	if err := cmp.Or(flags.parseAlone(args), flags.needs("clients", "wallclock", "nomemory"),
		flags.exclude("clients", "json"), flags.exclude("log", "json"), flags.exclude("image", "static")); err != nil {
		return err
	}
	cfg, err := f.device(std.err)
	if err != nil {
		return err
	}
	var c outage.Case
	if *population != "" {
		if c, err = parseClients(*population, cfg); err != nil {
			return err
		}
		if *wall {
			c.Firmware.TimeBase = opcua.WallClock
		}
		if c.Firmware.OnNoMemory, err = freertos.ParseOnNoMemory(*noMemory); err != nil {
			return usagef("%v", err)
		}
	}
	if *log {
		cfg.Console = bootLog{std.out}
	}
	d, err := sim.Start(cfg)
	if err != nil {
		return err
	}
	defer d.World().Close()
	b, err := d.Budget()
	if err != nil {
		return err
	}
	if *svg != "" {
		if err := writeFile(*svg, b.WriteSVG); err != nil {
			return err
		}
	}
	if *asJSON {
		e := json.NewEncoder(std.out)
		e.SetIndent("", "  ")
		return e.Encode(b)
	}
	fmt.Fprintf(std.out, "ESP-IDF %v, %v, %v after the start\n\n", cfg.SDKConfig.IDF, cfg.Interface, d.World().Now())
	if err := b.WriteText(std.out); err != nil || *population == "" {
		return err
	}
	return critical(c, std)
}

// bootLog prints a device's console as ESP-IDF does, with the level before the
// time.
type bootLog struct{ w io.Writer }

func (l bootLog) Write(p []byte) (int, error) {
	if _, err := fmt.Fprintf(l.w, "I %s", p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// writeFile writes a file with f.
func writeFile(path string, f func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := f(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
