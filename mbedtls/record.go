package mbedtls

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

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
			}
			c.send(k + gcmExpansion)
			if c.cfg.DynamicBuffer {
				c.freeTx()
			}
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
		}
		c.receive(n + gcmExpansion)
		if c.cfg.DynamicBuffer {
			c.freeRx()
		}
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
		}
		c.send(2 + gcmExpansion)
		if c.cfg.DynamicBuffer {
			c.freeTx()
		}
	})
}

// Transfer is one record of a handshake, as the device sees it.
type Transfer struct {
	Send bool // the device sends it
	Len  int  // bytes with the record's header
}

// Transfers lists the records of the handshake of a configuration, in order:
// what a program on the other side has to do is the reverse.
func Transfers(cfg Config) ([]Transfer, error) {
	t := &transcript{}
	c, err := New(t, cfg)
	if err != nil {
		return nil, err
	}
	c.UsePort(t)
	if err := c.Setup(); err != nil {
		return nil, err
	}
	if err := c.Handshake(); err != nil {
		return nil, err
	}
	return t.list, nil
}

// transcript is a memory without end, and a port that notes what passes.
type transcript struct {
	list   []Transfer
	blocks heap.Addr
	header int
}

func (t *transcript) Calloc(string, uint32) heap.Addr {
	t.blocks++
	return t.blocks
}

func (t *transcript) Free(heap.Addr) {}

func (t *transcript) Send(n int) error {
	t.list = append(t.list, Transfer{true, n})
	return nil
}

func (t *transcript) Recv(n int) error {
	if t.header == 0 {
		t.header = n
		return nil
	}
	t.list = append(t.list, Transfer{false, t.header + n})
	t.header = 0
	return nil
}

func (t *transcript) Spend(Operation, int) {}
