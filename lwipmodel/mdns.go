package lwipmodel

import "github.com/plimsoll-sim/plimsoll/sim/freertos"

const mdnsPort = 5353

// ListenMDNS makes the UDP control block that mDNS receives with, bound to port
// 5353 (mdns: mdns_networking_lwip.c, _udp_pcb_main_init). What comes to it is
// thrown away: the model asks and answers nothing. False: no memory, or the port
// is in use.
func (s *Stack) ListenMDNS(t *freertos.Task) (ok bool) {
	s.inTCPIP(t, func(c *core) {
		u := c.udpNew(&Holder{what: "mdns"})
		if u == nil {
			return
		}
		if c.udpBind(u, 0, mdnsPort) != ErrOK {
			c.udpRemove(u)
			return
		}
		u.recv = func(p *pbuf, _ ip4, _ uint16) { c.pbufFree(p) }
		ok = true
	})
	return ok
}
