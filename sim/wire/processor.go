package wire

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// watchedTCP is gVisor's TCP, watched for work that it gives its processor
// goroutine. Segments of a connection or a listener are the only such work:
// timers and calls of programs act at once, on the goroutine that makes them.
// A stimulus that brought no segment therefore leaves the stack at rest, and
// the two switches to the processor and back, most of what a rest costs, can be
// left out.
type watchedTCP struct {
	stack.TransportProtocol
	queue queuedTCP
	m     *machine
}

// queuedTCP is what gVisor's stack asks of its TCP beside TransportProtocol.
type queuedTCP interface {
	QueuePacket(ep stack.TransportEndpoint, id stack.TransportEndpointID, pkt *stack.PacketBuffer)
	SendBufferSize() tcpip.TCPSendBufferSizeRangeOption
}

func newWatchedTCP(m *machine) stack.TransportProtocolFactory {
	return func(s *stack.Stack) stack.TransportProtocol {
		p := tcp.NewProtocol(s)
		return &watchedTCP{TransportProtocol: p, queue: p.(queuedTCP), m: m}
	}
}

// QueuePacket implements the stack's queuedTransportProtocol.
func (w *watchedTCP) QueuePacket(ep stack.TransportEndpoint, id stack.TransportEndpointID, pkt *stack.PacketBuffer) {
	w.m.busy = true
	w.queue.QueuePacket(ep, id, pkt)
}

// SendBufferSize implements stack.SendBufSizeProto.
func (w *watchedTCP) SendBufferSize() tcpip.TCPSendBufferSizeRangeOption {
	return w.queue.SendBufferSize()
}

// rest lets the stack finish what one stimulus began, and then carries out what
// it asked for.
func (m *machine) rest() {
	if m.dead {
		return
	}
	if m.busy || m.host.restAlways {
		m.busy = false
		m.tcp.Resume()
		m.tcp.Pause()
	}
	m.flush()
}
