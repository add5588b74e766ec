package wire

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// nicID is the one network interface of a host.
const nicID tcpip.NICID = 1

// machine is a host from power-on to power-off: its stack, its sockets, and
// what the stack has asked for since it last rested.
type machine struct {
	host  *Host
	stack *stack.Stack
	tcp   stack.TransportProtocol
	nic   *nic
	notes []note
	busy  bool // the processor has been given work
	dead  bool

	socks    []*sock // open sockets in the order of creation, nil where closed
	closed   int     // how many are nil
	vanished map[tuple]vanishing
	probes   map[tuple]*probe

	unresolved unresolved
}

// note is one thing that a stack asked for: exactly one field is set.
type note struct {
	frame Frame
	timer *stackTimer
	sock  *sock
}

// gomaxprocs guards the process-wide setting while a stack is made: gVisor's
// TCP makes one processor for each CPU that it may use, and a host needs one.
// With more, each rest would wait for all of them.
var gomaxprocs sync.Mutex

func withOneProcessor(f func()) {
	gomaxprocs.Lock()
	defer gomaxprocs.Unlock()
	if n := runtime.GOMAXPROCS(0); n != 1 {
		runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(n)
	}
	f()
}

func newMachine(h *Host) (*machine, error) {
	m := &machine{host: h, vanished: map[tuple]vanishing{}, probes: map[tuple]*probe{}, unresolved: unresolved{}}
	m.nic = &nic{m: m, addr: tcpip.LinkAddress(h.cfg.MAC[:]), mtu: uint32(h.cfg.MTU)}
	secure := stackRand{h.loop.Rand("host " + h.cfg.Name + " secure")}
	withOneProcessor(func() {
		m.stack = stack.New(stack.Options{
			NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
			TransportProtocols: []stack.TransportProtocolFactory{newWatchedTCP(m), udp.NewProtocol, icmp.NewProtocol4},
			Clock:              stackClock{m},
			HandleLocal:        true,
			NUDConfigs:         neighbours(),
			NUDDisp:            m.unresolved,
			RandSource:         stackRand{h.loop.Rand("host " + h.cfg.Name)},
			SecureRNG:          secure,
		})
	})
	m.tcp = m.stack.TransportProtocolInstance(tcp.ProtocolNumber)
	m.tcp.Pause()
	if err := m.configure(); err != nil {
		m.destroy()
		return nil, err
	}
	m.flush()
	return m, nil
}

func (m *machine) configure() error {
	cfg := m.host.cfg
	s := m.stack
	var first error
	check := func(what string, err tcpip.Error) {
		if err != nil && first == nil {
			first = fmt.Errorf("wire: host %q: %s: %s", cfg.Name, what, err)
		}
	}
	check("creating the network interface", s.CreateNIC(nicID, m.nic))
	check("setting the address", s.AddProtocolAddress(nicID, tcpip.ProtocolAddress{
		Protocol: ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{
			Address:   toStack(cfg.Address.Addr()),
			PrefixLen: cfg.Address.Bits(),
		},
	}, stack.AddressProperties{}))
	local, err := tcpip.NewSubnet(toStack(cfg.Address.Masked().Addr()), tcpip.MaskFromBytes(maskOf(cfg.Address.Bits())))
	if err != nil {
		return fmt.Errorf("wire: host %q: address %v: %w", cfg.Name, cfg.Address, err)
	}
	routes := []tcpip.Route{{Destination: local, NIC: nicID}}
	if cfg.Gateway.IsValid() {
		routes = append(routes, tcpip.Route{Destination: header.IPv4EmptySubnet, Gateway: toStack(cfg.Gateway), NIC: nicID})
	}
	s.SetRouteTable(routes)
	check("setting the port range", s.SetPortRange(cfg.FirstPort, cfg.LastPort))
	// The limiter computes in floating point; no test of ours needs it.
	s.SetICMPLimit(math.MaxFloat64)

	delay := tcpip.TCPDelayEnabled(true)
	check("enabling Nagle's algorithm", s.SetTransportProtocolOption(tcp.ProtocolNumber, &delay))
	timeWait := tcpip.TCPTimeWaitTimeoutOption(max(cfg.TimeWait, 0))
	check("setting TIME_WAIT", s.SetTransportProtocolOption(tcp.ProtocolNumber, &timeWait))
	reuse := tcpip.TCPTimeWaitReuseDisabled
	if cfg.ReuseTimeWait {
		reuse = tcpip.TCPTimeWaitReuseGlobal
	}
	check("setting the reuse of TIME_WAIT", s.SetTransportProtocolOption(tcp.ProtocolNumber, &reuse))
	// The stack derives the window's scale from the largest buffer; sockets
	// get a larger one past this limit, see newTCP.
	buffers := tcpip.TCPReceiveBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: unscaled, Max: unscaled}
	check("setting the receive buffer", s.SetTransportProtocolOption(tcp.ProtocolNumber, &buffers))
	retries := tcpip.TCPMaxRetriesOption(cfg.Retries)
	check("setting retries", s.SetTransportProtocolOption(tcp.ProtocolNumber, &retries))
	return first
}

func maskOf(bits int) []byte {
	m := uint32(math.MaxUint32) << (32 - bits)
	return []byte{byte(m >> 24), byte(m >> 16), byte(m >> 8), byte(m)}
}

func (m *machine) flush() {
	for i := range m.notes {
		n := m.notes[i]
		m.notes[i] = note{}
		switch {
		case n.frame != nil:
			m.host.send(n.frame)
		case n.timer != nil:
			n.timer.settle()
		case n.sock != nil:
			n.sock.noted = false
			n.sock.wake()
		}
	}
	m.notes = m.notes[:0]
}

// deliver gives a frame from the cable to the stack.
func (m *machine) deliver(frame Frame) {
	if !m.accepts(frame) {
		return
	}
	m.nic.deliver(frame)
	m.rest()
}

// accepts filters as the network hardware does (by address), and drops what is
// meant for vanished connections.
func (m *machine) accepts(frame Frame) bool {
	var dst MAC
	copy(dst[:], frame)
	if dst != m.host.cfg.MAC && !dst.IsMulticast() {
		return false
	}
	if len(m.vanished) == 0 && len(m.probes) == 0 {
		return true
	}
	h := parseHeaders(frame)
	if h.proto != protoTCP || h.transport == 0 {
		return true
	}
	t := h.tuple.reverse()
	if p := m.probes[t]; p != nil {
		p.answer(h.flags)
	}
	_, gone := m.vanished[t]
	return !gone
}

// destroy takes the power: nothing leaves the stack any more, no timer of it
// runs, and whoever waits on a socket is woken and finds the host off.
func (m *machine) destroy() {
	m.dead = true
	for _, s := range m.socks {
		if s != nil {
			s.wake()
		}
	}
	m.notes = nil
	// Closing a paused stack would hang: its processor could not end.
	m.tcp.Resume()
	m.stack.Close()
	m.tcp.Wait()
}
