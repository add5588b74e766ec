package live

import (
	"errors"
	"io"
	"time"
)

// halfOpenPause is the least time between two looks at a connection of which the
// peer has sent FIN.
const halfOpenPause = 20 * time.Millisecond

// read is the goroutine that reads the real side. It holds one chunk, and waits
// until that was taken.
func (c *conn) read() {
	buf := make([]byte, chunk)
	for {
		n, err := c.real.Read(buf)
		if n > 0 {
			if !c.tell(func() { c.in = buf[:n] }) {
				return
			}
			select {
			case <-c.credit:
			case <-c.gone:
				return
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			if c.tell(func() { c.inEOF = true }) {
				c.watch()
			}
			return
		default:
			c.fail()
			return
		}
	}
}

// watch waits, on a connection of which the peer has sent FIN, for its RST.
func (c *conn) watch() {
	raw, err := c.real.SyscallConn()
	if err != nil {
		c.fail()
		return
	}
	for {
		waited := false
		// It returns when the system reports something new, and at once where
		// it reports the FIN again.
		err := raw.Read(func(uintptr) bool {
			again := waited
			waited = true
			return again
		})
		if err == nil {
			_, err = c.real.Read(make([]byte, 1))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			c.fail()
			return
		}
		select {
		case <-c.gone:
			return
		case <-time.After(halfOpenPause):
		}
	}
}

// write is the goroutine that writes the real side.
func (c *conn) write() {
	for {
		var b []byte
		select {
		case b = <-c.out:
		case <-c.gone:
			return
		}
		var err error
		if b == nil {
			err = c.real.CloseWrite()
		} else {
			_, err = c.real.Write(b)
		}
		if err != nil {
			c.fail()
			return
		}
		if !c.s.post(func() {
			c.writing = false
			if !c.ended {
				c.down.Wake()
			}
		}) {
			return
		}
	}
}

// tell has the loop set something that concerns what goes to the device. It
// reports false if the connection has ended.
func (c *conn) tell(f func()) bool {
	select {
	case <-c.gone:
		return false
	default:
	}
	return c.s.post(func() {
		if c.ended {
			return
		}
		f()
		c.up.Wake()
	})
}

// fail tells the loop that the real side was reset, or is gone in another way.
func (c *conn) fail() {
	c.s.post(func() { c.end(reset) })
}
