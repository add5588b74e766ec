package wire

import "fmt"

// A Port is what an end of a cable is plugged into: the network interface of a
// host or of the device, or one socket of a switch.
type Port interface {
	// Receive takes a frame that has arrived. The loop calls it as an event.
	// The frame is shared: Receive may keep it but must not change it.
	Receive(frame Frame)
}

// A LinkPort is a Port whose hardware notices whether its own link is up, as
// an Ethernet PHY does.
type LinkPort interface {
	Port
	// LinkChanged is called as an event after End.LinkDown and End.LinkUp.
	LinkChanged(up bool)
}

// An AttachError reports a cable that cannot be plugged in as asked.
type AttachError struct {
	Cable string   // name of the cable
	Port  string   // the end that was to be attached
	Ends  []string // the ends that the cable has
	Why   string   // what is wrong
}

func (e *AttachError) Error() string {
	switch len(e.Ends) {
	case 0:
		return fmt.Sprintf("wire: attaching %q to cable %q: %s", e.Port, e.Cable, e.Why)
	case 1:
		return fmt.Sprintf("wire: attaching %q to cable %q, whose other end is %q: %s", e.Port, e.Cable, e.Ends[0], e.Why)
	default:
		return fmt.Sprintf("wire: attaching %q to cable %q, which joins %q and %q: %s", e.Port, e.Cable, e.Ends[0], e.Ends[1], e.Why)
	}
}
