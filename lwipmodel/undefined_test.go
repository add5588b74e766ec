package lwipmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Where the original goes on with a damaged list or freed memory, and where an
// assertion stops it, the model says so.

func TestNoMemoryForATimer(t *testing.T) {
	r := newRig(t, DefaultOptions(), 1)
	r.listen(5)
	r.noTimers, r.mayAssert = true, true
	r.send(&seg{srcPort: 1000, flags: flagSYN, wnd: 5840})
	require.Contains(t, r.undef, "SYS_TIMEOUT")
}

func TestBindTwice(t *testing.T) {
	r := newRig(t, DefaultOptions(), 1)
	r.do(0, func(th *thread) {
		fd := r.c.socketNew(th, SockStream)
		require.Zero(t, r.c.bind(th, fd, 0, 5000))
		require.Empty(t, r.undef)
		r.c.bind(th, fd, 0, 5001)
	})
	require.Contains(t, r.undef, "bound")
}

// listen frees the mailbox in which the other thread waits.
func TestListenWhileAnotherReceives(t *testing.T) {
	r := newRig(t, DefaultOptions(), 2)
	fd := -1
	r.do(0, func(th *thread) {
		fd = r.c.socketNew(th, SockStream)
		r.c.bind(th, fd, 0, rigPort)
	})
	require.False(t, r.do(1, func(th *thread) { r.c.recv(th, fd, make([]byte, 10), 0) }), "a socket that is not connected waits")
	r.do(0, func(th *thread) { r.c.listen(th, fd, 5) })
	require.Contains(t, r.undef, "listen")
}
