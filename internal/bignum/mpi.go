package bignum

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// MPI is mbedtls_mpi: a number, and the limbs allocated for it. They only ever
// grow, except where C says otherwise, and so their number says what the number
// has been through. The zero value has none.
type MPI struct {
	N int       // limbs allocated; those that the value does not need are 0
	P heap.Addr // their block; 0 for a number on the stack or in flash
	V big.Int
}

const limbBits = 32 // mbedtls_mpi_uint on a 32-bit device

// Limbs is how many limbs so many bits take.
func Limbs(bits int) int { return (bits + limbBits - 1) / limbBits }

// used is the number of limbs without leading zeros.
func (x *MPI) used() int { return Limbs(x.V.BitLen()) }

// Small is a one-limb number that C keeps in a local array.
func Small(v int64) *MPI {
	x := &MPI{N: 1}
	x.V.SetInt64(v)
	return x
}

// Constant is a number of a curve or a key whose limbs are in flash.
func Constant(v *big.Int) *MPI {
	x := &MPI{N: Limbs(v.BitLen())}
	x.V.Set(v)
	return x
}

// Release: mbedtls_mpi_free.
func (c *Calc) Release(xs ...*MPI) {
	for _, x := range xs {
		c.Free(&x.P)
		x.N = 0
		x.V.SetInt64(0)
	}
}

// Grow: mbedtls_mpi_grow. The old limbs live until the new ones are there.
func (c *Calc) Grow(x *MPI, n int) {
	if x.N < n {
		what := "mbedtls_mpi_grow"
		if c.asks != "" {
			what = c.asks
		}
		c.replace(x, n, what)
	}
}

func (c *Calc) replace(x *MPI, n int, what string) {
	p := c.Calloc(what, uint32(4*n))
	c.Free(&x.P)
	x.P, x.N = p, n
}

// Shrink: mbedtls_mpi_shrink, which keeps at least n limbs.
func (c *Calc) Shrink(x *MPI, n int) {
	if x.N <= n {
		c.Grow(x, n)
		return
	}
	c.replace(x, max(x.used(), n, 1), "mbedtls_mpi_shrink")
}

// resizeClear: mbedtls_mpi_resize_clear, inlined in 2.16's readers: exactly n
// limbs, without keeping the old ones.
func (c *Calc) resizeClear(x *MPI, n int) {
	if x.N != n {
		c.Release(x)
		c.Grow(x, n)
	}
	x.V.SetInt64(0)
}

// Copy: mbedtls_mpi_copy. Leading zeros are not copied; zero still has a limb.
func (c *Calc) Copy(x, y *MPI) {
	if x == y {
		return
	}
	if y.N == 0 {
		if c.Rules.CopyFreesEmpty {
			c.Release(x)
		}
		x.V.SetInt64(0)
		return
	}
	c.Grow(x, max(y.used(), 1))
	x.V.Set(&y.V)
}

// Set: mbedtls_mpi_lset.
func (c *Calc) Set(x *MPI, z int64) {
	c.Grow(x, 1)
	x.V.SetInt64(z)
}

// SetBit: mbedtls_mpi_set_bit.
func (c *Calc) SetBit(x *MPI, pos int, val uint) {
	if x.N*limbBits <= pos {
		if val == 0 {
			return
		}
		c.Grow(x, pos/limbBits+1)
	}
	x.V.SetBit(&x.V, pos, val)
}

// ReadBinary: mbedtls_mpi_read_binary of a number written with size bytes.
func (c *Calc) ReadBinary(x *MPI, v *big.Int, size int) {
	c.resizeClear(x, (size+3)/4)
	x.V.Set(v)
}

// FillRandom: mbedtls_mpi_fill_random of size bytes.
func (c *Calc) FillRandom(x *MPI, size int) {
	c.resizeClear(x, (size+3)/4)
	c.RandomBits(&x.V, 8*size)
}

// RandomFrom: mbedtls_mpi_random, a number in [least, n). As wide as n, leading
// zeros included.
func (c *Calc) RandomFrom(x *MPI, least int64, n *MPI) {
	c.resizeClear(x, n.N)
	for {
		c.RandomBits(&x.V, n.V.BitLen())
		if x.V.Cmp(&n.V) < 0 && x.V.Cmp(big.NewInt(least)) >= 0 {
			return
		}
	}
}

// ShiftLeft: mbedtls_mpi_shift_l.
func (c *Calc) ShiftLeft(x *MPI, count int) {
	if bits := x.V.BitLen() + count; x.N*limbBits < bits {
		c.Grow(x, Limbs(bits))
	}
	x.V.Lsh(&x.V, uint(count))
}

// ShiftRight: mbedtls_mpi_shift_r, which works on magnitude and sign.
func (c *Calc) ShiftRight(x *MPI, count int) {
	neg := x.V.Sign() < 0
	x.V.Abs(&x.V)
	x.V.Rsh(&x.V, uint(count))
	if neg {
		x.V.Neg(&x.V)
	}
}

// AddAbs: mbedtls_mpi_add_abs.
func (c *Calc) AddAbs(x, a, b *MPI) {
	if x == b {
		a, b = x, a
	}
	j := b.used()
	if x != a {
		c.Copy(x, a)
	}
	c.Grow(x, j)
	av, bv := abs(&x.V), abs(&b.V)
	x.V.Add(&av, &bv)
	c.Grow(x, x.used()) // the carry out of the last limb
}

// SubAbs: mbedtls_mpi_sub_abs with |a| >= |b|.
func (c *Calc) SubAbs(x, a, b *MPI) {
	if c.Rules.SubCopies {
		// 2.16: b must not be overwritten, so it is copied first.
		var tb MPI
		defer c.Release(&tb)
		if x == b {
			c.Copy(&tb, b)
			b = &tb
		}
		if x != a {
			c.Copy(x, a)
		}
		c.subValue(x, a, b)
		return
	}
	c.Grow(x, a.N)
	c.subValue(x, a, b)
}

func (c *Calc) subValue(x, a, b *MPI) {
	av, bv := abs(&a.V), abs(&b.V)
	x.V.Sub(&av, &bv)
}

// abs is a magnitude that shares the words of v.
func abs(v *big.Int) (m big.Int) {
	m.SetBits(v.Bits())
	return m
}

// addSigned: add_sub_mpi; sub means a - b.
func (c *Calc) addSigned(x, a, b *MPI, sub bool) {
	neg := a.V.Sign() < 0
	bneg := (b.V.Sign() < 0) != sub
	if neg != bneg {
		if a.V.CmpAbs(&b.V) >= 0 {
			c.SubAbs(x, a, b)
		} else {
			c.SubAbs(x, b, a)
			neg = !neg
		}
	} else {
		c.AddAbs(x, a, b)
	}
	if neg {
		x.V.Neg(&x.V)
	}
}

// Add: mbedtls_mpi_add_mpi.
func (c *Calc) Add(x, a, b *MPI) { c.addSigned(x, a, b, false) }

// Sub: mbedtls_mpi_sub_mpi.
func (c *Calc) Sub(x, a, b *MPI) { c.addSigned(x, a, b, true) }

// CondAssign: mbedtls_mpi_safe_cond_assign. The limbs grow either way.
func (c *Calc) CondAssign(x, y *MPI, assign bool) {
	c.Grow(x, y.N)
	if assign {
		x.V.Set(&y.V)
	}
}

// CondSwap: mbedtls_mpi_safe_cond_swap.
func (c *Calc) CondSwap(x, y *MPI, swap bool) {
	c.Grow(x, y.N)
	c.Grow(y, x.N)
	if swap {
		t := new(big.Int).Set(&x.V)
		x.V.Set(&y.V)
		y.V.Set(t)
	}
}
