package lwipmodel

import "strings"

// The DNS client. (lwip: src/core/dns.c)

const (
	dnsServers    = 4   // the most that DNSMaxServers may be
	dnsTableSize  = 4   // DNS_TABLE_SIZE, and as many requests
	dnsRetries    = 4   // DNS_MAX_RETRIES
	dnsNameLength = 256 // DNS_MAX_NAME_LENGTH
	dnsMaxTTL     = 604800
	dnsInterval   = 1000 // ms
	dnsPort       = 53
	dnsTypeA      = 1
	dnsTypeAAAA   = 28
)

type dnsState uint8

const (
	dnsUnused dnsState = iota
	dnsNew
	dnsAsking
	dnsDone
)

// A dnsEntry is a name that is asked for or known. The table is static; only the
// UDP PCB of a question and the question itself take memory.
type dnsEntry struct {
	state        dnsState
	name         string
	ip           ip4
	ttl          uint32
	txid         uint16
	server       int
	tmr, retries uint8
	seqno        uint8
	qtype        uint16 // what is asked for now
	other        bool   // without an address of that type, the other is asked for
	pcb          int    // in pcbs, dnsTableSize: none
}

type dnsRequest struct {
	found func(ip4, bool)
	entry int
}

// dns is the client of the device.
type dns struct {
	servers  [dnsServers]ip4
	table    [dnsTableSize]dnsEntry
	requests [dnsTableSize]dnsRequest
	pcbs     [dnsTableSize]*udpPCB
	lastPCB  int
	seqno    uint8
	running  bool // the timer
}

// gethostbyname is dns_gethostbyname_addrtype: ErrOK with the address, or
// ErrInProgress, and found is called later. With both, an IPv6 address is asked
// for if there is no IPv4 one; such an answer is taken for none.
func (c *core) gethostbyname(name string, both bool, found func(ip4, bool)) (ip4, Err) {
	d := &c.dns
	if name == "" || len(name) >= dnsNameLength {
		return 0, ErrArg
	}
	if name == "localhost" {
		return 127<<24 | 1, ErrOK
	}
	if a, ok := parseIP4(name); ok {
		return a, ErrOK
	}
	for i := range d.table {
		if e := &d.table[i]; e.state == dnsDone && strings.EqualFold(e.name, name) {
			return e.ip, ErrOK
		}
	}
	set := false
	for _, s := range d.servers[:c.opt.DNSMaxServers] {
		set = set || s != 0
	}
	if !set {
		return 0, ErrVal
	}
	return 0, c.dnsEnqueue(name, both, found)
}

// parseIP4 reads dotted decimals.
func parseIP4(s string) (ip4, bool) {
	var a ip4
	part, digits, dots := 0, 0, 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if digits == 0 || part > 255 {
				return 0, false
			}
			a = a<<8 | ip4(part)
			part, digits = 0, 0
			if i < len(s) {
				dots++
			}
			continue
		}
		if s[i] < '0' || s[i] > '9' || digits == 3 {
			return 0, false
		}
		part = part*10 + int(s[i]-'0')
		digits++
	}
	return a, dots == 3
}

func (c *core) dnsEnqueue(name string, both bool, found func(ip4, bool)) Err {
	d := &c.dns
	free := -1
	for r := range d.requests {
		if d.requests[r].found == nil {
			free = r
			break
		}
	}
	for i := range d.table {
		if e := &d.table[i]; e.state == dnsAsking && strings.EqualFold(e.name, name) && e.other == both && free >= 0 {
			d.requests[free] = dnsRequest{found, i}
			return ErrInProgress
		}
	}
	at, oldest, age := -1, -1, uint8(0)
	for i := range d.table {
		e := &d.table[i]
		if e.state == dnsUnused {
			at = i
			break
		}
		if a := d.seqno - e.seqno; e.state == dnsDone && a > age {
			age, oldest = a, i
		}
	}
	if at < 0 {
		at = oldest
	}
	if at < 0 || free < 0 {
		return ErrMem
	}
	e := &d.table[at]
	*e = dnsEntry{state: dnsNew, name: name, seqno: d.seqno, qtype: dnsTypeA, other: both, pcb: c.dnsAllocPCB()}
	if e.pcb == dnsTableSize {
		e.state = dnsUnused
		return ErrMem
	}
	d.requests[free] = dnsRequest{found, at}
	d.seqno++
	c.dnsCheck(at)
	if !d.running {
		d.running = true
		c.sysTimeout(dnsInterval, timerDNS, (*core).dnsTimer)
	}
	return ErrInProgress
}

// dnsAllocPCB makes a UDP PCB with a random port for a question, or if there is no
// memory shares one.
func (c *core) dnsAllocPCB() int {
	d := &c.dns
	for i, u := range d.pcbs {
		if u != nil {
			continue
		}
		if u = c.udpNew(c.nif.holder); u == nil {
			break
		}
		for {
			if port := uint16(c.rand()); port >= 1024 && c.udpBind(u, 0, port) == ErrOK {
				break
			}
		}
		u.recv = c.dnsInput
		d.pcbs[i], d.lastPCB = u, i
		return i
	}
	for k := range d.pcbs {
		if i := (d.lastPCB + 1 + k) % len(d.pcbs); d.pcbs[i] != nil {
			d.lastPCB = i
			return i
		}
	}
	return dnsTableSize
}

// dnsTimer is dns_tmr, which runs as long as an entry is in use.
func (c *core) dnsTimer() {
	d := &c.dns
	for i := range d.table {
		c.dnsCheck(i)
	}
	for i := range d.table {
		if d.table[i].state != dnsUnused {
			c.sysTimeout(dnsInterval, timerDNS, (*core).dnsTimer)
			return
		}
	}
	d.running = false
}

// dnsIdle is idleFirings of the DNS timer: known names only age.
func (c *core) dnsIdle() int64 {
	n := int64(0)
	for i := range c.dns.table {
		switch e := &c.dns.table[i]; {
		case e.state == dnsUnused:
		case e.state != dnsDone:
			return 0
		case n == 0 || int64(e.ttl)-1 < n:
			n = int64(e.ttl) - 1
		}
	}
	return max(n, 0)
}

// dnsCheck is dns_check_entry.
func (c *core) dnsCheck(i int) {
	d := &c.dns
	e := &d.table[i]
	most := c.opt.DNSMaxServers
	switch e.state {
	case dnsNew:
		e.txid = c.dnsTxid()
		e.state = dnsAsking
		e.server, e.tmr, e.retries = 0, 1, 0
		for e.server+1 < most && d.servers[e.server] == 0 {
			e.server++
		}
		c.dnsSend(i)
	case dnsAsking:
		if e.tmr--; e.tmr != 0 {
			return
		}
		if e.retries++; e.retries == dnsRetries {
			for e.server+1 < most && d.servers[e.server+1] == 0 {
				e.server++
			}
			if !c.dnsBackup(e) {
				c.dnsFound(i, 0, false)
				e.state = dnsUnused
				return
			}
			e.server++
			e.tmr, e.retries = 1, 0
		} else {
			e.tmr = e.retries
		}
		c.dnsSend(i)
	case dnsDone:
		if e.ttl > 0 {
			e.ttl--
		}
		if e.ttl == 0 {
			e.state = dnsUnused
		}
	}
}

func (c *core) dnsBackup(e *dnsEntry) bool {
	return e.server+1 < c.opt.DNSMaxServers && c.dns.servers[e.server+1] != 0
}

func (c *core) dnsTxid() uint16 {
again:
	id := uint16(c.rand())
	for i := range c.dns.table {
		if e := &c.dns.table[i]; e.state == dnsAsking && e.txid == id {
			goto again
		}
	}
	return id
}

// dnsSend is dns_send; without memory or route the timer tries again.
func (c *core) dnsSend(i int) {
	e := &c.dns.table[i]
	if c.dns.servers[e.server] == 0 {
		c.dnsFound(i, 0, false)
		e.state = dnsUnused
		return
	}
	p := c.pbufAllocRAM(c.sz.headerTransport, 12+len(e.name)+2+4, c.nif.holder)
	if p == nil {
		return
	}
	b := append([]byte(nil), byte(e.txid>>8), byte(e.txid), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	for _, label := range strings.Split(e.name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	copy(p.data, append(b, 0, byte(e.qtype>>8), byte(e.qtype), 0, 1))
	c.udpSend(c.dns.pcbs[e.pcb], p, c.dns.servers[e.server], dnsPort)
	c.pbufFree(p)
}

// dnsFound is dns_call_found: it answers the requests and gives the UDP PCB back
// unless another question uses it too.
func (c *core) dnsFound(i int, a ip4, ok bool) {
	d := &c.dns
	for r := range d.requests {
		if q := &d.requests[r]; q.found != nil && q.entry == i {
			found := q.found
			q.found = nil
			found(a, ok)
		}
	}
	e := &d.table[i]
	for k := range d.table {
		if o := &d.table[k]; k != i && o.state == dnsAsking && o.pcb == e.pcb {
			e.pcb = dnsTableSize
		}
	}
	if e.pcb < dnsTableSize {
		c.udpRemove(d.pcbs[e.pcb])
		d.pcbs[e.pcb] = nil
		e.pcb = dnsTableSize
	}
}
