package bignum

import "math/big"

// Mul: mbedtls_mpi_mul_mpi, in software or with the ESP32's RSA accelerator
// (esp_bignum.c), which reads both factors into its own memory and so copies
// neither.
func (c *Calc) Mul(x, a, b *MPI) {
	v := new(big.Int).Mul(&a.V, &b.V)
	if c.Rules.Accelerator {
		c.mulHardware(x, a, b)
		x.V.Set(v)
		return
	}
	i, j := a.used(), b.used()
	var ta, tb MPI
	defer c.Release(&tb, &ta)
	if x == a {
		c.Copy(&ta, a)
	}
	if x == b {
		c.Copy(&tb, b)
	}
	c.Grow(x, i+j)
	c.Set(x, 0)
	x.V.Set(v)
}

// The accelerator of the ESP32: operands of 4096 bits, in steps of 16 words
// (SOC_RSA_MAX_BIT_LEN, mpi_hal_calc_hardware_words).
const rsaMaxWords = 4096 / 32

func hardwareWords(words int) int { return (words + 15) &^ 15 }

func (c *Calc) mulHardware(x, a, b *MPI) {
	xb, yb := a.V.BitLen(), b.V.BitLen()
	switch {
	case xb == 0 || yb == 0:
		c.Set(x, 0)
		return
	case xb == 1:
		c.Copy(x, b)
		return
	case yb == 1:
		c.Copy(x, a)
		return
	}
	words := Limbs(xb + yb)
	c.Grow(x, words)
	switch hw := hardwareWords(max(Limbs(xb), Limbs(yb))); {
	case hw <= rsaMaxWords/2:
	case words <= rsaMaxWords:
		// The multiplier takes factors of up to 2048 bits; one modulo
		// 2^n - 1 takes the rest, into a result of the accelerator's size.
		c.Grow(x, hardwareWords(words))
	default:
		c.mulOverlong(x, a, b)
	}
}

// mulOverlong: mpi_mult_mpi_overlong. The longer factor is cut in halves.
func (c *Calc) mulOverlong(x, a, b *MPI) {
	if b.used() <= a.used() {
		a, b = b, a
	}
	slice := b.used() / 2
	low, high := &MPI{N: slice}, &MPI{N: b.used() - slice}
	high.V.Rsh(&b.V, uint(32*slice))
	low.V.Sub(&b.V, new(big.Int).Lsh(&high.V, uint(32*slice)))
	var t MPI
	defer c.Release(&t)
	c.Mul(&t, a, low)
	c.Mul(x, a, high)
	c.ShiftLeft(x, 32*slice)
	c.Add(x, x, &t)
}

// MulInt: mbedtls_mpi_mul_int.
func (c *Calc) MulInt(x, a *MPI, b uint32) {
	if !c.Rules.MulIntInPlace || c.Rules.Accelerator {
		f := &MPI{N: 1}
		f.V.SetUint64(uint64(b))
		c.Mul(x, a, f)
		return
	}
	n := a.used()
	if b == 0 || n == 0 {
		c.Set(x, 0)
		return
	}
	c.Grow(x, n+1)
	c.Copy(x, a)
	x.V.Mul(&a.V, new(big.Int).SetUint64(uint64(b)))
}
