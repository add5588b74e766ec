package mbedtls

import "github.com/plimsoll-sim/plimsoll/internal/bignum"

// mulComb: ecp_mul_comb, multiplication with a comb of width w: multiples of
// the point in a table, then one doubling and one addition a column.
func (l *lib) mulComb(g *group, r *point, m *bignum.MPI, p *point, blind bool) {
	ofG := p.x.V.Cmp(&g.g.x.V) == 0 && p.y.V.Cmp(&g.g.y.V) == 0
	w := 4 // ecp_pick_window_size
	if g.curve.nbits >= 384 {
		w++
	}
	if ofG {
		w++
	}
	d := (g.curve.nbits + w - 1) / w
	size := 1 << (w - 1)

	var own combTable
	defer l.tableFree(&own)

	// 2.16 blinds without a caller's generator, with one seeded by the secret. It
	// is the first to go.
	var drbg hmacDRBG
	if !blind && l.v.ecpSeedsDRBG {
		defer l.hmacDRBGFree(&drbg)
		l.hmacDRBGSeed(&drbg)
		blind = true
	}

	t := &own
	switch {
	case ofG && l.v.staticCombTable:
		t = l.combTableInFlash(g, w, d)
	case ofG && g.table.points != nil:
		t = &g.table
	default:
		own.p = l.calloc("ecp_mul_comb", uint32(size)*l.v.sizePoint)
		own.points = make([]point, size)
		l.precomputeComb(g, own.points, p, w, d)
		if ofG {
			g.table = own
			own = combTable{}
			t = &g.table
		}
	}
	l.mulCombAfterPrecomp(g, r, m, t.points, w, d, blind)
}

// combTableInFlash is the table of the generator that 3.x has precomputed
// (MBEDTLS_ECP_FIXED_POINT_OPTIM): coordinates of eight limbs, no blocks. Only
// the widths matter, so every entry is the generator with another sign.
func (l *lib) combTableInFlash(g *group, w, d int) *combTable {
	t := &combTable{points: make([]point, 1<<(w-1))}
	for i := range t.points {
		l.bn.RandomBelow(&t.points[i].x.V, g.curve.p)
		l.bn.RandomBelow(&t.points[i].y.V, g.curve.p)
		t.points[i].x.N, t.points[i].y.N = 8, 8
	}
	return t
}

// precomputeComb: ecp_precompute_comb.
func (l *lib) precomputeComb(g *group, t []point, p *point, w, d int) {
	var tmp [4]bignum.MPI
	defer l.bn.Release(&tmp[0], &tmp[1], &tmp[2], &tmp[3])
	l.pointCopy(&t[0], p)
	for j := range d * (w - 1) {
		i := 1 << (j / d)
		if j%d == 0 {
			l.pointCopy(&t[i], &t[i>>1])
		}
		l.doubleJac(g, &t[i], &t[i], &tmp)
	}
	var some []*point
	for i := 1; i < len(t); i <<= 1 {
		some = append(some, &t[i])
	}
	l.normalizeJacMany(g, some)
	for i := 1; i < len(t); i <<= 1 {
		for j := i - 1; j >= 0; j-- {
			l.addMixed(g, &t[i+j], &t[j], &t[i], &tmp)
		}
	}
	some = some[:0]
	for i := 1; i < len(t); i++ {
		some = append(some, &t[i])
	}
	l.normalizeJacMany(g, some)
	if !l.v.jacLocals {
		for i := range t {
			l.bn.Release(&t[i].z)
		}
	}
}

// combRecode: ecp_comb_recode_core, the signed digits of an odd scalar.
func combRecode(m *bignum.MPI, w, d int) []byte {
	x := make([]byte, d+1)
	for i := range d {
		for j := range w {
			x[i] |= byte(m.V.Bit(i+d*j)) << j
		}
	}
	var c byte
	for i := 1; i <= d; i++ {
		cc := x[i] & c
		x[i] ^= c
		c = cc
		adjust := 1 - x[i]&1
		c |= x[i] & (x[i-1] * adjust)
		x[i] ^= x[i-1] * adjust
		x[i-1] |= adjust << 7
	}
	return x
}

func (l *lib) mulCombAfterPrecomp(g *group, r *point, m *bignum.MPI, t []point, w, d int, blind bool) {
	k, even := l.combRecodeScalar(g, m, w, d)
	l.mulCombCore(g, r, t, k, d, blind)
	l.safeInvertJac(g, r, even)
	if blind {
		l.randomizeJac(g, r)
	}
	l.normalizeJac(g, r)
}

// combRecodeScalar: ecp_comb_recode_scalar, which turns an even scalar into the
// odd one of the opposite point.
func (l *lib) combRecodeScalar(g *group, m *bignum.MPI, w, d int) (k []byte, even bool) {
	var mm, mod bignum.MPI
	defer l.bn.Release(&mod, &mm)
	even = m.V.Bit(0) == 0
	l.bn.Copy(&mm, m)
	l.bn.Sub(&mod, &g.n, m)
	l.bn.CondAssign(&mm, &mod, even)
	return combRecode(&mm, w, d), even
}

func (l *lib) mulCombCore(g *group, r *point, t []point, x []byte, d int, blind bool) {
	var txi point
	var tmp [4]bignum.MPI
	defer func() {
		l.pointFree(&txi)
		l.bn.Release(&tmp[0], &tmp[1], &tmp[2], &tmp[3])
	}()
	l.selectComb(g, r, t, x[d])
	if l.v.jacLocals {
		l.bn.Set(&r.z, 1)
	}
	if blind {
		l.randomizeJac(g, r)
	}
	for i := d - 1; i >= 0; i-- {
		l.doubleJac(g, r, r, &tmp)
		l.selectComb(g, &txi, t, x[i])
		l.addMixed(g, r, r, &txi, &tmp)
	}
}

// selectComb: ecp_select_comb, in constant time over the whole table.
func (l *lib) selectComb(g *group, r *point, t []point, i byte) {
	ii := int(i&0x7f) >> 1
	for j := range t {
		l.bn.CondAssign(&r.x, &t[j].x, j == ii)
		l.bn.CondAssign(&r.y, &t[j].y, j == ii)
	}
	l.safeInvertJac(g, r, i>>7 != 0)
	if !l.v.jacLocals {
		l.bn.Set(&r.z, 1)
	}
}

// safeInvertJac: ecp_safe_invert_jac.
func (l *lib) safeInvertJac(g *group, q *point, inv bool) {
	var t bignum.MPI
	defer l.bn.Release(&t)
	l.bn.Sub(&t, &g.p, &q.y)
	l.bn.CondAssign(&q.y, &t, inv && q.y.V.Sign() != 0)
}
