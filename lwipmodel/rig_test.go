package lwipmodel

import (
	"encoding/binary"
	"fmt"
	"iter"
	"testing"
)

// A rig is the bare stack on a clock that a test moves by hand: no FreeRTOS, no
// gVisor, a memory that checks every block, and application threads as
// coroutines. One millisecond is one tick.
type rig struct {
	t       testing.TB
	c       *core
	clock   int64 // ms
	threads []*rigThread

	blocks map[Block]rigBlock
	next   Block
	live   int64
	peak   int64
	fail   func(k Kind, size uint32) bool // whether an allocation fails
	undef  string                         // what was undefined in the original

	noTimers  bool // no memory for a SYS_TIMEOUT
	mayAssert bool // a failed assertion goes to undef and is no failure of the test

	output  func(h *tcpHeader) // a segment that was sent
	settled func()             // called whenever something has happened
	states  *transitions       // nil: nobody looks
	sent    int
}

type rigBlock struct {
	kind Kind
	size uint32
}

var (
	rigServer = ip4(10<<24 | 1)
	rigPeer   = ip4(10<<24 | 2)
	rigMask   = ip4(0xffffff00)
)

// rigPort is the port that test servers listen on.
const rigPort = 4840

func newRig(t testing.TB, opt Options, threads int) *rig {
	r := &rig{t: t, blocks: map[Block]rigBlock{}}
	c, err := newCore(opt, r, r, 1)
	if err != nil {
		t.Fatal(err)
	}
	r.c = c
	isn := uint32(0)
	c.isn = func(ip4, uint16, ip4, uint16) uint32 {
		isn += 0xfffff000 // wraps early for some
		return isn
	}
	c.nif.ip, c.nif.mask = rigServer, rigMask
	c.nif.mtu, c.nif.up, c.nif.linkUp = 1500, true, true
	c.nif.send = func(h *tcpHeader) Err {
		r.states.sample()
		r.sent++
		if r.output != nil {
			r.output(h)
		}
		return ErrOK
	}
	c.nif.sendIP = func(uint8, ip4, ip4, uint8, uint8, []byte, *pbuf) Err {
		r.sent++
		return ErrOK
	}
	for i := range threads {
		th := &rigThread{r: r}
		th.thread = thread{parker: th, name: fmt.Sprintf("app%d", i), semReady: true}
		r.threads = append(r.threads, th)
	}
	t.Cleanup(r.stop)
	return r
}

func (r *rig) stop() {
	for _, th := range r.threads {
		if th.cancel != nil {
			th.job = nil
			th.cancel()
			th.cancel = nil
		}
	}
}

func (r *rig) now() uint32   { return uint32(r.clock) }
func (r *rig) wakeTCPIP()    {}
func (r *rig) lookAt(uint32) {}
func (r *rig) assertFailed(msg string) {
	if r.mayAssert {
		r.undef = msg
		return
	}
	r.t.Fatalf("at %d ms: assertion failed: %s", r.clock, msg)
}

func (r *rig) undefined(msg string) { r.undef = msg }

func (r *rig) Malloc(k Kind, size uint32, _ *Holder) Block {
	r.states.sample()
	if r.noTimers && k == KindSysTimeout {
		return 0
	}
	if r.fail != nil && k != KindSysTimeout && r.fail(k, size) {
		return 0
	}
	r.next++
	r.blocks[r.next] = rigBlock{k, size}
	r.live += int64(size)
	r.peak = max(r.peak, r.live)
	return r.next
}

func (r *rig) Free(k Kind, b Block) {
	r.states.sample()
	blk, ok := r.blocks[b]
	if !ok {
		r.t.Fatalf("at %d ms: a %v that is not allocated is freed", r.clock, k)
	}
	if blk.kind != k {
		r.t.Fatalf("at %d ms: a %v is freed as a %v", r.clock, blk.kind, k)
	}
	delete(r.blocks, b)
	r.live -= int64(blk.size)
}

func (r *rig) Own(k Kind, b Block, _ *Holder) {
	if r.blocks[b].kind != k {
		r.t.Fatalf("at %d ms: a %v is moved as a %v", r.clock, r.blocks[b].kind, k)
	}
}

// count returns how many blocks of a kind are live.
func (r *rig) count(k Kind) int {
	n := 0
	for _, b := range r.blocks {
		if b.kind == k {
			n++
		}
	}
	return n
}

// A rigThread is one application thread.
type rigThread struct {
	thread
	r        *rig
	resume   func() (struct{}, bool)
	cancel   func()
	yield    func(struct{}) bool
	job      func()
	busy     bool
	ready    bool
	deadline int64 // 0: none
}

func (th *rigThread) park(ticks uint32) {
	th.deadline = 0
	if ticks > 0 {
		th.deadline = th.r.clock + int64(ticks)
	}
	th.ready = false
	if !th.yield(struct{}{}) {
		panic(stopped{})
	}
	th.deadline = 0
}

func (th *rigThread) unpark() { th.ready = true }

// do runs f as thread i, which must be idle, until everything has settled. It
// reports whether f has ended.
func (r *rig) do(i int, f func(th *thread)) bool {
	th := r.threads[i]
	if th.busy {
		r.t.Fatalf("thread %d is busy", i)
	}
	if th.resume == nil {
		th.resume, th.cancel = iter.Pull(func(yield func(struct{}) bool) {
			th.yield = yield
			defer func() {
				if v := recover(); v != nil && v != (stopped{}) {
					panic(v)
				}
			}()
			for th.job != nil {
				th.job()
				th.busy = false
				if !yield(struct{}{}) {
					return
				}
			}
		})
	}
	th.job = func() { f(&th.thread) }
	th.busy, th.ready = true, false
	th.resume()
	r.settle()
	return !th.busy
}

// settle lets the tcpip task and all threads that were woken run until nothing
// is left to do.
func (r *rig) settle() {
	for more := true; more; {
		more = false
		for r.c.handleOne() {
			more = true
		}
		for _, th := range r.threads {
			if th.busy && th.ready {
				th.ready = false
				more = true
				th.resume()
			}
		}
	}
	r.states.sample()
	if r.settled != nil {
		r.settled()
	}
}

// advance lets ms milliseconds pass.
func (r *rig) advance(ms int64) {
	end := r.clock + ms
	for {
		at := end + 1
		if t := r.c.nextTimeout; t != nil {
			at = min(at, r.clock+int64(int32(t.time-r.now())))
		}
		for _, th := range r.threads {
			if th.busy && th.deadline > 0 {
				at = min(at, th.deadline)
			}
		}
		if at > end {
			break
		}
		r.clock = max(at, r.clock)
		r.c.checkTimeouts()
		r.settle()
		for _, th := range r.threads {
			if th.busy && th.deadline > 0 && th.deadline <= r.clock {
				th.ready = true
			}
		}
		r.settle()
	}
	r.clock = end
}

// skip is advance with the ticks made up for that only count.
func (r *rig) skip(ms int64) {
	end := r.clock + ms
	for r.clock < end {
		step := end - r.clock
		if busy, ok := r.c.busyTime(); ok && int64(busy) <= step {
			if busy > 0 {
				r.clock += int64(busy) - 1
				r.c.catchUp()
			}
			r.advance(1)
			continue
		}
		r.clock = end
		r.c.catchUp()
	}
}

// A seg is a TCP segment that the peer sends.
type seg struct {
	srcPort, dstPort uint16
	seq, ack         uint32
	flags            uint8
	wnd              uint16
	opts             []byte
	data             []byte
	badSum           bool
}

func (s *seg) bytes(src, dst ip4) []byte {
	hlen := 20 + (len(s.opts)+3)&^3
	b := make([]byte, hlen, hlen+len(s.data))
	binary.BigEndian.PutUint16(b, s.srcPort)
	binary.BigEndian.PutUint16(b[2:], s.dstPort)
	binary.BigEndian.PutUint32(b[4:], s.seq)
	binary.BigEndian.PutUint32(b[8:], s.ack)
	b[12], b[13] = byte(hlen/4)<<4, s.flags
	binary.BigEndian.PutUint16(b[14:], s.wnd)
	copy(b[20:], s.opts)
	b = append(b, s.data...)
	sum := bytesChecksum(6, b, src, dst)
	if s.badSum {
		sum ^= 0x5555
	}
	binary.BigEndian.PutUint16(b[16:], sum)
	return b
}

// send feeds a segment from the peer.
func (r *rig) send(s *seg) {
	if s.dstPort == 0 {
		s.dstPort = rigPort
	}
	r.inject(s.bytes(rigPeer, rigServer), rigPeer, rigServer)
}

// inject feeds the bytes of a segment, as they come out of the driver.
func (r *rig) inject(b []byte, src, dst ip4) {
	r.feed(b, func(c *core, p *pbuf) { c.tcpInput(p, src, dst) })
}

// datagram feeds a UDP datagram from the peer.
func (r *rig) datagram(srcPort, dstPort uint16, data []byte) {
	b := make([]byte, 20+8, 20+8+len(data))
	b[0], b[9] = 0x45, protoUDP
	binary.BigEndian.PutUint32(b[12:], uint32(rigPeer))
	binary.BigEndian.PutUint32(b[16:], uint32(rigServer))
	u := b[20:]
	binary.BigEndian.PutUint16(u, srcPort)
	binary.BigEndian.PutUint16(u[2:], dstPort)
	binary.BigEndian.PutUint16(u[4:], uint16(8+len(data)))
	b = append(b, data...)
	r.feed(b[20:], func(c *core, p *pbuf) { c.udpInput(p, b, rigPeer, rigServer) })
}

// feed passes a packet to the tcpip task.
func (r *rig) feed(b []byte, input func(*core, *pbuf)) {
	c := r.c
	size := uint32(max(60, 34+len(b)))
	l2 := c.malloc(KindL2RxBuffer, size, c.nif.holder)
	if l2 == 0 {
		return
	}
	eb := c.malloc(KindEspPbuf, c.sz.espPbuf, c.nif.holder)
	if eb == 0 {
		c.free(KindL2RxBuffer, l2, size, c.nif.holder)
		return
	}
	p := c.newPbuf(KindEspPbuf, len(b))
	p.block, p.size, p.l2, p.l2size, p.holder = eb, c.sz.espPbuf, l2, size, c.nif.holder
	copy(p.data, b)
	if c.inpkt(p, input) != ErrOK {
		c.pbufFree(p)
	}
	r.settle()
}

// conn finds the connection with that port of the peer; nil: there is none.
func (r *rig) conn(port uint16) *tcpPCB {
	for _, list := range []*tcpPCB{r.c.activePCBs, r.c.twPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			if pcb.remotePort == port {
				return pcb
			}
		}
	}
	return nil
}

// check looks for what must not be, whatever came before.
func (r *rig) check() {
	bad := func(format string, args ...any) {
		r.t.Helper()
		r.t.Fatalf("at %d ms: %s", r.clock, fmt.Sprintf(format, args...))
	}
	c := r.c
	var held int64
	for _, b := range r.blocks {
		held += int64(b.size)
	}
	if held != r.live || held != int64(c.held) {
		bad("%d bytes are held, the stack says %d", held, c.held)
	}
	pcbs, segs := 0, 0
	for pcb := c.activePCBs; pcb != nil; pcb = pcb.next {
		pcbs++
		switch {
		case pcb.state == Closed, pcb.state == Listen, pcb.state == TimeWait, pcb.state > TimeWait:
			bad("an active connection is in state %v", pcb.state)
		case pcb.freed:
			bad("an active connection was freed")
		case pcb.localPort == 0:
			bad("an active connection has no port")
		case pcb.rcvWnd > uint32(c.opt.TCPWnd):
			bad("a receive window of %d", pcb.rcvWnd)
		case pcb.sndBuf > uint32(c.opt.TCPSndBuf):
			bad("%d bytes free in a send buffer of %d", pcb.sndBuf, c.opt.TCPSndBuf)
		}
		n, bytes := 0, uint32(0)
		next := pcb.lastack
		for _, q := range []*segment{pcb.unacked, pcb.unsent} {
			for s := q; s != nil; s = s.next {
				if s.seqno != next && seqGT(s.seqno, next) {
					bad("a gap in the queues for sending: %d, want %d", s.seqno, next)
				}
				next = s.seqno + s.tcpLen()
				n += int(pbufClen(s.p))
				bytes += uint32(s.len)
				segs++
			}
		}
		if n != int(pcb.sndQueueLen) {
			bad("%d pbufs queued in %v, snd_queuelen says %d", n, pcb.state, pcb.sndQueueLen)
		}
		if bytes+pcb.sndBuf != uint32(c.opt.TCPSndBuf) && pcb.state != SynSent {
			bad("%d bytes queued and %d free, of %d", bytes, pcb.sndBuf, c.opt.TCPSndBuf)
		}
		// A FIN that goes with data already queued is not counted in snd_lbb.
		if next != pcb.sndLbb && !(pcb.has(tfFin) && next == pcb.sndLbb+1) && (pcb.unsent != nil || pcb.unacked != nil) {
			bad("the queues end at %d, snd_lbb is %d", next, pcb.sndLbb)
		}
		for s := pcb.ooseq; s != nil; s = s.next {
			segs++
			if s.next != nil && seqGT(s.seqno+uint32(s.len), s.next.seqno) {
				bad("segments out of order overlap")
			}
			if int(s.len) != int(s.p.totLen) {
				bad("a segment out of order of %d bytes has a buffer of %d", s.len, s.p.totLen)
			}
		}
	}
	for pcb := c.twPCBs; pcb != nil; pcb = pcb.next {
		pcbs++
		if pcb.state != TimeWait || pcb.unsent != nil || pcb.unacked != nil || pcb.ooseq != nil || pcb.refusedData != nil {
			bad("a connection in %v on the list of TIME_WAIT, or with data", pcb.state)
		}
	}
	for pcb := c.listenPCBs; pcb != nil; pcb = pcb.next {
		if pcb.state != Listen {
			bad("a connection in %v on the list of listeners", pcb.state)
		}
		pending := 0
		for a := c.activePCBs; a != nil; a = a.next {
			if a.listener == pcb && a.has(tfBacklogPend) {
				pending++
			}
		}
		if pending != int(pcb.acceptsPending) {
			bad("%d connections wait to be accepted, accepts_pending says %d", pending, pcb.acceptsPending)
		}
	}
	if n, m := r.count(KindEspPbuf), r.reachable(); n != m {
		bad("%d received pbufs are allocated, %d are held by somebody", n, m)
	}
	if n := r.count(KindTCPSeg); n != segs {
		bad("%d TCP_SEG, but %d in queues", n, segs)
	}
	if n := r.count(KindTCPPCB); n < pcbs {
		bad("%d TCP_PCB, but %d on lists", n, pcbs)
	}
	if c.activePCBs != nil && !c.tcpTimerActive {
		bad("connections without a running timer")
	}
}

// reachable counts the received pbufs that something refers to.
func (r *rig) reachable() int {
	seen := map[*pbuf]bool{}
	chain := func(p *pbuf) {
		for ; p != nil; p = p.next {
			if p.kind == KindEspPbuf {
				seen[p] = true
			}
		}
	}
	var conn func(n *netconn)
	done := map[*netconn]bool{}
	box := func(m *mbox) {
		if m == nil {
			return
		}
		for _, msg := range m.ring {
			chain(msg.p)
			if msg.nb != nil {
				chain(msg.nb.p)
			}
			conn(msg.conn)
		}
	}
	conn = func(n *netconn) {
		if n != nil && !done[n] {
			done[n] = true
			box(n.recvmbox)
			box(n.acceptmbox)
		}
	}
	for pcb := r.c.activePCBs; pcb != nil; pcb = pcb.next {
		chain(pcb.refusedData)
		for s := pcb.ooseq; s != nil; s = s.next {
			chain(s.p)
		}
		conn(pcb.arg)
	}
	for i := range r.c.sockets {
		s := &r.c.sockets[i]
		chain(s.pbuf)
		if s.netbuf != nil {
			chain(s.netbuf.p)
		}
		conn(s.conn)
	}
	return len(seen)
}

// listen starts a server as thread 0 and returns its descriptor.
func (r *rig) listen(backlog int) int {
	l := -1
	r.do(0, func(th *thread) {
		l = r.c.socketNew(th, SockStream)
		r.c.sockopt(th, &sockoptCall{fd: l, opt: SOReuseAddr, value: 1})
		r.c.bind(th, l, 0, rigPort)
		r.c.listen(th, l, backlog)
	})
	return l
}

// open opens a connection from the peer's port; its first data byte has number 1.
func (r *rig) open(port uint16) *tcpPCB {
	r.send(&seg{srcPort: port, flags: flagSYN, wnd: 5840, opts: []byte{2, 4, 5, 0xb4}})
	pcb := r.conn(port)
	if pcb != nil {
		r.send(&seg{srcPort: port, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
	}
	return pcb
}

// accept takes a connection as thread 0.
func (r *rig) accept(l int) int {
	fd := -1
	r.do(0, func(th *thread) { fd = r.c.accept(th, l) })
	return fd
}

// close closes a descriptor as thread 0 and reports whether the call returned.
func (r *rig) close(fd int) bool {
	return r.do(0, func(th *thread) { r.c.closeSocket(th, fd) })
}
