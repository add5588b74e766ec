package bignum

import (
	"errors"
	"math/big"
)

// Errors of RSA.
var (
	// ErrInput says that a message is not below the modulus.
	ErrInput = errors.New("mbedtls_rsa: the message is not below the modulus")
	// ErrCheck says that what the private key made does not verify.
	ErrCheck = errors.New("mbedtls_rsa_private: the result does not verify")
)

// RSA is mbedtls_rsa_context. A private key computes with the Chinese remainder
// theorem and with blinding, of which it keeps the numbers: the first operation
// with a key takes memory that stays.
type RSA struct {
	Len           int // bytes of the modulus
	N, E, D, P, Q MPI
	DP, DQ, QP    MPI
	rn, rp, rq    MPI // constants for exponentiation, kept after first use
	vi, vf        MPI // blinding and unblinding, kept after first use
}

// ReleaseRSA: mbedtls_rsa_free.
func (c *Calc) ReleaseRSA(r *RSA) {
	c.Release(&r.vi, &r.vf, &r.rn, &r.D, &r.Q, &r.P, &r.E, &r.N)
	c.Release(&r.rq, &r.rp, &r.QP, &r.DQ, &r.DP)
}

// Public: mbedtls_rsa_public.
func (c *Calc) Public(r *RSA, message *big.Int) (*big.Int, error) {
	var t MPI
	defer c.Release(&t)
	c.ReadBinary(&t, message, r.Len)
	if t.V.Cmp(&r.N.V) >= 0 {
		return nil, ErrInput
	}
	c.ExpMod(&t, &t, &r.E, &r.N, &r.rn)
	return new(big.Int).Set(&t.V), nil
}

// prepareBlinding: rsa_prepare_blinding.
func (c *Calc) prepareBlinding(r *RSA) error {
	var f MPI
	defer c.Release(&f)
	if r.vf.P != 0 {
		c.Mul(&r.vi, &r.vi, &r.vi)
		c.Mod(&r.vi, &r.vi, &r.N)
		c.Mul(&r.vf, &r.vf, &r.vf)
		c.Mod(&r.vf, &r.vf, &r.N)
		return nil
	}
	for tries := 0; ; tries++ {
		if tries > 10 {
			return ErrInput
		}
		c.FillRandom(&r.vf, r.Len-1)
		c.FillRandom(&f, r.Len-1)
		c.Mul(&r.vi, &r.vf, &f)
		c.Mod(&r.vi, &r.vi, &r.N)
		if c.Inverse(&r.vi, &r.vi, &r.N) {
			break
		}
	}
	c.Mul(&r.vi, &r.vi, &f)
	c.Mod(&r.vi, &r.vi, &r.N)
	c.ExpMod(&r.vi, &r.vi, &r.E, &r.N, &r.rn)
	return nil
}

const exponentBlinding = 28 // RSA_EXPONENT_BLINDING, bytes

// Private: mbedtls_rsa_private, with all its blinding. It is the largest
// transient of a handshake. If powers are exact, the result is checked.
func (c *Calc) Private(r *RSA, message *big.Int) (*big.Int, error) {
	var t, p1, q1, f, tp, tq, dpb, dqb, input, check MPI
	defer func() {
		c.Release(&p1, &q1, &f, &dpb, &dqb)
		c.Release(&t, &tp, &tq, &check, &input)
	}()
	c.ReadBinary(&t, message, r.Len)
	if t.V.Cmp(&r.N.V) >= 0 {
		return nil, ErrInput
	}
	if !c.Rules.CheckBlinded {
		c.Copy(&input, &t)
	}
	if err := c.prepareBlinding(r); err != nil {
		return nil, err
	}
	c.Mul(&t, &t, &r.vi)
	c.Mod(&t, &t, &r.N)
	if c.Rules.CheckBlinded {
		c.Copy(&input, &t)
	}
	c.Sub(&p1, &r.P, Small(1))
	c.Sub(&q1, &r.Q, Small(1))
	c.FillRandom(&f, exponentBlinding)
	c.Mul(&dpb, &p1, &f)
	c.Add(&dpb, &dpb, &r.DP)
	c.FillRandom(&f, exponentBlinding)
	c.Mul(&dqb, &q1, &f)
	c.Add(&dqb, &dqb, &r.DQ)
	c.ExpMod(&tp, &t, &dpb, &r.P, &r.rp)
	c.ExpMod(&tq, &t, &dqb, &r.Q, &r.rq)
	c.Sub(&t, &tp, &tq)
	c.Mul(&tp, &t, &r.QP)
	c.Mod(&t, &tp, &r.P)
	c.Mul(&tp, &t, &r.Q)
	c.Add(&t, &tq, &tp)
	if !c.Rules.UnblindMontgomery {
		c.Mul(&t, &t, &r.vf)
		c.Mod(&t, &t, &r.N)
	}
	c.ExpMod(&check, &t, &r.E, &r.N, &r.rn)
	if c.Exact && check.V.Cmp(&input.V) != 0 {
		return nil, ErrCheck
	}
	if c.Rules.UnblindMontgomery {
		c.unblind(&t, &r.vf, &r.N)
	}
	return new(big.Int).Set(&t.V), nil
}

// unblind: rsa_unblind, t * vf mod n.
func (c *Calc) unblind(t, vf, n *MPI) {
	var rr, mt MPI
	defer c.Release(&rr, &mt)
	c.montgomeryR2(&rr, n)
	c.Shrink(&rr, n.N)
	c.Grow(&mt, 2*n.N+1)
	c.Grow(t, n.N)
	c.Grow(vf, n.N)
	t.V.Mul(&t.V, &vf.V)
	t.V.Mod(&t.V, &n.V)
}
