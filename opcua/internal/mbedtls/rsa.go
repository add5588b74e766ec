package mbedtls

import (
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Key is an RSA key (mbedtls_rsa_context in its mbedtls_pk_context). A private key
// computes with the Chinese remainder theorem and with blinding, of which it keeps
// the numbers: the first operation with a key takes memory that stays.
type Key struct {
	build   *Build
	mem     mem.Memory
	block   uint32
	private bool

	n, e, d, p, q, dp, dq, qp mpi
	rn, rp, rq                mpi // 2^64 to the number of limbs, modulo n, p, q
	vi, vf                    mpi // blinding and unblinding
}

// exponentBlinding is the length in bytes of the random factor in a private exponent
// (RSA_EXPONENT_BLINDING, library/rsa.c).
const exponentBlinding = 28

// Size is the length of the key's modulus in bytes.
func (k *Key) Size() int { return (k.n.v.BitLen() + 7) / 8 }

// Bits is the length of the key's modulus in bits as C's users compute it.
func (k *Key) Bits() int { return 8 * k.Size() }

// Free releases the key (mbedtls_pk_free).
func (k *Key) Free() {
	if k == nil {
		return
	}
	freeNumbers(k.mem, &k.vi, &k.vf, &k.rn, &k.d, &k.q, &k.p, &k.e, &k.n, &k.rq, &k.rp, &k.qp, &k.dq, &k.dp)
	k.mem.Free(k.block)
	k.block = 0
}

// public is the operation with the public key (mbedtls_rsa_public).
func (k *Key) public(c *calc, in []byte) ([]byte, error) {
	t := c.temp()
	c.read(t, in)
	if t.v.Cmp(&k.n.v) >= 0 {
		c.free(t)
		return nil, ErrInput
	}
	c.power(t, t, &k.e, &k.n, &k.rn, k.build)
	out := t.v.FillBytes(make([]byte, k.Size()))
	c.free(t)
	return out, nil
}

// secret is the operation with the private key (mbedtls_rsa_private). The result is
// checked with the public key.
func (k *Key) secret(c *calc, random *DRBG, in []byte) ([]byte, error) {
	t, p1, q1, r, tp, tq := c.temp(), c.temp(), c.temp(), c.temp(), c.temp(), c.temp()
	dp, dq, input, check := c.temp(), c.temp(), c.temp(), c.temp()
	defer c.free(p1, q1, r, dp, dq, t, tp, tq, check, input)
	c.read(t, in)
	if t.v.Cmp(&k.n.v) >= 0 {
		return nil, ErrInput
	}
	c.copy(input, t)
	if err := k.blind(c, random); err != nil {
		return nil, err
	}
	c.mul(t, t, &k.vi)
	c.mod(t, t, &k.n)
	c.subInt(p1, &k.p, 1)
	c.subInt(q1, &k.q, 1)
	c.random(r, exponentBlinding, random)
	c.mul(dp, p1, r)
	c.add(dp, dp, &k.dp)
	c.random(r, exponentBlinding, random)
	c.mul(dq, q1, r)
	c.add(dq, dq, &k.dq)
	c.power(tp, t, dp, &k.p, &k.rp, k.build)
	c.power(tq, t, dq, &k.q, &k.rq, k.build)
	c.sub(t, tp, tq)
	c.mul(tp, t, &k.qp)
	c.mod(t, tp, &k.p)
	c.mul(tp, t, &k.q)
	c.add(t, tq, tp)
	c.mul(t, t, &k.vf)
	c.mod(t, t, &k.n)
	c.power(check, t, &k.e, &k.n, &k.rn, k.build)
	if check.v.Cmp(&input.v) != 0 {
		return nil, ErrVerify
	}
	return t.v.FillBytes(make([]byte, k.Size())), nil
}

// blind makes the numbers that hide what the private key works on, or squares those
// of the last time (rsa_prepare_blinding).
func (k *Key) blind(c *calc, random *DRBG) error {
	if k.vf.n != 0 {
		c.mul(&k.vi, &k.vi, &k.vi)
		c.mod(&k.vi, &k.vi, &k.n)
		c.mul(&k.vf, &k.vf, &k.vf)
		c.mod(&k.vf, &k.vf, &k.n)
		return nil
	}
	r := c.temp()
	for tries := 0; ; tries++ {
		if tries > 10 {
			return ErrInput
		}
		c.random(&k.vf, k.Size()-1, random)
		c.random(r, k.Size()-1, random)
		c.mul(&k.vi, &k.vf, r)
		c.mod(&k.vi, &k.vi, &k.n)
		if c.inverse(&k.vi, &k.vi, &k.n) {
			break
		}
	}
	c.mul(&k.vi, &k.vi, r)
	c.mod(&k.vi, &k.vi, &k.n)
	c.power(&k.vi, &k.vi, &k.e, &k.n, &k.rn, k.build)
	c.free(r)
	return nil
}
