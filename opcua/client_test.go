package opcua

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// clientWorld runs f as a client's process against a scripted server and lets
// the loop run for d.
func clientWorld(t *testing.T, d time.Duration, f func(p *vtime.Proc, s *clientPeer)) *clientPeer {
	t.Helper()
	l := vtime.New(1)
	defer l.Close()
	s := newClientPeer(l)
	ended := false
	l.Go("test", func(p *vtime.Proc) { f(p, s); ended = true })
	require.NoError(t, l.Run(d))
	require.True(t, ended, "the client did not come to its end")
	return s
}

// clientTestConfig is a plain client.
func clientTestConfig() ClientConfig { return ClientConfig{Address: "10.0.0.1:4840"} }

func clientSubscribed(items ...string) ClientConfig {
	cfg := clientTestConfig()
	cfg.Subscription = SubscriptionConfig{Items: items}
	return cfg
}

func TestClientWholeSession(t *testing.T) {
	cfg := clientTestConfig()
	cfg.User, cfg.Password = "user1", "password"
	s := clientWorld(t, time.Minute, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, cfg)
		require.NoError(t, err)
		require.Equal(t, StageActive, c.Stage())
		require.Equal(t, 10*time.Minute, c.ChannelLifetime())
		require.Equal(t, 20*time.Minute, c.SessionTimeout())

		values, err := c.Read("ns=1;s=temperature", "i=2258")
		require.NoError(t, err)
		require.Equal(t, "ns=1;s=temperature", values[0].Value.Value())
		require.Equal(t, "i=2258", values[1].Value.Value())

		refs, err := c.Browse("i=85", 0)
		require.NoError(t, err)
		require.Len(t, refs, 2)
		refs, err = c.Browse("i=85", 1)
		require.NoError(t, err)
		require.Len(t, refs, 2)

		status, err := c.Write("ns=1;s=relay", ua.MustVariant(true))
		require.NoError(t, err)
		require.Equal(t, ua.StatusOK, status)

		endpoints, err := c.GetEndpoints()
		require.NoError(t, err)
		require.Len(t, endpoints, 1)

		require.NoError(t, c.Close())
		require.Equal(t, StageNone, c.Stage())
		_, err = c.Read("i=2258")
		require.ErrorContains(t, err, "the client has left")
	})
	require.Equal(t, []string{
		"1.5ms HEL 65535 65535 opc.tcp://10.0.0.1:4840",
		"2.5ms OpenSecureChannel 1",
		"3.5ms CreateSession 2",
		"4.5ms ActivateSession 3",
		"4.5ms user name user1 password",
		"5.5ms Read 4",
		"6.5ms Browse 5",
		"7.5ms Browse 6",
		"8.5ms BrowseNext 7",
		"9.5ms Write 8",
		"10.5ms GetEndpoints 9",
		"11.5ms CloseSession 10",
		"12.5ms CloseSecureChannel 11",
	}, s.log)
}

// Each step can fail, and the error says which, how and when.
func TestClientErrors(t *testing.T) {
	silence := func(want any) func(*clientPeerConn, any) (any, bool) {
		return func(_ *clientPeerConn, req any) (any, bool) {
			return nil, clientSameType(req, want)
		}
	}
	answer := func(want, with any) func(*clientPeerConn, any) (any, bool) {
		return func(_ *clientPeerConn, req any) (any, bool) {
			if !clientSameType(req, want) {
				return nil, false
			}
			return with, true
		}
	}
	fault := func(status ua.StatusCode) any {
		return &ua.ServiceFault{ResponseHeader: &ua.ResponseHeader{ServiceResult: status, ServiceDiagnostics: &ua.DiagnosticInfo{}}}
	}
	for _, test := range []struct {
		name   string
		refuse error
		hook   func(*clientPeerConn, any) (any, bool)
		kind   ClientErrorKind
		status ua.StatusCode
		text   string
	}{
		{"connect times out", os.ErrDeadlineExceeded, nil, ClientTimedOut, 0,
			"TCP connect 10.0.0.1:4840: timed out at 2h0m10s"},
		{"connect refused", errors.New("connection refused"), nil, ClientUnreachable, 0,
			"TCP connect 10.0.0.1:4840: no connection: connection refused at 2h0m0s"},
		{"no ACK", nil, silence(&uacp.Hello{}), ClientTimedOut, 0,
			"HEL: no answer within 5s at 2h0m5.001s"},
		{"ERR for HEL", nil, answer(&uacp.Hello{}, ua.StatusBadOutOfMemory), ClientRejected, ua.StatusBadOutOfMemory,
			"HEL: server sent ERR BadOutOfMemory at 2h0m0.002s"},
		{"closed at HEL", nil, answer(&uacp.Hello{}, os.ErrClosed), ClientClosed, 0,
			"HEL: connection closed by the server at 2h0m0.002s"},
		{"small buffer in ACK", nil, answer(&uacp.Hello{}, clientFrame("ACKF", &uacp.Acknowledge{ReceiveBufSize: 100})), ClientMalformed, ua.StatusBadConnectionRejected,
			"HEL: malformed: ACK with a receive buffer of 100 bytes, the specification asks for 8192 at 2h0m0.002s"},
		{"no channel", nil, silence(&ua.OpenSecureChannelRequest{}), ClientTimedOut, 0,
			"OpenSecureChannel: no answer within 10s at 2h0m10.002s"},
		{"ERR for OPN", nil, answer(&ua.OpenSecureChannelRequest{}, ua.StatusBadOutOfMemory), ClientRejected, ua.StatusBadOutOfMemory,
			"OpenSecureChannel: server sent ERR BadOutOfMemory at 2h0m0.003s"},
		{"no memory for the session", nil, answer(&ua.CreateSessionRequest{}, fault(ua.StatusBadOutOfMemory)), ClientFault, ua.StatusBadOutOfMemory,
			"CreateSession: BadOutOfMemory at 2h0m0.004s"},
		{"too many sessions", nil, answer(&ua.CreateSessionRequest{}, fault(ua.StatusBadTooManySessions)), ClientFault, ua.StatusBadTooManySessions,
			"CreateSession: BadTooManySessions at 2h0m0.004s"},
		{"wrong type of answer", nil, answer(&ua.CreateSessionRequest{}, &ua.CloseSessionResponse{ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}}}), ClientMalformed, 0,
			"CreateSession: malformed (answer is a *ua.CloseSessionResponse, expected *ua.CreateSessionResponse) at 2h0m0.004s"},
		{"good fault", nil, answer(&ua.CreateSessionRequest{}, fault(0)), ClientMalformed, 0,
			"CreateSession: malformed (a fault with status Good) at 2h0m0.004s"},
		{"reset", nil, answer(&ua.ActivateSessionRequest{}, errClientPipeReset), ClientLost, 0,
			"ActivateSession: connection lost: connection reset by peer at 2h0m0.005s"},
		{"garbage", nil, answer(&ua.ActivateSessionRequest{}, []byte("GET / HTTP/1.1\r\n")), ClientMalformed, ua.StatusBadTCPMessageTypeInvalid,
			`ActivateSession: malformed: message type "GET" at 2h0m0.005s`},
	} {
		t.Run(test.name, func(t *testing.T) {
			clientWorld(t, 3*time.Hour, func(p *vtime.Proc, s *clientPeer) {
				p.Sleep(2 * time.Hour)
				s.refuse, s.hook = test.refuse, test.hook
				_, err := Dial(p, s, clientTestConfig())
				var e *ClientError
				require.ErrorAs(t, err, &e)
				require.Equal(t, test.text, e.Error())
				require.Equal(t, test.kind, e.Kind)
				require.Equal(t, test.status, e.Status)
				if test.status != 0 {
					require.ErrorIs(t, err, test.status)
				}
				p.Sleep(time.Second)
				for _, c := range s.conns {
					require.True(t, c.closed, "the client leaves its connection open")
				}
			})
		})
	}
}

func clientSameType(a, b any) bool {
	switch b.(type) {
	case *uacp.Hello:
		_, ok := a.(*uacp.Hello)
		return ok
	case *ua.OpenSecureChannelRequest:
		_, ok := a.(*ua.OpenSecureChannelRequest)
		return ok
	case *ua.CreateSessionRequest:
		_, ok := a.(*ua.CreateSessionRequest)
		return ok
	case *ua.ActivateSessionRequest:
		_, ok := a.(*ua.ActivateSessionRequest)
		return ok
	}
	return false
}

func TestClientSubscription(t *testing.T) {
	s := clientWorld(t, time.Minute, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, clientTestConfig())
		require.NoError(t, err)
		sub, err := c.Subscribe(SubscriptionConfig{Items: []string{"ns=1;s=temperature"}, PublishingInterval: 500 * time.Millisecond, Publish: 3})
		require.NoError(t, err)
		require.Equal(t, StageSubscribed, c.Stage())
		require.Equal(t, 500*time.Millisecond, sub.PublishingInterval)
		for i := range 4 {
			n, err := sub.Next(time.Second)
			require.NoError(t, err)
			require.Equal(t, uint32(i+1), n.Sequence)
			require.Equal(t, float32(i+2), n.Values[0].Value.Value.Value())
			require.Len(t, s.conns[0].publishes, 2, "one is answered; the next goes out when the client works again")
		}
		s.values = false
		n, err := sub.Next(3 * time.Second)
		require.NoError(t, err)
		require.Nil(t, n, "keep-alive messages are no notifications")
		require.Equal(t, uint64(5), sub.KeepAlives, "at 2.5, 3, 3.5, 4 and 4.5 s")
		require.Equal(t, uint64(4), sub.Notifications)
		require.Zero(t, sub.Missed)
		require.NoError(t, sub.Delete())
		require.Empty(t, c.Subscriptions())
		require.NoError(t, c.Close())
	})
	acks := 0
	for _, line := range s.log {
		if strings.Contains(line, " ack ") {
			acks++
		}
	}
	require.Equal(t, 4, acks, "%q", s.log)
}

// The channel is renewed at 75 % of its revised lifetime, again and again, and
// the session outlives it.
func TestClientRenewsChannel(t *testing.T) {
	cfg := clientTestConfig()
	s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, cfg)
		require.NoError(t, err)
		_, first := c.ChannelID()
		require.NoError(t, c.Stay(29*time.Minute))
		_, last := c.ChannelID()
		require.Greater(t, last, first)
		require.Equal(t, uint64(3), c.Stats().Renewals)
	})
	var opens []string
	for _, line := range s.log {
		if strings.Contains(line, "OpenSecureChannel") {
			opens = append(opens, line)
		}
	}
	require.Equal(t, []string{
		"2.5ms OpenSecureChannel 1",
		"7m30.0035s OpenSecureChannel 4",
		"15m0.0045s OpenSecureChannel 5",
		"22m30.0055s OpenSecureChannel 6",
	}, opens)
}

// A server that does not answer the renewal is given up, or not, as the client is.
func TestClientRenewalUnanswered(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			cfg := clientTestConfig()
			cfg.RenewFailureIgnored = ignored
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			var late []byte
			s.hook = func(sc *clientPeerConn, req any) (any, bool) {
				r, ok := req.(*ua.OpenSecureChannelRequest)
				if ok {
					late = sc.frames("OPN", r.RequestHeader.RequestHandle, &ua.OpenSecureChannelResponse{
						ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}},
						SecurityToken:  &ua.ChannelSecurityToken{ChannelID: sc.channel, TokenID: 9, RevisedLifetime: 1000},
					}, 16384)
				}
				return nil, ok
			}
			err = c.Stay(10 * time.Minute)
			if ignored {
				require.NoError(t, err)
				s.loop.Go("late", func(p *vtime.Proc) { s.conns[0].write(p, late) })
				require.ErrorContains(t, c.Stay(time.Minute), "answer to a renewal that was given up")
				return
			}
			require.EqualError(t, err, "OpenSecureChannel (renew): no answer within 10s at 7m40.003s")
			require.Equal(t, err, c.Stay(time.Minute), "a client that does not reconnect stays lost")
		})
	}
}

func TestClientKeepAlive(t *testing.T) {
	reads := func(s *clientPeer) (n int) {
		for _, line := range s.log {
			if strings.Contains(line, " Read ") {
				n++
			}
		}
		return n
	}
	t.Run("every interval", func(t *testing.T) {
		cfg := clientTestConfig()
		cfg.KeepAlive = KeepAliveConfig{Interval: 5 * time.Second}
		s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			require.NoError(t, c.Stay(61*time.Second))
			require.Equal(t, uint64(12), c.Stats().KeepAlives)
		})
		require.Equal(t, 12, reads(s))
	})
	t.Run("only when idle", func(t *testing.T) {
		cfg := clientSubscribed("i=2258")
		cfg.KeepAlive = KeepAliveConfig{Interval: 20 * time.Second, OnlyIdle: true}
		s := clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			_, err = c.Subscribe(SubscriptionConfig{})
			require.NoError(t, err)
			require.NoError(t, c.Stay(5*time.Minute))
		})
		require.Zero(t, reads(s))
	})
	t.Run("dead server", func(t *testing.T) {
		cfg := clientTestConfig()
		cfg.KeepAlive = KeepAliveConfig{Interval: 5 * time.Second, Timeout: 5 * time.Second, Failures: 2}
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			s.conns[0].conn.Vanish()
			// Read at 5 s fails at 10 s, the next at once, and waits twice as long.
			require.EqualError(t, c.Stay(time.Hour), "keep-alive Read: no answer within 10s at 20.005s")
		})
	})
	t.Run("session gone", func(t *testing.T) {
		cfg := clientTestConfig()
		cfg.KeepAlive = KeepAliveConfig{Interval: 5 * time.Second}
		clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
			c, err := Dial(p, s, cfg)
			require.NoError(t, err)
			s.hook = func(_ *clientPeerConn, req any) (any, bool) {
				_, ok := req.(*ua.ReadRequest)
				return &ua.ServiceFault{ResponseHeader: &ua.ResponseHeader{ServiceResult: ua.StatusBadSessionIDInvalid, ServiceDiagnostics: &ua.DiagnosticInfo{}}}, ok
			}
			require.EqualError(t, c.Stay(time.Hour), "keep-alive Read: BadSessionIdInvalid at 5.006s")
		})
	})
}

func TestClientIdleTimeout(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		cfg := NodeOPCUA()
		cfg.Address = "10.0.0.1:4840"
		cfg.Reconnect = ReconnectPolicy{}
		c, err := Dial(p, s, cfg)
		require.NoError(t, err)
		require.EqualError(t, c.Stay(time.Hour), "idle: no answer within 1m0s (no byte in either direction) at 1m0.006s")
	})
}

// Large answers come in chunks, which are put together.
func TestClientChunks(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, clientTestConfig())
		require.NoError(t, err)
		s.maxChunk = 40
		long := "ns=1;s=" + strings.Repeat("x", 5000)
		values, err := c.Read(long, long)
		require.NoError(t, err)
		require.Equal(t, long, values[1].Value.Value())
	})
}

// Requests larger than what the server takes are cut into chunks.
func TestClientSendsChunks(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, clientTestConfig())
		require.NoError(t, err)
		c.request++
		ids, err := c.readIDs("Read", []string{"ns=1;s=" + strings.Repeat("x", 40000)})
		require.NoError(t, err)
		req := &ua.ReadRequest{NodesToRead: ids}
		req.SetHeader(&ua.RequestHeader{AuthenticationToken: c.session.token})
		b, err := c.encode(req, c.request)
		require.NoError(t, err)

		// The client's own reader takes them: both sides have the same rules.
		r := clientReader{maxChunk: 16384, wanted: func(uint32) bool { return true }}
		r.feed(b)
		m, err := r.next()
		require.NoError(t, err)
		v, err := clientDecode(m.body)
		require.NoError(t, err)
		require.Equal(t, ids[0].NodeID.String(), v.(*ua.ReadRequest).NodesToRead[0].NodeID.String())
		require.Equal(t, c.request, m.request)
		require.Equal(t, c.channel.sequence, r.lastSeq)

		c.ack.MaxChunkCount = 2
		_, err = c.encode(req, c.request)
		require.ErrorIs(t, err, ua.StatusBadRequestTooLarge)
	})
}

// An answer that comes too late is counted and harms nothing.
func TestClientLateAnswer(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		c, err := Dial(p, s, clientTestConfig())
		require.NoError(t, err)
		var late []byte
		s.hook = func(sc *clientPeerConn, req any) (any, bool) {
			r, ok := req.(*ua.ReadRequest)
			if ok {
				late = sc.frames("MSG", r.RequestHeader.RequestHandle, &ua.ReadResponse{ResponseHeader: &ua.ResponseHeader{ServiceDiagnostics: &ua.DiagnosticInfo{}}}, 16384)
			}
			return nil, ok
		}
		_, err = c.Read("i=2258")
		require.EqualError(t, err, "Read: no answer within 10s at 10.005s")
		s.hook = nil
		s.loop.Go("late", func(p *vtime.Proc) { s.conns[0].write(p, late) })
		require.NoError(t, c.Stay(time.Second))
		require.Equal(t, uint64(1), c.Stats().Late)
		_, err = c.Read("i=2258")
		require.NoError(t, err)
	})
}

func TestClientConfigErrors(t *testing.T) {
	clientWorld(t, time.Hour, func(p *vtime.Proc, s *clientPeer) {
		for text, change := range map[string]func(*ClientConfig){
			`Address "10.0.0.1" is not host and port`:    func(c *ClientConfig) { c.Address = "10.0.0.1" },
			`port "0" is not a number from 1 to 65535`:   func(c *ClientConfig) { c.Address = "10.0.0.1:0" },
			"ReceiveBufferSize 100, expected 8192":       func(c *ClientConfig) { c.ReceiveBufferSize = 100 },
			"RenewPercent 101, expected 1 to 100":        func(c *ClientConfig) { c.RenewPercent = 101 },
			"Password without User":                      func(c *ClientConfig) { c.Password = "x" },
			`subscription item "temperature; x=1"`:       func(c *ClientConfig) { c.Subscription.Items = []string{"temperature; x=1"} },
			"ChannelLifetime 1200h0m0s does not fit":     func(c *ClientConfig) { c.ChannelLifetime = 1200 * time.Hour },
			"NonceLength 2000, expected 0 to 1024 bytes": func(c *ClientConfig) { c.NonceLength = 2000 },
		} {
			cfg := clientTestConfig()
			change(&cfg)
			_, err := Dial(p, s, cfg)
			require.ErrorContains(t, err, text)
		}
	})
}
