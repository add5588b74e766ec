package lwipmodel

// A SockOpt names an option of Setsockopt and Getsockopt.
type SockOpt uint8

// The options. Times are in milliseconds where C takes a struct timeval.
const (
	SOReuseAddr  SockOpt = iota // SOL_SOCKET SO_REUSEADDR, 0 or 1
	SOKeepAlive                 // SOL_SOCKET SO_KEEPALIVE, 0 or 1
	SOBroadcast                 // SOL_SOCKET SO_BROADCAST, 0 or 1, UDP only
	SORcvTimeo                  // SOL_SOCKET SO_RCVTIMEO, ms, 0 = none
	SOSndTimeo                  // SOL_SOCKET SO_SNDTIMEO, ms, 0 = none
	SORcvBufSize                // SOL_SOCKET SO_RCVBUF, bytes; needs SORcvBuf
	SOError                     // SOL_SOCKET SO_ERROR, read only: the pending error, which it clears
	SOAcceptConn                // SOL_SOCKET SO_ACCEPTCONN, read only
	SOType                      // SOL_SOCKET SO_TYPE, read only
	TCPNoDelay                  // IPPROTO_TCP TCP_NODELAY, 0 or 1
	TCPKeepAlive                // IPPROTO_TCP TCP_KEEPALIVE, ms
	TCPKeepIdle                 // IPPROTO_TCP TCP_KEEPIDLE, s
	TCPKeepIntvl                // IPPROTO_TCP TCP_KEEPINTVL, s
	TCPKeepCnt                  // IPPROTO_TCP TCP_KEEPCNT
	IPTTL                       // IPPROTO_IP IP_TTL
	IPTOS                       // IPPROTO_IP IP_TOS
	soLinger
)

// sockoptCall is a setsockopt or getsockopt on its way through the tcpip task.
type sockoptCall struct {
	th         *thread
	fd         int
	opt        SockOpt
	get        bool
	value, sec int
	err        Errno
}

// sockopt does a call of setsockopt or getsockopt in the tcpip task: the message
// to it is the one thing these calls allocate.
func (c *core) sockopt(th *thread, call *sockoptCall) int {
	s := c.getSocket(call.fd)
	if s == nil {
		return th.fail(EBADF)
	}
	call.th = th
	if c.opt.CoreLocking {
		c.lockCore(th)
		call.err = c.sockoptImpl(call)
		c.unlockCore()
	} else {
		if err := c.callback(th, (*core).sockoptCallback, call); err != ErrOK {
			c.doneSocket(th, s)
			return th.failErr(err)
		}
		c.semWait(th, 0)
	}
	c.doneSocket(th, s)
	if call.err != 0 {
		return th.fail(call.err)
	}
	return 0
}

func (c *core) sockoptCallback(arg any) {
	call := arg.(*sockoptCall)
	call.err = c.sockoptImpl(call)
	call.th.semSignal()
}

// sockoptImpl is lwip_setsockopt_impl and lwip_getsockopt_impl.
func (c *core) sockoptImpl(call *sockoptCall) Errno {
	s := c.getSocket(call.fd)
	if s == nil {
		return EBADF
	}
	err := c.sockoptDo(s, call)
	c.doneSocket(nil, s)
	return err
}

func (c *core) sockoptDo(s *socket, call *sockoptCall) Errno {
	n := s.conn
	pcb := n.tcp
	switch call.opt {
	case SOReuseAddr, SOKeepAlive, SOBroadcast, SOAcceptConn, IPTTL, IPTOS, TCPNoDelay, TCPKeepAlive, TCPKeepIdle, TCPKeepIntvl, TCPKeepCnt:
		// These are kept in the PCB; the others are the netconn's.
		if c.dangling(n) {
			return EINVAL
		}
	}
	switch call.opt {
	case SOReuseAddr, SOKeepAlive, SOBroadcast:
		bit := sofKeepAlive
		switch call.opt {
		case SOReuseAddr:
			if !c.opt.SOReuse {
				return ENOPROTOOPT
			}
			bit = sofReuseAddr
		case SOBroadcast:
			if n.typ != netconnUDP {
				return ENOPROTOOPT
			}
			bit = sofBroadcast
		}
		var opts *uint8
		switch {
		case pcb != nil:
			opts = &pcb.soOptions
		case n.udp != nil:
			opts = &n.udp.soOptions
		default:
			return EINVAL
		}
		switch {
		case call.get:
			call.value = int(*opts & bit)
		case call.value != 0:
			*opts |= bit
		default:
			*opts &^= bit
		}
		return 0
	case SORcvTimeo, SOSndTimeo:
		t := &n.recvTimeout
		if call.opt == SOSndTimeo {
			t = &n.sendTimeout
		}
		if call.get {
			call.value = int(*t)
			return 0
		}
		if call.value < 0 {
			return EINVAL
		}
		*t = uint32(call.value)
		return 0
	case SORcvBufSize:
		if !c.opt.SORcvBuf {
			return ENOPROTOOPT
		}
		if call.get {
			call.value = n.recvBufSize
		} else {
			n.recvBufSize = call.value
		}
		return 0
	case soLinger:
		return c.lingerOption(n, call)
	case SOError, SOAcceptConn, SOType:
		if !call.get {
			return ENOPROTOOPT
		}
		switch {
		case call.opt == SOError:
			call.value = int(n.takeErr().errno())
		case call.opt == SOType:
			call.value = SockStream
			if n.typ == netconnUDP {
				call.value = SockDgram
			}
		case n.typ != netconnTCP:
			return ENOPROTOOPT
		case pcb == nil:
			return EINVAL
		default:
			call.value = 0
			if pcb.state == Listen {
				call.value = 1
			}
		}
		return 0
	case IPTTL, IPTOS:
		var ttl, tos *uint8
		switch {
		case pcb != nil:
			ttl, tos = &pcb.ttl, &pcb.tos
		case n.udp != nil:
			ttl, tos = &n.udp.ttl, &n.udp.tos
		default:
			return EINVAL
		}
		v := ttl
		if call.opt == IPTOS {
			v = tos
		}
		if call.get {
			call.value = int(*v)
		} else {
			*v = uint8(call.value)
		}
		return 0
	case TCPNoDelay, TCPKeepAlive, TCPKeepIdle, TCPKeepIntvl, TCPKeepCnt:
		if pcb == nil && n.udp == nil {
			return EINVAL
		}
		if n.typ != netconnTCP {
			return ENOPROTOOPT
		}
		if pcb.state == Listen {
			return EINVAL
		}
		tcpOption(pcb, call)
		return 0
	}
	return ENOPROTOOPT
}

func tcpOption(pcb *tcpPCB, call *sockoptCall) {
	v, unit := &pcb.keepCnt, uint32(1)
	switch call.opt {
	case TCPNoDelay:
		switch {
		case call.get:
			call.value = 0
			if pcb.has(tfNoDelay) {
				call.value = 1
			}
		case call.value != 0:
			pcb.set(tfNoDelay)
		default:
			pcb.clear(tfNoDelay)
		}
		return
	case TCPKeepAlive:
		v = &pcb.keepIdle
	case TCPKeepIdle:
		v, unit = &pcb.keepIdle, 1000
	case TCPKeepIntvl:
		v, unit = &pcb.keepIntvl, 1000
	}
	if call.get {
		call.value = int(*v / unit)
	} else {
		*v = unit * uint32(call.value)
	}
}

// lingerOption is SO_LINGER: value is l_onoff, sec is l_linger.
func (c *core) lingerOption(n *netconn, call *sockoptCall) Errno {
	if !c.opt.SOLinger {
		return ENOPROTOOPT
	}
	if call.get {
		call.value, call.sec = 0, 0
		if n.linger >= 0 {
			call.value, call.sec = 1, int(n.linger)
		}
		return 0
	}
	if call.value == 0 {
		n.linger = -1
		return 0
	}
	if call.sec < 0 {
		return EINVAL
	}
	n.linger = int16(uint16(min(call.sec, 0xffff))) // more than 32767 s comes out negative: off
	return 0
}

// setNonBlocking is ioctl(FIONBIO), which needs no message.
func (c *core) setNonBlocking(th *thread, fd int, on bool) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	if on {
		s.conn.flags |= ncNonBlocking
	} else {
		s.conn.flags &^= ncNonBlocking
	}
	c.doneSocket(th, s)
	return 0
}

// readable is ioctl(FIONREAD): bytes that can be read.
func (c *core) readable(th *thread, fd int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	defer c.doneSocket(th, s)
	if !c.opt.SORcvBuf {
		return th.fail(ENOSYS)
	}
	n := max(s.conn.recvAvail, 0)
	if s.pbuf != nil {
		n += int(s.pbuf.totLen)
	}
	if s.netbuf != nil {
		n += int(s.netbuf.p.totLen)
	}
	return n
}
