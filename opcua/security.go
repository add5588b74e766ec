package opcua

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Security is what a server offers besides SecurityPolicy None. The zero value
// offers nothing, as the opcua-esp32 firmware does, and takes no memory.
//
// Each policy keeps a private key of its own, about 4 kB with all that belongs to
// it; each endpoint a copy of the certificate; each channel about 3.7 kB. All random
// bytes come from a generator with a seed, so that the same run has the same
// ciphertext.
type Security struct {
	// Endpoints are the combinations of policy and mode, in the order in which
	// GetEndpoints lists them behind the one without security.
	Endpoints []SecurityEndpoint
	// Certificate is the server's certificate in DER, PrivateKey its RSA key of
	// 2048 to 4096 bits in DER (PKCS#8 or PKCS#1). MakeCertificate makes both.
	Certificate, PrivateKey []byte
	// Trusted are the certificates in DER that are accepted from clients, and those of
	// the authorities that issued them. Without any, every certificate is accepted
	// (UA_CertificateVerification_AcceptAll). open62541 refuses a certificate that an
	// authority issued as long as it has no revocation list of that authority, of which
	// the model has none.
	Trusted [][]byte
	// CheckTime refuses certificates outside their time of validity, if there is a
	// list of trusted ones (MBEDTLS_HAVE_TIME_DATE, which is off in ESP-IDF unless
	// configured).
	CheckTime bool
	// UserTokenPolicy is the policy with which passwords must be encrypted, on every
	// endpoint; the default, None, asks for plain ones, also on encrypted channels,
	// where the channel encrypts them.
	UserTokenPolicy string
	// Seed starts the source of entropy; 0: the wall clock at boot.
	Seed uint64
	// Host takes memory as open62541 with Debian's mbedTLS 2.28.3 does, with which it
	// was recorded: 36936 bytes more for each policy, and 28 for each key. The
	// default is a device.
	Host bool
}

// SecurityEndpoint is an endpoint with security.
type SecurityEndpoint struct {
	// Policy is Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss, or the
	// URI of one of them. open62541 has the last only from version 1.4 on; its memory
	// is assumed to be like that of the others.
	Policy string
	// Mode is MessageSecurityModeSign or MessageSecurityModeSignAndEncrypt.
	Mode ua.MessageSecurityMode
}

// URI returns the URI of the policy.
func (e SecurityEndpoint) URI() string { return policyURI(e.Policy) }

// policyURI completes the short name of a policy.
func policyURI(name string) string {
	if name == "" {
		return ua.SecurityPolicyURINone
	}
	return ua.FormatSecurityPolicyURI(name)
}

// build is how mbedTLS was compiled.
func (c *Security) build() *mbedtls.Build {
	if c.Host {
		return &mbedtls.HostBuild
	}
	return &mbedtls.DeviceBuild
}

// Validate reports everything that is wrong, as NewServer would.
func (c *Security) Validate() error {
	var errs []error
	for i, e := range c.Endpoints {
		told := slices.ContainsFunc(c.Endpoints[:i], func(x SecurityEndpoint) bool { return x.Policy == e.Policy })
		if suiteOf(e.URI()) == nil && !told {
			errs = append(errs, fmt.Errorf("opcua: ServerConfig.Security.Endpoints: policy %q, expected Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss", e.Policy))
		}
		if e.Mode != ua.MessageSecurityModeSign && e.Mode != ua.MessageSecurityModeSignAndEncrypt {
			errs = append(errs, fmt.Errorf("opcua: ServerConfig.Security.Endpoints: mode %v, expected Sign or SignAndEncrypt", e.Mode))
		}
	}
	if len(c.Endpoints) > 0 {
		if err := checkKeyPair(c.Certificate, c.PrivateKey); err != nil {
			errs = append(errs, fmt.Errorf("opcua: ServerConfig.Security: %w", err))
		}
	}
	for i, b := range c.Trusted {
		if _, err := x509.ParseCertificate(b); err != nil {
			errs = append(errs, fmt.Errorf("opcua: ServerConfig.Security.Trusted[%d]: %w", i, err))
		}
	}
	if p := policyURI(c.UserTokenPolicy); p != ua.SecurityPolicyURINone && !c.offers(p) {
		errs = append(errs, fmt.Errorf("opcua: ServerConfig.Security.UserTokenPolicy: %q is the policy of no endpoint", c.UserTokenPolicy))
	}
	return errors.Join(errs...)
}

func (c *Security) offers(uri string) bool {
	for _, e := range c.Endpoints {
		if e.URI() == uri {
			return true
		}
	}
	return false
}

// checkKeyPair checks that a certificate and a key can be used for secure channels
// and belong together.
func checkKeyPair(certificate, key []byte) error {
	crt, err := x509.ParseCertificate(certificate)
	if err != nil {
		return fmt.Errorf("field Certificate: %w", err)
	}
	private, err := parsePrivateKey(key)
	if err != nil {
		return fmt.Errorf("field PrivateKey: %w", err)
	}
	public, ok := crt.PublicKey.(*rsa.PublicKey)
	if !ok || !private.PublicKey.Equal(public) {
		return errors.New("field PrivateKey does not belong to Certificate")
	}
	if size := public.Size(); size < minKeyLength || size > maxKeyLength {
		return fmt.Errorf("field Certificate: a key of %d bits, expected 2048 to 4096", 8*size)
	}
	return nil
}

// parsePrivateKey reads an RSA key in PKCS#8 or PKCS#1.
func parsePrivateKey(key []byte) (*rsa.PrivateKey, error) {
	if k, err := x509.ParsePKCS1PrivateKey(key); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	r, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("it is a %T, expected an RSA key", k)
	}
	return r, nil
}

// addSecurityPolicies adds the policies that the endpoints need, each once
// (UA_ServerConfig_addSecurityPolicyBasic256Sha256 and its like,
// plugins/ua_config_default.c).
func (s *Server) addSecurityPolicies() error {
	defer s.object(bootObject)()
	c := &s.cfg.Security
	seed := c.Seed
	if seed == 0 {
		seed = uint64(s.born)
	}
	s.entropy = &mbedtls.SplitMix64{State: seed}
	for _, e := range c.Endpoints {
		uri := uatypes.Const(e.URI())
		if s.policyByURI(&uri) != nil {
			continue
		}
		p := &securityPolicy{uri: uri, suite: suiteOf(e.URI()), nonceLength: suiteOf(e.URI()).nonceLength}
		st := s.core.AddSecurityPolicy(func() uatypes.Status { return p.open(s) }, func() { p.clear(s) })
		if st != uatypes.Good {
			return fmt.Errorf("%w: security policy %s: %v", ErrOutOfMemory, e.Policy, st)
		}
		s.policies = append(s.policies, p)
	}
	return s.trust()
}

// addSecureEndpoints adds the endpoints with security (UA_ServerConfig_addEndpoint);
// the firmware then sets the application URI in each.
func (s *Server) addSecureEndpoints() error {
	defer s.object(bootObject)()
	for _, e := range s.cfg.Security.Endpoints {
		uri := uatypes.Const(e.URI())
		if s.core.AddEndpoint(e.URI(), uint32(e.Mode), &s.policyByURI(&uri).certificate) != uatypes.Good {
			return fmt.Errorf("%w: endpoint %s", ErrOutOfMemory, e.Policy)
		}
		own := s.core.Endpoints().V
		server := &own[len(own)-1].Server
		uatypes.Clear(s.mem, &server.ApplicationURI)
		uatypes.Copy(s.mem, &server.ApplicationURI, &s.core.Application().ApplicationURI)
	}
	return nil
}

// symmetric returns the algorithms for the messages of a channel.
func symmetricAlgorithms(uri string, local, remote []byte) (*uapolicy.EncryptionAlgorithm, error) {
	return uapolicy.Symmetric(uri, append([]byte{}, local...), append([]byte{}, remote...))
}
