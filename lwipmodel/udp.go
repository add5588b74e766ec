package lwipmodel

import "encoding/binary"

// UDP. (lwip: src/core/udp.c)

// A udpPCB is lwIP's udp_pcb.
type udpPCB struct {
	next                  *udpPCB
	block                 Block
	holder                *Holder
	conn                  *netconn
	localIP, remoteIP     ip4
	localPort, remotePort uint16
	soOptions, ttl, tos   uint8
	connected, listed     bool
	recv                  func(p *pbuf, from ip4, port uint16) // instead of a socket: DHCP, DNS
}

func (u *udpPCB) option(o uint8) bool { return u.soOptions&o != 0 }

func (c *core) udpNew(h *Holder) *udpPCB {
	b := c.malloc(KindUDPPCB, c.sz.udpPCB, h)
	if b == 0 {
		return nil
	}
	return &udpPCB{block: b, holder: h, ttl: uint8(c.opt.IPDefaultTTL)}
}

func (c *core) udpRemove(u *udpPCB) {
	for cur := &c.udpPCBs; *cur != nil; cur = &(*cur).next {
		if *cur == u {
			*cur = u.next
			break
		}
	}
	c.free(KindUDPPCB, u.block, c.sz.udpPCB, u.holder)
}

func (c *core) udpList(u *udpPCB) {
	if !u.listed {
		u.listed = true
		u.next = c.udpPCBs
		c.udpPCBs = u
	}
}

// udpNewPort is udp_new_port.
func (c *core) udpNewPort() uint16 {
	const first, last = 0xc000, 0xffff
	for used := 0; used <= last-first; used++ {
		if c.udpPort == last {
			c.udpPort = first
		} else {
			c.udpPort++
		}
		free := true
		for u := c.udpPCBs; u != nil && free; u = u.next {
			free = u.localPort != c.udpPort
		}
		if free {
			return c.udpPort
		}
	}
	return 0
}

func (c *core) udpBind(u *udpPCB, ip ip4, port uint16) Err {
	if port == 0 {
		if port = c.udpNewPort(); port == 0 {
			return ErrUse
		}
	} else {
		for o := c.udpPCBs; o != nil; o = o.next {
			if o == u || c.opt.SOReuse && u.option(sofReuseAddr) && o.option(sofReuseAddr) {
				continue
			}
			if o.localPort == port && (o.localIP == ip || o.localIP == 0 || ip == 0) {
				return ErrUse
			}
		}
	}
	u.localIP, u.localPort = ip, port
	c.udpList(u)
	return ErrOK
}

func (c *core) udpConnect(u *udpPCB, ip ip4, port uint16) Err {
	if u.localPort == 0 {
		if err := c.udpBind(u, u.localIP, 0); err != ErrOK {
			return err
		}
	}
	u.remoteIP, u.remotePort = ip, port
	u.connected = true
	c.udpList(u)
	return ErrOK
}

// udpSend is udp_sendto with the payload in p.
func (c *core) udpSend(u *udpPCB, p *pbuf, dst ip4, port uint16) Err {
	if !c.nif.route(dst) {
		return ErrRte
	}
	src := u.localIP
	if from := c.nif.sourceFor(dst); src == 0 {
		src = from
	} else if src != from {
		return ErrRte
	}
	return c.udpSendFrom(u, p, src, dst, port)
}

// udpSendFrom is udp_sendto_if_src: the source may be none yet.
func (c *core) udpSendFrom(u *udpPCB, p *pbuf, src, dst ip4, port uint16) Err {
	if u.localPort == 0 {
		if err := c.udpBind(u, u.localIP, 0); err != ErrOK {
			return err
		}
	}
	if len(p.data) > 0xffff-8 {
		return ErrMem
	}
	b := make([]byte, 8, 8+len(p.data))
	binary.BigEndian.PutUint16(b, u.localPort)
	binary.BigEndian.PutUint16(b[2:], port)
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(p.data)))
	b = append(b, p.data...)
	sum := bytesChecksum(17, b, src, dst)
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return c.nif.sendIP(17, src, dst, u.ttl, u.tos, b, p)
}

// matches is udp_input_local_match.
func (u *udpPCB) matches(n *netif, dst ip4, broadcast bool) bool {
	if broadcast {
		return u.localIP == 0 || dst == 0xffffffff || u.localIP&n.mask == dst&n.mask
	}
	return u.localIP == 0 || u.localIP == dst
}

// udpInput passes a datagram to its PCB; p begins with the UDP header, packet is
// the whole IP packet.
func (c *core) udpInput(p *pbuf, packet []byte, src, dst ip4) {
	n := &c.nif
	if len(p.data) < 8 {
		c.pbufFree(p)
		return
	}
	srcPort, dstPort := binary.BigEndian.Uint16(p.data), binary.BigEndian.Uint16(p.data[2:])
	broadcast := n.broadcast(dst)
	var u, prev, unconnected *udpPCB
	for u = c.udpPCBs; u != nil; prev, u = u, u.next {
		if u.localPort != dstPort || !u.matches(n, dst, broadcast) {
			continue
		}
		if !u.connected {
			switch {
			case unconnected == nil:
				unconnected = u
			case broadcast && dst == 0xffffffff:
				if unconnected.localIP != n.ip && u.localIP == n.ip {
					unconnected = u
				}
			case c.opt.SOReuse && u.localIP != 0:
				unconnected = u
			}
		}
		if u.remotePort == srcPort && (u.remoteIP == 0 || u.remoteIP == src) {
			if prev != nil {
				prev.next = u.next
				u.next = c.udpPCBs
				c.udpPCBs = u
			}
			break
		}
	}
	if u == nil {
		u = unconnected
	}
	if u == nil {
		if dst == n.ip && !broadcast && !dst.multicast() {
			c.icmpError(3, 3, packet) // port unreachable
		}
		c.pbufFree(p)
		return
	}
	if c.opt.ChecksumCheckUDP && binary.BigEndian.Uint16(p.data[6:]) != 0 && bytesChecksum(17, p.data, src, dst) != 0 {
		c.pbufFree(p)
		return
	}
	pbufDropFront(p, 8)
	if c.opt.SOReuse && u.option(sofReuseAddr) && (broadcast || dst.multicast()) {
		// SO_REUSE_RXTOALL: a copy for each of the others.
		for o := c.udpPCBs; o != nil; o = o.next {
			if o != u && o.localPort == dstPort && o.matches(n, dst, broadcast) {
				if q := c.pbufAllocRAM(0, len(p.data), o.holder); q != nil {
					copy(q.data, p.data)
					c.recvUDP(o, q, src, srcPort)
				}
			}
		}
	}
	c.recvUDP(u, p, src, srcPort)
}

// recvUDP puts a datagram into the mailbox of its socket, in a NETBUF.
func (c *core) recvUDP(u *udpPCB, p *pbuf, src ip4, port uint16) {
	if u.recv != nil {
		u.recv(p, src, port)
		return
	}
	n := u.conn
	if n == nil || !n.mboxValid(n.recvmbox) || n.recvAvail+int(p.totLen) > n.recvBufSize {
		c.pbufFree(p)
		return
	}
	b := c.malloc(KindNetbuf, c.sz.netbuf, u.holder)
	if b == 0 {
		c.pbufFree(p)
		return
	}
	c.ownPbufs(p, u.holder)
	nb := &netbuf{block: b, holder: u.holder, p: p, ip: src, port: port}
	size := int(p.totLen)
	if n.recvmbox.tryPost(mboxMsg{nb: nb}) != ErrOK {
		c.netbufDelete(nb)
		return
	}
	n.recvAvail += size
	c.event(n, evtRcvPlus)
}

// icmpError is icmp_dest_unreach and icmp_time_exceeded: the header of the packet
// and eight bytes of it go back.
func (c *core) icmpError(typ, code byte, packet []byte) {
	n := min(len(packet), 28)
	p := c.pbufAllocRAM(c.sz.headerIP, 8+n, c.nif.holder)
	if p == nil {
		return
	}
	b := p.data
	clear(b[:8])
	b[0], b[1] = typ, code
	copy(b[8:], packet[:n])
	sum, _ := sumBytes(0, false, b)
	binary.BigEndian.PutUint16(b[2:], ^foldSum(sum))
	if dst := ip4(binary.BigEndian.Uint32(packet[12:])); c.nif.route(dst) {
		c.nif.sendIP(1, c.nif.ip, dst, uint8(c.opt.IPDefaultTTL), 0, b, p)
	}
	c.pbufFree(p)
}
