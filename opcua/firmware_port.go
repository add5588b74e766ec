package opcua

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// deviceMemory is the server's memory on a device: libc's malloc.
type deviceMemory struct {
	heap   *heap.Heap
	kernel *freertos.Kernel
	task   string
	object string
	known  map[string]*objectOwners
	now    *objectOwners // those of object
}

// objectOwners are the owners of one object's blocks; there are a few kinds.
type objectOwners []struct {
	what  string
	owner heap.Owner
}

// SetObject implements [ObjectNamer].
func (m *deviceMemory) SetObject(object string) (previous string) {
	previous = m.object
	if object == previous && m.now != nil {
		return previous
	}
	m.object, m.now = object, m.known[object]
	if m.now == nil {
		if m.known == nil {
			m.known = map[string]*objectOwners{}
		}
		m.now = new(objectOwners)
		m.known[object] = m.now
	}
	return previous
}

func (m *deviceMemory) owner(what string) heap.Owner {
	if m.now == nil {
		m.SetObject(m.object)
	}
	for i := range *m.now {
		if e := &(*m.now)[i]; e.what == what {
			return e.owner
		}
	}
	o := m.heap.Intern(heap.Tag{Task: m.task, Object: m.object, What: what})
	*m.now = append(*m.now, struct {
		what  string
		owner heap.Owner
	}{what, o})
	return o
}

func (m *deviceMemory) Malloc(n uint32, what string) uint32 {
	return uint32(m.heap.MallocDefault(m.owner(what), n))
}

func (m *deviceMemory) Calloc(n uint32, what string) uint32 {
	return uint32(m.heap.CallocDefault(m.owner(what), 1, n))
}

func (m *deviceMemory) Realloc(p, n uint32, what string) uint32 {
	q, err := m.heap.ReallocDefault(m.owner(what), heap.Addr(p), n)
	m.check(err)
	return uint32(q)
}

func (m *deviceMemory) Free(p uint32) { m.check(m.heap.Free(heap.Addr(p))) }

// Roomy reports whether a block of n bytes is sure to be there.
func (m *deviceMemory) Roomy(n uint32) bool { return m.heap.LargestFreeBlock(heap.CapDefault) >= n }

func (m *deviceMemory) check(err error) {
	if err != nil {
		m.kernel.Abort(err.Error())
	}
}

// deviceClock is FreeRTOS's tick count and the wall clock that runs with it
// (arch/freertosLWIP/ua_clock.c).
type deviceClock struct {
	ticks func() uint32
	hz    int64
	wall  int64
	set   int64 // when SNTP sets the clock, monotonic

	wide       bool // the count of ticks does not wrap
	last       uint32
	wraps      int64
	everBefore bool
}

func (c *deviceClock) Monotonic() int64 {
	n := c.ticks()
	if c.everBefore && n < c.last {
		c.wraps++
	}
	c.last, c.everBefore = n, true
	count := int64(n)
	if c.wide {
		count += c.wraps << 32
	}
	return count * 1000 / c.hz * ticksPerMillisecond
}

func (c *deviceClock) Now() int64 {
	now := c.Monotonic()
	if now < c.set {
		return unixEpoch + now
	}
	return c.wall + now
}

// unixEpoch is 1970-01-01, from which the clock of a chip counts until it is set, in
// 100 ns since 1601.
const unixEpoch = 116_444_736_000_000_000

// deviceSockets is lwIP as the server sees it.
type deviceSockets struct {
	app        *sim.App
	net        *lwipmodel.Stack
	lingerZero bool
	everyTurn  bool
	fds        []lwipmodel.PollFd
	open       FDSet
	idle       bool // the task waits for something to happen on a socket
}

func (s *deviceSockets) Listen(port uint16, backlog int) (int, error) {
	t := s.app.Task
	fd, err := s.net.Socket(t, lwipmodel.SockStream)
	if err != nil {
		return -1, deviceErrno(err)
	}
	for _, step := range []func() error{
		func() error { return s.net.Setsockopt(t, fd, lwipmodel.SOReuseAddr, 1) },
		func() error { return s.net.SetNonBlocking(t, fd, true) },
		func() error { return s.net.Bind(t, fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)) },
		func() error { return s.net.Listen(t, fd, backlog) },
	} {
		if err := step(); err != nil {
			_ = s.net.Close(t, fd)
			return -1, fmt.Errorf("opcua: listening on port %d: %w", port, err)
		}
	}
	s.open.Set(fd)
	return fd, nil
}

func (s *deviceSockets) Select(read, except *FDSet) (int, error) {
	s.fds = s.fds[:0]
	for fd := range FDSetSize {
		if read.Has(fd) || except.Has(fd) {
			s.fds = append(s.fds, lwipmodel.PollFd{Fd: fd, Read: read.Has(fd), Except: except.Has(fd)})
		}
	}
	n, err := s.net.Select(s.app.Task, s.fds, 0)
	if err != nil {
		return -1, deviceErrno(err)
	}
	*read, *except = 0, 0
	for _, p := range s.fds {
		if p.CanRead {
			read.Set(p.Fd)
		}
		if p.Err {
			except.Set(p.Fd)
		}
	}
	return n, nil
}

func (s *deviceSockets) Accept(listener int) (int, string, error) {
	t := s.app.Task
	fd, err := s.net.Accept(t, listener)
	if err != nil {
		return -1, "", deviceErrno(err)
	}
	_ = s.net.SetNonBlocking(t, fd, true)
	_ = s.net.Setsockopt(t, fd, lwipmodel.TCPNoDelay, 1)
	if s.lingerZero {
		_ = s.net.SetLinger(t, fd, true, 0) // ENOPROTOOPT without CONFIG_LWIP_SO_LINGER
	}
	peer := ""
	if a, err := s.net.Getpeername(t, fd); err == nil {
		peer = a.String()
	}
	s.open.Set(fd)
	return fd, peer, nil
}

func (s *deviceSockets) Recv(fd int, b []byte) (int, error) {
	n, err := s.net.Recv(s.app.Task, fd, b, 0)
	return n, deviceErrno(err)
}

func (s *deviceSockets) Send(fd int, b []byte) (int, error) {
	n, err := s.net.Send(s.app.Task, fd, b, 0)
	return n, deviceErrno(err)
}

func (s *deviceSockets) Shutdown(fd int) error {
	return deviceErrno(s.net.Shutdown(s.app.Task, fd, lwipmodel.ShutRDWR))
}

func (s *deviceSockets) Close(fd int) error {
	s.open &^= 1 << fd
	return deviceErrno(s.net.Close(s.app.Task, fd))
}

// Spin implements [SpinWaiter]: the loop around send takes all of the core's
// time, so that the task watchdog, or the end of the connection, ends it.
func (s *deviceSockets) Spin(int) { s.app.Spend(time.Millisecond) }

// deviceErrno turns lwIP's errno into the server's.
func deviceErrno(err error) error {
	var e lwipmodel.Errno
	if errors.As(err, &e) {
		return Errno(e)
	}
	return err
}
