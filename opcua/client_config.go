package opcua

import (
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/gopcua/opcua/ua"
)

// A ClientStage is how far a client has come in connecting. The order is that
// of the protocol.
type ClientStage uint8

const (
	StageNone       ClientStage = iota // no connection
	StageConnected                     // TCP connected, nothing sent
	StageHello                         // HEL answered by ACK
	StageChannel                       // secure channel open
	StageCreated                       // session created, not activated
	StageActive                        // session active
	StageSubscribed                    // subscription with its items created
)

// String names the stage.
func (s ClientStage) String() string {
	names := [...]string{"none", "connected", "hello", "channel", "created", "active", "subscribed"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("ClientStage(%d)", uint8(s))
}

// A ClientDiscovery is what a client asks before it makes its session.
type ClientDiscovery uint8

const (
	DiscoverNothing   ClientDiscovery = iota // goes straight to CreateSession
	DiscoverEndpoints                        // GetEndpoints on the same channel
	DiscoverServers                          // FindServers, then GetEndpoints, on the same channel
	DiscoverElsewhere                        // GetEndpoints on a connection of its own, closed before the next is made
)

// A ClientConfig says how a client connects, what it does while idle, and what
// it does when it loses the connection. Take one of the presets (UaExpert,
// Gopcua, NodeOPCUA, Open62541) and set Address; or write your own: a field left
// zero takes the default that its comment gives. Of durations "none" is
// written as a negative value.
type ClientConfig struct {
	Name    string // name in the log, in errors and of the random stream; default "client"
	Address string // host and port of the server, such as "10.0.0.1:4840"; required

	// EndpointURL goes into HEL, GetEndpoints and CreateSession; default
	// "opc.tcp://" and Address. Its length is memory in the server's hands.
	EndpointURL string

	// Connecting.
	ConnectTimeout time.Duration   // TCP connect; default 10 s; negative: as long as TCP tries
	HelloTimeout   time.Duration   // from HEL to ACK; default 5 s; negative: for ever
	ConnectWithin  time.Duration   // from TCP connect to the active session; default and negative: no limit of its own
	RequestTimeout time.Duration   // each service, also the timeout hint in its header; default 10 s; negative: for ever, hint 0
	StopAfter      ClientStage     // Dial goes so far and no further; default StageActive
	Discovery      ClientDiscovery // default DiscoverNothing

	TCPKeepAlive TCPKeepAliveConfig // probes of TCP itself; default none

	// HEL (Part 6, 7.1.2.3). Bytes; 0 in the last two means no limit, as on the wire.
	ReceiveBufferSize uint32 // largest chunk the client takes; default 65535, at least 8192
	SendBufferSize    uint32 // largest chunk the client sends; default 65535, at least 8192
	MaxMessageSize    uint32 // largest response the client takes; default 0 (held to 16 MiB all the same)
	MaxChunkCount     uint32 // most chunks of a response; default 0

	// Secure channel.
	Security        ClientSecurity // default: none
	ChannelLifetime time.Duration  // requested lifetime of the token; default 1 h, milliseconds on the wire; negative: 0, the server's choice
	RenewPercent    int            // the token is renewed after that share of its revised lifetime; default 75, 1 to 100; Part 4, 5.5.2.1
	// RenewFailureIgnored: a renewal that fails is no reason to give the
	// connection up; default false.
	RenewFailureIgnored bool

	// Session.
	SessionTimeout         time.Duration // requested; default 20 min; negative: 0, the server's choice
	SessionName            string        // default "" (null on the wire)
	ApplicationURI         string        // default ""
	ProductURI             string        // default ""
	ApplicationName        string        // default ""
	ApplicationLocale      string        // locale of ApplicationName; default ""
	Locales                []string      // locale ids in ActivateSession; default none
	NonceLength            int           // bytes of client nonce in CreateSession; default 0 (null), with security 32; at most 1024
	MaxResponseMessageSize uint32        // in CreateSession, bytes; default 0, no limit
	User, Password         string        // user name token; default anonymous
	KeepSubscriptions      bool          // CloseSession leaves the subscriptions (deleteSubscriptions false); default false

	// ReadOnConnect are nodes whose values are read, in one request, as soon as
	// the session is active; default none. A failure ends the connection.
	ReadOnConnect []string

	// While idle.
	KeepAlive KeepAliveConfig // reads that watch the connection; default none
	// IdleTimeout: a connection on which no byte moved for so long in either
	// direction is given up; default none.
	IdleTimeout time.Duration

	// Subscription is the one that RunClient makes, and what Subscribe takes if
	// it is given its zero value; without Items there is none.
	Subscription SubscriptionConfig

	Reconnect ReconnectPolicy // default: never

	// Epoch is the wall clock at virtual time 0, for the time stamps in request
	// headers; default 2023-11-14T22:13:20Z.
	Epoch time.Time
}

// A TCPKeepAliveConfig is SO_KEEPALIVE as the client sets it: TCP probes a
// connection that was idle for Idle, then every Interval, and gives it up after
// Count probes without an answer.
type TCPKeepAliveConfig struct {
	Idle     time.Duration // 0: no probes
	Interval time.Duration // default 75 s
	Count    int           // default 9
}

// A KeepAliveConfig is how a client watches an idle connection: it reads a node.
type KeepAliveConfig struct {
	Interval time.Duration // between reads; 0 or negative: no reads
	Timeout  time.Duration // of the first read that gets no answer; default RequestTimeout
	Node     string        // default "i=2259" (Server_ServerStatus_State)
	// Failures is the number of reads in a row without an answer after which the
	// connection is given up; default 1. Each waits twice as long as the one
	// before.
	Failures int
	// OnlyIdle leaves a read out if the server answered something within the
	// last half Interval, and looks again when it has been silent for one and a
	// half. The first read then is due after half an Interval. Default false.
	OnlyIdle bool
}

// A ReconnectPolicy is what a client does when it has lost its connection. It
// closes what is left of it, waits FirstDelay, connects anew, and then takes
// back its session if it can or makes another.
type ReconnectPolicy struct {
	Attempts   int           // attempts to connect until the client gives up; default 0: none; negative: for ever
	FirstDelay time.Duration // from the loss to the first attempt; default 0
	Delay      time.Duration // after a failed attempt; default 1 s
	MaxDelay   time.Duration // each failure doubles the delay up to this; default 0: the delay stays
	// SessionDelay is the delay after an attempt that did get a secure channel,
	// but no session; default Delay; negative: none, the next attempt follows at once.
	SessionDelay time.Duration
	Reactivate   bool // ActivateSession with the old session's token first; default false: a new session at once
	Republish    bool // Republish what was missed once the old session is back; default false
	Transfer     bool // TransferSubscriptions to a new session before they are made anew; default false
	Recreate     bool // subscriptions that are not on the session are made anew; default false
	// AlwaysRecreate makes one more subscription like the first also when the old
	// session, which still has its own, was taken back; default false.
	AlwaysRecreate bool
	// Silent sends no Publish request once the old session is back, until the program
	// makes another subscription; default false.
	Silent bool
}

// A PublishTimeoutRule says how long a client waits for a Publish response and
// what timeout hint it sends.
type PublishTimeoutRule uint8

const (
	// PublishKeepAlive: the time between two keep-alive messages, at least
	// RequestTimeout.
	PublishKeepAlive PublishTimeoutRule = iota
	// PublishFixed: PublishTimeout.
	PublishFixed
	// PublishHint: the hint is PublishTimeout, the client waits for ever.
	PublishHint
	// PublishPipelined: 2 x (keep-alive count + 10) x interval, at least 10 s,
	// times the number of requests outstanding.
	PublishPipelined
)

// A SubscriptionConfig is a subscription with its monitored items.
type SubscriptionConfig struct {
	PublishingInterval time.Duration // requested; default 1 s; milliseconds on the wire
	LifetimeCount      uint32        // requested, in publishing intervals; default 10000
	KeepAliveCount     uint32        // requested, in publishing intervals; default 10
	MaxNotifications   uint32        // per publish; default 0: no limit
	Priority           uint8         // default 0
	Disabled           bool          // created with publishing off; default false

	Items            []string      // node ids, such as "ns=1;s=temperature"; values are monitored
	SamplingInterval time.Duration // requested, of each item; default 0: as fast as the server does; negative: -1, the publishing interval
	QueueSize        uint32        // requested, of each item; default 1
	KeepOldest       bool          // a full queue drops the new value (discardOldest false); default false

	Publish        int                // Publish requests kept outstanding for this subscription; default 1; negative: none
	TimeoutRule    PublishTimeoutRule // default PublishKeepAlive
	PublishTimeout time.Duration      // for PublishFixed and PublishHint; default RequestTimeout
	NoAcknowledge  bool               // notification messages are never acknowledged; default false

	// OnNotification is called for each notification message that is not a
	// keep-alive, inside the client's process; it must not wait. Without it the
	// last 256 wait for ClientSubscription.Next.
	OnNotification func(*ClientNotification)
}

// withDefaults returns c with every zero field replaced, or what is wrong.
func (c ClientConfig) withDefaults() (ClientConfig, error) {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("client %q: "+format, append([]any{c.Name}, args...)...))
	}
	clientDefault(&c.Name, "client")
	if _, port, err := net.SplitHostPort(c.Address); err != nil {
		bad("Address %q is not host and port: %w", c.Address, err)
	} else if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		bad("Address %q: port %q is not a number from 1 to 65535", c.Address, port)
	}
	clientDefault(&c.EndpointURL, "opc.tcp://"+c.Address)
	clientDefault(&c.ConnectTimeout, 10*time.Second)
	clientDefault(&c.HelloTimeout, 5*time.Second)
	clientDefault(&c.RequestTimeout, 10*time.Second)
	clientDefault(&c.StopAfter, StageActive)
	if c.StopAfter > StageActive {
		bad("StopAfter %v, expected one of connected to active", c.StopAfter)
	}
	if c.Discovery > DiscoverElsewhere {
		bad("Discovery %d is unknown", c.Discovery)
	}
	if k := &c.TCPKeepAlive; k.Idle != 0 {
		clientDefault(&k.Interval, 75*time.Second)
		clientDefault(&k.Count, 9)
		if k.Idle < 0 || k.Interval < 0 || k.Count < 0 {
			bad("TCPKeepAlive %+v: none may be negative", *k)
		}
	}
	clientDefault(&c.ReceiveBufferSize, 65535)
	clientDefault(&c.SendBufferSize, 65535)
	for _, b := range []struct {
		name string
		size uint32
	}{{"ReceiveBufferSize", c.ReceiveBufferSize}, {"SendBufferSize", c.SendBufferSize}} {
		if b.size < clientMinBuffer || b.size > clientMaxMessage {
			bad("%s %d, expected %d to %d bytes", b.name, b.size, clientMinBuffer, clientMaxMessage)
		}
	}
	clientDefault(&c.ChannelLifetime, time.Hour)
	clientDefault(&c.RenewPercent, 75)
	if c.RenewPercent < 1 || c.RenewPercent > 100 {
		bad("RenewPercent %d, expected 1 to 100", c.RenewPercent)
	}
	clientDefault(&c.SessionTimeout, 20*time.Minute)
	if c.NonceLength < 0 || c.NonceLength > 1024 {
		bad("NonceLength %d, expected 0 to 1024 bytes", c.NonceLength)
	}
	if err := c.Security.check(); err != nil {
		bad("Security: %w", err)
	}
	if c.User == "" && c.Password != "" {
		bad("Password without User")
	}
	if max := c.ChannelLifetime / time.Millisecond; max > math.MaxUint32 {
		bad("ChannelLifetime %v does not fit 32 bits of milliseconds", c.ChannelLifetime)
	}
	for _, n := range c.ReadOnConnect {
		if _, err := ua.ParseNodeID(n); err != nil {
			bad("ReadOnConnect %q: %w", n, err)
		}
	}
	if k := &c.KeepAlive; k.Interval > 0 {
		clientDefault(&k.Timeout, c.RequestTimeout)
		clientDefault(&k.Node, "i=2259")
		clientDefault(&k.Failures, 1)
		if _, err := ua.ParseNodeID(k.Node); err != nil {
			bad("KeepAlive.Node %q: %w", k.Node, err)
		}
		if k.Failures < 0 || k.Failures > 16 {
			bad("KeepAlive.Failures %d, expected 1 to 16", k.Failures)
		}
		if k.Timeout < 0 {
			bad("KeepAlive.Timeout %v: a keep-alive that waits for ever watches nothing", k.Timeout)
		}
	}
	clientDefault(&c.Reconnect.Delay, time.Second)
	clientDefault(&c.Reconnect.SessionDelay, c.Reconnect.Delay)
	if c.Epoch.IsZero() {
		c.Epoch = time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	}
	if len(c.Subscription.Items) > 0 {
		if _, err := c.Subscription.withDefaults(c); err != nil {
			errs = append(errs, err)
		}
	}
	return c, errors.Join(errs...)
}

const clientMinBuffer = 8192 // Part 6, 7.1.2.3: at least 8192 bytes

// withDefaults returns s with every zero field replaced, or what is wrong.
func (s SubscriptionConfig) withDefaults(c ClientConfig) (SubscriptionConfig, error) {
	clientDefault(&s.PublishingInterval, time.Second)
	clientDefault(&s.LifetimeCount, 10000)
	clientDefault(&s.KeepAliveCount, 10)
	clientDefault(&s.QueueSize, 1)
	clientDefault(&s.Publish, 1)
	clientDefault(&s.PublishTimeout, c.RequestTimeout)
	for _, n := range s.Items {
		if _, err := ua.ParseNodeID(n); err != nil {
			return s, fmt.Errorf("client %q: subscription item %q: %w", c.Name, n, err)
		}
	}
	if s.TimeoutRule > PublishPipelined {
		return s, fmt.Errorf("client %q: subscription TimeoutRule %d is unknown", c.Name, s.TimeoutRule)
	}
	return s, nil
}

func clientDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
