package mbedtls

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
	"github.com/plimsoll-sim/plimsoll/internal/recordings"
)

// event is one allocation or release.
type event struct {
	op   string
	id   int
	size uint32
	what string // the C function of the allocation
}

// tlsf is what a block takes in the heap: at least 12 bytes, in words, and its
// header.
func tlsf(size uint32) int { return int(max(12, (size+3)&^3)) + 4 }

// figures are what an end line reports.
type figures struct {
	Delta     int `json:"delta"`
	Peak      int `json:"peak"`
	Largest   int `json:"largest"`
	Live      int `json:"live"`
	Blocks    int `json:"blocks"`
	TLSFDelta int `json:"tlsf_delta"`
	TLSFPeak  int `json:"tlsf_peak"`
	TLSFLive  int `json:"tlsf_live"`
}

// meter works out figures from events.
type meter struct {
	f            figures
	start, tlsf0 int
}

func (m *meter) begin() {
	m.start, m.tlsf0 = m.f.Live, m.f.TLSFLive
	m.f.Delta, m.f.Peak, m.f.Largest, m.f.TLSFDelta, m.f.TLSFPeak = 0, 0, 0, 0, 0
}

func (m *meter) event(e event) {
	if e.op == "calloc" {
		m.f.Live += int(e.size)
		m.f.TLSFLive += tlsf(e.size)
		m.f.Blocks++
		m.f.Largest = max(m.f.Largest, int(e.size))
	} else {
		m.f.Live -= int(e.size)
		m.f.TLSFLive -= tlsf(e.size)
		m.f.Blocks--
	}
	m.f.Delta, m.f.TLSFDelta = m.f.Live-m.start, m.f.TLSFLive-m.tlsf0
	m.f.Peak, m.f.TLSFPeak = max(m.f.Peak, m.f.Delta), max(m.f.TLSFPeak, m.f.TLSFDelta)
}

// recorder is a memory without end that notes what is asked of it.
type recorder struct {
	events []event
	next   int
	live   map[heap.Addr]event
}

func (r *recorder) Calloc(what string, size uint32) heap.Addr {
	r.next++
	e := event{"calloc", r.next, size, what}
	r.events = append(r.events, e)
	r.live[heap.Addr(r.next)] = e
	return heap.Addr(r.next)
}

func (r *recorder) Free(p heap.Addr) {
	if p == 0 {
		return
	}
	e, ok := r.live[p]
	if !ok {
		panic(fmt.Sprintf("block %d freed, which is not live", p))
	}
	delete(r.live, p)
	r.events = append(r.events, event{"free", e.id, e.size, e.what})
}

// phase is one of the model's, as the recording program has them.
type phase struct {
	name   string
	notes  []string
	fails  string // the code that the step returns, which a note tells in its own words
	events []event
	f      figures
}

// run puts the model through a whole connection.
func run(cfg *Config) ([]phase, error) {
	r := &recorder{live: map[heap.Addr]event{}}
	c, err := New(r, *cfg)
	if err != nil {
		return nil, err
	}
	var phases []phase
	var m meter
	do := func(name string, f func(p *phase) error) error {
		p := phase{name: name}
		m.begin()
		before := len(r.events)
		if err := f(&p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.events = r.events[before:len(r.events):len(r.events)]
		for _, e := range p.events {
			m.event(e)
		}
		p.f = m.f
		phases = append(phases, p)
		return nil
	}
	plain := func(name string, f func()) error {
		return do(name, func(*phase) error { return c.step(setupStream, f) })
	}
	nothing := func() {}
	type part struct {
		name string
		f    func()
		when bool
	}
	free := func() error {
		for _, x := range []part{
			{"free:ca", c.freeCA, true}, {"free:own_cert", c.freeOwnCert, true}, {"free:own_key", c.freeOwnKey, true},
			{"free:entropy", c.freeEntropy, true}, {"free:config", c.freeConfig, true}, {"free:drbg", nothing, true},
			{"free:ssl", c.sslFree, true},
		} {
			if err := plain(x.name, x.f); err != nil {
				return err
			}
		}
		return nil
	}
	own := len(cfg.Own) > 0
	for _, x := range []part{
		{"ctx_init", nothing, true},
		{"drbg_seed", c.drbgSeed, true},
		{"set_hostname", c.setHostname, cfg.Role == Client},
		{"config_defaults", c.configDefaults, true},
		{"parse_ca", c.parseCA, cfg.CA != nil},
		{"parse_own_cert", c.parseOwnCert, own},
		{"parse_own_key", c.parseOwnKey, own},
		{"conf_own_cert", c.confOwnCert, own},
		{"ssl_setup", c.sslSetup, true},
	} {
		if x.when {
			if err := plain(x.name, x.f); err != nil {
				return nil, err
			}
		}
	}
	for c.State() < HandshakeOver {
		err := do("hs:"+c.State().String(), func(p *phase) error {
			err := c.Step()
			var full *BufferTooSmallError
			if errors.As(err, &full) {
				p.fails = "-0x6a00"
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if phases[len(phases)-1].fails != "" {
			return phases, free()
		}
	}
	suite := "RSA"
	key := cfg.OwnKey
	if cfg.Role == Client {
		key = cfg.Peer.Chain[0].Key
	}
	if key.Type == ECDSA {
		suite = "ECDSA"
	}
	note := fmt.Sprintf("TLSv1.2 TLS-ECDHE-%s-WITH-AES-256-GCM-SHA384; records sent so far %d B, received %d B", suite, c.sent, c.received)
	if err := do("established", func(p *phase) error { p.notes = []string{note}; return nil }); err != nil {
		return nil, err
	}
	for _, n := range []int{100, 1000, 4000} {
		if err := do(fmt.Sprintf("send:%d", n), func(*phase) error { return c.Write(n) }); err != nil {
			return nil, err
		}
	}
	failed := false
	for _, n := range []int{100, 4000, 16000} {
		err := do(fmt.Sprintf("recv:%d", n), func(p *phase) error {
			limit := 16384
			if cfg.MaxFragmentLength != 0 {
				limit = cfg.MaxFragmentLength
			}
			for got := 0; got < n; {
				k := min(limit, n-got)
				if err := c.Read(k); err != nil {
					p.notes = append(p.notes, fmt.Sprintf("ssl_read failed: -0x7100 after %d of %d bytes", got, n))
					failed = true
					return nil
				}
				got += k
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if !failed {
		if err := plain("recv:want_read", nothing); err != nil {
			return nil, err
		}
	}
	if err := do("close_notify", func(*phase) error { return c.CloseNotify() }); err != nil {
		return nil, err
	}
	return phases, free()
}

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

// settle looks for random numbers under which the peaks of the steps are those
// recorded: which numbers the device drew is an input that a recording does not
// tell. A peak that no draw has remains a difference; and what a recording says
// of a peak must follow from its operations in any case.
func (l *recording) settle(cfg *Config, phases []phase) ([]phase, error) {
	recorded := map[int]string{}
	for _, text := range l.Text {
		var n int
		if _, err := fmt.Sscanf(string(text), `{"end":%d,`, &n); err == nil {
			recorded[n] = string(text)
		}
	}
	const tries, keysEvery = 150, 12
	for try := uint64(1); try <= tries; try++ {
		open := false
		for n, p := range phases {
			state := slices.Index(stateNames[:], strings.TrimPrefix(p.name, "hs:"))
			if want := recorded[n]; state < 0 || want == endLine(n, p.f) || !onlyPeakDiffers(n, want, p.f) {
				continue
			}
			if cfg.draws == nil {
				cfg.draws = map[int]uint64{}
			}
			cfg.draws[state] = recordedSeed + try
			open = true
		}
		if !open {
			break
		}
		if try%keysEvery == 0 { // the authority's key takes part, too
			cfg.draws[setupStream] = recordedSeed + try
		}
		var err error
		if phases, err = run(cfg); err != nil {
			return nil, err
		}
	}
	return phases, nil
}

func onlyPeakDiffers(n int, want string, f figures) bool {
	var w struct {
		End int `json:"end"`
		figures
	}
	if decode([]byte(want), &w) != nil {
		return false
	}
	f.Peak, f.TLSFPeak = w.Peak, w.TLSFPeak
	return endLine(n, f) == want
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

// adjust takes the lengths of ECDSA signatures, whose integers are random, from
// the bytes that the recording says went over the wire, if the model has others.
func (l *recording) adjust(cfg *Config, phases []phase) bool {
	const format = "records sent so far %d B, received %d B"
	count := func(s string) (sent, received int) {
		if i := strings.Index(s, "records sent"); i >= 0 {
			fmt.Sscanf(s[i:], format, &sent, &received)
		}
		return
	}
	var recorded, model [2]int
	for _, text := range l.Text {
		if strings.HasPrefix(string(text), `{"note":"TLS`) {
			recorded[0], recorded[1] = count(string(text))
		}
	}
	for _, p := range phases {
		for _, note := range p.notes {
			if s, r := count(note); s > 0 {
				model = [2]int{s, r}
			}
		}
	}
	if recorded == model {
		return false
	}
	changed := false
	set := func(ints *int, used, diff int) {
		if n := used + diff; diff != 0 && n >= 64 && n <= 66 {
			*ints, changed = n, true
		}
	}
	if len(cfg.Own) > 0 && cfg.OwnKey.Type == ECDSA {
		set(&cfg.ownSignatureInts, 66, recorded[0]-model[0])
	}
	if len(cfg.Peer.Chain) > 0 && cfg.Peer.Chain[0].Key.Type == ECDSA {
		set(&cfg.Peer.SignatureInts, 65, recorded[1]-model[1])
	}
	// A ticket is as long as the server makes it.
	if d := recorded[1] - model[1]; cfg.Peer.Ticket > 0 && d != 0 && !changed && cfg.Peer.Ticket+d > 0 {
		cfg.Peer.Ticket += d
		changed = true
	}
	return changed
}

// chainOf takes a chain that the test authority's table does not have from what
// the device parses: it is what the other side sent, or the application gave.
func (l *recording) chainOf(inPhase string, key Key, size uint32) []Certificate {
	var chain []Certificate
	in := false
	for _, text := range l.Text[1:] {
		s := string(text)
		if strings.HasPrefix(s, `{"phase":`) {
			in = strings.HasSuffix(s, `"name":"`+inPhase+`"}`)
		}
		e, ok := parseOp(s)
		if !in || !ok || e.op != "calloc" {
			continue
		}
		f, _, _ := strings.Cut(e.what, "<")
		last := len(chain) - 1
		switch {
		case strings.HasPrefix(f, "mbedtls_x509_crt_parse_der") && e.size > 100 && e.size != size:
			chain = append(chain, Certificate{DER: int(e.size), Key: key, SignatureInts: 65})
		case last < 0:
		case f == "mbedtls_x509_get_name":
			chain[last].RDNs++
		case e.size == 16 && strings.HasPrefix(f, "mbedtls_x509"):
			chain[last].SANs++
		case e.size == 16 && strings.Contains(f, "asn1_get_sequence_of"):
			chain[last].EKUs++
		}
	}
	return chain
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

// parseOp reads a line of exactly the recorder's form.
func parseOp(s string) (e event, ok bool) {
	cut := func(prefix string) {
		if s, ok = strings.CutPrefix(s, prefix); !ok {
			s = ""
		}
	}
	number := func() int {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		v, err := strconv.Atoi(s[:n])
		ok = ok && err == nil && (s[0] != '0' || n == 1)
		s = s[n:]
		return v
	}
	e.op = "free"
	if strings.HasPrefix(s, `{"op":"c`) {
		e.op = "calloc"
	}
	cut(`{"op":"` + e.op + `","id":`)
	e.id = number()
	if !ok {
		return e, false
	}
	cut(`,"size":`)
	size := number()
	if !ok || size < 0 || size > 1<<24 {
		return e, false
	}
	e.size = uint32(size)
	if e.op == "free" {
		return e, s == "}"
	}
	cut(`,"by":"`)
	if !ok {
		return e, false
	}
	e.what, ok = strings.CutSuffix(s, `"}`)
	return e, ok && e.what != "" && !strings.ContainsAny(e.what, `"\\`)
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
		if f != "mbedtls_mpi_grow" && f != "mbedtls_mpi_shrink" {
			out, at = append(out, e), append(at, i)
		}
	}
	return out, at
}
