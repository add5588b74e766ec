package mbedtls

import "github.com/plimsoll-sim/plimsoll/heap"

// prf: tls_prf_generic with SHA-384. Its input, label and seed behind a digest,
// is on the heap in 3.x and on the stack in 2.16.
func (c *Context) prf(label string, seed int) {
	var input heap.Addr
	if c.v.prfOnHeap {
		input = c.calloc("tls_prf_generic", uint32(48+len(label)+seed))
	}
	var h hmacDRBG // the same two blocks: a hash context and the padded keys
	defer func() {
		c.hmacDRBGFree(&h)
		c.free(&input)
	}()
	c.hmacDRBGSeed(&h)
}

// deriveKeys: mbedtls_ssl_derive_keys with the extended master secret, then the
// two ciphers of the transform.
func (c *Context) deriveKeys() {
	c.copyTranscript()
	c.prf("extended master secret", 48)
	c.prf("key expansion", 64)
	for i := range c.cipher {
		c.cipher[i].gcm = c.calloc("gcm_ctx_alloc", c.size.GCM)
	}
	if c.cfg.Hardware && c.cfg.Version == V3_6_0 {
		return // the accelerator's context contains the AES key
	}
	for i := range c.cipher {
		c.cipher[i].aes = c.calloc("aes_ctx_alloc", c.size.AES)
	}
}

// finished: ssl_calc_finished_tls_generic for either side.
func (c *Context) finished() {
	hash := func() { c.prf("client finished", 48) }
	if c.v.mdOnHeap {
		c.withHash(hash)
		return
	}
	hash()
}
