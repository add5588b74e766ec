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
	ethMinFrame   = 60 // without the CRC
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
