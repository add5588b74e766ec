package bignum

import "math/big"

// ExpMod: mbedtls_mpi_exp_mod, x = a^e mod n for an odd n. rr, if not nil, is a
// constant of n that is worked out at the first use and kept: 256 bytes a
// 2048-bit key.
func (c *Calc) ExpMod(x, a, e, n, rr *MPI) {
	var result big.Int
	if c.Exact {
		result.Exp(&a.V, &e.V, &n.V)
	}
	var own MPI
	if rr == nil {
		rr = &own
		defer c.Release(&own)
	}
	switch {
	case c.Rules.Accelerator && hardwareWords(max(a.used(), e.used(), n.used())) <= rsaMaxWords:
		c.expHardware(x, n, rr, hardwareWords(max(a.used(), e.used(), n.used())))
	case c.Rules.Exponentiation == SlidingWindow:
		c.expSlidingWindow(x, a, e, n, rr)
	case c.Rules.Exponentiation == OneBlock:
		c.expOneBlock(x, a, e, n, rr)
	default:
		c.expSelectedPowers(x, a, e, n, rr, &result)
	}
	if c.Exact {
		x.V.Set(&result)
	} else {
		// Some number below n: its blocks do not depend on which.
		c.RandomBelow(&x.V, &n.V)
	}
}

// expHardware: esp_mpi_exp_mod with Montgomery multiplications of the ESP32's
// accelerator, a power at a time, without a table.
func (c *Calc) expHardware(x, n, rr *MPI, words int) {
	if rr.P == 0 {
		c.calculateRinv(rr, n, words)
	}
	var x1, one MPI
	defer c.Release(&x1, &one)
	c.Grow(&one, words)
	c.Grow(&x1, words)
	c.Grow(x, words)
}

// calculateRinv: calculate_rinv, 2^(2 * bits) mod m.
func (c *Calc) calculateRinv(rinv, m *MPI, words int) {
	var r MPI
	defer c.Release(&r)
	c.SetBit(&r, words*limbBits*2, 1)
	c.Mod(rinv, &r, m)
}

// montgomeryR2 is 2^(2 * bits) mod n as software has it.
func (c *Calc) montgomeryR2(rr, n *MPI) {
	c.Set(rr, 1)
	c.ShiftLeft(rr, n.N*2*limbBits)
	c.Mod(rr, rr, n)
}

// expOneBlock: mbedtls_mpi_exp_mod of 3.x: one block of working memory holds the
// table of powers.
func (c *Calc) expOneBlock(x, a, e, n, rr *MPI) {
	window := 1
	if e.N*limbBits > 79 {
		window = 3 // MBEDTLS_MPI_WINDOW_SIZE
	}
	t := c.Calloc("mbedtls_mpi_exp_mod", uint32(4*(n.N<<window+n.N+2*n.N+1)))
	defer func() { c.Free(&t) }()
	if rr.P == 0 {
		var r MPI
		done := false
		defer func() {
			if !done {
				c.Release(&r)
			}
		}()
		c.montgomeryR2(&r, n) // mbedtls_mpi_core_get_mont_r2_unsafe
		c.Shrink(&r, n.N)
		done = true
		rr.P, rr.N = r.P, r.N
		rr.V.Set(&r.V)
	} else {
		c.Grow(rr, n.N)
	}
	c.Copy(x, a)
	x.V.Abs(&x.V)
	if x.V.Cmp(&n.V) >= 0 {
		c.Mod(x, x, n)
	}
	c.Grow(x, n.N)
}

// windowBits is the width of a sliding window for an exponent of so many bits
// (HAC 14.85).
func windowBits(bits int) int {
	for _, w := range []struct{ bits, size int }{{671, 6}, {239, 5}, {79, 4}, {23, 3}} {
		if bits > w.bits {
			return w.size
		}
	}
	return 1
}

// expSlidingWindow: mbedtls_mpi_exp_mod of 2.16: a table of separately allocated
// powers, of which the first and the upper half are used.
func (c *Calc) expSlidingWindow(x, a, e, n, rr *MPI) {
	window := windowBits(e.V.BitLen())
	w := make([]MPI, 1<<window)
	upper := w[1<<(window-1):]
	var t, apos MPI
	defer func() {
		for i := range upper {
			c.Release(&upper[i])
		}
		c.Release(&w[1], &t, &apos)
	}()
	c.Grow(x, n.N+1)
	c.Grow(&w[1], n.N+1)
	c.Grow(&t, 2*(n.N+1))
	if a.V.Sign() < 0 {
		c.Copy(&apos, a)
		apos.V.Abs(&apos.V)
		a = &apos
	}
	if rr.P == 0 {
		c.montgomeryR2(rr, n)
	}
	if a.V.Cmp(&n.V) >= 0 {
		c.Mod(&w[1], a, n)
	} else {
		c.Copy(&w[1], a)
	}
	c.Copy(x, rr)
	if window > 1 {
		for i := range upper {
			c.Grow(&upper[i], n.N+1)
		}
	}
}

// expSelectedPowers: mbedtls_mpi_exp_mod of 2.28: as 2.16, but the result has a
// number of its own, and a factor is taken from the table by reading all of it.
func (c *Calc) expSelectedPowers(x, a, e, n, rr *MPI, result *big.Int) {
	window := min(windowBits(e.V.BitLen()), c.Rules.Window)
	w := make([]MPI, 1<<window)
	upper := w[1<<(window-1):]
	var t, selected MPI
	defer func() {
		for i := range upper {
			c.Release(&upper[i])
		}
		c.Release(&w[0], &w[1], &t, &selected)
	}()
	c.Copy(&w[0], x)
	c.Grow(&w[0], n.N+1)
	c.Grow(&w[1], n.N+1)
	c.Grow(&t, 2*(n.N+1))
	if rr.N == 0 {
		c.montgomeryR2(rr, n)
	}
	if a.V.Cmp(&n.V) >= 0 {
		c.Mod(&w[1], a, n)
	}
	if window > 1 {
		for i := range upper {
			c.Grow(&upper[i], n.N+1)
		}
	}
	for i := range w {
		c.Grow(&selected, w[i].N)
	}
	if !c.Exact {
		result = &n.V // as long as hardly any number below it is not
	}
	c.Copy(x, fit(result))
}
