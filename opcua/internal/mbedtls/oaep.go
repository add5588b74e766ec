package mbedtls

import (
	"crypto"
	_ "crypto/sha1"   // SHA-1 for OAEP
	_ "crypto/sha256" // SHA-256 for OAEP, PKCS#1 and PSS
	"encoding/binary"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// hashContext is the size in bytes of the context of a hash function, which OAEP and
// PSS allocate (mbedtls_sha1_context, mbedtls_sha256_context; recorded).
func hashContext(h crypto.Hash) uint32 {
	if h == crypto.SHA1 {
		return 92
	}
	return 108
}

// allocHash takes and gives back the context of a hash function.
func allocHash(c *bignum.Calc, h crypto.Hash) {
	p := c.Calloc("mbedtls_md_context", hashContext(h))
	c.Free(&p)
}

// mask applies MGF1 to dst (mgf_mask, library/rsa.c).
func mask(dst, seed []byte, h crypto.Hash) {
	var counter [4]byte
	for i := uint32(0); len(dst) > 0; i++ {
		binary.BigEndian.PutUint32(counter[:], i)
		f := h.New()
		f.Write(seed)
		f.Write(counter[:])
		for _, b := range f.Sum(nil) {
			if len(dst) == 0 {
				break
			}
			dst[0] ^= b
			dst = dst[1:]
		}
	}
}

// EncryptOAEP encrypts a block of at most Size - 2 - 2 hash lengths bytes
// (mbedtls_rsa_rsaes_oaep_encrypt without a label).
func (k *Key) EncryptOAEP(random *DRBG, h crypto.Hash, block []byte) (out []byte, err error) {
	size, hlen := k.Size(), h.Size()
	if len(block)+2*hlen+2 > size {
		return nil, ErrInput
	}
	m := make([]byte, size)
	seed, db := m[1:1+hlen], m[1+hlen:]
	random.Read(seed)
	copy(db, h.New().Sum(nil))
	db[len(db)-len(block)-1] = 1
	copy(db[len(db)-len(block):], block)
	err = k.calculate(random, func(c *bignum.Calc) (err error) {
		allocHash(c, h)
		mask(db, seed, h)
		mask(seed, db, h)
		out, err = k.public(c, m)
		return err
	})
	return out, err
}

// DecryptOAEP decrypts a block of Size bytes (mbedtls_rsa_rsaes_oaep_decrypt).
func (k *Key) DecryptOAEP(random *DRBG, h crypto.Hash, block []byte) (out []byte, err error) {
	size, hlen := k.Size(), h.Size()
	if len(block) != size || 2*hlen+2 > size || !k.private {
		return nil, ErrInput
	}
	err = k.calculate(random, func(c *bignum.Calc) error {
		m, err := k.secret(c, block)
		if err != nil {
			return err
		}
		allocHash(c, h)
		seed, db := m[1:1+hlen], m[1+hlen:]
		mask(seed, db, h)
		mask(db, seed, h)
		if m[0] != 0 || string(db[:hlen]) != string(h.New().Sum(nil)) {
			return ErrInput
		}
		rest := db[hlen:]
		for len(rest) > 0 && rest[0] == 0 {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != 1 {
			return ErrInput
		}
		out = rest[1:]
		return nil
	})
	return out, err
}
