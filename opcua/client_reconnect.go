package opcua

import (
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

// reconnect follows the client's policy after a loss, until the virtual time
// end. again is true if there is a connection once more. Otherwise err says why
// there is none; it is nil if the time ran out while the client still tried.
func (c *Client) reconnect(end time.Duration) (again bool, err error) {
	policy := c.cfg.Reconnect
	lost := c.lost
	wait := policy.FirstDelay
	delay := policy.Delay
	for attempt := 1; ; attempt++ {
		if !c.waitUntil(c.p.Now()+wait, end) {
			return false, nil
		}
		channel, err := c.connectAgain()
		if err == nil {
			return true, nil
		}
		c.stats.Attempts++
		c.log("attempt %d to reconnect: %v", attempt, err)
		if policy.Attempts > 0 && attempt >= policy.Attempts {
			return false, fmt.Errorf("%w; gave up after %d attempts to reconnect: %w", lost, attempt, err)
		}
		if channel {
			wait, delay = max(policy.SessionDelay, 0), policy.Delay
			continue
		}
		wait = max(delay, 0)
		if policy.MaxDelay > 0 {
			delay = min(2*delay, max(policy.MaxDelay, policy.Delay))
		}
	}
}

// waitUntil sleeps until at and reports true, or only until end and reports false.
func (c *Client) waitUntil(at, end time.Duration) bool {
	if at >= end {
		c.p.Sleep(max(0, end-c.p.Now()))
		return false
	}
	c.p.Sleep(at - c.p.Now())
	return true
}

// connectAgain makes a new connection and brings back what was on the old one.
// channel reports whether it came as far as a secure channel.
func (c *Client) connectAgain() (channel bool, err error) {
	policy := c.cfg.Reconnect
	var until time.Duration
	if c.cfg.ConnectWithin > 0 {
		until = c.p.Now() + c.cfg.ConnectWithin
	}
	had := c.session
	for stage := StageConnected; stage <= min(StageChannel, c.cfg.StopAfter); stage++ {
		if err := c.advance(stage, until); err != nil {
			c.drop(err)
			return false, err
		}
	}
	if c.cfg.StopAfter <= StageChannel {
		return true, nil
	}
	if err := c.restore(policy, had, until); err != nil {
		c.drop(err)
		return true, err
	}
	return true, nil
}

// restore takes back the old session, or makes a new one, and its subscriptions.
func (c *Client) restore(policy ReconnectPolicy, had clientSession, until time.Duration) error {
	back := false
	if policy.Reactivate && had.token != nil {
		c.stage = StageCreated
		err := c.advance(StageActive, until)
		if err != nil && !clientIsFault(err) {
			return err
		}
		back = err == nil
	}
	if back {
		c.stats.Reactivations++
		c.log("session %s is back", had.id)
		return c.restoreOld(policy)
	}
	c.session = clientSession{}
	c.stage = StageChannel
	for stage := StageCreated; stage <= c.cfg.StopAfter; stage++ {
		if err := c.advance(stage, until); err != nil {
			c.session = clientSession{} // it never was the client's
			return err
		}
	}
	return c.restoreNew(policy)
}

// restoreOld goes on with the subscriptions that are still on the session.
func (c *Client) restoreOld(policy ReconnectPolicy) error {
	c.publish = clientPublishing{limit: c.publish.limit, stopped: true}
	subs := c.Subscriptions()
	if policy.AlwaysRecreate && len(subs) > 0 {
		again := &ClientSubscription{c: c, cfg: subs[0].cfg}
		if err := again.create(); err != nil {
			return err
		}
		c.subs = append(c.subs, again)
		if err := again.createItems(); err != nil {
			return err
		}
	}
	for _, s := range subs {
		if !policy.Republish {
			break
		}
		err := s.republish()
		if err != nil && clientIsFault(err) && policy.Recreate {
			err = s.recreate()
		}
		if err != nil && !clientIsFault(err) {
			return err
		}
	}
	if policy.Silent {
		if len(c.subs) > 0 {
			c.stage = StageSubscribed
		}
		return nil
	}
	return c.resume()
}

// restoreNew moves the subscriptions to a new session, or makes them anew.
func (c *Client) restoreNew(policy ReconnectPolicy) error {
	c.publish = clientPublishing{limit: c.publish.limit, stopped: true}
	subs := c.Subscriptions()
	moved := make([]bool, len(subs))
	if policy.Transfer && len(subs) > 0 {
		ids := make([]uint32, len(subs))
		for i, s := range subs {
			ids[i] = s.ID
		}
		resp, err := clientDo[*ua.TransferSubscriptionsResponse](c, &ua.TransferSubscriptionsRequest{SubscriptionIDs: ids, SendInitialValues: true}, 0)
		if err != nil && !clientIsFault(err) {
			return err
		}
		if err == nil && len(resp.Results) == len(subs) {
			for i, r := range resp.Results {
				moved[i] = r.StatusCode>>31 == 0
			}
		}
	}
	for i, s := range subs {
		switch {
		case moved[i]:
		case policy.Recreate || policy.AlwaysRecreate:
			if err := s.recreate(); err != nil {
				return err
			}
		default:
			c.removeSubscription(s)
		}
	}
	return c.resume()
}

// resume lets Publish requests go out again.
func (c *Client) resume() error {
	c.publish.stopped = false
	if len(c.subs) > 0 {
		c.stage = StageSubscribed
	}
	return c.fillPublish()
}

// recreate makes the subscription anew, with the same items.
func (s *ClientSubscription) recreate() error {
	if err := s.create(); err != nil {
		return err
	}
	return s.createItems()
}

// clientMaxRepublish bounds how many messages are asked for again.
const clientMaxRepublish = 1000

// republish asks for the notification messages that were missed, until the
// server has no more (Part 4, 5.13.6 and 6.7).
func (s *ClientSubscription) republish() error {
	for range clientMaxRepublish {
		seq := max(s.nextSeq, 1)
		resp, err := clientDo[*ua.RepublishResponse](s.c, &ua.RepublishRequest{SubscriptionID: s.ID, RetransmitSequenceNumber: seq}, 0)
		if errors.Is(err, ua.StatusBadMessageNotAvailable) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.notify(resp.NotificationMessage); err != nil {
			return s.c.lose(err)
		}
		if s.nextSeq == seq {
			return nil // a message that does not move on
		}
	}
	return nil
}

// clientIsFault reports whether a service was answered, if only with a bad
// status code.
func clientIsFault(err error) bool {
	e := (*ClientError)(nil)
	return errors.As(err, &e) && e.Kind == ClientFault
}
