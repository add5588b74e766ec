package outage

import (
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/image"
	"github.com/plimsoll-sim/plimsoll/sim/sdkconfig"
)

// A Case is one arm of the experiment.
type Case struct {
	// Seed of the world.
	Seed uint64

	// SDKConfig is the device's configuration; it is not changed.
	SDKConfig *sdkconfig.Config
	// Static is the device's static DRAM in bytes.
	Static uint32
	// Image is the device's static memory as its linker placed it, in place of
	// Static.
	Image *image.Image
	// PSRAM is the size of its external memory in bytes, see sim.DeviceConfig.
	PSRAM uint32
	// Interface is how the device is connected. Default Ethernet.
	Interface sim.Interface
	// Firmware is the server's program with its time base, and with what it
	// does when memory fails.
	Firmware opcua.Firmware

	// Client is what each client asks for; Address and Name are filled in.
	Client opcua.ClientConfig
	// Loss is how each client ends.
	Loss opcua.Leaving
	// Every is the time from one client's coming to the next one's.
	Every time.Duration
	// Stay is how long a client stays after it has subscribed.
	Stay time.Duration

	// Hosts is how many computers the clients come from in turn. 0: 1.
	Hosts int
}

// Items returns n monitored items as the case study has them: the changing
// temperature and the two relays in turn, so that every third changes at every
// sample.
func Items(n int) []string {
	nodes := [...]string{"ns=1;s=temperature", "ns=1;s=Control Relay number 0.", "ns=1;s=Control Relay number 1."}
	items := make([]string, n)
	for i := range items {
		items[i] = nodes[i%len(nodes)]
	}
	return items
}

// Validate says what is wrong with a case.
func (c *Case) Validate() error {
	switch {
	case c.SDKConfig == nil:
		return fmt.Errorf("outage: Case.SDKConfig is nil: the device's configuration was expected")
	case c.Every <= 0:
		return fmt.Errorf("outage: Case.Every is %v: the time between clients has to be above 0", c.Every)
	case c.Stay < 0:
		return fmt.Errorf("outage: Case.Stay is %v: at least 0 was expected", c.Stay)
	case c.Hosts < 0:
		return fmt.Errorf("outage: Case.Hosts is %d: at least 1 was expected", c.Hosts)
	}
	return nil
}
