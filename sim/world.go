package sim

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

// Config describes a world. Its zero value is a world with seed 0.
type Config struct {
	// Seed decides everything that is random: faults on cables, the hosts'
	// port and sequence numbers, the clients' choices. The same seed gives the
	// same run.
	Seed uint64

	// SyscallCost is the CPU time that a task on a device spends in each system
	// call. 0: 10 µs. Negative: none.
	SyscallCost time.Duration

	// Log is given every line of the event log as text. Nil drops them; the
	// fingerprint covers them all the same.
	Log io.Writer
}

// The network of a world, 192.168.1.0/24: devices are .50 to .99, hosts .100
// and up, in the order in which they are made.
var network = netip.MustParsePrefix("192.168.1.0/24")

const (
	firstDevice = 50
	firstHost   = 100
	lastHost    = 254
)

// A World holds devices, hosts and the cables between them, and the virtual
// time in which they live. It belongs to one goroutine.
type World struct {
	cfg     Config
	loop    *vtime.Loop
	devices []*Device
	hosts   []*wire.Host
	cables  []*Cable
	names   map[string]bool
	addrs   map[netip.Addr]string // whose they are
}

// New returns an empty world at time 0.
func New(cfg Config) *World {
	switch {
	case cfg.SyscallCost == 0:
		cfg.SyscallCost = 10 * time.Microsecond
	case cfg.SyscallCost < 0:
		cfg.SyscallCost = 0
	}
	w := &World{cfg: cfg, loop: vtime.New(cfg.Seed), names: map[string]bool{}, addrs: map[netip.Addr]string{}}
	if cfg.Log != nil {
		w.loop.Log().Keep(cfg.Log)
	}
	return w
}

// Loop returns the world's event loop, for programs that need more than Run.
func (w *World) Loop() *vtime.Loop { return w.loop }

// Now returns the virtual time since the world was made.
func (w *World) Now() time.Duration { return w.loop.Now() }

// Run lets d of virtual time pass. The error is the first thing in the world
// that cannot be: a call from where it is not allowed, a task that spins.
func (w *World) Run(d time.Duration) error { return w.loop.Run(d) }

// RunUntil runs until cond is true; it is asked after every event. If that
// does not come within max, the error is a *vtime.TimeoutError.
func (w *World) RunUntil(cond func() bool, max time.Duration) error {
	return w.loop.RunUntil(cond, max)
}

// Fingerprint returns the SHA-256 of everything that has happened. Two runs of
// the same program were equal, frame for frame, exactly if it is.
func (w *World) Fingerprint() string { return w.loop.Fingerprint() }

// Devices returns the devices in the order in which they were made.
func (w *World) Devices() []*Device { return w.devices }

// Hosts returns the hosts in the order in which they were made.
func (w *World) Hosts() []*wire.Host { return w.hosts }

// Close ends the world and everything that runs in it. It may be called twice.
func (w *World) Close() {
	w.loop.Close()
	for _, h := range w.hosts {
		h.Close()
	}
	w.hosts = nil
}

// Host adds a client computer to the world: a complete TCP/IP stack with a
// network socket and the programs that its Go method starts. Its address is
// the next free one from 192.168.1.100.
func (w *World) Host(name string) (*wire.Host, error) {
	free, err := w.freeAddr(firstHost, lastHost)
	if err != nil {
		return nil, fmt.Errorf("sim: host %q: %w", name, err)
	}
	return w.HostWith(wire.HostConfig{Name: name, Address: free})
}

// HostWith is Host with every setting in the caller's hands.
func (w *World) HostWith(cfg wire.HostConfig) (*wire.Host, error) {
	if err := w.take(cfg.Name, cfg.Address.Addr()); err != nil {
		return nil, err
	}
	h, err := wire.NewHost(w.loop, cfg)
	if err != nil {
		w.release(cfg.Name, cfg.Address.Addr())
		return nil, fmt.Errorf("sim: host %q: %w", cfg.Name, err)
	}
	w.hosts = append(w.hosts, h)
	return h, nil
}

// take claims a name, and an address if it is valid, which must both be unique
// in the world: errors, the log and random streams go by names.
func (w *World) take(name string, ip netip.Addr) error {
	if name == "" {
		return fmt.Errorf("sim: a name was expected, found an empty one")
	}
	if w.names[name] {
		return fmt.Errorf("sim: the name %q is taken: each device, host and cable of a world needs one of its own", name)
	}
	if ip.IsValid() {
		if who, ok := w.addrs[ip]; ok {
			return fmt.Errorf("sim: %q: the address %v is taken by %q", name, ip, who)
		}
		w.addrs[ip] = name
	}
	w.names[name] = true
	return nil
}

// release undoes take, for what could not be made.
func (w *World) release(name string, ip netip.Addr) {
	delete(w.names, name)
	delete(w.addrs, ip)
}

// freeAddr returns the first address of the network, by its last byte, that
// nobody has.
func (w *World) freeAddr(first, last int) (netip.Prefix, error) {
	for n := first; n <= last; n++ {
		if a := addr(n); w.addrs[a] == "" {
			return netip.PrefixFrom(a, network.Bits()), nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("the addresses %v to %v are all taken; give it one", addr(first), addr(last))
}

func addr(last int) netip.Addr {
	a := network.Addr().As4()
	a[3] = byte(last)
	return netip.AddrFrom4(a)
}
