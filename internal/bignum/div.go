package bignum

import (
	"math/big"
	"math/bits"
)

// remainder: mbedtls_mpi_div_mpi without a quotient. Long division, limb by limb,
// as the temporaries grow with it.
func (c *Calc) remainder(r, a, b *MPI) {
	if a.V.CmpAbs(&b.V) < 0 {
		c.Copy(r, a)
		return
	}
	var rem big.Int
	rem.Rem(&a.V, &b.V)
	var x, y, z, t1, t2 MPI
	defer c.Release(&x, &y, &z, &t1, &t2)
	c.Copy(&x, a)
	c.Copy(&y, b)
	x.V.Abs(&x.V)
	y.V.Abs(&y.V)
	c.Grow(&z, a.N+2)
	if c.Rules.DivTemporariesGrow {
		c.Grow(&t1, 2)
		c.Grow(&t2, 3)
	} else {
		c.Grow(&t1, a.N+2)
	}
	if k := y.V.BitLen() % limbBits; k < limbBits-1 {
		k = limbBits - 1 - k
		c.ShiftLeft(&x, k)
		c.ShiftLeft(&y, k)
	}
	n, t := x.N-1, y.N-1
	c.ShiftLeft(&y, limbBits*(n-t))
	for x.V.Cmp(&y.V) >= 0 {
		c.Sub(&x, &x, &y)
	}
	c.ShiftRight(&y, limbBits*(n-t))
	for i := n; i > t; i-- {
		c.divStep(&x, &y, &t1, i, t)
	}
	c.Copy(r, fit(&rem))
}

// fit is a value in as many limbs as it needs, at least one.
func fit(v *big.Int) *MPI {
	x := Constant(v)
	x.N = max(x.N, 1)
	return x
}

// divStep settles one limb of the quotient: guessed from the leading limbs, then
// tried, and taken back if the rest turns negative.
func (c *Calc) divStep(x, y, t1 *MPI, i, t int) {
	q := uint64(0xffffffff)
	if xi, yt := Limb(&x.V, i), Limb(&y.V, t); xi < yt {
		q = (uint64(xi)<<limbBits | uint64(Limb(&x.V, i-1))) / uint64(yt)
	}
	topHigh, topLow := uint64(Limb(&x.V, i)), uint64(Limb(&x.V, i-1))<<limbBits|uint64(Limb(&x.V, i-2))
	two := uint64(Limb(&y.V, t))<<limbBits | uint64(Limb(&y.V, t-1))
	for {
		if c.Rules.DivTemporariesGrow {
			c.Set(t1, 0)
			t1.V.SetUint64(two)
			c.MulInt(t1, t1, uint32(q))
		}
		if high, low := bits.Mul64(two, q); high < topHigh || high == topHigh && low <= topLow {
			break
		}
		q--
	}
	c.MulInt(t1, y, uint32(q))
	c.ShiftLeft(t1, limbBits*(i-t-1))
	c.Sub(x, x, t1)
	if x.V.Sign() < 0 {
		c.Copy(t1, y)
		c.ShiftLeft(t1, limbBits*(i-t-1))
		c.Add(x, x, t1)
	}
}

// Limb is limb i of a value, 0 beyond its ends.
func Limb(v *big.Int, i int) uint32 {
	if i < 0 {
		return 0
	}
	w := v.Bits()
	if ^big.Word(0)>>32 == 0 { // 32-bit words
		if i < len(w) {
			return uint32(w[i])
		}
		return 0
	}
	if i/2 < len(w) {
		return uint32(uint64(w[i/2]) >> (32 * uint(i%2)))
	}
	return 0
}

// Mod: mbedtls_mpi_mod_mpi.
func (c *Calc) Mod(r, a, b *MPI) {
	c.remainder(r, a, b)
	for r.V.Sign() < 0 {
		c.Add(r, r, b)
	}
	for r.V.Cmp(&b.V) >= 0 {
		c.Sub(r, r, b)
	}
}
