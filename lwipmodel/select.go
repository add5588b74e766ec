package lwipmodel

// A selectCB is a thread that waits in select or poll for one of several
// descriptors. (lwip: src/api/sockets.c, struct lwip_select_cb)
type selectCB struct {
	th        *thread
	fds       []PollFd
	signalled bool
}

// A PollFd is one descriptor of a Select or Poll call.
type PollFd struct {
	Fd                     int
	Read, Write, Except    bool // wanted
	CanRead, CanWrite, Err bool // result
}

// selectScan fills in the results and counts them; -1 for a bad descriptor.
func (c *core) selectScan(fds []PollFd) int {
	n := 0
	for i := range fds {
		f := &fds[i]
		f.CanRead, f.CanWrite, f.Err = false, false, false
		if !f.Read && !f.Write && !f.Except {
			continue
		}
		s := c.getSocket(f.Fd)
		if s == nil {
			return -1
		}
		if f.Read && (s.pbuf != nil || s.netbuf != nil || s.rcvevent > 0) {
			f.CanRead = true
			n++
		}
		if f.Write && s.sendevent {
			f.CanWrite = true
			n++
		}
		if f.Except && s.errevent {
			f.Err = true
			n++
		}
		c.doneSocket(nil, s)
	}
	return n
}

// selectWait is lwip_select: it waits until one of the descriptors is ready, or
// for ms milliseconds (0: not at all, below 0: for ever). It returns the number
// of results, or -1.
func (c *core) selectWait(th *thread, fds []PollFd, ms int64) int {
	n := c.selectScan(fds)
	if n < 0 {
		return th.fail(EBADF)
	}
	if n > 0 || ms == 0 {
		return n
	}
	cb := &selectCB{th: th, fds: fds}
	c.selects = append(c.selects, cb)
	marked := 0
	for i := range fds {
		if fds[i].Fd >= 0 && fds[i].Fd < len(c.sockets) {
			c.sockets[fds[i].Fd].selectWaiting++
		}
		marked++
	}
	wait := uint32(0)
	if ms > 0 {
		wait = uint32(ms)
	}
	ok := c.semWait(th, wait)
	for i := range fds[:marked] {
		if fd := fds[i].Fd; fd >= 0 && fd < len(c.sockets) && c.sockets[fd].selectWaiting > 0 {
			c.sockets[fd].selectWaiting--
		}
	}
	for i, o := range c.selects {
		if o == cb {
			c.selects = append(c.selects[:i], c.selects[i+1:]...)
			break
		}
	}
	if cb.signalled && !ok {
		c.semWait(th, 1) // signalled just as it timed out: take the signal away
	}
	if !ok {
		return 0
	}
	if n = c.selectScan(fds); n < 0 {
		return th.fail(EBADF)
	}
	return n
}

// selectCheck is select_check_waiters: the newest waiter first.
func (c *core) selectCheck(fd int, s *socket) {
	for i := len(c.selects) - 1; i >= 0; i-- {
		cb := c.selects[i]
		if cb.signalled {
			continue
		}
		for _, f := range cb.fds {
			if f.Fd == fd && (f.Read && s.rcvevent != 0 || f.Write && s.sendevent || f.Except && s.errevent) {
				cb.signalled = true
				cb.th.semSignal()
				break
			}
		}
	}
}
