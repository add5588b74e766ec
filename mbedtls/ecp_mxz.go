package mbedtls

import "github.com/plimsoll-sim/plimsoll/internal/bignum"

// mulMxz: ecp_mul_mxz, the Montgomery ladder.
func (l *lib) mulMxz(g *group, r *point, m *bignum.MPI, p *point, blind bool) {
	var rp point
	var px bignum.MPI
	var tmp [4]bignum.MPI
	defer func() {
		l.pointFree(&rp)
		l.bn.Release(&px)
		l.bn.Release(&tmp[0], &tmp[1], &tmp[2], &tmp[3])
	}()
	var drbg hmacDRBG
	if !blind && l.v.ecpSeedsDRBG {
		defer l.hmacDRBGFree(&drbg)
		l.hmacDRBGSeed(&drbg)
	}
	l.bn.Copy(&px, &p.x)
	l.pointCopy(&rp, p)
	l.bn.Set(&r.x, 1)
	l.bn.Set(&r.z, 0)
	l.bn.Release(&r.y)
	l.modAdd(g, &rp.x)
	l.randomizeMxz(g, &rp)
	for i := g.curve.nbits; i >= 0; i-- {
		b := m.V.Bit(i) != 0
		l.bn.CondSwap(&r.x, &rp.x, b)
		l.bn.CondSwap(&r.z, &rp.z, b)
		l.doubleAddMxz(g, r, &rp, r, &rp, &px, &tmp)
		l.bn.CondSwap(&r.x, &rp.x, b)
		l.bn.CondSwap(&r.z, &rp.z, b)
	}
	l.randomizeMxz(g, r)
	l.bn.Inverse(&r.z, &r.z, &g.p)
	l.mulMod(g, &r.x, &r.x, &r.z)
	l.bn.Set(&r.z, 1)
}

// randomizeMxz: ecp_randomize_mxz.
func (l *lib) randomizeMxz(g *group, p *point) {
	var r bignum.MPI
	defer l.bn.Release(&r)
	if l.v.jacLocals {
		l.randomElement(g, &r)
	} else {
		l.bn.RandomFrom(&r, 2, &g.p)
	}
	l.mulMod(g, &p.x, &p.x, &r)
	l.mulMod(g, &p.z, &p.z, &r)
}

// doubleAddMxz: ecp_double_add_mxz.
func (l *lib) doubleAddMxz(g *group, r, s, p, q *point, d *bignum.MPI, t *[4]bignum.MPI) {
	if l.v.jacLocals {
		l.doubleAddMxz216(g, r, s, p, q, d)
		return
	}
	l.addMod(g, &t[0], &p.x, &p.z)
	l.subMod(g, &t[1], &p.x, &p.z)
	l.addMod(g, &t[2], &q.x, &q.z)
	l.subMod(g, &t[3], &q.x, &q.z)
	l.mulMod(g, &t[3], &t[3], &t[0])
	l.mulMod(g, &t[2], &t[2], &t[1])
	l.mulMod(g, &t[0], &t[0], &t[0])
	l.mulMod(g, &t[1], &t[1], &t[1])
	l.mulMod(g, &r.x, &t[0], &t[1])
	l.subMod(g, &t[0], &t[0], &t[1])
	l.mulMod(g, &r.z, &g.a, &t[0])
	l.addMod(g, &r.z, &t[1], &r.z)
	l.addMod(g, &s.x, &t[3], &t[2])
	l.mulMod(g, &s.x, &s.x, &s.x)
	l.subMod(g, &s.z, &t[3], &t[2])
	l.mulMod(g, &s.z, &s.z, &s.z)
	l.mulMod(g, &s.z, d, &s.z)
	l.mulMod(g, &r.z, &t[0], &r.z)
}

func (l *lib) doubleAddMxz216(g *group, r, s, p, q *point, x *bignum.MPI) {
	var a, aa, b, bb, e, c, d, da, cb bignum.MPI
	defer l.bn.Release(&a, &aa, &b, &bb, &e, &c, &d, &da, &cb)
	l.addMod(g, &a, &p.x, &p.z)
	l.mulMod(g, &aa, &a, &a)
	l.subMod(g, &b, &p.x, &p.z)
	l.mulMod(g, &bb, &b, &b)
	l.subMod(g, &e, &aa, &bb)
	l.addMod(g, &c, &q.x, &q.z)
	l.subMod(g, &d, &q.x, &q.z)
	l.mulMod(g, &da, &d, &a)
	l.mulMod(g, &cb, &c, &b)
	l.bn.Add(&s.x, &da, &cb)
	l.modp(g, &s.x)
	l.mulMod(g, &s.x, &s.x, &s.x)
	l.subMod(g, &s.z, &da, &cb)
	l.mulMod(g, &s.z, &s.z, &s.z)
	l.mulMod(g, &s.z, x, &s.z)
	l.mulMod(g, &r.x, &aa, &bb)
	l.mulMod(g, &r.z, &g.a, &e)
	l.addMod(g, &r.z, &bb, &r.z)
	l.mulMod(g, &r.z, &e, &r.z)
}
