// Package mbedtls is the part of mbedTLS 2.28 that open62541 uses for secure
// channels: RSA with its multi-precision numbers, OAEP, PKCS#1 v1.5 and PSS,
// reading certificates and keys, and the random generator CTR_DRBG. It computes
// the real thing, so that any OPC UA client can talk to it, and takes memory as
// mbedTLS takes it, call by call.
//
// The numbers, and RSA's two operations with them, are internal/bignum's, which
// keeps for every number the limbs that C code would have allocated for it.
//
// It is a model, not a cryptographic library: it takes no care of timing, and
// its random generator is as random as its seed.
package mbedtls

import "errors"

// Errors of the package. mbedTLS has many codes; open62541 tells only these apart.
var (
	// ErrNoMemory says that an allocation failed (MBEDTLS_ERR_MPI_ALLOC_FAILED and
	// its like).
	ErrNoMemory = errors.New("mbedtls: out of memory")
	// ErrVerify says that a signature does not match.
	ErrVerify = errors.New("mbedtls: signature does not match")
	// ErrInput says that a number, a ciphertext or its padding is not valid.
	ErrInput = errors.New("mbedtls: bad input")
	// ErrFormat says that a certificate or a key cannot be read.
	ErrFormat = errors.New("mbedtls: bad format")
)

// Build says how mbedTLS was compiled, as far as memory depends on it.
type Build struct {
	// RSAContext is the size of mbedtls_rsa_context in bytes: 172, and 28 more
	// with mutexes (MBEDTLS_THREADING_C).
	RSAContext uint32
	// Window is MBEDTLS_MPI_WINDOW_SIZE in bits, 1 to 6: the most exponent bits that
	// exponentiation takes at once, for which it keeps half of 2^Window numbers.
	Window int
}

// The builds of mbedTLS 2.28 that are known.
var (
	// HostBuild is Debian's mbedTLS 2.28.3 for i386, of the recordings.
	HostBuild = Build{RSAContext: 200, Window: 2}
	// DeviceBuild is the same without mutexes, as ESP-IDF configures it
	// (CONFIG_MBEDTLS_THREADING_C is not set by default).
	DeviceBuild = Build{RSAContext: 172, Window: 2}
)
