package bignum

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Memory is mbedtls_calloc and mbedtls_free.
type Memory interface {
	// Calloc returns a zeroed block of size bytes, or 0 if there is none. What
	// is the C function that asks.
	Calloc(what string, size uint32) heap.Addr
	// Free gives a block back.
	Free(p heap.Addr)
}

// AllocError says that an allocation failed, and which: mbedTLS returns
// MBEDTLS_ERR_MPI_ALLOC_FAILED or the like of another module.
type AllocError struct {
	What string // the C function that asked
	Size uint32 // bytes it asked for
}

func (e *AllocError) Error() string {
	return fmt.Sprintf("%s: calloc of %d bytes failed", e.What, e.Size)
}

// Rules is how a release of mbedTLS computes, as far as memory depends on it.
// The zero value is 2.28.3 in software with a window of one bit.
type Rules struct {
	CopyFreesEmpty     bool // 2.16: a copy of an empty number frees the target
	SubCopies          bool // 2.16: subtraction copies what it would overwrite
	MulIntInPlace      bool // 3.x: a product with a limb takes no second number
	DivTemporariesGrow bool // 2.16: division's temporaries grow as it goes
	UnblindMontgomery  bool // 3.x: a private operation ends with a constant of the modulus
	CheckBlinded       bool // 3.x: and is checked before that
	Exponentiation     Exponentiation
	// Window is MBEDTLS_MPI_WINDOW_SIZE of SelectedPowers, 1 to 6: the most bits
	// of an exponent that are taken at once.
	Window int
	// Accelerator: products and powers are ESP32's RSA accelerator's
	// (CONFIG_MBEDTLS_HARDWARE_MPI).
	Accelerator bool
}

// Exponentiation is how mbedtls_mpi_exp_mod works in software.
type Exponentiation int

const (
	SelectedPowers Exponentiation = iota // 2.28: separate powers, read all together
	SlidingWindow                        // 2.16: separate powers, window of up to 6 bits
	OneBlock                             // 3.x: all powers in one block, window of 3 bits
)

// Calc computes.
type Calc struct {
	Mem   Memory
	Rules Rules
	// Random fills a slice with random bytes.
	Random func([]byte)
	// Exact: a power is computed. Otherwise it is a random number below the
	// modulus, which takes the same memory and less time.
	Exact bool

	asks string // who grows numbers, if not just anybody
}

// Calloc is a request that must succeed: it ends at Catch if it fails.
func (c *Calc) Calloc(what string, size uint32) heap.Addr {
	p := c.Mem.Calloc(what, size)
	if p == 0 {
		panic(&AllocError{what, size})
	}
	return p
}

// Free gives the block at *p back and forgets it.
func (c *Calc) Free(p *heap.Addr) {
	if *p != 0 {
		c.Mem.Free(*p)
		*p = 0
	}
}

// Catch, deferred, stores the AllocError of a failed allocation.
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *AllocError:
		*err = r
	default:
		panic(r)
	}
}

// WithBlocks runs f with two blocks around it, freed in the order taken.
func (c *Calc) WithBlocks(what string, a, b uint32, f func()) {
	p := c.Calloc(what, a)
	defer func() { c.Free(&p) }()
	q := c.Calloc(what, b)
	defer func() {
		c.Free(&p)
		c.Free(&q)
	}()
	f()
}
