package lwipmodel

import (
	"encoding/binary"
	"strings"
)

// Answers of name servers. (lwip: src/core/dns.c)

// dnsInput is dns_recv.
func (c *core) dnsInput(p *pbuf, from ip4, _ uint16) {
	b := append([]byte(nil), p.data...)
	c.pbufFree(p)
	if len(b) < 12+4 {
		return
	}
	txid := binary.BigEndian.Uint16(b)
	for i := range c.dns.table {
		e := &c.dns.table[i]
		if e.state != dnsAsking || e.txid != txid {
			continue
		}
		if b[2]&0x80 == 0 || binary.BigEndian.Uint16(b[4:]) != 1 || from != c.dns.servers[e.server] {
			return
		}
		c.dnsAnswer(i, b)
		return
	}
}

// dnsAnswer reads the answer to a question.
func (c *core) dnsAnswer(i int, b []byte) {
	e := &c.dns.table[i]
	at, ok := dnsCompareName(e.name, b, 12)
	if !ok || len(b) < at+4 || binary.BigEndian.Uint16(b[at:]) != e.qtype || binary.BigEndian.Uint16(b[at+2:]) != 1 {
		return
	}
	at += 4
	if b[3]&15 != 0 {
		if c.dnsBackup(e) {
			e.retries, e.tmr = dnsRetries-1, 1
			c.dnsCheck(i)
			return
		}
	} else {
		for n := int(binary.BigEndian.Uint16(b[6:])); n > 0 && at < len(b); n-- {
			if at, ok = dnsSkipName(b, at); !ok || len(b) < at+10 {
				return
			}
			typ, class, ttl := binary.BigEndian.Uint16(b[at:]), binary.BigEndian.Uint16(b[at+2:]), binary.BigEndian.Uint32(b[at+4:])
			size := int(binary.BigEndian.Uint16(b[at+8:]))
			at += 10
			if class == 1 && typ == e.qtype && (typ == dnsTypeA && size == 4 || typ == dnsTypeAAAA && size == 16) {
				if len(b) < at+size {
					return
				}
				c.dnsKnown(i, b[at:at+size], ttl)
				return
			}
			at += size
		}
		if e.other {
			// The other kind of address.
			e.other, e.qtype, e.state = false, dnsTypeAAAA, dnsNew
			c.dnsCheck(i)
			return
		}
	}
	c.dnsFound(i, 0, false)
	e.state = dnsUnused
}

// dnsKnown is dns_correct_response. An IPv6 address is of no use here.
func (c *core) dnsKnown(i int, addr []byte, ttl uint32) {
	e := &c.dns.table[i]
	e.state = dnsDone
	e.ttl = min(ttl, dnsMaxTTL)
	if len(addr) == 4 {
		e.ip = ip4(binary.BigEndian.Uint32(addr))
	} else {
		e.ttl = 0
	}
	c.dnsFound(i, e.ip, len(addr) == 4)
	if e.ttl == 0 && e.state == dnsDone {
		e.state = dnsUnused
	}
}

// dnsCompareName compares the name at an offset and returns what lies behind it.
func dnsCompareName(name string, b []byte, at int) (int, bool) {
	for {
		if at >= len(b) {
			return 0, false
		}
		n := int(b[at])
		at++
		if n&0xc0 == 0xc0 {
			return 0, false // compressed: not in a question
		}
		if n == 0 {
			return at, name == ""
		}
		if at+n > len(b) || len(name) < n || !strings.EqualFold(name[:n], string(b[at:at+n])) {
			return 0, false
		}
		at += n
		name = name[n:]
		if name != "" {
			if name[0] != '.' {
				return 0, false
			}
			name = name[1:]
		}
	}
}

// dnsSkipName returns what lies behind the name at an offset.
func dnsSkipName(b []byte, at int) (int, bool) {
	for {
		if at >= len(b) {
			return 0, false
		}
		n := int(b[at])
		at++
		switch {
		case n&0xc0 == 0xc0:
			return at + 1, true
		case n == 0:
			return at, true
		}
		at += n
	}
}
