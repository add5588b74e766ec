package lwipmodel

import (
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// Select waits until one of the descriptors is ready, at most for timeout (below
// 0: for ever, 0: it only looks), fills in the results and returns their number
// (lwip_select). Error: EBADF.
//
// ESP-IDF's select goes through the virtual file system, which takes two blocks
// for the time of the call; see Options.VFSCount.
func (s *Stack) Select(t *freertos.Task, fds []PollFd, timeout time.Duration) (int, error) {
	return s.call(t, "select", func(th *thread) int {
		for i := range fds {
			fds[i].Fd -= s.offset
		}
		n := s.selectVFS(th, fds, timeout)
		for i := range fds {
			fds[i].Fd += s.offset
		}
		return n
	})
}

// Poll is poll, which ESP-IDF builds upon select: descriptors below 0 are passed
// over, an error is watched for wherever reading or writing is, and the result is
// select's number of conditions, not of descriptors.
// (idf: components/newlib/poll.c)
func (s *Stack) Poll(t *freertos.Task, fds []PollFd, timeout time.Duration) (int, error) {
	var asked []PollFd
	var index []int
	invalid := 0
	for i := range fds {
		f := &fds[i]
		f.CanRead, f.CanWrite, f.Err, f.Invalid = false, false, false, false
		switch {
		case f.Fd < 0:
		case f.Fd >= fdSetSize:
			f.Invalid = true
			invalid++
		case f.Read || f.Write:
			asked = append(asked, PollFd{Fd: f.Fd, Read: f.Read, Write: f.Write, Except: true})
			index = append(index, i)
		}
	}
	n, err := s.Select(t, asked, timeout)
	if n <= 0 {
		return n, err
	}
	for k, a := range asked {
		f := &fds[index[k]]
		f.CanRead, f.CanWrite, f.Err = a.CanRead, a.CanWrite, a.Err
	}
	return n + invalid, nil
}

// selectVFS is esp_vfs_select for sockets alone: a set of triples, one for each
// registered file system, and an array of semaphores.
// (idf: components/vfs/vfs.c)
func (s *Stack) selectVFS(th *thread, fds []PollFd, timeout time.Duration) int {
	c := s.c
	ms := int64(-1)
	if timeout >= 0 {
		ms = int64((timeout + time.Millisecond/2) / time.Millisecond)
		if ms == 0 && timeout > 0 {
			ms = 1
		}
	}
	n := uint32(c.opt.VFSCount)
	if n == 0 {
		return c.selectWait(th, fds, ms)
	}
	const fdsTriple = 4 + 3*8 // isset and three fd_sets of 64 bits
	triples := c.malloc(KindSelect, n*fdsTriple, c.self)
	if triples == 0 {
		return th.fail(ENOMEM)
	}
	sems := c.malloc(KindSelect, n*4, c.self)
	if sems == 0 {
		c.free(KindSelect, triples, n*fdsTriple, c.self)
		return th.fail(ENOMEM)
	}
	ret := c.selectWait(th, fds, ms)
	th.signalled = false
	c.free(KindSelect, triples, n*fdsTriple, c.self)
	c.free(KindSelect, sems, n*4, c.self)
	return ret
}
