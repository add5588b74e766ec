package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// keypair is mbedtls_ecp_keypair.
type keypair struct {
	grp group
	d   mpi
	q   point
}

// keypairFree: mbedtls_ecp_keypair_free.
func (l *lib) keypairFree(k *keypair) {
	l.groupFree(&k.grp)
	l.mpiFree(&k.d)
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
func (l *lib) deriveMPI(g *group, x *mpi) {
	v := new(big.Int)
	l.randomBits(v, 256)
	l.readBinary(x, v, 32)
	if x.v.Cmp(&g.n.v) >= 0 {
		l.sub(x, x, &g.n)
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
	var r, s mpi
	defer l.mpiFree(&r, &s)
	var h mpi
	var drbg hmacDRBG
	defer func() {
		l.hmacDRBGFree(&drbg)
		l.mpiFree(&h)
	}()
	l.deriveMPI(g, &h)
	l.hmacDRBGSeed(&drbg)

	var kr point
	var nonce, e, t mpi
	defer func() {
		l.pointFree(&kr)
		l.mpiFree(&nonce, &e, &t)
	}()
	l.genPrivkey(g, &nonce)
	l.ecpMul(g, &kr, &nonce, &g.g, true)
	l.mod(&r, &kr.x, &g.n)
	l.deriveMPI(g, &e)
	l.genPrivkey(g, &t)
	l.mul(&s, &r, &k.d)
	l.add(&e, &e, &s)
	l.mul(&e, &e, &t)
	l.mul(&nonce, &nonce, &t)
	l.mod(&nonce, &nonce, &g.n)
	l.invMod(&s, &nonce, &g.n)
	l.mul(&s, &s, &e)
	l.mod(&s, &s, &g.n)
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
	var r, s mpi
	defer l.mpiFree(&r, &s)
	v := new(big.Int)
	l.randomBelow(v, &g.n.v)
	l.readBinary(&r, v, min(ints-32, 33))
	l.randomBelow(v, &g.n.v)
	l.readBinary(&s, v, ints-min(ints-32, 33))

	var e, sinv, u1, u2 mpi
	var x point
	defer func() {
		l.pointFree(&x)
		l.mpiFree(&e, &sinv, &u1, &u2)
	}()
	l.deriveMPI(g, &e)
	l.invMod(&sinv, &s, &g.n)
	l.mul(&u1, &e, &sinv)
	l.mod(&u1, &u1, &g.n)
	l.mul(&u2, &r, &sinv)
	l.mod(&u2, &u2, &g.n)
	l.muladd(g, &x, &u1, &u2, &k.q)
	l.mod(&x.x, &x.x, &g.n)
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
	l.copy(&c.d, &k.d)
	l.pointCopy(&c.q, &k.q)
	done = true
	return c
}
