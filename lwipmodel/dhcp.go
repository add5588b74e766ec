package lwipmodel

// The DHCP client's states and timers. (lwip: src/core/ipv4/dhcp.c with
// ESP-IDF's timeouts from components/lwip/port/include/lwipopts.h)

type dhcpState uint8

const (
	dhcpOff dhcpState = iota
	dhcpRequesting
	dhcpInit
	dhcpRebooting
	dhcpRebinding
	dhcpRenewing
	dhcpSelecting
	dhcpChecking
	dhcpBound
	dhcpBackingOff
)

const (
	dhcpClientPort   = 68
	dhcpServerPort   = 67
	dhcpFineInterval = 500 // ms
	dhcpThreshold    = 3   // DHCP_NEXT_TIMEOUT_THRESHOLD
	dhcpForever      = 0xffffffff
)

// A dhcp is the client of the interface (struct dhcp; its block is taken by
// esp_netif_new).
type dhcp struct {
	c      *core
	state  dhcpState
	xid    uint32
	tries  uint8
	pcb    *udpPCB
	fine   bool // the fine timer runs
	onAddr func()

	requestTimeout                       uint16 // fine timers
	t1Timeout, t2Timeout                 uint32 // coarse timers
	t1Renew, t2Rebind, leaseUsed, t0     uint32
	server, offered, mask, gateway       ip4
	maskGiven                            bool
	offeredT0Lease, offeredT1, offeredT2 uint32
}

// start is dhcp_start.
func (d *dhcp) start() Err {
	c := d.c
	if c.nif.mtu < 576 {
		return ErrMem
	}
	if d.pcb != nil {
		c.udpRemove(d.pcb)
	}
	*d = dhcp{c: c, fine: d.fine, onAddr: d.onAddr}
	if d.pcb = c.udpNew(c.nif.holder); d.pcb == nil {
		return ErrMem
	}
	d.pcb.soOptions |= sofBroadcast
	c.udpBind(d.pcb, 0, dhcpClientPort)
	c.udpConnect(d.pcb, 0, dhcpServerPort)
	d.pcb.recv = d.input
	if !c.nif.linkUp {
		d.setState(dhcpInit)
		return ErrOK
	}
	d.closeFine()
	d.discover()
	return ErrOK
}

// stop is dhcp_release_and_stop.
func (d *dhcp) stop() {
	if d.state == dhcpOff {
		return
	}
	server := d.server
	supplied := d.supplied()
	d.server, d.offered, d.mask, d.gateway = 0, 0, 0, 0
	d.offeredT0Lease, d.offeredT1, d.offeredT2 = 0, 0, 0
	d.t1Renew, d.t2Rebind, d.leaseUsed, d.t0 = 0, 0, 0, 0
	d.setState(dhcpOff)
	if supplied {
		d.server = server
		d.send(dhcpRelease, server)
		d.server = 0
		d.c.nif.setAddr(0, 0, 0)
	}
	d.closeFine()
	d.c.udpRemove(d.pcb)
	d.pcb = nil
}

// supplied is dhcp_supplied_address.
func (d *dhcp) supplied() bool {
	return d.state == dhcpBound || d.state == dhcpRenewing || d.state == dhcpRebinding
}

func (d *dhcp) setState(s dhcpState) {
	if s != d.state {
		d.state, d.tries, d.requestTimeout = s, 0, 0
	}
}

// wait sets the time until the next try.
func (d *dhcp) wait(ms int) {
	if d.tries < 255 {
		d.tries++
	}
	d.requestTimeout = uint16((ms + dhcpFineInterval - 1) / dhcpFineInterval)
	if !d.fine {
		d.c.sysTimeout(dhcpFineInterval, timerDHCPFine, (*core).dhcpFineTimer)
		d.fine = true
	}
}

// sequence is DHCP_REQUEST_TIMEOUT_SEQUENCE after one more try, ms.
func (d *dhcp) sequence() int {
	if t := int(d.tries) + 1; t < 5 {
		return 250 << t
	}
	return 4000
}

// retry is the wait of the states that ask for an address that the client has or
// had: seconds that grow with the tries.
func (d *dhcp) retry(step, most int) int { return min((int(d.tries)+1)*step, most) }

func (d *dhcp) closeFine() {
	if d.fine {
		d.c.sysUntimeout(timerDHCPFine)
		d.fine = false
	}
}

// dhcpFineTimer is dhcp_fine_tmr, which runs only while something is awaited.
func (c *core) dhcpFineTimer() {
	d := &c.nif.dhcp
	if d.requestTimeout == 0 {
		d.fine = false
		return
	}
	if d.requestTimeout--; d.requestTimeout == 0 {
		d.timeout()
	}
	if d.fine {
		c.sysTimeout(dhcpFineInterval, timerDHCPFine, (*core).dhcpFineTimer)
	}
}

// timeout is dhcp_timeout.
func (d *dhcp) timeout() {
	switch d.state {
	case dhcpBackingOff, dhcpSelecting:
		d.discover()
	case dhcpRequesting:
		if d.tries <= 5 {
			d.request()
		} else {
			d.stop()
			d.start()
		}
	case dhcpChecking:
		if d.tries <= 1 {
			d.check()
		} else {
			d.bind()
		}
	case dhcpRebooting:
		if d.tries < 2 {
			d.reboot()
		} else {
			d.discover()
		}
	case dhcpRebinding:
		d.t2Rebind = 1
	}
}

// coarseTimer is dhcp_coarse_tmr.
func (d *dhcp) coarseTimer() {
	if d.state == dhcpOff {
		return
	}
	if d.t0 != 0 {
		if d.leaseUsed++; d.leaseUsed == d.t0 {
			d.stop()
			d.start()
			return
		}
	}
	if d.t2Rebind != 0 {
		if d.t2Rebind--; d.t2Rebind == 0 {
			d.rebind()
			if next := (d.t0 - d.leaseUsed) / 2; next >= dhcpThreshold {
				d.t2Rebind = next
			}
			return
		}
	}
	if d.t1Renew != 0 {
		if d.t1Renew--; d.t1Renew == 0 && (d.state == dhcpRequesting || d.state == dhcpBound || d.state == dhcpRenewing) {
			d.renew()
			if next := (d.t2Timeout - d.leaseUsed) / 2; next >= dhcpThreshold {
				d.t1Renew = next
			}
		}
	}
}

// idle is idleFirings of the coarse timer.
func (d *dhcp) idle() int64 {
	if d.state == dhcpOff {
		return never
	}
	n := int64(never)
	if d.t0 != 0 {
		n = min(n, int64(d.t0)-int64(d.leaseUsed)-1)
	}
	if d.t2Rebind != 0 {
		n = min(n, int64(d.t2Rebind)-1)
	}
	if d.t1Renew != 0 {
		n = min(n, int64(d.t1Renew)-1)
	}
	return max(n, 0)
}

// advance is the counting of n firings of the coarse timer.
func (d *dhcp) advance(n uint32) {
	if d.state == dhcpOff {
		return
	}
	if d.t0 != 0 {
		d.leaseUsed += n
	}
	if d.t2Rebind != 0 {
		d.t2Rebind -= n
	}
	if d.t1Renew != 0 {
		d.t1Renew -= n
	}
}

func (d *dhcp) discover() {
	d.offered = 0
	d.setState(dhcpSelecting)
	d.send(dhcpDiscover, 0xffffffff)
	d.wait(d.sequence())
}

// request is dhcp_select.
func (d *dhcp) request() {
	d.setState(dhcpRequesting)
	d.send(dhcpRequest, 0xffffffff)
	d.wait(d.sequence())
}

func (d *dhcp) renew() {
	d.setState(dhcpRenewing)
	d.send(dhcpRequest, d.server)
	d.wait(d.retry(2000, 20000))
}

func (d *dhcp) rebind() {
	d.setState(dhcpRebinding)
	d.send(dhcpRequest, 0xffffffff)
	d.wait(d.retry(1000, 10000))
}

func (d *dhcp) reboot() {
	d.setState(dhcpRebooting)
	d.send(dhcpRequest, 0xffffffff)
	d.wait(d.retry(1000, 10000))
}

// check asks by ARP whether somebody has the offered address.
func (d *dhcp) check() {
	d.setState(dhcpChecking)
	d.c.nif.arp.probe(d.offered)
	d.wait(500)
}

// arpReply is dhcp_arp_reply: the offered address is taken.
func (d *dhcp) arpReply(a ip4) {
	if d.state == dhcpChecking && a == d.offered {
		d.setState(dhcpBackingOff)
		d.send(dhcpDecline, 0xffffffff)
		d.wait(10000)
	}
}

// networkChanged is dhcp_network_changed: the link came up.
func (d *dhcp) networkChanged() {
	switch d.state {
	case dhcpOff:
	case dhcpRebinding, dhcpRenewing, dhcpBound, dhcpRebooting:
		d.tries = 0
		d.reboot()
	default:
		d.tries = 0
		d.discover()
	}
}

// bind takes the address.
func (d *dhcp) bind() {
	coarse := uint32(d.c.opt.DHCPCoarseTimer)
	timeout := func(offered, least uint32) uint32 {
		if offered == 0 {
			offered = least
		}
		return (offered + coarse - 1) / coarse
	}
	d.leaseUsed = 0
	if d.offeredT0Lease != dhcpForever {
		d.t0 = timeout(d.offeredT0Lease, 120)
	}
	if d.offeredT1 != dhcpForever {
		d.t1Timeout = timeout(d.offeredT1, d.t0/2)
		d.t1Renew = d.t1Timeout
	}
	if d.offeredT2 != dhcpForever {
		d.t2Timeout = timeout(d.offeredT2, d.t0/8*7)
		d.t2Rebind = d.t2Timeout
	}
	if d.t1Timeout >= d.t2Timeout && d.t2Timeout > 0 {
		d.t1Timeout = 0
	}
	mask := d.mask
	if !d.maskGiven {
		switch first := d.offered >> 24; {
		case first <= 127:
			mask = 0xff000000
		case first >= 192:
			mask = 0xffffff00
		default:
			mask = 0xffff0000
		}
	}
	d.setState(dhcpBound)
	d.closeFine()
	was := d.c.nif.ip
	d.c.nif.setAddr(d.offered, mask, d.gateway)
	if d.onAddr != nil && was != d.offered {
		d.onAddr()
	}
}
