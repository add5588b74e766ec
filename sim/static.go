package sim

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// How long Start waits for a firmware to be ready.
const (
	startLimit = 5 * time.Minute
	startTries = 3 // starts, of a chip that panics and starts again
)

// settle is how long after the start the free memory is taken: until then the
// main task has been freed, and what was only needed for the start.
const settle = 2 * time.Second

// StaticFor finds the size of static DRAM with which a device has the given
// number of bytes free after its start, as its firmware calls it ready: by
// starting it, seeing what is free, and moving the end of static memory by the
// difference. What is free does not change in even steps, since small rests of
// blocks stay unused, so the result is the nearest there is; free is what came
// out. cfg is tried without its Console and Inject, in worlds of their own; its
// Static is where the search begins. All sizes are in bytes.
func StaticFor(cfg DeviceConfig, wanted uint32) (static, free uint32, err error) {
	best := func(s uint32) (miss int64, err error) {
		cfg.Static, cfg.Image, cfg.Console = s, nil, nil
		f, err := freeAfterStart(cfg)
		if err != nil {
			return 0, err
		}
		miss = int64(f) - int64(wanted)
		if static == 0 || abs64(miss) < abs64(int64(free)-int64(wanted)) {
			static, free = s, f
		}
		return miss, nil
	}
	if cfg.SDKConfig == nil {
		cfg.SDKConfig = sdkconfig.Default("5.3.1")
	}
	chip, err := heap.ParseChip(cfg.SDKConfig.Target)
	if err != nil {
		return 0, 0, fmt.Errorf("sim: CONFIG_IDF_TARGET: %w", err)
	}
	low, high := chip.StaticRange()
	maxStatic := uint32(high - low)
	at := cfg.Static
	if at == 0 {
		at = (&Device{cfg: cfg, chip: chip}).defaultStatic()
	}
	for range coarseSteps {
		miss, err := best(at)
		if err != nil {
			return 0, 0, err
		}
		if abs64(miss) < 4 {
			return static, free, nil
		}
		next := int64(at) + miss
		if next <= 0 || next > int64(maxStatic) {
			return 0, 0, fmt.Errorf("sim: no size of static memory leaves %d bytes free: it would take %d bytes, and 1 to %d are possible", wanted, next, maxStatic)
		}
		at = uint32(next+3) &^ 3
	}
	for d := uint32(4); d <= fineRange; d += 4 {
		for _, s := range []uint32{at - d, at + d} {
			if s == 0 || s > maxStatic {
				continue
			}
			miss, err := best(s)
			if err != nil {
				return 0, 0, err
			}
			if abs64(miss) < 4 {
				return static, free, nil
			}
		}
	}
	return static, free, nil
}

// How StaticFor searches: steps by what is missing, then all sizes around.
const (
	coarseSteps = 4
	fineRange   = 64 // bytes in each direction
)

func abs64(n int64) int64 { return max(n, -n) }

// freeAfterStart starts a device alone in a world and returns what is free then.
func freeAfterStart(cfg DeviceConfig) (uint32, error) {
	d, err := Start(cfg)
	if err != nil {
		return 0, err
	}
	defer d.world.Close()
	return d.FreeHeap(), nil
}

// Start starts a device alone in a world of its own, waits until its firmware
// says that it is ready, for 5 minutes and 3 starts at most, and 2 seconds more,
// after which what was only needed for the start is free again. The error says
// with what a chip stopped that did not get so far. cfg's Inject is not used. The
// caller closes the device's world.
func Start(cfg DeviceConfig) (*Device, error) {
	w := New(Config{})
	cfg.Inject = nil
	d, err := w.Device(cfg)
	if err == nil {
		err = w.awaitStart(d)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return d, nil
}

func (w *World) awaitStart(d *Device) error {
	first := d.kernel // a restart makes a new one
	failure := ""     // of the first start
	ended := func() bool {
		if failure == "" {
			failure = d.firstFailure()
		}
		return d.ready || d.Power() != Running || d.Boots() > startTries
	}
	if err := w.RunUntil(ended, startLimit); err != nil {
		return fmt.Errorf("sim: waiting for the firmware to be ready: %w%s", err, failure)
	}
	if !d.ready {
		return fmt.Errorf("sim: the device stopped before its firmware was ready (starts: %d): %v%s", d.Boots(), first.Halted(), failure)
	}
	return w.Run(settle)
}

// firstFailure names the first allocation that failed since the last start, for
// the end of an error; empty if none did.
func (d *Device) firstFailure() string {
	f := d.Failures()
	if len(f) == 0 {
		return ""
	}
	return fmt.Sprintf("; the first allocation that failed: %d bytes for %s, with %d free, largest block %d", f[0].Size, f[0].Tag.What, f[0].Free, f[0].Largest)
}
