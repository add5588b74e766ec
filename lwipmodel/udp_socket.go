package lwipmodel

// Datagrams of sockets. (lwip: src/api/sockets.c, src/api/api_msg.c)

// A netbuf is a received datagram with its sender: a NETBUF block and the pbuf.
type netbuf struct {
	block  Block
	holder *Holder
	p      *pbuf
	ip     ip4
	port   uint16
}

func (c *core) netbufDelete(nb *netbuf) {
	c.pbufFree(nb.p)
	c.free(KindNetbuf, nb.block, c.sz.netbuf, nb.holder)
}

// recvDgram is lwip_recvfrom_udp_raw: one datagram, the rest of which is lost if
// buf is too short.
func (c *core) recvDgram(th *thread, s *socket, buf []byte, flags int) (int, ip4, uint16) {
	nb := s.netbuf
	if nb == nil {
		msg, err := c.netconnRecvData(th, s.conn, flags&MsgDontWait != 0)
		if err != ErrOK {
			return th.failErr(err), 0, 0
		}
		nb = msg.nb
		s.netbuf = nb
	}
	n := pbufCopy(buf, nb.p, 0)
	ip, port := nb.ip, nb.port
	if flags&MsgPeek == 0 {
		s.netbuf = nil
		c.netbufDelete(nb)
	}
	return n, ip, port
}

// sendDgram is lwip_sendto: the datagram is copied into a buffer, and the tcpip
// task sends it. Without an address it goes to the peer of a connected socket.
func (c *core) sendDgram(th *thread, s *socket, vec [][]byte, ip ip4, port uint16) int {
	total := 0
	for _, v := range vec {
		total += len(v)
	}
	if total > 0xffff {
		return th.fail(EMSGSIZE)
	}
	p := c.pbufAllocRAM(c.sz.headerTransport, total, s.conn.holder)
	if p == nil {
		return th.failErr(ErrMem)
	}
	n := 0
	for _, v := range vec {
		n += copy(p.data[n:], v)
	}
	m := &th.msg
	m.conn, m.ip, m.port, m.p = s.conn, ip, port, p
	err := c.apimsg(th, (*core).doSend)
	m.p = nil
	c.pbufFree(p)
	if err != ErrOK {
		return th.failErr(err)
	}
	return total
}

func (c *core) doSend(m *apiMsg) {
	n := m.conn
	m.err = n.takeErr()
	if m.err == ErrOK {
		switch {
		case n.udp == nil:
			m.err = ErrConn
		case m.ip != 0:
			m.err = c.udpSend(n.udp, m.p, m.ip, m.port)
		default:
			// Not connected, the datagram goes to 0.0.0.0 port 0, as a broadcast: lwIP
			// would refuse only an address of any type, which an IPv4 socket has not.
			m.err = c.udpSend(n.udp, m.p, n.udp.remoteIP, n.udp.remotePort)
		}
	}
	m.ack()
}
