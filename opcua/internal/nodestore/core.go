package nodestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// sizeofServer is the size of UA_Server in bytes (recorded).
const sizeofServer = 4984

// Options are what a new server needs.
type Options struct {
	// Rules are those of the version; nil: v1.2-rc1.
	Rules *Rules
	// Nodeset is the table that namespace 0 is built of.
	Nodeset Nodeset
	// Memory is the allocator. Required.
	Memory mem.Memory
	// Now is the wall clock, in units of 100 ns since 1601 (UA_DateTime_now). Required.
	Now func() int64
	// Random draws a 32-bit number (UA_UInt32_random); the server's one
	// generator, so that session ids come out as recorded. Required.
	Random func() uint32

	// AddHousekeeping makes the timer entry of the housekeeping, where
	// UA_Server_init adds its repeated callback. As there, a failure is not
	// noticed. Nil: none.
	AddHousekeeping func()
	// ClearTimer gives back all timer entries, where UA_Server_delete does it.
	// Nil: there are none.
	ClearTimer func()
	// GetMonitoredItems is the method of the server object. Nil: calling it
	// fails with BadInternalError.
	GetMonitoredItems MethodFunc
}

// Limits are limits of the server that the node store looks at. They can change
// while the server runs.
type Limits struct {
	MaxReferencesPerNode uint32  // in a browse result, 0: no limit
	MinSamplingInterval  float64 // ms, the value of MinSupportedSampleRate
}

// Core is the part of UA_Server that exists before the first client comes: the
// address space, the configuration, and the services on them.
type Core struct {
	// Limits may be changed at any time.
	Limits Limits

	opts      Options
	m         mem.Memory
	block     uint32 // UA_Server
	nodes     *nodeMap
	admin     Session                           // of the server itself
	bootstrap bool                              // namespace 0 is being built: values may be missing
	depth     int                               // of recursions along the address space
	way       [maxTreeDepth + 1]*uatypes.NodeID // room for isNodeInTree

	namespaces uatypes.Array[uatypes.Str]
	startTime  int64 // wall clock
	config     config
	discovery  uatypes.Str // URL of the network layer
}

// ErrOutOfMemory says that the server could not be made or started for lack of
// memory.
var ErrOutOfMemory = errors.New("opcua/internal/nodestore: out of memory")

// New makes a server with namespace 0 and without a configuration (UA_Server_new).
// If memory is short all of it is given back and the error is ErrOutOfMemory,
// wrapped with the step at which it happened.
func New(opts Options) (*Core, error) {
	if opts.Memory == nil || opts.Now == nil || opts.Random == nil {
		return nil, errors.New("opcua/internal/nodestore: Options.Memory, Now and Random are required")
	}
	c := &Core{opts: opts, m: opts.Memory, admin: Session{admin: true}}
	var ok bool
	if c.nodes, ok = newNodeMap(c.m); !ok {
		return nil, fmt.Errorf("%w: node map", ErrOutOfMemory)
	}
	if c.block = c.m.Calloc(sizeofServer, "UA_Server"); c.block == 0 {
		c.config.clear(c)
		return nil, fmt.Errorf("%w: UA_Server", ErrOutOfMemory)
	}
	if c.namespaces, ok = uatypes.NewArray[uatypes.Str](c.m, 2, "UA_String"); !ok {
		c.Delete()
		return nil, fmt.Errorf("%w: namespace array", ErrOutOfMemory)
	}
	c.namespaces.V[0] = c.newString("http://opcfoundation.org/UA/")
	if opts.AddHousekeeping != nil {
		opts.AddHousekeeping()
	}
	if err := c.initNamespace0(); err != nil {
		c.Delete()
		return nil, err
	}
	return c, nil
}

// Delete gives back all memory (UA_Server_delete). Sessions, channels and
// subscriptions must be gone.
func (c *Core) Delete() {
	for i := range c.namespaces.V {
		uatypes.Clear(c.m, &c.namespaces.V[i])
	}
	c.m.Free(c.namespaces.P)
	c.namespaces = uatypes.Array[uatypes.Str]{}
	if c.opts.ClearTimer != nil {
		c.opts.ClearTimer()
	}
	c.config.clear(c)
	c.m.Free(c.block)
	c.block = 0
}

// maxDepth is how deep the server may recurse along circles in the address space
// before it leaves its stack: a level of recursiveDeleteNode, say, takes about
// 240 of the 24,336 bytes that the ESP32 port gives its task (assumed).
const maxDepth = 100

// descend counts a level of a recursion that nothing else limits and returns what
// ends it. Usually such a recursion ends for lack of memory, for each level keeps
// the result of a browse.
func (c *Core) descend(function string) (ascend func()) {
	if c.depth++; c.depth > maxDepth {
		panic(&mem.Crash{Function: function, Cause: "recursion leaves the stack of the task"})
	}
	return func() { c.depth-- }
}

func (c *Core) random() uint32 { return c.opts.Random() }

func (c *Core) now() int64 { return c.opts.Now() }

// randomGuid draws four numbers; of the last two it uses overlapping bits
// (UA_Guid_random, src/ua_types.c).
func (c *Core) randomGuid() uatypes.Guid {
	var g uatypes.Guid
	binary.LittleEndian.PutUint32(g[0:], c.random())
	binary.LittleEndian.PutUint32(g[4:], c.random())
	for i := 8; i < 16; i += 4 {
		r := c.random()
		g[i], g[i+1], g[i+2], g[i+3] = byte(r), byte(r>>4), byte(r>>8), byte(r>>12)
	}
	return g
}

// newString makes a string on the heap (UA_String_fromChars, src/ua_types.c).
// Without memory it is null, which callers do not notice.
func (c *Core) newString(text string) uatypes.Str {
	if text == "" {
		return uatypes.Str{P: uatypes.Empty}
	}
	s, ok := uatypes.NewBuffer(c.m, uint32(len(text)), "UA_String")
	if ok {
		copy(s.B, text)
	}
	return s
}

// setupNamespace1 gives namespace 1 the application URI as its name, when it is
// first needed (setupNs1Uri, src/server/ua_server.c).
func (c *Core) setupNamespace1() {
	if ns := &c.namespaces.V[1]; ns.P == uatypes.Null {
		uatypes.Copy(c.m, ns, &c.config.application.ApplicationURI)
	}
}

// AddNamespace adds a namespace and returns its index; a name that is there
// already keeps its index. Without memory it returns 0 (addNamespace).
func (c *Core) AddNamespace(name string) uint16 {
	c.setupNamespace1()
	s := uatypes.Const(name)
	for i := range c.namespaces.V {
		if c.namespaces.V[i].Equal(&s) {
			return uint16(i)
		}
	}
	n := len(c.namespaces.V)
	p := c.m.Realloc(c.namespaces.P, uint32(n+1)*uatypes.TypeString.Size(), "UA_String")
	if p == 0 {
		return 0
	}
	c.namespaces.P = p
	var dup uatypes.Str
	if uatypes.Copy(c.m, &dup, &s) != uatypes.Good {
		return 0
	}
	c.namespaces.V = append(c.namespaces.V, dup)
	return uint16(n)
}

// Nodes returns the number of nodes.
func (c *Core) Nodes() int { return int(c.nodes.count) }

// Has reports whether there is a node with an id, and returns its class.
func (c *Core) Has(id *uatypes.NodeID) (ua.NodeClass, bool) {
	s := c.nodes.find(id)
	if s == nil {
		return 0, false
	}
	return s.node.class, true
}

// MinimumSamplingInterval returns the attribute of a variable, in milliseconds;
// 0 for anything else.
func (c *Core) MinimumSamplingInterval(id *uatypes.NodeID) float64 {
	if s := c.nodes.find(id); s != nil {
		return s.node.minimumSamplingInterval
	}
	return 0
}
