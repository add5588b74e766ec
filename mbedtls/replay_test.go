package mbedtls

import (
	"fmt"
	"strings"

	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// recording is a file, with what the replay finds in it.
type recording struct{ *recordings.Lines }

// replay compares a recording with what the model does under its header.
func replay(l *recording) error {
	cfg, _, err := l.config()
	if err != nil {
		return err
	}
	phases, err := run(cfg)
	if err != nil {
		return l.Errorf(0, "the model fails: %v", err)
	}
	if l.adjust(cfg, phases) {
		if phases, err = run(cfg); err != nil {
			return l.Errorf(0, "the model fails: %v", err)
		}
	}
	if phases, err = l.settle(cfg, phases); err != nil {
		return l.Errorf(0, "the model fails: %v", err)
	}
	return l.compare(phases)
}

// compare compares a recording, line by line, with phases of the model.
func (l *recording) compare(phases []phase) error {
	k := &cursor{l: l, i: 1}
	for n := range phases {
		if err := k.phase(n, &phases[n]); err != nil {
			return err
		}
	}
	if err := k.total(phases); err != nil {
		return err
	}
	if k.i != len(l.Text) {
		return l.Differ(k.i, "after the total", string(l.Text[k.i]), "end of file")
	}
	return nil
}

// cursor walks through the lines of a recording.
type cursor struct {
	l    *recording
	i    int
	m    meter
	ids  int
	live map[int]event
	// of the totals
	before, beforeTLSF, peak, peakTLSF int
}

func (k *cursor) next(what string) ([]byte, error) {
	if k.i >= len(k.l.Text) {
		return nil, k.l.Differ(k.i, "the file ends too early", what, "end of file")
	}
	k.i++
	return k.l.Text[k.i-1], nil
}

func (k *cursor) literal(want string) error {
	text, err := k.next(want)
	if err != nil {
		return err
	}
	if string(text) != want {
		return k.l.Differ(k.i-1, "the model's line differs", string(text), want)
	}
	return nil
}

func (k *cursor) phase(n int, p *phase) error {
	if err := k.literal(fmt.Sprintf(`{"phase":%d,"name":%q}`, n, p.name)); err != nil {
		return err
	}
	k.m.begin()
	first := k.i
	var recorded []event
	for k.i < len(k.l.Text) && strings.HasPrefix(string(k.l.Text[k.i]), `{"op":`) {
		e, err := k.op()
		if err != nil {
			return err
		}
		k.m.event(e)
		recorded = append(recorded, e)
	}
	for _, note := range p.notes {
		if err := k.literal(fmt.Sprintf(`{"note":%q}`, note)); err != nil {
			return err
		}
	}
	if p.fails != "" {
		text, err := k.next("a note about " + p.fails)
		if err != nil {
			return err
		}
		if s := string(text); !strings.HasPrefix(s, `{"note":"`) || !strings.Contains(s, p.fails) {
			return k.l.Differ(k.i-1, "the step fails", s, "a note about "+p.fails)
		}
	}
	line := k.i
	if err := k.operations(first, recorded, p.events); err != nil {
		return err
	}
	want := endLine(n, p.f)
	if err := k.literal(want); err != nil {
		return err
	}
	if got := endLine(n, k.m.f); got != want {
		return k.l.Differ(line, "the operations above add up to something else", want, got)
	}
	if p.name == "ssl_setup" {
		k.before, k.beforeTLSF = p.f.Live, p.f.TLSFLive
		k.peak, k.peakTLSF = k.before, k.beforeTLSF
	}
	if strings.HasPrefix(p.name, "hs:") {
		k.peak = max(k.peak, p.f.Live-p.f.Delta+p.f.Peak)
		k.peakTLSF = max(k.peakTLSF, p.f.TLSFLive-p.f.TLSFDelta+p.f.TLSFPeak)
	}
	return nil
}

func endLine(n int, f figures) string {
	return fmt.Sprintf(`{"end":%d,"delta":%d,"peak":%d,"largest":%d,"live":%d,"blocks":%d,"tlsf_delta":%d,"tlsf_peak":%d,"tlsf_live":%d}`,
		n, f.Delta, f.Peak, f.Largest, f.Live, f.Blocks, f.TLSFDelta, f.TLSFPeak, f.TLSFLive)
}

func (k *cursor) total(phases []phase) error {
	leak := phases[len(phases)-1].f.Live
	return k.literal(fmt.Sprintf(`{"total":{"handshake_peak_live":%d,"handshake_peak_live_tlsf":%d,"live_before_handshake":%d,"tlsf_before_handshake":%d,"leak":%d}}`,
		k.peak, k.peakTLSF, k.before, k.beforeTLSF, leak))
}

// op reads an operation: ids count up, and a block is freed once, with its size.
func (k *cursor) op() (event, error) {
	text, _ := k.next("operation")
	i := k.i - 1
	e, ok := parseOp(string(text))
	if !ok {
		return event{}, k.l.Differ(i, "not an operation", `{"op":"calloc","id":N,"size":N,"by":"NAMES"} or {"op":"free","id":N,"size":N}`, string(text))
	}
	if k.live == nil {
		k.live = map[int]event{}
	}
	if e.op == "calloc" {
		if k.ids++; e.id != k.ids {
			return event{}, k.l.Differ(i, "id", e.id, k.ids)
		}
		k.live[e.id] = e
		return e, nil
	}
	b, ok := k.live[e.id]
	if !ok || b.size != e.size {
		return event{}, k.l.Errorf(i, "block %d of %d bytes is freed: live is %v", e.id, e.size, b)
	}
	delete(k.live, e.id)
	e.what = b.what
	return e, nil
}

// operations compares the operations of a phase one by one; the limbs of
// numbers, which depend on random values, only by the figures of the phase.
func (k *cursor) operations(first int, recorded, model []event) error {
	want, wantAt := withoutLimbs(recorded)
	got, _ := withoutLimbs(model)
	for i := range max(len(want), len(got)) {
		w, g, line := "end of the phase", "end of the phase", k.i
		if i < len(want) {
			w = fmt.Sprintf("%s of %d bytes by %s", want[i].op, want[i].size, want[i].what)
			line = first + wantAt[i]
		}
		if i < len(got) {
			g = fmt.Sprintf("%s of %d bytes by %s", got[i].op, got[i].size, got[i].what)
		}
		if i >= len(want) || i >= len(got) || want[i].op != got[i].op || want[i].size != got[i].size {
			return k.l.Differ(line, "operation", w, g)
		}
	}
	return nil
}

func withoutLimbs(events []event) (out []event, at []int) {
	for i, e := range events {
		f, _, _ := strings.Cut(e.what, "<")
		if f != "mbedtls_mpi_grow" && f != "mbedtls_mpi_shrink" && f != cofactor {
			out, at = append(out, e), append(at, i)
		}
	}
	return out, at
}
