package lwipmodel

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// releases are one of each kind of lwIP that the model tells apart.
var releases = []string{"v4.4", "v4.4.6", "v4.4.8", "v5.0", "v5.0.9", "v5.1.2", "v5.1.6", "v5.2.2", "v5.3.1", "v5.3.3", "v5.4", "v5.5", "v6.0", "master"}

// TestDefects plays what goes wrong in the original in every release. Where the
// releases differ, changed names the first one of releases that has the other outcome; the
// limits of PCBs, which came and went, have tests of their own.
func TestDefects(t *testing.T) {
	for _, d := range []struct {
		name    string
		opt     func(*Options)
		play    func(r *rig) string
		want    string // before changed, or always
		changed string
		after   string
	}{
		{
			name: "SO_LINGER is not compiled in",
			play: func(r *rig) string { return r.conversation(0, false).linger(5) },
			want: "ENOPROTOOPT",
		}, {
			name: "close with linger 0 and nothing queued is an ordinary close",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(0, false)
				v.linger(0)
				return v.close() + v.after(0)
			},
			want: "returns 0, FA, FIN_WAIT_1",
		}, {
			name: "close with linger 0 and data in flight resets",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(100, false)
				v.linger(0)
				return v.close() + v.after(0)
			},
			want: "returns 0, RA, gone",
		}, {
			name: "non-blocking close that lingers: no FIN, the descriptor stays",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(100, true)
				v.linger(5)
				return v.close() + v.after(100_000)
			},
			want: "EWOULDBLOCK, PA, ESTABLISHED",
		}, {
			name: "close that lingers with received data unread",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(100, false)
				v.linger(5)
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.lastack, flags: flagACK, wnd: 5840, data: []byte("unread")})
				return v.close() + v.after(3600_000)
			},
			want:    "blocks, RA, gone, still blocked",
			changed: "v5.0",
			after:   "blocks, FA, gone, returned 0",
		}, {
			name: "close that lingers while the peer closes too",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(100, false)
				v.linger(5)
				first := v.close()
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.sndNxt - 1, flags: flagACK, wnd: 5840})
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
				return first + v.after(3600_000)
			},
			want:    "blocks, A, gone, still blocked",
			changed: "v5.0",
			after:   "blocks, A, gone, returned 0",
		}, {
			name: "close that lingers in LAST_ACK does not learn that its FIN was acknowledged",
			opt:  withLinger,
			play: func(r *rig) string {
				v := r.conversation(100, false)
				v.linger(5)
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.lastack, flags: flagACK | flagFIN, wnd: 5840})
				first := v.close()
				r.send(&seg{srcPort: v.port, seq: 2, ack: v.pcb.sndNxt - 1, flags: flagACK, wnd: 5840})
				r.send(&seg{srcPort: v.port, seq: 2, ack: v.pcb.sndNxt, flags: flagACK, wnd: 5840})
				return first + v.after(3600_000)
			},
			want: "blocks, FA, gone, still blocked",
		}, {
			name: "no route at the first transmission: 1,756 bytes are held for ever",
			play: func(r *rig) string {
				v := r.conversation(0, false)
				r.c.nif.linkUp = false
				n := -1
				r.do(0, func(th *thread) { n = r.c.send(th, v.fd, [][]byte{make([]byte, 100)}, 0) })
				require.Equal(r.t, -1, n)
				require.Equal(r.t, EHOSTUNREACH, r.threads[0].errno)
				s := v.close() + v.after(3*3600_000)
				return fmt.Sprintf("%s, %d bytes", s, r.held(KindTCPPCB, KindTCPSeg, KindPbufRAM))
			},
			want: "returns 0, , FIN_WAIT_1, 1756 bytes",
		}, {
			name: "FIN_WAIT_2 after SHUT_WR has no end",
			play: func(r *rig) string {
				v := r.conversation(0, false)
				r.do(0, func(th *thread) { r.c.shutdown(th, v.fd, ShutWR) })
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.sndNxt, flags: flagACK, wnd: 5840})
				return "shut" + v.after(24*3600_000)
			},
			want: "shut, FA, FIN_WAIT_2",
		}, {
			name: "CLOSE_WAIT has no end",
			play: func(r *rig) string {
				v := r.conversation(0, false)
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
				return "left" + v.after(24*3600_000)
			},
			want: "left, A, CLOSE_WAIT",
		}, {
			name: "a closed connection is not probed: FIN_WAIT_1 until all repetitions are used",
			play: func(r *rig) string {
				v := r.conversation(0, false)
				r.do(0, func(th *thread) {
					for o, n := range map[SockOpt]int{SOKeepAlive: 1, TCPKeepIdle: 5, TCPKeepIntvl: 5, TCPKeepCnt: 3} {
						r.c.sockopt(th, &sockoptCall{fd: v.fd, opt: o, value: n})
					}
				})
				return v.close() + v.after(1140_000)
			},
			want: "returns 0, FA, FIN_WAIT_1",
		}, {
			name: "FIN_WAIT_2 counts from before the close",
			play: func(r *rig) string {
				v := r.conversation(0, false)
				r.advance(60_000)
				s := v.close()
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.sndNxt, flags: flagACK, wnd: 5840})
				return s + v.after(600)
			},
			want: "returns 0, FA, gone",
		}, {
			name: "a duplicate ACK after one that is none",
			play: func(r *rig) string {
				v := r.conversation(2000, false)
				dup := &seg{srcPort: v.port, seq: 1, ack: v.pcb.lastack, flags: flagACK, wnd: 5840}
				r.send(dup)
				r.send(dup)
				r.send(&seg{srcPort: v.port, seq: 1, ack: v.pcb.lastack, flags: flagACK, wnd: 5840, data: []byte("no duplicate")})
				v.last = ""
				r.send(&seg{srcPort: v.port, seq: 13, ack: v.pcb.lastack, flags: flagACK, wnd: 5840})
				return fmt.Sprint(v.pcb.dupacks, " ", v.last)
			},
			want:    "1 ",
			changed: "v5.4",
			after:   "3 PA",
		}, {
			name: "a SYN-ACK that answers our SYN-ACK",
			play: func(r *rig) string {
				r.listen(5)
				r.send(&seg{srcPort: 1000, seq: 0, flags: flagSYN, wnd: 5840})
				pcb := r.conn(1000)
				r.send(&seg{srcPort: 1000, seq: 0, ack: pcb.sndNxt, flags: flagSYN | flagACK, wnd: 5840})
				return pcb.state.String()
			},
			want:    "ESTABLISHED",
			changed: "v5.4",
			after:   "SYN_RCVD",
		}, {
			name: "a mailbox is two blocks",
			play: func(r *rig) string {
				r.do(0, func(th *thread) { r.c.socketNew(th, SockStream) })
				return fmt.Sprint(r.count(KindMbox), r.count(KindMboxQueue))
			},
			want:    "1 1",
			changed: "v6.0",
			after:   "0 1",
		},
	} {
		t.Run(d.name, func(t *testing.T) {
			for _, v := range releases {
				want := d.want
				if d.changed != "" && slices.Index(releases, v) >= slices.Index(releases, d.changed) {
					want = d.after
				}
				o := version(t, v)
				if d.opt != nil {
					d.opt(&o)
				}
				require.Equal(t, want, d.play(newRig(t, o, 2)), "in %s", v)
			}
		})
	}
}

func withLinger(o *Options) { o.SOLinger = true }

// A FIN that moves from the out-of-order queue to a segment which the queue then
// cuts. No sequence of segments is known that leads there, for nothing is queued
// behind a FIN; Espressif has met it all the same, so the queue is laid here.
func TestFinMovesForward(t *testing.T) {
	for v, want := range map[string]uint16{"v4.4.4": 4, "v4.4.5": 3, "v5.0.1": 4, "v5.0.2": 3, "v5.1": 3, "v5.3.1": 3} {
		r := newRig(t, version(t, v), 1)
		v := r.conversation(0, false)
		queue := func(seqno uint32, n int, flags uint8) *segment {
			s := &segment{p: received(r, n), len: uint16(n), seqno: seqno, flags: flags}
			s.block = r.c.malloc(KindTCPSeg, r.c.sz.tcpSeg, v.pcb.holder)
			return s
		}
		v.pcb.ooseq = queue(3, 0, flagFIN)
		v.pcb.ooseq.next = queue(5, 4, 0)
		in := &r.c.in
		in.seqno, in.tcplen = 1, 5
		in.seg = segment{p: received(r, 5), len: 5, seqno: 1}
		r.c.trimOoseq(v.pcb)
		require.Equal(t, want, in.seg.len, r.c.opt.Version.String())
		require.NotZero(t, in.seg.flags&flagFIN)
	}
}
