package wire

import (
	"encoding/binary"
	"fmt"
)

// Frame is an Ethernet frame from the destination address to the end of the
// payload, without preamble and frame check sequence. Once sent it is shared by
// all who receive it: nobody changes it, everybody may keep it.
type Frame = []byte

// Sizes of Ethernet frames in bytes, without the frame check sequence.
const (
	headerSize   = 14                // destination, source, type
	minFrameSize = 60                // IEEE 802.3: 64 with the frame check sequence
	maxFrameSize = headerSize + 1500 // no jumbo frames, no VLAN tags
	fcsSize      = 4                 // frame check sequence
	preambleSize = 8                 // preamble and start-of-frame delimiter
	gapSize      = 12                // interframe gap
	typeIPv4     = 0x0800            // EtherType
	typeARP      = 0x0806            // EtherType
	protoICMP    = 1                 // IPv4 protocol number
	protoTCP     = 6                 // IPv4 protocol number
	protoUDP     = 17                // IPv4 protocol number
	flagFIN      = 0x01              // TCP flag
	flagSYN      = 0x02              // TCP flag
	flagRST      = 0x04              // TCP flag
	flagACK      = 0x10              // TCP flag
	defaultMTU   = maxFrameSize - headerSize
)

// MAC is an Ethernet address.
type MAC [6]byte

// String returns the address as aa:bb:cc:dd:ee:ff.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// IsMulticast reports whether the address names a group; broadcast is one.
func (m MAC) IsMulticast() bool { return m[0]&1 != 0 }

// A FrameError reports a frame that does not fit an Ethernet cable.
type FrameError struct {
	Cable string // name of the cable
	From  string // name of the end that sent it
	Size  int    // size of the frame in bytes
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("wire: cable %q: %q sent a frame of %d bytes; %d to %d were expected", e.Cable, e.From, e.Size, headerSize, maxFrameSize)
}

// padFrame pads a short frame with zeros to the minimum that Ethernet needs, as
// network hardware does.
func padFrame(f Frame) Frame {
	if len(f) >= minFrameSize {
		return f
	}
	g := make(Frame, minFrameSize)
	copy(g, f)
	return g
}

// headers is what the rules of this package look at in a frame.
type headers struct {
	dst, src  MAC
	etherType uint16
	proto     byte  // IPv4 protocol, 0 if none
	tuple     tuple // set for the first fragment of TCP and UDP
	transport int   // offset of the TCP or UDP header, 0 if none
	flags     byte  // TCP flags
	payload   int   // bytes of TCP payload
}

// tuple names a TCP connection or a UDP flow by its addresses as a frame has
// them.
type tuple struct {
	src, dst         [4]byte
	srcPort, dstPort uint16
}

func (t tuple) reverse() tuple {
	return tuple{src: t.dst, dst: t.src, srcPort: t.dstPort, dstPort: t.srcPort}
}

// parseHeaders reads what is there; a truncated or foreign frame leaves the
// rest zero.
func parseHeaders(f Frame) (h headers) {
	if len(f) < headerSize {
		return h
	}
	copy(h.dst[:], f)
	copy(h.src[:], f[6:])
	h.etherType = binary.BigEndian.Uint16(f[12:])
	ip := f[headerSize:]
	if h.etherType != typeIPv4 || len(ip) < 20 || ip[0]>>4 != 4 {
		return h
	}
	ihl := int(ip[0]&15) * 4
	total := int(binary.BigEndian.Uint16(ip[2:]))
	if ihl < 20 || total < ihl || total > len(ip) {
		return h
	}
	h.proto = ip[9]
	copy(h.tuple.src[:], ip[12:16])
	copy(h.tuple.dst[:], ip[16:20])
	if binary.BigEndian.Uint16(ip[6:])&0x1fff != 0 { // a later fragment
		return h
	}
	seg := ip[ihl:total]
	switch {
	case h.proto == protoTCP && len(seg) >= 20:
		h.flags = seg[13]
		h.payload = max(0, len(seg)-int(seg[12]>>4)*4)
	case h.proto == protoUDP && len(seg) >= 8:
	default:
		return h
	}
	h.tuple.srcPort = binary.BigEndian.Uint16(seg)
	h.tuple.dstPort = binary.BigEndian.Uint16(seg[2:])
	h.transport = headerSize + ihl
	return h
}
