package wire

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// An Action is what a fault does to a frame.
type Action uint8

// The actions, by their names in the text form.
const (
	Drop      Action = iota // the frame never arrives
	Duplicate               // the frame is sent twice
	Reorder                 // the frame arrives later by Fault.By, so that others overtake it
	Corrupt                 // one bit behind the Ethernet header is inverted
)

func actionNames() []string { return []string{"drop", "duplicate", "reorder", "corrupt"} }

func (a Action) String() string {
	if int(a) < len(actionNames()) {
		return actionNames()[a]
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// A Class restricts a fault to frames of one kind.
type Class uint8

// The classes, by their names in the text form.
const (
	Any    Class = iota // every frame
	ARP                 // ARP
	IP                  // IPv4
	ICMP                // IPv4 with ICMP
	UDP                 // IPv4 with UDP
	TCP                 // IPv4 with TCP
	SYN                 // TCP with SYN and without ACK
	SYNACK              // TCP with SYN and ACK
	FIN                 // TCP with FIN
	RST                 // TCP with RST
	Data                // TCP with payload
	Ack                 // TCP with ACK alone: no payload, no SYN, FIN or RST
)

func classNames() []string {
	return []string{"any", "arp", "ip", "icmp", "udp", "tcp", "syn", "synack", "fin", "rst", "data", "ack"}
}

func (c Class) String() string {
	if int(c) < len(classNames()) {
		return classNames()[c]
	}
	return fmt.Sprintf("Class(%d)", uint8(c))
}

func (c Class) matches(f Frame) bool {
	if c == Any {
		return true
	}
	h := parseHeaders(f)
	tcp := h.proto == protoTCP && h.transport != 0
	switch c {
	case ARP:
		return h.etherType == typeARP
	case IP:
		return h.etherType == typeIPv4
	case ICMP:
		return h.proto == protoICMP
	case UDP:
		return h.proto == protoUDP
	case TCP:
		return h.proto == protoTCP
	case SYN:
		return tcp && h.flags&(flagSYN|flagACK) == flagSYN
	case SYNACK:
		return tcp && h.flags&(flagSYN|flagACK) == flagSYN|flagACK
	case FIN:
		return tcp && h.flags&flagFIN != 0
	case RST:
		return tcp && h.flags&flagRST != 0
	case Data:
		return tcp && h.payload > 0
	default:
		return tcp && h.payload == 0 && h.flags&(flagSYN|flagFIN|flagRST|flagACK) == flagACK
	}
}

// A Fault is a rule that harms some of the frames sent into a cable. Which
// frames it looks at is set by From and Class; which of those it harms, by at
// most one of PPM, First with Last, and Every. With none of these it harms all.
//
// Its text form, which ParseFaults reads and String prints, is the action
// followed by clauses in any order:
//
//	drop 1000ppm                 one frame in a thousand, by the seed
//	drop #3                      the third frame
//	drop #2-5 of syn from pc     the second to the fifth SYN that the end "pc" sends
//	duplicate every 10 of data   each tenth segment with payload
//	reorder 500ppm by 3ms        arrives 3 ms later than it would
//	corrupt 20ppm of tcp         inverts one bit behind the Ethernet header
//	drop of arp                  no ARP
//
// Corruption stands for damage in a switch or in memory, behind the frame check
// sequence: the receiver's own checksums have to notice it.
type Fault struct {
	Action Action
	PPM    uint32        // probability for each frame in millionths, 1 to 1,000,000
	First  uint64        // the first frame harmed, counted from 1
	Last   uint64        // the last frame harmed; 0: First alone
	Every  uint64        // harms each Every-th frame
	Class  Class         // the frames it looks at
	From   string        // the end whose frames it looks at; empty: both
	By     time.Duration // Reorder: how much later, above 0
}

func (f Fault) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if int(f.Action) >= len(actionNames()) {
		bad("unknown action %d", f.Action)
	}
	if int(f.Class) >= len(classNames()) {
		bad("unknown class %d", f.Class)
	}
	triggers := 0
	for _, set := range []bool{f.PPM != 0, f.First != 0 || f.Last != 0, f.Every != 0} {
		if set {
			triggers++
		}
	}
	if triggers > 1 {
		bad("more than one of PPM, First and Every is set")
	}
	if f.PPM > 1_000_000 {
		bad("a probability of %d ppm; at most 1000000 was expected", f.PPM)
	}
	if f.Last != 0 && (f.First == 0 || f.Last < f.First) {
		bad("frames #%d-%d; a range that counts up from 1 was expected", f.First, f.Last)
	}
	if f.Action == Reorder && f.By <= 0 {
		bad("reorder by %v; more than 0 was expected", f.By)
	}
	if f.Action != Reorder && f.By != 0 {
		bad("%v does not take a delay (by %v)", f.Action, f.By)
	}
	if strings.ContainsAny(f.From, " \t\r\n;\"") {
		bad("the end's name %q has a character that faults cannot name", f.From)
	}
	return errors.Join(errs...)
}

// SetFaults replaces the cable's faults; counting starts anew.
func (c *Cable) SetFaults(faults ...Fault) error {
	states := make([]*faultState, len(faults))
	for i, f := range faults {
		err := f.validate()
		if err == nil {
			err = c.knowsEnd(f)
		}
		if err != nil {
			return fmt.Errorf("wire: cable %q: fault %d: %w", c.cfg.Name, i+1, err)
		}
		states[i] = &faultState{Fault: f, rng: c.loop.Rand("cable " + c.cfg.Name + " fault " + f.String())}
	}
	c.faults = states
	return nil
}

// knowsEnd refuses a fault from an end that a cable with both ends does not
// have: it would never harm anything.
func (c *Cable) knowsEnd(f Fault) error {
	if f.From == "" || len(c.ends) < 2 || f.From == c.ends[0].name || f.From == c.ends[1].name {
		return nil
	}
	return fmt.Errorf("%q: the cable joins %q and %q; it has no end %q", f.String(), c.ends[0].name, c.ends[1].name, f.From)
}

// Faults returns the faults in force.
func (c *Cable) Faults() []Fault {
	faults := make([]Fault, len(c.faults))
	for i, f := range c.faults {
		faults[i] = f.Fault
	}
	return faults
}

// verdict is what the faults of a cable make of one frame.
type verdict struct {
	sent    Frame // as the port sent it
	frame   Frame // as it goes on
	dropped bool
	copies  int
	late    time.Duration
	notes   []string
}

// faultState is a fault at work: each has a random stream of its own, so that
// adding one does not change what another does.
type faultState struct {
	Fault
	rng  *rand.Rand
	seen uint64
}

func (f *faultState) apply(from *End, v *verdict) {
	if f.From != "" && f.From != from.name || !f.Class.matches(v.sent) {
		return
	}
	f.seen++
	if hit := f.hits(); v.dropped || !hit {
		return
	}
	switch f.Action {
	case Drop:
		v.dropped = true
	case Duplicate:
		v.copies++
	case Reorder:
		v.late += f.By
	case Corrupt:
		bit := f.rng.IntN((len(v.frame) - headerSize) * 8)
		v.frame = append(Frame(nil), v.frame...)
		v.frame[headerSize+bit/8] ^= 1 << (bit % 8)
	}
	note := "fault: " + f.String()
	v.notes = append(v.notes, note)
	from.cable.loop.Log().Emit(from.source, "%s (frame %d of its kind)", note, f.seen)
}

func (f *faultState) hits() bool {
	switch {
	case f.PPM != 0:
		return f.rng.Uint32N(1_000_000) < f.PPM
	case f.First != 0:
		return f.seen >= f.First && f.seen <= max(f.First, f.Last)
	case f.Every != 0:
		return f.seen%f.Every == 0
	default:
		return true
	}
}
