package mbedtls

import "math/big"

// rsaContext is mbedtls_rsa_context.
type rsaContext struct {
	len           int // bytes of the modulus
	n, e, d, p, q mpi
	dp, dq, qp    mpi
	rn, rp, rq    mpi // constants for exponentiation, kept after first use
	vi, vf        mpi // blinding, kept after first use
}

// rsaFree: mbedtls_rsa_free.
func (l *lib) rsaFree(r *rsaContext) {
	l.mpiFree(&r.vi, &r.vf, &r.rn, &r.d, &r.q, &r.p, &r.e, &r.n)
	l.mpiFree(&r.rq, &r.rp, &r.qp, &r.dq, &r.dp)
}

// rsaPublic: mbedtls_rsa_public.
func (l *lib) rsaPublic(r *rsaContext) {
	var t mpi
	defer l.mpiFree(&t)
	l.spend(RSAPublic, 8*r.len)
	l.readBinary(&t, l.belowModulus(r), r.len)
	l.expMod(&t, &t, &r.e, &r.n, &r.rn)
}

// belowModulus is a message: any number as wide as the modulus.
func (l *lib) belowModulus(r *rsaContext) *big.Int {
	v := new(big.Int)
	l.randomBelow(v, &r.n.v)
	return v
}

// prepareBlinding: rsa_prepare_blinding.
func (l *lib) prepareBlinding(r *rsaContext) {
	var f mpi
	defer l.mpiFree(&f)
	if r.vf.p != 0 {
		l.mul(&r.vi, &r.vi, &r.vi)
		l.mod(&r.vi, &r.vi, &r.n)
		l.mul(&r.vf, &r.vf, &r.vf)
		l.mod(&r.vf, &r.vf, &r.n)
		return
	}
	for {
		l.fillRandom(&r.vf, r.len-1)
		l.fillRandom(&f, r.len-1)
		l.mul(&r.vi, &r.vf, &f)
		l.mod(&r.vi, &r.vi, &r.n)
		if l.invMod(&r.vi, &r.vi, &r.n) {
			break
		}
	}
	l.mul(&r.vi, &r.vi, &f)
	l.mod(&r.vi, &r.vi, &r.n)
	l.expMod(&r.vi, &r.vi, &r.e, &r.n, &r.rn)
}

const exponentBlinding = 28 // RSA_EXPONENT_BLINDING, bytes

// rsaPrivate: mbedtls_rsa_private, with the Chinese remainder theorem and all
// its blinding. It is the largest transient of a handshake.
func (l *lib) rsaPrivate(r *rsaContext) {
	var t, p1, q1, f, tp, tq, dpb, dqb, input, check mpi
	defer func() {
		l.mpiFree(&p1, &q1, &f, &dpb, &dqb)
		l.mpiFree(&t, &tp, &tq, &check, &input)
	}()
	l.spend(RSAPrivate, 8*r.len)
	l.readBinary(&t, l.belowModulus(r), r.len)
	if !l.v.inputBlinded {
		l.copy(&input, &t)
	}
	l.prepareBlinding(r)
	l.mul(&t, &t, &r.vi)
	l.mod(&t, &t, &r.n)
	if l.v.inputBlinded {
		l.copy(&input, &t)
	}
	l.sub(&p1, &r.p, onStack(1))
	l.sub(&q1, &r.q, onStack(1))
	l.fillRandom(&f, exponentBlinding)
	l.mul(&dpb, &p1, &f)
	l.add(&dpb, &dpb, &r.dp)
	l.fillRandom(&f, exponentBlinding)
	l.mul(&dqb, &q1, &f)
	l.add(&dqb, &dqb, &r.dq)
	l.expMod(&tp, &t, &dpb, &r.p, &r.rp)
	l.expMod(&tq, &t, &dqb, &r.q, &r.rq)
	l.sub(&t, &tp, &tq)
	l.mul(&tp, &t, &r.qp)
	l.mod(&t, &tp, &r.p)
	l.mul(&tp, &t, &r.q)
	l.add(&t, &tq, &tp)
	if !l.v.unblindMont {
		l.mul(&t, &t, &r.vf)
		l.mod(&t, &t, &r.n)
	}
	l.expMod(&check, &t, &r.e, &r.n, &r.rn)
	if l.v.unblindMont {
		l.unblind(&t, &r.vf, &r.n)
	}
}

// unblind: rsa_unblind.
func (l *lib) unblind(t, vf, n *mpi) {
	var rr, mt mpi
	defer l.mpiFree(&rr, &mt)
	l.montR2(&rr, n)
	l.grow(&mt, 2*n.n+1)
	l.grow(t, n.n)
	l.grow(vf, n.n)
}

// rsaVerify: mbedtls_rsa_rsassa_pkcs1_v15_verify.
func (l *lib) rsaVerify(r *rsaContext) {
	const what = "mbedtls_rsa_rsassa_pkcs1_v15_verify"
	l.withBlocks(what, uint32(r.len), uint32(r.len), func() { l.rsaPublic(r) })
}

// rsaSign: mbedtls_rsa_rsassa_pkcs1_v15_sign, which checks what it has signed.
func (l *lib) rsaSign(r *rsaContext) {
	const what = "mbedtls_rsa_rsassa_pkcs1_v15_sign"
	l.withBlocks(what, uint32(r.len), uint32(r.len), func() {
		l.rsaPrivate(r)
		l.rsaPublic(r)
	})
}

// withBlocks runs f with two blocks around it, freed in the order taken.
func (l *lib) withBlocks(what string, a, b uint32, f func()) {
	p := l.calloc(what, a)
	defer func() { l.free(&p) }()
	q := l.calloc(what, b)
	defer func() {
		l.free(&p)
		l.free(&q)
	}()
	f()
}
