package mbedtls

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
