package lwipmodel

import (
	"encoding/binary"
	"slices"
)

// Reassembly of IPv4 fragments, if it is compiled in.
// (lwip: src/core/ipv4/ip4_frag.c)

const (
	reassInterval = 1000 // ms
	reassMaxAge   = 3    // IP_REASS_MAXAGE, s
	sizeReassData = 32   // struct ip_reassdata
)

// A reassData is a packet whose fragments are still coming.
type reassData struct {
	block  Block
	header [20]byte
	timer  int
	length int // of the payload, once the last fragment has come
	last   bool
	frags  []fragment // in order
}

type fragment struct {
	p          *pbuf // its data begins with the IP header
	start, end int
}

type reass struct {
	c       *core
	list    []*reassData // the newest first
	pbufs   int
	running bool
}

func sameDatagram(a, b []byte) bool {
	return string(a[12:20]) == string(b[12:20]) && a[4] == b[4] && a[5] == b[5]
}

// add is ip4_reass: it takes a fragment and returns the whole packet, or nil as
// long as something is missing.
func (r *reass) add(p *pbuf) *pbuf {
	c := r.c
	h := p.data
	hlen, total := int(h[0]&15)*4, int(binary.BigEndian.Uint16(h[2:]))
	flags := binary.BigEndian.Uint16(h[6:])
	start := int(flags&0x1fff) * 8
	end := start + total - hlen
	lastOne := flags&0x2000 == 0
	drop := func() *pbuf {
		c.pbufFree(p)
		return nil
	}
	if hlen != 20 || r.pbufs+1 > c.opt.IPReassMaxPbufs && !(r.removeOldest(h) && r.pbufs+1 <= c.opt.IPReassMaxPbufs) {
		return drop()
	}
	var d *reassData
	for _, o := range r.list {
		if sameDatagram(o.header[:], h) {
			d = o
			break
		}
	}
	if d == nil {
		if d = r.newData(h); d == nil {
			return drop()
		}
	} else if start == 0 && binary.BigEndian.Uint16(d.header[6:])&0x1fff != 0 {
		copy(d.header[:], h)
	}
	at, fits := 0, end <= 0xffff
	for ; at < len(d.frags) && d.frags[at].start < start; at++ {
	}
	fits = fits && (at == 0 || d.frags[at-1].end <= start) && (at == len(d.frags) || d.frags[at].start != start && end <= d.frags[at].start)
	if !fits || lastOne && end > 0xffff-20 {
		if len(d.frags) == 0 {
			r.forget(d)
		}
		return drop()
	}
	d.frags = slices.Insert(d.frags, at, fragment{p, start, end})
	r.pbufs++
	if lastOne {
		d.last, d.length = true, end
	}
	if d.whole() {
		return r.join(d)
	}
	if !r.running {
		r.running = true
		c.sysTimeout(reassInterval, timerReass, (*core).reassTimer)
	}
	return nil
}

func (r *reass) newData(h []byte) *reassData {
	c := r.c
	b := c.malloc(KindReassData, sizeReassData, c.nif.holder)
	if b == 0 && r.removeOldest(h) {
		b = c.malloc(KindReassData, sizeReassData, c.nif.holder)
	}
	if b == 0 {
		return nil
	}
	d := &reassData{block: b, timer: reassMaxAge}
	copy(d.header[:], h)
	r.list = slices.Insert(r.list, 0, d)
	return d
}

// whole reports whether all fragments are there.
func (d *reassData) whole() bool {
	if !d.last {
		return false
	}
	at := 0
	for _, f := range d.frags {
		if f.start != at {
			return false
		}
		at = f.end
	}
	return true
}

// join makes one packet of the fragments: its bytes are in the first buffer, and
// the others stay with it as long as it lives.
func (r *reass) join(d *reassData) *pbuf {
	b := append(make([]byte, 0, 20+d.length), d.header[:]...)
	for _, f := range d.frags {
		b = append(b, f.p.data[20:20+f.end-f.start]...)
		f.p.data, f.p.totLen = nil, 0
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	b[6], b[7], b[10], b[11] = 0, 0, 0, 0
	sum, _ := sumBytes(0, false, b[:20])
	binary.BigEndian.PutUint16(b[10:], ^foldSum(sum))
	p := d.frags[0].p
	for _, f := range d.frags[1:] {
		pbufCat(p, f.p)
	}
	p.data, p.totLen = b, uint16(len(b))
	r.pbufs -= len(d.frags)
	r.forget(d)
	return p
}

// forget is ip_reass_dequeue_datagram.
func (r *reass) forget(d *reassData) {
	r.list = slices.DeleteFunc(r.list, func(o *reassData) bool { return o == d })
	r.c.free(KindReassData, d.block, sizeReassData, r.c.nif.holder)
}

// giveUp is ip_reass_free_complete_datagram: the sender is told, if the first
// fragment has come.
func (r *reass) giveUp(d *reassData) {
	c := r.c
	for i, f := range d.frags {
		if i == 0 && f.start == 0 {
			c.icmpError(11, 1, f.p.data)
		}
		c.pbufFree(f.p)
	}
	r.pbufs -= len(d.frags)
	r.forget(d)
}

// removeOldest is ip_reass_remove_oldest_datagram: it makes room for one buffer,
// and reports whether there was something to remove.
func (r *reass) removeOldest(h []byte) bool {
	var oldest *reassData
	for _, d := range r.list {
		if !sameDatagram(d.header[:], h) && (oldest == nil || d.timer <= oldest.timer) {
			oldest = d
		}
	}
	if oldest == nil {
		return false
	}
	r.giveUp(oldest)
	return true
}

// reassTimer is ip_reass_tmr.
func (c *core) reassTimer() {
	r := &c.reass
	again := false
	for _, d := range slices.Clone(r.list) {
		if d.timer > 0 {
			d.timer--
			again = true
		} else {
			r.giveUp(d)
		}
	}
	if r.running = again; again {
		c.sysTimeout(reassInterval, timerReass, (*core).reassTimer)
	}
}
