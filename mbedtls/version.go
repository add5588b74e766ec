package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// Version is a release of mbedTLS with the port code of an ESP-IDF release.
type Version int

const (
	V2_16_9 Version = iota + 1 // ESP-IDF v4.3
	V3_6_0                     // ESP-IDF v5.3.1
)

func (v Version) String() string {
	switch v {
	case V2_16_9:
		return "mbedtls 2.16.9"
	case V3_6_0:
		return "mbedtls 3.6.0"
	}
	return fmt.Sprintf("mbedtls.Version(%d)", int(v))
}

// Sizes are the bytes of mbedTLS's structures on an ESP32 (recorded): 4-byte
// pointers, 8-byte alignment of 64-bit members, time_t of 64 bits from ESP-IDF
// v5.0 on.
type Sizes struct {
	Context         uint32 // mbedtls_ssl_context, held by the application
	Config          uint32 // mbedtls_ssl_config, held by the application
	Session         uint32
	Transform       uint32
	HandshakeParams uint32
	KeyCert         uint32
	Crt             uint32 // mbedtls_x509_crt
	Name            uint32 // mbedtls_x509_name
	Sequence        uint32 // mbedtls_x509_sequence
	PK              uint32
	RSA             uint32
	Keypair         uint32 // mbedtls_ecp_keypair
	Group           uint32
	Point           uint32
	MPI             uint32
	ECDH            uint32
	CTRDRBG         uint32 // held by the application
	Entropy         uint32 // held by the application
	AES             uint32
	GCM             uint32
	CCM             uint32
	Cipher          uint32 // mbedtls_cipher_context_t
	MD              uint32 // mbedtls_md_context_t
	SHA1            uint32
	SHA256          uint32
	SHA512          uint32
	MD5             uint32
}

// SizesOf returns the structure sizes of a configuration.
func SizesOf(c *Config) Sizes {
	s := Sizes{
		Context: 252, Config: 140, Session: 144, Transform: 220, HandshakeParams: 584,
		KeyCert: 12, Crt: 408, Name: 32, Sequence: 16, PK: 8, RSA: 120, Keypair: 128,
		Group: 96, Point: 24, MPI: 8, ECDH: 172, CTRDRBG: 320, Entropy: 420, AES: 280,
		GCM: 400, CCM: 128, Cipher: 68, MD: 12, SHA1: 92, SHA256: 108, SHA512: 216, MD5: 88,
	}
	if c.Version == V2_16_9 {
		s.Context, s.Config, s.Session, s.Transform, s.HandshakeParams = 232, 160, 128, 208, 2104
		s.Crt, s.RSA, s.Keypair, s.Group, s.Point, s.MPI = 312, 172, 172, 124, 36, 12
		s.ECDH, s.Entropy, s.GCM, s.CCM, s.Cipher = 308, 632, 392, 64, 64
	} else {
		if !c.KeepPeerCertificate {
			s.Session += 8
			s.HandshakeParams += 8
		}
		if c.VariableBufferLength {
			s.Context += 8
		}
	}
	if c.Hardware {
		// Contexts of the accelerators: the key without its schedule; SHA
		// with the mode and the engine that it occupies.
		s.CTRDRBG, s.AES, s.SHA1, s.SHA256 = 76, 34, 96, 112
		if c.Version == V2_16_9 {
			s.HandshakeParams = 2112 // two SHA contexts embedded
		} else {
			s.GCM = 392 // contains the AES context
		}
	}
	return s
}

// variant is how the code of the two releases differs in what it allocates.
type variant struct {
	sizePoint, sizeMPI uint32

	privkeyFillsRandom bool // private keys from bytes of the order's length
	pointReadsZLast    bool
	checkBadPoints     bool // x25519: points of small order are refused
	modP256Grows       bool // reduction needs a 17th limb
	mod255MulInt       bool
	jacLocals          bool // temporaries of their own at every step of a curve
	staticCombTable    bool // multiples of the generator in flash
	ecpSeedsDRBG       bool // blinding without the caller's generator
	groupFreesPFirst   bool
	mdOnHeap           bool // transcript hashes are allocated contexts
	prfOnHeap          bool // tls_prf has its input on the heap
	verifyCopiesKey    bool // ECDSA works on a copy of the key pair
	embeddedEntropy    bool // the accumulator of the entropy context is part of it
	dhmDefaults        bool // a server gets a Diffie-Hellman group
	setupTransient     bool // dynamic ssl_setup allocates full buffers first
	peerCertAtSKE      bool // the chain goes after SERVER_KEY_EXCHANGE
	curveListEntry     uint32
	crtFreesSelfLast   bool
	helloRxKept        bool // a server's buffer with the hello stays
	helloFlushed       bool // CLIENT_HELLO has left when its step ends
	clientHello        int  // bytes of our ClientHello without a host name
}

func (v Version) variant(s Sizes) variant {
	r := variant{sizePoint: s.Point, sizeMPI: s.MPI}
	if v == V2_16_9 {
		r.privkeyFillsRandom, r.pointReadsZLast = true, true
		r.mod255MulInt, r.jacLocals, r.ecpSeedsDRBG, r.groupFreesPFirst = true, true, true, true
		r.verifyCopiesKey, r.embeddedEntropy, r.dhmDefaults = true, true, true
		r.setupTransient, r.peerCertAtSKE, r.helloFlushed = true, true, true
		r.crtFreesSelfLast, r.helloRxKept = true, true
		r.curveListEntry = 4
		r.clientHello = 215
		return r
	}
	r.checkBadPoints, r.modP256Grows = true, true
	r.staticCombTable, r.mdOnHeap, r.prfOnHeap = true, true, true
	r.curveListEntry = 2
	r.clientHello = 219
	return r
}

// rules is how the release computes.
func (c *Config) rules() bignum.Rules {
	if c.Version == V2_16_9 {
		return bignum.Rules{
			CopyFreesEmpty: true, SubCopies: true, DivTemporariesGrow: true,
			Exponentiation: bignum.SlidingWindow, Accelerator: c.Hardware,
		}
	}
	return bignum.Rules{
		MulIntInPlace: true, UnblindMontgomery: true, CheckBlinded: true,
		Exponentiation: bignum.OneBlock, Accelerator: c.Hardware,
	}
}
