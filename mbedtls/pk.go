package mbedtls

import (
	"fmt"
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// KeyType is the kind of a key.
type KeyType int

const (
	RSA   KeyType = iota + 1 // with a public exponent of 65537
	ECDSA                    // on secp256r1
)

// Key is a public key in a certificate, or a private one of the device.
type Key struct {
	Type KeyType
	Bits int // of the modulus: 2048, 3072 or 4096; 256 for ECDSA
	// DER is the length of the private key's file: PKCS#8 for RSA, SEC 1 for
	// ECDSA. 0: the usual length. Only a PEM file's decoder allocates it.
	DER int
}

// RSA2048 is the key of most certificates.
func RSA2048() Key { return Key{Type: RSA, Bits: 2048} }

// P256 is an ECDSA key on secp256r1.
func P256() Key { return Key{Type: ECDSA, Bits: 256} }

// PEM returns the length of the private key's file as PEM, with the zero byte at
// its end that mbedTLS's parser asks for.
func (k Key) PEM() int {
	kind := "PRIVATE KEY" // PKCS#8
	if k.Type == ECDSA {
		kind = "EC PRIVATE KEY"
	}
	return pemLength(k.der(), kind)
}

// PEM returns the length of the certificate's file as PEM, without a zero byte at
// its end.
func (c Certificate) PEM() int { return pemLength(c.DER, "CERTIFICATE") - 1 }

// pemLength is the length of n bytes in base64, 64 characters a line, between two
// lines with the kind, and of a zero byte.
func pemLength(n int, kind string) int {
	chars := (n + 2) / 3 * 4
	lines := (chars + 63) / 64
	return chars + lines + len("-----BEGIN -----\n") + len("-----END -----\n") + 2*len(kind) + 1
}

func (k Key) validate() error {
	switch {
	case k.Type == RSA && (k.Bits == 2048 || k.Bits == 3072 || k.Bits == 4096):
		if extra := k.DER - k.leastDER(); k.DER != 0 && (extra < 0 || extra > 3) {
			return fmt.Errorf("private RSA key of %d bytes: want %d to %d for %d bits", k.DER, k.leastDER(), k.leastDER()+3, k.Bits)
		}
	case k.Type == ECDSA && k.Bits == 256:
	default:
		return fmt.Errorf("key of type %d with %d bits: want RSA with 2048, 3072 or 4096, or ECDSA with 256", k.Type, k.Bits)
	}
	return nil
}

// derInt is the length of an ASN.1 INTEGER with this many content bytes.
func derInt(n int) int { return derHeader(n) + n }

func derHeader(n int) int {
	switch {
	case n < 128:
		return 2
	case n < 256:
		return 3
	}
	return 4
}

// leastDER is the length of a PKCS#8 file whose exponents for the primes and
// coefficient have no top bit set, and need no zero byte in front.
func (k Key) leastDER() int {
	if k.Type == ECDSA {
		return 121
	}
	n := k.Bits / 8
	// version, N with a zero byte in front, E, D, P and Q likewise, DP, DQ, QP
	in := 3 + derInt(n+1) + 5 + derInt(n) + 2*derInt(n/2+1) + 3*derInt(n/2)
	in += derHeader(in)          // SEQUENCE of PKCS#1
	in += derHeader(in) + 3 + 15 // OCTET STRING, version, rsaEncryption
	return in + derHeader(in)
}

func (k Key) der() int {
	if k.DER != 0 {
		return k.DER
	}
	return k.leastDER()
}

// pk is mbedtls_pk_context: the context that it points to.
type pk struct {
	p   heap.Addr
	rsa *bignum.RSA
	ec  *keypair
}

// pkFree: mbedtls_pk_free.
func (l *lib) pkFree(k *pk) {
	if k.rsa != nil {
		l.bn.ReleaseRSA(k.rsa)
	}
	if k.ec != nil {
		l.keypairFree(k.ec)
	}
	l.free(&k.p)
	*k = pk{}
}

// parseSubpubkey: mbedtls_pk_parse_subpubkey, the key in a certificate. The
// modulus is read with the zero byte that ASN.1 puts in front of it.
func (l *lib) parseSubpubkey(k *pk, key Key) {
	if key.Type == RSA {
		k.p = l.calloc("rsa_alloc_wrap", l.size.RSA)
		k.rsa = &bignum.RSA{Len: key.Bits / 8}
		l.bn.ReadBinary(&k.rsa.N, l.modulus(key.Bits), key.Bits/8+1)
		l.bn.ReadBinary(&k.rsa.E, big.NewInt(65537), 3)
		return
	}
	k.p = l.calloc("eckey_alloc_wrap", l.size.Keypair)
	k.ec = &keypair{}
	l.groupLoad(&k.ec.grp, secp256r1())
	l.readPublic(k.ec)
}

// readPublic reads some point of the curve, as wide as any, and checks it.
func (l *lib) readPublic(k *keypair) {
	x, y := new(big.Int), new(big.Int)
	l.bn.RandomBelow(x, k.grp.curve.p)
	l.bn.RandomBelow(y, k.grp.curve.p)
	l.pointRead(&k.grp, &k.q, x, y)
	l.checkPubkey(&k.grp, &k.q)
}

// modulus is an odd number of exactly that many bits.
func (l *lib) modulus(bits int) *big.Int {
	v := new(big.Int)
	l.bn.RandomBits(v, bits)
	return v.SetBit(v.SetBit(v, bits-1, 1), 0, 1)
}

// prime stands for a prime of a key. All that the memory depends on is that it
// is odd, has its two top bits set, and that hardly any number shares a factor
// with it.
func (l *lib) prime(bits int) *big.Int {
	v := new(big.Int)
	l.bn.RandomBits(v, bits)
	v.SetBit(v, bits-1, 1)
	v.SetBit(v, bits-2, 1)
	v.SetBit(v, 0, 1)
	two, rest := big.NewInt(2), new(big.Int)
search:
	for {
		for d := int64(3); d < 1000; d += 2 {
			if rest.Rem(v, big.NewInt(d)).Sign() == 0 {
				v.Add(v, two)
				continue search
			}
		}
		return v
	}
}

// parseKey: mbedtls_pk_parse_key of a PEM file.
func (l *lib) parseKey(k *pk, key Key) {
	pem := l.calloc("mbedtls_pem_read_buffer", uint32(key.der()))
	defer func() { l.free(&pem) }()
	if key.Type == ECDSA {
		k.p = l.calloc("eckey_alloc_wrap", l.size.Keypair)
		k.ec = &keypair{}
		l.groupLoad(&k.ec.grp, secp256r1())
		d := new(big.Int)
		l.bn.RandomBelow(d, k.ec.grp.curve.n)
		l.bn.ReadBinary(&k.ec.d, d, 32)
		l.readPublic(k.ec)
		return
	}
	k.p = l.calloc("rsa_alloc_wrap", l.size.RSA)
	r := &bignum.RSA{Len: key.Bits / 8}
	k.rsa = r
	n := key.Bits / 8
	p, q := l.prime(key.Bits/2), l.prime(key.Bits/2)
	d := new(big.Int)
	l.bn.RandomBits(d, key.Bits-1)
	d.SetBit(d, key.Bits-2, 1)

	// mbedtls_rsa_parse_key: each number is read into a temporary of exactly
	// its limbs and copied without leading zeros.
	var t bignum.MPI
	defer l.bn.Release(&t)
	read := func(x *bignum.MPI, v *big.Int, size int) {
		l.bn.ReadBinary(&t, v, size)
		l.bn.Copy(x, &t)
	}
	last := func(x *bignum.MPI, v *big.Int, size int) {
		read(x, v, size)
		l.bn.Release(&t)
	}
	last(&r.N, new(big.Int).Mul(p, q), n+1)
	last(&r.E, big.NewInt(65537), 3)
	last(&r.D, d, n)
	read(&r.P, p, n/2+1)
	last(&r.Q, q, n/2+1)
	// As many of the other three as the file is longer than the shortest have
	// their top bit set.
	extra := key.der() - key.leastDER()
	for i, x := range []*bignum.MPI{&r.DP, &r.DQ, &r.QP} {
		v, size := new(big.Int), n/2
		l.bn.RandomBits(v, key.Bits/2-1)
		v.SetBit(v, key.Bits/2-2, 1)
		if (i == 1 && extra > 0) || (i == 0 && extra > 1) || (i == 2 && extra > 2) {
			v.SetBit(v, key.Bits/2-1, 1)
			size++
		}
		read(x, v, size)
	}
}

// verify: mbedtls_pk_verify.
func (l *lib) verify(k *pk, sigInts int) {
	if k.rsa != nil {
		l.rsaVerify(k.rsa)
		return
	}
	l.ecdsaVerify(k.ec, sigInts)
}

// sign: mbedtls_pk_sign.
func (l *lib) sign(k *pk) {
	if k.rsa != nil {
		l.rsaSign(k.rsa)
		return
	}
	l.ecdsaSign(k.ec)
}

// belowModulus is a message: any number as wide as the modulus.
func (l *lib) belowModulus(r *bignum.RSA) *big.Int {
	v := new(big.Int)
	l.bn.RandomBelow(v, &r.N.V)
	return v
}

// rsaPublic is the public key's operation with some message. It cannot fail:
// the message is below the modulus, and what comes out is nobody's.
func (l *lib) rsaPublic(r *bignum.RSA) {
	l.spend(RSAPublic, 8*r.Len)
	if _, err := l.bn.Public(r, l.belowModulus(r)); err != nil {
		panic(err)
	}
}

// rsaVerify: mbedtls_rsa_rsassa_pkcs1_v15_verify.
func (l *lib) rsaVerify(r *bignum.RSA) {
	const what = "mbedtls_rsa_rsassa_pkcs1_v15_verify"
	l.bn.WithBlocks(what, uint32(r.Len), uint32(r.Len), func() { l.rsaPublic(r) })
}

// rsaSign: mbedtls_rsa_rsassa_pkcs1_v15_sign, which checks what it has signed.
func (l *lib) rsaSign(r *bignum.RSA) {
	const what = "mbedtls_rsa_rsassa_pkcs1_v15_sign"
	l.bn.WithBlocks(what, uint32(r.Len), uint32(r.Len), func() {
		l.spend(RSAPrivate, 8*r.Len)
		if _, err := l.bn.Private(r, l.belowModulus(r)); err != nil {
			panic(err)
		}
		l.rsaPublic(r)
	})
}
