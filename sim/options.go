package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// FreeMemory is what a device has free after its start, in bytes. As a
// difference it is what a change gains, negative if it costs.
type FreeMemory struct {
	Heap    int `json:"heap"`    // esp_get_free_heap_size
	Largest int `json:"largest"` // largest block of it that can be had
	IRAM    int `json:"iram"`    // memory that malloc does not use: heap_caps_get_free_size(MALLOC_CAP_EXEC) without D/IRAM
}

func (m FreeMemory) minus(n FreeMemory) FreeMemory {
	return FreeMemory{m.Heap - n.Heap, m.Largest - n.Largest, m.IRAM - n.IRAM}
}

// An OptionEffect is what one option's value does to a device's memory after its
// start, found out by starting the device with it and without.
type OptionEffect struct {
	Option string     `json:"option"` // with CONFIG_
	From   string     `json:"from"`   // its value in the device's configuration; empty: none
	To     string     `json:"to"`     // the value that was tried
	Gain   FreeMemory `json:"gain"`   // free with To, less free with From
	// Note says why the value could not be tried or has no effect, in the words of
	// the configuration.
	Note string `json:"note,omitempty"`
}

// FreeAfterStart starts the device and returns what is free then.
func FreeAfterStart(cfg DeviceConfig) (FreeMemory, error) {
	cfg.Console = nil
	d, err := Start(cfg)
	if err != nil {
		return FreeMemory{}, err
	}
	defer d.world.Close()
	m := FreeMemory{Heap: int(d.FreeHeap()), Largest: int(d.LargestFreeBlock())}
	for _, r := range d.heap.Regions() {
		if r.Name == "IRAM" {
			m.IRAM += int(r.Info.TotalFreeBytes)
		}
	}
	return m, nil
}

// ExplainOption says what an option is, in the words of the option table, and
// what it does to this device: for each of its other values the bytes gained. Of
// a number the default, the least and the most are tried, of a choice all
// members.
func ExplainOption(cfg DeviceConfig, name string) (sdkconfig.Info, []OptionEffect, error) {
	c := cfg.SDKConfig
	if c == nil {
		c = sdkconfig.Default("5.3.1")
	}
	info, err := c.Explain(name)
	if err != nil {
		return info, nil, err
	}
	var tries []sdkconfig.Option
	switch info.Type {
	case sdkconfig.Choice:
		for _, m := range info.Members {
			tries = append(tries, sdkconfig.Option{Name: m, Value: "y"})
		}
	case sdkconfig.Bool:
		for _, v := range []string{"y", "n"} {
			tries = append(tries, sdkconfig.Option{Name: info.Name, Value: v})
		}
	case sdkconfig.Int, sdkconfig.Hex:
		low, high, _ := strings.Cut(info.RangeNow, "..")
		for _, v := range []string{info.DefaultNow, low, high} {
			if _, err := strconv.ParseInt(v, 0, 64); err == nil {
				tries = append(tries, sdkconfig.Option{Name: info.Name, Value: v})
			}
		}
	}
	now, err := FreeAfterStart(withConfig(cfg, c))
	if err != nil {
		return info, nil, err
	}
	var effects []OptionEffect
	seen := map[sdkconfig.Option]bool{}
	for _, o := range tries {
		was, err := c.Value(o.Name)
		if err != nil {
			return info, nil, err
		}
		if was == o.Value || was == "" && o.Value == "n" || seen[o] {
			continue
		}
		seen[o] = true
		effects = append(effects, tryOption(cfg, c, now, OptionEffect{Option: o.Name, From: was, To: o.Value}))
	}
	return info, effects, nil
}

// tryOption starts the device with one option changed. A device that does not
// start with it is what the note says.
func tryOption(cfg DeviceConfig, c *sdkconfig.Config, now FreeMemory, e OptionEffect) OptionEffect {
	changed := c.Clone()
	if err := changed.Set(e.Option, e.To); err != nil {
		e.Note = err.Error()
		return e
	}
	for _, n := range changed.Notes {
		if n.Option == e.Option && n.Line == 0 {
			e.Note = n.Text
		}
	}
	then, err := FreeAfterStart(withConfig(cfg, changed))
	if err != nil {
		e.Note = "the device does not start: " + err.Error()
		return e
	}
	e.Gain = then.minus(now)
	return e
}

func withConfig(cfg DeviceConfig, c *sdkconfig.Config) DeviceConfig {
	cfg.SDKConfig = c
	return cfg
}

// A ConfigDiff is the memory between two configurations of a device.
type ConfigDiff struct {
	A, B FreeMemory // free after the start with each
	// Options are the options that differ, the largest gain or cost first: each was
	// changed alone, from a device with configuration A.
	Options []OptionEffect
	// Together is what B gains over A, and Rest what of it is not in the sum of
	// Options: options that need each other, and blocks that fit where others left
	// room.
	Together, Rest FreeMemory
}

// DiffConfigs starts the device with both configurations, and once with each
// option that differs, and says what each gains. cfg's SDKConfig is not used.
func DiffConfigs(cfg DeviceConfig, a, b *sdkconfig.Config) (*ConfigDiff, error) {
	d := &ConfigDiff{}
	var err error
	if d.A, err = FreeAfterStart(withConfig(cfg, a)); err != nil {
		return nil, fmt.Errorf("configuration A: %w", err)
	}
	if d.B, err = FreeAfterStart(withConfig(cfg, b)); err != nil {
		return nil, fmt.Errorf("configuration B: %w", err)
	}
	d.Together = d.B.minus(d.A)
	d.Rest = d.Together
	for _, o := range sdkconfig.Diff(a, b) {
		e := OptionEffect{Option: o.Name, From: o.A, To: o.B}
		var unknown *sdkconfig.UnknownOptionError
		if _, err := sdkconfig.Explain(o.Name); errors.As(err, &unknown) {
			e.Note = "not an option that the model reads"
		} else if o.B == "" {
			e.Note = "has no value in configuration B: it follows from other options"
		} else {
			e = tryOption(cfg, a, d.A, e)
		}
		d.Options = append(d.Options, e)
		d.Rest = d.Rest.minus(e.Gain)
	}
	slices.SortStableFunc(d.Options, func(a, b OptionEffect) int { return cmp.Compare(abs(b.Gain.Heap), abs(a.Gain.Heap)) })
	return d, nil
}
