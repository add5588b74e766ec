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

// Stats counts the frames at one end of a cable.
type Stats struct {
	Sent     uint64 // frames that the port sent
	Received uint64 // frames that the port received
	Lost     uint64 // frames that the port sent and that never arrive, whatever the reason
}

// An End is one end of a cable, as its port sees it.
type End struct {
	cable  *Cable
	name   string
	source string // in the event log
	port   Port
	up     bool
	busy   time.Duration // when the next frame may start
	stats  Stats
}

// Name returns the name given to Attach.
func (e *End) Name() string { return e.name }

// Cable returns the cable that this is an end of.
func (e *End) Cable() *Cable { return e.cable }

// Peer returns the other end, or nil while there is none.
func (e *End) Peer() *End {
	for _, o := range e.cable.ends {
		if o != e {
			return o
		}
	}
	return nil
}

// Stats returns what was counted so far.
func (e *End) Stats() Stats { return e.stats }

// Up reports whether the link at this end is up, see LinkDown.
func (e *End) Up() bool { return e.up }

// LinkDown takes down the link at this end: frames are lost as after
// Cable.Pull, and the port here, if it is a LinkPort, is told. The other end's
// is not.
func (e *End) LinkDown() { e.setLink(false, "link down at "+e.name) }

// LinkUp undoes LinkDown.
func (e *End) LinkUp() { e.setLink(true, "link up at "+e.name) }

func (e *End) setLink(up bool, what string) {
	if e.up == up {
		return
	}
	e.cable.change(what, func() { e.up = up })
	if lp, ok := e.port.(LinkPort); ok {
		e.cable.loop.After(0, func() { lp.LinkChanged(up) })
	}
}

// flight is a frame on its way.
type flight struct {
	cable *Cable
	from  *End
	frame Frame
	start time.Duration
	epoch int
	timer *vtime.Timer
}

// Send puts a frame on the cable. The frame belongs to the cable from then on:
// the caller must not change it any more. Frames shorter than 60 bytes are
// padded with zeros, as network hardware does. A frame that is not one is a
// *FrameError; that a frame is lost is not an error.
func (e *End) Send(frame Frame) error {
	c := e.cable
	if len(frame) < headerSize || len(frame) > maxFrameSize {
		return &FrameError{Cable: c.cfg.Name, From: e.name, Size: len(frame)}
	}
	if c.loop.Closing() {
		return nil
	}
	frame = padFrame(frame)
	e.stats.Sent++
	c.emit(e, frame)

	to := e.Peer()
	lost := c.closedBy()
	if to == nil {
		lost = "the cable has no other end"
	}
	if lost != "" {
		e.transmit(frame)
		e.lose(frame, lost)
		return nil
	}
	v := verdict{sent: frame, frame: frame}
	for _, f := range c.faults {
		f.apply(e, &v)
	}
	c.record(e, v.frame, directionOut, strings.Join(v.notes, ", "))
	for range 1 + v.copies {
		start, arrival := e.transmit(v.frame)
		if v.dropped {
			e.stats.Lost++
			continue
		}
		c.launch(e, v.frame, start, arrival+v.late)
	}
	return nil
}

// lose counts and records a frame that went into a closed cable.
func (e *End) lose(frame Frame, why string) {
	e.stats.Lost++
	e.cable.record(e, frame, directionOut, "lost: "+why)
}

// transmit takes the sender's time for a frame and returns when its first bit
// is sent and its last bit arrives.
func (e *End) transmit(frame Frame) (start, arrival time.Duration) {
	c := e.cable
	start = max(c.loop.Now(), e.busy)
	if c.cfg.Bandwidth == 0 {
		e.busy = start
		return start, start + c.cfg.Delay
	}
	size := preambleSize + len(frame) + fcsSize
	e.busy = start + bitTime(size+gapSize, c.cfg.Bandwidth)
	return start, start + bitTime(size, c.cfg.Bandwidth) + c.cfg.Delay
}

// bitTime returns how long n bytes take, rounded up to a nanosecond.
func bitTime(n int, bitsPerSecond int64) time.Duration {
	ns := int64(n) * 8 * int64(time.Second)
	return time.Duration((ns + bitsPerSecond - 1) / bitsPerSecond)
}

func (c *Cable) launch(from *End, frame Frame, start, arrival time.Duration) {
	var f *flight
	if n := len(c.free); n > 0 {
		f, c.free = c.free[n-1], c.free[:n-1]
	} else {
		f = &flight{cable: c}
		f.timer = c.loop.NewTimer(f.land)
	}
	f.from, f.frame, f.start, f.epoch = from, frame, start, c.epoch
	f.timer.ResetAt(arrival)
}

func (f *flight) land() {
	c, from, frame := f.cable, f.from, f.frame
	lost := c.closedBy()
	if lost == "" && f.epoch != c.epoch && c.lastOpen >= f.start {
		lost = "cable cut while the frame was on it"
	}
	f.frame, f.from = nil, nil
	c.free = append(c.free, f)
	if lost != "" {
		from.stats.Lost++
		c.loop.Log().Emit(from.source, "in flight: %s", lost)
		return
	}
	to := from.Peer()
	to.stats.Received++
	c.record(to, frame, directionIn, "")
	to.port.Receive(frame)
}

// emit puts a sent frame into the event log.
func (c *Cable) emit(e *End, frame Frame) {
	if !c.cfg.HidePayload {
		c.loop.Log().EmitBytes(e.source, frame)
		return
	}
	c.logBuf = append(c.logBuf[:0], frame...)
	h := parseHeaders(frame)
	switch {
	case h.transport == 0:
	case h.proto == protoTCP:
		c.logBuf[h.transport+16], c.logBuf[h.transport+17] = 0, 0
		end := h.transport + int(frame[h.transport+12]>>4)*4
		clear(c.logBuf[min(end, len(c.logBuf)):])
	case h.proto == protoUDP:
		clear(c.logBuf[h.transport+6:])
	}
	c.loop.Log().EmitBytes(e.source, c.logBuf)
}
