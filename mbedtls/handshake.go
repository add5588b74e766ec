package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

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

// State returns what the next Step does. v5.3.1's dynamic buffers change the
// state for a session ticket as soon as the step before is over, mbedTLS itself
// within the step.
func (c *Context) State() State {
	if c.cfg.DynamicBuffer && c.cfg.Version == V3_6_0 && c.newTicket && c.state == ServerChangeCipherSpec {
		return NewSessionTicket
	}
	return c.state
}

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
