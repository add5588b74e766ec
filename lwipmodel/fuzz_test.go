package lwipmodel

import (
	"flag"
	"math/rand/v2"
	"strconv"
	"testing"
)

// A reader takes decisions from the bytes of a fuzzer; when they run out, all
// are 0.
type reader struct{ b []byte }

func (r *reader) more() bool { return len(r.b) > 0 }

func (r *reader) byte() int {
	if len(r.b) == 0 {
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return int(v)
}

func (r *reader) u16() int { return r.byte()<<8 | r.byte() }

// near is a small step around 0, or now and then a large one.
func (r *reader) near() uint32 {
	switch v := r.byte(); {
	case v < 96:
		return 0
	case v < 160:
		return uint32(v - 128)
	case v < 200:
		return uint32((v - 180) * 1440)
	case v < 240:
		return uint32(r.u16())
	default:
		return uint32(r.u16())<<16 | uint32(r.u16())
	}
}

// fuzzOptions makes options of a byte.
func fuzzOptions(v int) Options {
	o := DefaultOptions()
	o.SOLinger = v&1 != 0
	o.TCPSackOut = v&2 != 0
	o.SORcvBuf = v&4 != 0
	o.CoreLocking = v&8 != 0
	if v&16 != 0 {
		o.WndScale, o.TCPRcvScale, o.TCPWnd, o.TCPSndBuf = true, 2, 65535*2, 65535*2
		o.TCPRecvMboxSize = 64
	}
	if v&32 != 0 {
		o.TCPOoseqMaxPbufs = 0
	}
	o.TCPQueueOoseq = v&64 == 0
	o.SOReuse = v&128 == 0
	o.MaxSockets = 6
	return o
}

// fuzzStack does what a program of bytes says: segments from the peer, socket
// calls of two threads, time, failing memory, a link that goes.
type fuzzStack struct {
	*rig
	in  reader
	fds []int
}

func (f *fuzzStack) segment() {
	kind := f.in.byte()
	port := uint16(40000 + kind&3)
	s := &seg{srcPort: port, dstPort: rigPort, wnd: uint16(f.in.byte() << 8), badSum: kind&0xfc == 0xfc}
	s.flags = uint8(f.in.byte())
	if kind&4 == 0 { // mostly sensible ones
		s.flags = []uint8{flagSYN, flagACK, flagACK | flagPSH, flagACK | flagFIN, flagRST, flagACK | flagRST, flagSYN | flagACK, flagFIN}[s.flags&7]
	}
	if pcb := f.conn(port); pcb != nil {
		s.dstPort = pcb.localPort
		s.seq, s.ack = pcb.rcvNxt, pcb.sndNxt
		if kind&8 != 0 {
			s.ack = pcb.lastack
		}
	}
	s.seq += f.in.near()
	s.ack += f.in.near()
	n := f.in.byte()
	switch {
	case n < 64:
		n = 0
	case n < 128:
		n -= 63
	case n < 250:
		n = (n - 120) * 11
	default:
		n = f.in.u16() % 1460
	}
	s.data = make([]byte, n)
	if kind&16 != 0 {
		for range f.in.byte() % 41 {
			s.opts = append(s.opts, byte(f.in.byte()))
		}
	} else if s.flags&flagSYN != 0 {
		s.opts = []byte{2, 4, byte(f.in.byte()), byte(f.in.byte()), 4, 2, 1, 1, 3, 3, byte(f.in.byte())}
	}
	f.log("segment %d: flags %02x seq %d ack %d wnd %d, %d bytes, options %x", port, s.flags, s.seq, s.ack, s.wnd, n, s.opts)
	f.send(s)
}

// log helps to understand a failure: go test -v -run.
func (f *fuzzStack) log(format string, args ...any) {
	if testing.Verbose() {
		f.t.Logf("%d ms: "+format, append([]any{f.clock}, args...)...)
	}
}

// mangled is a segment whose bytes are the fuzzer's from the header on, with a
// right checksum.
func (f *fuzzStack) mangled() {
	n := f.in.byte()
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(f.in.byte())
	}
	if n >= 20 {
		b[2], b[3] = rigPort>>8, rigPort&255
		b[0], b[1] = 40000>>8, 40000&255
		b[16], b[17] = 0, 0
		sum := bytesChecksum(6, b, rigPeer, rigServer)
		b[16], b[17] = byte(sum>>8), byte(sum)
	}
	f.inject(b, rigPeer, rigServer)
}

func (f *fuzzStack) fd() int {
	v := f.in.byte()
	if v >= 224 || len(f.fds) == 0 {
		return v%10 - 1
	}
	return f.fds[v%len(f.fds)]
}

// netconn is what a descriptor stands for.
func (f *fuzzStack) netconn(fd int) *netconn {
	if fd < 0 || fd >= len(f.c.sockets) {
		return nil
	}
	return f.c.sockets[fd].conn
}

func (f *fuzzStack) call() {
	v := f.in.byte()
	i := v & 1
	c := f.c
	op := f.in.byte() % 20
	if f.threads[i].busy {
		if i ^= 1; f.threads[i].busy {
			return
		}
	}
	fd, a, b := f.fd(), f.in.byte(), f.in.byte()
	flags := 0
	if v&2 != 0 {
		flags |= MsgDontWait
	}
	if v&4 != 0 {
		flags |= MsgPeek | MsgMore
	}
	open := func(n int) {
		if n >= 0 {
			f.fds = append(f.fds, n)
		}
	}
	f.log("thread %d: call %d, fd %d, %d %d, flags %d", i, op, fd, a, b, flags)
	f.do(i, func(th *thread) {
		switch op {
		case 0:
			typ := SockStream
			if a > 200 {
				typ = SockDgram
			}
			open(c.socketNew(th, typ))
		case 1:
			c.bind(th, fd, 0, rigPort+uint16(a&1))
		case 2:
			c.listen(th, fd, b&7)
		case 3, 4:
			open(c.accept(th, fd))
		case 5, 6:
			if n := f.netconn(fd); n != nil && n.mboxThreadsWaiting > 0 {
				return // two readers of one socket may lose a buffer: nothing guards lastdata
			}
			c.recv(th, fd, make([]byte, a*(b&15)), flags)
		case 7, 8:
			c.send(th, fd, [][]byte{make([]byte, a*(b&63)), make([]byte, b>>6)}, flags)
		case 9:
			c.shutdown(th, fd, a&3)
		case 10:
			if n := f.netconn(fd); n != nil && n.state == ncClose {
				return // the other thread's close would never return
			}
			c.closeSocket(th, fd)
		case 11:
			c.setNonBlocking(th, fd, a&1 != 0)
		case 12:
			c.sockopt(th, &sockoptCall{fd: fd, opt: soLinger, value: a & 1, sec: b & 7})
		case 13:
			c.sockopt(th, &sockoptCall{fd: fd, opt: SockOpt(a % int(soLinger+1)), value: b, get: v&8 != 0})
		case 14:
			c.connect(th, fd, rigPeer, uint16(40000+a&3))
		case 15:
			c.selectWait(th, []PollFd{{Fd: fd, Read: a&1 != 0, Write: a&2 != 0, Except: a&4 != 0}, {Fd: f.fd(), Read: a&8 != 0, Write: a&16 != 0}}, int64(b)*100)
		case 16:
			c.getName(th, fd, a&1 != 0)
		case 17:
			c.readable(th, fd)
		case 18:
			c.sockopt(th, &sockoptCall{fd: fd, opt: SORcvTimeo + SockOpt(a&1), value: b * 50})
		case 19:
			c.sockopt(th, &sockoptCall{fd: fd, opt: SOKeepAlive, value: 1})
			c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepIdle, value: a & 15})
			c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepIntvl, value: b & 3})
			c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepCnt, value: b >> 5})
		}
	})
}

// prologue brings the stack to where something can happen: a listener, and one
// or two connections to it.
func (f *fuzzStack) prologue(v int) {
	if v == 0 {
		return
	}
	c := f.c
	var l int
	f.do(0, func(th *thread) {
		l = c.socketNew(th, SockStream)
		c.bind(th, l, 0, rigPort)
		c.listen(th, l, 5)
	})
	f.fds = append(f.fds, l)
	for i := range v - 1 {
		port := uint16(40000 + i)
		f.send(&seg{srcPort: port, seq: 0, flags: flagSYN, wnd: 5840, opts: []byte{2, 4, 5, 0xb4, 4, 2, 1, 1, 3, 3, 0}})
		pcb := f.conn(port)
		f.send(&seg{srcPort: port, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
		f.do(0, func(th *thread) { f.fds = append(f.fds, c.accept(th, l)) })
	}
}

func (f *fuzzStack) run() {
	f.watchStates()
	f.prologue(f.in.byte() & 3)
	left := 0
	f.rig.fail = func(Kind, uint32) bool {
		if left > 0 {
			left--
			return left < 3
		}
		return false
	}
	for steps := 0; f.in.more() && steps < 400; steps++ {
		switch op := f.in.byte(); {
		case op < 100:
			f.segment()
		case op < 180:
			f.call()
		case op < 200:
			f.advance(int64(f.in.byte()) * 10)
		case op < 210:
			f.skip(int64(f.in.u16()) * 10)
		case op < 214:
			left = f.in.byte() % 12
		case op < 216:
			f.c.nif.linkUp = !f.c.nif.linkUp
		case op < 217:
			f.c.nif.setAddr(0, 0, 0)
			f.settle()
			f.c.nif.setAddr(rigServer, rigMask, 0)
		case op < 230:
			f.mangled()
		case op < 236:
			f.datagram(40000, rigPort+uint16(f.in.byte()&1), make([]byte, f.in.byte()))
		default:
			f.advance(250)
		}
		if f.undef != "" {
			return
		}
		f.check()
	}
	f.rig.fail = nil
	f.end()
}

// end closes everything: in the end no block may be left.
func (f *fuzzStack) end() {
	c := f.c
	c.nif.linkUp = true
	// The connections go with the address, and calls that wait for them end.
	c.nif.setAddr(0, 0, 0)
	f.settle()
	f.check()
	for range 3 {
		if f.undef != "" {
			return
		}
		for fd := range c.sockets {
			if last := len(f.threads) - 1; !f.threads[last].busy {
				f.do(last, func(th *thread) {
					c.setNonBlocking(th, fd, false)
					if n := f.netconn(fd); n != nil && (n.tcp == nil || !n.tcp.freed) {
						c.sockopt(th, &sockoptCall{fd: fd, opt: soLinger, value: 0})
					}
					c.closeSocket(th, fd)
				})
			}
		}
		f.check()
		f.advance(30000)
		f.check()
	}
	f.skip(300000)
	f.check()
	if f.undef != "" {
		return
	}
	for i, th := range f.threads {
		if th.busy {
			if n := th.msg.conn; n != nil && n.tcp != nil && n.tcp.freed {
				return // as in the original: a lingering close in SYN_SENT never returns
			}
			f.t.Fatalf("thread %d is blocked for ever", i)
		}
	}
	for fd, s := range c.sockets {
		if s.conn != nil && s.conn.tcp != nil && s.conn.tcp.freed {
			return // as in the original: no close of it succeeds any more
		} else if s.conn != nil {
			f.t.Errorf("descriptor %d is still open: %+v", fd, *s.conn)
		}
	}
	if f.live != 0 {
		left := map[string]int{}
		for _, b := range f.blocks {
			left[b.kind.String()]++
		}
		f.t.Fatalf("%d bytes are lost: %v", f.live, left)
	}
	if c.nextTimeout != nil {
		f.t.Fatalf("a timer is left")
	}
}

// FuzzStack is the way in for a fuzzer.
func FuzzStack(f *testing.F) {
	for v := range 4 {
		f.Add([]byte{byte(v), byte(v), 0, 0, 20, 2, 0, 0, 150, 100, 0, 5, 1, 255, 15, 100, 0, 7, 1, 200, 60, 240, 0, 0, 20, 3, 0, 0, 0, 100, 0, 10, 1, 0, 0, 240})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in := reader{b}
		s := &fuzzStack{rig: newRig(t, fuzzOptions(in.byte()), 3), in: in}
		s.mayAssert = true // the chip would restart there, and the run ends
		s.run()
	})
}

var programs = flag.Int("programs", 300, "how many random programs TestRandomPrograms runs")

// TestRandomPrograms runs programs that nobody has looked for.
func TestRandomPrograms(t *testing.T) {
	for seed := range *programs {
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		b := make([]byte, 50+rnd.IntN(2000))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			in := reader{b}
			s := &fuzzStack{rig: newRig(t, fuzzOptions(in.byte()), 3), in: in}
			s.mayAssert = true // the chip would restart there, and the run ends
			s.run()
		})
	}
}
