package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// CableConfig describes a cable.
type CableConfig struct {
	// Name appears in errors, in the event log and in captures, and names the
	// random streams of the cable's faults. Not empty, and different for each
	// cable of a world.
	Name string

	// Delay is the time from the last bit sent to the last bit received, the
	// same in both directions. At least 0. A copper cable takes about 5 ns for
	// a metre; what a longer way has (routers, radio, a VPN) goes here too.
	Delay time.Duration

	// Bandwidth is in bits per second, for each direction. A frame takes
	// (8 + length + 4) bytes of it, for preamble and frame check sequence, and
	// the next one starts 12 byte times later, as IEEE 802.3 has it; frames
	// wait for that in order. 0: unlimited.
	Bandwidth int64

	// Faults apply in order to each frame that is sent into the cable.
	Faults []Fault

	// HidePayload leaves what TCP and UDP carry, and their checksums, out of
	// the event log and so out of its fingerprint; headers and lengths stay.
	// For encrypted traffic, whose bytes differ between equal runs.
	HidePayload bool
}

// FastEthernet returns the configuration of 100 m of 100BASE-TX, which is what
// the ESP32's Ethernet controller speaks: 100 Mbit/s and 500 ns.
func FastEthernet(name string) CableConfig {
	return CableConfig{Name: name, Delay: 500 * time.Nanosecond, Bandwidth: 100_000_000}
}

func (c CableConfig) validate() error {
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("wire: a cable without a name: Name must not be empty"))
	}
	if c.Delay < 0 {
		errs = append(errs, fmt.Errorf("wire: cable %q: Delay is %v; at least 0 was expected", c.Name, c.Delay))
	}
	if c.Bandwidth < 0 {
		errs = append(errs, fmt.Errorf("wire: cable %q: Bandwidth is %d bit/s; at least 0 was expected", c.Name, c.Bandwidth))
	}
	for i, f := range c.Faults {
		if err := f.validate(); err != nil {
			errs = append(errs, fmt.Errorf("wire: cable %q: fault %d: %w", c.Name, i+1, err))
		}
	}
	return errors.Join(errs...)
}

// A Cable carries frames between two ends.
type Cable struct {
	loop   *vtime.Loop
	cfg    CableConfig
	ends   []*End
	faults []*faultState
	taps   []tap

	pulled   bool
	epoch    int           // counts how often frames in flight were cut off
	lastOpen time.Duration // when frames could pass again after that
	free     []*flight
	logBuf   []byte
}

// NewCable returns a cable without ends.
func NewCable(loop *vtime.Loop, cfg CableConfig) (*Cable, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	c := &Cable{loop: loop, cfg: cfg}
	if err := c.SetFaults(cfg.Faults...); err != nil {
		return nil, err
	}
	return c, nil
}

// Name returns the cable's name.
func (c *Cable) Name() string { return c.cfg.Name }

// Ends returns the ends attached so far, at most two.
func (c *Cable) Ends() []*End { return append([]*End(nil), c.ends...) }

// Attach plugs one end of the cable into p. The name is that of p's owner. A
// third end, and both ends in the same port, are an *AttachError.
func (c *Cable) Attach(name string, p Port) (*End, error) {
	fail := func(why string) (*End, error) {
		e := &AttachError{Cable: c.cfg.Name, Port: name, Why: why}
		for _, end := range c.ends {
			e.Ends = append(e.Ends, end.name)
		}
		return nil, e
	}
	switch {
	case p == nil:
		return fail("the port is nil")
	case name == "":
		return fail("the end has no name")
	case len(c.ends) == 2:
		return fail("a cable has two ends; a third host needs a Switch")
	}
	for _, end := range c.ends {
		if samePort(end.port, p) {
			return fail("both ends are in the same port")
		}
		if end.name == name {
			return fail("both ends have the same name")
		}
	}
	e := &End{cable: c, name: name, port: p, up: true, source: "cable " + c.cfg.Name + " from " + name}
	c.ends = append(c.ends, e)
	for _, f := range c.faults {
		if err := c.knowsEnd(f.Fault); err != nil {
			c.ends = c.ends[:len(c.ends)-1]
			return fail(err.Error())
		}
	}
	return e, nil
}

// samePort compares without the panic that == has for types that cannot be
// compared.
func samePort(a, b Port) bool {
	return reflect.TypeOf(a).Comparable() && reflect.TypeOf(b).Comparable() && a == b
}

// Pull interrupts the cable somewhere between its ends. Nobody is told, and
// every frame that is on it is lost, as is every frame sent until Plug.
func (c *Cable) Pull() {
	if c.pulled {
		return
	}
	c.change("pulled", func() { c.pulled = true })
}

// Plug mends what Pull interrupted. What was lost stays lost.
func (c *Cable) Plug() {
	if !c.pulled {
		return
	}
	c.change("plugged", func() { c.pulled = false })
}

// Pulled reports whether the cable is interrupted by Pull.
func (c *Cable) Pulled() bool { return c.pulled }

// change applies f, which may open or cut the way between the ends.
func (c *Cable) change(what string, f func()) {
	before := c.open()
	f()
	switch after := c.open(); {
	case before && !after:
		c.epoch++
	case !before && after:
		c.lastOpen = c.loop.Now()
	}
	c.loop.Log().Emit("cable "+c.cfg.Name, "%s", what)
}

func (c *Cable) open() bool { return c.closedBy() == "" }

// closedBy says what keeps frames from passing, or nothing.
func (c *Cable) closedBy() string {
	if c.pulled {
		return "cable pulled"
	}
	for _, e := range c.ends {
		if !e.up {
			return "link down at " + e.name
		}
	}
	return ""
}

// String describes the cable and its state.
func (c *Cable) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cable %s", c.cfg.Name)
	for i, e := range c.ends {
		b.WriteString([]string{": ", " - "}[i] + e.name)
	}
	fmt.Fprintf(&b, ", delay %v", c.cfg.Delay)
	if c.cfg.Bandwidth > 0 {
		fmt.Fprintf(&b, ", %d bit/s", c.cfg.Bandwidth)
	}
	if by := c.closedBy(); by != "" {
		b.WriteString(", " + by)
	}
	if len(c.faults) > 0 {
		b.WriteString(", faults: " + FormatFaults(c.Faults()))
	}
	return b.String()
}
