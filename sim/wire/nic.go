package wire

import (
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// nic is a host's network interface as its stack sees it.
type nic struct {
	m    *machine
	addr tcpip.LinkAddress
	mtu  uint32
	to   stack.NetworkDispatcher
}

var _ stack.LinkEndpoint = (*nic)(nil)

func (n *nic) MTU() uint32                           { return n.mtu }
func (n *nic) SetMTU(mtu uint32)                     { n.mtu = mtu }
func (n *nic) MaxHeaderLength() uint16               { return headerSize }
func (n *nic) LinkAddress() tcpip.LinkAddress        { return n.addr }
func (n *nic) SetLinkAddress(addr tcpip.LinkAddress) { n.addr = addr }
func (n *nic) Capabilities() stack.LinkEndpointCapabilities {
	return stack.CapabilityResolutionRequired
}
func (n *nic) Attach(d stack.NetworkDispatcher)        { n.to = d }
func (n *nic) IsAttached() bool                        { return n.to != nil }
func (n *nic) Wait()                                   {}
func (n *nic) Close()                                  {}
func (n *nic) SetOnCloseAction(func())                 {}
func (n *nic) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareEther }

func (n *nic) AddHeader(p *stack.PacketBuffer) {
	eth := header.Ethernet(p.LinkHeader().Push(headerSize))
	eth.Encode(&header.EthernetFields{
		SrcAddr: p.EgressRoute.LocalLinkAddress,
		DstAddr: p.EgressRoute.RemoteLinkAddress,
		Type:    p.NetworkProtocolNumber,
	})
}

func (n *nic) ParseHeader(p *stack.PacketBuffer) bool {
	_, ok := p.LinkHeader().Consume(headerSize)
	return ok
}

// WritePackets runs under the stack's locks, on the loop's goroutine or on the
// processor's while the loop waits for it: it only notes the frames.
func (n *nic) WritePackets(list stack.PacketBufferList) (int, tcpip.Error) {
	packets := list.AsSlice()
	if n.m.dead {
		return len(packets), nil
	}
	for _, p := range packets {
		frame := make(Frame, 0, max(p.Size(), minFrameSize))
		for _, part := range p.AsSlices() {
			frame = append(frame, part...)
		}
		h := parseHeaders(frame)
		if n.m.hides(h) {
			continue
		}
		clampWindow(frame, h, n.m.host.cfg.Window)
		frame = frame[:max(len(frame), minFrameSize)] // padded: the rest is zero still
		n.m.notes = append(n.m.notes, note{frame: frame})
	}
	return len(packets), nil
}

func (n *nic) deliver(frame Frame) {
	if n.to == nil {
		return
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{
		ReserveHeaderBytes: equalCharge(),
		Payload:            buffer.MakeWithData(frame),
	})
	defer p.DecRef()
	if !n.ParseHeader(p) {
		return
	}
	eth := header.Ethernet(p.LinkHeader().Slice())
	switch dst := eth.DestinationAddress(); {
	case dst == header.EthernetBroadcastAddress:
		p.PktType = tcpip.PacketBroadcast
	case header.IsMulticastEthernetAddress(dst):
		p.PktType = tcpip.PacketMulticast
	default:
		p.PktType = tcpip.PacketHost
	}
	n.to.DeliverNetworkPacket(eth.Type(), p)
}
