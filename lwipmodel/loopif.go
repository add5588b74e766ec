package lwipmodel

import "encoding/binary"

// loopif is how packets to the device's own addresses come back: each is copied
// into a buffer, and a message to the tcpip task takes them all in.
// (lwip: src/core/netif.c, netif_loop_output and netif_poll)
type loopif struct {
	c     *core
	queue []looped
}

type looped struct {
	p        *pbuf
	proto    uint8
	src, dst ip4
}

// send is netif_loop_output.
func (l *loopif) send(proto uint8, src, dst ip4, body []byte) Err {
	c := l.c
	q := c.pbufAllocRAM(etherHeader, 20+len(body), c.nif.holder)
	if q == nil {
		return ErrMem
	}
	if n := c.opt.LoopbackMaxPbufs; n > 0 && len(l.queue) >= n {
		c.pbufFree(q)
		return ErrMem
	}
	h := q.data
	clear(h[:20])
	h[0], h[8], h[9] = 0x45, uint8(c.opt.IPDefaultTTL), proto
	binary.BigEndian.PutUint16(h[2:], uint16(len(h)))
	binary.BigEndian.PutUint32(h[12:], uint32(src))
	binary.BigEndian.PutUint32(h[16:], uint32(dst))
	copy(h[20:], body)
	l.queue = append(l.queue, looped{q, proto, src, dst})
	if len(l.queue) > 1 {
		return ErrOK // the message is on its way
	}
	b := c.malloc(KindMsgAPI, c.sz.msg, c.self)
	if b == 0 {
		return ErrOK // they wait for the next one
	}
	if c.tryPostTCPIP(tcpipMsg{kind: msgCallback, call: (*core).loopPoll, arg: l, block: b}) != ErrOK {
		c.free(KindMsgAPI, b, c.sz.msg, c.self)
	}
	return ErrOK
}

// loopForever is how many packets one netif_poll may take in before it is sure
// that it will not end.
const loopForever = 100000

// loopPoll is netif_poll. It does not end if two connections whose windows are
// both shut acknowledge each other's acknowledgements.
func (c *core) loopPoll(arg any) {
	l := arg.(*loopif)
	for n := 0; len(l.queue) > 0; n++ {
		if n == loopForever {
			c.sys.undefined("two connections of the device with each other have both shut their windows, and acknowledge acknowledgements for ever: the tcpip task does nothing else any more")
			return
		}
		m := l.queue[0]
		l.queue = l.queue[1:]
		packet := m.p.data
		pbufDropFront(m.p, 20)
		switch m.proto {
		case protoTCP:
			c.tcpInput(m.p, m.src, m.dst)
		case protoUDP:
			c.udpInput(m.p, packet, m.src, m.dst)
		default:
			c.pbufFree(m.p)
		}
	}
	l.queue = nil
}
