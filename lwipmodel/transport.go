package lwipmodel

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// ip is the device's IP layer: a gVisor stack with lwIP's TCP and UDP in place
// of gVisor's. gVisor parses and routes IPv4 and answers ICMP echo; everything
// that lwIP does differently is done around it: checksums, fragments, the
// identification counter, ARP, and the memory of every packet.
//
// gVisor calls the transport protocols and the link under its locks, so they
// only note what came; input and send act on it after gVisor has returned.
type ip struct {
	c     *core
	gv    *stack.Stack
	link  linkEndpoint
	id    uint16 // lwIP's ip_id
	addr  ip4    // the address that gVisor's NIC has
	route *stack.Route
	to    ip4

	loop    loopif
	got     delivered
	replies [][]byte // packets that gVisor wants to send
}

// delivered is a packet that gVisor passed to a transport protocol.
type delivered struct {
	proto  uint8 // 0: none
	src    ip4
	dst    ip4
	packet []byte // with its IP header
}

// IP protocol numbers.
const (
	protoICMP uint8 = 1
	protoTCP  uint8 = 6
	protoUDP  uint8 = 17
)

const gvNIC = 1

func newIP(c *core, loop *vtime.Loop, name string) *ip {
	p := &ip{c: c}
	p.loop.c = c
	p.link = linkEndpoint{ip: p}
	rnd := loop.Rand(name + " ip")
	p.gv = stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{
			func(*stack.Stack) stack.TransportProtocol {
				return &transport{p, header.TCPProtocolNumber, header.TCPMinimumSize}
			},
			func(*stack.Stack) stack.TransportProtocol {
				return &transport{p, header.UDPProtocolNumber, header.UDPMinimumSize}
			},
		},
		Clock:      ipClock{loop},
		RandSource: ipRand{rnd},
		SecureRNG:  ipRand{rnd},
	})
	if err := p.gv.CreateNIC(gvNIC, &p.link); err != nil {
		panic("lwipmodel: the stack of the device refuses its interface: " + err.String())
	}
	p.gv.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: gvNIC}})
	// lwIP sets no limit to how many echo requests it answers.
	p.gv.SetICMPLimit(1 << 30)
	p.gv.SetICMPBurst(1 << 30)
	return p
}

func gvAddr(a ip4) tcpip.Address {
	return tcpip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)})
}

func fromGV(a tcpip.Address) ip4 {
	b := a.As4()
	return ip4(binary.BigEndian.Uint32(b[:]))
}

// sync gives gVisor's NIC the address of the interface.
func (p *ip) sync() {
	n := &p.c.nif
	if p.addr == n.ip {
		return
	}
	if p.addr != 0 {
		p.gv.RemoveAddress(gvNIC, gvAddr(p.addr))
	}
	if p.route != nil {
		p.route.Release()
		p.route = nil
	}
	if n.ip != 0 {
		prefix := 0
		for m := n.mask; m != 0; m <<= 1 {
			prefix++
		}
		p.gv.AddProtocolAddress(gvNIC, tcpip.ProtocolAddress{
			Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddressWithPrefix{Address: gvAddr(n.ip), PrefixLen: prefix},
		}, stack.AddressProperties{})
	}
	p.addr = n.ip
}

// input is ip4_input; q begins with the IP header. It reports which transport
// protocol the packet is for, if any, and returns it from that protocol's header
// on; nil if it waits for other fragments.
func (p *ip) input(q *pbuf) (delivered, *pbuf) {
	b := q.data
	if len(b) < 20 || b[0]>>4 != 4 {
		return delivered{}, q
	}
	hlen, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if hlen < 20 || total < hlen || total > len(b) {
		return delivered{}, q
	}
	if binary.BigEndian.Uint16(b[6:])&0x3fff != 0 { // a fragment
		if dst := ip4(binary.BigEndian.Uint32(b[16:])); !p.c.opt.IP4Reassembly || dst != p.c.nif.ip && !p.c.nif.broadcast(dst) {
			return delivered{}, q
		}
		if q = p.c.reass.add(q); q == nil {
			return delivered{}, nil
		}
		b = q.data
		hlen, total = 20, len(b)
	}
	b = b[:total]
	if p.dhcpReply(b, hlen) {
		// Accepted before the interface has its address.
		q.data = b[hlen:]
		q.totLen = uint16(total - hlen)
		return delivered{
			proto: protoUDP, packet: b, src: ip4(binary.BigEndian.Uint32(b[12:])), dst: ip4(binary.BigEndian.Uint32(b[16:])),
		}, q
	}
	p.sync()
	pb := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(b)})
	p.got = delivered{}
	p.link.to.DeliverNetworkPacket(header.IPv4ProtocolNumber, pb)
	pb.DecRef()
	if p.got.proto != 0 {
		p.got.packet = b
		q.data = b[hlen:]
		q.totLen = uint16(total - hlen)
	}
	return p.got, q
}

// dhcpReply reports whether a packet is for the port of the DHCP client, which
// takes it whatever its address (IP_ACCEPT_LINK_LAYER_ADDRESSING).
func (p *ip) dhcpReply(b []byte, hlen int) bool {
	return p.c.nif.dhcp.pcb != nil && b[9] == protoUDP && len(b) >= hlen+8 && binary.BigEndian.Uint16(b[hlen+2:]) == dhcpClientPort
}

// sendUnrouted sends a packet without an address of the device, or to everybody.
func (p *ip) sendUnrouted(proto uint8, src, dst ip4, ttl, tos uint8, body []byte, q *pbuf) Err {
	frame := make([]byte, etherHeader+20, max(etherHeader+20+len(body), 60))
	h := header.IPv4(frame[etherHeader:])
	h.Encode(&header.IPv4Fields{
		TOS: tos, TotalLength: uint16(20 + len(body)), TTL: ttl, Protocol: proto, SrcAddr: gvAddr(src), DstAddr: gvAddr(dst),
	})
	id := p.id
	p.id++
	return p.c.nif.arp.output(stamp(append(frame, body...), id), dst, q)
}

// send is ip_output: it puts an IPv4 header in front of a transport segment and
// sends the packet to its next hop. body has no checksum gaps; q is the block
// that pays for the packet.
func (p *ip) send(proto uint8, src, dst ip4, ttl, tos uint8, body []byte, q *pbuf) Err {
	if p.c.nif.loops(dst) {
		return p.loop.send(proto, src, dst, body)
	}
	if src == 0 || dst == 0xffffffff {
		return p.sendUnrouted(proto, src, dst, ttl, tos, body, q)
	}
	p.sync()
	if p.route == nil || p.to != dst {
		if p.route != nil {
			p.route.Release()
			p.route = nil
		}
		r, err := p.gv.FindRoute(gvNIC, gvAddr(src), gvAddr(dst), ipv4.ProtocolNumber, false)
		if err != nil {
			return ErrRte
		}
		p.route, p.to = r, dst
	}
	pb := stack.NewPacketBuffer(stack.PacketBufferOptions{
		ReserveHeaderBytes: int(p.route.MaxHeaderLength()),
		Payload:            buffer.MakeWithData(body),
	})
	first := len(p.replies)
	err := p.route.WritePacket(stack.NetworkHeaderParams{Protocol: tcpip.TransportProtocolNumber(proto), TTL: ttl, TOS: tos}, pb)
	pb.DecRef()
	out := p.replies[first:]
	p.replies = p.replies[:first]
	if err != nil {
		return ErrIf
	}
	id := p.id
	p.id++
	if len(out) == 1 {
		return p.c.nif.arp.output(stamp(out[0], id), dst, q)
	}
	// Fragments: each is copied into a buffer of its own (ip4_frag).
	for _, frame := range out {
		f := p.c.pbufAllocRAM(p.c.sz.headerIP, len(frame)-etherHeader-20, q.holder)
		if f == nil {
			return ErrMem
		}
		p.c.nif.arp.output(stamp(frame, id), dst, f)
		p.c.pbufFree(f)
	}
	return ErrOK
}

// stamp puts lwIP's identification counter into a packet.
func stamp(frame []byte, id uint16) []byte {
	h := header.IPv4(frame[etherHeader:])
	h.SetID(id)
	h.SetFlagsFragmentOffset(h.Flags()&^header.IPv4FlagDontFragment, h.FragmentOffset())
	h.SetChecksum(0)
	h.SetChecksum(^h.CalculateChecksum())
	return frame
}

// flush frees a received packet and sends what gVisor answered to it by itself,
// ICMP that is. As in icmp_input, the buffer of the answer is taken while the
// received packet is still there; without memory there is no answer.
func (p *ip) flush(received *pbuf) {
	out := p.replies
	p.replies = nil
	for _, frame := range out {
		q := p.c.pbufAllocRAM(etherHeader, len(frame)-etherHeader, p.c.nif.holder)
		if received != nil {
			p.c.pbufFree(received)
			received = nil
		}
		if q == nil {
			continue
		}
		dst := ip4(binary.BigEndian.Uint32(frame[etherHeader+16:]))
		if p.c.nif.route(dst) {
			p.c.nif.arp.output(stamp(frame, p.id), dst, q)
			p.id++
		}
		p.c.pbufFree(q)
	}
	if received != nil {
		p.c.pbufFree(received)
	}
	if p.replies == nil {
		p.replies = out[:0]
	}
}
