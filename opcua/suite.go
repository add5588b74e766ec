package opcua

import (
	"crypto"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Bounds of an RSA key's length in bytes (UA_SECURITYPOLICY_BASIC256SHA256_MINASYMKEYLENGTH
// and MAXASYMKEYLENGTH; Part 7).
const (
	minKeyLength = 256
	maxKeyLength = 512
)

// Lengths in bytes that all policies with security share (Part 7).
const (
	thumbprintLength    = 20 // SHA-1 of a certificate
	macLength           = 32 // HMAC-SHA-256
	signingKeyLength    = 32
	cipherBlock         = 16 // AES
	secureNonceLength   = 32
	keyDerivationLength = 32 // digest of P_SHA256
)

// suite are the algorithms of a security policy (Part 7, 6.6).
type suite struct {
	uri           string
	oaep          crypto.Hash // of the asymmetric encryption
	pss           bool        // asymmetric signatures are RSASSA-PSS, else PKCS#1 v1.5
	encryptionURI uatypes.Str // of the asymmetric algorithms
	signatureURI  uatypes.Str
	encryptionKey int    // bytes of the symmetric key
	nonceLength   uint32 // bytes of a channel's nonce
}

// suiteOf returns the algorithms of a policy, nil if it has none or is unknown.
func suiteOf(uri string) *suite {
	s := &suite{
		uri: uri, oaep: crypto.SHA1, encryptionKey: 32, nonceLength: secureNonceLength,
		encryptionURI: uatypes.Const("http://www.w3.org/2001/04/xmlenc#rsa-oaep"),
		signatureURI:  uatypes.Const("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
	}
	switch uri {
	case ua.SecurityPolicyURIBasic256Sha256:
	case ua.SecurityPolicyURIAes128Sha256RsaOaep:
		s.encryptionKey = 16
	case ua.SecurityPolicyURIAes256Sha256RsaPss:
		s.oaep, s.pss = crypto.SHA256, true
		s.encryptionURI = uatypes.Const("http://opcfoundation.org/UA/security/rsa-oaep-sha2-256")
		s.signatureURI = uatypes.Const("http://opcfoundation.org/UA/security/rsa-pss-sha2-256")
	default:
		return nil
	}
	return s
}

// plainBlock is how many bytes of plain text fit a block of RSA.
func (s *suite) plainBlock(key *mbedtls.Key) int { return key.Size() - 2*s.oaep.Size() - 2 }

// overhead is by how much encryption makes n bytes longer
// (UA_SecurityPolicy_getRemoteAsymEncryptionBufferLengthOverhead).
func (s *suite) overhead(key *mbedtls.Key, n int) int {
	plain := s.plainBlock(key)
	return n / plain * (key.Size() - plain)
}

// sign signs a message with the private key.
func (s *suite) sign(key *mbedtls.Key, random *mbedtls.DRBG, message []byte) ([]byte, uatypes.Status) {
	sign := key.SignPKCS1
	if s.pss {
		sign = key.SignPSS
	}
	sig, err := sign(random, message)
	if err != nil {
		return nil, ua.StatusBadInternalError
	}
	return sig, uatypes.Good
}

// verify checks a signature with the public key.
func (s *suite) verify(key *mbedtls.Key, message, sig []byte) uatypes.Status {
	verify := key.VerifyPKCS1
	if s.pss {
		verify = key.VerifyPSS
	}
	if verify(message, sig) != nil {
		return ua.StatusBadSecurityChecksFailed
	}
	return uatypes.Good
}

// decrypt decrypts whole blocks with the private key (mbedtls_decrypt_rsaOaep,
// plugins/crypto/mbedtls/securitypolicy_mbedtls_common.c).
func (s *suite) decrypt(key *mbedtls.Key, random *mbedtls.DRBG, b []byte) ([]byte, uatypes.Status) {
	size := key.Size()
	if len(b)%size != 0 {
		return nil, ua.StatusBadInternalError
	}
	var out []byte
	for ; len(b) > 0; b = b[size:] {
		plain, err := key.DecryptOAEP(random, s.oaep, b[:size])
		if err != nil {
			return nil, ua.StatusBadSecurityChecksFailed
		}
		out = append(out, plain...)
	}
	return out, uatypes.Good
}

// encrypt encrypts whole blocks with the public key, in a buffer of its own
// (mbedtls_encrypt_rsaOaep).
func (s *suite) encrypt(m mem.Memory, key *mbedtls.Key, random *mbedtls.DRBG, b []byte) ([]byte, uatypes.Status) {
	plain := s.plainBlock(key)
	if len(b)%plain != 0 {
		return nil, ua.StatusBadInternalError
	}
	buf, ok := uatypes.NewBuffer(m, uint32(len(b)/plain*key.Size()), "encrypted")
	if !ok {
		return nil, ua.StatusBadOutOfMemory
	}
	defer uatypes.Clear(m, &buf)
	out := buf.B[:0]
	for ; len(b) > 0; b = b[plain:] {
		block, err := key.EncryptOAEP(random, s.oaep, b[:plain])
		if err != nil {
			return nil, ua.StatusBadInternalError
		}
		out = append(out, block...)
	}
	return out, uatypes.Good
}
