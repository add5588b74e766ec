package opcua

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

// A clientKeepAlive is the state of the reads that watch the connection.
type clientKeepAlive struct {
	next    time.Duration // virtual time of the next read; 0: none
	waiting bool          // a read is under way
	failed  int           // reads in a row without an answer
	broken  *ClientError  // why the connection is to be given up
}

// duties does what is due now. An error ends the connection.
func (c *Client) duties() error {
	now := c.p.Now()
	for i := 0; i < len(c.pending); {
		call := c.pending[i]
		if call.deadline == 0 || call.deadline > now {
			i++
			continue
		}
		c.pending = append(c.pending[:i], c.pending[i+1:]...)
		e := c.fail(call.service, ClientTimedOut, "", nil)
		e.Within = call.deadline - call.sent
		call.answer(nil, e)
	}
	if c.keepAlive.broken != nil {
		return c.keepAlive.broken
	}
	if idle := c.cfg.IdleTimeout; idle > 0 && now >= c.traffic+idle {
		e := c.fail(clientStepIdle, ClientTimedOut, "no byte in either direction", nil)
		e.Within = idle
		return e
	}
	if at := c.channel.renewAt; at > 0 && now >= at && !c.channel.renewing {
		if err := c.renew(); err != nil {
			return err
		}
	}
	if at := c.keepAlive.next; at > 0 && now >= at && !c.keepAlive.waiting {
		if err := c.watch(now); err != nil {
			return err
		}
	}
	return c.fillPublish()
}

// nextDuty returns when duties has something to do again; 0: never.
func (c *Client) nextDuty() time.Duration {
	var at time.Duration
	for _, call := range c.pending {
		at = clientEarlier(at, call.deadline)
	}
	if idle := c.cfg.IdleTimeout; idle > 0 {
		at = clientEarlier(at, c.traffic+idle)
	}
	if !c.channel.renewing {
		at = clientEarlier(at, c.channel.renewAt)
	}
	if !c.keepAlive.waiting {
		at = clientEarlier(at, c.keepAlive.next)
	}
	if c.publishWanted() {
		at = clientEarlier(at, c.publish.until)
	}
	return at
}

// watch sends a keep-alive read.
func (c *Client) watch(now time.Duration) error {
	cfg := c.cfg.KeepAlive
	if last := c.answered; cfg.OnlyIdle && now < last+cfg.Interval/2 {
		c.keepAlive.next = last + cfg.Interval/2 + cfg.Interval
		return nil
	}
	ids, err := c.readIDs("Read", []string{cfg.Node})
	if err != nil {
		return err
	}
	timeout := cfg.Timeout << c.keepAlive.failed
	c.keepAlive.waiting = true
	_, err = c.send(&ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth, NodesToRead: ids}, timeout, timeout, func(_ ua.Response, err error) {
		k := &c.keepAlive
		k.waiting = false
		if c.conn == nil {
			return
		}
		k.next = max(c.p.Now(), now+cfg.Interval)
		if err == nil {
			k.failed = 0
			c.stats.KeepAlives++
			return
		}
		e := *c.asClientError(err)
		e.Step = "keep-alive Read"
		switch e.Kind {
		case ClientTimedOut:
			if k.failed++; k.failed >= cfg.Failures {
				k.broken = &e
			}
		case ClientFault:
			k.failed = 0 // the server answers
			if clientSessionGone(e.Status) {
				k.broken = &e
			}
		default:
			k.broken = &e
		}
	})
	return err
}

// clientSessionGone reports whether a status code says that the session, or the
// channel it was on, is not there any more.
func clientSessionGone(s ua.StatusCode) bool {
	switch s {
	case ua.StatusBadSessionIDInvalid, ua.StatusBadSessionClosed, ua.StatusBadSessionNotActivated,
		ua.StatusBadSecureChannelIDInvalid, ua.StatusBadSecureChannelClosed:
		return true
	}
	return false
}

// String describes the client for people: name, stage and session.
func (c *Client) String() string {
	return fmt.Sprintf("%s (%s, %v)", c.cfg.Name, c.cfg.Address, c.stage)
}
