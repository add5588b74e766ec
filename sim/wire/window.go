package wire

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// The receive window of a host. gVisor charges a segment's bookkeeping to the
// receive buffer, and how much that is depends on the size of a pointer; its
// windows would differ between 32-bit and 64-bit systems, and with them every
// frame's bytes. Three measures keep that out of sight:
//
//  1. A segment is charged what it is charged on 64-bit systems, see
//     equalCharge.
//  2. Windows are not scaled: the option is sent with a shift of 0.
//  3. No segment announces more than HostConfig.Window, by default well below
//     what the stack has room for, see clampWindow. It is this constant that a
//     peer sees, unless much is left unread.
const (
	segmentCharge = 636     // tcp.SegOverheadSize where a pointer has 64 bits
	receiveBuffer = 1 << 20 // bytes, Linux: default of net.core.rmem_max is of that order
	unscaled      = 65535   // the largest window without scaling
	defaultWindow = 16384
)

// equalCharge returns how many bytes a received packet is made larger in the
// stack's books so that it counts alike everywhere.
func equalCharge() int { return max(0, segmentCharge-tcp.SegOverheadSize) }

// clampWindow lowers the window that a TCP segment announces to limit and
// corrects the checksum (RFC 1624). Other frames stay as they are.
func clampWindow(frame Frame, h headers, limit uint16) {
	if h.proto != protoTCP || h.transport == 0 {
		return
	}
	seg := frame[h.transport:]
	old := binary.BigEndian.Uint16(seg[14:])
	if old <= limit {
		return
	}
	binary.BigEndian.PutUint16(seg[14:], limit)
	sum := uint32(^binary.BigEndian.Uint16(seg[16:])) + uint32(^old) + uint32(limit)
	sum = sum&0xffff + sum>>16
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(seg[16:], ^uint16(sum))
}
