package wire

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// HostConfig describes a client host. Where zero makes no sense, a field's
// comment says what it stands for; these values are Linux's, Window's excepted.
type HostConfig struct {
	// Name appears in errors and names the host's random streams. Not empty,
	// and different for each host of a world.
	Name string

	// Address is the IPv4 address with the length of its network's prefix,
	// such as 192.168.1.10/24.
	Address netip.Prefix

	// Gateway is the router for all other networks. Zero: there is none, and
	// they are unreachable.
	Gateway netip.Addr

	// MAC is the Ethernet address. Zero: 02:00 followed by the four bytes of
	// Address.
	MAC MAC

	// MTU is the largest IP packet in bytes, 576 to 1500. The MSS that the host
	// announces is 40 less. 0: 1500.
	MTU int

	// Window is the largest TCP window that the host announces, in bytes. 0:
	// 16384. Above that, what is announced shows gVisor's own bookkeeping,
	// which counts differently on 32-bit systems: the same seed then gives the
	// same run only on systems of equal pointer size.
	Window uint16

	// FirstPort and LastPort bound the ports that the host picks for its own
	// connections. Both 0: 32768 to 60999.
	FirstPort, LastPort uint16

	// TimeWait is how long a connection that this host closed first keeps its
	// port. 0: 60 s. Negative: not at all.
	TimeWait time.Duration

	// ReuseTimeWait lets a new connection take the port of one in TIME_WAIT
	// that is older than 1 s.
	ReuseTimeWait bool

	// Retries is how often a segment without acknowledgement is repeated
	// before the connection is given up, from 1. 0: 15, about 15 min.
	Retries int
}

func (c HostConfig) withDefaults() (HostConfig, error) {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("wire: host %q: "+format, append([]any{c.Name}, args...)...))
	}
	if c.Name == "" {
		bad("Name must not be empty")
	}
	if !c.Address.IsValid() || !c.Address.Addr().Is4() || c.Address.Addr().IsUnspecified() || c.Address.Addr().IsMulticast() {
		bad("Address is %v; an IPv4 address with prefix length such as 192.168.1.10/24 was expected", c.Address)
	} else if c.MAC == (MAC{}) {
		ip := c.Address.Addr().As4()
		c.MAC = MAC{0x02, 0, ip[0], ip[1], ip[2], ip[3]}
	}
	if c.MAC.IsMulticast() {
		bad("MAC is %v, a group address", c.MAC)
	}
	if c.Gateway.IsValid() && (!c.Gateway.Is4() || !c.Address.Contains(c.Gateway)) {
		bad("Gateway is %v; an address in %v was expected", c.Gateway, c.Address.Masked())
	}
	setDefault(&c.MTU, defaultMTU)
	setDefault(&c.Window, defaultWindow)
	if c.MTU < 576 || c.MTU > defaultMTU {
		bad("MTU is %d; 576 to %d was expected", c.MTU, defaultMTU)
	}
	if c.FirstPort == 0 && c.LastPort == 0 {
		c.FirstPort, c.LastPort = 32768, 60999 // Linux: net.ipv4.ip_local_port_range
	}
	if c.FirstPort == 0 || c.LastPort < c.FirstPort {
		bad("ports %d to %d; a range that counts up from at least 1 was expected", c.FirstPort, c.LastPort)
	}
	setDefault(&c.TimeWait, tcp.DefaultTCPTimeWaitTimeout)
	setDefault(&c.Retries, tcp.MaxRetries)
	if c.Retries < 1 || c.Retries > math.MaxInt32 {
		bad("Retries is %d; at least 1 was expected", c.Retries)
	}
	return c, errors.Join(errs...)
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// A Host is a computer with programs, the [vtime.Proc] that Go starts, and a
// complete TCP/IP stack beneath them.
type Host struct {
	loop   *vtime.Loop
	cfg    HostConfig
	end    *End
	m      *machine // nil while the power is off
	procs  []*vtime.Proc
	closed bool

	restAlways bool // rest also where there is nothing to do, for a test
}

// NewHost returns a host that is powered on and has no cable yet. Close must be
// called in the end: the stack has a goroutine.
func NewHost(loop *vtime.Loop, cfg HostConfig) (*Host, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{loop: loop, cfg: cfg}
	if h.m, err = newMachine(h); err != nil {
		return nil, err
	}
	return h, nil
}

// Name returns the host's name.
func (h *Host) Name() string { return h.cfg.Name }

// Addr returns the host's IPv4 address.
func (h *Host) Addr() netip.Addr { return h.cfg.Address.Addr() }

// MAC returns the host's Ethernet address.
func (h *Host) MAC() MAC { return h.cfg.MAC }

// Config returns the configuration with every default filled in.
func (h *Host) Config() HostConfig { return h.cfg }

// Connect plugs the cable into the host's one network socket.
func (h *Host) Connect(c *Cable) error {
	if h.end != nil {
		return &AttachError{Cable: c.Name(), Port: h.cfg.Name, Why: fmt.Sprintf("the host's only socket holds cable %q; a Switch joins several", h.end.cable.Name())}
	}
	end, err := c.Attach(h.cfg.Name, h)
	if err != nil {
		return err
	}
	h.end = end
	return nil
}

// End returns the host's end of its cable, or nil before Connect.
func (h *Host) End() *End { return h.end }

// Receive implements Port.
func (h *Host) Receive(frame Frame) {
	if h.m != nil && !h.loop.Closing() {
		h.m.deliver(frame)
	}
}

func (h *Host) send(frame Frame) {
	if h.end == nil {
		return
	}
	if err := h.end.Send(frame); err != nil {
		h.loop.Fail(fmt.Errorf("wire: host %q: %w", h.cfg.Name, err))
	}
}

// Go starts a program on the host. It ends where it is when the host is powered
// off: its deferred functions do not run, and nothing of it is closed.
func (h *Host) Go(name string, f func(*vtime.Proc)) *vtime.Proc {
	live := h.procs[:0]
	for _, p := range h.procs {
		if !p.Done() {
			live = append(live, p)
		}
	}
	clear(h.procs[len(live):])
	p := h.loop.Go(h.cfg.Name+"/"+name, f)
	h.procs = append(live, p)
	return p
}

// PowerOff is what pulling the mains plug does: programs, sockets and the stack
// are gone, and nothing is sent any more. Calls of other processes on this
// host's connections fail with ErrPoweredOff.
func (h *Host) PowerOff() {
	if h.m == nil {
		return
	}
	h.loop.Log().Emit("host "+h.cfg.Name, "power off")
	m := h.m
	h.m = nil
	for _, p := range h.procs {
		p.Kill()
	}
	h.procs = nil
	m.destroy()
}

// PowerOn boots the host with a new stack that knows nothing of the time before
// and answers segments of old connections with RST.
func (h *Host) PowerOn() error {
	if h.m != nil || h.closed {
		return nil
	}
	h.loop.Log().Emit("host "+h.cfg.Name, "power on")
	m, err := newMachine(h)
	h.m = m
	return err
}

// On reports whether the host is powered on.
func (h *Host) On() bool { return h.m != nil }

// Close releases the host's stack and its goroutine. The world is over for the
// host then; PowerOff is for what happens within a simulation.
func (h *Host) Close() {
	if h.m != nil {
		h.m.destroy()
		h.m = nil
	}
	h.closed = true
}

// ready returns the machine if a call can be made on it.
func (h *Host) ready(op string, remote netip.AddrPort) (*machine, error) {
	switch {
	case h.closed || h.loop.Closing():
		return nil, h.fail(op, netip.AddrPort{}, remote, ErrClosed)
	case h.m == nil:
		return nil, h.fail(op, netip.AddrPort{}, remote, ErrPoweredOff)
	case h.end == nil:
		return nil, h.fail(op, netip.AddrPort{}, remote, ErrNotAttached)
	case remote.Addr().Is4() && !h.m.mayResolve(remote.Addr()):
		return nil, h.fail(op, netip.AddrPort{}, remote, ErrBusy)
	}
	return h.m, nil
}

func (h *Host) fail(op string, local, remote netip.AddrPort, err error) *NetError {
	return &NetError{Op: op, Host: h.cfg.Name, Local: local, Remote: remote, At: h.loop.Now(), Err: err}
}

func toStack(a netip.Addr) tcpip.Address { return tcpip.AddrFrom4(a.As4()) }

func fromStackAddr(a tcpip.FullAddress) netip.AddrPort {
	if a.Addr.Len() != 4 {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4(a.Addr.As4()), a.Port)
}
