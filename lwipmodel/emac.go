package lwipmodel

import (
	"encoding/binary"
	"errors"

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
	// OnAddress is called inside the stack when it has come, for the event
	// IP_EVENT_ETH_GOT_IP; it must not call the stack.
	DHCP      bool
	OnAddress func()
}

// dmaCRC: the controller keeps the frame check sequence.
const dmaCRC = 4

// emac is the driver of the internal Ethernet controller.
// (idf: components/esp_eth/src/mac/esp_eth_mac_esp.c)
type emac struct {
	n    *Netif
	cfg  EthernetConfig
	task *freertos.Task
	ring frameRing // in the DMA buffers
	used int       // DMA buffers in use
}

// NewEthernet makes the interface, from task t: the objects of esp_netif_new and
// the driver's receive task. It is down until Connected.
func (s *Stack) NewEthernet(t *freertos.Task, cfg EthernetConfig) (*Netif, error) {
	if cfg.Send == nil {
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
	n, err := s.newNetif(t, "NewEthernet", "ETH_DEF", "eth", cfg.MAC)
	if err != nil {
		return nil, err
	}
	e := &emac{n: n, cfg: cfg, ring: newFrameRing(cfg.RxBuffers)}
	if e.task, err = s.k.CreateTask("emac_rx", cfg.RxTaskStack, cfg.RxTaskPriority, freertos.NoAffinity, e.rxTask); err != nil {
		return nil, err
	}
	n.drv = e
	n.start(t, cfg.DHCP, cfg.OnAddress)
	return n, nil
}

// receive: the controller filters by checksum, DMA puts the frame into its
// buffers, and an interrupt wakes the receive task.
func (e *emac) receive(frame []byte) {
	if !checksumsRight(frame) {
		e.n.stats.BadSum++
		return
	}
	need := e.buffers(frame)
	if e.used+need > e.cfg.RxBuffers {
		e.n.stats.NoBuffer++
		return
	}
	e.used += need
	e.ring.push(frame)
	e.task.NotifyGiveFromISR()
}

func (e *emac) buffers(frame []byte) int {
	return (len(frame) + dmaCRC + e.cfg.BufferSize - 1) / e.cfg.BufferSize
}

// rxTask is emac_esp32_rx_task: it copies frames out of the DMA buffers, each
// into a buffer of its length.
func (e *emac) rxTask(t *freertos.Task) {
	for {
		t.NotifyTake(true, freertos.MaxDelay)
		for e.ring.n > 0 {
			frame := e.ring.pop()
			e.used -= e.buffers(frame)
			e.n.up(frame, uint32(max(len(frame), ethMinFrame)))
		}
	}
}

// send copies the frame into the DMA buffers.
func (e *emac) send(frame []byte) Err {
	e.n.stats.Sent++
	if n := len(frame); n < ethMinFrame && cap(frame) >= ethMinFrame {
		frame = frame[:ethMinFrame] // the controller pads; its makers left room for that
		clear(frame[n:])
	}
	e.cfg.Send(frame)
	return ErrOK
}

// A frameRing holds a fixed number of frames.
type frameRing struct {
	frames  [][]byte
	head, n int
}

func newFrameRing(size int) frameRing { return frameRing{frames: make([][]byte, size)} }

func (r *frameRing) push(frame []byte) {
	r.frames[(r.head+r.n)%len(r.frames)] = frame
	r.n++
}

func (r *frameRing) pop() []byte {
	f := r.frames[r.head]
	r.frames[r.head] = nil
	r.head = (r.head + 1) % len(r.frames)
	r.n--
	return f
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
