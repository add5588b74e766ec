package mbedtls

import (
	"errors"
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// numbers is the memory of a calculation.
type numbers struct{ mem mem.Memory }

// Calloc and Free make it a bignum.Memory.
func (n numbers) Calloc(what string, size uint32) heap.Addr {
	return heap.Addr(n.mem.Calloc(size, what))
}

func (n numbers) Free(p heap.Addr) { n.mem.Free(uint32(p)) }

// calculate runs a calculation to its end or to the first allocation that fails.
// Random may be nil if none is needed.
func calculate(m mem.Memory, build *Build, random *DRBG, f func(c *bignum.Calc) error) (err error) {
	c := &bignum.Calc{
		Mem: numbers{m}, Rules: bignum.Rules{Window: build.Window}, Exact: true,
		Random: func(b []byte) { random.Read(b) },
	}
	defer func() {
		var full *bignum.AllocError
		switch {
		case errors.As(err, &full):
			err = ErrNoMemory
		case errors.Is(err, bignum.ErrInput):
			err = ErrInput
		case errors.Is(err, bignum.ErrCheck):
			err = ErrVerify
		}
	}()
	defer bignum.Catch(&err)
	return f(c)
}

// Key is an RSA key (mbedtls_rsa_context in its mbedtls_pk_context).
type Key struct {
	build   *Build
	mem     mem.Memory
	block   uint32
	private bool
	rsa     bignum.RSA
}

// Size is the length of the key's modulus in bytes.
func (k *Key) Size() int { return k.rsa.Len }

// Bits is the length of the key's modulus in bits as C's users compute it.
func (k *Key) Bits() int { return 8 * k.Size() }

// Free releases the key (mbedtls_pk_free).
func (k *Key) Free() {
	if k == nil {
		return
	}
	(&bignum.Calc{Mem: numbers{k.mem}}).ReleaseRSA(&k.rsa)
	k.mem.Free(k.block)
	k.block = 0
}

// calculate runs a calculation with the key.
func (k *Key) calculate(random *DRBG, f func(c *bignum.Calc) error) error {
	return calculate(k.mem, k.build, random, f)
}

// public is the operation with the public key on Size bytes.
func (k *Key) public(c *bignum.Calc, in []byte) ([]byte, error) {
	out, err := c.Public(&k.rsa, new(big.Int).SetBytes(in))
	if err != nil {
		return nil, err
	}
	return out.FillBytes(make([]byte, k.Size())), nil
}

// secret is the operation with the private key on Size bytes. The result is checked
// with the public key.
func (k *Key) secret(c *bignum.Calc, in []byte) ([]byte, error) {
	out, err := c.Private(&k.rsa, new(big.Int).SetBytes(in))
	if err != nil {
		return nil, err
	}
	return out.FillBytes(make([]byte, k.Size())), nil
}
