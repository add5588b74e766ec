package mbedtls

import "github.com/plimsoll-sim/plimsoll/heap"

// Dynamic buffers (ESP-IDF components/mbedtls/port/dynamic): the record buffers
// exist only while there is something in them. In between, a small block keeps
// the counter and the IV. The old block is freed before the new one is taken,
// so they never coexist, but every step is a new large allocation.

const (
	bufHead = 8       // state and length in front of a buffer
	txIdle  = 13 + 24 // TX_IDLE_BUFFER_SIZE: header, counter, IV
	rxIdle  = 16      // counter and IV
)

// txBuffer and rxBuffer say what the one block of a direction is at the moment.
type txBuffer struct {
	p      heap.Addr
	cached bool // a whole buffer
}

type rxBuffer struct {
	p      heap.Addr
	cached bool
}

// setupTx: esp_mbedtls_setup_tx_buffer.
func (c *Context) setupTx() {
	c.tx.p = c.calloc("esp_mbedtls_alloc_tx_buf", bufHead+txIdle)
}

// addTx: esp_mbedtls_add_tx_buffer; content 0 is the configured length. A given
// length gets the overhead a second time in handshakes, because their callers
// pass the length of a whole buffer.
func (c *Context) addTx(content int) {
	if c.tx.cached {
		return
	}
	c.free(&c.tx.p)
	if content == 0 {
		content = c.cfg.OutContentLen
	}
	c.tx.p = c.calloc("esp_mbedtls_add_tx_buffer", uint32(bufHead+bufferLen(content)))
	c.tx.cached = true
}

// freeTx: esp_mbedtls_free_tx_buffer.
func (c *Context) freeTx() {
	if !c.tx.cached {
		return
	}
	c.free(&c.tx.p)
	c.tx.cached = false
	c.tx.p = c.calloc("esp_mbedtls_free_tx_buffer", bufHead+txIdle)
}

// addRx: esp_mbedtls_add_rx_buffer, sized by the header of the record that is
// next.
func (c *Context) addRx(record int) {
	if c.rx.cached {
		return
	}
	c.awaitHeader()
	c.free(&c.rx.p)
	c.rx.p = c.calloc("esp_mbedtls_add_rx_buffer", uint32(bufHead+bufferLen(record)))
	c.rx.cached = true
}

// freeRx: esp_mbedtls_free_rx_buffer.
func (c *Context) freeRx() {
	if !c.rx.cached {
		return
	}
	c.free(&c.rx.p)
	c.rx.cached = false
	c.rx.p = c.calloc("esp_mbedtls_free_rx_buffer", bufHead+rxIdle)
}

// reads tells whether a state begins with receiving.
func (c *Context) reads(s State) bool {
	if c.cfg.Role == Client {
		switch s {
		case ServerHello, ServerCertificate, ServerKeyExchange, CertificateRequest, ServerHelloDone,
			ServerChangeCipherSpec, ServerFinished:
			return true
		}
		return false
	}
	switch s {
	case ClientHello, ClientCertificate, ClientKeyExchange, CertificateVerify, ClientChangeCipherSpec, ClientFinished:
		return true
	}
	return false
}

func (c *Context) writes(s State) bool {
	return s > HelloRequest && s < FlushBuffers && !c.reads(s)
}

// buffersBefore: manage_resource(ssl, true).
func (c *Context) buffersBefore(s State, ticket bool) {
	switch {
	case c.reads(s):
		// A state whose message is left out meets the next state's record,
		// whose buffer then waits for that state.
		n := c.incoming(s, ticket)
		for next := s; n == 0; {
			next++
			n = c.incoming(next, false)
		}
		c.addRx(n)
	case c.writes(s):
		n := bufferLen(c.cfg.OutContentLen)
		if s == ClientCertificate || s == ServerCertificate {
			n = max(n, certificateLen(c.certs())-4)
		}
		c.addTx(n)
	}
}

// certs is the own chain as long as the configuration has it.
func (c *Context) certs() []Certificate {
	if len(c.own) == 0 || c.keyCert == 0 {
		return nil
	}
	return c.cfg.Own
}

// buffersAfter: manage_resource(ssl, false).
func (c *Context) buffersAfter(s State, ticket bool) {
	// The hello of 3.x has not left yet when its step ends.
	if s != ClientHello || c.cfg.Role == Server || c.v.helloFlushed {
		c.freeTx()
	}
	// A server's v4.3 port does not see that the hello has been read: its buffer
	// waits for the next message.
	keptHello := c.v.helloRxKept && s == ClientHello
	if c.reads(s) && c.incoming(s, ticket) > 0 && !ticket && !keptHello {
		c.freeRx()
	}
	c.freeConfigData(s)
}

// freeConfigData is what DYNAMIC_FREE_CONFIG_DATA, DYNAMIC_FREE_CA_CERT and
// DYNAMIC_FREE_PEER_CERT give back as soon as the handshake is past needing it.
func (c *Context) freeConfigData(s State) {
	client := c.cfg.Role == Client
	if c.cfg.DynamicFreeCACert && (client && s == ServerCertificate || !client && s == ClientCertificate) {
		c.freeCA()
	}
	if c.v.peerCertAtSKE && !c.cfg.KeepPeerCertificate &&
		(client && s == ServerKeyExchange || !client && s == ClientChangeCipherSpec) {
		c.chainFree(&c.peerCert)
	}
	if !c.cfg.DynamicFreeConfigData {
		return
	}
	if !client && s == ServerCertificate {
		c.freeOwnCert()
	}
	if client && s == CertificateVerify || !client && s == ServerKeyExchange {
		c.bn.Release(&c.dhm[0], &c.dhm[1])
		c.freeOwnKey()
		c.free(&c.keyCert)
	}
}
