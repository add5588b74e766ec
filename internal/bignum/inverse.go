package bignum

import "math/big"

// gcdOK: mbedtls_mpi_gcd into g; says whether it is 1.
func (c *Calc) gcdOK(g, a, n *MPI) bool {
	var ta, tb MPI
	defer c.Release(&ta, &tb)
	c.Copy(&ta, a)
	c.Copy(&tb, n)
	v := new(big.Int).GCD(nil, nil, new(big.Int).Abs(&a.V), &n.V)
	// The halving and subtracting in between is done in place.
	c.Copy(g, fit(v))
	return v.IsInt64() && v.Int64() == 1
}

// Inverse: mbedtls_mpi_inv_mod, the binary extended Euclidean algorithm; false
// if there is no inverse.
func (c *Calc) Inverse(x, a, n *MPI) bool {
	var g, ta, tu, u1, u2, tb, tv, v1, v2 MPI
	defer c.Release(&ta, &tu, &u1, &u2, &g, &tb, &tv, &v1, &v2)
	if !c.gcdOK(&g, a, n) {
		return false
	}
	c.Mod(&ta, a, n)
	c.Copy(&tu, &ta)
	c.Copy(&tb, n)
	c.Copy(&tv, n)
	// What grows from here to the end of the loop are the four cofactors, from one
	// limb to as many as n has or one more: when, and whether by the one, depends
	// on a.
	c.asks = "mbedtls_mpi_inv_mod"
	defer func() { c.asks = "" }()
	c.Set(&u1, 1)
	c.Set(&u2, 0)
	c.Set(&v1, 0)
	c.Set(&v2, 1)
	halve := func(t, p, q *MPI) {
		for t.V.Bit(0) == 0 {
			c.ShiftRight(t, 1)
			if p.V.Bit(0) != 0 || q.V.Bit(0) != 0 {
				c.Add(p, p, &tb)
				c.Sub(q, q, &ta)
			}
			c.ShiftRight(p, 1)
			c.ShiftRight(q, 1)
		}
	}
	for {
		halve(&tu, &u1, &u2)
		halve(&tv, &v1, &v2)
		if tu.V.Cmp(&tv.V) >= 0 {
			c.Sub(&tu, &tu, &tv)
			c.Sub(&u1, &u1, &v1)
			c.Sub(&u2, &u2, &v2)
		} else {
			c.Sub(&tv, &tv, &tu)
			c.Sub(&v1, &v1, &u1)
			c.Sub(&v2, &v2, &u2)
		}
		if tu.V.Sign() == 0 {
			break
		}
	}
	for v1.V.Sign() < 0 {
		c.Add(&v1, &v1, n)
	}
	for v1.V.Cmp(&n.V) >= 0 {
		c.Sub(&v1, &v1, n)
	}
	c.asks = ""
	c.Copy(x, &v1)
	return true
}
