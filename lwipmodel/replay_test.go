package lwipmodel

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// A replayer drives the stack through the inputs of a recording, as the README
// beside the recordings describes, and writes a line for everything that happens.
type replayer struct {
	hdr    *recHeader
	inputs []input
	emit   func(string)
	failed func() bool
	c      *core
	err    error

	nowMS  int64
	rec    recorder
	app    *thread
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	job    func()
	busy   bool

	cableCut, linkGone bool
	cut                map[string]bool
	isn                uint32
	peerISN            map[string]uint32
	serverISN          map[string]uint32
	sentTo             map[string]uint32 // highest number sent, per connection name
	skip               bool              // make up for idle ticks in one step
}

func newReplayer(h *recHeader, inputs []input, emit func(string)) (*replayer, error) {
	r := &replayer{hdr: h, inputs: inputs, emit: emit, cut: map[string]bool{}, peerISN: map[string]uint32{}, serverISN: map[string]uint32{}, sentTo: map[string]uint32{}}
	r.rec.r = r
	r.rec.blocks = map[Block]recBlock{}
	c, err := newCore(h.opt, &r.rec, r, 1)
	if err != nil {
		return nil, err
	}
	c.watch = &r.rec
	c.nif.ip, c.nif.mask, c.nif.gw = h.server, h.mask, h.gateway
	c.nif.mtu, c.nif.up, c.nif.linkUp = uint16(h.Replay.Server.MTU), true, true
	c.nif.send = r.output
	c.isn = func(ip4, uint16, ip4, uint16) uint32 {
		r.isn += h.Replay.Server.ISNStep
		return r.isn
	}
	r.c = c
	r.app = &thread{parker: r, name: "app", semReady: true}
	return r, nil
}

// at is an error about an input line.
func (r *replayer) at(in *input, format string, args ...any) error {
	return &lineError{in.line, fmt.Errorf(format, args...)}
}

// A lineError says in which line of a recording the replay went wrong.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// The machine below the stack.

func (r *replayer) now() uint32             { return uint32(r.nowMS) }
func (r *replayer) wakeTCPIP()              {}
func (r *replayer) lookAt(uint32)           {}
func (r *replayer) assertFailed(msg string) { r.err = fmt.Errorf("assertion failed: %s", msg) }

func (r *replayer) undefined(msg string) { r.err = fmt.Errorf("undefined behaviour: %s", msg) }

// drain lets the tcpip task empty its mailbox.
func (r *replayer) drain() {
	for r.c.handleOne() {
	}
	r.rec.sample()
}

// park runs in the application's coroutine.
func (r *replayer) park(ticks uint32) {
	if r.c.queue.n > 0 {
		r.drain()
		return
	}
	if !r.yield(struct{}{}) {
		panic(stopped{}) // the replay ended with the call still blocked
	}
}

type stopped struct{}

func (r *replayer) unpark() {}

// call runs f as the application until it ends or blocks.
func (r *replayer) call(f func()) {
	if r.resume == nil {
		r.resume, r.stop = iter.Pull(func(yield func(struct{}) bool) {
			r.yield = yield
			defer func() {
				if v := recover(); v != nil && v != (stopped{}) {
					panic(v)
				}
			}()
			for r.job != nil {
				r.job()
				r.busy = false
				if !yield(struct{}{}) {
					return
				}
			}
		})
	}
	r.job = f
	r.busy = true
	r.resume()
}

// goOn continues a call that blocked, if it was woken.
func (r *replayer) goOn() {
	if r.busy {
		r.resume()
	}
}

func (r *replayer) timerDue() (int64, bool) {
	if r.c.nextTimeout == nil {
		return 0, false
	}
	return int64(r.c.nextTimeout.time), true
}

func (r *replayer) runTimer() {
	r.c.checkTimeouts()
	r.drain()
	r.goOn()
}

func (r *replayer) run() error {
	defer func() {
		if r.stop != nil {
			r.job = nil
			r.stop()
		}
	}()
	ended := false
	for i := range r.inputs {
		in := &r.inputs[i]
		if ended {
			return r.at(in, "an input after the end")
		}
		if in.TMS < r.nowMS {
			return r.at(in, "time goes back from %d to %d ms", r.nowMS, in.TMS)
		}
		for {
			due, ok := r.timerDue()
			if !ok || due >= in.TMS || r.failed() {
				break
			}
			r.nowMS = due
			if r.skip && r.c.idleFirings(r.c.nextTimeout) > 0 {
				busy, ok := r.c.busyTime()
				r.nowMS = in.TMS - 1
				if ok {
					r.nowMS = min(r.nowMS, due+int64(busy)-1)
				}
				r.c.catchUp()
				continue
			}
			r.runTimer()
		}
		if r.failed() {
			return nil
		}
		r.nowMS = in.TMS
		if r.err != nil {
			return r.err
		}
		switch in.Kind {
		case "tcp_tmr":
			if due, ok := r.timerDue(); !ok || due != in.TMS {
				return r.at(in, "the TCP timer should run at %d ms, but it is due at %d (running: %v)", in.TMS, due, ok)
			}
			n := r.c.tcpRuns + 1
			r.line("tcp_tmr").num("n", int64(n)).flag("slow", n%2 == 1).done()
			r.runTimer()
		case "rx":
			r.rx(in)
		case "call":
			if r.busy {
				return r.at(in, "a call is made while one is still blocked")
			}
			r.callLine(in)
			if err := r.doCall(in); err != nil {
				return r.at(in, "%w", err)
			}
			ended = in.Op == "end"
		}
	}
	if !ended {
		return fmt.Errorf("the recording has no end")
	}
	return r.err
}

// rx feeds a received segment.
func (r *replayer) rx(in *input) {
	l := r.line("rx").str("conn", in.Conn).str("flags", in.Flags).num("seq", int64(in.Seq))
	if strings.Contains(in.Flags, "A") {
		l.num("ack", int64(in.Ack))
	}
	l.num("len", int64(in.Len)).num("wnd", int64(in.Wnd))
	if in.MSS != 0 {
		l.num("mss", int64(in.MSS))
	}
	r.rec.sample()
	l.done()
	n, err := strconv.Atoi(strings.TrimPrefix(in.Conn, "c"))
	if err != nil || !strings.HasPrefix(in.Conn, "c") {
		r.err = r.at(in, "unknown connection %q", in.Conn)
		return
	}
	if _, ok := r.peerISN[in.Conn]; !ok {
		// Any number would do; these wrap early for some of the connections.
		r.peerISN[in.Conn] = uint32(n) * 0xfffff000
	}
	hlen := 20
	var flags uint8
	for i, f := range "FSRPA" {
		if strings.ContainsRune(in.Flags, f) {
			flags |= 1 << i
		}
	}
	if in.MSS != 0 {
		hlen += 4
	}
	size := 14 + 20 + hlen + in.Len
	l2size := uint32(max(60, size))
	if r.hdr.wifi {
		l2size = 1600
	}
	c := r.c
	l2 := c.malloc(KindL2RxBuffer, l2size, c.nif.holder)
	if l2 == 0 {
		r.appLine("rx_dropped").str("why", "l2 alloc failed").done()
		return
	}
	eb := c.malloc(KindEspPbuf, c.sz.espPbuf, c.nif.holder)
	if eb == 0 {
		c.free(KindL2RxBuffer, l2, l2size, c.nif.holder)
		r.appLine("rx_dropped").str("why", "esp_pbuf alloc failed").done()
		return
	}
	p := c.newPbuf(KindEspPbuf, hlen+in.Len)
	p.block, p.size, p.l2, p.l2size, p.holder = eb, c.sz.espPbuf, l2, l2size, c.nif.holder
	b := p.data
	clear(b[:hlen])
	binary.BigEndian.PutUint16(b, uint16(r.hdr.Replay.Peer.PortBase+n))
	binary.BigEndian.PutUint16(b[2:], uint16(r.hdr.Replay.Server.Port))
	binary.BigEndian.PutUint32(b[4:], r.peerISN[in.Conn]+in.Seq)
	if flags&flagACK != 0 {
		binary.BigEndian.PutUint32(b[8:], r.serverISN[in.Conn]+in.Ack)
	}
	b[12], b[13] = byte(hlen/4<<4), flags
	binary.BigEndian.PutUint16(b[14:], in.Wnd)
	if in.MSS != 0 {
		copy(b[20:], []byte{2, 4, byte(in.MSS >> 8), byte(in.MSS)})
	}
	for i := range b[hlen:] {
		b[hlen+i] = byte(i)
	}
	binary.BigEndian.PutUint16(b[16:], transportChecksum(6, p, r.hdr.peer, r.hdr.server))
	if c.inpkt(p, func(c *core, p *pbuf) { c.tcpInput(p, r.hdr.peer, r.hdr.server) }) != ErrOK {
		r.appLine("rx_dropped").str("why", "input failed").done()
		c.pbufFree(p)
		return
	}
	r.drain()
	r.goOn()
}

// output is the network below: everything sent becomes a line.
func (r *replayer) output(h *tcpHeader) Err {
	conn := r.connName(h.dstPort)
	r.rec.sample()
	if h.flags&(flagSYN|flagACK) == flagSYN|flagACK {
		r.serverISN[conn] = h.seqno
	}
	var flags []byte
	for i, f := range []byte("SFRPA") {
		if h.flags&[]uint8{flagSYN, flagFIN, flagRST, flagPSH, flagACK}[i] != 0 {
			flags = append(flags, f)
		}
	}
	l := r.line("tx").str("conn", conn).str("flags", string(flags))
	if h.seqno == 0 && h.flags&flagRST != 0 {
		l.num("seq_abs", 0)
	} else {
		l.num("seq", int64(h.seqno-r.serverISN[conn]))
	}
	l.num("ack", int64(h.ackno-r.peerISN[conn])).num("len", int64(h.len())).num("wnd", int64(h.wnd))
	end := h.seqno + uint32(h.len())
	if h.flags&(flagSYN|flagFIN) != 0 {
		end++
	}
	if end != h.seqno && h.flags&flagRST == 0 {
		sent, ok := r.sentTo[conn]
		if ok && seqLEQ(end, sent) {
			l.flag("rexmit", true)
		} else {
			r.sentTo[conn] = end
		}
	}
	if pcb := r.rec.byPort(h.dstPort); pcb != nil {
		l.num("nrtx", int64(pcb.nrtx)).num("rto_ticks", int64(pcb.rto))
	}
	if r.cableCut || r.linkGone || r.cut[conn] {
		l.flag("lost", true)
	}
	l.done()
	return ErrOK
}

func (r *replayer) connName(port uint16) string {
	return "c" + strconv.Itoa(int(port)-r.hdr.Replay.Peer.PortBase)
}

// Lines.

type lineWriter struct {
	r *replayer
	b []byte
}

func (r *replayer) line(kind string) *lineWriter {
	l := &lineWriter{r: r}
	l.b = fmt.Appendf(nil, `{"t_ms":%d,"kind":"%s"`, r.nowMS, kind)
	return l
}

// appLine starts an app line; the PCBs are sampled first.
func (r *replayer) appLine(op string) *lineWriter {
	r.rec.sample()
	return r.line("app").str("op", op)
}

func (l *lineWriter) num(name string, v int64) *lineWriter {
	l.b = fmt.Appendf(l.b, `,"%s":%d`, name, v)
	return l
}

func (l *lineWriter) str(name, v string) *lineWriter {
	l.b = fmt.Appendf(l.b, `,"%s":"%s"`, name, v)
	return l
}

func (l *lineWriter) flag(name string, v bool) *lineWriter {
	l.b = fmt.Appendf(l.b, `,"%s":%v`, name, v)
	return l
}

func (l *lineWriter) done() {
	l.r.emit(string(fmt.Appendf(l.b, `,"live":%d,"blocks":%d}`, l.r.rec.live, len(l.r.rec.blocks))))
}
