package mbedtls

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// FuzzParseCertificate looks for a certificate that is read wrongly, or of which
// memory stays.
func FuzzParseCertificate(f *testing.F) {
	run := readRun(f)
	for _, name := range []string{"server_certificate", "client_certificate"} {
		b := run.der(f, name)
		f.Add(b)
		f.Add(append(b, b...))
		f.Add(b[:len(b)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m mem.Recorder
		crt, err := ParseCertificate(&m, &HostBuild, b)
		if err != nil {
			require.Zero(t, m.LiveBlocks())
			return
		}
		if parsed, err := x509.ParseCertificate(crt.Raw); err == nil {
			if public, ok := parsed.PublicKey.(*rsa.PublicKey); ok {
				require.Zero(t, public.N.Cmp(&crt.Key.rsa.N.V))
				require.Equal(t, public.Size(), crt.Key.Size())
			}
		}
		_ = crt.Key.VerifyPKCS1(b, b[:min(len(b), crt.Key.Size())])
		_ = crt.Key.VerifyPSS(b, b[:min(len(b), crt.Key.Size())])
		crt.Free()
		require.Zero(t, m.LiveBlocks())
	})
}

// FuzzParsePrivateKey looks for a key that is read wrongly, or of which memory stays.
func FuzzParsePrivateKey(f *testing.F) {
	run := readRun(f)
	for _, name := range []string{"server_private_key", "client_private_key"} {
		b := run.der(f, name)
		f.Add(b)
		f.Add(b[26:]) // PKCS#1
		f.Add(b[:len(b)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m mem.Recorder
		k, err := ParsePrivateKey(&m, &HostBuild, b)
		if err != nil {
			require.Zero(t, m.LiveBlocks())
			return
		}
		source := SplitMix64{State: 1}
		random := NewDRBG(source.Fill, "fuzz")
		_, _ = k.DecryptOAEP(random, crypto.SHA1, make([]byte, k.Size()))
		k.Free()
		require.Zero(t, m.LiveBlocks())
	})
}
