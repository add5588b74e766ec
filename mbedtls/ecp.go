package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// point is mbedtls_ecp_point.
type point struct{ x, y, z mpi }

// pointFree: mbedtls_ecp_point_free.
func (l *lib) pointFree(p *point) { l.mpiFree(&p.x, &p.y, &p.z) }

// pointCopy: mbedtls_ecp_copy.
func (l *lib) pointCopy(p, q *point) {
	l.copy(&p.x, &q.x)
	l.copy(&p.y, &q.y)
	l.copy(&p.z, &q.z)
}

// group is mbedtls_ecp_group. The numbers of secp256r1 are in flash; those of
// Curve25519 are worked out on the heap when the group is loaded.
type group struct {
	curve *curve
	p, a  mpi
	b, n  mpi
	g     point
	table combTable // 2.16: multiples of the generator, kept until the group is freed
}

// combTable is an array of points from one calloc.
type combTable struct {
	p      heap.Addr
	points []point
}

// curve is what a group is loaded from.
type curve struct {
	name       string
	montgomery bool
	nbits      int
	bytes      int // of a coordinate
	pointBytes int // of a point on the wire
	p, n       *big.Int
	b, gx, gy  *big.Int
}

func secp256r1() *curve {
	return &curve{
		name: "secp256r1", nbits: 256, bytes: 32, pointBytes: 65,
		p:  hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
		n:  hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
		b:  hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
		gx: hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
		gy: hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
	}
}

func curve25519() *curve {
	return &curve{
		name: "x25519", montgomery: true, nbits: 254, bytes: 32, pointBytes: 32,
		p: hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"),
		n: hex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
	}
}

// groupLoad: mbedtls_ecp_group_load.
func (l *lib) groupLoad(g *group, c *curve) {
	g.curve = c
	if !c.montgomery {
		g.p, g.n, g.b = *constant(c.p), *constant(c.n), *constant(c.b)
		g.g = point{x: *constant(c.gx), y: *constant(c.gy), z: *onStack(1)}
		return
	}
	l.lset(&g.a, 0x01db42)
	l.lset(&g.p, 1)
	l.shiftL(&g.p, 255)
	l.sub(&g.p, &g.p, onStack(19))
	l.readBinary(&g.n, new(big.Int).SetBit(c.n, 252, 0), 16)
	l.setBit(&g.n, 252, 1)
	c.n.SetBit(c.n, 252, 1)
	l.lset(&g.g.x, 9)
	l.lset(&g.g.z, 1)
}

// groupFree: mbedtls_ecp_group_free. The cofactor of Curve25519 is what tells
// 2.x that its numbers are its own, too: both free P before A, 3.x last.
func (l *lib) groupFree(g *group) {
	if g.curve == nil {
		return
	}
	if g.curve.montgomery {
		if l.v.groupFreesPFirst {
			l.mpiFree(&g.p, &g.a, &g.b)
			l.pointFree(&g.g)
			l.mpiFree(&g.n)
		} else {
			l.mpiFree(&g.a, &g.b)
			l.pointFree(&g.g)
			l.mpiFree(&g.n, &g.p)
		}
	}
	l.tableFree(&g.table)
	*g = group{}
}

func (l *lib) tableFree(t *combTable) {
	for i := range t.points {
		l.pointFree(&t.points[i])
	}
	l.free(&t.p)
	t.points = nil
}

// pointRead: mbedtls_ecp_point_read_binary of an uncompressed point.
func (l *lib) pointRead(g *group, p *point, x, y *big.Int) {
	switch {
	case g.curve.montgomery:
		l.readBinary(&p.x, x, 32)
		l.mpiFree(&p.y)
		l.lset(&p.z, 1)
	case l.v.pointReadsZLast:
		l.readBinary(&p.x, x, 32)
		l.readBinary(&p.y, y, 32)
		l.lset(&p.z, 1)
	default:
		l.readBinary(&p.x, x, 32)
		l.lset(&p.z, 1)
		l.readBinary(&p.y, y, 32)
	}
}

// checkPubkey: mbedtls_ecp_check_pubkey.
func (l *lib) checkPubkey(g *group, p *point) {
	if g.curve.montgomery {
		if l.v.checkBadPoints {
			var t mpi
			defer l.mpiFree(&t)
			l.copy(&t, &p.x)
			for t.v.Cmp(&g.p.v) >= 0 {
				l.sub(&t, &t, &g.p)
			}
			l.add(&t, &t, onStack(1))
		}
		return
	}
	var yy, rhs mpi
	defer l.mpiFree(&yy, &rhs)
	l.mulMod(g, &yy, &p.y, &p.y)
	l.mulMod(g, &rhs, &p.x, &p.x)
	l.subMod(g, &rhs, &rhs, onStack(3))
	l.mulMod(g, &rhs, &rhs, &p.x)
	l.addMod(g, &rhs, &rhs, &g.b)
}

// genPrivkey: mbedtls_ecp_gen_privkey.
func (l *lib) genPrivkey(g *group, d *mpi) {
	switch {
	case g.curve.montgomery:
		l.fillRandom(d, 32)
		l.shiftR(d, 256-255)
		l.setBit(d, 254, 1)
		for i := range 3 {
			l.setBit(d, i, 0)
		}
	case l.v.privkeyFillsRandom:
		for {
			l.fillRandom(d, 32)
			if d.v.Sign() > 0 && d.v.Cmp(&g.n.v) < 0 {
				return
			}
		}
	default:
		l.random(d, 1, &g.n)
	}
}

// ecpMul: mbedtls_ecp_mul, r = m * p; blind tells whether the caller has a
// random number generator.
func (l *lib) ecpMul(g *group, r *point, m *mpi, p *point, blind bool) {
	op := ECMulVariable
	if p == &g.g {
		op = ECMulFixed
	}
	l.spend(op, g.curve.nbits)
	l.checkPubkey(g, p)
	if g.curve.montgomery {
		l.mulMxz(g, r, m, p, blind)
		return
	}
	l.mulComb(g, r, m, p, blind)
}

// muladd: mbedtls_ecp_muladd, r = m * G + n * q.
func (l *lib) muladd(g *group, r *point, m, n *mpi, q *point) {
	var mp point
	var tmp [4]mpi
	defer func() {
		l.mpiFree(&tmp[0], &tmp[1], &tmp[2], &tmp[3])
		l.pointFree(&mp)
	}()
	l.ecpMul(g, &mp, m, &g.g, false)
	l.ecpMul(g, r, n, q, false)
	l.addMixed(g, r, &mp, r, &tmp)
	l.normalizeJac(g, r)
}
