package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// mpi is mbedtls_mpi: a number, and the limbs allocated for it. The limbs are
// 32 bits. They only ever grow, except where C says otherwise, and so the
// number of limbs says what the number has been through.
//
// The numbers are real, because the blocks depend on them: a carry asks for one
// limb more, a difference that turns negative for a copy.
type mpi struct {
	n int // limbs allocated, or 1 for a number on the stack (addr 0)
	p heap.Addr
	v big.Int
}

const biL = 32 // bits in a limb

func limbs(bits int) int { return (bits + biL - 1) / biL }

// used is the number of limbs without leading zeros.
func (x *mpi) used() int { return limbs(x.v.BitLen()) }

// onStack is a one-limb number that C keeps in a local array.
func onStack(v int64) *mpi {
	x := &mpi{n: 1}
	x.v.SetInt64(v)
	return x
}

// constant is a number of a curve or a key whose limbs are in flash.
func constant(v *big.Int) *mpi {
	x := &mpi{n: limbs(v.BitLen())}
	x.v.Set(v)
	return x
}

// hex reads a constant of this package.
func hex(s string) *big.Int {
	v, ok := new(big.Int).SetString(s, 16)
	if !ok {
		panic("mbedtls: not a hexadecimal constant: " + s)
	}
	return v
}

// mpiFree: mbedtls_mpi_free.
func (l *lib) mpiFree(xs ...*mpi) {
	for _, x := range xs {
		l.free(&x.p)
		x.n = 0
		x.v.SetInt64(0)
	}
}

// grow: mbedtls_mpi_grow. The old limbs live until the new ones are there.
func (l *lib) grow(x *mpi, n int) {
	if x.n < n {
		l.replace(x, n, "mbedtls_mpi_grow")
	}
}

func (l *lib) replace(x *mpi, n int, what string) {
	p := l.calloc(what, uint32(4*n))
	l.free(&x.p)
	x.p, x.n = p, n
}

// shrink: mbedtls_mpi_shrink, which keeps at least n limbs.
func (l *lib) shrink(x *mpi, n int) {
	if x.n <= n {
		l.grow(x, n)
		return
	}
	l.replace(x, max(x.used(), n, 1), "mbedtls_mpi_shrink")
}

// resizeClear: mbedtls_mpi_resize_clear, inlined in 2.16's readers: exactly n
// limbs, without keeping the old ones.
func (l *lib) resizeClear(x *mpi, n int) {
	if x.n != n {
		l.mpiFree(x)
		l.grow(x, n)
	}
	x.v.SetInt64(0)
}

// copy: mbedtls_mpi_copy. Leading zeros are not copied; zero still has a limb.
func (l *lib) copy(x, y *mpi) {
	if x == y {
		return
	}
	if y.n == 0 {
		if l.v.mpiCopyFreesEmpty {
			l.mpiFree(x)
		}
		x.v.SetInt64(0)
		return
	}
	l.grow(x, max(y.used(), 1))
	x.v.Set(&y.v)
}

// lset: mbedtls_mpi_lset.
func (l *lib) lset(x *mpi, z int64) {
	l.grow(x, 1)
	x.v.SetInt64(z)
}

// setBit: mbedtls_mpi_set_bit.
func (l *lib) setBit(x *mpi, pos int, val uint) {
	if x.n*biL <= pos {
		if val == 0 {
			return
		}
		l.grow(x, pos/biL+1)
	}
	x.v.SetBit(&x.v, pos, val)
}

// readBinary: mbedtls_mpi_read_binary of a number written with size bytes.
func (l *lib) readBinary(x *mpi, v *big.Int, size int) {
	l.resizeClear(x, (size+3)/4)
	x.v.Set(v)
}

// fillRandom: mbedtls_mpi_fill_random of size bytes.
func (l *lib) fillRandom(x *mpi, size int) {
	l.resizeClear(x, (size+3)/4)
	l.randomBits(&x.v, 8*size)
}

// random: mbedtls_mpi_random, a number in [least, n). As wide as n, leading
// zeros included.
func (l *lib) random(x *mpi, least int64, n *mpi) {
	l.resizeClear(x, n.n)
	for {
		l.randomBits(&x.v, n.v.BitLen())
		if x.v.Cmp(&n.v) < 0 && x.v.Cmp(big.NewInt(least)) >= 0 {
			return
		}
	}
}

// shiftL: mbedtls_mpi_shift_l.
func (l *lib) shiftL(x *mpi, count int) {
	if bits := x.v.BitLen() + count; x.n*biL < bits {
		l.grow(x, limbs(bits))
	}
	x.v.Lsh(&x.v, uint(count))
}

// shiftR: mbedtls_mpi_shift_r, which works on magnitude and sign.
func (l *lib) shiftR(x *mpi, count int) {
	neg := x.v.Sign() < 0
	x.v.Abs(&x.v)
	x.v.Rsh(&x.v, uint(count))
	if neg {
		x.v.Neg(&x.v)
	}
}

// addAbs: mbedtls_mpi_add_abs.
func (l *lib) addAbs(x, a, b *mpi) {
	if x == b {
		a, b = x, a
	}
	j := b.used()
	av, bv := new(big.Int).Abs(&a.v), new(big.Int).Abs(&b.v)
	if x != a {
		l.copy(x, a)
	}
	l.grow(x, j)
	x.v.Add(av, bv)
	l.grow(x, x.used()) // the carry out of the last limb
}

// subAbs: mbedtls_mpi_sub_abs with |a| >= |b|.
func (l *lib) subAbs(x, a, b *mpi) {
	if l.v.subAbsCopies {
		// 2.16: b must not be overwritten, so it is copied first.
		var tb mpi
		defer l.mpiFree(&tb)
		if x == b {
			l.copy(&tb, b)
			b = &tb
		}
		if x != a {
			l.copy(x, a)
		}
		l.subValue(x, a, b)
		return
	}
	l.grow(x, a.n)
	l.subValue(x, a, b)
}

func (l *lib) subValue(x, a, b *mpi) {
	av, bv := new(big.Int).Abs(&a.v), new(big.Int).Abs(&b.v)
	x.v.Sub(av, bv)
}

// addSigned: add_sub_mpi; sub means a - b.
func (l *lib) addSigned(x, a, b *mpi, sub bool) {
	neg := a.v.Sign() < 0
	bneg := (b.v.Sign() < 0) != sub
	if neg != bneg {
		if a.v.CmpAbs(&b.v) >= 0 {
			l.subAbs(x, a, b)
		} else {
			l.subAbs(x, b, a)
			neg = !neg
		}
	} else {
		l.addAbs(x, a, b)
	}
	if neg {
		x.v.Neg(&x.v)
	}
}

// add: mbedtls_mpi_add_mpi.
func (l *lib) add(x, a, b *mpi) { l.addSigned(x, a, b, false) }

// sub: mbedtls_mpi_sub_mpi.
func (l *lib) sub(x, a, b *mpi) { l.addSigned(x, a, b, true) }

// safeCondAssign: mbedtls_mpi_safe_cond_assign. The limbs grow either way.
func (l *lib) safeCondAssign(x, y *mpi, assign bool) {
	l.grow(x, y.n)
	if assign {
		x.v.Set(&y.v)
	}
}

// safeCondSwap: mbedtls_mpi_safe_cond_swap.
func (l *lib) safeCondSwap(x, y *mpi, swap bool) {
	l.grow(x, y.n)
	l.grow(y, x.n)
	if swap {
		t := new(big.Int).Set(&x.v)
		x.v.Set(&y.v)
		y.v.Set(t)
	}
}
