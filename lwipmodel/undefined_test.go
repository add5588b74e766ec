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

// The peer has sent its FIN, the application shuts down sending, then reads the
// end of file, and only then the peer acknowledges the FIN. Reading the end of
// file has closed the receiving side, so nobody tells the socket that the PCB is
// gone. What does not need the PCB still works, and the rest uses freed memory.
func TestFreedBelowTheSocket(t *testing.T) {
	o := DefaultOptions()
	o.SOLinger = true
	for _, use := range []struct {
		name  string
		undef bool
		call  func(r *rig, th *thread, fd int) int
	}{
		{"recv", false, func(r *rig, th *thread, fd int) int { return r.c.recv(th, fd, make([]byte, 10), MsgDontWait) + 1 }},
		{"SO_LINGER", false, func(r *rig, th *thread, fd int) int {
			return r.c.sockopt(th, &sockoptCall{fd: fd, opt: soLinger, value: 1, sec: 5})
		}},
		{"SO_RCVTIMEO", false, func(r *rig, th *thread, fd int) int {
			return r.c.sockopt(th, &sockoptCall{fd: fd, opt: SORcvTimeo, value: 5})
		}},
		{"TCP_NODELAY", true, func(r *rig, th *thread, fd int) int {
			return r.c.sockopt(th, &sockoptCall{fd: fd, opt: TCPNoDelay, value: 1})
		}},
		{"send", true, func(r *rig, th *thread, fd int) int { return r.c.send(th, fd, [][]byte{{1}}, 0) }},
		{"close", true, func(r *rig, th *thread, fd int) int { return r.c.closeSocket(th, fd) }},
	} {
		t.Run(use.name, func(t *testing.T) {
			r := newRig(t, o, 1)
			r.listen(5)
			r.send(&seg{srcPort: 1000, seq: 100, flags: flagSYN, wnd: 5840})
			pcb := r.conn(1000)
			r.send(&seg{srcPort: 1000, seq: 101, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
			r.send(&seg{srcPort: 1000, seq: 101, ack: pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
			fd := -1
			r.do(0, func(th *thread) {
				fd = r.c.accept(th, 0)
				require.Zero(t, r.c.shutdown(th, fd, ShutWR))
				require.Equal(t, LastAck, pcb.state)
				require.Zero(t, r.c.recv(th, fd, make([]byte, 10), 0))
			})
			r.send(&seg{srcPort: 1000, seq: 102, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
			require.Nil(t, r.conn(1000))
			ret := -1
			r.do(0, func(th *thread) { ret = use.call(r, th, fd) })
			if use.undef {
				require.Contains(t, r.undef, "freed")
			} else {
				require.Empty(t, r.undef)
				require.Zero(t, ret)
			}
		})
	}
}

// The only byte queued goes out as a probe of a closed window, and the peer
// takes it and keeps its window closed.
func TestProbeTakesTheLastByte(t *testing.T) {
	r := newRig(t, DefaultOptions(), 1)
	r.mayAssert = true
	l := r.listen(5)
	pcb := r.open(1000)
	fd := r.accept(l)
	r.send(&seg{srcPort: 1000, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 5840, data: []byte{1}})
	r.send(&seg{srcPort: 1000, seq: 2, ack: pcb.sndNxt, flags: flagACK, data: []byte{1}}) // closes the window
	r.do(0, func(th *thread) { require.Equal(t, 1, r.c.send(th, fd, [][]byte{{1}}, 0)) })
	nxt := pcb.sndNxt
	r.advance(2500)
	require.Equal(t, nxt+1, pcb.sndNxt, "the probe is sent")
	require.Empty(t, r.undef)
	r.send(&seg{srcPort: 1000, seq: 3, ack: nxt + 1, flags: flagACK})
	r.advance(1000)
	require.Contains(t, r.undef, "persist ticking with empty send buffer")
}
