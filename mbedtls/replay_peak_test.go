package mbedtls

import (
	"fmt"
	"slices"
	"strings"
)

// settle accepts the recorded peak of a step with big numbers where it differs
// from the model's, if some random numbers give it.
//
// Which numbers the device drew a recording does not tell; they are an input. What
// varies with them is when the four cofactors of an inversion grow, which the
// largest temporaries of a curve are, and whether they take a limb more than the
// modulus has (see inversion); and whether a number that is there beside them has
// taken a limb for a carry, or 2.16 a copy for a negative remainder, for which a few
// draws are tried. Everything else in a recording is compared as it stands, and that
// the peak follows from the recording's own operations is checked in any case.
func (l *recording) settle(cfg *Config, phases []phase) ([]phase, error) {
	recorded := map[int]string{}
	for _, text := range l.Text {
		var n int
		if _, err := fmt.Sscanf(string(text), `{"end":%d,`, &n); err == nil {
			recorded[n] = string(text)
		}
	}
	const draws = 24
	accepted := map[int]figures{}
	for draw := uint64(1); ; draw++ {
		open := false
		for n, p := range phases {
			if _, done := accepted[n]; done {
				continue
			}
			want, differs := onlyPeakDiffers(n, recorded[n], p.f)
			if !differs || slices.Contains(possiblePeaks(p.events, cfg.Version == V2_16_9), pair{want.Peak, want.TLSFPeak}) {
				accepted[n] = want
				continue
			}
			// A step of the handshake, or a key that is parsed.
			state := slices.Index(stateNames[:], strings.TrimPrefix(p.name, "hs:"))
			if state < 0 {
				state = setupStream
			}
			if cfg.draws == nil {
				cfg.draws = map[int]uint64{}
			}
			cfg.draws[state] = recordedSeed + draw
			open = true
		}
		if !open || draw > draws {
			break
		}
		if draw%8 == 0 { // the authority's key takes part, too
			cfg.draws[setupStream] = recordedSeed + draw
		}
		var err error
		if phases, err = run(cfg); err != nil {
			return nil, err
		}
	}
	for n, f := range accepted {
		if f != (figures{}) {
			phases[n].f.Peak, phases[n].f.TLSFPeak = f.Peak, f.TLSFPeak
		}
	}
	return phases, nil
}

// onlyPeakDiffers tells whether an end line says something else than f of the
// peak, and of nothing else; and what it says if it says the same of all else.
func onlyPeakDiffers(n int, line string, f figures) (figures, bool) {
	var w struct {
		End int `json:"end"`
		figures
	}
	if line == endLine(n, f) {
		return f, false
	}
	if decode([]byte(line), &w) != nil {
		return figures{}, false
	}
	f.Peak, f.TLSFPeak = w.Peak, w.TLSFPeak
	if endLine(n, f) != line {
		return figures{}, false
	}
	return w.figures, true
}

// cofactor is who asks for the limbs of an inversion's cofactors.
const cofactor = "mbedtls_mpi_inv_mod"

// A pair counts bytes as they were asked for, and as the heap takes them.
type pair struct{ bytes, tlsf int }

func (p pair) plus(q pair) pair { return pair{p.bytes + q.bytes, p.tlsf + q.tlsf} }

func (p pair) atLeast(q pair) pair { return pair{max(p.bytes, q.bytes), max(p.tlsf, q.tlsf)} }

func block(limbs int) pair { return pair{4 * limbs, tlsf(uint32(4 * limbs))} }

// An inversion is a run of the extended Euclidean algorithm. Its four cofactors
// begin with one limb. All have grown to the limbs of the modulus, n, when it ends,
// some to one more; none grows further. A block is freed when the next one is there.
// So with k cofactors of n+1 limbs the peak is their final size and the block that
// was replaced last: one limb, or n if that cofactor had them already. 2.16 may
// besides copy a cofactor that it subtracts from another.
type inversion struct {
	beside pair // live without the cofactors while they grow
	after  pair // the most that is live beside them afterwards
	limbs  int  // n
}

// peaks lists what the inversion's peak can be.
func (v *inversion) peaks(copies bool) (all []pair) {
	n := v.limbs
	final := block(n).plus(block(n)).plus(block(n)).plus(block(n))
	longer := pair{block(n+1).bytes - block(n).bytes, block(n+1).tlsf - block(n).tlsf}
	for k := range 5 {
		last := []pair{block(1)}
		if k > 0 {
			last = append(last, block(n))
		}
		if copies {
			for _, x := range append([]pair{{}}, last...) {
				last = append(last, x.plus(block(n)), x.plus(block(n+1)))
			}
		}
		for _, x := range last {
			all = append(all, v.beside.plus(final).plus(x).atLeast(v.after.plus(final)))
		}
		final = final.plus(longer)
	}
	return all
}

// possiblePeaks lists the peaks that a phase of the model's can have, from its
// start, whenever the cofactors of its inversions grow.
func possiblePeaks(events []event, copies bool) (all []pair) {
	var least pair // what is reached in any case
	var found []*inversion
	var m meter
	live := pair{} // of cofactors
	var open *inversion
	for _, e := range events {
		m.event(e)
		now := pair{m.f.Live, m.f.TLSFLive}
		if e.what == cofactor {
			d := pair{int(e.size), tlsf(e.size)}
			if e.op != "calloc" {
				d = pair{-d.bytes, -d.tlsf}
			} else if live.bytes == 0 {
				open = &inversion{beside: pair{now.bytes - d.bytes, now.tlsf - d.tlsf}}
				found = append(found, open)
			} else if open.limbs == 0 && e.size > 4 {
				open.limbs = int(e.size) / 4 // the first to grow: nothing to carry
			}
			live = live.plus(d)
			continue
		}
		if live.bytes == 0 {
			least = least.atLeast(now)
			continue
		}
		open.after = open.after.atLeast(pair{now.bytes - live.bytes, now.tlsf - live.tlsf})
	}
	for _, v := range found {
		if v.limbs == 0 {
			continue
		}
		low := v.peaks(copies)[0]
		least = least.atLeast(low)
	}
	all = append(all, least)
	for _, v := range found {
		if v.limbs == 0 {
			continue
		}
		for _, p := range v.peaks(copies) {
			all = append(all, p.atLeast(least))
		}
	}
	return all
}
