package lwipmodel

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
	"github.com/plimsoll-sim/plimsoll/sim/wire"
)

func TestSelectAndPoll(t *testing.T) {
	done := false
	b := newBench(t, 1, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		s, loop := b.s, b.loop
		l, err := s.Socket(task, SockStream)
		require.NoError(t, err)
		require.NoError(t, s.Bind(task, l, netip.AddrPortFrom(netip.Addr{}, devicePort)))
		require.NoError(t, s.Listen(task, l, 5))

		// It only looks.
		n, err := s.Select(task, []PollFd{{Fd: l, Read: true, Write: true}}, 0)
		require.NoError(t, err)
		require.Zero(t, n)

		// It takes two blocks while it waits, and gives them back.
		held, _ := s.Held()
		start := loop.Now()
		var during uint32
		loop.After(50*time.Millisecond, func() { during = b.live()["select"] })
		n, err = s.Select(task, []PollFd{{Fd: l, Read: true}}, 105*time.Millisecond)
		require.NoError(t, err)
		require.Zero(t, n)
		require.InDelta(t, 0.12, (loop.Now() - start).Seconds(), 0.011, "the timeout in ticks and one more")
		require.EqualValues(t, 3*28+3*4, during)
		after, _ := s.Held()
		require.Equal(t, held, after)

		// A connection wakes it, and its data wakes poll.
		n, err = s.Select(task, []PollFd{{Fd: l, Read: true}}, -1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		fd, err := s.Accept(task, l)
		require.NoError(t, err)
		fds := []PollFd{{Fd: l, Read: true}, {Fd: -1, Read: true}, {Fd: fd, Read: true}, {Fd: 99, Read: true}}
		n, err = s.Poll(task, fds, 10*time.Second)
		require.NoError(t, err)
		require.Equal(t, 2, n, "one is readable, one is no descriptor")
		require.True(t, fds[2].CanRead)
		require.True(t, fds[3].Invalid)
		require.False(t, fds[0].CanRead)

		// The reset is three conditions of one descriptor.
		k, err := s.Recv(task, fd, make([]byte, 10), 0)
		require.NoError(t, err)
		require.Equal(t, 5, k)
		fds = []PollFd{{Fd: fd, Read: true}}
		n, err = s.Poll(task, fds, -1)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.True(t, fds[0].CanRead && fds[0].Err)
		require.NoError(t, s.Close(task, fd))

		_, err = s.Select(task, []PollFd{{Fd: fd, Read: true}}, time.Second)
		require.Equal(t, EBADF, err)
		_, err = s.Poll(task, []PollFd{{Fd: 3, Read: true}}, time.Second)
		require.Equal(t, EBADF, err)
		done = true
	})
	b.hosts[0].Go("client", func(p *vtime.Proc) {
		p.Sleep(5 * time.Second)
		c, err := b.hosts[0].Dial(p, deviceAddr, devicePort, 5*time.Second)
		require.NoError(t, err)
		p.Sleep(time.Second)
		_, err = c.Write(p, []byte("hello"), time.Second)
		require.NoError(t, err)
		p.Sleep(time.Second)
		c.Abort()
	})
	require.NoError(t, b.loop.Run(time.Minute))
	require.True(t, done)
}

// A device without memory for the two blocks.
func TestSelectWithoutMemory(t *testing.T) {
	done := false
	b := newBench(t, 0, DefaultOptions(), wire.FastEthernet("dev cable"), func(b *bench, task *freertos.Task) {
		l, err := b.s.Socket(task, SockStream)
		require.NoError(t, err)
		b.s.c.mem = failing{b.s.c.mem, KindSelect}
		_, err = b.s.Select(task, []PollFd{{Fd: l, Read: true}}, time.Second)
		require.Equal(t, ENOMEM, err)
		done = true
	})
	require.NoError(t, b.loop.Run(time.Second))
	require.True(t, done)
}

// failing is a memory that has none of a kind.
type failing struct {
	Memory
	kind Kind
}

func (f failing) Malloc(k Kind, size uint32, h *Holder) Block {
	if k == f.kind {
		return 0
	}
	return f.Memory.Malloc(k, size, h)
}
