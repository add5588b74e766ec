package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// size prints where a device's memory is after its start.
func size(args []string, std stdio) error {
	flags := newFlags("size", "Starts a device and prints where its memory is: ROM and reserved, static by section, each task's stack, drivers,\nlwIP, the server, free; to the byte.", std)
	var f deviceFlags
	f.register(flags, true)
	asJSON := flags.Bool("json", false, "print JSON")
	svg := flags.String("svg", "", "file for a picture of it")
	log := flags.Bool("log", false, "print what the device prints while it starts, first")
	if err := parse(flags, args); err != nil {
		return err
	}
	cfg, err := f.device(std.err)
	if err != nil {
		return err
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
	return b.WriteText(std.out)
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
