package lwipmodel

// system is what the stack needs of the machine below.
type system interface {
	// now is sys_now: milliseconds since boot, in steps of the RTOS tick.
	now() uint32
	// wakeTCPIP tells the tcpip task that its mailbox is not empty.
	wakeTCPIP()
	// lookAt has the tcpip task look at its timers at time ms, although it meant
	// to sleep longer. Only with core locking.
	lookAt(ms uint32)
	// assertFailed is a failed LWIP_ASSERT: the chip panics.
	assertFailed(msg string)
	// undefined ends the run of the chip where the original goes on with damaged
	// lists or freed memory.
	undefined(msg string)
}

// observer is told what happens inside.
type observer interface {
	pcbAllocated(*tcpPCB)
	pcbFreeing(*tcpPCB)
	pcbError(err Err, registered bool)
}

type noObserver struct{}

func (noObserver) pcbAllocated(*tcpPCB) {}
func (noObserver) pcbFreeing(*tcpPCB)   {}
func (noObserver) pcbError(Err, bool)   {}

// core is lwIP itself: the TCP state machine, its timers, the netconn and the
// socket layer. It runs in the tcpip task's turns (handleOne, checkTimeouts) and
// in the calls of threads; it knows neither FreeRTOS nor the network below.
type core struct {
	opt    Options
	sz     sizes
	chg    changes
	mem    Memory
	sys    system
	watch  observer
	ladder *Ladder // nil: nothing is recorded
	self   *Holder // blocks of the stack itself
	tickMS uint32
	held   uint32 // requested bytes of all blocks
	peak   uint32 // the most that held ever was
	nif    netif

	l2Buffers int           // the driver's receive buffers in the stack
	rand      func() uint32 // LWIP_RAND
	isn       func(local ip4, localPort uint16, remote ip4, remotePort uint16) uint32

	// tcp.c
	boundPCBs, listenPCBs, activePCBs, twPCBs *tcpPCB
	activeChanged                             bool
	ticks                                     uint32
	tcpTimer, timerCtr                        uint8
	tcpRuns                                   uint32 // runs of the TCP timer since boot
	tcpPort, udpPort                          uint16
	tcpPCBs                                   int // TCP_PCB blocks that are allocated
	iss                                       uint32
	twTicks, finWaitTicks, synRcvdTicks       uint32
	sndQueueLen                               int
	wndMask                                   uint32

	// tcp_in.c
	inputPCB *tcpPCB
	in       tcpIn

	// tcp_out.c
	out     tcpHeader
	outOpts [40]byte
	probe   [1]byte

	// timeouts.c
	nextTimeout    *sysTimeo
	dueTime        uint32
	tcpTimerActive bool

	queue         tcpipQueue
	locked        bool // option CoreLocking: somebody runs the code of lwIP
	lockWaiting   []*thread
	lockDue       uint32 // the timer that was next when the lock was taken
	lockTimers    bool   // there was one
	udpPCBs       *udpPCB
	dns           dns
	sntp          sntp
	reass         reass
	sockets       []socket
	selects       []*selectCB
	watchSockets  func() // see Stack.Watch
	selectChanges int

	pbufPool  [2]*pbuf
	segPool   *segment
	timeoPool *sysTimeo
}

func newCore(opt Options, mem Memory, sys system, tickMS uint32) (*core, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	c := &core{opt: opt, sz: opt.sizes(), chg: opt.Version.changes(), mem: mem, sys: sys, watch: noObserver{}, tickMS: tickMS, iss: 6510, tcpPort: 0xc000}
	slow := uint32(opt.slowInterval())
	c.twTicks = 2 * uint32(opt.TCPMSL) / slow
	c.finWaitTicks = uint32(opt.TCPFinWaitTimeout) / slow
	c.synRcvdTicks = synRcvdTimeout / slow
	c.sndQueueLen = min(opt.sndQueueLen(), 0xffff-3)
	c.wndMask = 0xffff
	if opt.WndScale {
		c.wndMask = 0xffffffff
	}
	c.self = &Holder{what: "lwip"}
	c.nif = netif{c: c, holder: &Holder{what: "netif"}}
	c.nif.dhcp.c, c.reass.c = c, c
	c.nif.arp = etharp{c: c, table: make([]arpEntry, opt.ARPTableSize)}
	c.nif.arp.onReply = c.nif.dhcp.arpReply
	seed := uint32(1)
	c.rand = func() uint32 {
		seed = seed*1664525 + 1013904223
		return seed>>16 | seed<<16
	}
	c.queue.ring = make([]tcpipMsg, opt.TCPIPMboxSize)
	c.sockets = make([]socket, opt.MaxSockets)
	return c, nil
}

func (c *core) now() uint32 { return c.sys.now() }

// tcpChecksum sums the segment with its pseudo header; 0 if it is right.
func (c *core) tcpChecksum(p *pbuf, src, dst ip4) uint16 {
	return transportChecksum(6, p, src, dst)
}

// transportChecksum is ip_chksum_pseudo: 0 for a packet with a right checksum
// in it, or the checksum to put into one whose field is 0.
func transportChecksum(proto uint32, p *pbuf, src, dst ip4) uint16 {
	sum := uint32(src>>16) + uint32(src&0xffff) + uint32(dst>>16) + uint32(dst&0xffff) + proto + uint32(p.totLen)
	odd := false
	for ; p != nil; p = p.next {
		sum, odd = sumBytes(sum, odd, p.data)
	}
	return ^foldSum(sum)
}

// bytesChecksum is transportChecksum for a packet in one piece.
func bytesChecksum(proto uint32, b []byte, src, dst ip4) uint16 {
	sum := uint32(src>>16) + uint32(src&0xffff) + uint32(dst>>16) + uint32(dst&0xffff) + proto + uint32(len(b))
	sum, _ = sumBytes(sum, false, b)
	return ^foldSum(sum)
}

func sumBytes(sum uint32, odd bool, b []byte) (uint32, bool) {
	if odd && len(b) > 0 {
		sum += uint32(b[0])
		b = b[1:]
		odd = false
	}
	for len(b) >= 2 {
		sum += uint32(b[0])<<8 | uint32(b[1])
		b = b[2:]
		if sum > 0xfff00000 {
			sum = sum&0xffff + sum>>16
		}
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
		odd = true
	}
	return sum, odd
}

func foldSum(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return uint16(sum)
}
