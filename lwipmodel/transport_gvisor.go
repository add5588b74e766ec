package lwipmodel

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// transport is a transport protocol of the device's gVisor stack. lwIP does its
// own demultiplexing, so gVisor has no endpoints, and every packet is one for an
// unknown destination.
type transport struct {
	ip     *ip
	number tcpip.TransportProtocolNumber
	min    int
}

var _ stack.TransportProtocol = (*transport)(nil)

func (t *transport) Number() tcpip.TransportProtocolNumber { return t.number }

func (t *transport) NewEndpoint(tcpip.NetworkProtocolNumber, *waiter.Queue) (tcpip.Endpoint, tcpip.Error) {
	return nil, &tcpip.ErrUnknownProtocol{}
}

func (t *transport) NewRawEndpoint(tcpip.NetworkProtocolNumber, *waiter.Queue) (tcpip.Endpoint, tcpip.Error) {
	return nil, &tcpip.ErrUnknownProtocol{}
}

func (t *transport) MinimumPacketSize() int { return t.min }

func (t *transport) ParsePorts(b []byte) (src, dst uint16, err tcpip.Error) {
	if len(b) < 4 {
		return 0, 0, &tcpip.ErrMalformedHeader{}
	}
	return binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), nil
}

// HandleUnknownDestinationPacket notes the packet. Whether a UDP port is open is
// known to lwIP; its answer to a closed one is sent from there.
func (t *transport) HandleUnknownDestinationPacket(id stack.TransportEndpointID, _ *stack.PacketBuffer) stack.UnknownDestinationPacketDisposition {
	t.ip.got = delivered{proto: uint8(t.number), src: fromGV(id.RemoteAddress), dst: fromGV(id.LocalAddress)}
	return stack.UnknownDestinationPacketHandled
}

func (t *transport) SetOption(tcpip.SettableTransportProtocolOption) tcpip.Error {
	return &tcpip.ErrUnknownProtocolOption{}
}

func (t *transport) Option(tcpip.GettableTransportProtocolOption) tcpip.Error {
	return &tcpip.ErrUnknownProtocolOption{}
}

func (t *transport) Close()   {}
func (t *transport) Wait()    {}
func (t *transport) Pause()   {}
func (t *transport) Resume()  {}
func (t *transport) Restore() {}

// Parse takes the whole header, options included.
func (t *transport) Parse(pkt *stack.PacketBuffer) bool {
	n := t.min
	if t.number == header.TCPProtocolNumber {
		h, ok := pkt.Data().PullUp(n)
		if !ok {
			return false
		}
		// A length that makes no sense is left to lwIP, which drops the segment.
		if off := int(header.TCP(h).DataOffset()); off >= n && off <= pkt.Data().Size() {
			n = off
		}
	}
	_, ok := pkt.TransportHeader().Consume(n)
	return ok
}

// linkEndpoint is the device's NIC as gVisor sees it: packets without a link
// header, because addresses are lwIP's ARP table's business.
type linkEndpoint struct {
	ip *ip
	to stack.NetworkDispatcher
}

var _ stack.LinkEndpoint = (*linkEndpoint)(nil)

func (l *linkEndpoint) MTU() uint32                             { return uint32(l.ip.c.nif.mtu) }
func (l *linkEndpoint) SetMTU(mtu uint32)                       { l.ip.c.nif.mtu = uint16(mtu) }
func (l *linkEndpoint) MaxHeaderLength() uint16                 { return 0 }
func (l *linkEndpoint) LinkAddress() tcpip.LinkAddress          { return tcpip.LinkAddress(l.ip.c.nif.hw[:]) }
func (l *linkEndpoint) SetLinkAddress(tcpip.LinkAddress)        {}
func (l *linkEndpoint) Attach(d stack.NetworkDispatcher)        { l.to = d }
func (l *linkEndpoint) IsAttached() bool                        { return l.to != nil }
func (l *linkEndpoint) Wait()                                   {}
func (l *linkEndpoint) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (l *linkEndpoint) AddHeader(*stack.PacketBuffer)           {}
func (l *linkEndpoint) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (l *linkEndpoint) Close()                                  {}
func (l *linkEndpoint) SetOnCloseAction(func())                 {}

// Capabilities: unless lwIP checks the checksums of IP headers, gVisor does not
// either. What the Ethernet controller rejects has not come this far.
func (l *linkEndpoint) Capabilities() stack.LinkEndpointCapabilities {
	if l.ip.c.opt.ChecksumCheckIP {
		return 0
	}
	return stack.CapabilityRXChecksumOffload
}

// WritePackets notes the packets.
func (l *linkEndpoint) WritePackets(list stack.PacketBufferList) (int, tcpip.Error) {
	packets := list.AsSlice()
	for _, p := range packets {
		frame := make([]byte, etherHeader, max(etherHeader+p.Size(), ethMinFrame))
		for _, part := range p.AsSlices() {
			frame = append(frame, part...)
		}
		l.ip.replies = append(l.ip.replies, frame)
	}
	return len(packets), nil
}

// ipClock is virtual time for gVisor; only its reassembly would set a timer.
type ipClock struct{ loop *vtime.Loop }

func (c ipClock) Now() time.Time { return time.Unix(0, 0).Add(c.loop.Now()) }

func (c ipClock) NowMonotonic() tcpip.MonotonicTime {
	var t tcpip.MonotonicTime
	return t.Add(c.loop.Now())
}

func (c ipClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	return ipTimer{c.loop.After(d, f)}
}

type ipTimer struct{ *vtime.Timer }

func (t ipTimer) Stop() bool            { return t.Timer.Stop() }
func (t ipTimer) Reset(d time.Duration) { t.Timer.Reset(d) }

// ipRand is a seeded stream in the forms that gVisor takes.
type ipRand struct{ *rand.Rand }

func (r ipRand) Int63() int64 { return int64(r.Uint64() >> 1) }
func (r ipRand) Seed(int64)   {}

func (r ipRand) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.Uint64())
	}
	return len(b), nil
}
