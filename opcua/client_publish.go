package opcua

import (
	"time"

	"github.com/gopcua/opcua/ua"
)

// clientPublishing is the client's store of Publish requests at the server.
type clientPublishing struct {
	limit       int // requests to keep outstanding
	outstanding int
	stopped     bool          // no more requests until there is a new session
	until       time.Duration // virtual time before which no request is sent
	acks        []*ua.SubscriptionAcknowledgement
}

// fillPublish sends Publish requests until as many are outstanding as the
// subscriptions want.
func (c *Client) fillPublish() error {
	for {
		if !c.publishWanted() || c.p.Now() < c.publish.until {
			return nil
		}
		if err := c.sendPublish(); err != nil {
			return err
		}
	}
}

func (c *Client) publishWanted() bool {
	p := &c.publish
	return c.stage >= StageActive && !p.stopped && len(c.subs) > 0 && p.outstanding < p.limit
}

func (c *Client) sendPublish() error {
	p := &c.publish
	p.outstanding++
	timeout, hint := c.publishTimeout()
	acks := p.acks
	p.acks = nil
	_, err := c.send(&ua.PublishRequest{SubscriptionAcknowledgements: acks}, timeout, hint, func(resp ua.Response, err error) {
		c.publish.outstanding = max(0, c.publish.outstanding-1)
		c.onPublish(resp, err)
	})
	return err
}

// publishTimeout returns how long the client waits for the next Publish
// response, and the hint to the server.
func (c *Client) publishTimeout() (timeout, hint time.Duration) {
	s := c.subs[0]
	keepAlive := time.Duration(s.KeepAliveCount) * s.PublishingInterval
	for _, o := range c.subs[1:] {
		keepAlive = min(keepAlive, time.Duration(o.KeepAliveCount)*o.PublishingInterval)
	}
	switch s.cfg.TimeoutRule {
	case PublishFixed:
		return s.cfg.PublishTimeout, s.cfg.PublishTimeout
	case PublishHint:
		return -1, s.cfg.PublishTimeout
	case PublishPipelined:
		var longest time.Duration = 10 * time.Second
		for _, o := range c.subs {
			longest = max(longest, 2*time.Duration(o.KeepAliveCount+10)*o.PublishingInterval)
		}
		t := longest * time.Duration(c.publish.outstanding)
		return t, t
	}
	t := max(keepAlive, c.cfg.RequestTimeout)
	return t, t
}

// onPublish takes the answer to a Publish request.
func (c *Client) onPublish(resp ua.Response, err error) {
	if c.conn == nil {
		return
	}
	p := &c.publish
	if err != nil {
		e := c.asClientError(err)
		switch {
		case e.Kind == ClientTimedOut || e.Status == ua.StatusBadTimeout:
			// A lost request: the next one takes its place.
		case e.Status == ua.StatusBadTooManyPublishRequests:
			// One fewer from now on, and not at once.
			p.limit = max(1, p.limit-1)
			p.until = c.p.Now() + time.Second
		case clientSessionGone(e.Status):
			c.keepAlive.broken = e
		default:
			p.stopped = true
			c.log("publishing stops: %v", e)
		}
		return
	}
	r, ok := resp.(*ua.PublishResponse)
	if !ok {
		c.keepAlive.broken = c.fail("Publish", ClientMalformed, "answer is not a PublishResponse", nil)
		return
	}
	for _, s := range c.subs {
		if s.ID != r.SubscriptionID {
			continue
		}
		if err := s.notify(r.NotificationMessage); err != nil {
			c.keepAlive.broken = c.asClientError(err)
			return
		}
		if len(r.NotificationMessage.NotificationData) > 0 && !s.cfg.NoAcknowledge {
			p.acks = append(p.acks, &ua.SubscriptionAcknowledgement{
				SubscriptionID: s.ID, SequenceNumber: r.NotificationMessage.SequenceNumber,
			})
		}
		if s.Status>>31 != 0 {
			c.removeSubscription(s)
		}
		return
	}
}
