package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/image"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// deviceFlags are the flags of commands that start a device.
type deviceFlags struct {
	sdkconfig, idf, iface, image, firmware string
	static, psram                          uint
	set                                    options
	services                               services
}

// options collects -set OPTION=VALUE.
type options []sdkconfig.Option

func (o *options) String() string { return "" }

func (o *options) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("OPTION=VALUE was expected, found %q", text)
	}
	*o = append(*o, sdkconfig.Option{Name: name, Value: value})
	return nil
}

// services collects -service TEXT.
type services []sim.Application

func (s *services) String() string { return "" }

func (s *services) Set(text string) error {
	app, err := sim.ParseService(text)
	if err == nil {
		*s = append(*s, app)
	}
	return err
}

// register adds the flag.
func (s *services) register(flags *flag.FlagSet) {
	flags.Var(s, "service", "what it has beside, in ESP-IDF's defaults or with settings; may be given several times: "+strings.Join(sim.ServiceForms(), "; "))
}

// register adds the flags. With withConfig false the sdkconfig is given otherwise.
func (f *deviceFlags) register(flags *flag.FlagSet, withConfig bool) {
	if withConfig {
		flags.StringVar(&f.sdkconfig, "sdkconfig", "", "sdkconfig or sdkconfig.defaults of the firmware; empty: ESP-IDF's defaults")
		flags.Var(&f.set, "set", "OPTION=VALUE to change in it; may be given several times")
	}
	flags.StringVar(&f.idf, "idf", "", "release of ESP-IDF, such as 5.3.1; empty: what the sdkconfig says, or 5.3.1")
	flags.StringVar(&f.iface, "interface", "eth", "eth or wifi")
	flags.StringVar(&f.image, "image", "", "the build's .elf or .map file, or what idf.py size --format json prints: where its static memory is")
	flags.UintVar(&f.static, "static", 0, "bytes of static DRAM, if there is no -image, beside the ESP32 with the code in RAM; 0: as in a published firmware, on the ESP32 31,488")
	flags.UintVar(&f.psram, "psram", 0, "bytes of PSRAM, if the sdkconfig has CONFIG_SPIRAM; 0: 4 MiB")
	flags.StringVar(&f.firmware, "firmware", "opcua", "what runs on it: opcua (an OPC UA server) or network (the network alone)")
	f.services.register(flags)
}

// config reads an sdkconfig for these flags and writes its notes and unknown
// options to w. An empty path stands for the defaults.
func (f *deviceFlags) config(path string, w io.Writer) (c *sdkconfig.Config, err error) {
	switch {
	case path == "" && f.idf == "":
		c = sdkconfig.Default("5.3.1")
	case path == "":
		c, err = sdkconfig.New(f.idf)
	default:
		c, err = sdkconfig.ParseFile(path)
		if err == nil && f.idf != "" {
			c, err = reread(f.idf, path)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, o := range f.set {
		if err := c.Set(o.Name, o.Value); err != nil {
			return nil, err
		}
	}
	writeNotes(w, path, c)
	return c, nil
}

// writeNotes writes what is to be said about a configuration. An sdkconfig of an
// older release has dozens of options under their old names: they are counted.
func writeNotes(w io.Writer, path string, c *sdkconfig.Config) {
	renamed := 0
	for _, n := range c.Notes {
		if n.Renamed {
			renamed++
		} else {
			fmt.Fprintln(w, n)
		}
	}
	if renamed > 0 {
		fmt.Fprintf(w, "%s: %d options by names that ESP-IDF %v has changed; they were understood\n", path, renamed, c.IDF)
	}
	if len(c.Unknown) > 0 {
		fmt.Fprintf(w, "%s: %d options that the model does not read\n", path, len(c.Unknown))
	}
}

// device is the device that the flags describe.
func (f *deviceFlags) device(w io.Writer) (cfg sim.DeviceConfig, err error) {
	if cfg.SDKConfig, err = f.config(f.sdkconfig, w); err != nil {
		return cfg, err
	}
	if cfg.Interface, err = sim.ParseInterface(f.iface); err != nil {
		return cfg, usagef("%v", err)
	}
	if f.static > math.MaxUint32 || f.psram > math.MaxUint32 {
		return cfg, usagef("-static %d and -psram %d: sizes below 4 GiB were expected", f.static, f.psram)
	}
	cfg.Static, cfg.PSRAM = uint32(f.static), uint32(f.psram)
	if f.image != "" {
		if cfg.Image, err = image.ReadFile(f.image); err != nil {
			return cfg, err
		}
	}
	cfg.Applications = f.services
	switch f.firmware {
	case "opcua":
		cfg.Firmware = opcua.Firmware{}
	case "network":
	default:
		return cfg, usagef("-firmware %q: opcua or network was expected", f.firmware)
	}
	return cfg, nil
}

// reread reads a file for a given release.
func reread(idf, path string) (*sdkconfig.Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return sdkconfig.ParseFor(idf, path, f)
}
