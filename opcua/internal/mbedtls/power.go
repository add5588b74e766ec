package mbedtls

import "math/big"

// power is x = a^e mod n for an odd n (mbedtls_mpi_exp_mod), with the sliding
// window method on numbers in Montgomery form, which have a limb more than n has.
// What 2^64 is to the power of n's limbs, modulo n, is kept in rr for the next
// time.
//
// For exponents of up to 23 bits C uses no window and two numbers; for longer ones
// a table of 2^w numbers of which the first two and the upper half are used.
func (c *calc) power(x, a, e, n, rr *mpi, build *Build) {
	window := windowBits(e.v.BitLen(), build.Window)
	table := make([]*mpi, 1<<window)
	for i := range table {
		table[i] = c.temp()
	}
	wide, selected := c.temp(), c.temp()

	c.copy(table[0], x)
	c.grow(table[0], n.n+1)
	c.grow(table[1], n.n+1)
	c.grow(wide, 2*(n.n+1))
	if rr.n == 0 {
		c.set(rr, 1)
		c.shiftLeft(rr, 2*n.n*limbBits)
		c.mod(rr, rr, n)
	}
	if a.v.Cmp(&n.v) >= 0 {
		c.mod(table[1], a, n)
	}
	if window > 1 {
		for _, w := range table[len(table)/2:] {
			c.grow(w, n.n+1)
		}
	}
	// Each factor is taken from the table by reading all of it.
	for _, w := range table {
		c.grow(selected, w.n)
	}
	result := mpi{n: n.n + 1}
	result.v.Exp(&a.v, &e.v, &n.v)
	c.copy(x, &result)

	c.free(table[len(table)/2:]...)
	c.free(table[0], table[1], wide, selected)
}

// windowBits is the width of the window for an exponent of so many bits.
func windowBits(bits, most int) int {
	w := 1
	switch {
	case bits > 671:
		w = 6
	case bits > 239:
		w = 5
	case bits > 79:
		w = 4
	case bits > 23:
		w = 3
	}
	return min(w, most)
}

// gcd is g = gcd(a, b) for an odd b (mbedtls_mpi_gcd). The two copies that C halves
// and subtracts from each other never grow.
func (c *calc) gcd(g, a, b *mpi) {
	ta, tb := c.temp(), c.temp()
	c.copy(ta, a)
	c.copy(tb, b)
	tb.v.GCD(nil, nil, &a.v, &b.v)
	c.copy(g, tb)
	c.free(ta, tb)
}

// inverse is x = a^-1 mod n for an odd n (mbedtls_mpi_inv_mod), false if there is
// none. C uses the binary extended algorithm of Euclid (HAC 14.61), whose
// cofactors start at one limb and grow as they need to.
func (c *calc) inverse(x, a, n *mpi) bool {
	ta, tu, u1, u2 := c.temp(), c.temp(), c.temp(), c.temp()
	g, tb, tv, v1, v2 := c.temp(), c.temp(), c.temp(), c.temp(), c.temp()
	all := []*mpi{ta, tu, u1, u2, g, tb, tv, v1, v2}
	defer func() { c.free(all...) }()
	c.gcd(g, a, n)
	if g.v.Cmp(big.NewInt(1)) != 0 {
		return false
	}
	c.mod(ta, a, n)
	c.copy(tu, ta)
	c.copy(tb, n)
	c.copy(tv, n)
	c.set(u1, 1)
	c.set(u2, 0)
	c.set(v1, 0)
	c.set(v2, 1)
	halve := func(t, p, q *mpi) {
		for t.v.Bit(0) == 0 {
			t.v.Rsh(&t.v, 1)
			if p.v.Bit(0) != 0 || q.v.Bit(0) != 0 {
				c.add(p, p, tb)
				c.sub(q, q, ta)
			}
			p.v.Rsh(&p.v, 1) // both are even
			q.v.Rsh(&q.v, 1)
		}
	}
	for tu.v.Sign() != 0 {
		halve(tu, u1, u2)
		halve(tv, v1, v2)
		if tu.v.Cmp(&tv.v) >= 0 {
			c.sub(tu, tu, tv)
			c.sub(u1, u1, v1)
			c.sub(u2, u2, v2)
		} else {
			c.sub(tv, tv, tu)
			c.sub(v1, v1, u1)
			c.sub(v2, v2, u2)
		}
	}
	for v1.v.Sign() < 0 {
		c.add(v1, v1, n)
	}
	for v1.v.Cmp(&n.v) >= 0 {
		c.sub(v1, v1, n)
	}
	c.copy(x, v1)
	return true
}
