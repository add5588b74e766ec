package opcua

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

func clientPresets() map[string]ClientConfig {
	return map[string]ClientConfig{"UaExpert": UaExpert(), "Gopcua": Gopcua(), "NodeOPCUA": NodeOPCUA(), "Open62541": Open62541()}
}

// Each preset lives a whole life with a subscription.
func TestClientPresets(t *testing.T) {
	t.Parallel()
	want := map[string]struct {
		log     []string // after HEL
		publish int
		strings int // bytes of application URI, product URI, name and session name: what the server keeps
	}{
		"UaExpert":  {[]string{"OpenSecureChannel", "CreateSession", "ActivateSession", "Read", "CreateSubscription", "CreateMonitoredItems"}, 5, 143},
		"Gopcua":    {[]string{"OpenSecureChannel", "CreateSession", "ActivateSession", "Read", "CreateSubscription", "CreateMonitoredItems"}, 1, 89},
		"NodeOPCUA": {[]string{"OpenSecureChannel", "GetEndpoints", "CreateSession", "ActivateSession", "CreateSubscription", "CreateMonitoredItems"}, 5, 74},
		"Open62541": {[]string{"OpenSecureChannel", "FindServers", "GetEndpoints", "CreateSession", "ActivateSession", "CreateSubscription", "CreateMonitoredItems"}, 10, 28},
	}
	for name, cfg := range clientPresets() {
		t.Run(name, func(t *testing.T) {
			cfg.Address = "10.0.0.1:4840"
			cfg.Subscription.Items = []string{"ns=1;s=temperature"}
			require.Equal(t, want[name].strings, len(cfg.ApplicationURI)+len(cfg.ProductURI)+len(cfg.ApplicationName)+len(cfg.SessionName))
			var r ClientReport
			outstanding := 0
			s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
				s.loop.After(50*time.Millisecond, func() { outstanding = len(s.conns[0].publishes) })
				r = RunClient(p, s, ClientLife{Config: cfg, Stay: 8 * time.Minute})
			})
			require.NoError(t, r.Err)
			require.True(t, r.OK())
			require.Equal(t, StageSubscribed, r.Reached)
			require.Equal(t, want[name].publish, outstanding)
			require.InDelta(t, 8*time.Minute/cfg.Subscription.PublishingInterval, r.Stats.Notifications, 3)
			require.NotZero(t, r.Stats.Renewals)
			var log []string
			for _, line := range s.log[1 : 1+len(want[name].log)] {
				log = append(log, strings.Fields(line)[1])
			}
			require.Equal(t, want[name].log, log)
			require.Contains(t, s.log[len(s.log)-1], "CloseSecureChannel")
			require.Empty(t, s.sessions)
		})
	}
}

func TestClientLeaving(t *testing.T) {
	for how, last := range map[Leaving]string{
		LeaveClose:  "10.0065s CloseSecureChannel 6",
		LeaveFIN:    "10.0055s end: EOF",
		LeaveRST:    "10.0055s end: connection reset by peer",
		LeaveVanish: "5ms CreateMonitoredItems 5",
	} {
		t.Run(how.String(), func(t *testing.T) {
			back, err := ParseLeaving(how.String())
			require.NoError(t, err)
			require.Equal(t, how, back)
			cfg := clientSubscribed("i=2258")
			cfg.Subscription.Publish = -1
			s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
				r := RunClient(p, s, ClientLife{Config: cfg, Stay: 10 * time.Second, Leave: how})
				require.NoError(t, r.Err)
				require.Contains(t, r.String(), "left ("+how.String()+") at 10.0")
			})
			require.Contains(t, s.log[len(s.log)-1], strings.Fields(last)[1])
		})
	}
	_, err := ParseLeaving("explode")
	require.Error(t, err)
}

// A life may stop at any stage, and its good-bye is that of the stage.
func TestClientStopsAfter(t *testing.T) {
	for stage, last := range map[ClientStage]string{
		StageConnected: "end: EOF",
		StageHello:     "end: EOF",
		StageChannel:   "CloseSecureChannel 2",
		StageCreated:   "CloseSecureChannel 4",
		StageActive:    "CloseSecureChannel 5",
	} {
		t.Run(stage.String(), func(t *testing.T) {
			cfg := clientTestConfig()
			cfg.StopAfter = stage
			s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
				r := RunClient(p, s, ClientLife{Config: cfg, Stay: 10 * time.Second})
				require.NoError(t, r.Err)
				require.Equal(t, stage, r.Reached)
			})
			require.Contains(t, s.log[len(s.log)-1], last)
		})
	}
}

func TestClientUnfinishedChunk(t *testing.T) {
	cfg := clientTestConfig()
	cfg.StopAfter = StageChannel
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		r := RunClient(p, s, ClientLife{Config: cfg, Stay: time.Second, UnfinishedChunk: 16000, Leave: LeaveVanish})
		require.NoError(t, r.Err)
		require.Equal(t, uint64(55+132+16000), r.Stats.BytesSent, "HEL, OPN and the chunk")
		require.Equal(t, 55+132+16000, s.conns[0].conn.(*clientPipe).delivered)
		r = RunClient(p, s, ClientLife{Config: cfg, UnfinishedChunk: 16384})
		require.ErrorContains(t, r.Err, "a chunk has 16384 at most")
	})
}

// A deaf client lets the server's answers fill the buffers of TCP.
func TestClientDeaf(t *testing.T) {
	t.Parallel()
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		cfg := clientSubscribed("i=2258")
		cfg.Subscription.Publish = 1000
		cfg.Subscription.PublishingInterval = 10 * time.Millisecond
		r := RunClient(p, s, ClientLife{Config: cfg, Stay: 5 * time.Second, Deaf: true, Leave: LeaveVanish})
		require.NoError(t, r.Err)
		require.Less(t, r.Stats.Notifications, uint64(20))
		require.Less(t, len(s.conns[0].publishes), 600, "the server answered all the same")
	})
}

// What each preset does when the server closes the connection, comes back after
// a minute, and still knows the session or not.
func TestClientReconnects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		forget bool // the server has lost its sessions
		log    []string
	}{
		{"UaExpert", false, []string{"OpenSecureChannel", "ActivateSession", "Read", "Republish"}},
		{"UaExpert", true, []string{"OpenSecureChannel", "ActivateSession", "CreateSession", "ActivateSession", "Read", "TransferSubscriptions", "CreateSubscription", "CreateMonitoredItems"}},
		{"Gopcua", false, []string{"OpenSecureChannel", "ActivateSession", "Read"}},
		{"Gopcua", true, []string{"OpenSecureChannel", "ActivateSession", "CreateSession", "ActivateSession", "Read", "TransferSubscriptions", "CreateSubscription", "CreateMonitoredItems"}},
		{"NodeOPCUA", false, []string{"OpenSecureChannel", "ActivateSession", "Republish"}},
		{"NodeOPCUA", true, []string{"OpenSecureChannel", "ActivateSession", "CreateSession", "ActivateSession", "TransferSubscriptions", "CreateSubscription", "CreateMonitoredItems"}},
		{"Open62541", false, []string{"OpenSecureChannel", "ActivateSession", "CreateSubscription", "CreateMonitoredItems"}},
		{"Open62541", true, []string{"OpenSecureChannel", "ActivateSession", "CreateSession", "ActivateSession", "CreateSubscription", "CreateMonitoredItems"}},
	} {
		t.Run(fmt.Sprintf("%s forget=%v", test.name, test.forget), func(t *testing.T) {
			cfg := clientPresets()[test.name]
			cfg.Address = "10.0.0.1:4840"
			cfg.Subscription.Items = []string{"i=2258"}
			clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
				var lost, published int
				s.loop.After(time.Minute, func() {
					lost, published = len(s.log), s.published
					s.refuse = errors.New("connection refused")
					if test.forget {
						s.sessions = map[string]bool{}
					}
					s.conns[0].closed = true
					s.conns[0].conn.Close()
				})
				s.loop.After(2*time.Minute, func() { s.refuse = nil })
				r := RunClient(p, s, ClientLife{Config: cfg, Stay: 170 * time.Second, Leave: LeaveFIN})
				require.NoError(t, r.Err)
				require.Equal(t, uint64(1), r.Stats.Losses)
				require.NotZero(t, r.Stats.Attempts)
				require.Equal(t, uint64(2), r.Stats.Connects)
				sessions, back := uint64(1), uint64(1)
				if test.forget {
					sessions, back = 2, 0
				}
				require.Equal(t, sessions, r.Stats.Sessions)
				require.Equal(t, back, r.Stats.Reactivations)
				// gopcua does not resume the subscriptions of a session that is back.
				require.Equal(t, test.name == "Gopcua" && !test.forget, s.published == published)
				var log []string
				for _, line := range s.log[lost:] {
					if word := strings.Fields(line)[1]; word != "HEL" && word != "ack" && word != "end:" {
						log = append(log, word)
					}
				}
				require.Equal(t, test.log, log[:min(len(log), len(test.log))])
				if test.forget || test.name == "Open62541" {
					require.Greater(t, r.Stats.Notifications, uint64(90*time.Second/cfg.Subscription.PublishingInterval), "notifications flow again")
				}
			})
		})
	}
}

func TestClientReconnectBackoff(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		cfg := clientTestConfig()
		cfg.Reconnect = ReconnectPolicy{Attempts: 5, FirstDelay: time.Second, Delay: time.Second, MaxDelay: 4 * time.Second}
		c, err := Dial(p, s, cfg)
		require.NoError(t, err)
		s.conns[0].conn.Close()
		s.refuse = errors.New("connection refused")
		// Attempts at 1, 2, 4, 8 and 12 s after the loss.
		err = c.Stay(time.Minute)
		require.ErrorContains(t, err, "idle: connection closed by the server at 5.5ms; gave up after 5 attempts to reconnect: TCP connect 10.0.0.1:4840: no connection: connection refused at 12.0055s")
	})
}

// A server that has memory for a channel, but none for a session: gopcua tries
// again at once, others wait.
func TestClientReconnectWithoutSession(t *testing.T) {
	for name, want := range map[string]int{"UaExpert": 11, "Gopcua": 75, "NodeOPCUA": 21, "Open62541": 34} {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			s.latency = 100 * time.Millisecond // an attempt takes 0.8 s: TCP, HEL, OPN, CreateSession
			cfg := clientPresets()[name]
			cfg.Address = "10.0.0.1:4840"
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			s.sessions = map[string]bool{}
			s.hook = func(_ *clientPeerConn, req any) (any, bool) {
				return &ua.ServiceFault{ResponseHeader: &ua.ResponseHeader{ServiceResult: ua.StatusBadOutOfMemory, ServiceDiagnostics: &ua.DiagnosticInfo{}}}, clientSameType(req, &ua.CreateSessionRequest{})
			}
			s.conns[0].conn.Abort()
			require.NoError(t, c.Stay(time.Minute))
			require.Equal(t, want, int(c.Stats().Attempts), name)
			require.ErrorIs(t, c.Lost(), ua.StatusBadOutOfMemory, name)
		})
	}
}

// The same seed gives the same clients, another seed others; the shares come out.
func TestPopulation(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) ([]*ClientReport, string) {
		l := vtime.New(seed)
		defer l.Close()
		s := newClientPeer(l)
		life := ClientLife{Config: UaExpert(), Stay: 10 * time.Second}
		life.Config.Address = "10.0.0.1:4840"
		life.Config.Subscription.Items = []string{"i=2258"}
		reports, err := Populate(l, []ClientTransport{s, s}, Population{
			Name: "operators", Life: life, N: 40, Every: time.Minute, Jitter: 10 * time.Second,
			Leave: [4]uint32{LeaveClose: 1, LeaveVanish: 1, LeaveRST: 2},
			Vary: func(i int, life *ClientLife) {
				if i == 7 {
					life.Config.StopAfter = StageHello
				}
			},
		})
		require.NoError(t, err)
		require.NoError(t, l.Run(time.Hour))
		return reports, l.Fingerprint()
	}
	a, printA := run(1)
	b, printB := run(1)
	c, printC := run(2)
	require.Equal(t, a, b)
	require.Equal(t, printA, printB)
	require.NotEqual(t, printA, printC)
	require.NotEqual(t, a, c)
	var ways [LeaveVanish + 1]int
	for i, r := range a {
		require.True(t, r.OK(), "%v", r)
		require.Equal(t, fmt.Sprintf("operators %d", i+1), r.Name)
		require.GreaterOrEqual(t, r.Started, time.Duration(i)*time.Minute)
		require.LessOrEqual(t, r.Started, time.Duration(i)*time.Minute+10*time.Second)
		ways[r.Leave]++
	}
	require.Equal(t, StageHello, a[7].Reached)
	require.Zero(t, ways[LeaveFIN])
	require.InDelta(t, 20, ways[LeaveRST], 10)
	require.NotZero(t, ways[LeaveClose])
	require.NotZero(t, ways[LeaveVanish])

	l := vtime.New(1)
	defer l.Close()
	_, err := Populate(l, nil, Population{N: 1})
	require.ErrorContains(t, err, "no host")
	_, err = Populate(l, []ClientTransport{newClientPeer(l)}, Population{N: 1})
	require.ErrorContains(t, err, "is not host and port")
}

// Publish requests that the server refuses or that time out do not end a client.
func TestClientPublishFaults(t *testing.T) {
	fault := func(s ua.StatusCode) *ua.ServiceFault {
		return &ua.ServiceFault{ResponseHeader: &ua.ResponseHeader{ServiceResult: s, ServiceDiagnostics: &ua.DiagnosticInfo{}}}
	}
	t.Run("too many", func(t *testing.T) {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			s.hook = func(c *clientPeerConn, req any) (any, bool) {
				_, ok := req.(*ua.PublishRequest)
				return fault(ua.StatusBadTooManyPublishRequests), ok && len(c.publishes) >= 3
			}
			cfg := clientSubscribed("i=2258")
			cfg.Subscription.Publish = 10
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			_, err = c.Subscribe(SubscriptionConfig{})
			require.NoError(t, err)
			require.NoError(t, c.Stay(time.Minute))
			require.Equal(t, 3, c.publish.limit)
			require.InDelta(t, 60, c.Stats().Notifications, 2)
		})
	})
	t.Run("no answers", func(t *testing.T) {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			n := 0
			s.hook = func(_ *clientPeerConn, req any) (any, bool) {
				_, ok := req.(*ua.PublishRequest)
				if ok {
					n++
				}
				return nil, ok
			}
			cfg := clientSubscribed("i=2258")
			cfg.Subscription.TimeoutRule, cfg.Subscription.PublishTimeout = PublishFixed, 10*time.Second
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			_, err = c.Subscribe(SubscriptionConfig{})
			require.NoError(t, err)
			require.NoError(t, c.Stay(59*time.Second))
			require.Equal(t, 6, n, "one every 10 s")
		})
	})
	t.Run("session gone", func(t *testing.T) {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			s.hook = func(_ *clientPeerConn, req any) (any, bool) {
				_, ok := req.(*ua.PublishRequest)
				return fault(ua.StatusBadSessionClosed), ok
			}
			c, err := Dial(p, s, clientSubscribed("i=2258"))
			require.NoError(t, err)
			_, err = c.Subscribe(SubscriptionConfig{})
			require.EqualError(t, err, "Publish: BadSessionClosed at 7ms")
		})
	})
}

// The rules for the timeout of Publish requests.
func TestClientPublishTimeout(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"UaExpert":  time.Minute,
		"Gopcua":    300 * time.Second, // 3000 keep-alive intervals of 100 ms
		"NodeOPCUA": 50 * time.Second,  // 5 requests, 10 s each
		"Open62541": -1,
	} {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			cfg := clientPresets()[name]
			cfg.Address = "10.0.0.1:4840"
			cfg.Subscription.Items = []string{"i=2258"}
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			_, err = c.Subscribe(SubscriptionConfig{})
			require.NoError(t, err)
			timeout, hint := c.publishTimeout()
			require.Equal(t, want, timeout, name)
			if timeout < 0 {
				require.Equal(t, time.Minute, hint)
			}
			require.ErrorIs(t, errClientOrEOF(c), io.EOF)
		})
	}
}

// errClientOrEOF kills the client and returns what its peer would read.
func errClientOrEOF(c *Client) error {
	pipe := c.conn.(*clientPipe)
	c.Kill(KillFIN)
	c.p.Sleep(time.Second)
	if pipe.peer.ended == nil {
		return os.ErrInvalid
	}
	return pipe.peer.ended
}
