package opcua

import (
	"errors"
	"fmt"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Memory is the allocator beneath the server: a device's heap, or a recorder in
// tests. See [ObjectNamer] for reports by object.
type Memory = mem.Memory

// ObjectNamer is implemented by a [Memory] that wants to know which object the
// blocks are for that it is about to give: "boot", "connection 54",
// "channel 2", "session 3", "subscription 1", "item 4 of subscription 1".
type ObjectNamer interface {
	// SetObject names the object of the following allocations and returns the
	// name that was set before.
	SetObject(object string) (previous string)
}

// Range limits a value that a client asks for: what is below Min becomes Min,
// what is above Max becomes Max.
type Range[T uint32 | float64] struct{ Min, Max T }

func (r Range[T]) bound(v T) T {
	if v > r.Max {
		return r.Max
	}
	if v < r.Min {
		return r.Min
	}
	return v
}

// Limits are the limits of the server (UA_ServerConfig). A limit of a count
// that is 0 does not exist, except those of channels and sessions.
type Limits struct {
	MaxSecureChannels        uint32 // channels, open or not
	MaxSecurityTokenLifetime uint32 // ms
	MaxSessions              uint32
	MaxSessionTimeout        float64 // ms

	MaxSubscriptions           uint32
	MaxSubscriptionsPerSession uint32
	PublishingInterval         Range[float64] // ms
	LifetimeCount              Range[uint32]  // publishing intervals
	KeepAliveCount             Range[uint32]  // publishing intervals
	MaxNotificationsPerPublish uint32
	NoRetransmissionQueue      bool
	MaxRetransmissionQueueSize uint32 // messages of a session; 256 of a subscription in any case

	MaxMonitoredItems                uint32
	MaxMonitoredItemsPerSubscription uint32
	SamplingInterval                 Range[float64] // ms
	QueueSize                        Range[uint32]  // notifications of an item
	MaxPublishReqPerSession          uint32

	MaxNodesPerRead           uint32
	MaxNodesPerWrite          uint32
	MaxNodesPerMethodCall     uint32
	MaxNodesPerBrowse         uint32
	MaxNodesPerRegisterNodes  uint32
	MaxNodesPerTranslate      uint32
	MaxNodesPerNodeManagement uint32
	MaxReferencesPerNode      uint32
	MaxMonitoredItemsPerCall  uint32
}

// DefaultLimits returns open62541's defaults (plugins/ua_config_default.c).
func DefaultLimits() Limits {
	return Limits{
		MaxSecureChannels:          40,
		MaxSecurityTokenLifetime:   600_000,
		MaxSessions:                100,
		MaxSessionTimeout:          3_600_000,
		PublishingInterval:         Range[float64]{100, 3_600_000},
		LifetimeCount:              Range[uint32]{3, 15_000},
		KeepAliveCount:             Range[uint32]{1, 100},
		MaxNotificationsPerPublish: 1000,
		SamplingInterval:           Range[float64]{50, 86_400_000},
		QueueSize:                  Range[uint32]{1, 100},
	}
}

// Buffers are the sizes of a connection's buffers in bytes.
type Buffers struct {
	Send, Receive uint32 // of a chunk; 0: the version's default, 65535 or 131072
	MaxMessage    uint32 // bytes of a message in chunks, 0: no limit
	MaxChunks     uint32 // chunks of a message, 0: no limit
}

// User is a user name with its password.
type User struct{ Name, Password string }

// ServerConfig describes a server: what the firmware's main sets before it
// starts open62541. Take [DefaultServerConfig] and change what differs.
type ServerConfig struct {
	Version         Version
	Port            uint16
	Hostname        string // custom host name, part of the endpoint URL
	ApplicationName string
	ApplicationURI  string
	Buffers         Buffers
	Limits          Limits
	Users           []User // besides the anonymous one
	Security        Security
	BuildNumber     string // BuildInfo: a compile date
	SoftwareVersion string // BuildInfo

	// SessionTimeBase and ChannelTimeBase are the clocks from which the deadline
	// of a session and the creation time of a channel's first token are taken.
	SessionTimeBase, ChannelTimeBase TimeBase

	// Defects are those of open62541 that the server has. The zero value is what its
	// version does.
	Defects Defects

	// Nodeset is what namespace 0 holds.
	Nodeset Nodeset

	// Objects, Variables and Methods are what the firmware declares, in this order.
	// Objects and Methods, and Variables with a parent, need the version whose address
	// space is modelled, v1.2-rc1.
	Objects   []Object
	Variables []Variable
	Methods   []Method

	Memory  Memory  // required
	Sockets Sockets // required
	Clock   Clock   // required
	Random  Random  // nil: open62541's PCG32, seeded with the wall clock
}

// DefaultServerConfig returns the configuration of the opcua-esp32 firmware,
// without its variables.
func DefaultServerConfig() ServerConfig { return ServerConfigOf(V1_2_RC1) }

// ServerConfigOf returns the configuration that the opcua-esp32 firmware would
// have with another version of open62541.
func ServerConfigOf(v Version) ServerConfig {
	r := &releases[v]
	return ServerConfig{
		Version:         v,
		Port:            4840,
		Hostname:        "opcua-esp32",
		ApplicationName: "OPC_UA_Server_ESP32",
		ApplicationURI:  "open62541.esp32.server",
		Buffers:         Buffers{Send: 16384, Receive: 16384, MaxMessage: r.buffers.MaxMessage, MaxChunks: r.buffers.MaxChunks},
		Limits:          DefaultLimits(),
		Users:           []User{{"user1", "password"}, {"user2", "password1"}},
		BuildNumber:     "Jan  1 2026 00:00:00",
		SoftwareVersion: r.software,
	}
}

// validate reports everything that is wrong with a configuration.
func (c *ServerConfig) validate() error {
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("opcua: ServerConfig."+format, args...))
		}
	}
	bad(c.Memory != nil, "Memory is nil")
	bad(c.Sockets != nil, "Sockets is nil")
	bad(c.Clock != nil, "Clock is nil")
	bad(c.Version < versions, "Version %d is none", c.Version)
	bad(c.Nodeset < nodesets, "Nodeset %d is none", c.Nodeset)
	bad(c.Port != 0, "Port is 0")
	bad(len(c.Hostname) > 0 && len(c.Hostname) < 200, "Hostname has %d characters, expected 1 to 199", len(c.Hostname))
	for i, u := range c.Users {
		bad(u.Name != "", "Users[%d].Name is empty", i)
	}
	errs = append(errs, c.Security.Validate())
	if c.Version < versions {
		bad(releases[c.Version].base == nil || len(c.Objects)+len(c.Methods) == 0, "Objects, Methods: only with v1.2-rc1")
		bad(releases[c.Version].base == nil || c.Nodeset == ReducedNodeset, "Nodeset: only with v1.2-rc1")
		bad(!releases[c.Version].channelAtOpen || len(c.Security.Endpoints) == 0, "Security: encryption is not modelled for %s", c.Version)
	}
	l := &c.Limits
	bad(l.PublishingInterval.Min > 0 && l.PublishingInterval.Min <= l.PublishingInterval.Max, "Limits.PublishingInterval %v is empty or not positive", l.PublishingInterval)
	bad(l.SamplingInterval.Min > 0 && l.SamplingInterval.Min <= l.SamplingInterval.Max, "Limits.SamplingInterval %v is empty or not positive", l.SamplingInterval)
	bad(l.QueueSize.Min > 0 && l.QueueSize.Min <= l.QueueSize.Max, "Limits.QueueSize %v is empty or not positive", l.QueueSize)
	bad(l.LifetimeCount.Min <= l.LifetimeCount.Max, "Limits.LifetimeCount %v is empty", l.LifetimeCount)
	bad(l.KeepAliveCount.Min <= l.KeepAliveCount.Max, "Limits.KeepAliveCount %v is empty", l.KeepAliveCount)
	return errors.Join(errs...)
}
