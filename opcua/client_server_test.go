package opcua

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// clientServer is the server of this package, reached through memory: one turn
// every 100 ms, as opcua_task has it.
type clientServer struct {
	loop    *vtime.Loop
	server  *Server
	memory  mem.Recorder
	pipes   [FDSetSize]*clientPipe
	backlog []*clientPipe
	silent  bool // the task does not run
	task    *vtime.Proc
	// crashed is what ended the server, if it may end.
	crashed  error
	mayCrash bool
}

const clientListener = 54 // first descriptor of ESP-IDF's lwIP

func newClientServer(t testing.TB, l *vtime.Loop, options ...func(*ServerConfig)) *clientServer {
	t.Helper()
	s := &clientServer{loop: l}
	cfg := DefaultServerConfig()
	cfg.Memory, cfg.Sockets, cfg.Clock = &s.memory, s, s
	value := float32(0)
	cfg.Variables = []Variable{
		{NodeID: "ns=1;s=temperature", BrowseName: "1:Temperature", DisplayName: "Temperature", Initial: value,
			Read: func() any { value += 0.5; return value }},
		{NodeID: "ns=1;s=relay", BrowseName: "1:Relay", DisplayName: "Relay", Initial: false, Writable: true},
	}
	for _, o := range options {
		o(&cfg)
	}
	var err error
	s.server, err = NewServer(cfg)
	require.NoError(t, err)
	s.task = l.Go("opcua_task", func(p *vtime.Proc) {
		for {
			if !s.silent {
				err := s.server.RunIterate()
				if s.crashed = err; err != nil && s.mayCrash {
					return
				}
				if err != nil {
					panic(err)
				}
			}
			p.Sleep(100 * time.Millisecond)
		}
	})
	return s
}

func (s *clientServer) Monotonic() int64 { return int64(s.loop.Now()/(10*time.Millisecond)) * 100_000 }
func (s *clientServer) Now() int64       { return 133_444_736_000_000_000 + s.Monotonic() }

func (s *clientServer) Dial(p *vtime.Proc, _ string, _ time.Duration) (ClientConn, error) {
	p.Sleep(time.Millisecond)
	a, b := newClientPipe(s.loop, 500*time.Microsecond, 5744)
	s.backlog = append(s.backlog, b)
	return a, nil
}

func (s *clientServer) Listen(uint16, int) (int, error) { return clientListener, nil }

func (s *clientServer) Select(read, except *FDSet) (int, error) {
	var ready FDSet
	if read.Has(clientListener) && len(s.backlog) > 0 {
		ready.Set(clientListener)
	}
	for fd, c := range s.pipes {
		if c != nil && read.Has(fd) && (len(c.in) > 0 || c.ended != nil || c.dead) {
			ready.Set(fd)
		}
	}
	*read, *except = ready, 0
	return ready.Len(), nil
}

func (s *clientServer) Accept(int) (int, string, error) {
	for fd := clientListener + 1; fd < FDSetSize; fd++ {
		if s.pipes[fd] == nil {
			s.pipes[fd], s.backlog = s.backlog[0], s.backlog[1:]
			return fd, fmt.Sprintf("peer %d", fd), nil
		}
	}
	return 0, "", ENFILE
}

func (s *clientServer) Recv(fd int, b []byte) (int, error) {
	switch c := s.pipes[fd]; {
	case c.dead:
		return 0, nil // shut down by the server itself
	case len(c.in) > 0:
		n := copy(b, c.in)
		c.in = c.in[n:]
		c.room += n
		if c.blocked != nil {
			c.blocked.Wake()
		}
		return n, nil
	case errors.Is(c.ended, io.EOF):
		return 0, nil
	case c.ended != nil:
		return 0, ECONNRESET
	}
	return 0, EAGAIN
}

func (s *clientServer) Send(fd int, b []byte) (int, error) {
	c := s.pipes[fd]
	if c.dead || c.ended != nil && !errors.Is(c.ended, io.EOF) {
		return 0, EPIPE
	}
	n := min(len(b), c.peer.room)
	if n == 0 {
		return 0, EAGAIN
	}
	part := append([]byte(nil), b[:n]...)
	c.peer.room -= n
	c.toPeer(func(d *clientPipe) { d.in = append(d.in, part...) })
	return n, nil
}

// Spin lets time pass while the server repeats a call of send.
func (s *clientServer) Spin(int) { s.task.Sleep(time.Millisecond) }

func (s *clientServer) Shutdown(fd int) error { s.pipes[fd].Close(); return nil }

func (s *clientServer) Close(fd int) error {
	s.pipes[fd].Close()
	s.pipes[fd] = nil
	return nil
}

// Each preset lives a whole life with the real server, which has all its memory
// back afterwards, to the byte.
func TestClientWithServer(t *testing.T) {
	t.Parallel()
	for name, cfg := range clientPresets() {
		t.Run(name, func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s := newClientServer(t, l)
			bytes, blocks := s.memory.LiveBytes(), s.memory.LiveBlocks()
			cfg.Address = "10.0.0.1:4840"
			cfg.Subscription.Items = []string{"ns=1;s=temperature", "i=2258"}
			r, err := Populate(l, []ClientTransport{s}, Population{N: 1, Life: ClientLife{Config: cfg, Stay: 8 * time.Minute}})
			require.NoError(t, err)
			require.NoError(t, l.Run(10*time.Second))
			require.Equal(t, Counts{1, 1, 1, 1}, s.server.Counts())
			require.NoError(t, l.Run(9*time.Minute))
			require.NoError(t, r[0].Err)
			require.True(t, r[0].OK())
			require.Equal(t, StageSubscribed, r[0].Reached)
			require.LessOrEqual(t, r[0].ChannelLifetime, 10*time.Minute)
			require.Greater(t, r[0].Stats.Notifications, uint64(900))
			require.GreaterOrEqual(t, r[0].Stats.Values, r[0].Stats.Notifications)
			require.Equal(t, uint64(1), r[0].Stats.Renewals)
			require.Zero(t, r[0].Stats.Losses)
			require.Equal(t, Counts{}, s.server.Counts())
			require.Equal(t, bytes, s.memory.LiveBytes())
			require.Equal(t, blocks, s.memory.LiveBlocks())
		})
	}
}

// What a session costs follows from the client's strings.
func TestClientWithServerSessionCost(t *testing.T) {
	for name, cfg := range clientPresets() {
		l := vtime.New(1)
		s := newClientServer(t, l)
		before := s.memory.LiveBytes()
		cfg.Address = "10.0.0.1:4840"
		l.Go("client", func(p *vtime.Proc) {
			_, err := Dial(p, s, cfg)
			require.NoError(t, err)
		})
		require.NoError(t, l.Run(10*time.Second))
		kept := 64 + 272 + 280 + 32 // connection, channel, session, nonce
		kept += len(cfg.ApplicationURI) + len(cfg.ProductURI) + len(cfg.ApplicationName) + len(cfg.SessionName)
		require.Equal(t, kept, int(s.memory.LiveBytes()-before), name)
		l.Close()
	}
}

// What stays of a lost client, and for how long.
func TestClientWithServerLosses(t *testing.T) {
	for how, want := range map[Leaving][3]Counts{ // 2 s, 12 s and 11 min after
		LeaveFIN:    {{0, 1, 1, 1}, {0, 0, 1, 1}, {}},
		LeaveRST:    {{0, 1, 1, 1}, {0, 0, 1, 1}, {}},
		LeaveVanish: {{1, 1, 1, 1}, {1, 1, 1, 1}, {}},
	} {
		t.Run(how.String(), func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s := newClientServer(t, l)
			bytes := s.memory.LiveBytes()
			cfg := clientSubscribed("ns=1;s=relay")
			cfg.SessionTimeout = 5 * time.Minute
			_, err := Populate(l, []ClientTransport{s}, Population{N: 1, Life: ClientLife{Config: cfg, Stay: 2 * time.Second, Leave: how}})
			require.NoError(t, err)
			require.NoError(t, l.Run(5*time.Second))
			require.Equal(t, want[0], s.server.Counts())
			require.NoError(t, l.Run(10*time.Second))
			require.Equal(t, want[1], s.server.Counts())
			require.NoError(t, l.Run(11*time.Minute))
			require.Equal(t, want[2], s.server.Counts())
			require.Equal(t, bytes, s.memory.LiveBytes())
		})
	}
}

// UaExpert for four hours: one session, however often the channel is renewed.
func TestClientWithServerLong(t *testing.T) {
	l := vtime.New(1)
	defer l.Close()
	s := newClientServer(t, l)
	cfg := UaExpert()
	cfg.Address = "10.0.0.1:4840"
	cfg.KeepAlive.Interval = time.Minute
	r, err := Populate(l, []ClientTransport{s}, Population{N: 1, Life: ClientLife{Config: cfg, Stay: 4 * time.Hour}})
	require.NoError(t, err)
	require.NoError(t, l.Run(5*time.Hour))
	require.NoError(t, r[0].Err)
	require.Equal(t, uint64(1), r[0].Stats.Sessions)
	require.Equal(t, uint64(31), r[0].Stats.Renewals, "every 7.5 min, and the time they take")
	require.Equal(t, Counts{}, s.server.Counts())
}

// The server's limits and errors, in the client's words.
func TestClientWithServerErrors(t *testing.T) {
	l := vtime.New(1)
	defer l.Close()
	s := newClientServer(t, l)
	limits := s.server.Limits()
	limits.MaxSessions = 1
	s.server.SetLimits(limits)
	done := false
	l.Go("clients", func(p *vtime.Proc) {
		one, err := Dial(p, s, clientTestConfig())
		require.NoError(t, err)
		_, err = Dial(p, s, clientTestConfig())
		require.ErrorContains(t, err, "CreateSession: BadTooManySessions at ")
		require.ErrorIs(t, err, ua.StatusBadTooManySessions)

		_, err = one.Read("i=2258", "ns=1;s=nothing")
		require.NoError(t, err)
		_, err = one.Browse("ns=1;s=nothing", 0)
		require.ErrorContains(t, err, "Browse: BadNodeIdUnknown (ns=1;s=nothing) at ")
		refs, err := one.Browse("i=85", 1)
		require.NoError(t, err)
		require.Len(t, refs, 3, "Server and two variables")
		require.NoError(t, one.Close())

		cfg := clientTestConfig()
		cfg.User, cfg.Password = "user1", "wrong"
		p.Sleep(time.Second)
		_, err = Dial(p, s, cfg)
		require.ErrorIs(t, err, ua.StatusBadUserAccessDenied)
		p.Sleep(25 * time.Minute)
		cfg.Password = "password"
		two, err := Dial(p, s, cfg)
		require.NoError(t, err)
		require.NoError(t, two.Close())

		s.silent = true
		_, err = Dial(p, s, clientTestConfig())
		require.ErrorContains(t, err, "HEL: no answer within 5s at ")
		done = true
	})
	require.NoError(t, l.Run(time.Hour))
	require.True(t, done)
}
