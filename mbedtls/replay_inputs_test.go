package mbedtls

import (
	"fmt"
	"strconv"
	"strings"
)

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
		if n := used + diff; diff != 0 && n >= 62 && n <= 66 {
			*ints, changed = n, true
		}
	}
	if len(cfg.Own) > 0 && cfg.OwnKey.Type == ECDSA {
		set(&cfg.ownSignatureInts, 66, recorded[0]-model[0])
	}
	if len(cfg.Peer.Chain) > 0 && cfg.Peer.Chain[0].Key.Type == ECDSA {
		set(&cfg.Peer.SignatureInts, 65, recorded[1]-model[1])
	}
	if d := recorded[1] - model[1]; d != 0 && len(cfg.Peer.Chain) > 0 && cfg.Peer.Chain[0].DER == unknownDER {
		cfg.Peer.Chain[0].DER += d
		return true
	}
	// A ticket is as long as the server makes it.
	if d := recorded[1] - model[1]; cfg.Peer.Ticket > 0 && d != 0 && !changed && cfg.Peer.Ticket+d > 0 {
		cfg.Peer.Ticket += d
		changed = true
	}
	return changed
}

// unknownDER stands for the length of a certificate that a recording does not tell.
const unknownDER = 999

// chainOf takes a chain that the test authority's table does not have from what
// the device parses: it is what the other side sent, or the application gave. Size
// is that of the certificates' structure; a chain whose certificates are not copied
// shows no lengths: the bytes received tell their sum (see adjust).
func (l *recording) chainOf(inPhase string, key Key, size uint32, copied bool) []Certificate {
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
		case !copied && e.size == size:
			chain = append(chain, Certificate{DER: unknownDER, Key: key, SignatureInts: 65})
		case copied && strings.HasPrefix(f, "mbedtls_x509_crt_parse_der") && e.size > 100 && e.size != size:
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
