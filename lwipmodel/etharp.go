package lwipmodel

import "encoding/binary"

// The ARP table and its queues. (lwip: src/core/ipv4/etharp.c)

// Times in seconds, which is the period of the table's timer
// (src/include/lwip/etharp.h and etharp.c).
const (
	arpTmrInterval        = 1000 // ms
	arpMaxAge             = 300
	arpMaxPending         = 5
	arpRerequestUnicast   = arpMaxAge - 30
	arpRerequestBroadcast = arpMaxAge - 15
)

type arpState uint8

const (
	arpEmpty arpState = iota
	arpPending
	arpStable
	arpRerequesting1
	arpRerequesting2
)

// hwAddr is an Ethernet address.
type hwAddr [6]byte

var ethBroadcast = hwAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

const (
	etherTypeIPv4 = 0x0800
	etherTypeARP  = 0x0806
	etherHeader   = 14
)

// An arpEntry is one row of the table. It takes no heap; a packet that waits
// for the answer keeps its own block and one of the queue.
type arpEntry struct {
	state arpState
	ip    ip4
	hw    hwAddr
	ctime uint16
	queue []arpQueued
}

// arpQueued is a packet in the queue of a pending entry.
type arpQueued struct {
	block Block
	p     *pbuf
	frame []byte // with room for the Ethernet header
}

// etharp is the table of an interface.
type etharp struct {
	c       *core
	table   []arpEntry
	cached  int       // entry used last
	onReply func(ip4) // an address answered: the DHCP client probes its own
}

func (n *netif) broadcast(a ip4) bool {
	return a == 0xffffffff || a == 0 || n.ip != 0 && a != n.ip && n.onLink(a) && a|n.mask == 0xffffffff
}

func (n *netif) onLink(a ip4) bool { return a&n.mask == n.ip&n.mask }

func (a ip4) multicast() bool { return a>>28 == 0xe }

// tmr is etharp_tmr: entries age, pending ones ask again every second and are
// given up with their queue after five.
func (t *etharp) tmr() {
	for i := range t.table {
		e := &t.table[i]
		if e.state == arpEmpty {
			continue
		}
		e.ctime++
		switch {
		case e.ctime >= arpMaxAge, e.state == arpPending && e.ctime >= arpMaxPending:
			t.freeEntry(e)
		case e.state == arpRerequesting1:
			e.state = arpRerequesting2
		case e.state == arpRerequesting2:
			e.state = arpStable
		case e.state == arpPending:
			t.request(e.ip, ethBroadcast)
		}
	}
}

func (t *etharp) freeEntry(e *arpEntry) {
	q := e.queue
	e.queue = nil
	for _, m := range q {
		t.c.pbufFree(m.p)
		t.c.free(KindARPQueue, m.block, t.c.sz.arpQueue, t.c.nif.holder)
	}
	e.state = arpEmpty
}

// cleanup is etharp_cleanup_netif.
func (t *etharp) cleanup() {
	for i := range t.table {
		if t.table[i].state != arpEmpty {
			t.freeEntry(&t.table[i])
		}
	}
}

// find is etharp_find_entry: the entry of ip, or unless findOnly a fresh one for
// it. With a full table tryHard reuses the oldest stable one, else the oldest
// pending one, one without a queue first.
func (t *etharp) find(ip ip4, findOnly, tryHard bool) *arpEntry {
	var empty, oldStable, oldPending, oldQueue *arpEntry
	for i := range t.table {
		e := &t.table[i]
		switch {
		case e.state == arpEmpty:
			if empty == nil {
				empty = e
			}
			continue
		case e.ip == ip:
			return e
		}
		old := &oldStable
		if e.state == arpPending {
			old = &oldPending
			if e.queue != nil {
				old = &oldQueue
			}
		}
		if *old == nil || e.ctime >= (*old).ctime {
			*old = e
		}
	}
	if findOnly || empty == nil && !tryHard {
		return nil
	}
	e := empty
	if e == nil {
		for _, old := range [...]*arpEntry{oldStable, oldPending, oldQueue} {
			if old != nil {
				e = old
				break
			}
		}
		t.freeEntry(e)
	}
	e.ip = ip
	e.ctime = 0
	return e
}

// update is etharp_update_arp_entry: it notes an address and sends what waited
// for it.
func (t *etharp) update(ip ip4, hw hwAddr, findOnly bool) {
	n := &t.c.nif
	if ip == 0 || n.broadcast(ip) || ip.multicast() {
		return
	}
	e := t.find(ip, findOnly, !findOnly)
	if e == nil {
		return
	}
	e.state = arpStable
	e.hw = hw
	e.ctime = 0
	for len(e.queue) > 0 {
		m := e.queue[0]
		e.queue = e.queue[1:]
		t.c.free(KindARPQueue, m.block, t.c.sz.arpQueue, n.holder)
		t.ethernetOutput(m.frame, hw, etherTypeIPv4)
		t.c.pbufFree(m.p)
	}
	e.queue = nil
}

// input is etharp_input; b is the packet behind the Ethernet header.
func (t *etharp) input(b []byte) {
	n := &t.c.nif
	if len(b) < 28 || binary.BigEndian.Uint16(b) != 1 || binary.BigEndian.Uint16(b[2:]) != etherTypeIPv4 || b[4] != 6 || b[5] != 4 {
		return
	}
	var hw hwAddr
	copy(hw[:], b[8:14])
	src, dst := ip4(binary.BigEndian.Uint32(b[14:])), ip4(binary.BigEndian.Uint32(b[24:]))
	forUs := n.ip != 0 && dst == n.ip
	t.update(src, hw, !forUs)
	switch binary.BigEndian.Uint16(b[6:]) {
	case 1:
		if forUs {
			t.raw(hw, n.ip, hw, src, 2)
		}
	case 2:
		if t.onReply != nil {
			t.onReply(src)
		}
	}
}

// raw is etharp_raw: one ARP packet in a buffer of its own.
func (t *etharp) raw(dst hwAddr, srcIP ip4, dstHW hwAddr, dstIP ip4, op uint16) Err {
	n := &t.c.nif
	p := t.c.pbufAllocRAM(etherHeader, 28, n.holder)
	if p == nil {
		return ErrMem
	}
	frame := make([]byte, etherHeader+28, 60)
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
