package lwipmodel

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/sim/freertos"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// Config is what a Stack is built from.
type Config struct {
	// Kernel is the FreeRTOS that the stack runs on; its heap pays for
	// everything.
	Kernel *freertos.Kernel

	// Options are the compile-time settings. Not the zero value: see
	// DefaultOptions and OptionsFrom.
	Options Options

	// Name is the device's name in logs; it also names the streams of random
	// numbers. Empty: "lwip".
	Name string
}

// A Stack is the TCP/IP stack of one device, from its reset to the next. Init
// starts it.
//
// Its socket calls are made by FreeRTOS tasks and behave as the BSD socket calls
// of ESP-IDF: they return what the C function returns, and where that is -1 also
// the errno.
type Stack struct {
	c                *core
	k                *freertos.Kernel
	h                *heap.Heap
	ip               *ip
	netif            *Netif
	name             string
	threads          map[*freertos.Task]*thread
	tiT              *freertos.Task
	asleep           bool   // tiT waits for its mailbox
	tick             uint32 // the current tick, and from when to when it is
	tickFrom, tickTo time.Duration

	look      bool // count wakes the tcpip task
	everyTick bool // for tests: run every firing of every timer

	count  *vtime.Timer // makes up for timers that only count
	offset int          // number of the first descriptor

	mailbox *mbox
}

// New builds a stack. It takes no memory of the device until Init.
func New(cfg Config) (*Stack, error) {
	if cfg.Kernel == nil {
		return nil, fmt.Errorf("lwipmodel: Config.Kernel is nil: want the FreeRTOS that the stack runs on")
	}
	if cfg.Name == "" {
		cfg.Name = "lwip"
	}
	hz := cfg.Kernel.Config().HZ
	if hz == 0 || hz > 1000 || 1000%hz != 0 {
		return nil, fmt.Errorf("lwipmodel: a tick rate of %d Hz: want one that divides 1000, so that a tick is a whole number of ms", hz)
	}
	s := &Stack{k: cfg.Kernel, h: cfg.Kernel.Heap(), name: cfg.Name, threads: map[*freertos.Task]*thread{}}
	mem := &heapMemory{s: s}
	c, err := newCore(cfg.Options, mem, s, 1000/hz)
	if err != nil {
		return nil, err
	}
	c.sz.mboxQueue = cfg.Kernel.Sizes().Queue
	s.c = c
	loop := cfg.Kernel.Loop()
	rnd := loop.Rand(cfg.Name + " esp_random")
	c.tcpPort = 0xc000 + uint16(rnd.Uint32())&0x3fff
	c.udpPort = 0xc000 + uint16(rnd.Uint32())&0x3fff
	c.rand = rnd.Uint32
	c.isn = newISN(c, rnd.Uint64(), rnd.Uint64())
	s.ip = newIP(c, loop, cfg.Name)
	s.count = loop.NewTimer(s.countIdle)
	c.nif.send = s.tcpSend
	c.nif.sendIP = s.ip.send
	s.offset = fdSetSize - cfg.Options.MaxSockets
	s.tick = cfg.Kernel.Config().InitialTickCount
	return s, nil
}

// Held returns how many bytes lwIP and its port hold now, as requested, and the
// most they ever held. The stacks of their tasks are not in it.
func (s *Stack) Held() (now, peak uint32) { return s.c.held, s.c.peak }

// fdSetSize is FD_SETSIZE: lwIP's descriptors are the last ones below it.
const fdSetSize = 64

// Options returns what the stack was built from.
func (s *Stack) Options() Options { return s.c.opt }

// now is sys_now. It reads the tick count without the cost of a call: a read of
// a variable in the original, and callers rely on no time passing in it.
func (s *Stack) now() uint32 {
	if !s.k.Started() {
		return 0
	}
	now := s.k.Loop().Now()
	if now < s.tickFrom || now >= s.tickTo {
		t := s.tick
		if d := now - s.k.TickTime(t); d > 0 {
			t += uint32(d / (time.Duration(s.c.tickMS) * time.Millisecond))
		}
		for s.k.TickTime(t) > now {
			t--
		}
		for s.k.TickTime(t+1) <= now {
			t++
		}
		s.tick, s.tickFrom, s.tickTo = t, s.k.TickTime(t), s.k.TickTime(t+1)
	}
	return s.tick * s.c.tickMS
}

func (s *Stack) wakeTCPIP() {
	if s.asleep {
		s.asleep = false
		s.tiT.Unblock()
	}
}

// assertFailed is LWIP_ASSERT with ESP-IDF's LWIP_PLATFORM_ASSERT, which aborts.
func (s *Stack) assertFailed(msg string) { s.k.Abort("Assertion \"" + msg + "\" failed") }

// undefined stops the chip, which otherwise would hang or crash a little later.
func (s *Stack) undefined(msg string) { s.k.Abort("lwIP: " + msg) }

// tcpSend is the step from TCP to IP: the segment is put into bytes, with its
// checksum.
func (s *Stack) tcpSend(h *tcpHeader) Err {
	hlen := 20 + len(h.opts)
	b := make([]byte, hlen, hlen+h.len())
	binary.BigEndian.PutUint16(b, h.srcPort)
	binary.BigEndian.PutUint16(b[2:], h.dstPort)
	binary.BigEndian.PutUint32(b[4:], h.seqno)
	binary.BigEndian.PutUint32(b[8:], h.ackno)
	b[12], b[13] = byte(hlen/4)<<4, h.flags
	binary.BigEndian.PutUint16(b[14:], h.wnd)
	copy(b[20:], h.opts)
	b = append(b, h.probe...)
	for p := h.payload; p != nil; p = p.next {
		b = append(b, p.data...)
	}
	binary.BigEndian.PutUint16(b[16:], bytesChecksum(6, b, h.src, h.dst))
	return s.ip.send(protoTCP, h.src, h.dst, h.ttl, h.tos, b, h.p)
}

// heapMemory charges lwIP's blocks to the device's heap. Most come from malloc;
// queues and semaphores from pvPortMalloc.
type heapMemory struct{ s *Stack }

func (m *heapMemory) owner(k Kind, h *Holder) heap.Owner {
	if h == nil {
		h = m.s.c.self
	}
	if h.cached[k] == 0 {
		h.cached[k] = 1 + uint32(m.s.h.Intern(heap.Tag{Task: tcpipTaskName, Object: h.Name(), What: k.String()}))
	}
	return heap.Owner(h.cached[k] - 1)
}

func (m *heapMemory) Malloc(k Kind, size uint32, h *Holder) Block {
	o := m.owner(k, h)
	switch {
	case k == KindMboxQueue, k == KindThreadSemQueue, k == KindSemaphore:
		return Block(m.s.h.Malloc(o, size, heap.CapInternal|heap.Cap8Bit))
	case m.s.c.opt.PreferSPIRAM:
		if a := m.s.h.Malloc(o, size, heap.CapDefault|heap.CapSPIRAM); a != 0 {
			return Block(a)
		}
		return Block(m.s.h.Malloc(o, size, heap.CapDefault|heap.CapInternal))
	}
	return Block(m.s.h.MallocDefault(o, size))
}

func (m *heapMemory) Free(k Kind, b Block) {
	if err := m.s.h.Free(heap.Addr(b)); err != nil {
		m.s.k.Abort("lwIP freed a " + k.String() + ": " + err.Error())
	}
}

func (m *heapMemory) Own(k Kind, b Block, h *Holder) {
	// The block is one that Malloc returned and that was not freed: it cannot fail.
	_ = m.s.h.SetOwner(heap.Addr(b), m.owner(k, h))
}
