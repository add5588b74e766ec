package mbedtls

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// anyConfig draws a configuration that New accepts.
func anyConfig(t *rapid.T) Config {
	b := func(name string) bool { return rapid.Bool().Draw(t, name) }
	c := Config{
		Version:             rapid.SampledFrom([]Version{V2_16_9, V3_6_0}).Draw(t, "version"),
		Role:                rapid.SampledFrom([]Role{Client, Server}).Draw(t, "role"),
		Hardware:            true, // software takes long
		InContentLen:        rapid.IntRange(512, 16384).Draw(t, "in"),
		OutContentLen:       rapid.IntRange(512, 16384).Draw(t, "out"),
		KeepPeerCertificate: b("keep"),
		DynamicBuffer:       b("dynamic"),
		Seed:                rapid.Uint64().Draw(t, "seed"),
	}
	if c.DynamicBuffer {
		c.DynamicFreeConfigData = b("free config")
		c.DynamicFreeCACert = c.DynamicFreeConfigData && b("free ca")
	} else if c.Version == V3_6_0 {
		c.VariableBufferLength = b("variable")
	}
	cert := func(name string) Certificate {
		return Certificate{
			DER: rapid.IntRange(300, 2000).Draw(t, name), RDNs: rapid.IntRange(0, 6).Draw(t, name+" rdns"),
			SANs: rapid.IntRange(0, 2).Draw(t, name+" sans"), Key: rapid.SampledFrom([]Key{RSA2048(), P256()}).Draw(t, name+" key"),
		}
	}
	ca := cert("ca")
	c.CA = &ca
	if c.Role == Server || b("own") {
		c.Own = []Certificate{cert("own")}
		c.OwnKey = c.Own[0].Key
	}
	if c.Role == Client || b("peer") {
		c.Peer.Chain = []Certificate{cert("leaf"), cert("intermediate")}
	}
	c.Peer.X25519, c.Peer.RequestsCertificate = b("x25519"), b("requests")
	c.Peer.SECP521R1 = c.Version == V2_16_9 && !c.Peer.X25519 && rapid.IntRange(0, 3).Draw(t, "secp521r1") == 0
	c.Peer.Groups = rapid.IntRange(0, maxGroups).Draw(t, "groups")
	if c.Role == Client && b("ticket") {
		c.Peer.Ticket = 500
	}
	return c
}

// failing is a memory whose n-th allocation fails, and all after it.
type failing struct {
	recorder
	left int
}

func (f *failing) Calloc(what string, size uint32) heap.Addr {
	if f.left--; f.left < 0 {
		return 0
	}
	return f.recorder.Calloc(what, size)
}

func connection(c *Context) error {
	if err := c.Setup(); err != nil {
		return err
	}
	if err := c.Handshake(); err != nil {
		return err
	}
	if err := c.Write(100); err != nil {
		return err
	}
	if err := c.Read(100); err != nil {
		return err
	}
	return c.CloseNotify()
}

// Whatever the configuration, and wherever memory ends, everything is given back
// once, and the same seed does the same.
func TestEverythingIsGivenBack(t *testing.T) {
	type run struct {
		cfg   Config
		short float64
	}
	gen := rapid.Custom(func(t *rapid.T) run { return run{anyConfig(t), rapid.Float64Range(0, 1).Draw(t, "memory for")} })
	for i := range 16 {
		x := gen.Example(i)
		cfg := x.cfg
		all := &recorder{live: map[heap.Addr]event{}}
		c, err := New(all, cfg)
		require.NoError(t, err)
		err = connection(c)
		var full *BufferTooSmallError
		if !errors.As(err, &full) {
			require.NoError(t, err)
		}
		c.Free()
		require.Empty(t, all.live)

		f := &failing{recorder{live: map[heap.Addr]event{}}, int(x.short * float64(all.next+1))}
		c, err = New(f, cfg)
		require.NoError(t, err)
		if err = connection(c); f.left < 0 && !cfg.VariableBufferLength {
			var noMemory *AllocError
			require.ErrorAs(t, err, &noMemory)
		}
		c.Free()
		require.Empty(t, f.live)
		if f.left >= 0 {
			require.Equal(t, all.events, f.events)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	cfg := Config{Version: V2_16_9, Role: Client, InContentLen: 100, OutContentLen: 4096, VariableBufferLength: true, MaxFragmentLength: 3000}
	_, err := New(nil, cfg)
	for _, want := range []string{
		"in content length 100: want 512 to 16384", "only in 3.x",
		"maximum fragment length 3000", "a server, as the peer, needs a certificate",
	} {
		require.ErrorContains(t, err, want)
	}
}

// A message longer than the output buffer's content is refused, not fragmented.
func TestCertificateTooLong(t *testing.T) {
	r := &recorder{live: map[heap.Addr]event{}}
	c, err := New(r, Config{
		Version: V3_6_0, Role: Server, Hardware: true, InContentLen: 16384, OutContentLen: 1024, KeepPeerCertificate: true,
		Own: []Certificate{{DER: 950, Key: RSA2048()}, {DER: 921, Key: RSA2048()}}, OwnKey: RSA2048(),
	})
	require.NoError(t, err)
	require.NoError(t, c.Setup())
	require.ErrorContains(t, c.Handshake(), "SERVER_CERTIFICATE: message of 1884 bytes in a buffer for 1024 (-0x6a00)")
	c.Free()
	require.Empty(t, r.live)
}

func BenchmarkHandshake(b *testing.B) {
	for _, v := range []Version{V3_6_0, V2_16_9} {
		b.Run(v.String(), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				r := &recorder{live: map[heap.Addr]event{}}
				c, err := New(r, Config{
					Version: v, Role: Client, Hardware: true, InContentLen: 16384, OutContentLen: 4096, KeepPeerCertificate: true,
					CA: &Certificate{DER: 900, Key: RSA2048()}, Peer: Peer{Chain: []Certificate{{DER: 950, Key: RSA2048()}}},
				})
				if err == nil {
					err = connection(c)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// secp521r1 takes a table of 32 points for the generator in place of 16, of larger
// numbers; all of it is given back. It is 2.16's only.
func TestSECP521R1(t *testing.T) {
	config := func(large bool) Config {
		key := RSA2048()
		cfg := Config{Version: V2_16_9, Role: Client, Hardware: true, InContentLen: 16384, OutContentLen: 4096, KeepPeerCertificate: true,
			CA: &Certificate{DER: 905, RDNs: 4, Key: key}, Seed: 1}
		cfg.Peer.Chain = []Certificate{{DER: 950, RDNs: 3, Key: key}, {DER: 921, RDNs: 5, Key: key}}
		cfg.Peer.SECP521R1 = large
		return cfg
	}
	peak := func(large bool) (most int) {
		r := &recorder{live: map[heap.Addr]event{}}
		c, err := New(r, config(large))
		require.NoError(t, err)
		require.NoError(t, connection(c))
		c.Free()
		require.Empty(t, r.live)
		now := 0
		for _, e := range r.events {
			if e.op == "calloc" {
				now += int(e.size)
				most = max(most, now)
			} else {
				now -= int(e.size)
			}
		}
		return most
	}
	require.InDelta(t, 9100, peak(true)-peak(false), 300)
	cfg := config(true)
	cfg.Version = V3_6_0
	_, err := New(&recorder{live: map[heap.Addr]event{}}, cfg)
	require.ErrorContains(t, err, "SECP521R1")
}
