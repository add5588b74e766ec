package mbedtls

import (
	"bytes"
	"crypto"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// sha256Prefix is the DigestInfo of SHA-256 before the digest (RFC 8017, 9.2).
var sha256Prefix = [...]byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// encodePKCS1 is the padded digest of PKCS#1 v1.5 (rsa_rsassa_pkcs1_v15_encode).
func encodePKCS1(message []byte, size int) ([]byte, error) {
	h := crypto.SHA256.New()
	h.Write(message)
	tail := h.Sum(sha256Prefix[:])
	if size < len(tail)+11 {
		return nil, ErrInput
	}
	m := bytes.Repeat([]byte{0xff}, size)
	m[0], m[1], m[size-len(tail)-1] = 0, 1, 0
	copy(m[size-len(tail):], tail)
	return m, nil
}

// SignPKCS1 signs the SHA-256 digest of a message as PKCS#1 v1.5 has it, and
// checks the signature before it gives it away (mbedtls_rsa_rsassa_pkcs1_v15_sign).
func (k *Key) SignPKCS1(random *DRBG, message []byte) (sig []byte, err error) {
	if !k.private {
		return nil, ErrInput
	}
	m, err := encodePKCS1(message, k.Size())
	if err != nil {
		return nil, err
	}
	err = k.withBuffers("mbedtls_rsa_rsassa_pkcs1_v15_sign", random, func(c *bignum.Calc) error {
		if sig, err = k.secret(c, m); err != nil {
			return err
		}
		check, err := k.public(c, sig)
		if err == nil && !bytes.Equal(check, m) {
			err = ErrVerify
		}
		return err
	})
	return sig, err
}

// VerifyPKCS1 checks such a signature (mbedtls_rsa_rsassa_pkcs1_v15_verify).
func (k *Key) VerifyPKCS1(message, sig []byte) error {
	if len(sig) < k.Size() {
		return ErrVerify
	}
	return k.withBuffers("mbedtls_rsa_rsassa_pkcs1_v15_verify", nil, func(c *bignum.Calc) error {
		expected, err := encodePKCS1(message, k.Size())
		if err != nil {
			return err
		}
		got, err := k.public(c, sig[:k.Size()])
		if err == nil && (!bytes.Equal(got, expected) || len(sig) > k.Size()) {
			err = ErrVerify
		}
		return err
	})
}

// withBuffers runs f with two buffers of the key's size allocated, as both
// functions of PKCS#1 v1.5 have them.
func (k *Key) withBuffers(what string, random *DRBG, f func(c *bignum.Calc) error) error {
	return k.calculate(random, func(c *bignum.Calc) (err error) {
		c.WithBlocks(what, uint32(k.Size()), uint32(k.Size()), func() { err = f(c) })
		return err
	})
}

// SignPSS signs the SHA-256 digest of a message as RSASSA-PSS has it, with a salt
// as long as the digest (mbedtls_rsa_rsassa_pss_sign).
func (k *Key) SignPSS(random *DRBG, message []byte) (sig []byte, err error) {
	const hash = crypto.SHA256
	hlen := hash.Size()
	size := k.Size()
	if !k.private || size < 2*hlen+2 {
		return nil, ErrInput
	}
	salt := make([]byte, hlen)
	random.Read(salt)
	bits := k.rsa.N.V.BitLen() - 1
	m := make([]byte, size)
	em := m[size-(bits+7)/8:]
	db, digest := em[:len(em)-hlen-1], em[len(em)-hlen-1:len(em)-1]
	db[len(db)-hlen-1] = 1
	copy(db[len(db)-hlen:], salt)
	copy(digest, pssDigest(message, salt))
	em[len(em)-1] = 0xbc
	err = k.calculate(random, func(c *bignum.Calc) error {
		allocHash(c, hash)
		mask(db, digest, hash)
		db[0] &= 0xff >> (8*len(em) - bits)
		sig, err = k.secret(c, m)
		return err
	})
	return sig, err
}

// VerifyPSS checks such a signature (mbedtls_rsa_rsassa_pss_verify). The salt may
// have any length.
func (k *Key) VerifyPSS(message, sig []byte) error {
	const hash = crypto.SHA256
	hlen := hash.Size()
	size := k.Size()
	if len(sig) != size || size < 2*hlen+2 {
		return ErrVerify
	}
	return k.calculate(nil, func(c *bignum.Calc) error {
		m, err := k.public(c, sig)
		if err != nil {
			return err
		}
		bits := k.rsa.N.V.BitLen() - 1
		em := m[size-(bits+7)/8:]
		db, digest := em[:len(em)-hlen-1], em[len(em)-hlen-1:len(em)-1]
		unused := byte(0xff) << (8 - (8*len(em) - bits))
		if 8*len(em) == bits {
			unused = 0
		}
		if em[len(em)-1] != 0xbc || db[0]&unused != 0 {
			return ErrVerify
		}
		allocHash(c, hash)
		mask(db, digest, hash)
		db[0] &^= unused
		at := 0
		for at < len(db)-1 && db[at] == 0 {
			at++
		}
		if db[at] != 1 || !bytes.Equal(pssDigest(message, db[at+1:]), digest) {
			return ErrVerify
		}
		return nil
	})
}

// pssDigest is the digest of eight zeros, the message's digest and the salt.
func pssDigest(message, salt []byte) []byte {
	inner := crypto.SHA256.New()
	inner.Write(message)
	h := crypto.SHA256.New()
	h.Write(make([]byte, 8))
	h.Write(inner.Sum(nil))
	h.Write(salt)
	return h.Sum(nil)
}
