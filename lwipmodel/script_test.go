package lwipmodel

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write what happens into the scripts in testdata")

// TestScripts runs the scripts in testdata. A script says what the peer sends and
// what the application calls; below each command, indented, stands all that
// follows from it. See testdata/README.txt.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.script"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".script"), func(t *testing.T) {
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			got := runScript(t, f, string(data))
			if *rewrite {
				require.NoError(t, os.WriteFile(f, []byte(got), 0o644))
				return
			}
			want := strings.Split(string(data), "\n")
			for i, line := range strings.Split(got, "\n") {
				if i >= len(want) || line != want[i] {
					w := "the end"
					if i < len(want) {
						w = want[i]
					}
					t.Fatalf("%s:%d:\nexpected %s\ngot      %s", f, i+1, w, line)
				}
			}
			require.Len(t, strings.Split(got, "\n"), len(want), "%s has more lines than happen", f)
		})
	}
}

// script is a run of one section.
type script struct {
	*rig
	opt   Options
	out   []string
	pcbs  []*scriptPCB
	peers map[uint16]*scriptPeer
	iss   uint32
	fails []scriptFailure
}

type scriptPCB struct {
	pcb  *tcpPCB
	port uint16
	last State
}

// scriptPeer remembers what a peer would send next.
type scriptPeer struct {
	isn, next    uint32
	iss, highest uint32
	known        bool
}

type scriptFailure struct {
	kind string
	n    int
}

func runScript(t *testing.T, file, text string) string {
	var out []string
	var s *script
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "  "):
			continue // an outcome: it is written anew
		case strings.HasPrefix(line, "=== "):
			if s != nil {
				s.finish()
				out = append(out, s.take()...)
			}
			s = &script{opt: DefaultOptions(), peers: map[uint16]*scriptPeer{}, iss: 1000}
			out = append(out, line)
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			out = append(out, line)
		default:
			if s == nil {
				t.Fatalf("%s:%d: a command before the first section", file, i+1)
			}
			out = append(out, line)
			if err := s.command(t, strings.Fields(line)); err != nil {
				t.Fatalf("%s:%d: %v", file, i+1, err)
			}
			out = append(out, s.take()...)
		}
	}
	if s != nil {
		s.finish()
	}
	return strings.Join(out, "\n")
}

func (s *script) take() []string {
	o := s.out
	s.out = nil
	return o
}

func (s *script) print(format string, args ...any) {
	s.out = append(s.out, fmt.Sprintf("  %d "+format, append([]any{s.clock}, args...)...))
}

// finish checks that everything can end.
func (s *script) finish() {
	if s.rig != nil {
		s.check()
		s.stop()
	}
}

// start builds the stack, at the first command that needs it.
func (s *script) start(t *testing.T) {
	if s.rig != nil {
		return
	}
	s.rig = newRig(t, s.opt, 2)
	s.c.isn = func(ip4, uint16, ip4, uint16) uint32 { return s.iss }
	s.c.watch = s
	s.rig.output = s.sent
	s.rig.settled = s.states
	s.rig.fail = s.fails1
}

func (s *script) pcbAllocated(pcb *tcpPCB) { s.pcbs = append(s.pcbs, &scriptPCB{pcb: pcb}) }

func (s *script) pcbFreeing(pcb *tcpPCB) {
	s.states()
	for i, p := range s.pcbs {
		if p.pcb == pcb {
			if p.port != 0 {
				s.print("%d %v -> freed", p.port, p.last)
			}
			s.pcbs = append(s.pcbs[:i], s.pcbs[i+1:]...)
			return
		}
	}
}

func (s *script) pcbError(err Err, registered bool) {
	if registered {
		s.print("error callback %v", err)
	}
}

func (s *script) states() {
	for _, p := range s.pcbs {
		if p.pcb.remotePort != 0 {
			p.port = p.pcb.remotePort
		}
		if p.pcb.state != p.last {
			if p.port != 0 && p.pcb.state != Closed {
				s.print("%d %v -> %v", p.port, p.last, p.pcb.state)
			}
			if p.pcb.state != Closed {
				p.last = p.pcb.state
			}
		}
	}
}

func (s *script) fails1(k Kind, _ uint32) bool {
	for i := range s.fails {
		f := &s.fails[i]
		if f.n > 0 && (f.kind == "any" || f.kind == k.String()) {
			f.n--
			s.print("no memory for %v", k)
			return true
		}
	}
	return false
}

func (s *script) peer(port uint16) *scriptPeer {
	p := s.peers[port]
	if p == nil {
		p = &scriptPeer{}
		s.peers[port] = p
	}
	return p
}

// sent is a segment that left.
func (s *script) sent(h *tcpHeader) {
	s.states()
	p := s.peer(h.dstPort)
	if h.flags&flagSYN != 0 {
		p.iss, p.known = h.seqno, true
	}
	end := h.seqno + uint32(h.len())
	if h.flags&(flagSYN|flagFIN) != 0 {
		end++
	}
	if h.flags&flagRST == 0 && (h.flags&flagSYN != 0 || seqGT(end, p.highest)) {
		p.highest = end
	}
	var b strings.Builder
	for i, f := range "SFRPA" {
		if h.flags&[]uint8{flagSYN, flagFIN, flagRST, flagPSH, flagACK}[i] != 0 {
			b.WriteRune(f)
		}
	}
	seq := fmt.Sprint(h.seqno - p.iss)
	if !p.known {
		seq = fmt.Sprint(h.seqno)
	}
	fmt.Fprintf(&b, " seq %s", seq)
	if h.flags&flagACK != 0 {
		fmt.Fprintf(&b, " ack %d", h.ackno-p.isn)
	}
	fmt.Fprintf(&b, " len %d wnd %d", h.len(), h.wnd)
	if len(h.opts) > 0 {
		fmt.Fprintf(&b, " options %x", h.opts)
	}
	s.print("tx %d %s", h.dstPort, b.String())
}

// words reads a command's words.
type words struct {
	w   []string
	err error
}

func (w *words) next() string {
	if len(w.w) == 0 {
		if w.err == nil {
			w.err = fmt.Errorf("a word is missing")
		}
		return ""
	}
	v := w.w[0]
	w.w = w.w[1:]
	return v
}

func (w *words) num() int {
	v := w.next()
	n, err := strconv.ParseInt(v, 0, 64)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%q is not a number", v)
	}
	return int(n)
}

func (w *words) has(name string) bool {
	for i, v := range w.w {
		if v == name {
			w.w = append(append([]string(nil), w.w[:i]...), w.w[i+1:]...)
			return true
		}
	}
	return false
}

// opt reads "name value" anywhere in the rest.
func (w *words) opt(name string, value int) int {
	for i, v := range w.w {
		if v == name && i+1 < len(w.w) {
			x := words{w: w.w[i+1:]}
			n := x.num()
			if x.err != nil && w.err == nil {
				w.err = x.err
			}
			w.w = append(append([]string(nil), w.w[:i]...), w.w[i+2:]...)
			return n
		}
	}
	return value
}

func (s *script) option(w *words) error {
	name, value := w.next(), w.next()
	if name == "Version" {
		v, err := ParseVersion(value)
		s.opt.Version = v
		return err
	}
	f := reflect.ValueOf(&s.opt).Elem().FieldByName(name)
	switch f.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(value)
		f.SetInt(int64(n))
		return err
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		f.SetBool(b)
		return err
	}
	return fmt.Errorf("unknown option %q", name)
}

func (s *script) command(t *testing.T, fields []string) error {
	w := &words{w: fields}
	thread := 0
	name := w.next()
	if name == "t1" {
		thread = 1
		name = w.next()
	}
	switch name {
	case "option":
		return s.option(w)
	case "iss":
		s.iss = uint32(w.num())
		return w.err
	}
	s.start(t)
	switch name {
	case "isn":
		p := s.peer(uint16(w.num()))
		p.isn = uint32(w.num())
		p.next = p.isn
	case "rx":
		s.rx(w)
	case "open":
		port := uint16(w.num())
		wnd, mss := w.opt("wnd", 5840), w.opt("mss", 1460)
		s.rx(&words{w: []string{fmt.Sprint(port), "S", "wnd", fmt.Sprint(wnd), "mss", fmt.Sprint(mss)}})
		s.rx(&words{w: []string{fmt.Sprint(port), "A", "wnd", fmt.Sprint(wnd)}})
	case "wait":
		s.advance(int64(w.num()))
	case "link":
		s.c.nif.linkUp = w.next() == "up"
	case "address":
		if w.next() == "lost" {
			s.c.nif.setAddr(0, 0, 0)
		} else {
			s.c.nif.setAddr(rigServer, rigMask, 0)
		}
		s.settle()
	case "fail":
		kind := w.next()
		s.fails = append(s.fails, scriptFailure{kind, w.opt("times", 1)})
	case "poke":
		pcb := s.conn(uint16(w.num()))
		if pcb == nil {
			return fmt.Errorf("no such connection")
		}
		field, v := w.next(), w.num()
		switch field {
		case "cwnd":
			pcb.cwnd = uint32(v)
		case "ssthresh":
			pcb.ssthresh = uint32(v)
		default:
			return fmt.Errorf("unknown field %q", field)
		}
	case "show":
		s.show(uint16(w.num()))
	case "heap":
		s.heap()
	default:
		return s.call(thread, name, w)
	}
	if w.err == nil && len(w.w) > 0 {
		return fmt.Errorf("what is %q?", w.w[0])
	}
	return w.err
}

// rx is a segment from the peer: rx PORT FLAGS, with seq, ack, len, wnd, mss, ws,
// sack. Numbers count from the peer's and the server's first one; left out, they
// are what a peer would send that has received everything.
func (s *script) rx(w *words) {
	port := uint16(w.num())
	p := s.peer(port)
	flags := w.next()
	m := &seg{srcPort: port, dstPort: rigPort}
	if pcb := s.conn(port); pcb != nil {
		m.dstPort = pcb.localPort
	}
	for i, f := range "FSRPA" {
		if strings.ContainsRune(flags, f) {
			m.flags |= 1 << i
		}
	}
	n := w.opt("len", 0)
	m.data = make([]byte, n)
	m.seq = p.next
	if slices.Contains(w.w, "seq") {
		m.seq = p.isn + uint32(w.opt("seq", 0))
	} else {
		p.next += uint32(n)
		if m.flags&(flagSYN|flagFIN) != 0 {
			p.next++
		}
	}
	if slices.Contains(w.w, "ack") {
		m.ack = p.iss + uint32(w.opt("ack", 0))
	} else if m.flags&flagACK != 0 {
		m.ack = p.highest
	}
	m.wnd = uint16(w.opt("wnd", 5840))
	m.badSum = w.has("badsum")
	if mss := w.opt("mss", 0); mss != 0 {
		m.opts = append(m.opts, 2, 4, byte(mss>>8), byte(mss))
	}
	if ws := w.opt("ws", -1); ws >= 0 {
		m.opts = append(m.opts, 1, 3, 3, byte(ws))
	}
	if w.has("sack") {
		m.opts = append(m.opts, 1, 1, 4, 2)
	}
	b := m.bytes(rigPeer, rigServer)
	if hlen := w.opt("hlen", 0); hlen != 0 {
		b[12] = byte(hlen / 4 << 4)
		b[16], b[17] = 0, 0
		sum := bytesChecksum(6, b, rigPeer, rigServer)
		b[16], b[17] = byte(sum>>8), byte(sum)
	}
	if cut := w.opt("cut", 0); cut != 0 {
		b = b[:len(b)-cut]
	}
	s.inject(b, rigPeer, rigServer)
}

func (s *script) call(i int, name string, w *words) error {
	c := s.c
	var f func(th *thread) int
	switch name {
	case "listen":
		backlog := 5
		if len(w.w) > 0 {
			backlog = w.num()
		}
		f = func(th *thread) int {
			fd := c.socketNew(th, SockStream)
			if fd < 0 {
				return fd
			}
			c.sockopt(th, &sockoptCall{fd: fd, opt: SOReuseAddr, value: 1})
			if n := c.bind(th, fd, 0, rigPort); n < 0 {
				return n
			}
			if n := c.listen(th, fd, backlog); n < 0 {
				return n
			}
			return fd
		}
	case "socket":
		typ := SockStream
		if w.has("udp") {
			typ = SockDgram
		}
		f = func(th *thread) int { return c.socketNew(th, typ) }
	case "bind":
		fd, port := w.num(), w.num()
		f = func(th *thread) int { return c.bind(th, fd, 0, uint16(port)) }
	case "accept":
		fd := w.num()
		f = func(th *thread) int { return c.accept(th, fd) }
	case "connect":
		fd, port := w.num(), w.num()
		f = func(th *thread) int { return c.connect(th, fd, rigPeer, uint16(port)) }
	case "recv", "send":
		fd, n, flags := w.num(), w.num(), 0
		for name, bit := range map[string]int{"dontwait": MsgDontWait, "peek": MsgPeek, "more": MsgMore} {
			if w.has(name) {
				flags |= bit
			}
		}
		f = func(th *thread) int {
			if name == "recv" {
				return c.recv(th, fd, make([]byte, n), flags)
			}
			return c.send(th, fd, [][]byte{make([]byte, n)}, flags)
		}
	case "shutdown":
		fd := w.num()
		how, ok := map[string]int{"rd": ShutRD, "wr": ShutWR, "rdwr": ShutRDWR}[w.next()]
		if !ok {
			return fmt.Errorf("shutdown of what?")
		}
		f = func(th *thread) int { return c.shutdown(th, fd, how) }
	case "close":
		fd := w.num()
		f = func(th *thread) int { return c.closeSocket(th, fd) }
	case "readable":
		fd := w.num()
		f = func(th *thread) int { return c.readable(th, fd) }
	case "error":
		fd := w.num()
		f = func(th *thread) int {
			o := sockoptCall{fd: fd, opt: SOError, get: true}
			if n := c.sockopt(th, &o); n < 0 {
				return n
			}
			return o.value
		}
	case "set":
		fd := w.num()
		what := w.next()
		opts := map[string]SockOpt{"nodelay": TCPNoDelay, "reuseaddr": SOReuseAddr, "rcvtimeo": SORcvTimeo, "sndtimeo": SOSndTimeo, "rcvbuf": SORcvBufSize}
		switch {
		case what == "nonblocking":
			f = func(th *thread) int { return c.setNonBlocking(th, fd, true) }
		case what == "blocking":
			f = func(th *thread) int { return c.setNonBlocking(th, fd, false) }
		case what == "linger":
			on, sec := 1, w.next()
			if sec == "off" {
				on, sec = 0, "0"
			}
			n, err := strconv.Atoi(sec)
			if err != nil {
				return err
			}
			f = func(th *thread) int { return c.sockopt(th, &sockoptCall{fd: fd, opt: soLinger, value: on, sec: n}) }
		case what == "keepalive":
			idle, intvl, cnt := w.num(), w.num(), w.num()
			f = func(th *thread) int {
				n := 0
				for _, o := range []sockoptCall{{opt: SOKeepAlive, value: 1}, {opt: TCPKeepIdle, value: idle}, {opt: TCPKeepIntvl, value: intvl}, {opt: TCPKeepCnt, value: cnt}} {
					o.fd = fd
					n |= c.sockopt(th, &o)
				}
				return n
			}
		case opts[what] != 0 || what == "reuseaddr":
			v := 1
			if len(w.w) > 0 {
				v = w.num()
			}
			f = func(th *thread) int { return c.sockopt(th, &sockoptCall{fd: fd, opt: opts[what], value: v}) }
		default:
			return fmt.Errorf("unknown option %q", what)
		}
	case "select":
		var fds []PollFd
		timeout := w.opt("timeout", -1)
		for len(w.w) > 0 {
			v := w.next()
			digits := strings.TrimRight(v, "rwx")
			fd, err := strconv.Atoi(digits)
			if err != nil {
				return fmt.Errorf("select of %q", v)
			}
			k := v[len(digits):]
			fds = append(fds, PollFd{Fd: fd, Read: strings.Contains(k, "r"), Write: strings.Contains(k, "w"), Except: strings.Contains(k, "x")})
		}
		f = func(th *thread) int {
			n := c.selectWait(th, fds, int64(timeout))
			if n > 0 {
				for _, p := range fds {
					var what []string
					for _, x := range []struct {
						on   bool
						name string
					}{{p.CanRead, "readable"}, {p.CanWrite, "writable"}, {p.Err, "error"}} {
						if x.on {
							what = append(what, x.name)
						}
					}
					if len(what) > 0 {
						s.print("%d is %s", p.Fd, strings.Join(what, ", "))
					}
				}
			}
			return n
		}
	default:
		return fmt.Errorf("unknown command %q", name)
	}
	if w.err != nil {
		return w.err
	}
	if len(w.w) > 0 {
		return fmt.Errorf("what is %q?", w.w[0])
	}
	if s.threads[i].busy {
		return fmt.Errorf("thread %d is still in a call", i)
	}
	ended := s.do(i, func(th *thread) {
		n := f(th)
		s.states()
		if n < 0 {
			s.print("%s = -1 %v", name, th.errno)
		} else {
			s.print("%s = %d", name, n)
		}
	})
	if !ended {
		s.print("%s blocks", name)
	}
	return nil
}

// show prints the inside of a connection.
func (s *script) show(port uint16) {
	pcb := s.conn(port)
	if pcb == nil {
		s.print("%d does not exist", port)
		return
	}
	p := s.peer(port)
	queue := func(q *segment, base uint32) string {
		var parts []string
		for ; q != nil; q = q.next {
			v := fmt.Sprintf("%d+%d", q.seqno-base, q.len)
			if q.flags&flagFIN != 0 {
				v += "F"
			}
			if q.flags&flagSYN != 0 {
				v += "S"
			}
			parts = append(parts, v)
		}
		if parts == nil {
			return "none"
		}
		return strings.Join(parts, " ")
	}
	s.print("%v cwnd %d ssthresh %d rto %d nrtx %d dupacks %d snd_wnd %d persist %d probes %d", pcb.state, pcb.cwnd, pcb.ssthresh, pcb.rto, pcb.nrtx, pcb.dupacks, pcb.sndWnd, pcb.persistBackoff, pcb.persistProbe)
	s.print("unacked %s; unsent %s; oversize %d; ooseq %s", queue(pcb.unacked, p.iss), queue(pcb.unsent, p.iss), pcb.unsentOversize, queue(pcb.ooseq, p.isn))
}

// heap prints what is allocated.
func (s *script) heap() {
	type line struct {
		n     int
		bytes uint32
	}
	kinds := map[string]line{}
	for _, b := range s.blocks {
		if b.kind == KindSysTimeout {
			continue
		}
		l := kinds[b.kind.String()]
		kinds[b.kind.String()] = line{l.n + 1, l.bytes + b.size}
	}
	var names []string
	for k := range kinds {
		names = append(names, k)
	}
	sort.Strings(names)
	var parts []string
	total := uint32(0)
	for _, k := range names {
		parts = append(parts, fmt.Sprintf("%s %d (%d)", k, kinds[k].bytes, kinds[k].n))
		total += kinds[k].bytes
	}
	s.print("heap %d: %s", total, strings.Join(parts, ", "))
}
