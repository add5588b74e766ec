package mbedtls

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// What this package encrypts and signs Go's library reads, and the other way round.
func TestAgainstGo(t *testing.T) {
	run := readRun(t)
	var m mem.Recorder
	key, err := ParsePrivateKey(&m, &DeviceBuild, run.der(t, "server_private_key"))
	require.NoError(t, err)
	crt, err := ParseCertificate(&m, &DeviceBuild, run.der(t, "server_certificate"))
	require.NoError(t, err)
	parsed, err := x509.ParsePKCS8PrivateKey(run.der(t, "server_private_key"))
	require.NoError(t, err)
	private := parsed.(*rsa.PrivateKey)
	source := SplitMix64{State: 1}
	random := NewDRBG(source.Fill, "test")
	message := []byte("a message")
	digest := sha256.Sum256(message)
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		c, err := crt.Key.EncryptOAEP(random, h, message)
		require.NoError(t, err)
		p, err := rsa.DecryptOAEP(h.New(), nil, private, c, nil)
		require.NoError(t, err)
		require.Equal(t, message, p)
		c, err = rsa.EncryptOAEP(h.New(), random, &private.PublicKey, message, nil)
		require.NoError(t, err)
		p, err = key.DecryptOAEP(random, h, c)
		require.NoError(t, err)
		require.Equal(t, message, p)
		c[0] ^= 1
		_, err = key.DecryptOAEP(random, h, c)
		require.ErrorIs(t, err, ErrInput)
	}
	sig, err := key.SignPSS(random, message)
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPSS(&private.PublicKey, crypto.SHA256, digest[:], sig, &rsa.PSSOptions{SaltLength: 32}))
	require.NoError(t, crt.Key.VerifyPSS(message, sig))
	require.ErrorIs(t, crt.Key.VerifyPSS(message[1:], sig), ErrVerify)
	sig, err = rsa.SignPSS(random, private, crypto.SHA256, digest[:], nil)
	require.NoError(t, err)
	require.NoError(t, crt.Key.VerifyPSS(message, sig))
	sig, err = key.SignPKCS1(random, message)
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, digest[:], sig))
	sig[0] ^= 1
	require.Error(t, crt.Key.VerifyPKCS1(message, sig))
}

// Whichever allocation of a handshake fails, the operation says so or does
// without, and no temporary number stays.
func TestOutOfMemory(t *testing.T) {
	run := readRun(t)
	handshake := func(m *mem.Recorder) error {
		key, err := ParsePrivateKey(m, &DeviceBuild, run.der(t, "server_private_key"))
		if err != nil {
			return err
		}
		defer key.Free()
		crt, err := ParseCertificate(m, &DeviceBuild, run.der(t, "server_certificate"))
		if err != nil {
			return err
		}
		defer crt.Free()
		source := SplitMix64{State: 1}
		random := NewDRBG(source.Fill, "test")
		c, err := crt.Key.EncryptOAEP(random, crypto.SHA1, []byte("a message"))
		if err != nil {
			return err
		}
		if _, err := key.DecryptOAEP(random, crypto.SHA1, c); err != nil {
			return err
		}
		sig, err := key.SignPKCS1(random, c)
		if err != nil {
			return err
		}
		return crt.Key.VerifyPKCS1(c, sig)
	}
	var whole mem.Recorder
	require.NoError(t, handshake(&whole))
	require.Zero(t, whole.LiveBlocks())
	for n := uint64(1); n <= whole.Allocs(); n += 1 + n/40 {
		m := &mem.Recorder{Fail: func(i uint64, _ uint32) bool { return i == n }}
		require.ErrorIs(t, handshake(m), ErrNoMemory, "allocation %d of %d", n, whole.Allocs())
		require.Zero(t, m.LiveBlocks(), "allocation %d of %d", n, whole.Allocs())
	}
}

func BenchmarkPrivateKey(b *testing.B) {
	run := readRun(b)
	var m mem.Recorder
	key, err := ParsePrivateKey(&m, &DeviceBuild, run.der(b, "server_private_key"))
	require.NoError(b, err)
	source := SplitMix64{State: 1}
	random := NewDRBG(source.Fill, "bench")
	for b.Loop() {
		if _, err := key.SignPKCS1(random, nil); err != nil {
			b.Fatal(err)
		}
	}
}
