package lwipmodel

// The calls of the sequential API: what a thread does, and the part of it that
// the tcpip task does. (lwip: src/api/api_lib.c, src/api/api_msg.c)

// netconnNew is netconn_new.
func (c *core) netconnNew(th *thread, typ netconnType) *netconn {
	h := &Holder{what: "tcp socket"}
	if typ == netconnUDP {
		h.what = "udp socket"
	}
	n := c.netconnAlloc(typ, h)
	if n == nil {
		return nil
	}
	th.msg.conn = n
	if c.apimsg(th, (*core).doNewConn) != ErrOK {
		c.freeMbox(n.recvmbox)
		c.free(KindNetconn, n.block, c.sz.netconn, n.holder)
		return nil
	}
	return n
}

func (c *core) doNewConn(m *apiMsg) {
	n := m.conn
	m.err = ErrOK
	if n.typ == netconnUDP {
		if n.udp = c.udpNew(n.holder); n.udp == nil {
			m.err = ErrMem
		} else {
			n.udp.conn = n
		}
	} else if n.tcp = c.tcpAlloc(prioNormal, n.holder); n.tcp == nil {
		m.err = ErrMem
	} else {
		setupTCP(n)
	}
	m.ack()
}

// netconnPrepareDelete is netconn_prepare_delete.
func (c *core) netconnPrepareDelete(th *thread, n *netconn) Err {
	th.msg.conn = n
	th.msg.started = c.now()
	return c.apimsg(th, (*core).doDelConn)
}

// netconnDelete is netconn_delete.
func (c *core) netconnDelete(th *thread, n *netconn) Err {
	err := ErrOK
	if !n.has(ncMboxInvalid) {
		err = c.netconnPrepareDelete(th, n)
	}
	if err == ErrOK {
		c.netconnFree(th, n)
	}
	return err
}

// netconnBind is netconn_bind.
func (c *core) netconnBind(th *thread, n *netconn, ip ip4, port uint16) Err {
	th.msg.conn, th.msg.ip, th.msg.port = n, ip, port
	return c.apimsg(th, (*core).doBind)
}

func (c *core) doBind(m *apiMsg) {
	switch n := m.conn; {
	case c.dangling(n):
		m.err = ErrVal
	case n.tcp != nil:
		m.err = c.tcpBind(n.tcp, m.ip, m.port)
	case n.udp != nil:
		m.err = c.udpBind(n.udp, m.ip, m.port)
	default:
		m.err = ErrVal
	}
	m.ack()
}

// netconnConnect is netconn_connect.
func (c *core) netconnConnect(th *thread, n *netconn, ip ip4, port uint16) Err {
	th.msg.conn, th.msg.ip, th.msg.port = n, ip, port
	return c.apimsg(th, (*core).doConnect)
}

func (c *core) doConnect(m *apiMsg) {
	n := m.conn
	switch {
	case n.udp != nil:
		m.err = c.udpConnect(n.udp, m.ip, m.port)
	case n.tcp == nil:
		m.err = ErrClsd
	case c.dangling(n):
		m.err = ErrVal
	case n.state == ncConnect:
		m.err = ErrAlready
	case n.state != ncNone:
		m.err = ErrIsConn
	default:
		setupTCP(n)
		c.setHolder(n, &Holder{what: "tcp", ip: m.ip, port: m.port})
		if m.err = c.tcpConnect(n.tcp, m.ip, m.port); m.err == ErrOK {
			n.state = ncConnect
			if n.nonBlocking() {
				n.flags |= ncInNBConnect
				m.err = ErrInProgress
			} else {
				n.current = m
				return // connectedTCP or errTCP answers
			}
		}
	}
	m.ack()
}

// netconnListen is netconn_listen_with_backlog.
func (c *core) netconnListen(th *thread, n *netconn, backlog uint8) Err {
	th.msg.conn, th.msg.backlog = n, backlog
	return c.apimsg(th, (*core).doListen)
}

func (c *core) doListen(m *apiMsg) {
	m.err = c.listenConn(m.conn, m.backlog)
	m.ack()
}

func (c *core) listenConn(n *netconn, backlog uint8) Err {
	if n.udp != nil {
		return ErrArg
	}
	if n.tcp == nil {
		return ErrConn
	}
	if c.dangling(n) {
		return ErrVal
	}
	switch n.state {
	case ncListen:
		n.tcp.setBacklog(backlog)
		return ErrOK
	case ncNone:
	default:
		return ErrConn
	}
	if n.tcp.state != Closed {
		return ErrVal
	}
	l, err := c.tcpListen(n.tcp, backlog)
	if l == nil {
		return err
	}
	n.tcp = l
	if n.recvmbox != nil {
		if len(n.recvmbox.waiting) > 0 {
			c.sys.undefined("listen on a socket on which another task waits to receive: the queue that it waits in is freed")
		}
		c.freeMbox(n.recvmbox)
		n.recvmbox = nil
	}
	if n.acceptmbox == nil {
		if n.acceptmbox = c.newMbox(c.opt.TCPAcceptMboxSize, n.holder); n.acceptmbox == nil {
			c.tcpClose(l, true)
			n.tcp = nil
			return ErrMem
		}
	}
	n.state = ncListen
	l.arg = n
	l.cbAccept = true
	c.setHolder(n, &Holder{what: "tcp listener", ip: l.localIP, port: l.localPort})
	return ErrOK
}
