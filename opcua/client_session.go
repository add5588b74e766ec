package opcua

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

// A clientSession is what the client knows of its session.
type clientSession struct {
	id      *ua.NodeID
	token   *ua.NodeID // nil: no session
	timeout time.Duration
	policy  string // policy id of the user token that the server wants
}

// discover asks the server for its endpoints on the client's own channel, once.
func (c *Client) discover(until time.Duration) error {
	if c.discovered {
		return nil
	}
	c.discovered = true
	if c.cfg.Discovery == DiscoverServers {
		if _, err := clientDo[*ua.FindServersResponse](c, &ua.FindServersRequest{EndpointURL: c.cfg.EndpointURL}, until); err != nil {
			return err
		}
	}
	if c.cfg.Discovery == DiscoverServers || c.cfg.Discovery == DiscoverEndpoints {
		_, err := c.getEndpoints(until)
		return err
	}
	return nil
}

// discoverElsewhere asks for the endpoints on a connection that is closed again.
func (c *Client) discoverElsewhere() error {
	cfg := c.cfg
	cfg.StopAfter, cfg.Discovery, cfg.Reconnect = StageChannel, DiscoverNothing, ReconnectPolicy{}
	d, err := Dial(c.p, c.transport, cfg)
	if err != nil {
		return err
	}
	if _, err := d.GetEndpoints(); err != nil {
		if d.conn != nil {
			_ = d.CloseSecureChannel()
		}
		return err
	}
	return d.CloseSecureChannel()
}

// GetEndpoints returns the server's endpoints. It needs a secure channel only.
func (c *Client) GetEndpoints() ([]*ua.EndpointDescription, error) { return c.getEndpoints(0) }

func (c *Client) getEndpoints(until time.Duration) ([]*ua.EndpointDescription, error) {
	resp, err := clientDo[*ua.GetEndpointsResponse](c, &ua.GetEndpointsRequest{EndpointURL: c.cfg.EndpointURL}, until)
	if err != nil {
		return nil, err
	}
	return resp.Endpoints, nil
}

// createSession creates a session; it is not active yet.
func (c *Client) createSession(until time.Duration) error {
	name := &ua.LocalizedText{Locale: c.cfg.ApplicationLocale, Text: c.cfg.ApplicationName}
	name.UpdateMask()
	resp, err := clientDo[*ua.CreateSessionResponse](c, &ua.CreateSessionRequest{
		ClientDescription: &ua.ApplicationDescription{
			ApplicationURI:  c.cfg.ApplicationURI,
			ProductURI:      c.cfg.ProductURI,
			ApplicationName: name,
			ApplicationType: ua.ApplicationTypeClient,
		},
		EndpointURL:             c.cfg.EndpointURL,
		SessionName:             c.cfg.SessionName,
		ClientNonce:             c.nonce(),
		RequestedSessionTimeout: float64(clientMilliseconds(c.cfg.SessionTimeout)),
		MaxResponseMessageSize:  c.cfg.MaxResponseMessageSize,
	}, until)
	if err != nil {
		return err
	}
	c.session = clientSession{
		id:      resp.SessionID,
		token:   resp.AuthenticationToken,
		timeout: clientDuration(resp.RevisedSessionTimeout),
	}
	c.stats.Sessions++
	if err := c.chooseToken(resp.ServerEndpoints); err != nil {
		return err
	}
	c.log("session %s timeout %v", c.session.id, c.session.timeout)
	return nil
}

// nonce draws the client nonce from a stream of its own.
func (c *Client) nonce() []byte {
	if c.cfg.NonceLength == 0 {
		return nil
	}
	r := c.p.Loop().Rand("opcua client nonce " + c.cfg.Name)
	b := make([]byte, (c.cfg.NonceLength+7)/8*8)
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b[:c.cfg.NonceLength]
}

// chooseToken picks the user token policy of the endpoint without security.
func (c *Client) chooseToken(endpoints []*ua.EndpointDescription) error {
	want := ua.UserTokenTypeAnonymous
	if c.cfg.User != "" {
		want = ua.UserTokenTypeUserName
	}
	for _, e := range endpoints {
		if e.SecurityMode != ua.MessageSecurityModeNone {
			continue
		}
		for _, t := range e.UserIdentityTokens {
			if t.TokenType != want {
				continue
			}
			if want == ua.UserTokenTypeUserName && t.SecurityPolicyURI != "" && t.SecurityPolicyURI != ua.SecurityPolicyURINone {
				return c.fail("ActivateSession", ClientMisuse, fmt.Sprintf("the server wants the password encrypted with %s", t.SecurityPolicyURI), nil)
			}
			c.session.policy = t.PolicyID
			return nil
		}
	}
	return nil // a server that lists none may still take a token without a policy id
}

// activateSession activates the session on the present channel.
func (c *Client) activateSession(until time.Duration) error {
	var token any = &ua.AnonymousIdentityToken{PolicyID: c.session.policy}
	if c.cfg.User != "" {
		token = &ua.UserNameIdentityToken{PolicyID: c.session.policy, UserName: c.cfg.User, Password: []byte(c.cfg.Password)}
	}
	_, err := clientDo[*ua.ActivateSessionResponse](c, &ua.ActivateSessionRequest{
		ClientSignature:    &ua.SignatureData{},
		LocaleIDs:          c.cfg.Locales,
		UserIdentityToken:  ua.NewExtensionObject(token),
		UserTokenSignature: &ua.SignatureData{},
	}, until)
	if err != nil {
		return err
	}
	if k := c.cfg.KeepAlive; k.Interval > 0 {
		first := k.Interval
		if k.OnlyIdle {
			first /= 2
		}
		c.keepAlive = clientKeepAlive{next: c.p.Now() + first}
	}
	return nil
}

// CloseSession closes the session with its subscriptions (without them if
// KeepSubscriptions is set). The channel stays open.
func (c *Client) CloseSession() error {
	if c.conn == nil || c.session.token == nil {
		return c.gone("CloseSession")
	}
	c.publish.stopped = true
	_, err := clientDo[*ua.CloseSessionResponse](c, &ua.CloseSessionRequest{DeleteSubscriptions: !c.cfg.KeepSubscriptions}, 0)
	c.endSession()
	return err
}

// endSession forgets the session and what was on it.
func (c *Client) endSession() {
	c.session = clientSession{}
	c.subs = nil
	c.publish = clientPublishing{}
	c.keepAlive = clientKeepAlive{}
	if c.stage > StageChannel {
		c.stage = StageChannel
	}
}
