package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

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
)

var stateNames = [...]string{
	"HELLO_REQUEST", "CLIENT_HELLO", "SERVER_HELLO", "SERVER_CERTIFICATE", "SERVER_KEY_EXCHANGE",
	"CERTIFICATE_REQUEST", "SERVER_HELLO_DONE", "CLIENT_CERTIFICATE", "CLIENT_KEY_EXCHANGE",
	"CERTIFICATE_VERIFY", "CLIENT_CHANGE_CIPHER_SPEC", "CLIENT_FINISHED",
	"SERVER_CHANGE_CIPHER_SPEC", "SERVER_FINISHED", "FLUSH_BUFFERS", "HANDSHAKE_WRAPUP",
	"HANDSHAKE_OVER",
}

func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return fmt.Sprintf("mbedtls.State(%d)", int(s))
	}
	return stateNames[s]
}

// handshake is mbedtls_ssl_handshake_params with what it points to.
type handshake struct {
	p              heap.Addr
	sha256, sha384 heap.Addr // transcripts
	ecdh           ecdhContext
	curves         heap.Addr // what a client offers
	peerKey        pk        // of a peer whose certificate is not kept
}

// handshakeInit: ssl_handshake_init.
func (c *Context) handshakeInit() {
	const what = "ssl_handshake_init"
	c.transform = c.calloc(what, c.size.Transform)
	c.session = c.calloc(what, c.size.Session)
	h := &handshake{}
	h.p = c.calloc(what, c.size.HandshakeParams)
	c.hs = h
	if c.v.mdOnHeap {
		h.sha256 = c.calloc("mbedtls_md_setup", c.size.SHA256)
		h.sha384 = c.calloc("mbedtls_md_setup", c.size.SHA512)
	}
}

// handshakeFree: mbedtls_ssl_handshake_free. Buffers of variable length shrink
// here, with the old and the new one side by side.
func (c *Context) handshakeFree() {
	h := c.hs
	c.free(&h.sha256)
	c.free(&h.sha384)
	c.ecdhFree(&h.ecdh)
	c.free(&h.curves)
	c.pkFree(&h.peerKey)
	if c.cfg.VariableBufferLength && c.in != 0 {
		n := bufferLen(c.fragmentLength())
		c.shrinkBuffer(&c.in, &c.inLen, n)
		c.shrinkBuffer(&c.out, &c.outLen, n)
	}
	c.free(&h.p)
	c.hs = nil
}

// fragmentLength is the negotiated one; without one it is the smaller of the
// two content lengths (MBEDTLS_TLS_EXT_ADV_CONTENT_LEN), also for receiving.
func (c *Context) fragmentLength() int {
	if c.cfg.MaxFragmentLength != 0 {
		return c.cfg.MaxFragmentLength
	}
	return min(c.cfg.InContentLen, c.cfg.OutContentLen)
}

// shrinkBuffer: resize_buffer. Failing to is not an error there either.
func (c *Context) shrinkBuffer(p *heap.Addr, n *int, to int) {
	if *n <= to {
		return
	}
	q := c.mem.Calloc("resize_buffer", uint32(to))
	if q == 0 {
		return
	}
	c.free(p)
	*p, *n = q, to
}

// State returns what the next Step does.
func (c *Context) State() State { return c.state }

// Step is mbedtls_ssl_handshake_step: one state, a message sent or received. A
// session ticket takes the client an additional step before
// ServerChangeCipherSpec.
func (c *Context) Step() error {
	if c.hs == nil {
		return fmt.Errorf("mbedtls: no handshake to step: state %v", c.state)
	}
	return c.step(int(c.state), func() {
		s := c.state
		ticket := s == ServerChangeCipherSpec && c.newTicket
		if c.cfg.DynamicBuffer {
			c.buffersBefore(s, ticket)
		}
		switch {
		case ticket:
			c.newSessionTicket()
		case c.outgoing(s) > c.cfg.OutContentLen:
			panic(&BufferTooSmallError{c.outgoing(s), c.cfg.OutContentLen})
		case c.cfg.Role == Client:
			c.clientStep(s)
		default:
			c.serverStep(s)
		}
		if !ticket {
			c.state++
		}
		if c.cfg.DynamicBuffer && c.state < HandshakeOver {
			c.buffersAfter(s, ticket)
		}
	})
}

// Handshake steps to the end, or to the first error.
func (c *Context) Handshake() error {
	for c.state < HandshakeOver {
		if err := c.Step(); err != nil {
			return fmt.Errorf("mbedtls: handshake: %v: %w", c.state, err)
		}
	}
	return nil
}

// send sends a record of n bytes.
func (c *Context) send(n int) {
	c.sent += 5 + n
	if c.port != nil {
		if err := c.port.Send(5 + n); err != nil {
			panic(&PortError{err})
		}
	}
}

// awaitHeader waits for the header of the next record.
func (c *Context) awaitHeader() {
	if c.port == nil || c.headerRead {
		return
	}
	if err := c.port.Recv(5); err != nil {
		panic(&PortError{err})
	}
	c.headerRead = true
}

// receive receives a record of n bytes.
func (c *Context) receive(n int) {
	c.awaitHeader()
	c.headerRead = false
	c.received += 5 + n
	if c.port != nil {
		if err := c.port.Recv(n); err != nil {
			panic(&PortError{err})
		}
	}
}

const finishedLen = 16 + 24 // the message, and what GCM adds to a record

// clientStep: mbedtls_ssl_handshake_client_step.
func (c *Context) clientStep(s State) {
	h := c.hs
	ownAuth := len(c.own) > 0 && c.cfg.Peer.RequestsCertificate
	if c.reads(s) {
		if n := c.incoming(s, false); n > 0 {
			c.receive(n)
		}
	}
	switch s {
	case ClientHello:
		c.send(c.clientHelloLen())
		c.newTicket = c.cfg.Peer.Ticket > 0
	case ServerCertificate:
		c.parsePeerCertificate(c.cfg.Peer.Chain)
	case ServerKeyExchange:
		c.ecdhSetup(&h.ecdh, c.curve())
		c.ecdhReadPeer(&h.ecdh)
		c.withHash(func() {})
		c.verify(c.peerKey(), c.peerSignatureInts())
		if !c.cfg.KeepPeerCertificate && !c.v.peerCertAtSKE {
			c.pkFree(&h.peerKey)
		}
	case ClientCertificate:
		if c.cfg.Peer.RequestsCertificate {
			c.send(c.outgoing(s))
		}
	case ClientKeyExchange:
		c.ecdhGenPublic(&h.ecdh)
		c.ecdhCalcSecret(&h.ecdh)
		c.send(4 + 1 + c.curve().pointBytes)
	case CertificateVerify:
		c.deriveKeys()
		if ownAuth {
			c.copyTranscript()
			c.sign(&c.ownKey)
			c.send(4 + 4 + c.ownSignatureLen())
		}
	case ClientChangeCipherSpec:
		c.send(1)
	case ClientFinished:
		c.finished()
		c.send(finishedLen)
	case ServerFinished:
		c.finished()
	case HandshakeWrapup:
		c.handshakeFree()
	}
}

// serverStep: mbedtls_ssl_handshake_server_step.
func (c *Context) serverStep(s State) {
	h := c.hs
	mutual := len(c.cfg.Peer.Chain) > 0
	if c.reads(s) {
		if n := c.incoming(s, false); n > 0 {
			c.receive(n)
		}
	}
	switch s {
	case ClientHello:
		// The groups that the client offers and we know, with a terminator.
		h.curves = c.calloc("mbedtls_ssl_handshake_server_step", c.v.curveListEntry*2)
	case ServerHello:
		c.send(c.serverHelloLen())
	case ServerCertificate:
		c.send(c.outgoing(s))
	case ServerKeyExchange:
		c.ecdhSetup(&h.ecdh, c.curve())
		c.ecdhGenPublic(&h.ecdh)
		c.withHash(func() {})
		c.sign(&c.ownKey)
		c.send(4 + 4 + c.curve().pointBytes + 4 + c.ownSignatureLen())
	case CertificateRequest:
		if mutual {
			c.send(c.requestLen())
		}
	case ServerHelloDone:
		c.send(4)
	case ClientCertificate:
		if mutual {
			c.parsePeerCertificate(c.cfg.Peer.Chain)
		}
	case ClientKeyExchange:
		c.ecdhReadPeer(&h.ecdh)
		c.ecdhCalcSecret(&h.ecdh)
		c.deriveKeys()
	case CertificateVerify:
		if mutual {
			c.copyTranscript()
			c.verify(c.peerKey(), c.peerSignatureInts())
		}
	case ClientFinished:
		c.finished()
	case ServerChangeCipherSpec:
		c.send(1)
	case ServerFinished:
		c.finished()
		c.send(finishedLen)
	case HandshakeWrapup:
		c.handshakeFree()
	}
}

func (c *Context) curve() *curve {
	if c.cfg.Peer.X25519 {
		return curve25519()
	}
	if c.cfg.Peer.SECP521R1 {
		return secp521r1()
	}
	return secp256r1()
}

// parsePeerCertificate: mbedtls_ssl_parse_certificate. A chain that is not kept
// is parsed in place, in the input buffer, and gone when the step ends; what
// stays is a digest of the leaf and a copy of its key.
func (c *Context) parsePeerCertificate(certs []Certificate) {
	nocopy := !c.cfg.KeepPeerCertificate && !c.v.peerCertAtSKE
	head := c.calloc("mbedtls_ssl_parse_certificate", c.size.Crt)
	var ch chain
	kept := false
	defer func() {
		if kept {
			return
		}
		if len(ch) == 0 {
			c.free(&head)
		}
		c.chainFree(&ch)
	}()
	for _, cert := range certs {
		c.parseDER(&ch, head, cert, !nocopy)
	}
	c.verifyChain(ch, c.ca)
	if nocopy {
		key := ch[0].cert.Key
		c.chainFree(&ch)
		kept = true
		c.peerDigest = c.calloc("mbedtls_ssl_parse_certificate", 32)
		c.parseSubpubkey(&c.hs.peerKey, key)
		return
	}
	kept = true
	c.peerCert = ch
}

func (c *Context) peerKey() *pk {
	if len(c.peerCert) > 0 {
		return &c.peerCert[0].pk
	}
	return &c.hs.peerKey
}

func (c *Context) peerSignatureInts() int {
	if n := c.cfg.Peer.SignatureInts; n != 0 {
		return n
	}
	return 65
}

// copyTranscript is the hash of the messages so far, of a copy of their context.
func (c *Context) copyTranscript() {
	if c.v.mdOnHeap {
		c.withHash(func() {})
	}
}

// withHash runs f with a hash context beside it, where mbedTLS copies the
// transcript or hashes a message.
func (c *Context) withHash(f func()) {
	p := c.calloc("mbedtls_md_setup", c.size.SHA512)
	defer func() { c.free(&p) }()
	f()
}
