package lwipmodel

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// WiFiConfig describes a Wi-Fi station's data path. The driver is a closed
// library; what its Kconfig help says of its buffers is modelled, and the rest is
// assumed: that a dynamic buffer has exactly the frame's length, the order of
// taking and freeing, and the time that a frame takes in the air.
type WiFiConfig struct {
	// MAC is the interface's address.
	MAC [6]byte

	// Send puts a frame into the air. The frame is not used again.
	Send func(frame []byte)

	// StaticRx is CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM: frames that the hardware
	// can hold until the driver's task copies them. 0: the default, 10. Their
	// memory is the driver's, taken by esp_wifi_init.
	StaticRx int

	// DynamicRx is CONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM: received frames that
	// may be anywhere in the stack at once, those in the mailboxes of sockets
	// included. 0: the default, 32; below 0: no limit, which Kconfig writes as 0.
	DynamicRx int

	// StaticTx is CONFIG_ESP_WIFI_STATIC_TX_BUFFER_NUM: if above 0, frames to
	// send are copied into that many buffers that esp_wifi_init has taken.
	StaticTx int

	// DynamicTx is CONFIG_ESP_WIFI_DYNAMIC_TX_BUFFER_NUM: frames that may wait to
	// be sent at once, each in a buffer of its length. 0: the default, 32.
	DynamicTx int

	// TaskStack and TaskPriority are those of the task "wifi". 0: 6656 bytes
	// and 23, as the driver prints.
	TaskStack    uint32
	TaskPriority int

	// DHCP and OnAddress are those of EthernetConfig.
	DHCP      bool
	OnAddress func()

	// AirTime is how long sending a frame of n bytes takes. Nil: 300 us and 20
	// Mbit/s; assumed.
	AirTime func(n int) time.Duration
}

// wlan is the Wi-Fi driver.
type wlan struct {
	n      *Netif
	cfg    WiFiConfig
	task   *freertos.Task
	rx     frameRing // in the static buffers
	tx     frameRing // waiting for the air, the first is being sent
	blocks []Block   // the dynamic buffers of tx, in its order
	sent   *vtime.Timer
}

// NewWiFi makes the interface of a station, from task t: the objects of
// esp_netif_new and the driver's task. It is down until Connected. The memory of
// esp_wifi_init is not in it.
func (s *Stack) NewWiFi(t *freertos.Task, cfg WiFiConfig) (*Netif, error) {
	if cfg.Send == nil {
		return nil, errors.New("lwipmodel: WiFiConfig.Send is nil: want a function that puts a frame into the air")
	}
	if cfg.StaticRx == 0 {
		cfg.StaticRx = 10
	}
	if cfg.DynamicRx == 0 {
		cfg.DynamicRx = 32
	}
	if cfg.DynamicTx == 0 {
		cfg.DynamicTx = 32
	}
	if cfg.TaskStack == 0 {
		cfg.TaskStack = 6656
	}
	if cfg.TaskPriority == 0 {
		cfg.TaskPriority = 23
	}
	if cfg.AirTime == nil {
		cfg.AirTime = func(n int) time.Duration { return 300*time.Microsecond + time.Duration(n)*400*time.Nanosecond }
	}
	n, err := s.newNetif(t, "NewWiFi", "WIFI_STA_DEF", "sta", cfg.MAC)
	if err != nil {
		return nil, err
	}
	most := cfg.DynamicTx
	if cfg.StaticTx > 0 {
		most = cfg.StaticTx
	}
	w := &wlan{n: n, cfg: cfg, rx: newFrameRing(cfg.StaticRx), tx: newFrameRing(most)}
	w.sent = s.k.Loop().NewTimer(w.frameSent)
	if w.task, err = s.k.CreateTask("wifi", cfg.TaskStack, cfg.TaskPriority, freertos.Core0, w.rxTask); err != nil {
		return nil, err
	}
	n.drv = w
	n.start(t, cfg.DHCP, cfg.OnAddress)
	return n, nil
}

// receive: the hardware puts the frame into a static buffer and wakes the task.
func (w *wlan) receive(frame []byte) {
	if w.rx.n == len(w.rx.frames) {
		w.n.stats.NoBuffer++
		return
	}
	w.rx.push(frame)
	w.task.NotifyGiveFromISR()
}

// rxTask copies frames into dynamic buffers and passes them to the stack.
func (w *wlan) rxTask(t *freertos.Task) {
	for {
		t.NotifyTake(true, freertos.MaxDelay)
		for w.rx.n > 0 {
			frame := w.rx.pop()
			if w.cfg.DynamicRx > 0 && w.n.s.c.l2Buffers >= w.cfg.DynamicRx {
				w.n.stats.NoBuffer++
				continue
			}
			w.n.up(frame, uint32(unpadded(frame)))
		}
	}
}

// unpadded is the length of a frame without the padding that only Ethernet has.
func unpadded(frame []byte) int {
	n := len(frame)
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherTypeARP:
		n = etherHeader + 28
	case etherTypeIPv4:
		if len(frame) >= etherHeader+4 {
			n = etherHeader + int(binary.BigEndian.Uint16(frame[etherHeader+2:]))
		}
	}
	return min(n, len(frame))
}

// send copies the frame into a send buffer (esp_wifi_internal_tx).
func (w *wlan) send(frame []byte) Err {
	if w.tx.n == len(w.tx.frames) {
		w.n.stats.TxNoBuffer++
		return ErrMem
	}
	if w.cfg.StaticTx == 0 {
		c := w.n.s.c
		b := c.malloc(KindL2TxBuffer, uint32(len(frame)), c.nif.holder)
		if b == 0 {
			w.n.stats.TxNoBuffer++
			return ErrMem
		}
		w.blocks = append(w.blocks, b)
	}
	w.tx.push(frame)
	if w.tx.n == 1 {
		w.sent.Reset(w.cfg.AirTime(len(frame)))
	}
	return ErrOK
}

// frameSent is the end of a frame in the air: its buffer is free again.
func (w *wlan) frameSent() {
	if w.n.s.k.Halted() != nil {
		return
	}
	c := w.n.s.c
	frame := w.tx.pop()
	if w.cfg.StaticTx == 0 {
		c.free(KindL2TxBuffer, w.blocks[0], uint32(len(frame)), c.nif.holder)
		copy(w.blocks, w.blocks[1:])
		w.blocks = w.blocks[:len(w.blocks)-1]
	}
	if c.nif.linkUp {
		w.n.stats.Sent++
		w.cfg.Send(frame)
	}
	if w.tx.n > 0 {
		w.sent.Reset(w.cfg.AirTime(len(w.tx.frames[w.tx.head])))
	}
}
