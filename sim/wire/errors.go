package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// What can go wrong on a host's network, for errors.Is. The error returned is a
// *NetError that wraps one of these and says who, where and when.
var (
	ErrRefused     = errors.New("connection refused")                          // the peer answered the SYN with RST
	ErrReset       = errors.New("connection reset by peer")                    // the peer sent RST
	ErrTimeout     = errors.New("timed out")                                   // no answer within the caller's or TCP's own limit
	ErrUnreachable = errors.New("no route to host")                            // nobody answers ARP, or a router said so
	ErrClosed      = errors.New("closed")                                      // this side closed, aborted or vanished
	ErrPoweredOff  = errors.New("the host is powered off")                     // see Host.PowerOff
	ErrInUse       = errors.New("address already in use")                      // the port is taken
	ErrTooLong     = errors.New("message too long")                            // a datagram above what UDP and the MTU allow
	ErrBusy        = errors.New("too many ARP requests wait for their answer") // 60 at once are the limit
	ErrNotAttached = errors.New("the host has no cable yet")                   // see Host.Connect
)

// A NetError is what every network call of a host returns.
type NetError struct {
	Op     string         // "dial", "read", "write", "accept", "ping", ...
	Host   string         // the name of the host that called
	Local  netip.AddrPort // zero if there is none
	Remote netip.AddrPort // zero if there is none
	At     time.Duration  // virtual time of the failure
	Detail string         // what more is known, such as "nobody answers ARP"; may be empty
	Err    error          // one of the Err values of this package
}

func (e *NetError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wire: %s: %s", e.Host, e.Op)
	if e.Local.IsValid() {
		fmt.Fprintf(&b, " %s", e.Local)
	}
	switch {
	case e.Remote.IsValid() && e.Remote.Port() == 0: // ICMP has no ports
		fmt.Fprintf(&b, " -> %s", e.Remote.Addr())
	case e.Remote.IsValid():
		fmt.Fprintf(&b, " -> %s", e.Remote)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Detail != "" {
		fmt.Fprintf(&b, " (%s)", e.Detail)
	}
	fmt.Fprintf(&b, " at %v", e.At)
	return b.String()
}

func (e *NetError) Unwrap() error { return e.Err }

// Timeout reports whether it was a timeout, as net.Error has it.
func (e *NetError) Timeout() bool { return errors.Is(e.Err, ErrTimeout) }

// fromStack translates gVisor's error. What has no translation keeps gVisor's
// words.
func fromStack(err tcpip.Error) error {
	switch err.(type) {
	case *tcpip.ErrConnectionRefused:
		return ErrRefused
	case *tcpip.ErrConnectionReset:
		return ErrReset
	case *tcpip.ErrTimeout:
		return ErrTimeout
	case *tcpip.ErrHostUnreachable, *tcpip.ErrNetworkUnreachable, *tcpip.ErrHostDown, *tcpip.ErrNoNet:
		return ErrUnreachable
	case *tcpip.ErrClosedForSend, *tcpip.ErrClosedForReceive, *tcpip.ErrConnectionAborted, *tcpip.ErrAborted,
		*tcpip.ErrNotConnected, *tcpip.ErrInvalidEndpointState:
		return ErrClosed
	case *tcpip.ErrPortInUse, *tcpip.ErrBadLocalAddress, *tcpip.ErrNoPortAvailable:
		return ErrInUse
	case *tcpip.ErrMessageTooLong:
		return ErrTooLong
	default:
		return errors.New(err.String())
	}
}
