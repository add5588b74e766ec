package opcua

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	rand2 "math/rand/v2"
	"net"
	"net/url"
	"time"
)

// CertificateConfig is what a self-signed certificate says.
type CertificateConfig struct {
	// ApplicationURI goes into the alternative names, where the other side compares it
	// with what the application says of itself (Part 6, 6.2.2); required.
	ApplicationURI string
	// CommonName and Organization are the subject; CommonName is required.
	CommonName, Organization string
	// Hosts are host names and IP addresses among the alternative names.
	Hosts []string
	// NotBefore and NotAfter are the time of validity. The zero values are 2023-01-01 and
	// ten years after NotBefore: the clock of a simulated world starts in 2023.
	NotBefore, NotAfter time.Time
	// Bits is the length of the RSA key, 2048 to 4096; default 2048.
	Bits int
	// Seed decides about the key: the same configuration gives the same certificate and
	// the same key, byte for byte, so that they are fit for tests and for nothing else.
	Seed uint64
}

// MakeCertificate makes a self-signed certificate for an OPC UA application and its
// key, both in DER (the key in PKCS#8). The key is not a secret: see
// CertificateConfig.Seed. It takes some tenths of a second.
func MakeCertificate(c CertificateConfig) (certificate, key []byte, err error) {
	if c.Bits == 0 {
		c.Bits = 2048
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = c.NotBefore.AddDate(10, 0, 0)
	}
	uri, err := c.check()
	if err != nil {
		return nil, nil, err
	}
	random := newSeededReader(c.Seed)
	private, err := makeKey(random, c.Bits)
	if err != nil {
		return nil, nil, err
	}
	serial := make([]byte, 16)
	random.Read(serial)
	serial[0] = serial[0]&0x7f | 0x40 // positive, and always of the same length
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: c.CommonName},
		NotBefore:             c.NotBefore.UTC(),
		NotAfter:              c.NotAfter.UTC(),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		SignatureAlgorithm:    x509.SHA256WithRSA,
		URIs:                  []*url.URL{uri},
	}
	if c.Organization != "" {
		template.Subject.Organization = []string{c.Organization}
	}
	for _, h := range c.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	// The signature is of PKCS#1 v1.5, which draws nothing.
	if certificate, err = x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private); err != nil {
		return nil, nil, fmt.Errorf("opcua: MakeCertificate: %w", err)
	}
	if key, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return nil, nil, fmt.Errorf("opcua: MakeCertificate: %w", err)
	}
	return certificate, key, nil
}

// check reports what is wrong with a configuration.
func (c *CertificateConfig) check() (*url.URL, error) {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("opcua: CertificateConfig."+format, args...))
	}
	uri, err := url.Parse(c.ApplicationURI)
	if err != nil || c.ApplicationURI == "" {
		bad("ApplicationURI %q is not a URI", c.ApplicationURI)
	}
	if c.CommonName == "" {
		bad("CommonName is empty")
	}
	if c.Bits < 8*minKeyLength || c.Bits > 8*maxKeyLength || c.Bits%16 != 0 {
		bad("Bits is %d, expected 2048 to 4096 in steps of 16", c.Bits)
	}
	if !c.NotBefore.Before(c.NotAfter) {
		bad("NotAfter %v is not after NotBefore %v", c.NotAfter, c.NotBefore)
	}
	return uri, errors.Join(errs...)
}

// seededReader is a stream of random bytes from a seed.
type seededReader struct{ source *rand2.PCG }

func newSeededReader(seed uint64) *seededReader {
	return &seededReader{rand2.NewPCG(seed, 0x6f70635f63657274)}
}

// Read fills b.
func (r *seededReader) Read(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], r.source.Uint64())
		b = b[copy(b, word[:]):]
	}
	return n, nil
}

// publicExponent of keys that are made here.
const publicExponent = 65537

// makeKey makes an RSA key from a stream: Go's own generator gives another each time.
func makeKey(random *seededReader, bits int) (*rsa.PrivateKey, error) {
	e := big.NewInt(publicExponent)
	one := big.NewInt(1)
	for {
		p, q := makePrime(random, bits/2), makePrime(random, bits/2)
		if p.Cmp(q) == 0 {
			continue
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if n.BitLen() != bits || d == nil {
			continue
		}
		k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: publicExponent}, D: d, Primes: []*big.Int{p, q}}
		k.Precompute()
		if err := k.Validate(); err != nil {
			return nil, fmt.Errorf("opcua: MakeCertificate: %w", err)
		}
		return k, nil
	}
}

// makePrime draws numbers with the two highest bits and the lowest set until one is
// prime. The test is that of Baillie, Pomerance, Selfridge and Wagstaff, which has no
// known exception.
func makePrime(random *seededReader, bits int) *big.Int {
	b := make([]byte, bits/8)
	for {
		random.Read(b)
		b[0] |= 0xc0
		b[len(b)-1] |= 1
		if p := new(big.Int).SetBytes(b); p.ProbablyPrime(0) {
			return p
		}
	}
}
