package lwipmodel

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// The SNTP client, which polls its servers one after the other.
// (lwip: src/apps/sntp/sntp.c; src/include/lwip/apps/sntp_opts.h)

const (
	sntpPort       = 123
	sntpMessage    = 48     // SNTP_MSG_LEN
	sntpTimeout    = 15000  // SNTP_RECV_TIMEOUT and SNTP_RETRY_TIMEOUT, ms
	sntpTimeoutMax = 150000 // SNTP_RETRY_TIMEOUT_MAX
	sntpEpoch      = 2208988800
)

// A sntp is the client of the device.
type sntp struct {
	pcb     *udpPCB
	holder  *Holder
	servers []string // names or addresses; SNTP_MAX_SERVERS of them
	current int
	retryMs uint32
	asked   ip4
	synced  func(unix time.Duration)
}

// StartSNTP is sntp_init in poll mode: the client asks the first server after a
// random delay (CONFIG_LWIP_SNTP_STARTUP_DELAY) or at once, then every
// SNTPUpdateDelay. servers are names or addresses, at most SNTPMaxServers of them;
// the strings themselves are the firmware's constants. synced is called in the
// tcpip task with the time since 1970 that a server gave; nil: nobody is told. A
// client that runs already is left as it is.
func (s *Stack) StartSNTP(t *freertos.Task, servers []string, synced func(unix time.Duration)) error {
	if most := s.c.opt.SNTPMaxServers; len(servers) == 0 || len(servers) > most {
		return fmt.Errorf("lwipmodel: StartSNTP: %d servers: 1 to %d were expected (CONFIG_LWIP_SNTP_MAX_SERVERS)", len(servers), most)
	}
	s.inTCPIP(t, func(c *core) {
		n := &c.sntp
		if n.pcb != nil {
			return
		}
		*n = sntp{holder: &Holder{what: "sntp"}, servers: servers, retryMs: sntpTimeout, synced: synced}
		if n.pcb = c.udpNew(n.holder); n.pcb == nil {
			c.sys.assertFailed("Failed to allocate udp pcb for sntp client")
			return
		}
		n.pcb.recv = c.sntpInput
		if c.opt.SNTPStartupDelay == 0 {
			c.sntpRequest()
			return
		}
		c.sysTimeout(c.rand()%uint32(c.opt.SNTPStartupDelay), timerSNTP, (*core).sntpRequest)
	})
	return nil
}

// sntpRequest is sntp_request: it looks the server's name up and asks it.
func (c *core) sntpRequest() {
	n := &c.sntp
	ip, err := c.gethostbyname(n.servers[n.current], false, func(ip ip4, ok bool) {
		if ok {
			c.sntpSend(ip)
		} else {
			c.sntpNextServer()
		}
	})
	switch err {
	case ErrInProgress:
	case ErrOK:
		c.sntpSend(ip)
	default:
		c.sysUntimeout(timerSNTPNext)
		c.sysTimeout(sntpTimeout, timerSNTPNext, (*core).sntpNextServer)
	}
}

// sntpSend is sntp_send_request.
func (c *core) sntpSend(server ip4) {
	n := &c.sntp
	p := c.pbufAllocRAM(c.sz.headerTransport, sntpMessage, n.holder)
	if p == nil {
		c.sysUntimeout(timerSNTP)
		c.sysTimeout(sntpTimeout, timerSNTP, (*core).sntpRequest)
		return
	}
	p.data[0] = 4<<3 | 3 // version 4, client
	c.udpSend(n.pcb, p, server, sntpPort)
	c.pbufFree(p)
	c.sysUntimeout(timerSNTPNext)
	c.sysTimeout(sntpTimeout, timerSNTPNext, (*core).sntpNextServer)
	n.asked = server
}

// sntpNextServer is sntp_try_next_server: another server at once, or the same
// after a time that doubles.
func (c *core) sntpNextServer() {
	n := &c.sntp
	if len(n.servers) > 1 {
		n.current = (n.current + 1) % len(n.servers)
		n.retryMs = sntpTimeout
		c.sntpRequest()
		return
	}
	c.sysUntimeout(timerSNTP)
	c.sysTimeout(n.retryMs, timerSNTP, (*core).sntpRequest)
	n.retryMs = min(2*n.retryMs, sntpTimeoutMax)
}

// sntpInput is sntp_recv.
func (c *core) sntpInput(p *pbuf, _ ip4, _ uint16) {
	n := &c.sntp
	data := append([]byte(nil), p.data...)
	c.pbufFree(p)
	if len(data) != sntpMessage || data[0]&7 != 4 { // not from a server
		return
	}
	if data[1] == 0 { // kiss of death
		c.sysUntimeout(timerSNTP)
		c.sntpNextServer()
		return
	}
	if n.synced != nil {
		seconds := uint64(binary.BigEndian.Uint32(data[40:]))
		if seconds&(1<<31) == 0 {
			seconds += 1 << 32 // after 2036
		}
		fraction := uint64(binary.BigEndian.Uint32(data[44:])) * 1e9 >> 32
		n.synced(time.Duration(seconds-sntpEpoch)*time.Second + time.Duration(fraction))
	}
	c.sysUntimeout(timerSNTPNext)
	c.sysUntimeout(timerSNTP)
	n.retryMs = sntpTimeout
	c.sysTimeout(uint32(c.opt.SNTPUpdateDelay), timerSNTP, (*core).sntpRequest)
}
