package lwipmodel

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNetstat is the table of a device that has one connection of most kinds.
func TestNetstat(t *testing.T) {
	o := DefaultOptions()
	o.MaxSockets = 16
	r := newRig(t, o, 1)
	l := r.listen(8)
	open := func(port uint16) (*tcpPCB, int) { return r.open(port), r.accept(l) }
	send := func(fd, n int) {
		r.do(0, func(th *thread) {
			r.c.setNonBlocking(th, fd, true)
			r.c.send(th, fd, [][]byte{make([]byte, n)}, 0)
		})
	}
	fin := func(pcb *tcpPCB) {
		r.send(&seg{srcPort: pcb.remotePort, seq: pcb.rcvNxt, ack: pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
	}
	r.send(&seg{srcPort: 1001, flags: flagSYN, wnd: 5840})
	open(1002)
	_, fd := open(1003)
	send(fd, 3000)
	pcb, fd := open(1004)
	r.do(0, func(th *thread) { r.c.sockopt(th, &sockoptCall{fd: fd, opt: SOKeepAlive, value: 1}) })
	r.send(&seg{srcPort: 1004, seq: 1, ack: pcb.sndNxt, flags: flagACK | flagPSH, wnd: 5840, data: make([]byte, 500)})
	r.send(&seg{srcPort: 1004, seq: 1001, ack: pcb.sndNxt, flags: flagACK, wnd: 5840, data: make([]byte, 200)})
	pcb, _ = open(1005)
	fin(pcb)
	_, fd = open(1006)
	r.close(fd)
	pcb, fd = open(1007)
	r.close(fd)
	r.send(&seg{srcPort: 1007, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
	pcb, fd = open(1008)
	r.do(0, func(th *thread) { r.c.shutdown(th, fd, ShutWR) })
	r.send(&seg{srcPort: 1008, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 5840})
	pcb, fd = open(1009)
	fin(pcb)
	r.close(fd)
	pcb, fd = open(1010)
	r.close(fd)
	fin(pcb)
	pcb, fd = open(1011)
	r.send(&seg{srcPort: 1011, seq: 1, ack: pcb.sndNxt, flags: flagACK, wnd: 0, data: []byte("x")})
	send(fd, 10)
	pcb, fd = open(1012)
	r.close(fd)
	r.send(&seg{srcPort: 1012, seq: 1, ack: pcb.lastack, flags: flagACK | flagFIN, wnd: 5840})
	r.open(1013)
	r.do(0, func(th *thread) {
		u := r.c.socketNew(th, SockDgram)
		r.c.bind(th, u, 0, 123)
	})
	r.datagram(5000, 123, make([]byte, 48))
	r.advance(5_000)
	r.check()

	got := FormatNetstat(r.c.netstat(54))
	file := filepath.Join("testdata", "netstat.txt")
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// foretold notes when PCBs are freed.
type foretold struct {
	noObserver
	r     *rig
	freed map[*tcpPCB]int64
}

func (f *foretold) pcbFreeing(pcb *tcpPCB) { f.freed[pcb] = f.r.clock }

// TestNetstatForetells brings connections to random states and then leaves them
// alone: each must go when Netstat said, or never.
func TestNetstatForetells(t *testing.T) {
	seen := map[string]int{}
	for seed := range max(*programs/2, 1) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 9))
		o := version(t, releases[rnd.IntN(len(releases))])
		o.TCPMaxRtx = 3 + rnd.IntN(10)
		o.MaxSockets = 16
		o.TCPTmrInterval = []int{250, 100, 200}[rnd.IntN(3)]
		t.Run(strconv.Itoa(seed), func(t *testing.T) { foretell(newRig(t, o, 1), rnd, seen) })
	}
	for _, why := range []string{
		"TIME_WAIT: 2 MSL since the last segment", "FIN_WAIT_2 timeout since the last segment", "retransmissions", "keep-alive",
		"window probes without an answer", "LAST_ACK: 2 MSL since the last segment", "SYN_RCVD timeout",
		"never: FIN_WAIT_2 after shutdown(SHUT_WR)", "never: waits to be accepted", "never: the peer has closed, the application has not",
		"never: no keep-alive, nothing outstanding", "never: data queued and no timer running",
	} {
		if *programs >= 300 {
			require.Positive(t, seen[why], "no connection with %q: %v", why, seen)
		}
	}
}

func foretell(r *rig, rnd *rand.Rand, seen map[string]int) {
	l := r.listen(8)
	r.do(0, func(th *thread) { r.c.setNonBlocking(th, l, true) })
	fds := map[uint16]int{}
	for range 20 + rnd.IntN(40) {
		port := uint16(1000 + rnd.IntN(6))
		pcb, fd := r.conn(port), fds[port]
		call := func(f func(th *thread)) {
			if fd > 0 {
				r.do(0, f)
			}
		}
		peer := func(flags uint8, ack uint32, wnd uint16, n int) {
			r.send(&seg{srcPort: port, seq: pcb.rcvNxt, ack: ack, flags: flags, wnd: wnd, data: make([]byte, n)})
		}
		switch op := rnd.IntN(16); {
		case pcb == nil && op < 2:
			r.send(&seg{srcPort: port, flags: flagSYN, wnd: 5840})
		case pcb == nil:
			r.open(port)
			if op > 3 {
				if fds[port] = r.accept(l); fds[port] > 0 {
					r.do(0, func(th *thread) { r.c.setNonBlocking(th, fds[port], true) })
				}
			}
		case op < 2:
			call(func(th *thread) {
				r.c.sockopt(th, &sockoptCall{fd: fd, opt: SOKeepAlive, value: 1})
				r.c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepIdle, value: 1 + rnd.IntN(3000)})
				r.c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepIntvl, value: 1 + rnd.IntN(100)})
				r.c.sockopt(th, &sockoptCall{fd: fd, opt: TCPKeepCnt, value: 1 + rnd.IntN(9)})
			})
		case op < 5:
			call(func(th *thread) { r.c.send(th, fd, [][]byte{make([]byte, 1+rnd.IntN(3000))}, 0) })
		case op < 7:
			peer(flagACK, pcb.sndNxt, 5840, 0)
		case op == 7:
			peer(flagACK|flagPSH, pcb.sndNxt, 0, 1+rnd.IntN(20)) // and shuts its window
			call(func(th *thread) { r.c.send(th, fd, [][]byte{make([]byte, 100)}, 0) })
		case op == 8:
			peer(flagACK|flagFIN, pcb.sndNxt, 5840, 0)
		case op == 9:
			peer(flagACK|flagFIN, pcb.lastack, 5840, 0)
		case op < 12:
			call(func(th *thread) { r.c.closeSocket(th, fd) })
			delete(fds, port)
		case op == 12:
			call(func(th *thread) { r.c.shutdown(th, fd, ShutWR) })
		case op == 13:
			r.c.nif.linkUp = !r.c.nif.linkUp
		case op == 14:
			r.advance(int64(rnd.IntN(30_000)))
		default:
			r.advance(int64(rnd.IntN(2000)))
		}
	}
	r.c.nif.linkUp = rnd.IntN(4) > 0
	r.advance(2000) // what was put off until there is a link
	r.check()

	note := &foretold{r: r, freed: map[*tcpPCB]int64{}}
	r.c.watch = note
	table := r.c.netstat(0)[1:] // without the listener, in the order of the lists
	told := map[*tcpPCB]int64{}
	for _, list := range [...]*tcpPCB{r.c.activePCBs, r.c.twPCBs} {
		for pcb := list; pcb != nil; pcb = pcb.next {
			p := table[0]
			table = table[1:]
			seen[p.Why]++
			told[pcb] = -1
			if p.Goes >= 0 {
				told[pcb] = r.clock + int64(p.Goes/time.Millisecond)
			}
			defer func() {
				at, gone := note.freed[pcb]
				if !gone {
					at = -1
				}
				if at != told[pcb] {
					r.t.Errorf("Netstat said %q at %d ms, it went at %d (-1: never): %+v", p.Why, told[pcb], at, p)
				}
			}()
		}
	}
	r.skip(100_000_000) // more than a day
}
