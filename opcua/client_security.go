package opcua

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
)

// ClientSecurity is how a client secures its channel. The zero value is
// SecurityPolicy None. What the client draws at random comes from the world's seed.
type ClientSecurity struct {
	// Policy is Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss, or the URI
	// of one of them; empty: None.
	Policy string
	// Mode is MessageSecurityModeSign or, the default, MessageSecurityModeSignAndEncrypt.
	Mode ua.MessageSecurityMode
	// Certificate is the client's certificate in DER, PrivateKey its RSA key in DER; see
	// MakeCertificate. The server compares ClientConfig.ApplicationURI with it.
	Certificate, PrivateKey []byte
	// ServerCertificate is the server's certificate in DER. Without it the client asks
	// for the endpoints first, on a connection without security, as clients do, and
	// takes the certificate that it is told.
	ServerCertificate []byte
}

// clientCrypto is what a client needs to secure its channel.
type clientCrypto struct {
	suite       *suite
	mode        ua.MessageSecurityMode
	certificate []byte
	private     *rsa.PrivateKey
	own         *mbedtls.Key
	random      *mbedtls.DRBG

	server     []byte // certificate
	thumbprint []byte // of it
	remote     *mbedtls.Key
	asymmetric *uapolicy.EncryptionAlgorithm

	nonce    []byte         // sent with the last OPN
	keys     [2]clientToken // the newest token first
	sentWith []byte         // client nonce of CreateSession
}

// clientToken are the keys of a security token.
type clientToken struct {
	id        uint32
	algorithm *uapolicy.EncryptionAlgorithm
}

// check reports what is wrong.
func (s *ClientSecurity) check() error {
	if policyURI(s.Policy) == ua.SecurityPolicyURINone {
		return nil
	}
	var errs []error
	if suiteOf(policyURI(s.Policy)) == nil {
		errs = append(errs, fmt.Errorf("policy %q, expected Basic256Sha256, Aes128_Sha256_RsaOaep or Aes256_Sha256_RsaPss", s.Policy))
	}
	switch s.Mode {
	case 0, ua.MessageSecurityModeSign, ua.MessageSecurityModeSignAndEncrypt:
	default:
		errs = append(errs, fmt.Errorf("mode %v, expected Sign or SignAndEncrypt", s.Mode))
	}
	return errors.Join(append(errs, checkKeyPair(s.Certificate, s.PrivateKey))...)
}

// newCrypto makes it, nil without security.
func (c *Client) newCrypto() (*clientCrypto, error) {
	s := &c.cfg.Security
	if policyURI(s.Policy) == ua.SecurityPolicyURINone {
		return nil, nil
	}
	k := &clientCrypto{suite: suiteOf(policyURI(s.Policy)), mode: s.Mode, certificate: s.Certificate}
	if k.mode == 0 {
		k.mode = ua.MessageSecurityModeSignAndEncrypt
	}
	var err error
	if k.private, err = parsePrivateKey(s.PrivateKey); err != nil {
		return nil, err
	}
	// The client's memory is nobody's concern.
	if k.own, err = mbedtls.ParsePrivateKey(&mem.Recorder{}, &mbedtls.HostBuild, s.PrivateKey); err != nil {
		return nil, err
	}
	r := c.p.Loop().Rand("opcua client security " + c.cfg.Name)
	source := mbedtls.SplitMix64{State: r.Uint64()}
	k.random = mbedtls.NewDRBG(source.Fill, c.cfg.Name)
	if len(s.ServerCertificate) > 0 {
		err = k.setServer(s.ServerCertificate)
	}
	return k, err
}

// publicKey reads the key of a certificate.
func publicKey(certificate []byte) (*rsa.PublicKey, *mbedtls.Key, error) {
	crt, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, nil, err
	}
	public, ok := crt.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, nil, fmt.Errorf("certificate with a %T, expected an RSA key", crt.PublicKey)
	}
	m, err := mbedtls.ParseCertificate(&mem.Recorder{}, &mbedtls.HostBuild, certificate)
	if err != nil {
		return nil, nil, err
	}
	return public, m.Key, nil
}

// setServer takes the server's certificate.
func (k *clientCrypto) setServer(certificate []byte) error {
	public, remote, err := publicKey(certificate)
	if err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	if k.asymmetric, err = uapolicy.Asymmetric(k.suite.uri, k.private, public); err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	sum := sha1.Sum(certificate)
	k.server, k.thumbprint, k.remote = certificate, sum[:], remote
	return nil
}

// pick finds the certificate of the endpoint that the client wants.
func (k *clientCrypto) pick(endpoints []*ua.EndpointDescription) error {
	for _, e := range endpoints {
		if e.SecurityPolicyURI == k.suite.uri && e.SecurityMode == k.mode {
			return k.setServer(e.ServerCertificate)
		}
	}
	return fmt.Errorf("the server offers no endpoint with %s and %v", k.suite.uri, k.mode)
}

// newNonce draws a nonce for an OPN message.
func (k *clientCrypto) newNonce() []byte {
	k.nonce = make([]byte, k.suite.nonceLength)
	k.random.Read(k.nonce)
	return k.nonce
}

// addToken derives the keys of a new token.
func (k *clientCrypto) addToken(id uint32, serverNonce []byte) error {
	a, err := symmetricAlgorithms(k.suite.uri, k.nonce, serverNonce)
	if err != nil {
		return err
	}
	k.keys[1], k.keys[0] = k.keys[0], clientToken{id, a}
	return nil
}

// encrypts reports whether messages are encrypted, not only signed.
func (k *clientCrypto) encrypts() bool { return k.mode == ua.MessageSecurityModeSignAndEncrypt }

// room is how much content fits a chunk of so many bytes.
func (k *clientCrypto) room(chunk int) int {
	n := chunk - symmetricHeaderLength - macLength
	if k.encrypts() {
		whole := (chunk - symmetricHeaderLength + sequenceHeaderLength) / cipherBlock * cipherBlock
		n = whole - sequenceHeaderLength - macLength - 1
	}
	return n
}

// seal finishes a chunk: header is what stays readable, but for the size, content
// begins with the sequence header.
func (k *clientCrypto) seal(kind string, header, content []byte) ([]byte, error) {
	if kind == uasc.MessageTypeOpenSecureChannel {
		return k.sealOpen(header, content)
	}
	a := k.keys[0].algorithm
	if a == nil {
		return nil, errors.New("there are no keys")
	}
	if k.encrypts() {
		padding := (cipherBlock - (len(content)+1+macLength)%cipherBlock) % cipherBlock
		content = appendPadding(content, padding, false)
	}
	b := append(append([]byte{}, header...), content...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)+macLength))
	sig, err := a.Signature(b)
	if err != nil || !k.encrypts() {
		return append(b, sig...), err
	}
	cipher, err := a.Encrypt(append(content, sig...))
	return append(b[:len(header)], cipher...), err
}

// sealOpen is seal for an OPN message, which is always encrypted.
func (k *clientCrypto) sealOpen(header, content []byte) ([]byte, error) {
	plain, long := k.suite.plainBlock(k.remote), k.remote.Bits() > 2048
	extra := 1
	if long {
		extra = 2
	}
	padding := (plain - (len(content)+extra+k.own.Size())%plain) % plain
	content = appendPadding(content, padding, long)
	b := append(append([]byte{}, header...), content...)
	total := len(content) + k.own.Size()
	binary.LittleEndian.PutUint32(b[4:], uint32(len(header)+total+k.suite.overhead(k.remote, total)))
	sig, st := k.suite.sign(k.own, k.random, b)
	if st != 0 {
		return nil, st
	}
	cipher, st := k.suite.encrypt(&mem.Recorder{}, k.remote, k.random, append(content, sig...))
	if st != 0 {
		return nil, st
	}
	return append(b[:len(header)], cipher...), nil
}

// appendPadding appends the size of the padding, the padding, and the high byte of
// the size if it has two.
func appendPadding(b []byte, padding int, long bool) []byte {
	for range padding + 1 {
		b = append(b, byte(padding))
	}
	if long {
		b = append(b, byte(padding>>8))
	}
	return b
}

// open takes the security of a chunk from the server away: what follows the security
// header at n is decrypted, and its signature checked.
func (k *clientCrypto) open(m *clientMessage, chunk []byte, n int) ([]byte, error) {
	a, sigLength, long := k.asymmetric, 0, false
	if m.kind == uasc.MessageTypeOpenSecureChannel {
		if m.policy != k.suite.uri || string(m.certificate) != string(k.server) {
			return nil, clientViolation(ua.StatusBadCertificateInvalid, "OPN with policy %q and a certificate of %d bytes, expected %q and that of the endpoint", m.policy, len(m.certificate), k.suite.uri)
		}
		sigLength, long = a.RemoteSignatureLength(), k.own.Bits() > 2048
	} else {
		if a = k.algorithm(m.token); a == nil {
			return nil, clientViolation(ua.StatusBadSecureChannelTokenUnknown, "%s with token %d, of which there are no keys", m.kind, m.token)
		}
		sigLength = macLength
	}
	b := append([]byte{}, chunk...)
	padded := k.encrypts() || m.kind == uasc.MessageTypeOpenSecureChannel
	if padded {
		plain, err := a.Decrypt(b[n:])
		if err != nil {
			return nil, clientViolation(ua.StatusBadSecurityChecksFailed, "%s chunk cannot be decrypted: %v", m.kind, err)
		}
		b = append(b[:n], plain...)
	}
	end := len(b) - sigLength
	if end <= n {
		return nil, clientViolation(ua.StatusBadSecurityChecksFailed, "%s chunk of %d bytes, too short for a signature", m.kind, len(chunk))
	}
	if err := a.VerifySignature(b[:end], b[end:]); err != nil {
		return nil, clientViolation(ua.StatusBadSecurityChecksFailed, "signature of %s chunk: %v", m.kind, err)
	}
	if padded {
		padding := int(b[end-1]) + 1
		if long && end >= 2 {
			padding = int(b[end-1])<<8 + int(b[end-2]) + 2
		}
		if end -= padding; end < n {
			return nil, clientViolation(ua.StatusBadSecurityChecksFailed, "%s chunk with %d bytes of padding", m.kind, padding)
		}
	}
	return b[:end], nil
}

func (k *clientCrypto) algorithm(token uint32) *uapolicy.EncryptionAlgorithm {
	for _, t := range k.keys {
		if t.id == token {
			return t.algorithm
		}
	}
	return nil
}

// signature signs what a session asks for: the server's certificate and its nonce.
func (k *clientCrypto) signature(serverNonce []byte) (*ua.SignatureData, error) {
	sig, st := k.suite.sign(k.own, k.random, append(append([]byte{}, k.server...), serverNonce...))
	if st != 0 {
		return nil, st
	}
	return &ua.SignatureData{Algorithm: k.asymmetric.SignatureURI(), Signature: sig}, nil
}

// checkSession checks that the server which made a session has the key of its
// certificate.
func (k *clientCrypto) checkSession(r *ua.CreateSessionResponse) error {
	if string(r.ServerCertificate) != string(k.server) {
		return clientViolation(ua.StatusBadCertificateInvalid, "session with another certificate than the endpoint")
	}
	var sig []byte
	if r.ServerSignature != nil {
		sig = r.ServerSignature.Signature
	}
	if err := k.asymmetric.VerifySignature(append(append([]byte{}, k.certificate...), k.sentWith...), sig); err != nil {
		return clientViolation(ua.StatusBadApplicationSignatureInvalid, "signature of the session: %v", err)
	}
	return nil
}

// encryptPassword makes the secret of a user name token: the length, the password and
// the server's nonce, encrypted with the server's key (Part 4, 7.41.2.2).
func encryptPassword(s *suite, certificate []byte, random *mbedtls.DRBG, password string, nonce []byte) ([]byte, error) {
	_, key, err := publicKey(certificate)
	if err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(password)+len(nonce)))
	b = append(append(b, password...), nonce...)
	plain := s.plainBlock(key)
	if plain <= 0 {
		return nil, fmt.Errorf("a key of %d bits is too short", key.Bits())
	}
	var out []byte
	for len(b) > 0 {
		part := b[:min(plain, len(b))]
		b = b[len(part):]
		block, err := key.EncryptOAEP(random, s.oaep, part)
		if err != nil {
			return nil, err
		}
		out = append(out, block...)
	}
	return out, nil
}
