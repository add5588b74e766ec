package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/uasc"
	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// How FuzzEncryptedChannel sends its bytes.
const (
	fuzzRaw     = iota // as they are, on an open channel
	fuzzSealed         // as the content of a MSG chunk that is encrypted and signed
	fuzzOpen           // as the content of an OPN message that is encrypted and signed
	fuzzChunk          // behind the readable headers of a MSG chunk
	fuzzOpening        // as they are, instead of an OPN message
	fuzzWays
)

// FuzzEncryptedChannel sends what a client with the right keys can send, and one
// without. The server must live, and have its memory back once the connection is
// gone.
func FuzzEncryptedChannel(f *testing.F) {
	makeKeys()
	for way := range byte(fuzzWays) {
		f.Add(way, []byte{})
		f.Add(way, []byte("\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x6f\x02"))
		f.Add(way, []byte("OPNF\x40\x00\x00\x00\x00\x00\x00\x00\x39\x00\x00\x00http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"))
		f.Add(way, make([]byte, 300))
	}
	l := vtime.New(1)
	s := newClientServer(f, l, trusting, func(c *ServerConfig) { c.Limits.MaxSessionTimeout = 1000 })
	var bytes, blocks uint64
	try := func(t testing.TB, way byte, b []byte) {
		done := false
		l.Go("client", func(p *vtime.Proc) {
			defer func() { done = true }()
			cfg := secureClient("client", encryptedEndpoint())
			cfg.Security.ServerCertificate = makeKeys()["server"].certificate
			cfg.StopAfter = StageChannel
			if way%fuzzWays == fuzzOpening {
				cfg.StopAfter = StageHello
			}
			c, err := Dial(p, s, cfg)
			if err != nil {
				// The housekeeping cuts a channel that has only said HEL at that instant.
				p.Sleep(time.Second)
				if c, err = Dial(p, s, cfg); err != nil {
					panic(err)
				}
			}
			k := c.crypto
			channel := []byte{byte(c.channel.id), byte(c.channel.id >> 8), byte(c.channel.id >> 16), byte(c.channel.id >> 24)}
			msg := append(append([]byte("MSGF\x00\x00\x00\x00"), channel...), byte(c.channel.token), byte(c.channel.token>>8), 0, 0)
			switch way % fuzzWays {
			case fuzzSealed:
				b, err = k.seal(uasc.MessageTypeMessage, msg, b)
			case fuzzOpen:
				var head []byte
				if head, err = c.chunk(uasc.NewHeader("OPN", 'F', c.channel.id), uasc.NewAsymmetricSecurityHeader(k.suite.uri, k.certificate, k.thumbprint), b); err == nil {
					b = head
				}
			case fuzzChunk:
				b = append(msg, b...)
				n := len(b)
				b[4], b[5] = byte(n), byte(n>>8)
			}
			if err != nil || len(b) > 16000 {
				_ = c.Close()
				return
			}
			_ = c.SendRaw(b)
			_ = c.Stay(300 * time.Millisecond)
			_ = c.Close()
		})
		require.NoError(t, l.RunUntil(func() bool { return done }, time.Hour))
		require.NoError(t, l.Run(25*time.Second))
		require.Equal(t, Counts{}, s.server.Counts())
	}
	try(f, fuzzSealed, nil)
	bytes, blocks = s.memory.LiveBytes(), s.memory.LiveBlocks()
	f.Fuzz(func(t *testing.T, way byte, b []byte) {
		try(t, way, b)
		require.Equal(t, bytes, s.memory.LiveBytes())
		require.Equal(t, blocks, s.memory.LiveBlocks())
	})
}

// FuzzClientSecurity gives a client bytes instead of an encrypted chunk.
func FuzzClientSecurity(f *testing.F) {
	cfg := secureClient("client", encryptedEndpoint())
	cfg.Security.ServerCertificate = makeKeys()["server"].certificate
	l := vtime.New(1)
	var k *clientCrypto
	l.Go("client", func(p *vtime.Proc) {
		c, err := newClient(p, nil, cfg)
		if err != nil {
			panic(err)
		}
		k = c.crypto
		k.newNonce()
		if err := k.addToken(1, make([]byte, 32)); err != nil {
			panic(err)
		}
	})
	require.NoError(f, l.Run(time.Second))
	f.Add(true, []byte("OPNF"))
	f.Add(false, make([]byte, 16+64))
	f.Fuzz(func(t *testing.T, opn bool, b []byte) {
		m := &clientMessage{kind: uasc.MessageTypeMessage, token: 1}
		if opn {
			m = &clientMessage{kind: uasc.MessageTypeOpenSecureChannel, policy: k.suite.uri, certificate: k.server}
		}
		for n := 0; n <= min(len(b), 16); n += 8 {
			if _, err := k.open(m, b, n); err == nil {
				t.Fatal("bytes without a key were accepted")
			}
		}
	})
}
