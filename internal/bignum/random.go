package bignum

import "math/big"

// RandomBits sets v to a random number of at most that many bits.
func (c *Calc) RandomBits(v *big.Int, bits int) {
	b := make([]byte, (bits+7)/8)
	c.Random(b)
	if r := bits % 8; r != 0 {
		b[0] &= 1<<r - 1
	}
	v.SetBytes(b)
}

// RandomBelow sets v to a random number below n.
func (c *Calc) RandomBelow(v, n *big.Int) {
	for {
		c.RandomBits(v, n.BitLen())
		if v.Cmp(n) < 0 {
			return
		}
	}
}
