package mbedtls

import (
	"math/big"

	"github.com/plimsoll-sim/plimsoll/internal/bignum"
)

// ecdhContext is mbedtls_ecdh_context.
type ecdhContext struct {
	grp  group
	d    bignum.MPI // own private key
	q    point
	peer point
	z    bignum.MPI // shared secret
}

// ecdhFree: mbedtls_ecdh_free.
func (l *lib) ecdhFree(e *ecdhContext) {
	l.groupFree(&e.grp)
	l.bn.Release(&e.d)
	l.pointFree(&e.q)
	l.pointFree(&e.peer)
	l.bn.Release(&e.z)
}

// ecdhSetup: mbedtls_ecdh_setup.
func (l *lib) ecdhSetup(e *ecdhContext, c *curve) { l.groupLoad(&e.grp, c) }

// ecdhReadPeer: mbedtls_ecp_tls_read_point of the other side's key.
func (l *lib) ecdhReadPeer(e *ecdhContext) {
	x, y := new(big.Int), new(big.Int)
	l.bn.RandomBelow(x, e.grp.curve.p)
	l.bn.RandomBelow(y, e.grp.curve.p)
	l.pointRead(&e.grp, &e.peer, x, y)
}

// ecdhGenPublic: mbedtls_ecdh_gen_public.
func (l *lib) ecdhGenPublic(e *ecdhContext) {
	l.genPrivkey(&e.grp, &e.d)
	l.ecpMul(&e.grp, &e.q, &e.d, &e.grp.g, true)
}

// ecdhCalcSecret: mbedtls_ecdh_calc_secret.
func (l *lib) ecdhCalcSecret(e *ecdhContext) {
	var p point
	defer l.pointFree(&p)
	l.ecpMul(&e.grp, &p, &e.d, &e.peer, true)
	l.bn.Copy(&e.z, &p.x)
}
