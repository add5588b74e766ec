package lwipmodel

import "encoding/binary"

// ARP packets and the way out over the table. (lwip: src/core/ipv4/etharp.c)

// raw is etharp_raw: one ARP packet in a buffer of its own.
func (t *etharp) raw(dst hwAddr, srcIP ip4, dstHW hwAddr, dstIP ip4, op uint16) Err {
	n := &t.c.nif
	p := t.c.pbufAllocRAM(etherHeader, 28, n.holder)
	if p == nil {
		return ErrMem
	}
	frame := make([]byte, etherHeader+28, ethMinFrame)
	b := frame[etherHeader:]
	copy(b, []byte{0, 1, 8, 0, 6, 4, byte(op >> 8), byte(op)})
	copy(b[8:], n.hw[:])
	binary.BigEndian.PutUint32(b[14:], uint32(srcIP))
	copy(b[18:], dstHW[:])
	binary.BigEndian.PutUint32(b[24:], uint32(dstIP))
	t.ethernetOutput(frame, dst, etherTypeARP)
	t.c.pbufFree(p)
	return ErrOK
}

// request is etharp_request: who has ip?
func (t *etharp) request(ip ip4, dst hwAddr) Err {
	return t.raw(dst, t.c.nif.ip, hwAddr{}, ip, 1)
}

// output is etharp_output: it sends an IP packet to the address of its next hop,
// or keeps it until that is known. frame has room for the Ethernet header; p is
// the block it lies in.
func (t *etharp) output(frame []byte, dst ip4, p *pbuf) Err {
	n := &t.c.nif
	switch {
	case n.broadcast(dst):
		return t.ethernetOutput(frame, ethBroadcast, etherTypeIPv4)
	case dst.multicast():
		return t.ethernetOutput(frame, hwAddr{1, 0, 0x5e, byte(dst>>16) & 0x7f, byte(dst >> 8), byte(dst)}, etherTypeIPv4)
	}
	if !n.onLink(dst) && dst>>16 != 169<<8|254 {
		if n.gw == 0 {
			return ErrRte
		}
		dst = n.gw
	}
	if e := &t.table[t.cached]; e.state >= arpStable && e.ip == dst {
		return t.outputTo(e, frame)
	}
	for i := range t.table {
		if e := &t.table[i]; e.state >= arpStable && e.ip == dst {
			t.cached = i
			return t.outputTo(e, frame)
		}
	}
	return t.query(dst, frame, p)
}

// outputTo is etharp_output_to_arp_index: an entry in use is asked for again
// before it gets too old.
func (t *etharp) outputTo(e *arpEntry, frame []byte) Err {
	if e.state == arpStable {
		if e.ctime >= arpRerequestBroadcast {
			if t.request(e.ip, ethBroadcast) == ErrOK {
				e.state = arpRerequesting1
			}
		} else if e.ctime >= arpRerequestUnicast {
			if t.request(e.ip, e.hw) == ErrOK {
				e.state = arpRerequesting1
			}
		}
	}
	return t.ethernetOutput(frame, e.hw, etherTypeIPv4)
}

// query is etharp_query: it asks for the address and queues the packet. With
// Espressif's change a full queue refuses the new packet rather than drop the
// oldest.
func (t *etharp) query(ip ip4, frame []byte, p *pbuf) Err {
	c := t.c
	e := t.find(ip, false, true)
	if e == nil {
		return ErrMem
	}
	if e.state == arpEmpty {
		e.state = arpPending
		t.request(ip, ethBroadcast)
	}
	p.ref++
	b := c.malloc(KindARPQueue, c.sz.arpQueue, c.nif.holder)
	if b == 0 {
		c.pbufFree(p)
		return ErrMem
	}
	if len(e.queue) >= c.opt.ARPQueueLen {
		c.pbufFree(p)
		c.free(KindARPQueue, b, c.sz.arpQueue, c.nif.holder)
		return ErrMem
	}
	e.queue = append(e.queue, arpQueued{block: b, p: p, frame: append([]byte(nil), frame...)})
	return ErrOK
}

// probe is etharp_query without a packet.
func (t *etharp) probe(ip ip4) {
	e := t.find(ip, false, true)
	if e == nil {
		return
	}
	if e.state == arpEmpty {
		e.state = arpPending
	}
	t.request(ip, ethBroadcast)
}

// gratuitous is etharp_gratuitous: the device announces its own address.
func (t *etharp) gratuitous() Err { return t.request(t.c.nif.ip, ethBroadcast) }

func (t *etharp) ethernetOutput(frame []byte, dst hwAddr, etherType uint16) Err {
	n := &t.c.nif
	copy(frame, dst[:])
	copy(frame[6:], n.hw[:])
	binary.BigEndian.PutUint16(frame[12:], etherType)
	return n.linkOutput(frame)
}
