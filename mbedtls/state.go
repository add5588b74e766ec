package mbedtls

import "fmt"

// State is mbedtls_ssl_states: the next message of a handshake.
type State int

const (
	HelloRequest State = iota
	ClientHello
	ServerHello
	ServerCertificate
	ServerKeyExchange
	CertificateRequest
	ServerHelloDone
	ClientCertificate
	ClientKeyExchange
	CertificateVerify
	ClientChangeCipherSpec
	ClientFinished
	ServerChangeCipherSpec
	ServerFinished
	FlushBuffers
	HandshakeWrapup
	HandshakeOver
	// NewSessionTicket comes between ClientFinished and ServerChangeCipherSpec of
	// a client that was promised one. Without dynamic buffers it is not seen
	// between two steps: the state is ServerChangeCipherSpec twice.
	NewSessionTicket
)

var stateNames = [...]string{
	"HELLO_REQUEST", "CLIENT_HELLO", "SERVER_HELLO", "SERVER_CERTIFICATE", "SERVER_KEY_EXCHANGE",
	"CERTIFICATE_REQUEST", "SERVER_HELLO_DONE", "CLIENT_CERTIFICATE", "CLIENT_KEY_EXCHANGE",
	"CERTIFICATE_VERIFY", "CLIENT_CHANGE_CIPHER_SPEC", "CLIENT_FINISHED",
	"SERVER_CHANGE_CIPHER_SPEC", "SERVER_FINISHED", "FLUSH_BUFFERS", "HANDSHAKE_WRAPUP",
	"HANDSHAKE_OVER", "NEW_SESSION_TICKET",
}

func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return fmt.Sprintf("mbedtls.State(%d)", int(s))
	}
	return stateNames[s]
}
