package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// keypair is mbedtls_ecp_keypair.
type keypair struct {
	grp group
	d   bignum.MPI
	q   point
}

// keypairFree: mbedtls_ecp_keypair_free.
func (l *lib) keypairFree(k *keypair) {
	l.groupFree(&k.grp)
	l.bn.Release(&k.d)
	l.pointFree(&k.q)
}

// hmacDRBG is mbedtls_hmac_drbg_context as far as it allocates: a hash context
// and the two padded keys.
type hmacDRBG struct{ md, hmac heap.Addr }

// hmacDRBGSeed: mbedtls_hmac_drbg_seed_buf with SHA-384 or SHA-512.
func (l *lib) hmacDRBGSeed(d *hmacDRBG) {
	d.md = l.calloc("mbedtls_md_setup", l.size.SHA512)
	d.hmac = l.calloc("mbedtls_md_setup", 2*128)
}

func (l *lib) hmacDRBGFree(d *hmacDRBG) {
	l.free(&d.md)
	l.free(&d.hmac)
}

// deriveMPI: derive_mpi, a hash as a number below the order.
func (l *lib) deriveMPI(g *group, x *bignum.MPI) {
	v := new(big.Int)
	l.bn.RandomBits(v, 256)
	l.bn.ReadBinary(x, v, 32)
	if x.V.Cmp(&g.n.V) >= 0 {
		l.bn.Sub(x, x, &g.n)
	}
}

// ecdsaSign: mbedtls_ecdsa_sign_det_restartable below
// mbedtls_ecdsa_write_signature (RFC 6979: the nonce comes from an HMAC_DRBG).
func (l *lib) ecdsaSign(k *keypair) {
	if l.v.verifyCopiesKey {
		c := l.copyKeypair(k)
		defer l.keypairFree(c)
		k = c
	}
	g := &k.grp
	var r, s bignum.MPI
	defer l.bn.Release(&r, &s)
	var h bignum.MPI
	var drbg hmacDRBG
	defer func() {
		l.hmacDRBGFree(&drbg)
		l.bn.Release(&h)
	}()
	l.deriveMPI(g, &h)
	l.hmacDRBGSeed(&drbg)

	var kr point
	var nonce, e, t bignum.MPI
	defer func() {
		l.pointFree(&kr)
		l.bn.Release(&nonce, &e, &t)
	}()
	l.genPrivkey(g, &nonce)
	l.ecpMul(g, &kr, &nonce, &g.g, true)
	l.bn.Mod(&r, &kr.x, &g.n)
	l.deriveMPI(g, &e)
	l.genPrivkey(g, &t)
	l.bn.Mul(&s, &r, &k.d)
	l.bn.Add(&e, &e, &s)
	l.bn.Mul(&e, &e, &t)
	l.bn.Mul(&nonce, &nonce, &t)
	l.bn.Mod(&nonce, &nonce, &g.n)
	l.bn.Inverse(&s, &nonce, &g.n)
	l.bn.Mul(&s, &s, &e)
	l.bn.Mod(&s, &s, &g.n)
}

// ecdsaVerify: mbedtls_ecdsa_read_signature of a signature whose two integers
// take ints bytes together (64 to 66: each has a zero byte in front if its top
// bit is set).
func (l *lib) ecdsaVerify(k *keypair, ints int) {
	if l.v.verifyCopiesKey {
		c := l.copyKeypair(k)
		defer l.keypairFree(c)
		k = c
	}
	g := &k.grp
	var r, s bignum.MPI
	defer l.bn.Release(&r, &s)
	v := new(big.Int)
	l.bn.RandomBelow(v, &g.n.V)
	l.bn.ReadBinary(&r, v, min(ints-32, 33))
	l.bn.RandomBelow(v, &g.n.V)
	l.bn.ReadBinary(&s, v, ints-min(ints-32, 33))

	var e, sinv, u1, u2 bignum.MPI
	var x point
	defer func() {
		l.pointFree(&x)
		l.bn.Release(&e, &sinv, &u1, &u2)
	}()
	l.deriveMPI(g, &e)
	l.bn.Inverse(&sinv, &s, &g.n)
	l.bn.Mul(&u1, &e, &sinv)
	l.bn.Mod(&u1, &u1, &g.n)
	l.bn.Mul(&u2, &r, &sinv)
	l.bn.Mod(&u2, &u2, &g.n)
	l.muladd(g, &x, &u1, &u2, &k.q)
	l.bn.Mod(&x.x, &x.x, &g.n)
}

// copyKeypair: mbedtls_ecdsa_from_keypair.
func (l *lib) copyKeypair(k *keypair) *keypair {
	c := &keypair{}
	done := false
	defer func() {
		if !done {
			l.keypairFree(c)
		}
	}()
	l.groupLoad(&c.grp, k.grp.curve)
	l.bn.Copy(&c.d, &k.d)
	l.pointCopy(&c.q, &k.q)
	done = true
	return c
}
