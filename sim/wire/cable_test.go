package wire

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// sink is a port that notes what it gets.
type sink struct {
	loop *vtime.Loop
	got  []string
	sent [][]byte
	link []bool
}

func (s *sink) Receive(f Frame) {
	s.sent = append(s.sent, f)
	s.got = append(s.got, fmt.Sprintf("%v %d", s.loop.Now(), f[headerSize]))
}

func (s *sink) LinkChanged(up bool) { s.link = append(s.link, up) }

// frame returns a frame of n bytes whose payload begins with tag.
func frame(tag byte, n int) Frame {
	f := make(Frame, n)
	copy(f, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5})
	f[headerSize] = tag
	return f
}

func pair(t *testing.T, cfg CableConfig) (*vtime.Loop, *Cable, *End, *sink, *sink) {
	loop := vtime.New(1)
	t.Cleanup(loop.Close)
	if cfg.Name == "" {
		cfg.Name = "eth0"
	}
	c, err := NewCable(loop, cfg)
	require.NoError(t, err)
	a, b := &sink{loop: loop}, &sink{loop: loop}
	end, err := c.Attach("left", a)
	require.NoError(t, err)
	_, err = c.Attach("right", b)
	require.NoError(t, err)
	return loop, c, end, a, b
}

func TestFramesTakeTheTimeOfTheirBits(t *testing.T) {
	loop, _, end, _, b := pair(t, CableConfig{Delay: 500 * time.Nanosecond, Bandwidth: 100_000_000})
	require.NoError(t, end.Send(frame(1, 60)))
	require.NoError(t, end.Send(frame(2, 1514)))
	require.NoError(t, end.Send(frame(3, 20)))
	require.NoError(t, loop.Run(time.Second))
	// 100 Mbit/s is 80 ns a byte. 60 bytes with preamble and frame check
	// sequence are 72: 5.76 µs, and 500 ns of cable. The next frame starts 84
	// byte times (6.72 µs) after the first and takes 1526 of its own; the third
	// starts after 84 + 1538 and is padded to 60 bytes.
	require.Equal(t, []string{
		fmt.Sprintf("%v 1", 5760*time.Nanosecond+500),
		fmt.Sprintf("%v 2", (84+1526)*80*time.Nanosecond+500),
		fmt.Sprintf("%v 3", (84+1538+72)*80*time.Nanosecond+500),
	}, b.got)
	require.Len(t, b.sent[2], 60)
	require.Equal(t, make([]byte, 39), []byte(b.sent[2][21:]), "padding is zeros")
}

func TestDirectionsDoNotWaitForEachOther(t *testing.T) {
	loop, c, end, a, b := pair(t, CableConfig{Bandwidth: 1000})
	require.NoError(t, end.Send(frame(1, 60)))
	require.NoError(t, c.Ends()[1].Send(frame(2, 60)))
	require.NoError(t, loop.Run(time.Hour))
	require.Equal(t, []string{"576ms 1"}, b.got)
	require.Equal(t, []string{"576ms 2"}, a.got)
}

func TestPullLosesWhatIsOnTheCable(t *testing.T) {
	loop, c, end, _, b := pair(t, CableConfig{Delay: 10 * time.Millisecond})
	send := func(at time.Duration, tag byte) {
		loop.At(at, func() { require.NoError(t, end.Send(frame(tag, 60))) })
	}
	send(0, 1)                            // arrives at 10 ms
	send(5*time.Millisecond, 2)           // in flight at the pull
	loop.At(12*time.Millisecond, c.Pull)  //
	send(13*time.Millisecond, 3)          // sent into a pulled cable
	loop.At(14*time.Millisecond, c.Plug)  //
	send(14*time.Millisecond, 4)          // the first to pass again
	loop.At(30*time.Millisecond, func() { // pulled and mended at one instant
		require.NoError(t, end.Send(frame(5, 60))) // before it: lost
		c.Pull()
		c.Plug()
		require.NoError(t, end.Send(frame(6, 60))) // after it: passes
	})
	require.NoError(t, loop.Run(time.Second))
	require.Equal(t, []string{"10ms 1", "24ms 4", "40ms 6"}, b.got)
	require.Empty(t, b.link, "nobody is told of a pulled cable")
	require.Equal(t, Stats{Sent: 6, Lost: 3}, end.Stats())
	require.Equal(t, Stats{Received: 3}, c.Ends()[1].Stats())
}

func TestFramesThatWaitSurviveAPullThatIsOverInTime(t *testing.T) {
	// Each frame takes 576 ms; the second has not begun when the cable is
	// pulled and mended.
	loop, c, end, _, b := pair(t, CableConfig{Bandwidth: 1000})
	require.NoError(t, end.Send(frame(1, 60)))
	require.NoError(t, end.Send(frame(2, 60)))
	loop.At(100*time.Millisecond, c.Pull)
	loop.At(200*time.Millisecond, c.Plug)
	require.NoError(t, loop.Run(time.Hour))
	require.Equal(t, []string{"1.248s 2"}, b.got)
}

func TestLinkDownTellsItsOwnEndAlone(t *testing.T) {
	loop, c, end, a, b := pair(t, CableConfig{Delay: time.Millisecond})
	end.LinkDown()
	end.LinkDown()
	require.False(t, end.Up())
	require.NoError(t, end.Send(frame(1, 60)))
	require.NoError(t, c.Ends()[1].Send(frame(2, 60)))
	require.Empty(t, a.link, "told as an event, not within the call")
	require.NoError(t, loop.Run(time.Second))
	require.Equal(t, []bool{false}, a.link)
	end.LinkUp()
	require.NoError(t, end.Send(frame(3, 60)))
	require.NoError(t, loop.Run(time.Second))
	require.Equal(t, []bool{false, true}, a.link)
	require.Empty(t, b.link)
	require.Empty(t, a.got)
	require.Equal(t, []string{"1.001s 3"}, b.got)
	require.Equal(t, "cable eth0: left - right, delay 1ms", c.String())
}

func TestAttachErrors(t *testing.T) {
	loop, c, _, a, _ := pair(t, CableConfig{})
	_, err := c.Attach("third", &sink{loop: loop})
	var ae *AttachError
	require.ErrorAs(t, err, &ae)
	require.Equal(t, `wire: attaching "third" to cable "eth0", which joins "left" and "right": a cable has two ends; a third host needs a Switch`, err.Error())

	c, err = NewCable(loop, CableConfig{Name: "eth1"})
	require.NoError(t, err)
	_, err = c.Attach("left", a)
	require.NoError(t, err)
	_, err = c.Attach("other", a)
	require.EqualError(t, err, `wire: attaching "other" to cable "eth1", whose other end is "left": both ends are in the same port`)
	_, err = c.Attach("left", &sink{})
	require.ErrorContains(t, err, "the same name")
	_, err = c.Attach("nil", nil)
	require.ErrorContains(t, err, "the port is nil")
	require.NoError(t, c.SetFaults(Fault{Action: Drop, From: "rihgt"}))
	_, err = c.Attach("right", &sink{})
	require.ErrorContains(t, err, `has no end "rihgt"`)
	require.Len(t, c.Ends(), 1)

	l := newLab(t, 1, 2, nil)
	require.ErrorContains(t, l.hosts[0].Connect(c), `the host's only socket holds cable "cable"`)
}

func TestCableConfigErrorsNameTheFieldAndComeAllAtOnce(t *testing.T) {
	_, err := NewCable(vtime.New(1), CableConfig{Name: "x", Delay: -1, Bandwidth: -2, Faults: []Fault{{PPM: 2_000_000}}})
	for _, part := range []string{"Delay is -1ns", "Bandwidth is -2 bit/s", `cable "x": fault 1: a probability of 2000000 ppm`} {
		require.ErrorContains(t, err, part)
	}
	_, err = NewCable(vtime.New(1), CableConfig{})
	require.ErrorContains(t, err, "Name must not be empty")
}

func TestSendRefusesWhatIsNoFrame(t *testing.T) {
	_, _, end, _, _ := pair(t, CableConfig{})
	require.EqualError(t, end.Send(make(Frame, 13)), `wire: cable "eth0": "left" sent a frame of 13 bytes; 14 to 1514 were expected`)
	var fe *FrameError
	require.ErrorAs(t, end.Send(make(Frame, 1515)), &fe)
	require.Zero(t, end.Stats().Sent)
}

func TestCableWithOneEndLosesFrames(t *testing.T) {
	loop := vtime.New(1)
	c, err := NewCable(loop, CableConfig{Name: "x"})
	require.NoError(t, err)
	end, err := c.Attach("a", &sink{loop: loop})
	require.NoError(t, err)
	require.NoError(t, end.Send(frame(1, 60)))
	require.NoError(t, loop.Run(time.Second))
	require.Equal(t, Stats{Sent: 1, Lost: 1}, end.Stats())
}

// TestHidePayload has two worlds carry different data with equal headers.
func TestHidePayload(t *testing.T) {
	world := func(hide bool, payload byte) string {
		l := newLab(t, 1, 2, func(i int, c *CableConfig, h *HostConfig) { c.HidePayload = hide })
		l.echo(0)
		l.run(1, func(p *vtime.Proc) {
			c, err := l.hosts[1].Dial(p, addrOf(0), echoPort, time.Second)
			require.NoError(t, err)
			_, err = c.Write(p, []byte(strings.Repeat(string(rune(payload)), 100)), 0)
			require.NoError(t, err)
			_, err = c.Read(p, make([]byte, 100), time.Second)
			require.NoError(t, err)
		})
		return l.loop.Fingerprint()
	}
	require.NotEqual(t, world(false, 'x'), world(false, 'y'))
	require.Equal(t, world(true, 'x'), world(true, 'y'))
}
