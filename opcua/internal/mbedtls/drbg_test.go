package mbedtls

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecordedNonce(t *testing.T) {
	src := SplitMix64{State: 13}
	d := NewDRBG(src.Fill, "open62541-drbg")
	// What the server draws until its first channel nonce: two blinding numbers and
	// twice two exponents of two decryptions.
	for _, n := range []int{255, 255, 28, 28, 28, 28} {
		d.Read(make([]byte, n))
	}
	nonce := make([]byte, 32)
	d.Read(nonce)
	require.Equal(t, "75ee04986b6f3f459a017d54c3033736c698e0c15c73cd199c243159159f9263", hex.EncodeToString(nonce))
}
