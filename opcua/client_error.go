package opcua

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// A ClientErrorKind says how a step of a client failed.
type ClientErrorKind uint8

const (
	// ClientTimedOut: no answer came in the time that the client waits.
	ClientTimedOut ClientErrorKind = iota + 1
	// ClientUnreachable: TCP made no connection and said why.
	ClientUnreachable
	// ClientClosed: the server closed the connection (FIN).
	ClientClosed
	// ClientLost: the connection was reset, or the client's TCP gave it up.
	ClientLost
	// ClientRejected: the server sent an ERR message.
	ClientRejected
	// ClientFault: the service was answered with a bad status code.
	ClientFault
	// ClientMalformed: the server sent bytes that break the protocol.
	ClientMalformed
	// ClientLimit: the request does not fit what the server said it accepts.
	ClientLimit
	// ClientMisuse: the client is not in a state in which it can do that.
	ClientMisuse
)

// String names the kind.
func (k ClientErrorKind) String() string {
	names := [...]string{"", "timed out", "unreachable", "closed", "lost", "rejected", "fault", "malformed", "limit", "misuse"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("ClientErrorKind(%d)", uint8(k))
}

// A ClientError is what a client saw when something failed: which step, how,
// and when. Its text reads "CreateSession: BadOutOfMemory at 2h0m1s",
// "HEL: no answer within 5s at 12s" or "TCP connect 10.0.0.1:4840: timed out at
// 5s". It matches its Status (errors.Is(err, ua.StatusBadOutOfMemory)) and the
// error of the connection beneath.
type ClientError struct {
	Client string          // name of the client, from its configuration
	Step   string          // "TCP connect ADDR", "HEL", a service's name, "idle"
	Kind   ClientErrorKind // how it failed
	Status ua.StatusCode   // status code of the server's answer; 0 if there was none
	Reason string          // the server's words, or what was expected and found
	Within time.Duration   // how long the client waited, of ClientTimedOut
	At     time.Duration   // virtual time at which the client knew
	Err    error           // what the connection or a decoder reported; may be nil
}

// Error gives the step, what happened and the virtual time.
func (e *ClientError) Error() string {
	var what string
	switch e.Kind {
	case ClientTimedOut:
		what = fmt.Sprintf("no answer within %v", e.Within)
		if strings.HasPrefix(e.Step, clientStepConnect) {
			what = "timed out"
		}
	case ClientClosed:
		what = "connection closed by the server"
	case ClientRejected:
		what = "server sent ERR " + ClientStatusName(e.Status)
	case ClientFault:
		what = ClientStatusName(e.Status)
	case ClientLost:
		what = "connection lost"
	case ClientUnreachable:
		what = "no connection"
	case ClientMalformed:
		what = "malformed"
	case ClientLimit:
		what = "too large for the server"
	default:
		what = "not possible"
	}
	if e.Reason != "" {
		what += " (" + e.Reason + ")"
	}
	if e.Err != nil && e.Kind != ClientTimedOut && e.Kind != ClientClosed {
		what += ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s: %s at %v", e.Step, what, e.At)
}

// Unwrap gives the status code and the error beneath to errors.Is and As.
func (e *ClientError) Unwrap() []error {
	var errs []error
	if e.Status != 0 {
		errs = append(errs, e.Status)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// ClientStatusName returns the name of a status code as the specification
// writes it, such as "BadOutOfMemory", or its number.
func ClientStatusName(s ua.StatusCode) string {
	if s == ua.StatusOK {
		return "Good"
	}
	if d, ok := ua.StatusCodes[s]; ok {
		// gopcua writes acronyms in Go's way (BadSessionIDInvalid).
		return strings.NewReplacer("ID", "Id", "URI", "Uri", "URL", "Url", "TCP", "Tcp").Replace(strings.TrimPrefix(d.Name, "Status"))
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}

const (
	clientStepConnect = "TCP connect"
	clientStepHello   = "HEL"
	clientStepIdle    = "idle"
	clientStepRenew   = "OpenSecureChannel (renew)"
)

// fail makes the error of a step at the present instant.
func (c *Client) fail(step string, kind ClientErrorKind, reason string, err error) *ClientError {
	return &ClientError{Client: c.cfg.Name, Step: step, Kind: kind, Reason: reason, Err: err, At: c.p.Now()}
}

// connError turns an error of the connection beneath into that of a step. The
// call was allowed to take within (0: any time) and began at started.
func (c *Client) connError(step string, started, within time.Duration, err error) *ClientError {
	e := c.fail(step, ClientLost, "", err)
	if n := (*wire.NetError)(nil); errors.As(err, &n) {
		e.Err, e.Reason = n.Err, n.Detail // the rest repeats who and when
	}
	switch {
	case errors.Is(err, io.EOF):
		e.Kind = ClientClosed
	case clientTimedOut(err) && within > 0 && e.At >= started+within:
		e.Kind, e.Within = ClientTimedOut, within
	}
	return e
}

// clientTimedOut reports whether an error of a connection is a timeout: the
// caller's, or TCP's own.
func clientTimedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
