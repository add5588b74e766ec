package mbedtls

import (
	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// The formulas in Jacobian coordinates. 3.x works in four temporaries that the
// caller keeps over a whole multiplication (and for additions in the result
// itself); 2.16 (jacLocals) has temporaries of its own at every step.

// doubleJac: ecp_double_jac.
func (l *lib) doubleJac(g *group, r, p *point, tmp *[4]bignum.MPI) {
	var own [4]bignum.MPI
	m, s, t, u := &tmp[0], &tmp[1], &tmp[2], &tmp[3]
	if l.v.jacLocals {
		m, s, t, u = &own[0], &own[1], &own[2], &own[3]
		defer l.bn.Release(m, s, t, u)
	}
	l.mulMod(g, s, &p.z, &p.z)
	l.addMod(g, t, &p.x, s)
	l.subMod(g, u, &p.x, s)
	l.mulMod(g, s, t, u)
	l.mulIntMod(g, m, s, 3)
	l.mulMod(g, t, &p.y, &p.y)
	l.shiftLMod(g, t, 1)
	l.mulMod(g, s, &p.x, t)
	l.shiftLMod(g, s, 1)
	l.mulMod(g, u, t, t)
	l.shiftLMod(g, u, 1)
	l.mulMod(g, t, m, m)
	l.subMod(g, t, t, s)
	l.subMod(g, t, t, s)
	l.subMod(g, s, s, t)
	l.mulMod(g, s, s, m)
	l.subMod(g, s, s, u)
	l.mulMod(g, u, &p.y, &p.z)
	l.shiftLMod(g, u, 1)
	l.bn.Copy(&r.x, t)
	l.bn.Copy(&r.y, s)
	l.bn.Copy(&r.z, u)
}

// addMixed: ecp_add_mixed, r = p + q with q normalized.
func (l *lib) addMixed(g *group, r, p, q *point, tmp *[4]bignum.MPI) {
	if p.z.V.Sign() == 0 {
		l.pointCopy(r, q)
		return
	}
	if q.z.N > 0 && q.z.V.Sign() == 0 {
		l.pointCopy(r, p)
		return
	}
	var own [7]bignum.MPI
	t1, t2, t3, t4 := &tmp[0], &tmp[1], &tmp[2], &tmp[3]
	x, y, z := &r.x, &r.y, &r.z
	if l.v.jacLocals {
		t1, t2, t3, t4, x, y, z = &own[0], &own[1], &own[2], &own[3], &own[4], &own[5], &own[6]
		defer l.bn.Release(t1, t2, t3, t4, x, y, z)
	}
	l.mulMod(g, t1, &p.z, &p.z)
	l.mulMod(g, t2, t1, &p.z)
	l.mulMod(g, t1, t1, &q.x)
	l.mulMod(g, t2, t2, &q.y)
	l.subMod(g, t1, t1, &p.x)
	l.subMod(g, t2, t2, &p.y)
	if t1.V.Sign() == 0 {
		if t2.V.Sign() == 0 {
			l.doubleJac(g, r, p, tmp)
		} else {
			l.bn.Set(&r.x, 1)
			l.bn.Set(&r.y, 1)
			l.bn.Set(&r.z, 0)
		}
		return
	}
	l.mulMod(g, z, &p.z, t1)
	l.mulMod(g, t3, t1, t1)
	l.mulMod(g, t4, t3, t1)
	l.mulMod(g, t3, t3, &p.x)
	if l.v.jacLocals {
		l.mulIntMod(g, t1, t3, 2)
	} else {
		l.bn.Copy(t1, t3)
		l.shiftLMod(g, t1, 1)
	}
	l.mulMod(g, x, t2, t2)
	l.subMod(g, x, x, t1)
	l.subMod(g, x, x, t4)
	l.subMod(g, t3, t3, x)
	l.mulMod(g, t3, t3, t2)
	l.mulMod(g, t4, t4, &p.y)
	l.subMod(g, y, t3, t4)
	if l.v.jacLocals {
		l.bn.Copy(&r.x, x)
		l.bn.Copy(&r.y, y)
		l.bn.Copy(&r.z, z)
	}
}

// randomizeJac: ecp_randomize_jac.
func (l *lib) randomizeJac(g *group, p *point) {
	var r, rr bignum.MPI
	if l.v.jacLocals {
		defer l.bn.Release(&r, &rr)
		l.randomElement(g, &r)
		l.mulMod(g, &p.z, &p.z, &r)
		l.mulMod(g, &rr, &r, &r)
		l.mulMod(g, &p.x, &p.x, &rr)
		l.mulMod(g, &rr, &rr, &r)
		l.mulMod(g, &p.y, &p.y, &rr)
		return
	}
	defer l.bn.Release(&r)
	l.bn.RandomFrom(&r, 2, &g.p)
	l.mulMod(g, &p.z, &p.z, &r)
	l.mulMod(g, &p.y, &p.y, &r)
	l.mulMod(g, &r, &r, &r)
	l.mulMod(g, &p.x, &p.x, &r)
	l.mulMod(g, &p.y, &p.y, &r)
}

// randomElement is how 2.16 draws a blinding factor: as many bytes as the
// prime has, halved until it is below.
func (l *lib) randomElement(g *group, r *bignum.MPI) {
	for {
		l.bn.FillRandom(r, g.curve.bytes)
		for r.V.Cmp(&g.p.V) >= 0 {
			l.bn.ShiftRight(r, 1)
		}
		if r.V.BitLen() > 1 {
			return
		}
	}
}

// normalizeJac: ecp_normalize_jac.
func (l *lib) normalizeJac(g *group, p *point) {
	if p.z.V.Sign() == 0 {
		return
	}
	var t, tt bignum.MPI
	if l.v.jacLocals {
		defer l.bn.Release(&t, &tt)
		l.bn.Inverse(&t, &p.z, &g.p)
		l.mulMod(g, &tt, &t, &t)
		l.mulMod(g, &p.x, &p.x, &tt)
		l.mulMod(g, &p.y, &p.y, &tt)
		l.mulMod(g, &p.y, &p.y, &t)
		l.bn.Set(&p.z, 1)
		return
	}
	defer l.bn.Release(&t)
	l.bn.Inverse(&t, &p.z, &g.p)
	l.mulMod(g, &p.y, &p.y, &t)
	l.mulMod(g, &t, &t, &t)
	l.mulMod(g, &p.x, &p.x, &t)
	l.mulMod(g, &p.y, &p.y, &t)
	l.bn.Set(&p.z, 1)
}

// normalizeJacMany: ecp_normalize_jac_many, one inversion for all.
func (l *lib) normalizeJacMany(g *group, t []*point) {
	n := len(t)
	if n < 2 {
		l.normalizeJac(g, t[0])
		return
	}
	var array heap.Addr
	c := make([]bignum.MPI, n)
	var u, zi, zzi bignum.MPI
	defer func() {
		l.bn.Release(&u, &zi, &zzi)
		for i := range c {
			l.bn.Release(&c[i])
		}
		l.free(&array)
	}()
	array = l.calloc("ecp_normalize_jac_many", uint32(n)*l.v.sizeMPI)
	l.bn.Copy(&c[0], &t[0].z)
	for i := 1; i < n; i++ {
		l.mulMod(g, &c[i], &c[i-1], &t[i].z)
	}
	if l.v.jacLocals {
		l.bn.Inverse(&u, &c[n-1], &g.p)
		for i := n - 1; i >= 0; i-- {
			if i == 0 {
				l.bn.Copy(&zi, &u)
			} else {
				l.mulMod(g, &zi, &u, &c[i-1])
				l.mulMod(g, &u, &u, &t[i].z)
			}
			l.mulMod(g, &zzi, &zi, &zi)
			l.mulMod(g, &t[i].x, &t[i].x, &zzi)
			l.mulMod(g, &t[i].y, &t[i].y, &zzi)
			l.mulMod(g, &t[i].y, &t[i].y, &zi)
			l.bn.Shrink(&t[i].x, g.p.N)
			l.bn.Shrink(&t[i].y, g.p.N)
			l.bn.Release(&t[i].z)
		}
		return
	}
	l.bn.Inverse(&c[n-1], &c[n-1], &g.p)
	for i := n - 1; i >= 0; i-- {
		if i > 0 {
			l.mulMod(g, &u, &c[i], &c[i-1])
			l.mulMod(g, &c[i-1], &c[i], &t[i].z)
		} else {
			l.bn.Copy(&u, &c[0])
		}
		l.mulMod(g, &t[i].y, &t[i].y, &u)
		l.mulMod(g, &u, &u, &u)
		l.mulMod(g, &t[i].x, &t[i].x, &u)
		l.mulMod(g, &t[i].y, &t[i].y, &u)
		l.bn.Shrink(&t[i].x, g.p.N)
		l.bn.Shrink(&t[i].y, g.p.N)
		l.bn.Set(&t[i].z, 1)
	}
}
