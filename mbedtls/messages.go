package mbedtls

// Lengths of handshake messages, with their header of 4 bytes. Every message is
// a record of its own.

// clientHelloLen: recorded for ESP-IDF's configuration; the server name and the
// fragment length are extensions.
func (c *Context) clientHelloLen() int {
	n := c.v.clientHello
	if c.cfg.Hostname != "" {
		n += 9 + len(c.cfg.Hostname)
	}
	if c.cfg.MaxFragmentLength != 0 {
		n += 5
	}
	return n
}

// serverHelloLen: version, random, a session id (none if there will be a
// ticket), suite, compression, then the extensions renegotiation_info,
// ec_point_formats and extended_master_secret.
func (c *Context) serverHelloLen() int {
	n := 4 + 2 + 32 + 1 + 32 + 2 + 1 + 2 + 5 + 6 + 4
	if c.cfg.MaxFragmentLength != 0 {
		n += 5
	}
	if c.cfg.Peer.Ticket > 0 {
		n += 4 - 32
	}
	return n
}

func certificateLen(certs []Certificate) int {
	n := 4 + 3
	for _, cert := range certs {
		n += 3 + cert.DER
	}
	return n
}

// signatureLen is that of a signature with a key; ints as in
// Certificate.SignatureInts.
func signatureLen(k Key, ints int) int {
	if k.Type == RSA {
		return k.Bits / 8
	}
	return 2 + 2 + 2 + ints
}

// ownSignatureLen takes the longest for an ECDSA signature.
func (c *Context) ownSignatureLen() int {
	n := c.cfg.ownSignatureInts
	if n == 0 {
		n = 66
	}
	return signatureLen(c.cfg.OwnKey, n)
}

// requestLen is the length of a certificate request with the name of one authority,
// as long as the recordings'. 2.16 lists two signature algorithms more in its own.
func (c *Context) requestLen() int {
	if n := c.cfg.Peer.RequestSize; n != 0 {
		return n
	}
	if c.cfg.Role == Server && c.cfg.Version == V2_16_9 {
		return 101
	}
	return 97
}

func (p *Peer) groups() int { return max(p.Groups, 1) }

func (c *Context) peerHelloLen() int {
	if n := c.cfg.Peer.Hello; n != 0 {
		return n
	}
	n := 234 + 2*(c.cfg.Peer.groups()-1)
	if c.cfg.MaxFragmentLength != 0 {
		n += 5
	}
	return n
}

func (c *Context) peerLeaf() Key {
	if len(c.cfg.Peer.Chain) > 0 {
		return c.cfg.Peer.Chain[0].Key
	}
	return Key{}
}

// outgoing is the length of our certificate message in a state that sends one.
func (c *Context) outgoing(s State) int {
	if c.cfg.Role == Client && s == ClientCertificate && c.cfg.Peer.RequestsCertificate ||
		c.cfg.Role == Server && s == ServerCertificate {
		return certificateLen(c.cfg.Own)
	}
	return 0
}

// incoming is the length of the record that a state reads, 0 if it reads none:
// the other side sends nothing then, and what the state would find is the next
// state's.
func (c *Context) incoming(s State, ticket bool) int {
	p := &c.cfg.Peer
	if c.cfg.Role == Client {
		switch s {
		case ServerHello:
			return c.serverHelloLen()
		case ServerCertificate:
			return certificateLen(p.Chain)
		case ServerKeyExchange:
			return 4 + 4 + c.curve().pointBytes + 4 + signatureLen(c.peerLeaf(), c.peerSignatureInts())
		case CertificateRequest:
			if p.RequestsCertificate {
				return c.requestLen()
			}
		case ServerHelloDone:
			return 4
		case ServerChangeCipherSpec:
			if ticket {
				return 4 + 4 + 2 + p.Ticket
			}
			return 1
		case ServerFinished:
			return finishedLen
		}
		return 0
	}
	mutual := len(p.Chain) > 0
	switch s {
	case ClientHello:
		return c.peerHelloLen()
	case ClientCertificate:
		if mutual {
			return certificateLen(p.Chain)
		}
	case ClientKeyExchange:
		return 4 + 1 + c.curve().pointBytes
	case CertificateVerify:
		if mutual {
			return 4 + 4 + signatureLen(c.peerLeaf(), c.peerSignatureInts())
		}
	case ClientChangeCipherSpec:
		return 1
	case ClientFinished:
		return finishedLen
	}
	return 0
}

// newSessionTicket: ssl_parse_new_session_ticket. The session keeps a copy.
func (c *Context) newSessionTicket() {
	c.receive(c.incoming(ServerChangeCipherSpec, true))
	c.ticket = c.calloc("mbedtls_ssl_handshake_client_step", uint32(c.cfg.Peer.Ticket))
	c.newTicket = false
}
