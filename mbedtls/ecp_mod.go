package mbedtls

import "math/big"

// modp: ecp_modp, reduction of a product modulo the group's prime.
func (l *lib) modp(g *group, n *mpi) {
	if g.curve.montgomery {
		l.modP255(n)
	} else {
		l.modP256(n)
	}
	for n.v.Sign() < 0 {
		l.add(n, n, &g.p)
	}
	for n.v.Cmp(&g.p.v) >= 0 {
		l.subAbs(n, n, &g.p)
	}
}

// modP256: ecp_mod_p256, the sums of FIPS 186-3 D.2.3 on 32-bit words. What
// comes out may be negative or exceed the prime; 2.16 makes it positive with a
// subtraction that copies, 3.x in place with a limb kept for it.
func (l *lib) modP256(n *mpi) {
	if l.v.modP256Grows {
		l.grow(n, 17)
	} else if n.n < 16 {
		l.grow(n, 16)
	}
	a := func(i int) int64 { return int64(limb(&n.v, i)) }
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
		n.v.Set(low)
		k := &mpi{n: 9}
		k.v.Lsh(c.Neg(c), 256)
		l.subAbs(n, k, n)
	}
	n.v.Set(sum)
}

// modP255: ecp_mod_p255.
func (l *lib) modP255(n *mpi) {
	if !l.v.mod255MulInt {
		// 3.x: 2^256 = 38, with the upper half on the stack.
		if n.n <= 8 {
			return
		}
		high := new(big.Int).Rsh(&n.v, 256)
		n.v.Sub(&n.v, new(big.Int).Lsh(high, 256))
		n.v.Add(&n.v, high.Mul(high, big.NewInt(38)))
		return
	}
	// 2.16: 2^255 = 19, and the upper half is multiplied as a number.
	if n.n < 8 {
		return
	}
	m := &mpi{n: n.n - 7 + 1}
	m.v.Rsh(&n.v, 255)
	n.v.Sub(&n.v, new(big.Int).Lsh(&m.v, 255))
	l.mulInt(m, m, 19)
	l.addAbs(n, n, m)
}

// The helpers below are mbedtls_mpi_mul_mod and its like.

func (l *lib) mulMod(g *group, x, a, b *mpi) {
	l.mul(x, a, b)
	l.modp(g, x)
}

func (l *lib) modAdd(g *group, x *mpi) {
	for x.v.Cmp(&g.p.v) >= 0 {
		l.subAbs(x, x, &g.p)
	}
}

func (l *lib) addMod(g *group, x, a, b *mpi) {
	l.add(x, a, b)
	l.modAdd(g, x)
}

func (l *lib) subMod(g *group, x, a, b *mpi) {
	l.sub(x, a, b)
	for x.v.Sign() < 0 {
		l.add(x, x, &g.p)
	}
}

func (l *lib) mulIntMod(g *group, x, a *mpi, c uint32) {
	l.mulInt(x, a, c)
	l.modAdd(g, x)
}

func (l *lib) shiftLMod(g *group, x *mpi, count int) {
	l.shiftL(x, count)
	l.modAdd(g, x)
}
