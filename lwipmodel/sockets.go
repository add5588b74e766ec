package lwipmodel

// A socket is one slot of lwIP's static array of descriptors; it takes no heap.
// (lwip: src/api/sockets.c)
type socket struct {
	conn          *netconn
	pbuf          *pbuf   // received data not yet taken in full
	netbuf        *netbuf // the same for datagrams
	rcvevent      int16
	sendevent     bool
	errevent      bool
	selectWaiting uint8
	fdUsed        uint8
	freePending   bool
}

// netconnEvent is what a netconn reports to its socket.
type netconnEvent uint8

const (
	evtRcvPlus netconnEvent = iota
	evtRcvMinus
	evtSendPlus
	evtSendMinus
	evtError
)

// event is event_callback: it keeps the counters that select looks at, and wakes
// whoever waits.
func (c *core) event(n *netconn, evt netconnEvent) {
	if n.socket < 0 {
		// Not accepted yet: remember how often something came.
		if evt == evtRcvPlus {
			n.socket--
		}
		return
	}
	s := c.getSocket(n.socket)
	if s == nil {
		return
	}
	check := true
	switch evt {
	case evtRcvPlus:
		s.rcvevent++
		check = s.rcvevent <= 1
	case evtRcvMinus:
		s.rcvevent--
		check = false
	case evtSendPlus:
		check = !s.sendevent
		s.sendevent = true
	case evtSendMinus:
		s.sendevent = false
		check = false
	case evtError:
		s.errevent = true
	}
	if s.selectWaiting != 0 && check {
		c.selectCheck(n.socket, s)
	}
	if check && c.watchSockets != nil {
		c.watchSockets()
	}
	c.doneSocket(nil, s)
}

// getSocket finds an open descriptor and counts its user; nil: EBADF.
func (c *core) getSocket(fd int) *socket {
	if fd < 0 || fd >= len(c.sockets) {
		return nil
	}
	s := &c.sockets[fd]
	if s.freePending {
		return nil
	}
	s.fdUsed++
	if s.conn == nil {
		c.doneSocket(nil, s)
		return nil
	}
	return s
}

// doneSocket drops a user; the last one frees a descriptor that was closed
// meanwhile.
func (c *core) doneSocket(th *thread, s *socket) {
	s.fdUsed--
	if s.fdUsed == 0 && s.freePending {
		s.fdUsed = 1
		c.freeSocket(th, s)
	}
}

// allocSocket is alloc_socket: the lowest free slot, or -1.
func (c *core) allocSocket(n *netconn, accepted bool) int {
	for i := range c.sockets {
		s := &c.sockets[i]
		if s.conn != nil || s.fdUsed != 0 {
			continue
		}
		*s = socket{conn: n, fdUsed: 1, sendevent: n.typ != netconnTCP || accepted, selectWaiting: s.selectWaiting}
		return i
	}
	return -1
}

// freeSocket is free_socket: while other threads use the descriptor, the last
// one of them does it.
func (c *core) freeSocket(th *thread, s *socket) {
	s.fdUsed--
	if s.fdUsed > 0 {
		s.freePending = true
		return
	}
	s.freePending = false
	s.selectWaiting = 0
	n, p, nb := s.conn, s.pbuf, s.netbuf
	s.conn, s.pbuf, s.netbuf = nil, nil, nil
	if p != nil {
		c.pbufFree(p)
	}
	if nb != nil {
		c.netbufDelete(nb)
	}
	if n != nil {
		c.netconnDelete(th, n)
	}
}

// fail sets errno and returns the -1 of a failed call. A zero errno leaves the
// old value, as set_errno does.
func (th *thread) fail(e Errno) int {
	if e != 0 {
		th.errno = e
	}
	return -1
}

func (th *thread) failErr(err Err) int { return th.fail(err.errno()) }

// Types of sockets.
const (
	SockStream = 1
	SockDgram  = 2
)

// socketNew is lwip_socket.
func (c *core) socketNew(th *thread, typ int) int {
	var n *netconn
	switch typ {
	case SockStream:
		n = c.netconnNew(th, netconnTCP)
	case SockDgram:
		n = c.netconnNew(th, netconnUDP)
	default:
		return th.fail(EINVAL)
	}
	if n == nil {
		return th.fail(ENOBUFS)
	}
	fd := c.allocSocket(n, false)
	if fd < 0 {
		c.netconnDelete(th, n)
		return th.fail(ENFILE)
	}
	n.socket = fd
	c.doneSocket(th, &c.sockets[fd])
	return fd
}

// bind is lwip_bind.
func (c *core) bind(th *thread, fd int, ip ip4, port uint16) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	err := c.netconnBind(th, s.conn, ip, port)
	c.doneSocket(th, s)
	if err != ErrOK {
		return th.failErr(err)
	}
	return 0
}

// listen is lwip_listen; the backlog is cut to 0 to 255.
func (c *core) listen(th *thread, fd, backlog int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	typ := s.conn.typ
	err := c.netconnListen(th, s.conn, uint8(min(max(backlog, 0), 255)))
	c.doneSocket(th, s)
	if err != ErrOK {
		if typ != netconnTCP {
			return th.fail(EOPNOTSUPP)
		}
		return th.failErr(err)
	}
	return 0
}

// accept is lwip_accept without asking for the peer's address.
func (c *core) accept(th *thread, fd int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	typ := s.conn.typ
	n, err := c.netconnAccept(th, s.conn)
	if err != ErrOK {
		c.doneSocket(th, s)
		switch {
		case typ != netconnTCP:
			return th.fail(EOPNOTSUPP)
		case err == ErrClsd:
			return th.fail(EINVAL)
		}
		return th.failErr(err)
	}
	nfd := c.allocSocket(n, true)
	if nfd < 0 {
		c.netconnDelete(th, n) // the client sees an orderly close
		c.doneSocket(th, s)
		return th.fail(ENFILE)
	}
	events := -1 - n.socket
	n.socket = nfd
	for range events {
		c.event(n, evtRcvPlus)
	}
	c.doneSocket(th, s)
	c.doneSocket(th, &c.sockets[nfd])
	return nfd
}

// connect is lwip_connect.
func (c *core) connect(th *thread, fd int, ip ip4, port uint16) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	err := c.netconnConnect(th, s.conn, ip, port)
	c.doneSocket(th, s)
	if err != ErrOK {
		return th.failErr(err)
	}
	return 0
}

// Directions of shutdown.
const (
	ShutRD   = 0
	ShutWR   = 1
	ShutRDWR = 2
)

// shutdown is lwip_shutdown.
func (c *core) shutdown(th *thread, fd, how int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	if s.conn.typ != netconnTCP {
		c.doneSocket(th, s)
		return th.fail(EOPNOTSUPP)
	}
	if how < ShutRD || how > ShutRDWR {
		c.doneSocket(th, s)
		return th.fail(EINVAL)
	}
	err := c.netconnShutdown(th, s.conn, uint8(how+1))
	c.doneSocket(th, s)
	if err != ErrOK {
		return th.failErr(err)
	}
	return 0
}

// closeSocket is lwip_close.
func (c *core) closeSocket(th *thread, fd int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	if err := c.netconnPrepareDelete(th, s.conn); err != ErrOK {
		c.doneSocket(th, s)
		return th.failErr(err)
	}
	c.freeSocket(th, s)
	return 0
}

// getName is lwip_getpeername, or with local lwip_getsockname.
func (c *core) getName(th *thread, fd int, local bool) (ip4, uint16, int) {
	s := c.getSocket(fd)
	if s == nil {
		return 0, 0, th.fail(EBADF)
	}
	ip, port, err := c.netconnGetAddr(th, s.conn, local)
	c.doneSocket(th, s)
	if err != ErrOK {
		return 0, 0, th.failErr(err)
	}
	return ip, port, 0
}
