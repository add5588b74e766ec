package opcua

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// encryptedEndpoint is the one that most tests use.
func encryptedEndpoint() SecurityEndpoint {
	return SecurityEndpoint{"Basic256Sha256", ua.MessageSecurityModeSignAndEncrypt}
}

// trusting gives a server a list of trusted certificates, and a look at the clock.
func trusting(c *ServerConfig) {
	secure(c)
	k := makeKeys()
	c.Security.Trusted = [][]byte{k["client"].certificate, k["expired"].certificate}
	c.Security.CheckTime = true
}

// What a server refuses, with which status code, and that it keeps nothing of it.
func TestSecurityRefusals(t *testing.T) {
	t.Parallel()
	dial := func(p *vtime.Proc, s *clientServer, cfg ClientConfig) error {
		c, err := Dial(p, s, cfg)
		if err == nil {
			err = c.Close()
		}
		return err
	}
	// raw sends bytes on an active channel and returns what the client then learns.
	raw := func(p *vtime.Proc, s *clientServer, cfg ClientConfig, b func(c *Client) []byte) error {
		c, err := Dial(p, s, cfg)
		if err != nil {
			return err
		}
		if err := c.SendRaw(b(c)); err != nil {
			return err
		}
		return c.Stay(5 * time.Second)
	}
	read := func(c *Client) []byte {
		ids, err := c.readIDs("Read", []string{"i=2258"})
		if err != nil {
			panic(err)
		}
		q := &ua.ReadRequest{NodesToRead: ids}
		q.SetHeader(&ua.RequestHeader{AuthenticationToken: c.session.token, Timestamp: c.cfg.Epoch, RequestHandle: 99})
		b, err := c.encode(q, 99)
		if err != nil {
			panic(err)
		}
		return b
	}
	client := func(change func(*ClientConfig)) ClientConfig {
		cfg := secureClient("client", encryptedEndpoint())
		cfg.Security.ServerCertificate = makeKeys()["server"].certificate
		if change != nil {
			change(&cfg)
		}
		return cfg
	}
	tests := map[string]struct {
		status ua.StatusCode
		try    func(p *vtime.Proc, s *clientServer) error
	}{
		"wrong password": {ua.StatusBadUserAccessDenied, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) { c.User, c.Password = "user1", "wrong" }))
		}},
		"wrong password without security": {ua.StatusBadUserAccessDenied, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, ClientConfig{Address: "10.0.0.1:4840", User: "user1", Password: "wrong"})
		}},
		"untrusted certificate": {ua.StatusBadSecurityChecksFailed, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) {
				k := makeKeys()["stranger"]
				c.Security.Certificate, c.Security.PrivateKey = k.certificate, k.key
			}))
		}},
		"expired certificate": {ua.StatusBadCertificateTimeInvalid, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) {
				k := makeKeys()["expired"]
				c.Security.Certificate, c.Security.PrivateKey = k.certificate, k.key
			}))
		}},
		"another application": {ua.StatusBadCertificateURIInvalid, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) { c.ApplicationURI = "urn:somebody:else" }))
		}},
		"key of another": {ua.StatusBadSecurityChecksFailed, func(p *vtime.Proc, s *clientServer) error {
			c, err := newClient(p, s, client(nil))
			if err != nil {
				return err
			}
			c.crypto.certificate = makeKeys()["expired"].certificate
			s.server.cfg.Security.CheckTime = false
			defer func() { s.server.cfg.Security.CheckTime = true }()
			return c.connect()
		}},
		"another server's certificate": {ua.StatusBadSecurityPolicyRejected, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) { c.Security.ServerCertificate = makeKeys()["stranger"].certificate }))
		}},
		"short nonce": {ua.StatusBadNonceInvalid, func(p *vtime.Proc, s *clientServer) error {
			return dial(p, s, client(func(c *ClientConfig) { c.NonceLength = 31 }))
		}},
		"replayed sequence number": {ua.StatusBadSecurityChecksFailed, func(p *vtime.Proc, s *clientServer) error {
			return raw(p, s, client(nil), func(c *Client) []byte { b := read(c); return append(b, b...) })
		}},
		"altered chunk": {ua.StatusBadSecurityChecksFailed, func(p *vtime.Proc, s *clientServer) error {
			return raw(p, s, client(nil), func(c *Client) []byte { b := read(c); b[len(b)-1] ^= 1; return b })
		}},
		"ciphertext of half a block": {ua.StatusBadInternalError, func(p *vtime.Proc, s *clientServer) error {
			return raw(p, s, client(nil), func(c *Client) []byte {
				b := read(c)
				b = b[:len(b)-8]
				binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
				return b
			})
		}},
		"unknown token": {ua.StatusBadSecurityChecksFailed, func(p *vtime.Proc, s *clientServer) error {
			// The token of a message is looked at only while there is a new one.
			return raw(p, s, client(nil), func(c *Client) []byte { b := read(c); b[12]++; return b })
		}},
		"too large chunk": {ua.StatusBadTCPMessageTooLarge, func(p *vtime.Proc, s *clientServer) error {
			return raw(p, s, client(nil), func(c *Client) []byte {
				b := read(c)
				binary.LittleEndian.PutUint32(b[4:], 16385)
				return b
			})
		}},
		"too large message": {ua.StatusBadTCPMessageTooLarge, func(p *vtime.Proc, s *clientServer) error {
			c, err := Dial(p, s, client(nil))
			if err != nil {
				return err
			}
			c.ack.MaxMessageSize = 0 // the client would not send it
			_, err = c.Write("ns=1;s=relay", ua.MustVariant(make([]byte, 40000)))
			return err
		}},
		// open62541 closes the connection without a word when an OPN message that it could
		// read asks for what it refuses.
		"renewal with the nonce of before": {0, func(p *vtime.Proc, s *clientServer) error {
			c, err := Dial(p, s, client(nil))
			if err != nil {
				return err
			}
			q := &ua.OpenSecureChannelRequest{RequestType: ua.SecurityTokenRequestTypeRenew, SecurityMode: ua.MessageSecurityModeSignAndEncrypt,
				ClientNonce: c.crypto.nonce, RequestedLifetime: 60000}
			c.channel.expected = c.request + 1
			_, err = c.Do(q)
			return err
		}},
		"security mode without security": {0, func(p *vtime.Proc, s *clientServer) error {
			c, err := Dial(p, s, ClientConfig{Address: "10.0.0.1:4840", StopAfter: StageHello})
			if err != nil {
				return err
			}
			c.channel.expected = c.request + 1
			_, err = c.Do(&ua.OpenSecureChannelRequest{SecurityMode: ua.MessageSecurityModeSign, RequestedLifetime: 60000})
			return err
		}},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			l := vtime.New(1)
			defer l.Close()
			s := newClientServer(t, l, trusting, func(c *ServerConfig) { c.Buffers.MaxMessage = 32768 })
			// The first session takes what the key keeps.
			dialled(t, l, func(t procT, p *vtime.Proc) { require.NoError(t, dial(p, s, client(nil))) })
			settle := func() { require.NoError(t, l.Run(61*time.Minute)) }
			settle()
			require.Equal(t, Counts{}, s.server.Counts())
			bytes, blocks := s.memory.LiveBytes(), s.memory.LiveBlocks()
			dialled(t, l, func(t procT, p *vtime.Proc) {
				err := x.try(p, s)
				var e *ClientError
				require.True(t, errors.As(err, &e), "%v", err)
				require.Equal(t, x.status, e.Status, "%v", err)
				if x.status == 0 {
					require.Equal(t, ClientClosed, e.Kind, "%v", err)
				}
			})
			settle()
			require.Equal(t, Counts{}, s.server.Counts())
			require.Equal(t, bytes, s.memory.LiveBytes())
			require.Equal(t, blocks, s.memory.LiveBlocks())
		})
	}
}
