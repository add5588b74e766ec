package mbedtls

import "math/big"

// mod is r = a mod b for a positive b (mbedtls_mpi_mod_mpi).
func (c *calc) mod(r, a, b *mpi) {
	c.remainder(r, a, b)
	for r.v.Sign() < 0 {
		c.add(r, r, b)
	}
}

// remainder is r = a rem b with the sign of a (mbedtls_mpi_div_mpi without a
// quotient). C divides as one does by hand (Knuth's algorithm D), with 32-bit
// digits:
//
//  1. Copies of both numbers are shifted so far left that the divisor's leading
//     digit is large, and the divisor then by as many digits as the dividend is
//     longer.
//  2. Each digit of the quotient is guessed from the leading three digits. The
//     guess is right or, rarely, one too large. Then the rest becomes negative,
//     for which it grows to the size of the product, and the divisor is added
//     back.
//  3. The rest is shifted back.
func (c *calc) remainder(r, a, b *mpi) {
	if a.v.CmpAbs(&b.v) < 0 {
		c.copy(r, a)
		return
	}
	x, y, quotient, product := c.temp(), c.temp(), c.temp(), c.temp()
	c.copy(x, a)
	c.copy(y, b)
	negative := a.v.Sign() < 0
	x.v.Abs(&x.v)
	c.grow(quotient, a.n+2)
	c.grow(product, a.n+2)
	shift := limbBits - 1 - y.v.BitLen()%limbBits
	if shift > 0 {
		c.shiftLeft(x, shift)
		c.shiftLeft(y, shift)
	}
	n, t := x.n-1, y.n-1
	c.shiftLeft(y, limbBits*(n-t))
	c.divide(x, y, product, n, t)
	x.v.Rsh(&x.v, uint(shift))
	if negative {
		x.v.Neg(&x.v)
	}
	c.copy(r, x)
	c.free(x, y, quotient, product)
}

// divide is step 2: x becomes what is left of it, y was shifted by n-t digits.
func (c *calc) divide(x, y, product *mpi, n, t int) {
	for x.v.Cmp(&y.v) >= 0 {
		x.v.Sub(&x.v, &y.v)
	}
	y.v.Rsh(&y.v, uint(limbBits*(n-t)))
	var head, leading, guess, part, digit big.Int
	leading.Rsh(&y.v, uint(limbBits*(t-1)))
	if t == 0 {
		leading.Lsh(&y.v, limbBits)
	}
	top := new(big.Int).Rsh(&leading, limbBits)
	greatest := new(big.Int).SetUint64(1<<limbBits - 1)
	for i := n; i > t; i-- {
		// The leading three digits of the rest, from digit i on.
		if i >= 2 {
			head.Rsh(&x.v, uint(limbBits*(i-2)))
		} else {
			head.Lsh(&x.v, uint(limbBits*(2-i)))
		}
		part.Rsh(&head, limbBits)
		guess.Div(&part, top)
		if guess.Cmp(greatest) > 0 {
			guess.Set(greatest)
		}
		for part.Mul(&leading, &guess); part.Cmp(&head) > 0; part.Sub(&part, &leading) {
			guess.Sub(&guess, digit.SetUint64(1))
		}
		part.Mul(&y.v, &guess)
		part.Lsh(&part, uint(limbBits*(i-t-1)))
		x.v.Sub(&x.v, &part)
		if x.v.Sign() < 0 {
			c.grow(x, product.n)
			x.v.Add(&x.v, part.Lsh(&y.v, uint(limbBits*(i-t-1))))
		}
	}
}
