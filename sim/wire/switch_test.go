package wire

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// rig is a switch with a sink at each of n cables.
type rig struct {
	loop  *vtime.Loop
	sw    *Switch
	ends  []*End
	sinks []*sink
}

func newRig(t *testing.T, n int) *rig {
	r := &rig{loop: vtime.New(1)}
	t.Cleanup(r.loop.Close)
	r.sw = NewSwitch(r.loop, "sw")
	for i := range n {
		c, err := NewCable(r.loop, CableConfig{Name: fmt.Sprint("c", i)})
		require.NoError(t, err)
		s := &sink{loop: r.loop}
		end, err := c.Attach(fmt.Sprint("p", i), s)
		require.NoError(t, err)
		require.NoError(t, r.sw.Connect(c))
		r.ends, r.sinks = append(r.ends, end), append(r.sinks, s)
	}
	return r
}

// send sends a frame between stations and returns how many frames each sink
// has got since.
func (r *rig) send(t *testing.T, from int, src, dst byte) []int {
	f := frame(1, 60)
	copy(f, []byte{2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src})
	if dst == 0xff {
		copy(f, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	require.NoError(t, r.ends[from].Send(f))
	require.NoError(t, r.loop.Run(time.Millisecond))
	counts := make([]int, len(r.sinks))
	for i, s := range r.sinks {
		counts[i] = len(s.sent)
		s.sent = nil
	}
	return counts
}

func TestSwitchLearnsAndForgets(t *testing.T) {
	r := newRig(t, 4)
	require.Equal(t, []int{0, 1, 1, 1}, r.send(t, 0, 10, 11), "unknown: to all others")
	require.Equal(t, []int{1, 0, 0, 0}, r.send(t, 1, 11, 10), "learned from the first frame")
	require.Equal(t, []int{0, 1, 0, 0}, r.send(t, 0, 10, 11))
	require.Equal(t, []int{0, 1, 1, 1}, r.send(t, 0, 10, 0xff), "broadcast")
	require.Equal(t, []int{0, 0, 0, 0}, r.send(t, 1, 12, 11), "both behind one socket")
	require.Equal(t, []int{0, 0, 1, 0}, func() []int { r.send(t, 2, 11, 10); return r.send(t, 0, 10, 11) }(), "the station has moved")

	require.NoError(t, r.loop.Run(299*time.Second))
	require.Equal(t, []int{0, 0, 1, 0}, r.send(t, 0, 10, 11))
	require.NoError(t, r.loop.Run(time.Second))
	require.Equal(t, []int{0, 1, 1, 1}, r.send(t, 0, 10, 11), "forgotten after 300 s")
}

func TestSwitchForgetsWhatIsBehindASocketWithoutLink(t *testing.T) {
	r := newRig(t, 3)
	r.send(t, 0, 10, 0xff)
	require.Equal(t, []int{1, 0, 0}, r.send(t, 1, 11, 10))
	socket := r.ends[0].Peer()
	socket.LinkDown()
	require.NoError(t, r.loop.Run(time.Millisecond))
	socket.LinkUp()
	require.NoError(t, r.loop.Run(time.Millisecond))
	require.Equal(t, []int{1, 0, 1}, r.send(t, 1, 11, 10))
}

func TestSwitchWithAFullTableSendsToAll(t *testing.T) {
	r := newRig(t, 3)
	for i := range macTableSize {
		r.sw.learn(MAC{4, 0, 0, 0, byte(i >> 8), byte(i)}, r.sw.sockets[0])
	}
	r.send(t, 0, 10, 0xff)
	require.Equal(t, []int{1, 0, 1}, r.send(t, 1, 11, 10))
	require.NoError(t, r.loop.Run(300*time.Second))
	r.send(t, 0, 10, 0xff)
	require.Equal(t, []int{1, 0, 0}, r.send(t, 1, 11, 10), "old entries made room")
	require.LessOrEqual(t, len(r.sw.table), macTableSize)
}

func TestSwitchesRefuseARing(t *testing.T) {
	loop := vtime.New(1)
	var sws []*Switch
	for i := range 3 {
		sws = append(sws, NewSwitch(loop, fmt.Sprint("sw", i)))
	}
	join := func(a, b *Switch) error {
		c, err := NewCable(loop, CableConfig{Name: a.Name() + b.Name()})
		require.NoError(t, err)
		require.NoError(t, a.Connect(c))
		return b.Connect(c)
	}
	require.NoError(t, join(sws[0], sws[1]))
	require.NoError(t, join(sws[1], sws[2]))
	var ae *AttachError
	require.ErrorAs(t, join(sws[2], sws[0]), &ae)
	require.ErrorContains(t, ae, "ring of switches")
	require.ErrorContains(t, join(sws[0], sws[0]), "ring of switches")
}
