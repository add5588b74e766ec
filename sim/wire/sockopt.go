package wire

import (
	"errors"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// SetNoDelay switches Nagle's algorithm off (true, TCP_NODELAY) or on (false,
// as a new connection has it).
func (c *Conn) SetNoDelay(on bool) {
	if c.broken() != nil {
		return
	}
	c.ep.SocketOptions().SetDelayOption(!on)
	c.m.rest()
}

// SetKeepAlive has TCP probe a connection that was idle for idle, each interval,
// and give it up after count probes without answer. An idle of 0 switches it
// off; as a new connection has it.
func (c *Conn) SetKeepAlive(idle, interval time.Duration, count int) error {
	if err := c.broken(); err != nil {
		return c.fail("setsockopt", err)
	}
	if idle == 0 {
		c.ep.SocketOptions().SetKeepAlive(false)
		c.m.rest()
		return nil
	}
	if idle < 0 || interval <= 0 || count < 1 {
		return c.fail("setsockopt", errors.New("keep-alive needs an idle time and an interval above 0 and at least 1 probe"))
	}
	idleOpt, intervalOpt := tcpip.KeepaliveIdleOption(idle), tcpip.KeepaliveIntervalOption(interval)
	terr := c.ep.SetSockOpt(&idleOpt)
	if terr == nil {
		terr = c.ep.SetSockOpt(&intervalOpt)
	}
	if terr == nil {
		terr = c.ep.SetSockOptInt(tcpip.KeepaliveCountOption, count)
	}
	if terr == nil {
		c.ep.SocketOptions().SetKeepAlive(true)
	}
	c.m.rest()
	if terr != nil {
		return c.fail("setsockopt", fromStack(terr))
	}
	return nil
}
