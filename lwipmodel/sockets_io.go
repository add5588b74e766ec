package lwipmodel

// Sending and receiving through a socket. (lwip: src/api/sockets.c)

// Flags of recv and send.
const (
	MsgPeek     = 0x01
	MsgDontWait = 0x08
	MsgMore     = 0x10
)

// recv is lwip_recv for a stream: it returns what has arrived, up to the length
// of buf, and blocks only while nothing has.
func (c *core) recv(th *thread, fd int, buf []byte, flags int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	if s.conn.typ != netconnTCP {
		n, _, _ := c.recvDgram(th, s, buf, flags)
		c.doneSocket(th, s)
		return n
	}
	n := c.recvStream(th, s, buf, flags)
	c.doneSocket(th, s)
	return n
}

// recvFrom is lwip_recvfrom with the sender's address.
func (c *core) recvFrom(th *thread, fd int, buf []byte, flags int) (int, ip4, uint16) {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF), 0, 0
	}
	var n int
	var ip ip4
	var port uint16
	if s.conn.typ == netconnTCP {
		n = c.recvStream(th, s, buf, flags)
		ip, port, _ = c.netconnGetAddr(th, s.conn, false)
	} else {
		n, ip, port = c.recvDgram(th, s, buf, flags)
	}
	c.doneSocket(th, s)
	return n, ip, port
}

// sendTo is lwip_sendto.
func (c *core) sendTo(th *thread, fd int, data []byte, ip ip4, port uint16) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	vec := [][]byte{data}
	if s.conn.typ == netconnTCP {
		c.doneSocket(th, s)
		return c.send(th, fd, vec, 0)
	}
	n := c.sendDgram(th, s, vec, ip, port)
	c.doneSocket(th, s)
	return n
}

func (c *core) recvStream(th *thread, s *socket, buf []byte, flags int) int {
	dontBlock, noFin := flags&MsgDontWait != 0, false
	got := 0
	for {
		p := s.pbuf
		if p == nil {
			var err Err
			p, err = c.netconnRecvTCP(th, s.conn, dontBlock, noFin)
			if err != ErrOK {
				if got > 0 {
					break
				}
				th.failErr(err)
				if err == ErrClsd {
					return 0
				}
				return -1
			}
			s.pbuf = p
		}
		n := pbufCopy(buf[got:min(len(buf), got+int(p.totLen))], p, 0)
		got += n
		if flags&MsgPeek == 0 {
			if int(p.totLen) > n {
				s.pbuf = c.pbufFreeHeader(p, uint16(n))
			} else {
				s.pbuf = nil
				c.pbufFree(p)
			}
		}
		// Once there is something, more is taken only if it is there already, and
		// a FIN is left for the next call.
		dontBlock, noFin = true, true
		if got >= len(buf) || flags&MsgPeek != 0 {
			break
		}
	}
	if got > 0 && flags&MsgPeek == 0 {
		c.netconnRecved(th, s.conn, got)
	}
	return got
}

// send is lwip_send for a stream.
func (c *core) send(th *thread, fd int, vec [][]byte, flags int) int {
	s := c.getSocket(fd)
	if s == nil {
		return th.fail(EBADF)
	}
	if s.conn.typ != netconnTCP {
		n := c.sendDgram(th, s, vec, 0, 0)
		c.doneSocket(th, s)
		return n
	}
	n, err := c.netconnWrite(th, s.conn, vec, flags&MsgDontWait != 0, flags&MsgMore != 0)
	c.doneSocket(th, s)
	if err != ErrOK {
		return th.failErr(err)
	}
	return n
}
