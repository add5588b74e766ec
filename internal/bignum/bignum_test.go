package bignum

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// ledger is a memory that knows what is live, and fails at one request.
type ledger struct {
	sizes map[heap.Addr]uint32
	n     int
	fail  int
}

func (l *ledger) Calloc(_ string, size uint32) heap.Addr {
	if l.n++; l.n == l.fail {
		return 0
	}
	l.sizes[heap.Addr(l.n)] = size
	return heap.Addr(l.n)
}

func (l *ledger) Free(p heap.Addr) {
	if _, ok := l.sizes[p]; !ok {
		panic("freed, and not live")
	}
	delete(l.sizes, p)
}

func calc(r Rules) (*Calc, *ledger) {
	m := &ledger{sizes: map[heap.Addr]uint32{}}
	rng := rand.New(rand.NewPCG(1, 2))
	return &Calc{Mem: m, Rules: r, Exact: true, Random: func(b []byte) {
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
	}}, m
}

// releases are the rules of the three releases, in software and with the
// accelerator.
func releases() map[string]Rules {
	m := map[string]Rules{
		"2.16.9": {CopyFreesEmpty: true, SubCopies: true, DivTemporariesGrow: true, Exponentiation: SlidingWindow},
		"2.28.3": {Window: 2},
		"3.6.0":  {MulIntInPlace: true, UnblindMontgomery: true, CheckBlinded: true, Exponentiation: OneBlock},
	}
	for _, name := range []string{"2.16.9", "2.28.3", "3.6.0"} {
		r := m[name]
		r.Accelerator = true
		m[name+" with accelerator"] = r
	}
	return m
}

func number(t *rapid.T, name string) *big.Int {
	b := rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, name)
	return new(big.Int).SetBytes(b)
}

// TestArithmetic: whatever the limbs, the values are those of math/big, each
// number has room for its value, and nothing stays when all are released.
func TestArithmetic(t *testing.T) {
	for name, r := range releases() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c, m := calc(r)
				a, b := number(t, "a"), number(t, "b")
				n := number(t, "n")
				n.SetBit(n.SetBit(n, 0, 1), 1, 1) // odd, 3 at least
				var x, y, z, mod MPI
				c.ReadBinary(&x, a, len(a.Bytes()))
				c.ReadBinary(&y, b, len(b.Bytes()))
				c.ReadBinary(&mod, n, len(n.Bytes()))
				check := func(want *big.Int) {
					t.Helper()
					require.Zero(t, want.Cmp(&z.V), "want %v, got %v", want, &z.V)
					require.LessOrEqual(t, z.used(), z.N)
					if z.N > 0 {
						require.EqualValues(t, 4*z.N, m.sizes[z.P])
					}
				}
				c.Add(&z, &x, &y)
				check(new(big.Int).Add(a, b))
				c.Sub(&z, &x, &y)
				check(new(big.Int).Sub(a, b))
				c.Mul(&z, &z, &x)
				product := new(big.Int).Mul(new(big.Int).Sub(a, b), a)
				check(product)
				c.Mod(&z, &z, &mod)
				check(new(big.Int).Mod(product, n))
				c.MulInt(&z, &x, 38)
				check(new(big.Int).Mul(a, big.NewInt(38)))
				c.ShiftLeft(&z, 77)
				check(new(big.Int).Lsh(new(big.Int).Mul(a, big.NewInt(38)), 77))
				c.Copy(&z, &y)
				inverse := new(big.Int).ModInverse(b, n)
				if ok := c.Inverse(&z, &z, &mod); ok {
					require.NotNil(t, inverse)
					check(inverse)
				} else {
					require.Nil(t, inverse)
				}
				var rr MPI
				c.ExpMod(&z, &x, &y, &mod, &rr)
				check(new(big.Int).Exp(a, b, n))
				c.ExpMod(&z, &x, &y, &mod, &rr)
				check(new(big.Int).Exp(a, b, n))
				c.Release(&x, &y, &z, &mod, &rr)
				require.Empty(t, m.sizes)
			})
		})
	}
}

// small is a key of 256 bits.
func small(c *Calc) *RSA {
	p, _ := new(big.Int).SetString("d9f7a5f1f2c1a35f8e6b5c3d2e1f0a97", 16)
	q, _ := new(big.Int).SetString("f1c3b5a7998877665544332211ffeedd", 16)
	one := big.NewInt(1)
	for !p.ProbablyPrime(20) || new(big.Int).Mod(p, big.NewInt(65537)).Cmp(one) == 0 {
		p.Add(p, big.NewInt(2))
	}
	for !q.ProbablyPrime(20) || new(big.Int).Mod(q, big.NewInt(65537)).Cmp(one) == 0 {
		q.Add(q, big.NewInt(2))
	}
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	e := big.NewInt(65537)
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
	n := new(big.Int).Mul(p, q)
	r := &RSA{Len: len(n.Bytes())}
	done := false
	defer func() {
		if !done {
			c.ReleaseRSA(r)
		}
	}()
	for _, x := range []struct {
		to *MPI
		v  *big.Int
	}{
		{&r.N, n}, {&r.E, e}, {&r.D, d}, {&r.P, p}, {&r.Q, q},
		{&r.DP, new(big.Int).Mod(d, p1)}, {&r.DQ, new(big.Int).Mod(d, q1)}, {&r.QP, new(big.Int).ModInverse(q, p)},
	} {
		c.ReadBinary(x.to, x.v, len(x.v.Bytes()))
	}
	done = true
	return r
}

// TestRSA: what the private key makes the public key takes back, the first time
// and later; a failure anywhere is told, and leaves nothing but the key's own.
func TestRSA(t *testing.T) {
	for name, rules := range releases() {
		t.Run(name, func(t *testing.T) {
			message := big.NewInt(0x123456789)
			run := func(c *Calc) (err error) {
				defer Catch(&err)
				r := small(c)
				defer c.ReleaseRSA(r)
				for range 3 {
					s, err := c.Private(r, message)
					if err != nil {
						return err
					}
					back, err := c.Public(r, s)
					if err != nil {
						return err
					}
					if back.Cmp(message) != 0 {
						t.Errorf("got %v back, want %v", back, message)
					}
				}
				_, err = c.Public(r, &r.N.V)
				require.ErrorIs(t, err, ErrInput)
				_, err = c.Private(r, &r.N.V)
				require.ErrorIs(t, err, ErrInput)
				r.DP.V.Add(&r.DP.V, big.NewInt(1))
				_, err = c.Private(r, message)
				require.ErrorIs(t, err, ErrCheck)
				return nil
			}
			c, m := calc(rules)
			require.NoError(t, run(c))
			require.Empty(t, m.sizes)
			for at := 1; at <= m.n; at += 1 + at/20 {
				c, failing := calc(rules)
				failing.fail = at
				var full *AllocError
				require.ErrorAs(t, run(c), &full, "request %d", at)
				require.Empty(t, failing.sizes, "request %d", at)
			}
		})
	}
}
