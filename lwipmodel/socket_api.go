package lwipmodel

import (
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// The socket calls of a task. Each takes the calling task, the descriptor, and
// what the C function takes; a failed call returns -1 and the errno as an error.
// (lwip: src/api/sockets.c)

// call runs f for task t in the name of a C function.
func (s *Stack) call(t *freertos.Task, name string, f func(*thread) int) (int, error) {
	th := s.thread(t, name)
	if th == nil {
		return -1, EIO
	}
	n := f(th)
	if n < 0 {
		return -1, th.errno
	}
	return n, nil
}

// Socket makes a socket of type SockStream or SockDgram and returns its
// descriptor (lwip_socket). Errors: ENOBUFS without memory, ENFILE if all
// descriptors are in use.
func (s *Stack) Socket(t *freertos.Task, typ int) (int, error) {
	fd, err := s.call(t, "lwip_socket", func(th *thread) int { return s.c.socketNew(th, typ) })
	if err == nil {
		fd += s.offset
	}
	return fd, err
}

// Bind binds a socket to a local address (lwip_bind). The zero address is any
// address, port 0 an ephemeral port. Errors: EADDRINUSE, EINVAL.
func (s *Stack) Bind(t *freertos.Task, fd int, addr netip.AddrPort) error {
	ip, ok := sockaddr(addr.Addr())
	_, err := s.call(t, "lwip_bind", func(th *thread) int {
		if !ok {
			return th.fail(EINVAL)
		}
		return s.c.bind(th, fd-s.offset, ip, addr.Port())
	})
	return err
}

// sockaddr reads an address; the invalid one is any.
func sockaddr(a netip.Addr) (ip4, bool) {
	a = a.Unmap()
	if !a.IsValid() {
		return 0, true
	}
	if !a.Is4() {
		return 0, false
	}
	return fromAddr(a), true
}

// Listen makes a bound socket a listener (lwip_listen). The backlog, cut to 0 to
// 255, limits connections that are not yet accepted, half-open ones included; 0
// counts as 1. Errors: ENOMEM, EADDRINUSE, EINVAL.
func (s *Stack) Listen(t *freertos.Task, fd, backlog int) error {
	_, err := s.call(t, "lwip_listen", func(th *thread) int { return s.c.listen(th, fd-s.offset, backlog) })
	return err
}

// Accept takes a connection from a listener and returns its descriptor
// (lwip_accept). Errors: EWOULDBLOCK, ECONNABORTED after a connection that found
// no memory, ENFILE if all descriptors are in use, which closes the connection.
func (s *Stack) Accept(t *freertos.Task, fd int) (int, error) {
	nfd, err := s.call(t, "lwip_accept", func(th *thread) int { return s.c.accept(th, fd-s.offset) })
	if err == nil {
		nfd += s.offset
	}
	return nfd, err
}

// Connect connects a socket (lwip_connect). Errors: EHOSTUNREACH without a route,
// ECONNRESET if the peer refuses, ECONNABORTED if it does not answer,
// EINPROGRESS for a non-blocking socket.
func (s *Stack) Connect(t *freertos.Task, fd int, addr netip.AddrPort) error {
	ip, ok := sockaddr(addr.Addr())
	_, err := s.call(t, "lwip_connect", func(th *thread) int {
		if !ok {
			return th.fail(EINVAL)
		}
		return s.c.connect(th, fd-s.offset, ip, addr.Port())
	})
	return err
}

// Recv receives into buf (lwip_recv); 0 is the end of the stream. flags: MsgPeek,
// MsgDontWait. Errors: EWOULDBLOCK, ECONNRESET, ECONNABORTED, and ENOTCONN after
// the end was reported.
func (s *Stack) Recv(t *freertos.Task, fd int, buf []byte, flags int) (int, error) {
	return s.call(t, "lwip_recv", func(th *thread) int { return s.c.recv(th, fd-s.offset, buf, flags) })
}

// RecvFrom receives a datagram and says who sent it (lwip_recvfrom).
func (s *Stack) RecvFrom(t *freertos.Task, fd int, buf []byte, flags int) (int, netip.AddrPort, error) {
	var from netip.AddrPort
	n, err := s.call(t, "lwip_recvfrom", func(th *thread) int {
		n, ip, port := s.c.recvFrom(th, fd-s.offset, buf, flags)
		from = netip.AddrPortFrom(toAddr(ip), port)
		return n
	})
	return n, from, err
}

// Send queues data for sending and returns how much was taken (lwip_send). flags:
// MsgDontWait, MsgMore. A blocking socket takes all of it, a non-blocking one what
// fits. Errors: EWOULDBLOCK if nothing fits or there is no memory, ECONNRESET,
// ECONNABORTED, ENOTCONN, EHOSTUNREACH.
func (s *Stack) Send(t *freertos.Task, fd int, data []byte, flags int) (int, error) {
	return s.call(t, "lwip_send", func(th *thread) int {
		th.vec[0] = data
		n := s.c.send(th, fd-s.offset, th.vec[:], flags)
		th.vec[0] = nil
		return n
	})
}

// Writev sends from several buffers in one call (lwip_writev).
func (s *Stack) Writev(t *freertos.Task, fd int, vec [][]byte) (int, error) {
	return s.call(t, "lwip_writev", func(th *thread) int { return s.c.send(th, fd-s.offset, vec, 0) })
}

// SendTo sends a datagram (lwip_sendto). Errors: ENOMEM, EHOSTUNREACH, EMSGSIZE.
func (s *Stack) SendTo(t *freertos.Task, fd int, data []byte, addr netip.AddrPort) (int, error) {
	ip, ok := sockaddr(addr.Addr())
	return s.call(t, "lwip_sendto", func(th *thread) int {
		if !ok {
			return th.fail(EINVAL)
		}
		return s.c.sendTo(th, fd-s.offset, data, ip, addr.Port())
	})
}

// Shutdown closes one or both directions: ShutRD, ShutWR, ShutRDWR
// (lwip_shutdown).
func (s *Stack) Shutdown(t *freertos.Task, fd, how int) error {
	_, err := s.call(t, "lwip_shutdown", func(th *thread) int { return s.c.shutdown(th, fd-s.offset, how) })
	return err
}

// Close closes a descriptor (lwip_close). It fails only with EWOULDBLOCK: a
// non-blocking socket that lingers with data queued stays open.
func (s *Stack) Close(t *freertos.Task, fd int) error {
	_, err := s.call(t, "lwip_close", func(th *thread) int { return s.c.closeSocket(th, fd-s.offset) })
	return err
}

// Setsockopt sets an option (lwip_setsockopt). Errors: EINVAL, ENOPROTOOPT if the
// option is unknown or not compiled in, ENOMEM for the message to the tcpip task.
func (s *Stack) Setsockopt(t *freertos.Task, fd int, opt SockOpt, value int) error {
	_, err := s.call(t, "lwip_setsockopt", func(th *thread) int {
		th.opt = sockoptCall{fd: fd - s.offset, opt: opt, value: value}
		return s.c.sockopt(th, &th.opt)
	})
	return err
}

// Getsockopt reads an option (lwip_getsockopt).
func (s *Stack) Getsockopt(t *freertos.Task, fd int, opt SockOpt) (int, error) {
	var value int
	_, err := s.call(t, "lwip_getsockopt", func(th *thread) int {
		th.opt = sockoptCall{fd: fd - s.offset, opt: opt, get: true}
		n := s.c.sockopt(th, &th.opt)
		value = th.opt.value
		return n
	})
	return value, err
}

// SetLinger sets SO_LINGER, in whole seconds. It needs the option SOLinger
// (ENOPROTOOPT).
func (s *Stack) SetLinger(t *freertos.Task, fd int, on bool, seconds int) error {
	v := 0
	if on {
		v = 1
	}
	_, err := s.call(t, "lwip_setsockopt", func(th *thread) int {
		th.opt = sockoptCall{fd: fd - s.offset, opt: soLinger, value: v, sec: seconds}
		return s.c.sockopt(th, &th.opt)
	})
	return err
}

// SetNonBlocking is ioctl(FIONBIO) and fcntl(O_NONBLOCK).
func (s *Stack) SetNonBlocking(t *freertos.Task, fd int, on bool) error {
	_, err := s.call(t, "lwip_ioctl", func(th *thread) int { return s.c.setNonBlocking(th, fd-s.offset, on) })
	return err
}

// Readable is ioctl(FIONREAD): how many bytes can be read. It needs the option
// SORcvBuf (ENOSYS).
func (s *Stack) Readable(t *freertos.Task, fd int) (int, error) {
	return s.call(t, "lwip_ioctl", func(th *thread) int { return s.c.readable(th, fd-s.offset) })
}

// Getpeername returns the peer of a connection (lwip_getpeername). Error:
// ENOTCONN.
func (s *Stack) Getpeername(t *freertos.Task, fd int) (netip.AddrPort, error) {
	return s.getName(t, "lwip_getpeername", fd, false)
}

// Getsockname returns the local address of a socket (lwip_getsockname).
func (s *Stack) Getsockname(t *freertos.Task, fd int) (netip.AddrPort, error) {
	return s.getName(t, "lwip_getsockname", fd, true)
}

func (s *Stack) getName(t *freertos.Task, name string, fd int, local bool) (netip.AddrPort, error) {
	var a netip.AddrPort
	_, err := s.call(t, name, func(th *thread) int {
		ip, port, n := s.c.getName(th, fd-s.offset, local)
		addr := toAddr(ip)
		if !addr.IsValid() {
			addr = netip.IPv4Unspecified()
		}
		a = netip.AddrPortFrom(addr, port)
		return n
	})
	return a, err
}
