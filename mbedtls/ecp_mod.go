package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// modp: ecp_modp, reduction of a product modulo the group's prime.
func (l *lib) modp(g *group, n *bignum.MPI) {
	switch {
	case g.curve.montgomery:
		l.modP255(n)
	case g.curve.nbits == 521:
		l.modP521(n)
	default:
		l.modP256(n)
	}
	for n.V.Sign() < 0 {
		l.bn.Add(n, n, &g.p)
	}
	for n.V.Cmp(&g.p.V) >= 0 {
		l.bn.SubAbs(n, n, &g.p)
	}
}

// modP256: ecp_mod_p256, the sums of FIPS 186-3 D.2.3 on 32-bit words. What
// comes out may be negative or exceed the prime; 2.16 makes it positive with a
// subtraction that copies, 3.x in place with a limb kept for it.
func (l *lib) modP256(n *bignum.MPI) {
	if l.v.modP256Grows {
		l.bn.Grow(n, 17)
	} else if n.N < 16 {
		l.bn.Grow(n, 16)
	}
	a := func(i int) int64 { return int64(bignum.Limb(&n.V, i)) }
	col := [8]int64{
		a(0) + a(8) + a(9) - a(11) - a(12) - a(13) - a(14),
		a(1) + a(9) + a(10) - a(12) - a(13) - a(14) - a(15),
		a(2) + a(10) + a(11) - a(13) - a(14) - a(15),
		a(3) + 2*a(11) + 2*a(12) + a(13) - a(15) - a(8) - a(9),
		a(4) + 2*a(12) + 2*a(13) + a(14) - a(9) - a(10),
		a(5) + 2*a(13) + 2*a(14) + a(15) - a(10) - a(11),
		a(6) + 3*a(14) + 2*a(15) + a(13) - a(8) - a(9),
		a(7) + 3*a(15) + a(8) - a(10) - a(11) - a(12) - a(13),
	}
	sum := new(big.Int)
	for i := 7; i >= 0; i-- {
		sum.Lsh(sum, 32)
		sum.Add(sum, big.NewInt(col[i]))
	}
	if sum.Sign() < 0 && !l.v.modP256Grows {
		// fix_negative: c * 2^256 - n, into n.
		c := new(big.Int).Rsh(sum, 256) // negative
		low := new(big.Int).Sub(sum, new(big.Int).Lsh(c, 256))
		n.V.Set(low)
		k := &bignum.MPI{N: 9}
		k.V.Lsh(c.Neg(c), 256)
		l.bn.SubAbs(n, k, n)
	}
	n.V.Set(sum)
}

// modP521: ecp_mod_p521 of 2.16: 2^521 = 1, with the upper part on the stack.
func (l *lib) modP521(n *bignum.MPI) {
	const width = 17
	if n.N < width {
		return
	}
	m := &bignum.MPI{N: min(n.N-(width-1), width+1)}
	m.V.Rsh(&n.V, 521)
	n.V.Sub(&n.V, new(big.Int).Lsh(&m.V, 521))
	l.bn.AddAbs(n, n, m)
}

// modP255: ecp_mod_p255.
func (l *lib) modP255(n *bignum.MPI) {
	if !l.v.mod255MulInt {
		// 3.x: 2^256 = 38, with the upper half on the stack.
		if n.N <= 8 {
			return
		}
		high := new(big.Int).Rsh(&n.V, 256)
		n.V.Sub(&n.V, new(big.Int).Lsh(high, 256))
		n.V.Add(&n.V, high.Mul(high, big.NewInt(38)))
		return
	}
	// 2.16: 2^255 = 19, and the upper half is multiplied as a number.
	if n.N < 8 {
		return
	}
	m := &bignum.MPI{N: n.N - 7 + 1}
	m.V.Rsh(&n.V, 255)
	n.V.Sub(&n.V, new(big.Int).Lsh(&m.V, 255))
	l.bn.MulInt(m, m, 19)
	l.bn.AddAbs(n, n, m)
}

// The helpers below are mbedtls_mpi_mul_mod and its like.

func (l *lib) mulMod(g *group, x, a, b *bignum.MPI) {
	l.bn.Mul(x, a, b)
	l.modp(g, x)
}

func (l *lib) modAdd(g *group, x *bignum.MPI) {
	for x.V.Cmp(&g.p.V) >= 0 {
		l.bn.SubAbs(x, x, &g.p)
	}
}

func (l *lib) addMod(g *group, x, a, b *bignum.MPI) {
	l.bn.Add(x, a, b)
	l.modAdd(g, x)
}

func (l *lib) subMod(g *group, x, a, b *bignum.MPI) {
	l.bn.Sub(x, a, b)
	for x.V.Sign() < 0 {
		l.bn.Add(x, x, &g.p)
	}
}

func (l *lib) mulIntMod(g *group, x, a *bignum.MPI, c uint32) {
	l.bn.MulInt(x, a, c)
	l.modAdd(g, x)
}

func (l *lib) shiftLMod(g *group, x *bignum.MPI, count int) {
	l.bn.ShiftLeft(x, count)
	l.modAdd(g, x)
}
