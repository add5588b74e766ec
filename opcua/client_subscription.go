package opcua

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

// A ClientSubscription is a subscription of a client, with what the server made
// of it.
type ClientSubscription struct {
	ID                 uint32
	PublishingInterval time.Duration // revised
	LifetimeCount      uint32        // revised
	KeepAliveCount     uint32        // revised
	Items              []ClientItem  // in the order of the configuration

	KeepAlives    uint64        // keep-alive messages received
	Notifications uint64        // notification messages with data received
	Values        uint64        // values in them
	Missed        uint64        // notification messages that never came, by their numbers
	Dropped       uint64        // notifications that waited for Next and were displaced
	Status        ua.StatusCode // of the StatusChangeNotification that ended it; 0: it lives

	c       *Client
	cfg     SubscriptionConfig
	nextSeq uint32 // sequence number of the next notification message; 0: none seen
	queue   []*ClientNotification
	share   int // its part of the Publish requests that the client keeps outstanding
}

// A ClientItem is a monitored item.
type ClientItem struct {
	Node             string
	ID               uint32        // 0 if it was refused
	Status           ua.StatusCode // of its creation
	SamplingInterval time.Duration // revised
	QueueSize        uint32        // revised
}

// A ClientNotification is a notification message of a subscription.
type ClientNotification struct {
	Subscription *ClientSubscription
	Sequence     uint32        // sequence number of the message
	At           time.Duration // virtual time at which it arrived
	Values       []ClientValue // changed values, in the order of the message
	Status       ua.StatusCode // of a StatusChangeNotification, or 0
}

// A ClientValue is one changed value of a monitored item.
type ClientValue struct {
	Item  int // index into the subscription's Items
	Value *ua.DataValue
}

// clientQueue is how many notifications wait for Next.
const clientQueue = 256

// Subscribe creates a subscription with its items. The zero SubscriptionConfig
// (no Items) stands for the one in the client's configuration. Items that the
// server refuses are no error; their status is in the subscription.
func (c *Client) Subscribe(cfg SubscriptionConfig) (*ClientSubscription, error) {
	if len(cfg.Items) == 0 {
		cfg = c.cfg.Subscription
	}
	cfg, err := cfg.withDefaults(c.cfg)
	if err != nil {
		return nil, err
	}
	s := &ClientSubscription{c: c, cfg: cfg}
	if err := s.create(); err != nil {
		return nil, err
	}
	c.subs = append(c.subs, s)
	s.share = max(cfg.Publish, 0)
	c.publish.limit += s.share
	c.publish.stopped = false
	// Clients send their Publish requests as soon as there is a subscription.
	if err := c.fillPublish(); err != nil {
		return s, c.lose(err)
	}
	if err := s.createItems(); err != nil {
		return s, err
	}
	if c.stage == StageActive {
		c.stage = StageSubscribed
	}
	return s, nil
}

// Subscriptions returns the client's subscriptions, oldest first.
func (c *Client) Subscriptions() []*ClientSubscription {
	return append([]*ClientSubscription(nil), c.subs...)
}

// create asks the server for the subscription and its items.
func (s *ClientSubscription) create() error {
	c, cfg := s.c, s.cfg
	resp, err := clientDo[*ua.CreateSubscriptionResponse](c, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: float64(clientMilliseconds(cfg.PublishingInterval)),
		RequestedLifetimeCount:      cfg.LifetimeCount,
		RequestedMaxKeepAliveCount:  cfg.KeepAliveCount,
		MaxNotificationsPerPublish:  cfg.MaxNotifications,
		PublishingEnabled:           !cfg.Disabled,
		Priority:                    cfg.Priority,
	}, 0)
	if err != nil {
		return err
	}
	s.ID = resp.SubscriptionID
	s.PublishingInterval = clientDuration(resp.RevisedPublishingInterval)
	s.LifetimeCount, s.KeepAliveCount = resp.RevisedLifetimeCount, resp.RevisedMaxKeepAliveCount
	s.Items, s.nextSeq, s.Status = nil, 0, 0
	c.log("subscription %d interval %v items %d", s.ID, s.PublishingInterval, len(cfg.Items))
	return nil
}

func (s *ClientSubscription) createItems() error {
	c, cfg := s.c, s.cfg
	if len(cfg.Items) == 0 {
		return nil
	}
	sampling := float64(clientMilliseconds(cfg.SamplingInterval))
	if cfg.SamplingInterval < 0 {
		sampling = -1
	}
	ids, err := c.readIDs("CreateMonitoredItems", cfg.Items)
	if err != nil {
		return err
	}
	items := make([]*ua.MonitoredItemCreateRequest, len(ids))
	for i, rv := range ids {
		items[i] = &ua.MonitoredItemCreateRequest{
			ItemToMonitor:  rv,
			MonitoringMode: ua.MonitoringModeReporting,
			RequestedParameters: &ua.MonitoringParameters{
				ClientHandle:     uint32(i) + 1,
				SamplingInterval: sampling,
				QueueSize:        cfg.QueueSize,
				DiscardOldest:    !cfg.KeepOldest,
			},
		}
	}
	resp, err := clientDo[*ua.CreateMonitoredItemsResponse](c, &ua.CreateMonitoredItemsRequest{
		SubscriptionID: s.ID, TimestampsToReturn: ua.TimestampsToReturnBoth, ItemsToCreate: items,
	}, 0)
	if err != nil {
		return err
	}
	if len(resp.Results) != len(items) {
		return c.lose(c.fail("CreateMonitoredItems", ClientMalformed, fmt.Sprintf("%d results, expected %d", len(resp.Results), len(items)), nil))
	}
	for i, r := range resp.Results {
		s.Items = append(s.Items, ClientItem{
			Node: cfg.Items[i], ID: r.MonitoredItemID, Status: r.StatusCode,
			SamplingInterval: clientDuration(r.RevisedSamplingInterval), QueueSize: r.RevisedQueueSize,
		})
	}
	return nil
}

// Delete deletes the subscription on the server.
func (s *ClientSubscription) Delete() error {
	c := s.c
	resp, err := clientDo[*ua.DeleteSubscriptionsResponse](c, &ua.DeleteSubscriptionsRequest{SubscriptionIDs: []uint32{s.ID}}, 0)
	if err != nil {
		return err
	}
	c.removeSubscription(s)
	if len(resp.Results) == 1 && resp.Results[0]>>31 != 0 {
		e := c.fail("DeleteSubscriptions", ClientFault, fmt.Sprintf("subscription %d", s.ID), nil)
		e.Status = resp.Results[0]
		return e
	}
	return nil
}

func (c *Client) removeSubscription(s *ClientSubscription) {
	for i, o := range c.subs {
		if o == s {
			c.subs = append(c.subs[:i], c.subs[i+1:]...)
			c.publish.limit = max(0, c.publish.limit-s.share)
			break
		}
	}
	if len(c.subs) == 0 && c.stage == StageSubscribed {
		c.stage = StageActive
	}
}

// Next waits up to d for a notification message with data, letting the client
// work meanwhile. It returns nil without an error if none came.
func (s *ClientSubscription) Next(d time.Duration) (*ClientNotification, error) {
	err := s.c.pump("Publish", s.c.p.Now()+d, func() bool { return len(s.queue) > 0 })
	if len(s.queue) > 0 {
		n := s.queue[0]
		s.queue = s.queue[1:]
		return n, nil
	}
	if e, ok := err.(*ClientError); ok && e.Kind == ClientTimedOut && s.c.conn != nil {
		return nil, nil
	}
	return nil, err
}

// notify takes a notification message.
func (s *ClientSubscription) notify(m *ua.NotificationMessage) error {
	c := s.c
	if len(m.NotificationData) == 0 {
		s.KeepAlives++
		s.nextSeq = m.SequenceNumber // Part 4, 5.13.1.1: the number of the next message
		return nil
	}
	if s.nextSeq != 0 && m.SequenceNumber > s.nextSeq {
		s.Missed += uint64(m.SequenceNumber - s.nextSeq)
	}
	if s.nextSeq = m.SequenceNumber + 1; s.nextSeq == 0 {
		s.nextSeq = 1
	}
	n := &ClientNotification{Subscription: s, Sequence: m.SequenceNumber, At: c.p.Now()}
	for _, data := range m.NotificationData {
		switch v := data.Value.(type) {
		case *ua.DataChangeNotification:
			for _, item := range v.MonitoredItems {
				if item.ClientHandle == 0 || int64(item.ClientHandle) > int64(len(s.cfg.Items)) {
					return c.fail("Publish", ClientMalformed, fmt.Sprintf("subscription %d: value for client handle %d, there are %d items", s.ID, item.ClientHandle, len(s.cfg.Items)), nil)
				}
				n.Values = append(n.Values, ClientValue{Item: int(item.ClientHandle) - 1, Value: item.Value})
			}
		case *ua.StatusChangeNotification:
			n.Status, s.Status = v.Status, v.Status
		}
	}
	s.Notifications++
	s.Values += uint64(len(n.Values))
	c.stats.Notifications++
	c.stats.Values += uint64(len(n.Values))
	if s.cfg.OnNotification != nil {
		s.cfg.OnNotification(n)
		return nil
	}
	if len(s.queue) == clientQueue {
		s.queue = s.queue[1:]
		s.Dropped++
	}
	s.queue = append(s.queue, n)
	return nil
}
