package opcua

import (
	"errors"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// Whichever allocation of an encrypted session fails, the server lives, or dies where
// open62541 writes through NULL; if it lives, another client can do the whole, and
// only what the original forgets stays behind: copies of endpoints, and the context
// of a channel or the buffer of its keys, once. One thing is worse: mbedTLS keeps the
// numbers with which it blinds the private key, and if memory ends while it makes or
// squares them they no longer fit each other. From then on every use of the key fails,
// until the device restarts.
func TestSecurityOutOfMemory(t *testing.T) {
	t.Parallel()
	l := vtime.New(1)
	defer l.Close()
	cfg := secureClient("client", encryptedEndpoint())
	cfg.Security.ServerCertificate = makeKeys()["server"].certificate
	cfg.User, cfg.Password = "user1", "password"
	cfg.RequestTimeout, cfg.HelloTimeout = time.Second, time.Second
	boot := func() *clientServer {
		s := newClientServer(t, l, trusting, func(c *ServerConfig) {
			c.Security.UserTokenPolicy = "Basic256Sha256"
			c.Limits.MaxSessionTimeout, c.Limits.MaxSecurityTokenLifetime = 5000, 5000
		})
		s.mayCrash = true
		return s
	}
	live := func(s *clientServer) error {
		var failed error
		dialled(t, l, func(_ procT, p *vtime.Proc) {
			c, err := Dial(p, s, cfg)
			if err == nil {
				_, err = c.Read("ns=1;s=temperature")
			}
			if err == nil {
				err = c.Close()
			}
			failed = err
		})
		require.NoError(t, l.Run(30*time.Second))
		return failed
	}
	s := boot()
	require.NoError(t, live(s))
	before := s.memory.Allocs()
	require.NoError(t, live(s))
	total := s.memory.Allocs() - before
	bytes := s.memory.LiveBytes()
	crashes, ruined := 0, 0
	for n := uint64(1); n <= total; n += 1 + n/14 {
		first := s.memory.Allocs()
		s.memory.Fail = func(i uint64, _ uint32) bool { return i == first+n }
		_ = live(s)
		s.memory.Fail = nil
		if s.crashed != nil {
			var crash *CrashError
			require.True(t, errors.As(s.crashed, &crash), "allocation %d: %v", n, s.crashed)
			require.Equal(t, "mbedtls_generateKey", crash.Function, "allocation %d", n)
			crashes++
			s = boot()
			require.NoError(t, live(s))
			bytes = s.memory.LiveBytes()
			continue
		}
		if err := live(s); err != nil {
			require.True(t, errors.Is(err, ua.StatusBadSecurityChecksFailed), "allocation %d: %v", n, err)
			require.Error(t, live(s), "allocation %d", n)
			ruined++
			s = boot()
			require.NoError(t, live(s))
			bytes = s.memory.LiveBytes()
			continue
		}
		require.Equal(t, Counts{}, s.server.Counts(), "allocation %d", n)
		left := int64(s.memory.LiveBytes()) - int64(bytes)
		require.True(t, left >= 0 && left < 9000, "allocation %d: %d bytes left", n, left)
		bytes = s.memory.LiveBytes()
	}
	require.Positive(t, ruined)
	t.Logf("%d allocations, %d crashes, %d ruined keys", total, crashes, ruined)
}
