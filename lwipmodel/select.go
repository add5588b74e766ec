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
	Invalid                bool // result of Poll: the descriptor is above all that exist
}

// selectScan fills in the results and counts them; -1 for a bad descriptor.
func (c *core) selectScan(fds []PollFd) int {
	n := 0
	for i := range fds {
		f := &fds[i]
		f.CanRead, f.CanWrite, f.Err = false, false, false
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
	c.selectChanges++
	for i := range fds {
		c.sockets[fds[i].Fd].selectWaiting++ // the scan found them all
	}
	ok := c.semWait(th, uint32(max(ms, 0)))
	for i := range fds {
		if s := &c.sockets[fds[i].Fd]; s.selectWaiting > 0 {
			s.selectWaiting--
		}
	}
	for i, o := range c.selects {
		if o == cb {
			c.selects = append(c.selects[:i], c.selects[i+1:]...)
			c.selectChanges++
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

// selectCheck is select_check_waiters: the newest waiter first. Waking one may
// let it run at once and change the list; the search then starts again.
func (c *core) selectCheck(fd int, s *socket) {
again:
	for i := len(c.selects) - 1; i >= 0; i-- {
		cb := c.selects[i]
		if cb.signalled {
			continue
		}
		for _, f := range cb.fds {
			if f.Fd == fd && (f.Read && s.rcvevent != 0 || f.Write && s.sendevent || f.Except && s.errevent) {
				cb.signalled = true
				changes := c.selectChanges
				cb.th.semSignal()
				if changes != c.selectChanges {
					goto again
				}
				break
			}
		}
	}
}
