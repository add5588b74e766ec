package live_test

import (
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/lwipmodel"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// patience is how long a test waits for something on a slow machine.
const patience = 60 * time.Second

// eventually waits until what a test looks at is as it should be.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for began := time.Now(); !f(); time.Sleep(2 * time.Millisecond) {
		require.Less(t, time.Since(began), patience, what)
	}
}

func stats(t testing.TB, s *live.Server) live.Stats {
	t.Helper()
	st, err := s.Stats()
	require.NoError(t, err)
	return st
}

// program is firmware that serves one connection after another on port 4840.
type program func(a *sim.App, n *lwipmodel.Stack, fd int)

func (f program) Main(a *sim.App) {
	a.StartNetwork(func(e *sim.App) {
		_, err := e.CreateTask("server", 4096, 5, 0, func(a *sim.App) {
			n := a.Device().Net()
			listener, err := n.Socket(a.Task, lwipmodel.SockStream)
			if err == nil {
				err = n.Bind(a.Task, listener, netip.AddrPortFrom(netip.IPv4Unspecified(), 4840))
			}
			if err == nil {
				err = n.Listen(a.Task, listener, 4)
			}
			if err != nil {
				a.Abort(err.Error())
			}
			a.Ready()
			for {
				fd, err := n.Accept(a.Task, listener)
				if err != nil {
					a.Abort(err.Error())
				}
				f(a, n, fd)
			}
		})
		if err != nil {
			e.Abort(err.Error())
		}
	})
}

// echo sends back what it gets, and closes after FIN.
var echo = program(func(a *sim.App, n *lwipmodel.Stack, fd int) {
	buf := make([]byte, 4096)
	for {
		k, err := n.Recv(a.Task, fd, buf, 0)
		if k <= 0 || err != nil {
			break
		}
		if _, err := n.Send(a.Task, fd, buf[:k], 0); err != nil {
			break
		}
	}
	_ = n.Close(a.Task, fd)
})

// dial connects to the device's port as any program would.
func dial(t testing.TB, s *live.Server) *net.TCPConn {
	c, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// say sends a text over an echoing connection and expects it back.
func say(t testing.TB, c net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
	back := make([]byte, len(text))
	_, err = io.ReadFull(c, back)
	require.NoError(t, err)
	require.Equal(t, text, string(back))
}

// with makes a device of a program.
func with(f sim.Firmware) func(*live.Config) {
	return func(c *live.Config) { c.Device.Firmware = f }
}

// held sums what is held of objects whose name begins with prefix.
func held(st live.Stats, prefix string) (bytes int) {
	for _, h := range st.Held {
		if strings.HasPrefix(h.Object, prefix) {
			bytes += h.Bytes
		}
	}
	return bytes
}

// returned reports whether all memory is back: the same blocks, of which lwIP's
// timer may have taken a place a little larger.
func returned(st live.Stats) bool {
	bytes, blocks := 0, 0
	for _, h := range st.Held {
		bytes += h.Bytes
		blocks += h.Blocks
	}
	return blocks == 0 && bytes >= 0 && bytes <= 16
}
