package mbedtls

import "math/big"

// expMod: mbedtls_mpi_exp_mod, x = a^e mod n. rr, if not nil, is a constant of
// n that is worked out at the first use and kept: 256 bytes a 2048-bit key.
//
// The result is some number below n: its blocks do not depend on which.
func (l *lib) expMod(x, a, e, n, rr *mpi) {
	switch {
	case l.hwMPI && hardwareWords(max(a.used(), e.used(), n.used())) <= rsaMaxWords:
		l.expHardware(x, a, e, n, rr)
	case l.v.expWindowTable:
		l.expTable(x, a, e, n, rr)
	default:
		l.expCore(x, a, e, n, rr)
	}
	l.randomBelow(&x.v, &n.v)
}

// expHardware: esp_mpi_exp_mod with Montgomery multiplications of the ESP32's
// accelerator, a power at a time, without a table.
func (l *lib) expHardware(x, a, e, n, rr *mpi) {
	words := hardwareWords(max(a.used(), e.used(), n.used()))
	var own mpi
	if rr == nil {
		rr = &own
		defer l.mpiFree(&own)
	}
	if rr.p == 0 {
		l.calculateRinv(rr, n, words)
	}
	var x1, one mpi
	defer l.mpiFree(&x1, &one)
	l.grow(&one, words)
	l.grow(&x1, words)
	l.grow(x, words)
}

// calculateRinv: calculate_rinv, 2^(2 * bits) mod m.
func (l *lib) calculateRinv(rinv, m *mpi, words int) {
	var r mpi
	defer l.mpiFree(&r)
	l.setBit(&r, words*biL*2, 1)
	l.mod(rinv, &r, m)
}

// montR2: mbedtls_mpi_core_get_mont_r2_unsafe.
func (l *lib) montR2(rr, n *mpi) {
	l.lset(rr, 1)
	l.shiftL(rr, n.n*2*biL)
	l.mod(rr, rr, n)
	l.shrink(rr, n.n)
}

// expCore: mbedtls_mpi_exp_mod of 3.x in software: one block of working
// memory holds the table of powers.
func (l *lib) expCore(x, a, e, n, rr *mpi) {
	window := 1
	if e.n*biL > 79 {
		window = 3 // MBEDTLS_MPI_WINDOW_SIZE
	}
	t := l.calloc("mbedtls_mpi_exp_mod", uint32(4*(n.n<<window+n.n+2*n.n+1)))
	var own mpi
	if rr == nil {
		rr = &own
	}
	defer func() {
		l.free(&t)
		l.mpiFree(&own)
	}()
	if rr.p == 0 {
		var r mpi
		ok := false
		defer func() {
			if !ok {
				l.mpiFree(&r)
			}
		}()
		l.montR2(&r, n)
		ok = true
		rr.p, rr.n = r.p, r.n
		rr.v.Set(&r.v)
	} else {
		l.grow(rr, n.n)
	}
	l.copy(x, a)
	x.v.Abs(&x.v)
	if x.v.Cmp(&n.v) >= 0 {
		l.mod(x, x, n)
	}
	l.grow(x, n.n)
}

// expTable: mbedtls_mpi_exp_mod of 2.16 in software: a sliding window with a
// table of separately allocated powers.
func (l *lib) expTable(x, a, e, n, rr *mpi) {
	bits := e.v.BitLen()
	window := 1
	for _, w := range []struct{ bits, size int }{{671, 6}, {239, 5}, {79, 4}, {23, 3}} {
		if bits > w.bits {
			window = w.size
			break
		}
	}
	j := n.n + 1
	w := make([]mpi, 1<<window)
	var t, apos, own mpi
	if rr == nil {
		rr = &own
	}
	defer func() {
		for i := 1 << (window - 1); i < 1<<window; i++ {
			l.mpiFree(&w[i])
		}
		l.mpiFree(&w[1], &t, &apos, &own)
	}()
	l.grow(x, j)
	l.grow(&w[1], j)
	l.grow(&t, j*2)
	if a.v.Sign() < 0 {
		l.copy(&apos, a)
		apos.v.Abs(&apos.v)
		a = &apos
	}
	if rr.p == 0 {
		l.lset(rr, 1)
		l.shiftL(rr, n.n*2*biL)
		l.mod(rr, rr, n)
	}
	if a.v.Cmp(&n.v) >= 0 {
		l.mod(&w[1], a, n)
	} else {
		l.copy(&w[1], a)
	}
	l.copy(x, rr)
	if window > 1 {
		for i := 1 << (window - 1); i < 1<<window; i++ {
			l.grow(&w[i], n.n+1)
		}
	}
}

// randomBits sets v to a random number of at most that many bits.
func (l *lib) randomBits(v *big.Int, bits int) {
	b := make([]byte, (bits+7)/8)
	for i := range b {
		b[i] = byte(l.rand.Uint32())
	}
	if r := bits % 8; r != 0 {
		b[0] &= 1<<r - 1
	}
	v.SetBytes(b)
}

func (l *lib) randomBelow(v, n *big.Int) {
	for {
		l.randomBits(v, n.BitLen())
		if v.Cmp(n) < 0 {
			return
		}
	}
}
