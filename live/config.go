package live

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim"
)

// The defaults of a Config.
const (
	DefaultListen         = "127.0.0.1:4840"
	DefaultControl        = "127.0.0.1:4841"
	DefaultPort           = 4840
	DefaultMaxConnections = 64
)

// maxSpeed is the largest Config.Speed. What a busy world reaches is less.
const maxSpeed = 100_000

// Config describes a live device.
type Config struct {
	// Listen is the address to offer the device's port on, host:port. Port 0
	// lets the system choose. Empty: 127.0.0.1:4840. Anything but loopback lets
	// other machines in.
	Listen string

	// Device is the device to boot. If its Firmware is an opcua.Firmware, Stats
	// counts the server's sessions; its wall clock, if WallStart is 0, is set to
	// the real time.
	Device sim.DeviceConfig

	// Port is the device's TCP port. 0: 4840.
	Port uint16

	// Seed decides what is random in the world.
	Seed uint64

	// Speed is how many seconds of virtual time pass in a real one, 1 to
	// 100,000. 0: 1, real time. A world that cannot keep up falls behind, see
	// Stats.Behind.
	Speed int

	// MaxConnections is how many real connections are carried at a time, 1 to
	// 10,000; further ones are reset. Each may take about 200 KiB. 0: 64.
	MaxConnections int

	// Capture, if not nil, is given everything that passes the device's port, as
	// pcapng in virtual time.
	Capture io.Writer
}

func (c Config) withDefaults() (Config, error) {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	var errs []error
	if err := checkSpeed(c.Speed); err != nil {
		errs = append(errs, err)
	}
	if c.MaxConnections < 1 || c.MaxConnections > 10_000 {
		errs = append(errs, fmt.Errorf("live: at most %d connections: 1 to 10000 were expected", c.MaxConnections))
	}
	return c, errors.Join(errs...)
}

func checkSpeed(speed int) error {
	if speed < 1 || speed > maxSpeed {
		return fmt.Errorf("live: speed %d: 1 to %d was expected", speed, maxSpeed)
	}
	return nil
}

// A firmware has to be ready within a virtual time and a number of starts.
const (
	bootLimit = 5 * time.Minute
	bootTries = 3
)
