package wire

import (
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// maxUnresolved bounds the addresses for which a host waits for an ARP answer
// at once. gVisor gives up the oldest of more than 64 on a goroutine of its
// own, which would run beside the loop.
const maxUnresolved = 60

// noARP is the detail of errors where the next hop has not answered ARP.
const noARP = "nobody answers ARP"

// neighbours is ARP as Linux does it, with a fixed reachable time: RFC 4861
// would draw it with a floating-point factor from 0.5 to 1.5.
func neighbours() stack.NUDConfigurations {
	c := stack.DefaultNUDConfigurations()
	c.BaseReachableTime = 30 * time.Second
	c.MinRandomFactor, c.MaxRandomFactor = 1, 1
	return c
}

// unresolved is the set of addresses that wait for an ARP answer.
type unresolved map[tcpip.Address]struct{}

// OnNeighborAdded implements stack.NUDDispatcher.
func (u unresolved) OnNeighborAdded(_ tcpip.NICID, e stack.NeighborEntry) { u.note(e) }

// OnNeighborChanged implements stack.NUDDispatcher.
func (u unresolved) OnNeighborChanged(_ tcpip.NICID, e stack.NeighborEntry) { u.note(e) }

// OnNeighborRemoved implements stack.NUDDispatcher.
func (u unresolved) OnNeighborRemoved(_ tcpip.NICID, e stack.NeighborEntry) { delete(u, e.Addr) }

func (u unresolved) note(e stack.NeighborEntry) {
	if e.State == stack.Incomplete {
		u[e.Addr] = struct{}{}
	} else {
		delete(u, e.Addr)
	}
}

// nextHop returns the address to resolve for addr; not valid without a gateway.
func (h *Host) nextHop(addr netip.Addr) netip.Addr {
	if h.cfg.Address.Contains(addr) {
		return addr
	}
	return h.cfg.Gateway
}

// mayResolve reports whether a packet to addr can be sent without too many
// addresses waiting for ARP.
func (m *machine) mayResolve(addr netip.Addr) bool {
	if len(m.unresolved) < maxUnresolved {
		return true
	}
	hop := m.host.nextHop(addr)
	if !hop.IsValid() {
		return true // fails for want of a route
	}
	_, waits := m.unresolved[toStack(hop)]
	return waits || m.resolved(addr)
}

// resolved reports whether the next hop to addr has answered ARP, for errors
// that say more than "timed out".
func (m *machine) resolved(addr netip.Addr) bool {
	hop := m.host.nextHop(addr)
	list, err := m.stack.Neighbors(nicID, ipv4Protocol)
	if err != nil || !hop.IsValid() {
		return false
	}
	for _, n := range list {
		if n.Addr != toStack(hop) {
			continue
		}
		switch n.State {
		case stack.Reachable, stack.Stale, stack.Delay, stack.Probe, stack.Static:
			return true
		}
	}
	return false
}
