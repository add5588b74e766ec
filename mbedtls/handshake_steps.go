package mbedtls

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
		// The groups that the client offers, with a terminator.
		h.curves = c.calloc("mbedtls_ssl_handshake_server_step", c.v.curveListEntry*uint32(c.cfg.Peer.groups()+1))
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
