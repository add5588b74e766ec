package mbedtls

import "fmt"

// BadRecordError says that a record is longer than the input buffer takes
// (MBEDTLS_ERR_SSL_BAD_INPUT_DATA, -0x7100, as recorded).
type BadRecordError struct {
	Content int // bytes in the record
	Max     int // bytes that the buffer takes
}

func (e *BadRecordError) Error() string {
	return fmt.Sprintf("mbedtls_ssl_read: record of %d bytes in a buffer for %d (-0x7100)", e.Content, e.Max)
}

// BufferTooSmallError says that a handshake message does not fit into the output
// buffer: MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL. Messages are not fragmented.
type BufferTooSmallError struct {
	Message int // bytes of the message
	Max     int // bytes that the buffer takes: OutContentLen
}

func (e *BufferTooSmallError) Error() string {
	return fmt.Sprintf("message of %d bytes in a buffer for %d (-0x6a00)", e.Message, e.Max)
}

const gcmExpansion = 24 // explicit nonce and tag

// Write is mbedtls_ssl_write: n bytes in as many records as needed.
func (c *Context) Write(n int) error {
	return c.step(setupStream, func() {
		limit := c.fragmentLength()
		if c.cfg.MaxFragmentLength == 0 {
			limit = c.cfg.OutContentLen
		}
		for n > 0 {
			k := min(n, limit)
			if c.cfg.DynamicBuffer {
				c.addTx(0)
				c.freeTx()
			}
			c.send(k + gcmExpansion)
			n -= k
		}
	})
}

// Read is mbedtls_ssl_read of one record with n bytes of content, to its end.
func (c *Context) Read(n int) error {
	if limit := c.maxContent(); n > limit {
		return &BadRecordError{n, limit}
	}
	return c.step(setupStream, func() {
		if c.cfg.DynamicBuffer {
			c.addRx(n + gcmExpansion)
			c.freeRx()
		}
		c.receive(n + gcmExpansion)
	})
}

// maxContent is what the input buffer takes.
func (c *Context) maxContent() int {
	if c.cfg.DynamicBuffer {
		return c.cfg.InContentLen
	}
	return c.inLen - headerLen - payloadOverhead
}

// CloseNotify is mbedtls_ssl_close_notify.
func (c *Context) CloseNotify() error {
	return c.step(setupStream, func() {
		if c.cfg.DynamicBuffer {
			c.addTx(0)
			c.freeTx()
		}
		c.send(2 + gcmExpansion)
	})
}
