package opcua

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
)

// housekeeping is the interval of the clean-up of sessions and channels in
// milliseconds (UA_Server_init, src/server/ua_server.c).
const housekeeping = 10_000

// Server is an OPC UA server that behaves as open62541 does: it does nothing by
// itself, everything happens in RunIterate. It is not safe for use by several
// goroutines.
type Server struct {
	cfg      ServerConfig
	rel      *release
	has      behaviour
	mem      mem.Memory
	opaque   *opaqueMemory // nil: all memory of the address space is modelled
	namer    ObjectNamer
	random   Random
	born     int64 // wall clock
	core     *nodestore.Core
	timer    timer
	network  network
	policies []*securityPolicy
	entropy  *mbedtls.SplitMix64 // of the policies' random generators
	trusted  *trustList          // nil: all certificates are accepted
	services map[uint32]*service
	spare    [][]byte // bytes of buffers, to be used again

	channels      []*secureChannel // the oldest first
	nextChannelID uint32
	nextTokenID   uint32
	sessions      []*session // the newest first
	sessionNumber int
	subscriptions []*subscription // of all sessions and of none, the newest first

	registered []*registeredServer // the newest first

	lastSubscription uint32
	itemCount        uint32

	dead    *CrashError
	scratch sampleScratch
}

// CrashError says that the server did what the chip does not survive: it wrote
// through the null pointer of a failed allocation whose result it does not check,
// freed what is not on the heap, or left the stack of its task. Nothing runs after
// it.
type CrashError struct {
	Function string // of open62541
	Cause    string
}

// Error implements error.
func (e *CrashError) Error() string { return "opcua: " + e.Function + ": " + e.Cause }

// crash ends the server in the middle of what it does.
func crash(function, cause string) { panic(&mem.Crash{Function: function, Cause: cause}) }

// nullWrite ends the server where it writes through a null pointer.
func nullWrite(function string, size uint32) {
	crash(function, fmt.Sprintf("writes through NULL: no %d bytes left", size))
}

// newServer makes a server that has taken no memory yet.
func newServer(cfg ServerConfig) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	rel := &releases[cfg.Version]
	if cfg.Buffers.Send == 0 {
		cfg.Buffers.Send = rel.buffers.Send
	}
	if cfg.Buffers.Receive == 0 {
		cfg.Buffers.Receive = rel.buffers.Receive
	}
	s := &Server{cfg: cfg, rel: rel, has: cfg.Defects.of(cfg.Version), mem: cfg.Memory, random: cfg.Random, policies: []*securityPolicy{policyNone()},
		services: newServices(rel), spare: make([][]byte, 0, 4), nextChannelID: 1, nextTokenID: 1}
	s.namer, _ = cfg.Memory.(ObjectNamer)
	if !s.has.copiesLeak {
		s.mem = wholeMemory{cfg.Memory}
	}
	s.network.server = s
	return s, nil
}

// create makes the server with namespace 0 (UA_Server_new).
func (s *Server) create() error {
	defer s.object(bootObject)()
	s.born = s.cfg.Clock.Now()
	if s.random == nil {
		s.random = newPCG32(s.born)
	}
	if b := s.rel.base; b != nil {
		return s.createOpaque(b, s.createAddressSpace)
	}
	return s.createAddressSpace()
}

func (s *Server) createAddressSpace() error {
	s.timer = timer{mem: s.mem, random: s.random, clock: s.cfg.Clock, sizeofEntry: s.rel.sizes.timerEntry, delaysWork: s.rel.delaysWork,
		noDraws: s.rel.noTimerDraws, skipsMissed: s.rel.skipsMissed}
	core, err := nodestore.New(nodestore.Options{
		Rules:             s.rel.nodes,
		Nodeset:           s.cfg.Nodeset.table(),
		Memory:            s.mem,
		Now:               s.cfg.Clock.Now,
		Random:            s.random.Uint32,
		AddHousekeeping:   s.addHousekeeping,
		ClearTimer:        s.timer.clear,
		GetMonitoredItems: s.getMonitoredItems,
	})
	if err != nil {
		return err
	}
	s.core = core
	s.SetLimits(s.cfg.Limits)
	return nil
}

// configure sets what the firmware's main sets before it adds variables.
func (s *Server) configure() error {
	defer s.object(bootObject)()
	c := nodestore.Config{
		Port:            s.cfg.Port,
		Hostname:        s.cfg.Hostname,
		ApplicationURI:  s.cfg.ApplicationURI,
		ApplicationName: s.cfg.ApplicationName,
		SoftwareVersion: s.cfg.SoftwareVersion,
		BuildNumber:     s.cfg.BuildNumber,
	}
	if p := policyURI(s.cfg.Security.UserTokenPolicy); p != ua.SecurityPolicyURINone {
		c.UserTokenPolicy = p
	}
	for _, u := range s.cfg.Users {
		c.Users = append(c.Users, nodestore.User(u))
	}
	return s.core.Configure(c)
}

// startup opens the listening socket (UA_Server_run_startup).
func (s *Server) startup() error {
	defer s.object(bootObject)()
	if err := s.core.Startup(s.network.start); err != nil {
		return err
	}
	if s.rel.namesEndpoints {
		s.core.NameEndpoints()
	}
	if s.opaque != nil {
		s.seedOpaque(s.born)
	}
	return nil
}

func bootObject() string { return "boot" }

// object names the object of the allocations to come and returns what undoes it.
func (s *Server) object(name func() string) func() {
	if s.namer == nil {
		return func() {}
	}
	previous := s.namer.SetObject(name())
	return func() { s.namer.SetObject(previous) }
}

// enter names the object of the allocations to come and returns the name for
// leave, as object does with less work.
func (s *Server) enter(name string) (previous string) {
	if s.namer != nil {
		previous = s.namer.SetObject(name)
	}
	return previous
}

func (s *Server) leave(previous string) {
	if s.namer != nil {
		s.namer.SetObject(previous)
	}
}

// RunIterate is one turn of the server's loop: it runs the callbacks that are
// due, then looks once at every socket, and never waits
// (UA_Server_run_iterate(server, false)). It returns a [*CrashError] if the
// server dies; every later call returns the same.
func (s *Server) RunIterate() (err error) {
	if s.dead != nil {
		return s.dead
	}
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(*mem.Crash)
			if !ok {
				panic(r)
			}
			s.dead = (*CrashError)(c)
			err = s.dead
		}
	}()
	s.timer.process(s.cfg.Clock.Monotonic())
	s.network.poll()
	s.timer.processDelayed()
	return nil
}

func (s *Server) addHousekeeping() {
	if id := s.timer.addRepeated(housekeeping, s.cleanup); id != 0 {
		s.timer.entries[s.timer.index(id)].idler = cleanupIdler{s}
	}
}

// cleanup is the housekeeping: sessions, channels, registrations of other servers
// (UA_Server_cleanup).
func (s *Server) cleanup() {
	now := s.cfg.Clock.Monotonic()
	s.cleanupSessions(s.sessionNow())
	s.cleanupChannels(s.channelNow())
	s.cleanupRegistrations(now)
}

// SetLimits changes the limits of the running server. What exists stays.
func (s *Server) SetLimits(l Limits) {
	s.cfg.Limits = l
	s.core.Limits = nodestore.Limits{MaxReferencesPerNode: l.MaxReferencesPerNode, MinSamplingInterval: l.SamplingInterval.Min}
}

// Limits returns the limits of the server.
func (s *Server) Limits() Limits { return s.cfg.Limits }

// Counts are the numbers of objects in the server's lists.
type Counts struct {
	Connections, Channels, Sessions, Subscriptions int
}

// Counts counts the server's objects. Objects that only wait to be freed are
// in no list any more.
func (s *Server) Counts() Counts {
	return Counts{len(s.network.connections), len(s.channels), len(s.sessions), len(s.subscriptions)}
}

// NewServer boots a server: it makes namespace 0, the configuration and the
// variables, and opens the listening socket, taking memory as open62541 does
// on the way. The errors are those of an invalid configuration, of memory that
// is short (it wraps [ErrOutOfMemory]) and of Listen.
func NewServer(cfg ServerConfig) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{s.create, s.configure, s.addSecurityPolicies, s.addSecureEndpoints, s.addVariables, s.startup} {
		if err := step(); err != nil {
			return nil, cfg.Nodeset.tooLarge(err)
		}
	}
	return s, nil
}

// ErrOutOfMemory says that the server could not be made or started for lack of
// memory.
var ErrOutOfMemory = nodestore.ErrOutOfMemory
