package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A DHCPConfig says what a DHCP server gives out.
type DHCPConfig struct {
	// Assign returns the address of a client, with its network's prefix length,
	// as a server with reservations has it; false: it gets none. Required.
	Assign func(client MAC) (netip.Prefix, bool)

	// Lease is for how long, in whole seconds. 0: one day.
	Lease time.Duration

	// Router and DNS are the gateway and the name server that clients are told.
	// Zero: none.
	Router, DNS netip.Addr
}

// DHCP message types and options (RFC 2132).
const (
	dhcpDiscover, dhcpOffer, dhcpRequest, dhcpAck, dhcpNak = 1, 2, 3, 5, 6

	dhcpFixed                                      = 236 // bytes before the magic number
	dhcpMagic                                      = 0x63825363
	optMask, optRouter, optDNS, optRequested       = 1, 3, 6, 50
	optLease, optType, optServer, optRenew, optEnd = 51, 53, 54, 58, 255
)

// ServeDHCP makes the host a DHCP server until it is closed or loses its power.
// It answers DISCOVER and REQUEST by broadcast, and refuses (NAK) a request for
// another address than the client's.
func (h *Host) ServeDHCP(cfg DHCPConfig) error {
	if cfg.Assign == nil {
		return fmt.Errorf("wire: %s: ServeDHCP: DHCPConfig.Assign is nil: want a function that knows the clients' addresses", h.Name())
	}
	if cfg.Lease == 0 {
		cfg.Lease = 24 * time.Hour
	}
	if cfg.Lease < time.Second || cfg.Lease > (1<<32-1)*time.Second {
		return fmt.Errorf("wire: %s: ServeDHCP: a lease of %v: want 1 s to 2^32-1 s", h.Name(), cfg.Lease)
	}
	u, err := h.ListenUDP(67)
	if err != nil {
		return err
	}
	h.Go("dhcpd", func(p *vtime.Proc) {
		buf := make([]byte, 1500)
		for {
			n, _, err := u.ReceiveFrom(p, buf, 0)
			if err != nil {
				return
			}
			if reply := cfg.reply(buf[:n], h.Addr()); reply != nil {
				u.SendTo(reply, netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), 68))
			}
		}
	})
	return nil
}

// reply is the answer to a message; nil: none.
func (cfg *DHCPConfig) reply(m []byte, server netip.Addr) []byte {
	if len(m) < dhcpFixed+4 || m[0] != 1 || m[1] != 1 || m[2] != 6 || binary.BigEndian.Uint32(m[dhcpFixed:]) != dhcpMagic {
		return nil
	}
	opts := dhcpOptions(m[dhcpFixed+4:])
	addr, ok := cfg.Assign(MAC(m[28:34]))
	if !ok || !addr.Addr().Is4() || len(opts[optType]) != 1 {
		return nil
	}
	ip, self := addr.Addr().As4(), server.As4()
	kind := byte(dhcpOffer)
	switch opts[optType][0] {
	case dhcpDiscover:
	case dhcpRequest:
		if id := opts[optServer]; len(id) == 4 && [4]byte(id) != self {
			return nil // it has chosen another server
		}
		kind = dhcpAck
		want := opts[optRequested] // or the address that it has and renews
		if len(want) != 4 {
			want = m[12:16]
		}
		if [4]byte(want) != ip {
			kind = dhcpNak
		}
	default:
		return nil
	}
	r := make([]byte, dhcpFixed+4, 300)
	r[0], r[1], r[2] = 2, 1, 6
	copy(r[4:8], m[4:8])      // transaction
	copy(r[10:12], m[10:12])  // flags
	copy(r[28:44], m[28:44])  // hardware address
	copy(r[236:], m[236:240]) // magic number
	r = append(r, optType, 1, kind, optServer, 4)
	r = append(r, self[:]...)
	if kind != dhcpNak {
		copy(r[16:20], ip[:])
		r = append(r, optMask, 4)
		r = binary.BigEndian.AppendUint32(r, ^uint32(0)<<(32-addr.Bits()))
		for _, o := range []struct {
			code byte
			a    netip.Addr
		}{{optRouter, cfg.Router}, {optDNS, cfg.DNS}} {
			if o.a.Is4() {
				a := o.a.As4()
				r = append(append(r, o.code, 4), a[:]...)
			}
		}
		s := uint32(cfg.Lease / time.Second)
		r = append(r, optLease, 4)
		r = binary.BigEndian.AppendUint32(r, s)
		r = append(r, optRenew, 4)
		r = binary.BigEndian.AppendUint32(r, s/2)
	}
	r = append(r, optEnd)
	for len(r) < 300 { // the least that old clients take (RFC 1542)
		r = append(r, 0)
	}
	return r
}

// dhcpOptions reads the options of a message, up to the first that is cut off.
func dhcpOptions(o []byte) map[byte][]byte {
	opts := map[byte][]byte{}
	for len(o) > 0 && o[0] != optEnd {
		if o[0] == 0 {
			o = o[1:]
			continue
		}
		if len(o) < 2 || len(o) < 2+int(o[1]) {
			break
		}
		opts[o[0]] = o[2 : 2+o[1]]
		o = o[2+o[1]:]
	}
	return opts
}
