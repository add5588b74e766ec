package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// point is mbedtls_ecp_point.
type point struct{ x, y, z bignum.MPI }

// pointFree: mbedtls_ecp_point_free.
func (l *lib) pointFree(p *point) { l.bn.Release(&p.x, &p.y, &p.z) }

// pointCopy: mbedtls_ecp_copy.
func (l *lib) pointCopy(p, q *point) {
	l.bn.Copy(&p.x, &q.x)
	l.bn.Copy(&p.y, &q.y)
	l.bn.Copy(&p.z, &q.z)
}

// group is mbedtls_ecp_group. The numbers of secp256r1 are in flash; those of
// Curve25519 are worked out on the heap when the group is loaded.
type group struct {
	curve *curve
	p, a  bignum.MPI
	b, n  bignum.MPI
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

func secp521r1() *curve {
	return &curve{
		name: "secp521r1", nbits: 521, bytes: 66, pointBytes: 133,
		p:  hex("1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
		n:  hex("1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"),
		b:  hex("51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"),
		gx: hex("c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"),
		gy: hex("11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"),
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
		g.p, g.n, g.b = *bignum.Constant(c.p), *bignum.Constant(c.n), *bignum.Constant(c.b)
		g.g = point{x: *bignum.Constant(c.gx), y: *bignum.Constant(c.gy), z: *bignum.Small(1)}
		return
	}
	l.bn.Set(&g.a, 0x01db42)
	l.bn.Set(&g.p, 1)
	l.bn.ShiftLeft(&g.p, 255)
	l.bn.Sub(&g.p, &g.p, bignum.Small(19))
	l.bn.ReadBinary(&g.n, new(big.Int).SetBit(c.n, 252, 0), 16)
	l.bn.SetBit(&g.n, 252, 1)
	c.n.SetBit(c.n, 252, 1)
	l.bn.Set(&g.g.x, 9)
	l.bn.Set(&g.g.z, 1)
}

// groupFree: mbedtls_ecp_group_free. The cofactor of Curve25519 is what tells
// 2.x that its numbers are its own, too: both free P before A, 3.x last.
func (l *lib) groupFree(g *group) {
	if g.curve == nil {
		return
	}
	if g.curve.montgomery {
		if l.v.groupFreesPFirst {
			l.bn.Release(&g.p, &g.a, &g.b)
			l.pointFree(&g.g)
			l.bn.Release(&g.n)
		} else {
			l.bn.Release(&g.a, &g.b)
			l.pointFree(&g.g)
			l.bn.Release(&g.n, &g.p)
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
		l.bn.ReadBinary(&p.x, x, g.curve.bytes)
		l.bn.Release(&p.y)
		l.bn.Set(&p.z, 1)
	case l.v.pointReadsZLast:
		l.bn.ReadBinary(&p.x, x, g.curve.bytes)
		l.bn.ReadBinary(&p.y, y, g.curve.bytes)
		l.bn.Set(&p.z, 1)
	default:
		l.bn.ReadBinary(&p.x, x, g.curve.bytes)
		l.bn.Set(&p.z, 1)
		l.bn.ReadBinary(&p.y, y, g.curve.bytes)
	}
}

// checkPubkey: mbedtls_ecp_check_pubkey.
func (l *lib) checkPubkey(g *group, p *point) {
	if g.curve.montgomery {
		if l.v.checkBadPoints {
			var t bignum.MPI
			defer l.bn.Release(&t)
			l.bn.Copy(&t, &p.x)
			for t.V.Cmp(&g.p.V) >= 0 {
				l.bn.Sub(&t, &t, &g.p)
			}
			l.bn.Add(&t, &t, bignum.Small(1))
		}
		return
	}
	var yy, rhs bignum.MPI
	defer l.bn.Release(&yy, &rhs)
	l.mulMod(g, &yy, &p.y, &p.y)
	l.mulMod(g, &rhs, &p.x, &p.x)
	l.subMod(g, &rhs, &rhs, bignum.Small(3))
	l.mulMod(g, &rhs, &rhs, &p.x)
	l.addMod(g, &rhs, &rhs, &g.b)
}

// genPrivkey: mbedtls_ecp_gen_privkey.
func (l *lib) genPrivkey(g *group, d *bignum.MPI) {
	switch {
	case g.curve.montgomery:
		l.bn.FillRandom(d, 32)
		l.bn.ShiftRight(d, 256-255)
		l.bn.SetBit(d, 254, 1)
		for i := range 3 {
			l.bn.SetBit(d, i, 0)
		}
	case l.v.privkeyFillsRandom:
		for {
			l.bn.FillRandom(d, g.curve.bytes)
			if spare := 8*g.curve.bytes - g.curve.nbits; spare > 0 {
				l.bn.ShiftRight(d, spare)
			}
			if d.V.Sign() > 0 && d.V.Cmp(&g.n.V) < 0 {
				return
			}
		}
	default:
		l.bn.RandomFrom(d, 1, &g.n)
	}
}

// ecpMul: mbedtls_ecp_mul, r = m * p; blind tells whether the caller has a
// random number generator.
func (l *lib) ecpMul(g *group, r *point, m *bignum.MPI, p *point, blind bool) {
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
func (l *lib) muladd(g *group, r *point, m, n *bignum.MPI, q *point) {
	var mp point
	var tmp [4]bignum.MPI
	defer func() {
		l.bn.Release(&tmp[0], &tmp[1], &tmp[2], &tmp[3])
		l.pointFree(&mp)
	}()
	l.ecpMul(g, &mp, m, &g.g, false)
	l.ecpMul(g, r, n, q, false)
	l.addMixed(g, r, &mp, r, &tmp)
	l.normalizeJac(g, r)
}

// hex reads a constant of this package.
func hex(s string) *big.Int {
	v, ok := new(big.Int).SetString(s, 16)
	if !ok {
		panic("mbedtls: not a hexadecimal constant: " + s)
	}
	return v
}
