package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Certificate is an X.509 certificate, as far as its parsing allocates.
type Certificate struct {
	DER  int // bytes of the certificate
	RDNs int // attributes beyond the first of its issuer's and its subject's name, together
	EKUs int // extended key usages beyond the first
	SANs int // subject alternative names beyond the first
	Key  Key // the public key in it
	// SignatureInts is the length of the two integers of an ECDSA signature
	// on it, 64 to 66 bytes; ignored if the issuer's key is RSA.
	SignatureInts int
}

func (c Certificate) validate() error {
	if c.DER < 100 || c.DER > 0xffff {
		return fmt.Errorf("certificate of %d bytes: want 100 to 65535", c.DER)
	}
	if c.RDNs < 0 || c.EKUs < 0 || c.SANs < 0 {
		return fmt.Errorf("certificate with %d further RDNs, %d EKUs, %d SANs: want none negative", c.RDNs, c.EKUs, c.SANs)
	}
	if c.SignatureInts != 0 && (c.SignatureInts < 64 || c.SignatureInts > 66) {
		return fmt.Errorf("ECDSA signature of %d bytes: want 64 to 66", c.SignatureInts)
	}
	return c.Key.validate()
}

// crt is mbedtls_x509_crt with what it points to.
type crt struct {
	cert  Certificate
	self  heap.Addr // 0: the application's own structure
	raw   heap.Addr
	names []heap.Addr
	seqs  []heap.Addr
	pk    pk
}

// chain is a list of certificates, the leaf first.
type chain []*crt

// parseDER: mbedtls_x509_crt_parse_der, appended to the chain. The first one
// goes into the head that the caller has.
func (l *lib) parseDER(ch *chain, head heap.Addr, cert Certificate, copyDER bool) {
	const what = "mbedtls_x509_crt_parse_der_internal"
	c := &crt{cert: cert, self: head}
	if len(*ch) > 0 {
		c.self = l.calloc(what, l.size.Crt)
	}
	*ch = append(*ch, c)
	if copyDER {
		c.raw = l.calloc(what, uint32(cert.DER))
	}
	for range cert.RDNs {
		c.names = append(c.names, l.calloc("mbedtls_x509_get_name", l.size.Name))
	}
	l.parseSubpubkey(&c.pk, cert.Key)
	for range cert.EKUs {
		c.seqs = append(c.seqs, l.calloc("asn1_get_sequence_of_cb", l.size.Sequence))
	}
	for range cert.SANs {
		c.seqs = append(c.seqs, l.calloc("mbedtls_x509_get_subject_alt_name_ext", l.size.Sequence))
	}
}

// parsePEM: mbedtls_x509_crt_parse of a PEM file, into a structure of the
// application.
func (l *lib) parsePEM(ch *chain, certs []Certificate) {
	for _, cert := range certs {
		func() {
			pem := l.calloc("mbedtls_pem_read_buffer", uint32(cert.DER))
			defer func() { l.free(&pem) }()
			l.parseDER(ch, 0, cert, true)
		}()
	}
}

// crtFree: mbedtls_x509_crt_free; the head's own structure is the caller's. 2.16
// frees the other structures after all they point to.
func (l *lib) crtFree(ch *chain) {
	for i, c := range *ch {
		l.pkFree(&c.pk)
		for j := range c.names {
			l.free(&c.names[j])
		}
		for j := range c.seqs {
			l.free(&c.seqs[j])
		}
		l.free(&c.raw)
		if i > 0 && !l.v.crtFreesSelfLast {
			l.free(&c.self)
		}
	}
	for i, c := range *ch {
		if i > 0 {
			l.free(&c.self)
		}
	}
	*ch = nil
}

// chainFree frees a chain whose head is on the heap, too.
func (l *lib) chainFree(ch *chain) {
	if len(*ch) == 0 {
		return
	}
	head := (*ch)[0].self
	l.crtFree(ch)
	l.free(&head)
}

// verifyChain: mbedtls_x509_crt_verify, each certificate with the key of the
// next, the last with that of the trusted one.
func (l *lib) verifyChain(ch, ca chain) {
	for i, c := range ch {
		issuer := ca[0]
		if i+1 < len(ch) {
			issuer = ch[i+1]
		}
		l.verify(&issuer.pk, c.cert.signatureInts())
	}
}

func (c Certificate) signatureInts() int {
	if c.SignatureInts == 0 {
		return 65
	}
	return c.SignatureInts
}
