package opcua

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Sizes in bytes of what the verification of certificates holds, derived from the
// members of the structures.
const (
	sizeofCertInfo    = 936 // CertInfo: two mbedtls_x509_crt and an mbedtls_x509_crl
	sizeofCertificate = 344 // mbedtls_x509_crt, of each certificate behind the first
)

// trustList are the certificates that the server trusts (CertInfo,
// plugins/crypto/mbedtls/ua_pki_mbedtls.c).
type trustList struct {
	block uint32
	links []uint32 // of the list of certificates
	own   []*mbedtls.Certificate
	certs []*x509.Certificate
}

// trust loads the list (UA_CertificateVerification_Trustlist).
func (s *Server) trust() error {
	list := s.cfg.Security.Trusted
	if len(list) == 0 {
		return nil
	}
	t := &trustList{block: s.mem.Malloc(sizeofCertInfo, "CertInfo")}
	if t.block == 0 {
		return fmt.Errorf("%w: trust list", ErrOutOfMemory)
	}
	s.trusted = t
	s.core.SetCertificateVerification(func() { t.clear(s) })
	for i, b := range list {
		if err := t.add(s, i, b); err != nil {
			return err
		}
	}
	return nil
}

// add appends a certificate, which is copied to be parsed.
func (t *trustList) add(s *Server, i int, b []byte) error {
	var data uatypes.Str
	source := uatypes.Const(string(b))
	if uatypes.Copy(s.mem, &data, &source) != uatypes.Good {
		return fmt.Errorf("%w: trust list", ErrOutOfMemory)
	}
	defer uatypes.Clear(s.mem, &data)
	if i > 0 {
		p := s.mem.Calloc(sizeofCertificate, "mbedtls_x509_crt")
		if p == 0 {
			return fmt.Errorf("%w: trust list", ErrOutOfMemory)
		}
		t.links = append(t.links, p)
	}
	crt, err := mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), b)
	if err != nil {
		return fmt.Errorf("opcua: Security.Trusted[%d]: %w", i, err)
	}
	t.own = append(t.own, crt)
	parsed, err := x509.ParseCertificate(crt.Raw)
	if err != nil {
		return fmt.Errorf("opcua: Security.Trusted[%d]: %w", i, err)
	}
	t.certs = append(t.certs, parsed)
	return nil
}

func (t *trustList) clear(s *Server) {
	for _, crt := range t.own {
		crt.Free()
	}
	for _, p := range t.links {
		s.mem.Free(p)
	}
	s.mem.Free(t.block)
	s.trusted = nil
}

// verifyCertificate decides whether a client's certificate is trusted
// (certificateVerification_verify). It is parsed for that, and stays parsed for
// ever if it may not be used or was issued by an authority without a revocation
// list: a leak of the real thing.
func (s *Server) verifyCertificate(b *uatypes.Str) uatypes.Status {
	t := s.trusted
	if t == nil {
		return uatypes.Good
	}
	crt, err := mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), b.B)
	if err != nil {
		return ua.StatusBadSecurityChecksFailed
	}
	// What Go's stricter parser does not read is in no list either.
	parsed, err := x509.ParseCertificate(crt.Raw)
	if err != nil {
		crt.Free()
		return ua.StatusBadCertificateUntrusted
	}
	listed := false
	for _, x := range t.certs {
		listed = listed || x.Equal(parsed)
	}
	selfIssued := bytes.Equal(parsed.RawIssuer, parsed.RawSubject)
	valid := s.validNow(parsed)
	issuer := t.issuerOf(parsed)
	known := listed && selfIssued || issuer >= 0
	if known && valid && !selfIssued {
		return ua.StatusBadCertificateRevocationUnknown // leaks
	}
	if parsed.KeyUsage&x509.KeyUsageCertSign != 0 && parsed.KeyUsage&x509.KeyUsageCRLSign != 0 {
		return ua.StatusBadCertificateUseNotAllowed // leaks
	}
	crt.Free()
	switch {
	case !known:
		return ua.StatusBadCertificateUntrusted
	case !valid:
		return ua.StatusBadCertificateTimeInvalid
	}
	return uatypes.Good
}

// issuerOf finds the trusted authority that issued a certificate, -1 if there is
// none. Each that has the name is tried with its key (x509_crt_find_parent_in).
func (t *trustList) issuerOf(c *x509.Certificate) int {
	for i, x := range t.certs {
		if !x.IsCA || !bytes.Equal(x.RawSubject, c.RawIssuer) {
			continue
		}
		if c.SignatureAlgorithm != x509.SHA256WithRSA {
			continue
		}
		if t.own[i].Key.VerifyPKCS1(c.RawTBSCertificate, c.Signature) == nil {
			return i
		}
	}
	return -1
}

// validNow reports whether a certificate is within its time of validity, as far as
// that is looked at.
func (s *Server) validNow(c *x509.Certificate) bool {
	if !s.cfg.Security.CheckTime {
		return true
	}
	now := timeOf(s.cfg.Clock.Now())
	return !now.Before(c.NotBefore) && !now.After(c.NotAfter)
}

// timeOf turns a UA_DateTime into a time.
func timeOf(t int64) time.Time {
	const toUnix = 116444736000000000 // 1601 to 1970
	t -= toUnix
	return time.Unix(t/10_000_000, t%10_000_000*100).UTC()
}

// verifyApplicationURI looks for the client's URI in its certificate
// (certificateVerification_verifyApplicationURI): anywhere in the extensions.
func (s *Server) verifyApplicationURI(b, uri *uatypes.Str) uatypes.Status {
	if s.trusted == nil {
		return uatypes.Good
	}
	crt, err := mbedtls.ParseCertificate(s.mem, s.cfg.Security.build(), b.B)
	if err != nil {
		return ua.StatusBadSecurityChecksFailed
	}
	defer crt.Free()
	parsed, err := x509.ParseCertificate(crt.Raw)
	if err != nil {
		return ua.StatusBadCertificateURIInvalid
	}
	for _, x := range parsed.Extensions {
		if bytes.Contains(x.Value, uri.B) {
			return uatypes.Good
		}
	}
	return ua.StatusBadCertificateURIInvalid
}
