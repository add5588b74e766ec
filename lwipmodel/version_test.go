package lwipmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func version(t testing.TB, s string) Options {
	v, err := ParseVersion(s)
	require.NoError(t, err)
	o := DefaultOptions()
	o.Version = v
	return o
}

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]Version{"v5.3.1": {5, 3, 1}, "4.4": {4, 4, 0}, "v6.0": {6, 0, 0}, "master": {1 << 10, 0, 0}} {
		got, err := ParseVersion(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "5", "v5.3.1-dirty", "five", "5.3.1.2", "v5.03"} {
		_, err := ParseVersion(in)
		require.ErrorContains(t, err, "is not a version of ESP-IDF", in)
	}
}

// A server that closes first keeps a PCB for two minutes each time. Whether
// there is a limit to that depends on the release.
func TestTimeWaitLimit(t *testing.T) {
	for _, c := range []struct {
		version string
		most    int // TCP_PCB
	}{
		{"v4.4.8", 15}, // and the listener
		{"v5.0.9", 200}, {"v5.1.5", 200}, {"v5.2.3", 200}, {"v5.3.1", 200}, {"v5.3.2", 200},
		{"v5.1.6", 16}, {"v5.2.4", 16}, {"v5.3.3", 16}, {"v5.4", 16}, {"v5.5", 16}, {"master", 16},
	} {
		t.Run(c.version, func(t *testing.T) {
			r := newRig(t, version(t, c.version), 1)
			l := r.listen(5)
			most := 0
			for i := range 200 {
				port := uint16(1000 + i)
				pcb := r.open(port)
				require.NotNil(t, pcb)
				require.True(t, r.close(r.accept(l)))
				r.send(&seg{srcPort: port, seq: 1, ack: pcb.sndNxt, flags: flagACK | flagFIN, wnd: 5840})
				require.Equal(t, TimeWait, pcb.state)
				r.advance(300)
				most = max(most, r.count(KindTCPPCB))
				r.check()
			}
			require.Equal(t, c.most, most)
			r.advance(121000)
			require.Zero(t, r.count(KindTCPPCB))
		})
	}
}

// What is killed for a new connection once the limit is reached.
func TestVictims(t *testing.T) {
	o := version(t, "v5.5")
	o.MaxActiveTCP = 4
	r := newRig(t, o, 1)
	l := r.listen(5)
	var pcbs [5]*tcpPCB
	for i := range 4 {
		pcbs[i] = r.open(uint16(1000 + i))
		require.Positive(t, r.accept(l))
		r.advance(1000)
	}
	require.Nil(t, r.open(2000), "four established connections: nobody is a victim")
	require.Equal(t, -1, func() int { var fd int; r.do(0, func(th *thread) { fd = r.c.socketNew(th, SockStream) }); return fd }())
	require.Equal(t, ENOBUFS, r.threads[0].errno)

	r.close(1) // 1000 in FIN_WAIT_1
	r.close(2) // 1001 in FIN_WAIT_2
	r.send(&seg{srcPort: 1001, seq: 1, ack: pcbs[1].sndNxt, flags: flagACK, wnd: 5840})
	r.close(3) // 1002 in CLOSING
	r.send(&seg{srcPort: 1002, seq: 1, ack: pcbs[2].sndNxt - 1, flags: flagACK | flagFIN, wnd: 5840})
	r.send(&seg{srcPort: 1003, seq: 1, ack: pcbs[3].sndNxt, flags: flagACK | flagFIN, wnd: 5840})
	r.close(4) // 1003 in LAST_ACK
	for i, want := range []State{FinWait1, FinWait2, Closing, LastAck} {
		require.Equal(t, want, pcbs[i].state)
	}
	for i, victim := range []int{3, 2, 1, 0} {
		sent := r.sent
		require.NotNil(t, r.open(uint16(2000+i)))
		require.True(t, pcbs[victim].freed, "victim %d", victim)
		require.Equal(t, sent+1, r.sent, "a SYN-ACK, and no reset for the victim")
		r.check()
	}
	require.Nil(t, r.open(3000))
}

// The SYN-ACK is repeated at a constant rate since 2023, with back-off before.
func TestSynAckRepeats(t *testing.T) {
	for v, want := range map[string]int{"v4.4.6": 4, "v4.4.8": 13, "v5.0.4": 4, "v5.0.5": 13, "v5.1.2": 4, "v5.1.3": 13, "v5.3.1": 13} {
		t.Run(v, func(t *testing.T) {
			r := newRig(t, version(t, v), 1)
			r.listen(5)
			r.send(&seg{srcPort: 1000, flags: flagSYN, wnd: 5840})
			r.advance(60000)
			require.Equal(t, want, r.sent)
			require.Nil(t, r.conn(1000))
		})
	}
}
