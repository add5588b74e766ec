package opcua

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"
)

// A clientChannel is the client's side of a secure channel.
type clientChannel struct {
	id        uint32 // 0: not open
	token     uint32 // the newest, with which the client sends
	previous  uint32 // the one before, which the server may still use
	lifetime  time.Duration
	renewAt   time.Duration // virtual time; 0: never
	renewing  bool
	expected  uint32 // request id of the OPN that is under way
	sequence  uint32 // number of the last chunk sent
	maxChunk  uint32 // largest chunk sent, header included
	helloDone bool
	policy    string // URI; empty: None
}

// nextSequence numbers the next chunk. The numbers start at 1 and wrap below
// 1024 once they come within 1024 of the end (Part 6, 6.7.2.4).
func (ch *clientChannel) nextSequence() uint32 {
	ch.sequence++
	if ch.sequence > 0xffffffff-1024 {
		ch.sequence = 1
	}
	return ch.sequence
}

// check looks at the headers of a message.
func (ch *clientChannel) check(m *clientMessage) error {
	if m.kind == uasc.MessageTypeOpenSecureChannel {
		if want := policyURI(ch.policy); m.policy != want {
			return clientViolation(ua.StatusBadSecurityPolicyRejected, "OPN with security policy %q, expected %q", m.policy, want)
		}
		if m.request != ch.expected {
			return clientViolation(ua.StatusBadTCPMessageTypeInvalid, "OPN for request %d, expected %d", m.request, ch.expected)
		}
		return nil
	}
	if ch.id == 0 || m.channel != ch.id {
		return clientViolation(ua.StatusBadTCPSecureChannelUnknown, "MSG for secure channel %d, expected %d", m.channel, ch.id)
	}
	if m.token != ch.token && (m.token != ch.previous || ch.previous == 0) {
		return clientViolation(ua.StatusBadSecureChannelTokenUnknown, "MSG with token %d, expected %d or %d", m.token, ch.token, ch.previous)
	}
	return nil
}

// connectTCP makes the connection.
func (c *Client) connectTCP(until time.Duration) error {
	step := clientStepConnect + " " + c.cfg.Address
	within := max(c.cfg.ConnectTimeout, 0)
	if left := until - c.p.Now(); until > 0 && (within == 0 || left < within) {
		within = max(left, 1)
	}
	started := c.p.Now()
	conn, err := c.transport.Dial(c.p, c.cfg.Address, within)
	if err != nil {
		e := c.connError(step, started, within, err)
		e.Kind = ClientUnreachable
		if clientTimedOut(err) { // the client's limit or TCP's own
			e.Kind, e.Within = ClientTimedOut, e.At-started
		}
		return e
	}
	if k := c.cfg.TCPKeepAlive; k.Idle > 0 {
		if tcp, ok := conn.(clientKeepAliver); ok {
			if err := tcp.SetKeepAlive(k.Idle, k.Interval, k.Count); err != nil {
				conn.Close()
				return c.connError(step, started, within, err)
			}
		}
	}
	c.conn, c.lost = conn, nil
	c.stats.Connects++
	c.traffic = c.p.Now()
	c.channel = clientChannel{}
	if c.crypto != nil {
		c.channel.policy = c.crypto.suite.uri
		c.crypto.keys = [2]clientToken{}
	}
	c.reader = clientReader{
		crypto:     c.crypto,
		maxChunk:   c.cfg.ReceiveBufferSize,
		maxMessage: c.cfg.MaxMessageSize,
		maxChunks:  c.cfg.MaxChunkCount,
		wanted:     c.waitsFor,
	}
	return nil
}

func (c *Client) waitsFor(request uint32) bool {
	for _, call := range c.pending {
		if call.id == request {
			return true
		}
	}
	return false
}

// hello sends HEL and waits for ACK.
func (c *Client) hello(until time.Duration) error {
	hel := &uacp.Hello{
		ReceiveBufSize: c.cfg.ReceiveBufferSize,
		SendBufSize:    c.cfg.SendBufferSize,
		MaxMessageSize: c.cfg.MaxMessageSize,
		MaxChunkCount:  c.cfg.MaxChunkCount,
		EndpointURL:    c.cfg.EndpointURL,
	}
	body, err := hel.Encode()
	if err != nil {
		return c.fail(clientStepHello, ClientMisuse, "it cannot be encoded", err)
	}
	header := uacp.Header{MessageType: uacp.MessageTypeHello, ChunkType: uacp.ChunkTypeFinal, MessageSize: uint32(clientHeaderSize + len(body))}
	b, err := header.Encode()
	if err != nil {
		return c.fail(clientStepHello, ClientMisuse, "it cannot be encoded", err)
	}
	if err := c.write(clientStepHello, append(b, body...)); err != nil {
		return err
	}
	if c.cfg.HelloTimeout > 0 {
		until = clientEarlier(until, c.p.Now()+c.cfg.HelloTimeout)
	}
	return c.pump(clientStepHello, until, func() bool { return c.channel.helloDone })
}

// onAcknowledge takes the server's ACK.
func (c *Client) onAcknowledge(step string, m *clientMessage) error {
	if c.stage != StageConnected || c.channel.helloDone {
		return c.violation(step, clientViolation(ua.StatusBadTCPMessageTypeInvalid, "ACK that was not asked for"))
	}
	var ack uacp.Acknowledge
	if _, err := ack.Decode(m.body); err != nil {
		return c.violation(step, clientViolation(ua.StatusBadDecodingError, "ACK of %d bytes: %v", len(m.body), err))
	}
	if ack.ReceiveBufSize < clientMinBuffer {
		return c.violation(step, clientViolation(ua.StatusBadConnectionRejected, "ACK with a receive buffer of %d bytes, the specification asks for %d", ack.ReceiveBufSize, clientMinBuffer))
	}
	c.ack = ack
	c.channel.helloDone = true
	c.channel.maxChunk = min(c.cfg.SendBufferSize, ack.ReceiveBufSize)
	return nil
}

// onError takes an ERR message: the server closes the connection after it.
func (c *Client) onError(step string, m *clientMessage) error {
	k := clientChecker{b: m.body}
	_, err := k.u32()
	if err == nil {
		err = k.bytes()
	}
	var e uacp.Error
	if err == nil {
		_, err = e.Decode(m.body)
	}
	if err != nil {
		return c.violation(step, clientViolation(ua.StatusBadDecodingError, "ERR of %d bytes: %v", len(m.body), err))
	}
	failed := c.fail(step, ClientRejected, e.Reason, nil)
	failed.Status = ua.StatusCode(e.ErrorCode)
	return failed
}

// openChannel opens the secure channel.
func (c *Client) openChannel(until time.Duration) error {
	var failed error
	done := false
	call, err := c.sendOpen(ua.SecurityTokenRequestTypeIssue, func(err error) { failed, done = err, true })
	if err != nil {
		return err
	}
	if err := c.pump(call.service, until, func() bool { return done }); err != nil {
		return err
	}
	return failed
}

// sendOpen asks for a token. done is called with what came of it.
func (c *Client) sendOpen(kind ua.SecurityTokenRequestType, done func(error)) (*clientCall, error) {
	req := &ua.OpenSecureChannelRequest{
		RequestType:       kind,
		SecurityMode:      ua.MessageSecurityModeNone,
		RequestedLifetime: clientMilliseconds(c.cfg.ChannelLifetime),
	}
	if c.crypto != nil {
		req.SecurityMode, req.ClientNonce = c.crypto.mode, c.crypto.newNonce()
	}
	c.channel.expected = c.request + 1
	return c.send(req, c.cfg.RequestTimeout, c.cfg.RequestTimeout, func(resp ua.Response, err error) {
		if err == nil {
			err = c.onOpen(kind, resp)
		}
		done(err)
	})
}

// onOpen takes the server's token.
func (c *Client) onOpen(kind ua.SecurityTokenRequestType, resp ua.Response) error {
	const step = "OpenSecureChannel"
	open, ok := resp.(*ua.OpenSecureChannelResponse)
	if !ok {
		return c.fail(step, ClientMalformed, fmt.Sprintf("answer is a %T", resp), nil)
	}
	t := open.SecurityToken
	if t.ChannelID == 0 {
		return c.fail(step, ClientMalformed, "the secure channel id is 0", nil)
	}
	if kind == ua.SecurityTokenRequestTypeRenew && t.ChannelID != c.channel.id {
		return c.fail(step, ClientMalformed, fmt.Sprintf("renewed token is for secure channel %d, expected %d", t.ChannelID, c.channel.id), nil)
	}
	if c.crypto != nil {
		if err := c.crypto.addToken(t.TokenID, open.ServerNonce); err != nil {
			return c.fail(step, ClientMalformed, "", err)
		}
	}
	ch := &c.channel
	ch.id = t.ChannelID
	ch.previous, ch.token = ch.token, t.TokenID
	ch.lifetime = time.Duration(t.RevisedLifetime) * time.Millisecond
	ch.renewAt = 0
	if ch.lifetime > 0 {
		ch.renewAt = c.p.Now() + max(ch.lifetime*time.Duration(c.cfg.RenewPercent)/100, time.Millisecond)
	}
	c.log("channel %d token %d lifetime %v", ch.id, ch.token, ch.lifetime)
	return nil
}

// renew asks for a new token without waiting for it.
func (c *Client) renew() error {
	ch := &c.channel
	ch.renewing, ch.renewAt = true, 0
	_, err := c.sendOpen(ua.SecurityTokenRequestTypeRenew, func(err error) {
		ch.renewing = false
		if err == nil {
			c.stats.Renewals++
			return
		}
		if c.cfg.RenewFailureIgnored || c.conn == nil {
			return
		}
		e := *c.asClientError(err)
		e.Step = clientStepRenew
		c.keepAlive.broken = &e
	})
	return err
}

// CloseSecureChannel sends the CLO message and ends the TCP connection with a
// FIN, as clients do: there is no answer to a CLO.
func (c *Client) CloseSecureChannel() error {
	if c.conn == nil {
		return c.gone("CloseSecureChannel")
	}
	_, err := c.send(&ua.CloseSecureChannelRequest{}, c.cfg.RequestTimeout, c.cfg.RequestTimeout, nil)
	c.leave("CloseSecureChannel", func() { c.conn.Close() })
	return err
}

// Close is the full good-bye: CloseSession if there is a session,
// CloseSecureChannel, FIN. Errors do not stop it; the first is returned.
func (c *Client) Close() error {
	if c.conn == nil {
		return c.gone("Close")
	}
	if c.channel.id == 0 {
		c.leave("Close", func() { c.conn.Close() })
		return nil
	}
	var first error
	if c.session.token != nil && c.stage >= StageCreated {
		first = c.CloseSession()
	}
	if c.conn == nil {
		return first
	}
	if err := c.CloseSecureChannel(); first == nil {
		first = err
	}
	return first
}

// A KillMode is how TCP ends when a client is killed.
type KillMode uint8

const (
	KillFIN KillMode = iota // the host closes the socket: FIN
	KillRST                 // the host aborts the connection: RST
)

// Kill ends the TCP connection without a word of OPC UA, as when the client's
// process dies (KillFIN; KillRST if data lay unread).
func (c *Client) Kill(mode KillMode) {
	c.leave("Kill", func() {
		if mode == KillRST {
			c.conn.Abort()
		} else {
			c.conn.Close()
		}
	})
}

// Vanish leaves without anything at all: a cable pulled, a host without power.
func (c *Client) Vanish() { c.leave("Vanish", func() { c.conn.Vanish() }) }

// leave ends the client's life on its own wish.
func (c *Client) leave(how string, end func()) {
	if c.conn == nil {
		return
	}
	c.left = true
	end()
	c.log("%s", how)
	c.disconnected(c.fail(how, ClientMisuse, "the client has left", nil))
}
