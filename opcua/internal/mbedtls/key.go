package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// oidRSA is rsaEncryption (RFC 8017, appendix A).
const oidRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"

// newKey allocates a key without numbers (rsa_alloc_wrap).
func newKey(m mem.Memory, build *Build) (*Key, error) {
	k := &Key{build: build, mem: m, block: m.Calloc(build.RSAContext, "mbedtls_rsa_context")}
	if k.block == 0 {
		return nil, ErrNoMemory
	}
	return k, nil
}

// ParsePrivateKey reads an RSA key in DER, as PKCS#8 or PKCS#1 has it
// (mbedtls_pk_parse_key): first it is copied and taken for an encrypted one.
func ParsePrivateKey(m mem.Memory, build *Build, key []byte) (*Key, error) {
	if len(key) == 0 {
		return nil, ErrFormat
	}
	encrypted := m.Calloc(uint32(len(key)), "mbedtls_pk_parse_key")
	if encrypted == 0 {
		return nil, ErrNoMemory
	}
	m.Free(encrypted)
	d := &der{b: key}
	all := d.in(tagSequence)
	version := all.bytes(tagInteger)
	if len(version) != 1 || version[0] != 0 {
		return nil, ErrFormat
	}
	numbers := all
	if all.peek() == tagSequence {
		if string(all.in(tagSequence).bytes(tagOID)) != oidRSA {
			return nil, ErrFormat
		}
		outer := &der{b: all.bytes(tagOctets)}
		numbers = outer.in(tagSequence)
		if v := numbers.bytes(tagInteger); len(v) != 1 || v[0] != 0 {
			return nil, ErrFormat
		}
	}
	k, err := newKey(m, build)
	if err != nil {
		return nil, err
	}
	if err := k.readPrivate(numbers); err != nil {
		k.Free()
		return nil, err
	}
	return k, nil
}

// readPrivate reads the numbers of a private key one after the other into the same
// one and copies each (pk_parse_key_pkcs1_der).
func (k *Key) readPrivate(d *der) error {
	k.private = true
	r := &k.rsa
	return k.calculate(nil, func(c *bignum.Calc) error {
		var t bignum.MPI
		defer c.Release(&t)
		for _, x := range []*bignum.MPI{&r.N, &r.E, &r.D, &r.P, &r.Q, &r.DP, &r.DQ, &r.QP} {
			b := d.bytes(tagInteger)
			if d.bad || len(b) == 0 || b[0] >= 0x80 {
				return ErrFormat
			}
			c.ReadBinary(&t, new(big.Int).SetBytes(b), len(b))
			if t.V.Sign() == 0 {
				return ErrFormat
			}
			c.Copy(x, &t)
		}
		k.rsa.Len = (k.rsa.N.V.BitLen() + 7) / 8
		if !d.done() || !k.sound() || r.P.V.Bit(0) == 0 || r.Q.V.Bit(0) == 0 {
			return ErrFormat
		}
		return nil
	})
}

// readPublic reads the numbers of a public key, with the zero that DER puts before
// large ones (pk_get_rsapubkey).
func (k *Key) readPublic(d *der) error {
	return k.calculate(nil, func(c *bignum.Calc) error {
		for _, x := range []*bignum.MPI{&k.rsa.N, &k.rsa.E} {
			b := d.bytes(tagInteger)
			if d.bad {
				return ErrFormat
			}
			c.ReadBinary(x, new(big.Int).SetBytes(b), len(b))
		}
		k.rsa.Len = (k.rsa.N.V.BitLen() + 7) / 8
		if !d.done() || !k.sound() {
			return ErrFormat
		}
		return nil
	})
}

// Limits of an RSA key in bits (mbedtls_rsa_check_pubkey, MBEDTLS_MPI_MAX_BITS).
const (
	minKeyBits = 128
	maxKeyBits = 8192
)

// sound is the check of a public key's numbers (mbedtls_rsa_check_pubkey).
func (k *Key) sound() bool {
	bits := k.rsa.N.V.BitLen()
	return bits >= minKeyBits && bits <= maxKeyBits && k.rsa.N.V.Bit(0) == 1 &&
		k.rsa.E.V.BitLen() >= 2 && k.rsa.E.V.Bit(0) == 1 && k.rsa.E.V.Cmp(&k.rsa.N.V) < 0
}
