package lwipmodel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
)

// EthernetConfig describes an Ethernet interface: the internal EMAC with ESP-IDF's
// driver.
type EthernetConfig struct {
	// MAC is the interface's address.
	MAC [6]byte

	// Send puts a frame on the cable. The frame is not used again.
	Send func(frame []byte)

	// RxBuffers and BufferSize are the driver's receive buffers, which DMA
	// fills: CONFIG_ETH_DMA_RX_BUFFER_NUM, default 10, and
	// CONFIG_ETH_DMA_BUFFER_SIZE, default 512 bytes. A frame that finds no free
	// ones is lost. 0: the default.
	RxBuffers, BufferSize int

	// RxTaskStack and RxTaskPriority are those of the task "emac_rx"
	// (ETH_MAC_DEFAULT_CONFIG). 0: 4096 bytes and 15.
	RxTaskStack    uint32
	RxTaskPriority int

	// DHCP: the address comes from a DHCP server. Default: it is set by SetAddr.
	DHCP bool
}

// Counters of an interface, in frames.
type Counters struct {
	Received   uint64 // handed to the tcpip task
	Sent       uint64 // put on the cable
	NoDMA      uint64 // lost: no free DMA buffer
	NoMemory   uint64 // lost: no memory for the receive buffer, its pbuf or its message
	MailFull   uint64 // lost: the mailbox of the tcpip task was full
	BadSum     uint64 // rejected by the controller for a wrong checksum
	NotForUs   uint64 // not to this address
	Unreceived uint64 // came while the interface was down
}

// A Netif is the device's network interface: driver, esp_netif and lwIP's netif.
type Netif struct {
	s     *Stack
	cfg   EthernetConfig
	rx    *freertos.Task
	ring  [][]byte // frames in the DMA buffers
	used  int      // DMA buffers in use
	stats Counters

	addr, mask, gw ip4 // esp_netif's ip_info, kept while the link is down
}

// Bytes of the objects of esp_netif_new, computed from their definitions
// (idf: components/esp_netif/lwip/esp_netif_lwip_internal.h; struct netif from
// the compiler, ESP-IDF v5.3.1).
const (
	sizeEspNetif        = 100
	sizeIPInfo          = 12
	sizeNetifNoIPv6     = 76
	sizeNetifIPv6       = 252
	sizeDHCP            = 84
	sizeDHCPNoIPv6      = 64
	dmaCRC              = 4 // the controller keeps the frame check sequence
	netifKey, netifDesc = len("ETH_DEF") + 1, len("eth") + 1
)

// NewEthernet makes the interface, from task t: the driver's receive task and the
// objects of esp_netif_new. It is down until Connected.
func (s *Stack) NewEthernet(t *freertos.Task, cfg EthernetConfig) (*Netif, error) {
	switch {
	case s.tiT == nil:
		return nil, errors.New("lwipmodel: NewEthernet before Init: esp_netif_new needs the tcpip task")
	case s.netif != nil:
		return nil, errors.New("lwipmodel: NewEthernet: the device has an interface already")
	case cfg.Send == nil:
		return nil, errors.New("lwipmodel: EthernetConfig.Send is nil: want a function that puts a frame on the cable")
	}
	if cfg.RxBuffers == 0 {
		cfg.RxBuffers = 10
	}
	if cfg.BufferSize == 0 {
		cfg.BufferSize = 512
	}
	if cfg.RxTaskStack == 0 {
		cfg.RxTaskStack = 4096
	}
	if cfg.RxTaskPriority == 0 {
		cfg.RxTaskPriority = 15
	}
	n := &Netif{s: s, cfg: cfg}
	c := s.c
	netifSize := uint32(sizeNetifNoIPv6)
	dhcpSize := uint32(sizeDHCPNoIPv6)
	if c.opt.IPv6 {
		netifSize, dhcpSize = sizeNetifIPv6, sizeDHCP
	}
	blocks := []struct {
		k    Kind
		size uint32
	}{
		{KindEspNetif, sizeEspNetif}, {KindEspNetif, sizeIPInfo}, {KindEspNetif, sizeIPInfo}, {KindNetif, netifSize},
		{KindEspNetif, uint32(netifKey)}, {KindEspNetif, uint32(netifDesc)}, {KindDHCP, dhcpSize},
	}
	for _, b := range blocks {
		if c.malloc(b.k, b.size, c.nif.holder) == 0 {
			return nil, fmt.Errorf("lwipmodel: esp_netif_new: no memory for %v (%d bytes)", b.k, b.size)
		}
	}
	c.nif.hw = cfg.MAC
	c.nif.mtu = 1500
	c.nif.linkOutput = n.output
	s.netif = n
	rx, err := s.k.CreateTask("emac_rx", cfg.RxTaskStack, cfg.RxTaskPriority, freertos.NoAffinity, n.rxTask)
	if err != nil {
		return nil, err
	}
	n.rx = rx
	if c.opt.GratuitousARP {
		s.inTCPIP(t, func(c *core) {
			c.sysTimeout(uint32(c.opt.GARPInterval)*1000, timerGARP, (*core).garpTimer)
		})
	}
	return n, nil
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

// Connected is esp_netif_action_connected, from task t: the link came up.
func (n *Netif) Connected(t *freertos.Task) {
	n.s.inTCPIP(t, func(c *core) {
		c.nif.setAddr(n.addr, n.mask, n.gw)
		c.nif.setUp()
		c.nif.setLinkUp()
	})
}

// Disconnected is esp_netif_action_disconnected, from task t: the link is gone.
// The address goes with it, and all connections are aborted at once.
func (n *Netif) Disconnected(t *freertos.Task) {
	n.s.inTCPIP(t, func(c *core) {
		c.nif.setAddr(0, 0, 0)
		c.nif.setDown()
		c.nif.linkUp = false
	})
}

// Receive takes a frame from the cable; an event calls it. The controller filters
// by address and by checksum, DMA puts the frame into its buffers, and an
// interrupt wakes the receive task. The frame may be shared: it is not changed.
func (n *Netif) Receive(frame []byte) {
	if len(frame) < etherHeader {
		return
	}
	if dst := hwAddr(frame[:6]); dst != n.cfg.MAC && dst[0]&1 == 0 {
		n.stats.NotForUs++
		return
	}
	if !checksumsRight(frame) {
		n.stats.BadSum++
		return
	}
	need := n.buffers(frame)
	if n.used+need > n.cfg.RxBuffers {
		n.stats.NoDMA++
		return
	}
	n.used += need
	n.ring = append(n.ring, frame)
	n.rx.NotifyGiveFromISR()
}

func (n *Netif) buffers(frame []byte) int {
	return (len(frame) + dmaCRC + n.cfg.BufferSize - 1) / n.cfg.BufferSize
}

// rxTask is emac_esp32_rx_task: it copies frames out of the DMA buffers.
// (idf: components/esp_eth/src/mac/esp_eth_mac_esp.c)
func (n *Netif) rxTask(t *freertos.Task) {
	for {
		t.NotifyTake(true, freertos.MaxDelay)
		for len(n.ring) > 0 {
			frame := n.ring[0]
			n.ring[0] = nil
			n.ring = n.ring[1:]
			n.used -= n.buffers(frame)
			n.input(frame)
		}
		n.ring = nil
	}
}

// input is the way of a frame through ethernetif_input into the mailbox of the
// tcpip task: a buffer of the frame's length, the pbuf that refers to it, and the
// message. What finds no memory is lost.
func (n *Netif) input(frame []byte) {
	c := n.s.c
	c.catchUp() // timers of the past had their blocks before this frame has its own
	size := uint32(max(len(frame), 60))
	l2 := c.malloc(KindL2RxBuffer, size, c.nif.holder)
	if l2 == 0 {
		n.stats.NoMemory++
		return
	}
	if !c.nif.up {
		c.free(KindL2RxBuffer, l2, size, c.nif.holder)
		n.stats.Unreceived++
		return
	}
	eb := c.malloc(KindEspPbuf, c.sz.espPbuf, c.nif.holder)
	if eb == 0 {
		c.free(KindL2RxBuffer, l2, size, c.nif.holder)
		n.stats.NoMemory++
		return
	}
	p := c.newPbuf(KindEspPbuf, 0)
	p.block, p.size, p.l2, p.l2size, p.holder = eb, c.sz.espPbuf, l2, size, c.nif.holder
	p.data, p.totLen = frame, uint16(len(frame))
	full := c.queue.n == len(c.queue.ring)
	if c.inpkt(p, n.s.ethernetInput) != ErrOK {
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
		d := s.ip.input(p)
		switch {
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

// output is the driver's transmit: it copies the frame into its DMA buffers.
func (n *Netif) output(frame []byte) Err {
	if !n.s.c.nif.linkUp {
		return ErrIf // the driver is stopped
	}
	n.stats.Sent++
	n.cfg.Send(frame)
	return ErrOK
}

// checksumsRight is what the controller's checksum engine looks at: the IPv4
// header, and TCP, UDP and ICMP in packets that are not fragments.
// (idf: components/hal/emac_hal.c: ETH_CHECKSUM_HW, and frames with checksum
// errors dropped)
func checksumsRight(frame []byte) bool {
	if binary.BigEndian.Uint16(frame[12:]) != etherTypeIPv4 {
		return true
	}
	b := frame[etherHeader:]
	if len(b) < 20 {
		return true
	}
	hlen, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if b[0]>>4 != 4 || hlen < 20 || total < hlen || total > len(b) {
		return true
	}
	if sum, _ := sumBytes(0, false, b[:hlen]); foldSum(sum) != 0xffff {
		return false
	}
	if binary.BigEndian.Uint16(b[6:])&0x3fff != 0 {
		return true
	}
	src, dst := ip4(binary.BigEndian.Uint32(b[12:])), ip4(binary.BigEndian.Uint32(b[16:]))
	body := b[hlen:total]
	switch b[9] {
	case 1:
		sum, _ := sumBytes(0, false, body)
		return foldSum(sum) == 0xffff
	case 6:
		return bytesChecksum(6, body, src, dst) == 0
	case 17:
		return len(body) < 8 || binary.BigEndian.Uint16(body[6:]) == 0 || bytesChecksum(17, body, src, dst) == 0
	}
	return true
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
