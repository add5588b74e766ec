package lwipmodel

import "encoding/binary"

// DHCP messages.

const (
	dhcpDiscover = 1
	dhcpOffer    = 2
	dhcpRequest  = 3
	dhcpDecline  = 4
	dhcpAck      = 5
	dhcpNak      = 6
	dhcpRelease  = 7
)

const (
	dhcpOptions    = 240 // offset of the options
	dhcpOptionsLen = 68  // CONFIG_LWIP_DHCP_OPTIONS_LEN
	dhcpCookie     = 0x63825363
	dhcpHostname   = "espressif" // CONFIG_LWIP_LOCAL_HOSTNAME
)

// send builds a message and sends it to dst; without memory it is not sent.
func (d *dhcp) send(typ byte, dst ip4) {
	c := d.c
	p := c.pbufAllocRAM(c.sz.headerTransport, dhcpOptions+dhcpOptionsLen, c.nif.holder)
	if p == nil {
		return
	}
	b := p.data
	clear(b)
	if (typ != dhcpRequest || d.state == dhcpRebooting) && d.tries == 0 {
		d.xid = c.rand()
	}
	b[0], b[1], b[2] = 1, 1, 6
	binary.BigEndian.PutUint32(b[4:], d.xid)
	known := d.state == dhcpRenewing || d.state == dhcpRebinding
	if typ == dhcpDecline || typ == dhcpRelease || typ == dhcpRequest && known {
		binary.BigEndian.PutUint32(b[12:], uint32(c.nif.ip))
	}
	copy(b[28:], c.nif.hw[:])
	binary.BigEndian.PutUint32(b[236:], dhcpCookie)
	o := append(b[dhcpOptions:dhcpOptions], 53, 1, typ)
	addr := func(option byte, a ip4) { o = binary.BigEndian.AppendUint32(append(o, option, 4), uint32(a)) }
	if typ == dhcpDiscover || typ == dhcpRequest {
		size := c.nif.mtu
		if d.state == dhcpRebooting {
			size = 576
		}
		o = append(o, 57, 2, byte(size>>8), byte(size))
	}
	hostname := func() {
		n := min(len(dhcpHostname), dhcpOptionsLen-len(o)-3)
		o = append(append(o, 12, byte(n)), dhcpHostname[:n]...)
	}
	list := func() { o = append(o, 55, 4, 1, 3, 28, 6) } // mask, router, broadcast, DNS
	switch {
	case typ == dhcpDiscover:
		hostname()
		list()
	case typ == dhcpRequest && d.state == dhcpRequesting:
		addr(50, d.offered)
		addr(54, d.server)
		list()
		hostname()
	case typ == dhcpRequest && d.state == dhcpRebooting:
		addr(50, d.offered)
		list()
		hostname()
	case typ == dhcpRequest:
		list()
		hostname()
	case typ == dhcpDecline:
		addr(50, d.offered)
	case typ == dhcpRelease:
		addr(54, d.server)
	}
	if len(o)+9 <= dhcpOptionsLen { // the client identifier
		o = append(append(o, 61, 7, 1), c.nif.hw[:]...)
	}
	if len(o) < dhcpOptionsLen {
		b[dhcpOptions+len(o)] = 255
	}
	c.udpSendFrom(d.pcb, p, c.nif.ip, dst, dhcpServerPort)
	c.pbufFree(p)
}

// dhcpReply is what a message from a server says.
type dhcpReply struct {
	given  [256]bool
	value  [256]uint32
	dns    [dnsServers]ip4
	dnsLen int
}

// parseOptions reads the options from b; false: they are malformed.
func (r *dhcpReply) parseOptions(b []byte) bool {
	for len(b) > 0 && b[0] != 255 {
		op := b[0]
		if op == 0 {
			b = b[1:]
			continue
		}
		if len(b) < 2 {
			return false
		}
		n := int(b[1])
		if len(b) < 2+n {
			return false
		}
		v := b[2 : 2+n]
		want := 0
		switch op {
		case 1, 51, 54, 58, 59: // mask, lease, server, T1, T2
			if n != 4 {
				return false
			}
			want = 4
		case 3: // router: the first
			if n < 4 {
				return false
			}
			want = 4
		case 6: // DNS
			if n%4 != 0 {
				return false
			}
			for i := 0; i+4 <= n && r.dnsLen < dnsServers; i += 4 {
				r.dns[r.dnsLen] = ip4(binary.BigEndian.Uint32(v[i:]))
				r.dnsLen++
			}
		case 52, 53: // overload, message type
			if n != 1 {
				return false
			}
			want = 1
		case 26: // MTU
			if n == 2 {
				want = 2
			}
		}
		if want > 0 && !r.given[op] {
			r.given[op] = true
			for _, x := range v[:want] {
				r.value[op] = r.value[op]<<8 | uint32(x)
			}
		}
		b = b[2+n:]
	}
	return true
}

// input is dhcp_recv.
func (d *dhcp) input(p *pbuf, _ ip4, _ uint16) {
	c := d.c
	b := p.data
	defer c.pbufFree(p)
	if len(b) < dhcpOptions || b[0] != 2 || hwAddr(b[28:34]) != c.nif.hw || binary.BigEndian.Uint32(b[4:]) != d.xid {
		return
	}
	var r dhcpReply
	if !r.parseOptions(b[dhcpOptions:]) {
		return
	}
	if o := r.value[52]; r.given[52] {
		if o&1 != 0 && !r.parseOptions(b[108:236]) || o&2 != 0 && !r.parseOptions(b[44:108]) {
			return
		}
	}
	yours := ip4(binary.BigEndian.Uint32(b[16:]))
	asked := d.state == dhcpRebooting || d.state == dhcpRebinding || d.state == dhcpRenewing
	switch r.value[53] {
	case dhcpOffer:
		if d.state == dhcpSelecting && r.given[54] {
			d.requestTimeout = 0
			d.server, d.offered = ip4(r.value[54]), yours
			d.request()
		}
	case dhcpAck:
		switch {
		case d.state == dhcpRequesting:
			d.ack(&r, yours)
			if c.opt.DHCPARPCheck {
				d.check()
			} else {
				d.bind()
			}
		case asked:
			d.ack(&r, yours)
			d.bind()
		}
	case dhcpNak:
		if asked || d.state == dhcpRequesting {
			d.setState(dhcpBackingOff)
			c.nif.setAddr(0, 0, 0)
			d.discover()
		}
	}
}

// ack is dhcp_handle_ack.
func (d *dhcp) ack(r *dhcpReply, yours ip4) {
	if r.given[51] {
		d.offeredT0Lease = r.value[51]
	}
	d.offeredT1, d.offeredT2 = d.offeredT0Lease/2, uint32(uint64(d.offeredT0Lease)*7)/8
	if r.given[58] {
		d.offeredT1 = r.value[58]
	}
	if r.given[59] {
		d.offeredT2 = r.value[59]
	}
	d.offered = yours
	d.mask, d.maskGiven = ip4(r.value[1]), r.given[1]
	d.gateway = ip4(r.value[3])
	if m := r.value[26]; r.given[26] && m < uint32(d.c.nif.mtu) {
		d.c.nif.mtu = uint16(m)
	}
	copy(d.c.dns.servers[:d.c.opt.DNSMaxServers-1], r.dns[:r.dnsLen]) // the last is the fallback's
}
