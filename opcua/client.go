package opcua

import (
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// A Client is an OPC UA client on a simulated host. It belongs to one process
// of the loop, the one that dialled, and makes progress only inside calls from
// it: a request waits for its answer, Stay lets time pass. Whatever is due
// meanwhile (renewal of the channel, keep-alive reads, Publish requests and
// acknowledgements) is done in both.
type Client struct {
	cfg       ClientConfig
	p         *vtime.Proc
	transport ClientTransport

	conn       ClientConn // nil: not connected
	reader     clientReader
	rbuf       []byte
	ack        uacp.Acknowledge // what the server said in ACK
	stage      ClientStage
	discovered bool         // the server's endpoints are known
	left       bool         // the client said good-bye, or was killed or lost for good
	lost       *ClientError // why the connection is gone

	channel clientChannel
	crypto  *clientCrypto // nil: no security
	session clientSession
	subs    []*ClientSubscription
	publish clientPublishing

	request   uint32        // last request id, which also is the request handle
	pending   []*clientCall // in the order sent
	traffic   time.Duration // virtual time of the last byte in either direction
	answered  time.Duration // virtual time of the last complete answer
	keepAlive clientKeepAlive

	stats   ClientStats
	reached func(ClientStage) // told of each stage while connecting; may be nil
}

// ClientStats counts what a client did and saw since it was dialled.
type ClientStats struct {
	Requests, Responses      uint64 // messages of services, Publish included
	BytesSent, BytesReceived uint64
	Late                     uint64 // answers to requests that had timed out
	Renewals                 uint64 // tokens renewed
	KeepAlives               uint64 // keep-alive reads answered
	Notifications            uint64 // notification messages with data
	Values                   uint64 // values in them
	Connects                 uint64 // TCP connections made
	Sessions                 uint64 // sessions created
	Reactivations            uint64 // old sessions taken back
	Losses                   uint64 // connections lost
	Attempts                 uint64 // failed attempts to reconnect
}

// Dial connects: TCP, HEL, OpenSecureChannel, CreateSession and ActivateSession,
// each as cfg says, up to cfg.StopAfter. If a step fails what was there is
// closed as a client does that gives up (TCP only) and the error, a *ClientError
// except for a configuration that makes no sense, names the step.
func Dial(p *vtime.Proc, t ClientTransport, cfg ClientConfig) (*Client, error) {
	c, err := newClient(p, t, cfg)
	if err != nil {
		return nil, err
	}
	if err := c.connect(); err != nil {
		return nil, err
	}
	return c, nil
}

func newClient(p *vtime.Proc, t ClientTransport, cfg ClientConfig) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, p: p, transport: t}
	if c.crypto, err = c.newCrypto(); err != nil {
		return nil, fmt.Errorf("client %q: %w", cfg.Name, err)
	}
	return c, nil
}

// Config returns the configuration with its defaults filled in.
func (c *Client) Config() ClientConfig { return c.cfg }

// Stage returns how far the client has come; StageNone without a connection.
func (c *Client) Stage() ClientStage { return c.stage }

// Stats returns the counts so far.
func (c *Client) Stats() ClientStats { return c.stats }

// Lost returns why the connection is gone, or nil.
func (c *Client) Lost() *ClientError { return c.lost }

// ChannelID returns the id of the secure channel and of its newest token.
func (c *Client) ChannelID() (channel, token uint32) { return c.channel.id, c.channel.token }

// ChannelLifetime returns the revised lifetime of the newest token.
func (c *Client) ChannelLifetime() time.Duration { return c.channel.lifetime }

// SessionID returns the session's node id, or nil without one.
func (c *Client) SessionID() *ua.NodeID { return c.session.id }

// SessionTimeout returns the revised session timeout.
func (c *Client) SessionTimeout() time.Duration { return c.session.timeout }

// Stay lets d of virtual time pass as an idle client does: it renews its
// channel, keeps its session alive, takes notifications, and reconnects if its
// policy says so. It returns early only if the connection is lost for good, and
// late only by an attempt to reconnect that was under way.
func (c *Client) Stay(d time.Duration) error {
	end := c.p.Now() + d
	for {
		err := c.pump(clientStepIdle, end, nil)
		if err == nil {
			return nil
		}
		if c.left || c.cfg.Reconnect.Attempts == 0 {
			return err
		}
		if again, err := c.reconnect(end); !again {
			return err
		}
	}
}

// connect makes the connection and everything above it up to StopAfter.
func (c *Client) connect() error {
	var until time.Duration
	if c.cfg.ConnectWithin > 0 {
		until = c.p.Now() + c.cfg.ConnectWithin
	}
	unknown := c.crypto != nil && c.crypto.server == nil && c.cfg.StopAfter >= StageChannel
	if unknown || c.cfg.Discovery == DiscoverElsewhere && c.cfg.StopAfter > StageChannel {
		if err := c.discoverElsewhere(); err != nil {
			return err
		}
	}
	for stage := StageConnected; stage <= c.cfg.StopAfter; stage++ {
		if err := c.advance(stage, until); err != nil {
			c.drop(err)
			return err
		}
	}
	return nil
}

// advance takes the one step to stage.
func (c *Client) advance(stage ClientStage, until time.Duration) error {
	var err error
	switch stage {
	case StageConnected:
		err = c.connectTCP(until)
	case StageHello:
		err = c.hello(until)
	case StageChannel:
		err = c.openChannel(until)
	case StageCreated:
		if err = c.discover(until); err == nil {
			err = c.createSession(until)
		}
	case StageActive:
		if err = c.activateSession(until); err == nil {
			err = c.readOnConnect(until)
		}
	}
	if err == nil {
		c.stage = stage
		if c.reached != nil {
			c.reached(stage)
		}
	}
	return err
}

// drop forgets the connection after an error; what is left of it is closed.
func (c *Client) drop(err error) {
	if c.conn != nil {
		c.conn.Close()
	}
	c.disconnected(c.asClientError(err))
}

// disconnected ends everything that belonged to the connection. The session and
// the subscriptions stay known: a later connection may take them back.
func (c *Client) disconnected(err *ClientError) {
	c.conn, c.lost, c.stage = nil, err, StageNone
	c.reader = clientReader{}
	c.channel = clientChannel{}
	c.keepAlive = clientKeepAlive{}
	c.publish.outstanding = 0
	calls := c.pending
	c.pending = nil
	for _, call := range calls {
		call.answer(nil, err)
	}
}

func (c *Client) asClientError(err error) *ClientError {
	if e := (*ClientError)(nil); errors.As(err, &e) {
		return e
	}
	return c.fail(clientStepIdle, ClientLost, "", err)
}

// log writes a line to the world's log.
func (c *Client) log(format string, args ...any) {
	c.p.Loop().Log().Emit(c.cfg.Name, format, args...)
}

// pump lets the client work until done returns true (nil) or the virtual time
// until has come: also nil if done is nil, else a ClientTimedOut error. until 0
// means no limit. Any other error has ended the connection.
func (c *Client) pump(step string, until time.Duration, done func() bool) error {
	started := c.p.Now()
	for {
		if c.conn == nil {
			return c.gone(step)
		}
		if err := c.duties(); err != nil {
			return c.lose(err)
		}
		if done != nil && done() {
			return nil
		}
		if c.conn == nil {
			return c.gone(step)
		}
		now := c.p.Now()
		if until > 0 && now >= until {
			if done == nil {
				return nil
			}
			e := c.fail(step, ClientTimedOut, "", nil)
			e.Within = now - started
			return e
		}
		if err := c.receive(step, clientEarlier(until, c.nextDuty())); err != nil {
			return c.lose(err)
		}
	}
}

// receive waits for bytes until the given time and acts on the messages that
// they complete.
func (c *Client) receive(step string, until time.Duration) error {
	if c.rbuf == nil {
		c.rbuf = make([]byte, 4096)
	}
	now := c.p.Now()
	var timeout time.Duration
	if until > 0 {
		timeout = max(until-now, 1)
	}
	n, err := c.conn.Read(c.p, c.rbuf, timeout)
	if n > 0 {
		c.stats.BytesReceived += uint64(n)
		c.traffic = c.p.Now()
		c.reader.feed(c.rbuf[:n])
		if err := c.dispatchAll(step); err != nil {
			return err
		}
	}
	if err == nil {
		return nil
	}
	e := c.connError(step, now, timeout, err)
	if e.Kind == ClientTimedOut {
		return nil
	}
	return e
}

// lose ends the connection because of err.
func (c *Client) lose(err error) error {
	e := c.asClientError(err)
	if c.conn != nil {
		c.stats.Losses++
		c.log("lost: %v", e)
		c.drop(e)
	}
	return e
}

// gone is the error of a call on a client that has no connection.
func (c *Client) gone(step string) error {
	if c.lost != nil {
		return c.lost
	}
	return c.fail(step, ClientMisuse, "there is no connection", nil)
}

func clientEarlier(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
