package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

const (
	limbBits  = 32 // of mbedtls_mpi_uint on a 32-bit device
	limbBytes = limbBits / 8
)

// An mpi is a multi-precision number (mbedtls_mpi): its value and the limbs that
// are allocated for it. The zero value has none.
type mpi struct {
	block uint32
	n     int // limbs allocated; those that the value does not need are 0
	v     big.Int
}

// limbs is how many limbs a value needs; 0 needs none.
func limbs(v *big.Int) int { return (v.BitLen() + limbBits - 1) / limbBits }

// outOfMemory ends a calculation in which an allocation failed.
type outOfMemory struct{}

// A calc is one calculation. It knows the numbers that live no longer than it
// does, so that they can be freed if an allocation fails half way.
type calc struct {
	mem   mem.Memory
	temps []*mpi
}

// calculate runs a calculation to its end or to the first allocation that fails.
func calculate(m mem.Memory, f func(c *calc) error) (err error) {
	c := &calc{mem: m}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case outOfMemory:
			err = ErrNoMemory
		default:
			panic(r)
		}
		c.free(c.temps...)
	}()
	return f(c)
}

// temp makes a number that is freed with the calculation at the latest.
func (c *calc) temp() *mpi {
	x := new(mpi)
	c.temps = append(c.temps, x)
	return x
}

// alloc allocates for the calculation.
func (c *calc) alloc(n uint32, what string) uint32 {
	p := c.mem.Calloc(n, what)
	if p == 0 {
		panic(outOfMemory{})
	}
	return p
}

// free releases numbers (mbedtls_mpi_free).
func (c *calc) free(x ...*mpi) { freeNumbers(c.mem, x...) }

func freeNumbers(m mem.Memory, x ...*mpi) {
	for _, x := range x {
		m.Free(x.block)
		*x = mpi{}
	}
}

// grow makes room for n limbs (mbedtls_mpi_grow).
func (c *calc) grow(x *mpi, n int) {
	if x.n >= n {
		return
	}
	p := c.alloc(uint32(n*limbBytes), "mbedtls_mpi")
	c.mem.Free(x.block)
	x.block, x.n = p, n
}

// resize gives x exactly n limbs (mbedtls_mpi_resize_clear).
func (c *calc) resize(x *mpi, n int) {
	if x.n != n {
		c.free(x)
		c.grow(x, n)
	}
}

// copy copies a value without its leading zeros; room once made stays
// (mbedtls_mpi_copy).
func (c *calc) copy(x, y *mpi) {
	if x == y {
		return
	}
	if y.n > 0 {
		c.grow(x, max(limbs(&y.v), 1))
	}
	x.v.Set(&y.v)
}

// set sets a small value (mbedtls_mpi_lset).
func (c *calc) set(x *mpi, v int64) {
	c.grow(x, 1)
	x.v.SetInt64(v)
}

// read takes a number in as many limbs as its bytes fill, leading zeros
// included (mbedtls_mpi_read_binary).
func (c *calc) read(x *mpi, b []byte) {
	c.resize(x, (len(b)+limbBytes-1)/limbBytes)
	x.v.SetBytes(b)
}

// random draws a number of n bytes (mbedtls_mpi_fill_random).
func (c *calc) random(x *mpi, n int, d *DRBG) {
	c.resize(x, (n+limbBytes-1)/limbBytes)
	b := make([]byte, n)
	d.Read(b)
	x.v.SetBytes(b)
}

// shiftLeft multiplies by a power of two (mbedtls_mpi_shift_l).
func (c *calc) shiftLeft(x *mpi, bits int) {
	if n := x.v.BitLen() + bits; n > x.n*limbBits {
		c.grow(x, (n+limbBits-1)/limbBits)
	}
	x.v.Lsh(&x.v, uint(bits))
}

// add is x = a + b (mbedtls_mpi_add_mpi).
func (c *calc) add(x, a, b *mpi) { c.addSigned(x, a, b, b.v.Sign() < 0) }

// sub is x = a - b (mbedtls_mpi_sub_mpi).
func (c *calc) sub(x, a, b *mpi) { c.addSigned(x, a, b, b.v.Sign() >= 0) }

// addSigned adds a and |b|, or subtracts |b|. What C does depends on whether the
// signs are the same: it adds or subtracts magnitudes.
func (c *calc) addSigned(x, a, b *mpi, subtract bool) {
	var sum big.Int
	sum.Abs(&b.v)
	if subtract {
		sum.Neg(&sum)
	}
	sum.Add(&a.v, &sum)
	switch {
	case (a.v.Sign() < 0) == subtract:
		c.growSum(x, a, b, &sum)
	case a.v.CmpAbs(&b.v) >= 0:
		c.grow(x, a.n)
	default:
		c.grow(x, b.n)
	}
	x.v.Set(&sum)
}

// growSum makes room for a sum of magnitudes (mbedtls_mpi_add_abs): as a copy of
// the first number, then for the second, then for the carry.
func (c *calc) growSum(x, a, b *mpi, sum *big.Int) {
	if x == b {
		a, b = b, a
	}
	if x != a && a.n > 0 {
		c.grow(x, max(limbs(&a.v), 1))
	}
	if b.v.Sign() == 0 {
		return
	}
	c.grow(x, limbs(&b.v))
	c.grow(x, limbs(sum))
}

// subInt is x = a - v (mbedtls_mpi_sub_int). The small number takes no memory.
func (c *calc) subInt(x, a *mpi, v int64) {
	small := mpi{n: 1}
	small.v.SetInt64(v)
	c.sub(x, a, &small)
}

// mul is x = a * b (mbedtls_mpi_mul_mpi). An operand that is the result too is
// copied first.
func (c *calc) mul(x, a, b *mpi) {
	ta, tb := c.temp(), c.temp()
	if x == a {
		c.copy(ta, a)
		a = ta
	}
	if x == b {
		c.copy(tb, b)
		b = tb
	}
	var product big.Int
	product.Mul(&a.v, &b.v)
	c.grow(x, max(limbs(&a.v)+limbs(&b.v), 1))
	x.v.Set(&product)
	c.free(tb, ta)
}
