package live_test

import (
	"crypto/rsa"
	"crypto/x509"
	"sync"
	"testing"
	"time"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/live"
	"github.com/plimsoll-sim/plimsoll/opcua"
	"github.com/plimsoll-sim/plimsoll/sim"
)

// keys are a certificate with its private key.
type keys struct {
	certificate, key []byte
	err              error
}

// serverKeys and clientKeys are made once, since that takes long.
var (
	serverKeys = sync.OnceValue(func() (k keys) {
		server := opcua.DefaultServerConfig()
		k.certificate, k.key, k.err = opcua.MakeCertificate(opcua.CertificateConfig{
			CommonName: "server", ApplicationURI: server.ApplicationURI, Hosts: []string{server.Hostname}, Seed: 1,
		})
		return k
	})
	clientKeys = sync.OnceValue(func() (k keys) {
		k.certificate, k.key, k.err = opcua.MakeCertificate(opcua.CertificateConfig{CommonName: "client", ApplicationURI: "urn:client", Seed: 2})
		return k
	})
)

// secured boots a device whose server has endpoints with security.
func secured(t testing.TB, endpoints ...opcua.SecurityEndpoint) *live.Server {
	server := opcua.DefaultServerConfig()
	own := serverKeys()
	require.NoError(t, own.err)
	server.Security = opcua.Security{Endpoints: endpoints, Certificate: own.certificate, PrivateKey: own.key, Seed: 1, UserTokenPolicy: endpoints[0].Policy}
	return start(t, func(c *live.Config) {
		c.Speed = 10
		c.Device = sim.DeviceConfig{Firmware: opcua.Firmware{Server: &server}}
	})
}

// identity is the certificate of a client, as gopcua's options.
func identity(t testing.TB) []gopcua.Option {
	own := clientKeys()
	require.NoError(t, own.err)
	private, err := x509.ParsePKCS8PrivateKey(own.key)
	require.NoError(t, err)
	return []gopcua.Option{
		gopcua.ApplicationURI("urn:client"), gopcua.Certificate(own.certificate), gopcua.PrivateKey(private.(*rsa.PrivateKey)),
	}
}

// gopcua's client connects to every kind of secure endpoint, with a password that it
// encrypts, and does on it what it does without security; after its cable was
// pulled and its connection killed it connects anew. Each policy has a device of its
// own: all three leave too little memory for the first session.
func TestGopcuaEncrypted(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"} {
		t.Run(policy, func(t *testing.T) { t.Parallel(); testGopcuaEncrypted(t, policy) })
	}
}

func testGopcuaEncrypted(t *testing.T, policy string) {
	s := secured(t,
		opcua.SecurityEndpoint{Policy: policy, Mode: ua.MessageSecurityModeSignAndEncrypt},
		opcua.SecurityEndpoint{Policy: policy, Mode: ua.MessageSecurityModeSign})
	ctx := testContext(t)
	offered, err := gopcua.GetEndpoints(ctx, s.URL())
	require.NoError(t, err)
	require.Len(t, offered, 3)
	who := identity(t)
	use := func(e *ua.EndpointDescription, more ...gopcua.Option) *gopcua.Client {
		opts := append(append([]gopcua.Option{}, who...),
			gopcua.SecurityFromEndpoint(e, ua.UserTokenTypeUserName), gopcua.AuthUsername("user1", "password"), gopcua.SessionTimeout(30*time.Second))
		c := connect(t, ctx, s, append(opts, more...)...)
		refs, err := c.Node(ua.NewNumericNodeID(0, id.ObjectsFolder)).Children(ctx, id.HierarchicalReferences, ua.NodeClassVariable)
		require.NoError(t, err)
		require.Len(t, refs, 3)
		require.IsType(t, float32(0), read(t, ctx, c, temperature))
		res, err := c.Write(ctx, &ua.WriteRequest{NodesToWrite: []*ua.WriteValue{{
			NodeID: relay, AttributeID: ua.AttributeIDValue, Value: &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(true)},
		}}})
		require.NoError(t, err)
		require.Equal(t, []ua.StatusCode{ua.StatusOK}, res.Results)
		subscribe(t, ctx, c)
		return c
	}
	for _, e := range offered[1:] {
		require.NotEmpty(t, e.ServerCertificate)
		c := use(e)
		require.Equal(t, 1, stats(t, s).Server.Sessions)
		require.NoError(t, c.Close(ctx))
	}

	c := use(offered[1], gopcua.AutoReconnect(true), gopcua.ReconnectInterval(50*time.Millisecond))
	accepted := stats(t, s).Accepted
	require.NoError(t, s.Pull())
	at, err := s.Now()
	require.NoError(t, err)
	eventually(t, "a second with a pulled cable", func() bool { now, _ := s.Now(); return now > at+time.Second })
	require.NoError(t, s.Plug())
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.Equal(t, accepted, stats(t, s).Accepted, "it is the same connection")
	_, err = s.Kill(0)
	require.NoError(t, err)
	eventually(t, "the client has connected anew", func() bool {
		return stats(t, s).Accepted > accepted && c.State() == gopcua.Connected
	})
	require.IsType(t, float32(0), read(t, ctx, c, temperature))
	require.NoError(t, c.Close(ctx))

	bad, err := gopcua.NewClient(s.URL(), append(append([]gopcua.Option{}, who...),
		gopcua.SecurityFromEndpoint(offered[1], ua.UserTokenTypeUserName), gopcua.AuthUsername("user1", "wrong"), gopcua.AutoReconnect(false))...)
	require.NoError(t, err)
	require.ErrorIs(t, bad.Connect(ctx), ua.StatusBadUserAccessDenied)
}
