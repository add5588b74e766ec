package live_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// Bytes pass unchanged in both directions, and FIN follows the last of them.
func TestBytesAndFIN(t *testing.T) {
	s := start(t, with(echo))
	c := dial(t, s)
	sent := make([]byte, 300_000)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	go func() {
		_, _ = c.Write(sent) // what is wrong with it the reader sees
		_ = c.CloseWrite()
	}()
	back, err := io.ReadAll(c)
	require.NoError(t, err)
	require.True(t, bytes.Equal(sent, back))
	eventually(t, "both sides have ended it", func() bool { return len(stats(t, s).Connections) == 0 })
	for _, p := range stats(t, s).PCBs {
		require.Contains(t, []string{"LISTEN", "LAST_ACK"}, p.State, "the device closed second")
	}
}

// The device closes first: the client reads the end, and may still send.
func TestFINFromDevice(t *testing.T) {
	var rest atomic.Value
	s := start(t, with(program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
		_ = n.Shutdown(a.Task, fd, lwipmodel.ShutWR)
		buf := make([]byte, 100)
		k, _ := n.Recv(a.Task, fd, buf, 0)
		rest.Store(string(buf[:max(k, 0)]))
		_ = n.Close(a.Task, fd)
	})))
	c := dial(t, s)
	_, err := c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	_, err = io.WriteString(c, "more")
	require.NoError(t, err)
	eventually(t, "the device has read", func() bool { return rest.Load() == "more" })
	require.NoError(t, c.Close())
	eventually(t, "the connection has ended", func() bool { return len(stats(t, s).Connections) == 0 })
}

func TestRSTFromClient(t *testing.T) {
	var got atomic.Value
	s := start(t, with(program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
		buf := make([]byte, 100)
		for {
			if k, err := n.Recv(a.Task, fd, buf, 0); k <= 0 || err != nil {
				got.Store([]any{err})
				break
			}
		}
		_ = n.Close(a.Task, fd)
	})))
	c := dial(t, s)
	_, err := io.WriteString(c, "x")
	require.NoError(t, err)
	eventually(t, "the device has the byte", func() bool {
		st := stats(t, s)
		return len(st.Connections) == 1 && st.Connections[0].ToDevice == 1
	})
	require.NoError(t, c.SetLinger(0))
	require.NoError(t, c.Close())
	eventually(t, "the device's recv has ended", func() bool { return got.Load() != nil })
	require.Equal(t, []any{lwipmodel.ECONNRESET}, got.Load())
}

// A client that has closed answers what still comes with RST, which has to reach
// the device although the gateway has read the end before.
func TestRSTAfterFIN(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	s := start(t, with(program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
		buf := make([]byte, 100)
		for {
			if k, err := n.Recv(a.Task, fd, buf, 0); k <= 0 || err != nil {
				break
			}
		}
		_, _ = n.Send(a.Task, fd, []byte("is anybody there?"), 0)
		var err error
		for err == nil {
			a.Task.Delay(5)
			_, err = n.Send(a.Task, fd, []byte("?"), 0)
		}
		got.Store([]any{err})
		_ = n.Close(a.Task, fd)
	})))
	c := dial(t, s)
	_, err := io.WriteString(c, "x")
	require.NoError(t, err)
	require.NoError(t, c.Close())
	eventually(t, "the device has seen the end", func() bool { return got.Load() != nil })
	require.Equal(t, []any{lwipmodel.ECONNRESET}, got.Load())
	eventually(t, "the connection has ended", func() bool { return len(stats(t, s).Connections) == 0 })
}

// requireReset fails unless the client's connection is reset.
func requireReset(t testing.TB, c net.Conn) {
	t.Helper()
	_, err := io.ReadAll(c)
	requireResetError(t, err)
}

// requireDialReset connects and fails unless the connection is reset. Where the
// system is slow that is before connect has returned.
func requireDialReset(t testing.TB, s *live.Server) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err == nil {
		defer c.Close()
		_, err = io.ReadAll(c)
	}
	requireResetError(t, err)
}

func requireResetError(t testing.TB, err error) {
	t.Helper()
	require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE), "a reset was expected, found %v", err)
}

// lwIP closes with RST if the application has not read everything.
func TestRSTFromDevice(t *testing.T) {
	s := start(t, with(program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
		_, _ = n.Recv(a.Task, fd, make([]byte, 1), 0)
		_ = n.Close(a.Task, fd)
	})))
	c := dial(t, s)
	_, err := io.WriteString(c, "too much")
	require.NoError(t, err)
	requireReset(t, c)
}

func TestRefused(t *testing.T) {
	s := start(t, func(c *live.Config) { c.Device.Firmware = echo; c.Port = 81 })
	requireDialReset(t, s)
}

// A device that starts again knows nothing of its connections.
func TestReboot(t *testing.T) {
	t.Parallel()
	s := start(t, with(echo))
	c := dial(t, s)
	say(t, c, "before")
	require.NoError(t, s.Reboot())
	st := stats(t, s)
	require.Equal(t, 2, st.Boots)
	eventually(t, "the firmware is up again", func() bool { return stats(t, s).Ready })
	_, err := io.WriteString(c, "after")
	require.NoError(t, err)
	requireReset(t, c)
	say(t, dial(t, s), "a new one")
}

// The gateway's TCP gives up on a device that does not answer.
func TestPulledForLong(t *testing.T) {
	t.Parallel()
	s := start(t, with(echo))
	c := dial(t, s)
	say(t, c, "before")
	require.NoError(t, s.Pull())
	_, err := io.WriteString(c, "lost")
	require.NoError(t, err)
	eventually(t, "it is on its way", func() bool { return stats(t, s).Connections[0].ToDevice == uint64(len("before"+"lost")) })
	require.NoError(t, s.SetSpeed(1000))
	requireReset(t, c)
	require.NoError(t, s.SetSpeed(1))
}

// After Kill the device hears nothing: its PCB stays, without a timer.
func TestKill(t *testing.T) {
	s := start(t, with(echo))
	c := dial(t, s)
	say(t, c, "before")
	_, err := s.Kill(7)
	require.EqualError(t, err, "live: there is no connection 7")
	n, err := s.Kill(1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	requireReset(t, c)
	st := stats(t, s)
	require.Empty(t, st.Connections)
	require.Equal(t, "ESTABLISHED", st.PCBs[1].State)
	require.Negative(t, st.PCBs[1].Goes)
}

// source sends for ever.
var source = program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
	data := make([]byte, 1000)
	for {
		if _, err := n.Send(a.Task, fd, data, 0); err != nil {
			break
		}
	}
	_ = n.Close(a.Task, fd)
})

// A client that does not read closes the simulated window; the buffers on the way
// are finite, and nobody else waits.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *live.Config) { c.Device.Firmware = source; c.Speed = 50 })
	c := dial(t, s)
	require.NoError(t, c.SetReadBuffer(8<<10))
	stalled := func() bool {
		st := stats(t, s)
		if len(st.Connections) == 0 || len(st.PCBs) < 2 {
			return false
		}
		before := st.Connections[0].FromDevice
		time.Sleep(50 * time.Millisecond)
		st = stats(t, s)
		return before > 0 && before == st.Connections[0].FromDevice && st.PCBs[1].SendQueue > 0
	}
	eventually(t, "the device waits", stalled)
	waiting := stats(t, s).Connections[0].FromDevice
	require.Less(t, waiting, uint64(16<<20))
	_, err := io.CopyN(io.Discard, c, int64(waiting)+16<<10)
	require.NoError(t, err, "it goes on when the client reads")
}

// A device that does not read closes the window to the client.
func TestSlowDevice(t *testing.T) {
	t.Parallel()
	s := start(t, with(program(func(a *sim.App, n *lwipmodel.Stack, fd int) { a.Suspend() })))
	c := dial(t, s)
	require.NoError(t, c.SetWriteBuffer(8<<10))
	require.NoError(t, c.SetWriteDeadline(time.Now().Add(500*time.Millisecond)))
	n, err := c.Write(make([]byte, 64<<20))
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
	require.Less(t, n, 32<<20)
	eventually(t, "all connections are shown", func() bool { return len(stats(t, s).Connections) == 1 })
	require.Less(t, stats(t, s).Connections[0].ToDevice, uint64(100_000), "lwIP's window and the gateway's buffer")
}

func TestMaxConnections(t *testing.T) {
	s := start(t, func(c *live.Config) { c.Device.Firmware = echo; c.MaxConnections = 2 })
	first := dial(t, s)
	say(t, first, "first")
	second := dial(t, s) // the device has one task, so it waits there
	eventually(t, "it is carried", func() bool { return len(stats(t, s).Connections) == 2 })
	requireDialReset(t, s)
	require.Equal(t, 1, stats(t, s).Refused)
	require.NoError(t, first.Close())
	say(t, second, "second")
	eventually(t, "the first has ended", func() bool { return len(stats(t, s).Connections) == 1 })
	dial(t, s)
	eventually(t, "there is room again", func() bool { return len(stats(t, s).Connections) == 2 })
}

// Peers that connect and leave at once, or send nonsense, take nothing with them.
func TestHostileClients(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for i := range 40 {
		c, err := net.DialTCP("tcp", nil, s.Addr())
		if err != nil {
			requireResetError(t, err)
			continue
		}
		if i%2 == 0 {
			_, _ = c.Write(bytes.Repeat([]byte{byte(i), 0xff, 'H'}, 100*i))
		}
		if i%3 == 0 {
			_ = c.SetLinger(0)
		}
		c.Close()
	}
	eventually(t, "all have ended", func() bool { st := stats(t, s); return len(st.Connections) == 0 && st.Accepted == 40 })
	require.NoError(t, s.SetSpeed(1000))
	eventually(t, "all memory is back", func() bool { return returned(stats(t, s)) })
}

// Close ends everything, whatever goes on.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := live.Start(live.Config{Listen: "127.0.0.1:0", Device: sim.DeviceConfig{Firmware: source}})
	require.NoError(t, err)
	_, err = s.ServeControl("127.0.0.1:0")
	require.NoError(t, err)
	var clients []*net.TCPConn
	for range 5 {
		clients = append(clients, dial(t, s))
	}
	eventually(t, "one is in full flow", func() bool {
		st := stats(t, s)
		return len(st.Connections) == 5 && st.Connections[0].FromDevice > 0
	})
	require.NoError(t, clients[1].CloseWrite())
	require.NoError(t, s.Pull())
	clients = append(clients, dial(t, s)) // its handshake will not end
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	for _, c := range clients[1:] {
		requireReset(t, c)
	}
	eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
	_, err = s.Stats()
	require.ErrorIs(t, err, live.ErrClosed)
	require.ErrorIs(t, s.Pull(), live.ErrClosed)
	_, err = net.Dial("tcp", s.Addr().String())
	require.Error(t, err)
}

// What cannot be in a world ends the server, which says why.
func TestWorldError(t *testing.T) {
	wrong := errors.New("this cannot be")
	s, err := live.Start(live.Config{Listen: "127.0.0.1:0", Device: sim.DeviceConfig{Firmware: program(func(a *sim.App, _ *lwipmodel.Stack, _ int) {
		a.Device().World().Loop().Fail(wrong)
		a.Suspend()
	})}})
	require.NoError(t, err)
	if c, err := net.Dial("tcp", s.Addr().String()); err == nil { // or it is reset at once
		defer c.Close()
	}
	select {
	case <-s.Done():
	case <-time.After(patience):
		require.Fail(t, "it goes on")
	}
	require.ErrorIs(t, s.Close(), wrong)
}

func TestStartErrors(t *testing.T) {
	for want, cfg := range map[string]live.Config{
		"speed -1: 1 to":              {Listen: "127.0.0.1:0", Speed: -1},
		"at most -1 connections":      {Listen: "127.0.0.1:0", MaxConnections: -1},
		"missing port":                {Listen: "127.0.0.1"},
		"the linker places at most":   {Listen: "127.0.0.1:0", Device: sim.DeviceConfig{Static: 1 << 20}},
		"stopped before its firmware": {Listen: "127.0.0.1:0", Device: sim.DeviceConfig{Firmware: dead{}}},
	} {
		_, err := live.Start(cfg)
		require.ErrorContains(t, err, want)
	}
	s := start(t, with(echo))
	_, err := live.Start(live.Config{Listen: s.Addr().String()})
	require.Error(t, err, "the port is taken")
}

// dead is firmware that does not live.
type dead struct{}

func (dead) Main(a *sim.App) { a.Abort("no") }
