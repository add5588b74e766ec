package lwipmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestErrno goes through what can be wrong with a call, and wants the errno that
// lwIP sets. (lwip: src/api/sockets.c and err.c; numbers of newlib.)
func TestErrno(t *testing.T) {
	o := DefaultOptions()
	o.MaxSockets = 9
	r := newRig(t, o, 2)
	c := r.c
	var tcp, bound, l, con, udp, connecting int
	l = r.listen(5)
	r.open(1000)
	con = r.accept(l)
	r.do(0, func(th *thread) {
		tcp = c.socketNew(th, SockStream)
		bound = c.socketNew(th, SockStream)
		require.Zero(t, c.bind(th, bound, 0, 5000))
		udp = c.socketNew(th, SockDgram)
		connecting = c.socketNew(th, SockStream)
		c.setNonBlocking(th, connecting, true)
		require.Equal(t, -1, c.connect(th, connecting, rigPeer, 7))
		require.Equal(t, EINPROGRESS, th.errno)
	})
	buf := make([]byte, 10)
	dontWait := MsgDontWait
	opt := func(fd int, o SockOpt, v int) func(*thread) int {
		return func(th *thread) int { return c.sockopt(th, &sockoptCall{fd: fd, opt: o, value: v}) }
	}
	get := func(fd int, o SockOpt) func(*thread) int {
		return func(th *thread) int { return c.sockopt(th, &sockoptCall{fd: fd, opt: o, get: true}) }
	}
	for _, e := range []struct {
		what string
		call func(th *thread) int
		want Errno
	}{
		{"accept on no socket", func(th *thread) int { return c.accept(th, 8) }, EBADF},
		{"accept beyond the table", func(th *thread) int { return c.accept(th, 99) }, EBADF},
		{"accept below it", func(th *thread) int { return c.accept(th, -1) }, EBADF},
		{"bind on no socket", func(th *thread) int { return c.bind(th, 8, 0, 1) }, EBADF},
		{"listen on no socket", func(th *thread) int { return c.listen(th, 8, 1) }, EBADF},
		{"connect on no socket", func(th *thread) int { return c.connect(th, 8, rigPeer, 1) }, EBADF},
		{"recv on no socket", func(th *thread) int { return c.recv(th, 8, buf, 0) }, EBADF},
		{"send on no socket", func(th *thread) int { return c.send(th, 8, [][]byte{buf}, 0) }, EBADF},
		{"shutdown on no socket", func(th *thread) int { return c.shutdown(th, 8, ShutWR) }, EBADF},
		{"close on no socket", func(th *thread) int { return c.closeSocket(th, 8) }, EBADF},
		{"setsockopt on no socket", opt(8, TCPNoDelay, 1), EBADF},
		{"ioctl on no socket", func(th *thread) int { return c.setNonBlocking(th, 8, true) }, EBADF},

		{"bind to a port in use", func(th *thread) int { return c.bind(th, tcp, 0, rigPort) }, EADDRINUSE},
		{"listen on UDP", func(th *thread) int { return c.listen(th, udp, 1) }, EOPNOTSUPP},
		{"listen on a connection", func(th *thread) int { return c.listen(th, con, 1) }, EINVAL},
		{"accept on UDP", func(th *thread) int { return c.accept(th, udp) }, EOPNOTSUPP},
		{"accept on what does not listen", func(th *thread) int { return c.accept(th, tcp) }, EINVAL},
		{"accept on a connection", func(th *thread) int { return c.accept(th, con) }, EINVAL},
		{"connect a connection again", func(th *thread) int { return c.connect(th, con, rigPeer, 1) }, EISCONN},
		{"connect while connecting", func(th *thread) int { return c.connect(th, connecting, rigPeer, 7) }, EALREADY},
		{"connect a listener", func(th *thread) int { return c.connect(th, l, rigPeer, 1) }, EISCONN},
		{"connect without a link", func(th *thread) int {
			c.nif.linkUp = false
			n := c.connect(th, bound, rigPeer, 1)
			c.nif.linkUp = true
			return n
		}, EHOSTUNREACH},
		{"recv, nothing there", func(th *thread) int { return c.recv(th, con, buf, dontWait) }, EWOULDBLOCK},
		{"recv on a listener", func(th *thread) int { return c.recv(th, l, buf, dontWait) }, ENOTCONN},
		{"recv on UDP, nothing there", func(th *thread) int { return c.recv(th, udp, buf, dontWait) }, EWOULDBLOCK},
		{"send, not connected", func(th *thread) int { return c.send(th, tcp, [][]byte{buf}, 0) }, ENOTCONN},
		{"send on a listener", func(th *thread) int { return c.send(th, l, [][]byte{buf}, 0) }, EINPROGRESS},
		{"send while connecting", func(th *thread) int { return c.send(th, connecting, [][]byte{buf}, 0) }, EINPROGRESS},
		{"shutdown of UDP", func(th *thread) int { return c.shutdown(th, udp, ShutWR) }, EOPNOTSUPP},
		{"shutdown, not connected", func(th *thread) int { return c.shutdown(th, tcp, ShutWR) }, ENOTCONN},
		{"shutdown of a listener", func(th *thread) int { return c.shutdown(th, l, ShutRD) }, ENOTCONN},
		{"shutdown of nothing", func(th *thread) int { return c.shutdown(th, con, 7) }, EINVAL},
		{"getpeername, not connected", func(th *thread) int { _, _, n := c.getName(th, tcp, false); return n }, ENOTCONN},
		{"TCP option of UDP", opt(udp, TCPNoDelay, 1), ENOPROTOOPT},
		{"TCP option of a listener", opt(l, TCPNoDelay, 1), EINVAL},
		{"broadcast of TCP", opt(con, SOBroadcast, 1), ENOPROTOOPT},
		{"SO_RCVBUF without the option", opt(con, SORcvBufSize, 1000), ENOPROTOOPT},
		{"SO_ERROR cannot be set", opt(con, SOError, 1), ENOPROTOOPT},
		{"an option that there is not", opt(con, soLinger, 1), ENOPROTOOPT},
		{"whether UDP listens", get(udp, SOAcceptConn), ENOPROTOOPT},
		{"FIONREAD without SO_RCVBUF", func(th *thread) int { return c.readable(th, con) }, ENOSYS},
	} {
		t.Run(e.what, func(t *testing.T) {
			ret := 0
			require.True(t, r.do(0, func(th *thread) {
				th.errno = 0
				ret = e.call(th)
				require.Equal(t, -1, ret)
				require.Equal(t, e.want.String(), th.errno.String())
			}), "it blocks")
		})
	}
	var to ip4
	c.nif.sendIP = func(_ uint8, _, dst ip4, _, _ uint8, _ []byte, _ *pbuf) Err {
		to = dst
		return ErrOK
	}
	to = rigPeer
	r.do(0, func(th *thread) {
		require.Equal(t, 10, c.send(th, udp, [][]byte{buf}, 0), "UDP without a destination")
		require.Zero(t, to, "goes to 0.0.0.0")
		for range 3 {
			require.NotEqual(t, -1, c.socketNew(th, SockDgram))
		}
		require.Equal(t, -1, c.socketNew(th, SockDgram))
		require.Equal(t, ENFILE, th.errno)
	})
}
