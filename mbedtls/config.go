package mbedtls

import (
	"errors"
	"fmt"
)

// Role says which end of a connection the device is.
type Role int

const (
	Client Role = iota + 1
	Server
)

func (r Role) String() string {
	switch r {
	case Client:
		return "client"
	case Server:
		return "server"
	}
	return fmt.Sprintf("mbedtls.Role(%d)", int(r))
}

// Config is one end of TLS 1.2 connections: the options of mbedTLS, what the
// application gives it, and what the other side sends. The cipher suite is
// ECDHE-...-AES256-GCM-SHA384, the first choice of both ends.
type Config struct {
	Version Version // V2_16_9 or V3_6_0
	Role    Role

	// Hardware: CONFIG_MBEDTLS_HARDWARE_AES, _SHA and _MPI, default on.
	Hardware bool

	// InContentLen and OutContentLen: CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN and
	// _OUT_CONTENT_LEN in bytes, 512 to 16384. Without
	// CONFIG_MBEDTLS_ASYMMETRIC_CONTENT_LEN both are 16384.
	InContentLen, OutContentLen int

	DynamicBuffer         bool // CONFIG_MBEDTLS_DYNAMIC_BUFFER
	DynamicFreeConfigData bool // CONFIG_MBEDTLS_DYNAMIC_FREE_CONFIG_DATA
	DynamicFreeCACert     bool // CONFIG_MBEDTLS_DYNAMIC_FREE_CA_CERT

	// KeepPeerCertificate: CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE, default
	// on. In 2.16 off means CONFIG_MBEDTLS_DYNAMIC_FREE_PEER_CERT on.
	KeepPeerCertificate bool

	// VariableBufferLength: CONFIG_MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH, 3.x.
	VariableBufferLength bool

	Hostname string        // a client's; empty: none is set
	CA       *Certificate  // who signed the other side's certificates; nil: none
	Own      []Certificate // own chain, the leaf first; empty: none
	OwnKey   Key           // the key of Own[0]

	// MaxFragmentLength is what the client asks for: 512, 1024, 2048 or 4096
	// bytes; 0: nothing.
	MaxFragmentLength int

	Peer Peer

	// Seed chooses the random numbers. The blocks hardly depend on them; see
	// the package comment.
	Seed uint64

	// For a replay.
	ownSignatureInts int            // as Peer.SignatureInts; 0: 66
	draws            map[int]uint64 // seeds of single steps in place of Seed
}

// Peer is what the other side sends.
type Peer struct {
	// Chain is its certificates, the leaf first; a client's may be empty.
	Chain []Certificate
	// X25519 is the group of the key exchange; else secp256r1.
	X25519 bool
	// SECP521R1 makes it secp521r1, the first that a 2.16 client offers and so what
	// a server takes that follows its client. 2.16 only; not with X25519.
	SECP521R1 bool
	// Groups is how many groups a client offers; 0: 1.
	Groups int
	// RequestsCertificate: a server asks for the client's certificate.
	RequestsCertificate bool
	// SignatureInts is the length of the two integers in the ECDSA signature
	// of its key exchange or CERTIFICATE_VERIFY, 62 to 66; 0: 65.
	SignatureInts int
	// Ticket is the length of a session ticket that a server sends; 0: none.
	Ticket int
	// Hello is the length of a client's hello message in bytes; 0: that of
	// mbedTLS 3.6, 234 with one group.
	Hello int
	// RequestSize is the length of a server's certificate request; 0: 97, and 101
	// of a 2.16 device.
	RequestSize int
}

func (c *Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("mbedtls: "+format, args...)) }
	if c.Version != V2_16_9 && c.Version != V3_6_0 {
		bad("version %v: want 2.16.9 or 3.6.0", c.Version)
	}
	if c.Role != Client && c.Role != Server {
		bad("role %v: want client or server", c.Role)
	}
	for _, x := range []struct {
		name string
		n    int
	}{{"in", c.InContentLen}, {"out", c.OutContentLen}} {
		if x.n < 512 || x.n > 16384 {
			bad("%s content length %d: want 512 to 16384", x.name, x.n)
		}
	}
	if !c.DynamicBuffer && (c.DynamicFreeConfigData || c.DynamicFreeCACert) {
		bad("freeing configuration data needs dynamic buffers")
	}
	if c.DynamicFreeCACert && !c.DynamicFreeConfigData {
		bad("freeing the CA certificate needs freeing of configuration data")
	}
	if c.Peer.SECP521R1 && (c.Peer.X25519 || c.Version != V2_16_9) {
		bad("Peer.SECP521R1: want 2.16.9, and no X25519 beside it")
	}
	if c.VariableBufferLength && (c.DynamicBuffer || c.Version == V2_16_9) {
		bad("variable buffer length: not with dynamic buffers, and only in 3.x")
	}
	switch c.MaxFragmentLength {
	case 0, 512, 1024, 2048, 4096:
		if c.MaxFragmentLength > min(c.InContentLen, c.OutContentLen) {
			bad("maximum fragment length %d: want at most the smaller content length, %d", c.MaxFragmentLength, min(c.InContentLen, c.OutContentLen))
		}
	default:
		bad("maximum fragment length %d: want 0, 512, 1024, 2048 or 4096", c.MaxFragmentLength)
	}
	certs := append([]Certificate{}, c.Own...)
	certs = append(certs, c.Peer.Chain...)
	if c.CA != nil {
		certs = append(certs, *c.CA)
	}
	for _, cert := range certs {
		if err := cert.validate(); err != nil {
			bad("%v", err)
		}
	}
	if len(c.Own) > 0 {
		if err := c.OwnKey.validate(); err != nil {
			bad("own %v", err)
		}
	}
	if c.Role == Server && len(c.Own) == 0 {
		bad("a server needs a certificate of its own")
	}
	if c.Role == Client && len(c.Peer.Chain) == 0 {
		bad("a server, as the peer, needs a certificate")
	}
	if len(c.Peer.Chain) > 0 && c.CA == nil {
		bad("the peer's certificates cannot be verified without a CA certificate")
	}
	if n := c.Peer.SignatureInts; n != 0 && (n < 62 || n > 66) {
		bad("peer's ECDSA signature of %d bytes: want 62 to 66", n)
	}
	if n := c.Peer.Groups; n < 0 || n > maxGroups {
		bad("%d groups offered: want at most %d", n, maxGroups)
	}
	return errors.Join(errs...)
}

// maxGroups is how many groups a client may offer here: all that mbedTLS has
// (MBEDTLS_ECP_DP_MAX - 1).
const maxGroups = 13

// What a record buffer has beside the content: 8 bytes of sequence number, the
// record's header of 5, 16 of IV, 48 of MAC (SHA-384 suites are compiled in)
// and 256 of padding. It does not depend on the suite of a connection.
// (ssl_misc.h: MBEDTLS_SSL_HEADER_LEN, MBEDTLS_SSL_PAYLOAD_OVERHEAD)
const (
	headerLen       = 13
	maxIV           = 16
	macAdd          = 48
	paddingAdd      = 256
	payloadOverhead = maxIV + macAdd + paddingAdd
)

// bufferLen is the size of the buffer for a content length.
func bufferLen(content int) int { return content + headerLen + payloadOverhead }
