package opcua

import (
	"crypto/x509"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// testKeys are a certificate and its key for tests.
type testKeys struct{ certificate, key []byte }

// makeKeys makes certificates once per test binary: each takes a while.
var makeKeys = sync.OnceValue(func() map[string]testKeys {
	keys := map[string]testKeys{}
	for i, c := range []CertificateConfig{
		{CommonName: "server", ApplicationURI: "open62541.esp32.server", Hosts: []string{"opcua-esp32", "10.0.0.1"}},
		{CommonName: "client", ApplicationURI: "urn:client", Organization: "test"},
		{CommonName: "stranger", ApplicationURI: "urn:client"},
		{CommonName: "expired", ApplicationURI: "urn:client", NotAfter: time.Date(2023, 2, 1, 0, 0, 0, 0, time.UTC)},
	} {
		c.Seed = uint64(i + 1)
		certificate, key, err := MakeCertificate(c)
		if err != nil {
			panic(err)
		}
		keys[c.CommonName] = testKeys{certificate, key}
	}
	return keys
})

// suites are all combinations of policy and mode.
func suites() []SecurityEndpoint {
	var all []SecurityEndpoint
	for _, p := range []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"} {
		for _, m := range []ua.MessageSecurityMode{ua.MessageSecurityModeSign, ua.MessageSecurityModeSignAndEncrypt} {
			all = append(all, SecurityEndpoint{p, m})
		}
	}
	return all
}

// secure gives a server all endpoints.
func secure(c *ServerConfig) {
	k := makeKeys()["server"]
	c.Security = Security{Endpoints: suites(), Certificate: k.certificate, PrivateKey: k.key, Seed: 1}
}

// secureClient is the configuration of a client with security.
func secureClient(name string, e SecurityEndpoint) ClientConfig {
	k := makeKeys()[name]
	return ClientConfig{
		Name: name, Address: "10.0.0.1:4840", ApplicationURI: "urn:client",
		Security: ClientSecurity{Policy: e.Policy, Mode: e.Mode, Certificate: k.certificate, PrivateKey: k.key},
	}
}

// procT fails a test from inside a process of the loop, which must not end as
// testing.T.FailNow ends it.
type procT struct{ *testing.T }

type failedNow struct{}

// FailNow implements require.TestingT.
func (t procT) FailNow() { t.Fail(); panic(failedNow{}) }

// dialled runs f as a client's process.
func dialled(t *testing.T, l *vtime.Loop, f func(t procT, p *vtime.Proc)) {
	t.Helper()
	done := false
	l.Go("client", func(p *vtime.Proc) {
		defer func() {
			done = true
			if r := recover(); r != nil && r != (failedNow{}) {
				panic(r)
			}
		}()
		f(procT{t}, p)
	})
	require.NoError(t, l.RunUntil(func() bool { return done }, time.Hour))
	if t.Failed() {
		t.FailNow()
	}
}

// A client does everything on a channel of every policy and mode, and the server has
// all its memory back afterwards, but for what its private key keeps from its first
// use.
func TestSecureChannel(t *testing.T) {
	t.Parallel()
	for _, e := range suites() {
		t.Run(fmt.Sprint(e.Policy, " ", e.Mode), func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s := newClientServer(t, l, secure, func(c *ServerConfig) { c.Security.UserTokenPolicy = e.Policy })
			cfg := secureClient("client", e)
			cfg.User, cfg.Password = "user1", "password"
			cfg.ChannelLifetime = 20 * time.Second
			var bytes, blocks [2]uint64
			for i := range 2 {
				dialled(t, l, func(t procT, p *vtime.Proc) {
					c, err := Dial(p, s, cfg)
					require.NoError(t, err)
					v, err := c.Read("ns=1;s=temperature", "i=2258")
					require.NoError(t, err)
					require.Len(t, v, 2)
					require.Equal(t, ua.StatusOK, v[0].Status)
					st, err := c.Write("ns=1;s=relay", ua.MustVariant(true))
					require.NoError(t, err)
					require.Equal(t, ua.StatusOK, st)
					refs, err := c.Browse("i=85", 2)
					require.NoError(t, err)
					require.Len(t, refs, 3)
					sub, err := c.Subscribe(SubscriptionConfig{Items: []string{"ns=1;s=temperature"}})
					require.NoError(t, err)
					require.NoError(t, c.Stay(time.Minute))
					require.NotZero(t, c.Stats().Values, sub)
					require.Equal(t, uint64(4), c.Stats().Renewals)
					require.NoError(t, c.Close())
				})
				require.NoError(t, l.Run(15*time.Second))
				require.Equal(t, Counts{}, s.server.Counts())
				bytes[i], blocks[i] = s.memory.LiveBytes(), s.memory.LiveBlocks()
			}
			require.Equal(t, bytes[0], bytes[1])
			require.Equal(t, blocks[0], blocks[1])
		})
	}
}

// GetEndpoints lists the endpoints, with the certificate.
func TestSecureEndpoints(t *testing.T) {
	l := vtime.New(1)
	defer l.Close()
	s := newClientServer(t, l, secure)
	dialled(t, l, func(t procT, p *vtime.Proc) {
		c, err := Dial(p, s, ClientConfig{Address: "10.0.0.1:4840", StopAfter: StageChannel})
		require.NoError(t, err)
		endpoints, err := c.GetEndpoints()
		require.NoError(t, err)
		require.Len(t, endpoints, 7)
		require.Equal(t, ua.SecurityPolicyURINone, endpoints[0].SecurityPolicyURI)
		for i, e := range suites() {
			got := endpoints[i+1]
			require.Equal(t, e.URI(), got.SecurityPolicyURI)
			require.Equal(t, e.Mode, got.SecurityMode)
			require.Equal(t, makeKeys()["server"].certificate, got.ServerCertificate)
		}
	})
}

// The same configuration makes the same certificate, which other programs accept.
func TestMakeCertificate(t *testing.T) {
	c := CertificateConfig{CommonName: "server", ApplicationURI: "open62541.esp32.server", Hosts: []string{"opcua-esp32", "10.0.0.1"}, Seed: 1}
	certificate, key, err := MakeCertificate(c)
	require.NoError(t, err)
	require.Equal(t, makeKeys()["server"], testKeys{certificate, key})
	crt, err := x509.ParseCertificate(certificate)
	require.NoError(t, err)
	require.NoError(t, crt.CheckSignature(crt.SignatureAlgorithm, crt.RawTBSCertificate, crt.Signature), "self-signed")
	require.Equal(t, "open62541.esp32.server", crt.URIs[0].String())
	_, _, err = MakeCertificate(CertificateConfig{Bits: 1024})
	require.ErrorContains(t, err, "ApplicationURI")
	require.ErrorContains(t, err, "CommonName")
	require.ErrorContains(t, err, "Bits")
}
