package lwipmodel

// Periods of lwIP's cyclic timers, ms. Those of reassembly, IGMP, MLD, DNS and
// the fine timer of DHCP run on demand in ESP-IDF; ARP, the coarse timer of DHCP
// and neighbour discovery always run.
// (lwip: src/core/timeouts.c, lwip_cyclic_timers)
const nd6Interval = 1000

func (c *core) dhcpCoarseInterval() uint32 { return uint32(c.opt.DHCPCoarseTimer) * 1000 }

// startCyclicTimers is sys_timeouts_init.
func (c *core) startCyclicTimers() {
	c.sysTimeout(arpTmrInterval, timerARP, (*core).arpTimer)
	c.sysTimeout(c.dhcpCoarseInterval(), timerDHCPCoarse, (*core).dhcpCoarseTimer)
	if c.opt.IPv6 {
		c.sysTimeout(nd6Interval, timerND6, (*core).nd6Timer)
	}
}

func (c *core) arpTimer() {
	c.nif.arp.tmr()
	c.cyclic(arpTmrInterval, timerARP, (*core).arpTimer)
}

// dhcpCoarseTimer counts down a lease; with a fixed address it has nothing to do.
func (c *core) dhcpCoarseTimer() {
	c.nif.dhcp.coarseTimer()
	c.cyclic(c.dhcpCoarseInterval(), timerDHCPCoarse, (*core).dhcpCoarseTimer)
}

// nd6Timer would age IPv6 neighbours, of which there are none here.
func (c *core) nd6Timer() {
	c.cyclic(nd6Interval, timerND6, (*core).nd6Timer)
}

// garpTimer is netif_send_garp.
func (c *core) garpTimer() {
	if c.nif.ip != 0 && c.nif.linkOutput != nil {
		c.nif.arp.gratuitous()
	}
	c.sysTimeout(uint32(c.opt.GARPInterval)*1000, timerGARP, (*core).garpTimer)
}
