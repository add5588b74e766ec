package mbedtls

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
