package lwipmodel

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// EAI is an error of Getaddrinfo. (lwip: src/include/lwip/netdb.h)
type EAI int

// The values of EAI.
const (
	EAINoName  EAI = 200 // neither a name nor a service
	EAIService EAI = 201 // the service is not the number of a port
	EAIFail    EAI = 202 // the name was not found
	EAIMemory  EAI = 203 // no memory for the result
)

// Error returns the C name and what it means.
func (e EAI) Error() string {
	switch e {
	case EAINoName:
		return "EAI_NONAME: neither a name nor a service"
	case EAIService:
		return "EAI_SERVICE: the service is not the number of a port"
	case EAIFail:
		return "EAI_FAIL: the name was not found"
	case EAIMemory:
		return "EAI_MEMORY: no memory for the result"
	}
	return "EAI " + strconv.Itoa(int(e))
}

// An AddrInfo is the result of Getaddrinfo: a block of the heap until
// Freeaddrinfo.
type AddrInfo struct {
	Addr  netip.AddrPort
	block Block
}

// sizeNetdb is NETDB_ELEM_SIZE: struct addrinfo, sockaddr_storage and a name of
// full length, in whole words.
func (o *Options) sizeNetdb() uint32 {
	storage := 16
	if o.IPv6 {
		storage = 28
	}
	return uint32(align4(32 + storage + dnsNameLength + 1))
}

// SetDNSServer is dns_setserver: the name server number i, from 0.
func (s *Stack) SetDNSServer(t *freertos.Task, i int, addr netip.Addr) error {
	a, ok := sockaddr(addr)
	if !ok || i < 0 || i >= s.c.opt.DNSMaxServers {
		return fmt.Errorf("lwipmodel: SetDNSServer(%d, %v): want an IPv4 address and a number from 0 to %d", i, addr, s.c.opt.DNSMaxServers-1)
	}
	s.inTCPIP(t, func(c *core) { c.dns.servers[i] = a })
	return nil
}

// Getaddrinfo looks a name up (lwip_getaddrinfo without hints): it blocks until
// the answer is there, or all servers have been asked four times. service is the
// number of a port or empty. Errors are of type EAI.
func (s *Stack) Getaddrinfo(t *freertos.Task, name, service string) (*AddrInfo, error) {
	th := s.thread(t, "lwip_getaddrinfo")
	if th == nil {
		return nil, EIO
	}
	port := 0
	if name == "" && service == "" {
		return nil, EAINoName
	}
	if service != "" {
		n, err := strconv.Atoi(service)
		if err != nil || n < 0 || n > 0xffff {
			return nil, EAIService
		}
		port = n
	}
	a := ip4(127<<24 | 1)
	if name != "" {
		var err Err
		if a, err = s.c.netconnGethostbyname(th, name); err != ErrOK {
			return nil, EAIFail
		}
	}
	b := s.c.malloc(KindNetdb, s.c.opt.sizeNetdb(), s.c.self)
	if b == 0 {
		return nil, EAIMemory
	}
	return &AddrInfo{netip.AddrPortFrom(toAddr(a), uint16(port)), b}, nil
}

// Freeaddrinfo gives the result of Getaddrinfo back (lwip_freeaddrinfo).
func (s *Stack) Freeaddrinfo(ai *AddrInfo) {
	if ai != nil && ai.block != 0 {
		s.c.free(KindNetdb, ai.block, s.c.opt.sizeNetdb(), s.c.self)
		ai.block = 0
	}
}

// netconnGethostbyname is netconn_gethostbyname_addrtype.
func (c *core) netconnGethostbyname(th *thread, name string) (ip4, Err) {
	var a ip4
	err := c.apimsg(th, func(c *core, m *apiMsg) {
		a, m.err = c.gethostbyname(name, c.opt.IPv6, func(found ip4, ok bool) {
			a, m.err = found, ErrOK
			if !ok {
				m.err = ErrVal
			}
			m.ack()
		})
		if m.err != ErrInProgress {
			m.ack()
		}
	})
	return a, err
}
