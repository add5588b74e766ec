package lwipmodel

// netif is the network interface as lwIP's routing sees it. Only one exists
// beside loopback. (lwip: src/core/netif.c, src/core/ipv4/ip4.c)
type netif struct {
	c            *core
	ip, mask, gw ip4
	mtu          uint16
	up, linkUp   bool
	hw           hwAddr
	holder       *Holder
	send         func(*tcpHeader) Err // hands a segment to IP
	sendIP       func(proto uint8, src, dst ip4, ttl, tos uint8, body []byte, p *pbuf) Err
	linkOutput   func(frame []byte) Err
	arp          etharp
	dhcp         dhcp
}

// usable: the interface is up, has a link and an address.
func (n *netif) usable() bool { return n.up && n.linkUp && n.ip != 0 }

// loopback is 127.0.0.1, the address of lwIP's second interface.
const loopback ip4 = 127<<24 | 1

func (a ip4) loopback() bool { return a>>24 == 127 }

// route is ip4_route: whether there is a way to dst. Every destination that is
// not on the interface's own network goes to its gateway, if there is one.
func (n *netif) route(dst ip4) bool {
	if dst.loopback() && n.c.opt.NetifLoopback {
		return true
	}
	return n.usable()
}

// loops reports whether packets to dst come back to the device itself.
func (n *netif) loops(dst ip4) bool {
	return n.c.opt.NetifLoopback && (dst.loopback() || n.ip != 0 && dst == n.ip)
}

func (n *netif) sourceFor(dst ip4) ip4 {
	if dst.loopback() && n.c.opt.NetifLoopback {
		return loopback
	}
	return n.ip
}

// effSendMSS is tcp_eff_send_mss: no larger than the MTU of the interface allows
// that leads to dst.
func (n *netif) effSendMSS(mss uint16, dst ip4) uint16 {
	if !n.usable() || n.mtu == 0 || dst.loopback() && n.c.opt.NetifLoopback {
		return mss
	}
	if n.mtu <= 40 {
		return 0
	}
	return min(mss, n.mtu-40)
}

func (n *netif) output(h *tcpHeader) Err {
	if n.c.ladder != nil {
		n.c.ladder.sent(n.c, h)
	}
	return n.send(h)
}

// setAddr is netif_set_addr: connections on the old address are aborted before
// it goes, so that their resets still leave. The new one is announced.
func (n *netif) setAddr(ip, mask, gw ip4) {
	if n.ip != ip {
		n.c.netifAddrChanged(n.ip, ip)
		n.ip, n.mask, n.gw = ip, mask, gw
		n.report()
	}
	n.mask, n.gw = mask, gw
}

// setUp is netif_set_up, setLinkUp is netif_set_link_up.
func (n *netif) setUp() {
	if !n.up {
		n.up = true
		n.report()
	}
}

func (n *netif) setLinkUp() {
	if !n.linkUp {
		n.linkUp = true
		n.dhcp.networkChanged()
		n.report()
	}
}

// setDown is netif_set_down: the ARP table goes with it.
func (n *netif) setDown() {
	if n.up {
		n.up = false
		n.arp.cleanup()
	}
}

// report is netif_issue_reports: a gratuitous ARP tells the others.
func (n *netif) report() {
	if n.usable() && n.linkOutput != nil {
		n.arp.gratuitous()
	}
}
