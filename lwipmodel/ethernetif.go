package lwipmodel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// Counters of an interface, in frames.
type Counters struct {
	Received   uint64 // handed to the tcpip task
	Sent       uint64 // put on the cable or into the air
	NoBuffer   uint64 // lost: the driver's receive buffers were full
	NoMemory   uint64 // lost: no memory for the receive buffer, its pbuf or its message
	MailFull   uint64 // lost: the mailbox of the tcpip task was full
	BadSum     uint64 // rejected by the controller for a wrong checksum
	NotForUs   uint64 // not to this address
	Unreceived uint64 // came while the interface was down
	TxNoBuffer uint64 // not sent: no send buffer or no memory for one
}

// A driver is the part of a network interface below lwIP.
type driver interface {
	// receive takes a frame from the medium, in an event.
	receive(frame []byte)
	// send sends a frame, in the tcpip task.
	send(frame []byte) Err
}

// A Netif is the device's network interface: driver, esp_netif and lwIP's netif.
type Netif struct {
	s     *Stack
	mac   hwAddr
	drv   driver
	input func(*core, *pbuf)
	stats Counters

	addr, mask, gw ip4 // esp_netif's ip_info, kept while the link is down
	useDHCP        bool
}

// Bytes of the objects of esp_netif_new, computed from their definitions
// (idf: components/esp_netif/lwip/esp_netif_lwip_internal.h; struct netif from
// the compiler, ESP-IDF v5.3.1).
const (
	sizeEspNetif    = 100
	sizeIPInfo      = 12
	sizeNetifNoIPv6 = 76
	sizeNetifIPv6   = 252
	sizeDHCP        = 84
	sizeDHCPNoIPv6  = 64
)

// newNetif is esp_netif_new, from task t, of an interface with that key and
// description.
func (s *Stack) newNetif(t *freertos.Task, what, key, desc string, mac [6]byte) (*Netif, error) {
	switch {
	case s.tiT == nil:
		return nil, errors.New("lwipmodel: " + what + " before Init: esp_netif_new needs the tcpip task")
	case s.netif != nil:
		return nil, errors.New("lwipmodel: " + what + ": the device has an interface already")
	}
	n := &Netif{s: s, mac: mac, input: s.ethernetInput}
	c := s.c
	netifSize, dhcpSize := uint32(sizeNetifNoIPv6), uint32(sizeDHCPNoIPv6)
	if c.opt.IPv6 {
		netifSize, dhcpSize = sizeNetifIPv6, sizeDHCP
	}
	for _, b := range []struct {
		k    Kind
		size uint32
	}{
		{KindEspNetif, sizeEspNetif}, {KindEspNetif, sizeIPInfo}, {KindEspNetif, sizeIPInfo}, {KindNetif, netifSize},
		{KindEspNetif, uint32(len(key) + 1)}, {KindEspNetif, uint32(len(desc) + 1)}, {KindDHCP, dhcpSize},
	} {
		if c.malloc(b.k, b.size, c.nif.holder) == 0 {
			return nil, fmt.Errorf("lwipmodel: esp_netif_new: no memory for %v (%d bytes)", b.k, b.size)
		}
	}
	c.nif.hw = mac
	c.nif.mtu = 1500
	c.nif.linkOutput = n.output
	s.netif = n
	return n, nil
}

// start is the rest of esp_netif_new, once the driver has its task.
func (n *Netif) start(t *freertos.Task, useDHCP bool, onAddr func()) {
	n.useDHCP = useDHCP
	n.s.c.nif.dhcp.onAddr = onAddr
	if n.s.c.opt.GratuitousARP {
		n.s.inTCPIP(t, func(c *core) {
			c.sysTimeout(uint32(c.opt.GARPInterval)*1000, timerGARP, (*core).garpTimer)
		})
	}
}

// Counters returns what the interface has counted.
func (n *Netif) Counters() Counters { return n.stats }

// Addr returns the interface's address; invalid while it has none.
func (n *Netif) Addr() netip.Addr { return toAddr(n.s.c.nif.ip) }

// Up reports whether the interface is up, with a link and an address.
func (n *Netif) Up() bool { return n.s.c.nif.usable() }

// SetAddr is esp_netif_set_ip_info, from task t: a fixed address. It takes
// effect at once if the interface is up, else with Connected.
func (n *Netif) SetAddr(t *freertos.Task, addr netip.Prefix, gateway netip.Addr) error {
	if !addr.IsValid() || !addr.Addr().Is4() {
		return fmt.Errorf("lwipmodel: SetAddr: %v is not an IPv4 address with a prefix", addr)
	}
	if gateway.IsValid() && !gateway.Is4() {
		return fmt.Errorf("lwipmodel: SetAddr: the gateway %v is not an IPv4 address", gateway)
	}
	n.addr = fromAddr(addr.Addr())
	n.mask = ^ip4(0) << (32 - addr.Bits())
	if addr.Bits() == 0 {
		n.mask = 0
	}
	n.gw = 0
	if gateway.IsValid() {
		n.gw = fromAddr(gateway)
	}
	n.s.inTCPIP(t, func(c *core) {
		if c.nif.up {
			c.nif.setAddr(n.addr, n.mask, n.gw)
		}
	})
	return nil
}

// Connected is esp_netif_action_connected, from task t: the link came up. With
// DHCP the client starts.
func (n *Netif) Connected(t *freertos.Task) {
	n.s.inTCPIP(t, func(c *core) {
		if n.useDHCP {
			c.nif.setUp()
			c.nif.setLinkUp()
			if c.nif.dhcp.state == dhcpOff {
				c.nif.dhcp.start()
			}
			return
		}
		c.nif.setAddr(n.addr, n.mask, n.gw)
		c.nif.setUp()
		c.nif.setLinkUp()
	})
}

// Disconnected is esp_netif_action_disconnected, from task t: the link is gone.
// The address goes with it, and all connections are aborted at once.
func (n *Netif) Disconnected(t *freertos.Task) {
	n.s.inTCPIP(t, func(c *core) {
		c.nif.dhcp.stop()
		c.nif.setAddr(0, 0, 0)
		c.nif.setDown()
		c.nif.linkUp = false
	})
}

// Receive takes a frame from the medium; an event calls it. The frame may be
// shared: it is not changed.
func (n *Netif) Receive(frame []byte) {
	if len(frame) < etherHeader {
		return
	}
	if dst := hwAddr(frame[:6]); dst != n.mac && dst[0]&1 == 0 {
		n.stats.NotForUs++
		return
	}
	n.drv.receive(frame)
}

// up is the way of a frame from the driver to the mailbox of the tcpip task
// (ethernetif_input, wlanif_input): the driver's buffer of size bytes, the pbuf
// that refers to it, and the message. With the option L2ToL3Copy the buffer is
// copied and freed. What finds no memory is lost.
func (n *Netif) up(frame []byte, size uint32) {
	c := n.s.c
	l2 := c.malloc(KindL2RxBuffer, size, c.nif.holder)
	if l2 == 0 {
		n.stats.NoMemory++
		return
	}
	c.l2Buffers++
	var p *pbuf
	switch {
	case !c.nif.up:
		n.stats.Unreceived++
	case c.opt.L2ToL3Copy:
		if p = c.pbufAllocRAM(0, int(size), c.nif.holder); p == nil {
			n.stats.NoMemory++
			break
		}
		c.l2Buffers--
		c.free(KindL2RxBuffer, l2, size, c.nif.holder)
	default:
		eb := c.malloc(KindEspPbuf, c.sz.espPbuf, c.nif.holder)
		if eb == 0 {
			n.stats.NoMemory++
			break
		}
		p = c.newPbuf(KindEspPbuf, 0)
		p.block, p.size, p.l2, p.l2size, p.holder = eb, c.sz.espPbuf, l2, size, c.nif.holder
	}
	if p == nil {
		c.l2Buffers--
		c.free(KindL2RxBuffer, l2, size, c.nif.holder)
		return
	}
	p.data, p.totLen = frame, uint16(len(frame))
	full := c.queue.n == len(c.queue.ring)
	if c.inpkt(p, n.input) != ErrOK {
		if full {
			n.stats.MailFull++
		} else {
			n.stats.NoMemory++
		}
		c.pbufFree(p)
		return
	}
	n.stats.Received++
}

// ethernetInput is ethernet_input, in the tcpip task.
func (s *Stack) ethernetInput(c *core, p *pbuf) {
	frame := p.data
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherTypeARP:
		c.nif.arp.input(frame[etherHeader:])
	case etherTypeIPv4:
		pbufDropFront(p, etherHeader)
		d, p := s.ip.input(p)
		switch {
		case p == nil:
			return
		case d.proto == protoTCP && !c.nif.broadcast(d.dst) && !d.dst.multicast():
			c.tcpInput(p, d.src, d.dst)
			return
		case d.proto == protoUDP:
			c.udpInput(p, d.packet, d.src, d.dst)
			return
		}
		s.ip.flush(p)
		return
	}
	c.pbufFree(p)
}

// output is netif->linkoutput.
func (n *Netif) output(frame []byte) Err {
	if !n.s.c.nif.linkUp {
		return ErrIf // the driver is stopped
	}
	return n.drv.send(frame)
}

func toAddr(a ip4) netip.Addr {
	if a == 0 {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)})
}

func fromAddr(a netip.Addr) ip4 {
	b := a.As4()
	return ip4(binary.BigEndian.Uint32(b[:]))
}
