package lwipmodel

// netconnType is what a netconn is for.
type netconnType uint8

const (
	netconnTCP netconnType = iota
	netconnUDP
)

// netconnState is what a netconn is busy with.
type netconnState uint8

const (
	ncNone netconnState = iota
	ncWrite
	ncListen
	ncConnect
	ncClose
)

// Flags of a netconn.
const (
	ncMboxClosed     uint8 = 0x01 // an error has been reported: nothing more will come
	ncNonBlocking    uint8 = 0x02
	ncInNBConnect    uint8 = 0x04 // a non-blocking connect is under way
	ncMboxInvalid    uint8 = 0x08 // the netconn is being deleted
	ncCheckWriteable uint8 = 0x10 // report writable from the poll callback
	ncFinRxPending   uint8 = 0x80 // a FIN was taken from the mailbox but not reported yet
)

// shut directions.
const (
	shutRD   uint8 = 1
	shutWR   uint8 = 2
	shutRDWR uint8 = 3
)

// A netconn is lwIP's struct netconn: a connection as the sequential API sees
// it. (lwip: src/include/lwip/api.h)
type netconn struct {
	block  Block
	holder *Holder
	typ    netconnType
	state  netconnState
	tcp    *tcpPCB
	udp    *udpPCB

	pendingErr             Err
	recvmbox, acceptmbox   *mbox
	mboxThreadsWaiting     int
	socket                 int // below 0: not assigned yet; -1 minus the receive events so far
	sendTimeout            uint32
	recvTimeout            uint32
	recvBufSize, recvAvail int
	linger                 int16 // seconds, -1 = off
	flags                  uint8
	current                *apiMsg // the call that waits for a write, connect or close
}

// An apiMsg is lwIP's struct api_msg: a call on its way to the tcpip task and
// back. It lives with the calling thread.
type apiMsg struct {
	conn *netconn
	th   *thread
	err  Err
	done bool

	ip      ip4
	port    uint16
	local   bool
	backlog uint8
	size    int // recved

	// write
	vec      [][]byte
	vecOff   int
	total    int
	offset   int
	dontWait bool
	more     bool

	// close, and write with a timeout
	shut    uint8
	started uint32

	p *pbuf // datagram to send
}

func (n *netconn) has(f uint8) bool  { return n.flags&f != 0 }
func (n *netconn) nonBlocking() bool { return n.has(ncNonBlocking) }

// mboxValid is NETCONN_MBOX_VALID.
func (n *netconn) mboxValid(m *mbox) bool { return m != nil && !n.has(ncMboxInvalid) }

// takeErr is netconn_err: the pending error is reported once.
func (n *netconn) takeErr() Err {
	err := n.pendingErr
	n.pendingErr = ErrOK
	return err
}

// dangling reports whether the netconn still refers to a PCB that is gone, since
// it did not learn that the connection ended. A non-blocking close that lingers
// can leave it so, having taken the callbacks off; so can a socket that was shut
// down for sending in CLOSE_WAIT and then read the end of file, because lwIP
// tells nobody of the end of a connection whose receiving side is closed (lwip:
// src/core/tcp_in.c, tcp_input_delayed_close). The original goes on with freed
// memory.
func (c *core) dangling(n *netconn) bool {
	if n.tcp == nil || !n.tcp.freed {
		return false
	}
	c.sys.undefined("a call on a socket that was not told that its PCB is freed (a lingering close that failed, or end of file read after shutdown(SHUT_WR))")
	return true
}

// netconnAlloc is netconn_alloc: the NETCONN block and its receive mailbox.
func (c *core) netconnAlloc(typ netconnType, h *Holder) *netconn {
	b := c.malloc(KindNetconn, c.sz.netconn, h)
	if b == 0 {
		return nil
	}
	size := c.opt.TCPRecvMboxSize
	if typ == netconnUDP {
		size = c.opt.UDPRecvMboxSize
	}
	m := c.newMbox(size, h)
	if m == nil {
		c.free(KindNetconn, b, c.sz.netconn, h)
		return nil
	}
	return &netconn{block: b, holder: h, typ: typ, recvmbox: m, socket: -1, linger: -1, recvBufSize: 0x7fffffff}
}

// netconnFree is netconn_free.
func (c *core) netconnFree(th *thread, n *netconn) {
	c.netconnDrain(th, n)
	c.free(KindNetconn, n.block, c.sz.netconn, n.holder)
}

// netconnDrain throws away what is in the mailboxes and the mailboxes
// themselves. Connections not yet accepted are aborted.
func (c *core) netconnDrain(th *thread, n *netconn) {
	if n.recvmbox != nil {
		for {
			msg, ok := n.recvmbox.tryFetch()
			if !ok {
				break
			}
			if msg.p != nil {
				c.pbufFree(msg.p)
			}
			if msg.nb != nil {
				c.netbufDelete(msg.nb)
			}
		}
		c.freeMbox(n.recvmbox)
		n.recvmbox = nil
	}
	if n.acceptmbox == nil {
		return
	}
	for {
		msg, ok := n.acceptmbox.tryFetch()
		if !ok {
			break
		}
		if nc := msg.conn; nc != nil {
			nc.flags |= ncMboxInvalid
			c.netconnDrain(th, nc)
			if nc.tcp != nil && th == nil {
				c.tcpAbort(nc.tcp) // in the tcpip task
				nc.tcp = nil
			} else if nc.tcp != nil {
				// The tcpip task does it: aborting calls back into the netconn.
				th.msg.conn = nc
				c.apimsg(th, func(c *core, m *apiMsg) {
					c.tcpAbort(m.conn.tcp)
					m.err = ErrOK
					m.ack()
				})
				nc.tcp = nil
			}
			c.netconnFree(th, nc)
		}
	}
	c.freeMbox(n.acceptmbox)
	n.acceptmbox = nil
}

// setHolder moves the netconn's own blocks to a holder with a better name.
func (c *core) setHolder(n *netconn, h *Holder) {
	c.own(KindNetconn, n.block, c.sz.netconn, n.holder, h)
	c.ownMbox(n.recvmbox, h)
	c.ownMbox(n.acceptmbox, h)
	if n.tcp != nil && n.tcp.state != Listen {
		c.own(KindTCPPCB, n.tcp.block, c.sz.tcpPCB, n.tcp.holder, h)
		n.tcp.holder = h
	} else if n.tcp != nil {
		c.own(KindTCPPCBListen, n.tcp.block, c.sz.tcpPCBListen, n.tcp.holder, h)
		n.tcp.holder = h
	}
	if n.udp != nil {
		c.own(KindUDPPCB, n.udp.block, c.sz.udpPCB, n.udp.holder, h)
		n.udp.holder = h
	}
	n.holder = h
}
