package opcua

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/uasc"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A Leaving is how a client ends.
type Leaving uint8

const (
	LeaveClose  Leaving = iota // CloseSession, CloseSecureChannel, FIN
	LeaveFIN                   // FIN without a word of OPC UA: the client's process died
	LeaveRST                   // RST without a word of OPC UA
	LeaveVanish                // nothing at all: cable pulled, power lost
)

// String returns "close", "fin", "rst" or "vanish".
func (l Leaving) String() string {
	names := [...]string{"close", "fin", "rst", "vanish"}
	if int(l) < len(names) {
		return names[l]
	}
	return fmt.Sprintf("Leaving(%d)", uint8(l))
}

// ParseLeaving is the inverse of String.
func ParseLeaving(s string) (Leaving, error) {
	for l := LeaveClose; l <= LeaveVanish; l++ {
		if s == l.String() {
			return l, nil
		}
	}
	return 0, fmt.Errorf("way to leave %q, expected close, fin, rst or vanish", s)
}

// A ClientLife is the whole life of a client: it connects, subscribes if its
// configuration has items, stays, and leaves.
type ClientLife struct {
	Config ClientConfig
	Stay   time.Duration // from the end of connecting and subscribing to the leaving
	Leave  Leaving       // default LeaveClose

	Read      []string      // nodes read every ReadEvery while it stays; default none
	ReadEvery time.Duration // default 1 s

	// UnfinishedChunk sends so many bytes of a chunk of the largest size, and
	// never the rest, before it stays. Default 0; it needs a secure channel.
	UnfinishedChunk int
	// Deaf: while it stays the client neither reads nor sends, so that what the
	// server sends fills the buffers of TCP. Default false.
	Deaf bool
}

// A ClientReport is what became of a client.
type ClientReport struct {
	Name    string
	Leave   Leaving
	Started time.Duration // virtual time of the TCP connect
	Ready   time.Duration // virtual time at which it was connected (and subscribed); 0: never
	Ended   time.Duration // virtual time of its end
	Done    bool          // it has ended
	Reached ClientStage   // how far it came
	Err     error         // why it did not live to its leaving, or what failed at the good-bye; nil: all went well

	ChannelLifetime time.Duration // revised
	SessionTimeout  time.Duration // revised
	Stats           ClientStats
	KeepAlives      uint64 // keep-alive messages of its subscriptions
}

// OK reports whether the client ended its life as it wanted.
func (r *ClientReport) OK() bool { return r.Done && r.Err == nil }

// String tells the client's life in one line.
func (r *ClientReport) String() string {
	switch {
	case !r.Done:
		return fmt.Sprintf("%s: started at %v, %v", r.Name, r.Started, r.Reached)
	case r.Err != nil:
		return fmt.Sprintf("%s: started at %v, came to %v: %v", r.Name, r.Started, r.Reached, r.Err)
	}
	return fmt.Sprintf("%s: started at %v, came to %v, left (%v) at %v", r.Name, r.Started, r.Reached, r.Leave, r.Ended)
}

// RunClient lives the life of a client in process p and reports it.
func RunClient(p *vtime.Proc, t ClientTransport, life ClientLife) ClientReport {
	var r ClientReport
	runClient(p, t, life, &r)
	return r
}

// runClient is RunClient with a report that can be looked at meanwhile.
func runClient(p *vtime.Proc, t ClientTransport, life ClientLife, r *ClientReport) {
	*r = ClientReport{Name: life.Config.Name, Leave: life.Leave, Started: p.Now()}
	c, err := newClient(p, t, life.Config)
	if err != nil {
		r.Err, r.Ended, r.Done = err, p.Now(), true
		return
	}
	r.Name = c.cfg.Name
	err = life.run(c, r)
	var keepAlives uint64
	for _, s := range c.subs {
		keepAlives += s.KeepAlives
	}
	if err == nil && !c.left {
		err = life.leave(c)
	}
	if err != nil {
		c.log("ends: %v", err)
	}
	r.Err, r.Ended, r.Done = err, p.Now(), true
	r.Stats, r.KeepAlives = c.stats, keepAlives
}

func (life *ClientLife) run(c *Client, r *ClientReport) error {
	c.reached = func(s ClientStage) { r.Reached = max(r.Reached, s) }
	if err := c.connect(); err != nil {
		return err
	}
	r.ChannelLifetime, r.SessionTimeout = c.channel.lifetime, c.session.timeout
	if len(c.cfg.Subscription.Items) > 0 && c.stage >= StageActive {
		if _, err := c.Subscribe(SubscriptionConfig{}); err != nil {
			return errors.Join(err, c.giveUp())
		}
		r.Reached = c.stage
	}
	if life.UnfinishedChunk > 0 {
		if err := c.unfinishedChunk(life.UnfinishedChunk); err != nil {
			return err
		}
	}
	r.Ready = c.p.Now()
	if life.Deaf {
		c.p.Sleep(life.Stay)
		return nil
	}
	return life.stay(c)
}

// stay passes the time, with reads.
func (life *ClientLife) stay(c *Client) error {
	end := c.p.Now() + life.Stay
	every := life.ReadEvery
	clientDefault(&every, time.Second)
	for len(life.Read) > 0 && c.p.Now()+every < end {
		if err := c.Stay(every); err != nil {
			return err
		}
		if c.conn == nil {
			break // it still tries to reconnect when its time is over
		}
		if _, err := c.Read(life.Read...); err != nil && c.cfg.Reconnect.Attempts == 0 {
			return errors.Join(err, c.giveUp())
		}
	}
	return c.Stay(max(0, end-c.p.Now()))
}

// leave ends the life as wanted. A client that has no connection at that moment
// has nothing to end.
func (life *ClientLife) leave(c *Client) error {
	if c.conn == nil {
		return c.lost
	}
	switch life.Leave {
	case LeaveFIN:
		c.Kill(KillFIN)
	case LeaveRST:
		c.Kill(KillRST)
	case LeaveVanish:
		c.Vanish()
	default:
		return c.Close()
	}
	return nil
}

// giveUp is what a client does when a step after connecting failed: it says
// good-bye if it still can.
func (c *Client) giveUp() error {
	if c.conn == nil {
		return nil
	}
	return c.Close()
}

// unfinishedChunk sends the first n bytes of a chunk of the largest size that
// the server takes.
func (c *Client) unfinishedChunk(n int) error {
	const step = "unfinished chunk"
	if c.channel.id == 0 {
		return c.fail(step, ClientMisuse, "there is no secure channel", nil)
	}
	size := int(c.channel.maxChunk)
	if n >= size {
		return c.fail(step, ClientMisuse, fmt.Sprintf("%d bytes, but a chunk has %d at most", n, size), nil)
	}
	b := append(make([]byte, 0, max(n, 24)), uasc.MessageTypeMessage...)
	b = append(b, uasc.ChunkTypeFinal)
	c.request++
	for _, v := range []uint32{uint32(size), c.channel.id, c.channel.token, c.channel.nextSequence(), c.request} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for len(b) < n {
		b = append(b, 0)
	}
	return c.SendRaw(b[:n])
}
