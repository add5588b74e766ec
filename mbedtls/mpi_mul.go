package mbedtls

import "math/big"

// mul: mbedtls_mpi_mul_mpi, in software or with the ESP32's RSA accelerator
// (esp_bignum.c), which reads both factors into its own memory and so copies
// neither.
func (l *lib) mul(x, a, b *mpi) {
	v := new(big.Int).Mul(&a.v, &b.v)
	if l.hwMPI {
		l.mulHardware(x, a, b)
		x.v.Set(v)
		return
	}
	i, j := a.used(), b.used()
	var ta, tb mpi
	defer l.mpiFree(&tb, &ta)
	if x == a {
		l.copy(&ta, a)
	}
	if x == b {
		l.copy(&tb, b)
	}
	l.grow(x, i+j)
	l.lset(x, 0)
	x.v.Set(v)
}

// The accelerator of the ESP32: operands of 4096 bits, in steps of 16 words
// (SOC_RSA_MAX_BIT_LEN, mpi_hal_calc_hardware_words).
const rsaMaxWords = 4096 / 32

func hardwareWords(words int) int { return (words + 15) &^ 15 }

func (l *lib) mulHardware(x, a, b *mpi) {
	xb, yb := a.v.BitLen(), b.v.BitLen()
	switch {
	case xb == 0 || yb == 0:
		l.lset(x, 0)
		return
	case xb == 1:
		l.copy(x, b)
		return
	case yb == 1:
		l.copy(x, a)
		return
	}
	words := limbs(xb + yb)
	l.grow(x, words)
	switch hw := hardwareWords(max(limbs(xb), limbs(yb))); {
	case hw <= rsaMaxWords/2:
	case words <= rsaMaxWords:
		// The multiplier takes factors of up to 2048 bits; one modulo
		// 2^n - 1 takes the rest, into a result of the accelerator's size.
		l.grow(x, hardwareWords(words))
	default:
		l.mulOverlong(x, a, b)
	}
}

// mulOverlong: mpi_mult_mpi_overlong. The longer factor is cut in halves.
func (l *lib) mulOverlong(x, a, b *mpi) {
	if b.used() <= a.used() {
		a, b = b, a
	}
	slice := b.used() / 2
	low, high := &mpi{n: slice}, &mpi{n: b.used() - slice}
	high.v.Rsh(&b.v, uint(32*slice))
	low.v.Sub(&b.v, new(big.Int).Lsh(&high.v, uint(32*slice)))
	var t mpi
	defer l.mpiFree(&t)
	l.mul(&t, a, low)
	l.mul(x, a, high)
	l.shiftL(x, 32*slice)
	l.add(x, x, &t)
}

// mulInt: mbedtls_mpi_mul_int.
func (l *lib) mulInt(x, a *mpi, b uint32) {
	if !l.v.mulIntInPlace || l.hwMPI {
		f := &mpi{n: 1}
		f.v.SetUint64(uint64(b))
		l.mul(x, a, f)
		return
	}
	n := a.used()
	if b == 0 || n == 0 {
		l.lset(x, 0)
		return
	}
	l.grow(x, n+1)
	l.copy(x, a)
	x.v.Mul(&a.v, new(big.Int).SetUint64(uint64(b)))
}

// div: mbedtls_mpi_div_mpi, q or r may be nil. Long division, limb by limb, as
// the temporaries grow with it.
func (l *lib) div(q, r, a, b *mpi) {
	if a.v.CmpAbs(&b.v) < 0 {
		if q != nil {
			l.lset(q, 0)
		}
		if r != nil {
			l.copy(r, a)
		}
		return
	}
	var quo, rem big.Int
	quo.QuoRem(&a.v, &b.v, &rem)
	var x, y, z, t1, t2 mpi
	defer l.mpiFree(&x, &y, &z, &t1, &t2)
	l.copy(&x, a)
	l.copy(&y, b)
	x.v.Abs(&x.v)
	y.v.Abs(&y.v)
	l.grow(&z, a.n+2)
	if l.v.divTemporariesGrow {
		l.grow(&t1, 2)
		l.grow(&t2, 3)
	} else {
		l.grow(&t1, a.n+2)
	}
	if k := y.v.BitLen() % biL; k < biL-1 {
		k = biL - 1 - k
		l.shiftL(&x, k)
		l.shiftL(&y, k)
	}
	n, t := x.n-1, y.n-1
	l.shiftL(&y, biL*(n-t))
	for x.v.Cmp(&y.v) >= 0 {
		l.sub(&x, &x, &y)
	}
	l.shiftR(&y, biL*(n-t))
	for i := n; i > t; i-- {
		l.divStep(&x, &y, &t1, i, t)
	}
	if q != nil {
		l.copy(q, constant(&quo))
	}
	if r != nil {
		l.copy(r, fit(&rem))
	}
}

// fit is a value in as many limbs as it needs, at least one.
func fit(v *big.Int) *mpi {
	x := constant(v)
	x.n = max(x.n, 1)
	return x
}

// divStep settles one limb of the quotient.
func (l *lib) divStep(x, y, t1 *mpi, i, t int) {
	qhat := uint64(0xffffffff)
	if xi, yt := limb(&x.v, i), limb(&y.v, t); xi < yt {
		qhat = (uint64(xi)<<32 | uint64(limb(&x.v, i-1))) / uint64(yt)
	}
	top := new(big.Int)
	for _, k := range []int{i, i - 1, i - 2} {
		top.Lsh(top, 32)
		top.Or(top, big.NewInt(int64(limb(&x.v, k))))
	}
	two := big.NewInt(int64(limb(&y.v, t)))
	two.Lsh(two, 32)
	two.Or(two, big.NewInt(int64(limb(&y.v, t-1))))
	for {
		l.lset(t1, 0)
		t1.v.Set(two)
		l.mulInt(t1, t1, uint32(qhat))
		if t1.v.Cmp(top) <= 0 {
			break
		}
		qhat--
	}
	l.mulInt(t1, y, uint32(qhat))
	l.shiftL(t1, biL*(i-t-1))
	l.sub(x, x, t1)
	if x.v.Sign() < 0 {
		l.copy(t1, y)
		l.shiftL(t1, biL*(i-t-1))
		l.add(x, x, t1)
	}
}

// limb is limb i of a value, 0 beyond its ends.
func limb(v *big.Int, i int) uint32 {
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

// mod: mbedtls_mpi_mod_mpi.
func (l *lib) mod(r, a, b *mpi) {
	l.div(nil, r, a, b)
	for r.v.Sign() < 0 {
		l.add(r, r, b)
	}
	for r.v.Cmp(&b.v) >= 0 {
		l.sub(r, r, b)
	}
}

// gcdOK: mbedtls_mpi_gcd into g; says whether it is 1.
func (l *lib) gcdOK(g, a, n *mpi) bool {
	var ta, tb mpi
	defer l.mpiFree(&ta, &tb)
	l.copy(&ta, a)
	l.copy(&tb, n)
	v := new(big.Int).GCD(nil, nil, new(big.Int).Abs(&a.v), &n.v)
	// The halving and subtracting in between is done in place.
	l.copy(g, fit(v))
	return v.IsInt64() && v.Int64() == 1
}

// invMod: mbedtls_mpi_inv_mod, the binary extended Euclidean algorithm; false
// if there is no inverse.
func (l *lib) invMod(x, a, n *mpi) bool {
	var g, ta, tu, u1, u2, tb, tv, v1, v2 mpi
	defer l.mpiFree(&ta, &tu, &u1, &u2, &g, &tb, &tv, &v1, &v2)
	if !l.gcdOK(&g, a, n) {
		return false
	}
	l.mod(&ta, a, n)
	l.copy(&tu, &ta)
	l.copy(&tb, n)
	l.copy(&tv, n)
	l.lset(&u1, 1)
	l.lset(&u2, 0)
	l.lset(&v1, 0)
	l.lset(&v2, 1)
	halve := func(t, p, q *mpi) {
		for t.v.Bit(0) == 0 {
			l.shiftR(t, 1)
			if p.v.Bit(0) != 0 || q.v.Bit(0) != 0 {
				l.add(p, p, &tb)
				l.sub(q, q, &ta)
			}
			l.shiftR(p, 1)
			l.shiftR(q, 1)
		}
	}
	for {
		halve(&tu, &u1, &u2)
		halve(&tv, &v1, &v2)
		if tu.v.Cmp(&tv.v) >= 0 {
			l.sub(&tu, &tu, &tv)
			l.sub(&u1, &u1, &v1)
			l.sub(&u2, &u2, &v2)
		} else {
			l.sub(&tv, &tv, &tu)
			l.sub(&v1, &v1, &u1)
			l.sub(&v2, &v2, &u2)
		}
		if tu.v.Sign() == 0 {
			break
		}
	}
	for v1.v.Sign() < 0 {
		l.add(&v1, &v1, n)
	}
	for v1.v.Cmp(&n.v) >= 0 {
		l.sub(&v1, &v1, n)
	}
	l.copy(x, &v1)
	return true
}
