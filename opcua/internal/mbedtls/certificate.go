package mbedtls

import (
	"github.com/plimsoll-sim/plimsoll/internal/bignum"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// Sizes in bytes of what a list in a certificate takes for each element but the first
// (recorded).
const (
	sizeofName     = 32 // mbedtls_x509_name
	sizeofSequence = 16 // mbedtls_x509_sequence
)

// Certificate is a parsed certificate (mbedtls_x509_crt): a copy of its bytes, its key,
// and its lists.
type Certificate struct {
	Raw []byte // DER
	Key *Key

	mem    mem.Memory
	raw    uint32
	issuer []uint32
	// Elements of subject, extended key usages, alternative names and policies.
	subject, usages, names, policies []uint32
}

// ParseCertificate reads a certificate in DER with an RSA key (mbedtls_x509_crt_parse).
// Of several one behind the other it reads the first.
func ParseCertificate(m mem.Memory, build *Build, b []byte) (*Certificate, error) {
	d := &der{b: b}
	whole := d.in(tagSequence)
	if d.bad {
		return nil, ErrFormat
	}
	crt := &Certificate{mem: m, Raw: append([]byte(nil), b[:len(b)-len(d.b)]...)}
	if crt.raw = m.Calloc(uint32(len(crt.Raw)), "mbedtls_x509_crt"); crt.raw == 0 {
		return nil, ErrNoMemory
	}
	err := calculate(m, build, nil, func(c *bignum.Calc) error { return crt.parse(c, build, whole) })
	if err != nil {
		crt.Free()
		return nil, err
	}
	return crt, nil
}

// parse reads TBSCertificate, signature algorithm and signature
// (x509_crt_parse_der_core; RFC 5280, 4.1).
func (crt *Certificate) parse(c *bignum.Calc, build *Build, d *der) error {
	tbs := d.in(tagSequence)
	v3 := false
	if tbs.peek() == 0xa0 {
		v := tbs.in(0xa0).bytes(tagInteger)
		v3 = len(v) == 1 && v[0] == 2
	}
	tbs.bytes(tagInteger) // serial number
	algorithm := string(tbs.bytes(tagSequence))
	crt.attributes(c, &crt.issuer, tbs.in(tagSequence))
	tbs.in(tagSequence) // validity
	crt.attributes(c, &crt.subject, tbs.in(tagSequence))
	info := tbs.in(tagSequence)
	if oid := info.in(tagSequence).bytes(tagOID); tbs.bad || string(oid) != oidRSA {
		return ErrFormat
	}
	bits := info.bytes(tagBits)
	if len(bits) == 0 || bits[0] != 0 || !info.done() {
		return ErrFormat
	}
	var err error
	if crt.Key, err = newKey(crt.mem, build); err != nil {
		return err
	}
	key := &der{b: bits[1:]}
	if err := crt.Key.readPublic(key.in(tagSequence)); err != nil {
		return err
	}
	for tbs.peek() == 0xa1 || tbs.peek() == 0xa2 { // unique ids
		tbs.any()
	}
	if v3 && tbs.peek() == tagExtensions {
		if !crt.extensions(c, tbs.in(tagExtensions).in(tagSequence)) {
			return ErrFormat
		}
	}
	if !tbs.done() || string(d.bytes(tagSequence)) != algorithm {
		return ErrFormat
	}
	d.bytes(tagBits) // signature
	if !d.done() {
		return ErrFormat
	}
	return nil
}

// attributes reads a name: each attribute but the first has a block
// (mbedtls_x509_get_name).
func (crt *Certificate) attributes(c *bignum.Calc, list *[]uint32, d *der) {
	first := true
	for len(d.b) > 0 {
		for set := d.in(tagSet); len(set.b) > 0; set.any() {
			if !first {
				*list = append(*list, uint32(c.Calloc("mbedtls_x509_name", sizeofName)))
			}
			first = false
		}
	}
}

// Extensions with lists (RFC 5280, 4.2.1).
const (
	oidAlternativeNames = "\x55\x1d\x11"
	oidPolicies         = "\x55\x1d\x20"
	oidUsages           = "\x55\x1d\x25"
)

// extensions reads the extensions (x509_get_crt_ext).
func (crt *Certificate) extensions(c *bignum.Calc, d *der) bool {
	for len(d.b) > 0 {
		x := d.in(tagSequence)
		oid := string(x.bytes(tagOID))
		if x.peek() == 0x01 { // critical
			x.any()
		}
		content := &der{b: x.bytes(tagOctets)}
		if !x.done() {
			return false
		}
		var list *[]uint32
		switch oid {
		case oidAlternativeNames:
			list = &crt.names
		case oidPolicies:
			list = &crt.policies
		case oidUsages:
			list = &crt.usages
		default:
			continue
		}
		elements := content.in(tagSequence)
		for i := 0; len(elements.b) > 0; i++ {
			if tag, _ := elements.any(); oid == oidAlternativeNames && tag&classMask != classContext {
				return false
			}
			if i > 0 {
				*list = append(*list, uint32(c.Calloc("mbedtls_x509_sequence", sizeofSequence)))
			}
		}
		if !content.done() || elements.bad {
			return false
		}
	}
	return !d.bad
}

// Free releases the certificate (mbedtls_x509_crt_free).
func (crt *Certificate) Free() {
	if crt == nil {
		return
	}
	crt.Key.Free()
	for _, list := range [][]uint32{crt.issuer, crt.subject, crt.usages, crt.names, crt.policies} {
		for _, p := range list {
			crt.mem.Free(p)
		}
	}
	crt.mem.Free(crt.raw)
	*crt = Certificate{}
}
