package opcua

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mbedtls"
)

// A clientSession is what the client knows of its session.
type clientSession struct {
	id      *ua.NodeID
	token   *ua.NodeID // nil: no session
	timeout time.Duration
	policy  string // policy id of the user token that the server wants

	nonce []byte // the server's last
	// How the password is encrypted: with which policy, and for which certificate.
	password    *suite // nil: not at all
	certificate []byte
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
	cfg.Security = ClientSecurity{}
	d, err := Dial(c.p, c.transport, cfg)
	if err != nil {
		return err
	}
	endpoints, err := d.GetEndpoints()
	if err == nil && c.crypto != nil && c.crypto.server == nil {
		if picked := c.crypto.pick(endpoints); picked != nil {
			err = c.fail("GetEndpoints", ClientMisuse, "", picked)
		}
	}
	if err != nil {
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
	nonce := c.nonce()
	var certificate []byte
	if c.crypto != nil {
		c.crypto.sentWith, certificate = nonce, c.crypto.certificate
	}
	resp, err := clientDo[*ua.CreateSessionResponse](c, &ua.CreateSessionRequest{
		ClientDescription: &ua.ApplicationDescription{
			ApplicationURI:  c.cfg.ApplicationURI,
			ProductURI:      c.cfg.ProductURI,
			ApplicationName: name,
			ApplicationType: ua.ApplicationTypeClient,
		},
		EndpointURL:             c.cfg.EndpointURL,
		SessionName:             c.cfg.SessionName,
		ClientNonce:             nonce,
		ClientCertificate:       certificate,
		RequestedSessionTimeout: float64(clientMilliseconds(c.cfg.SessionTimeout)),
		MaxResponseMessageSize:  c.cfg.MaxResponseMessageSize,
	}, until)
	if err != nil {
		return err
	}
	if c.crypto != nil {
		if err := c.crypto.checkSession(resp); err != nil {
			return c.violation("CreateSession", err)
		}
	}
	c.session = clientSession{
		nonce:   resp.ServerNonce,
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
	length := c.cfg.NonceLength
	if length == 0 && c.crypto != nil {
		length = sessionNonceLength
	}
	if length == 0 {
		return nil
	}
	r := c.p.Loop().Rand("opcua client nonce " + c.cfg.Name)
	b := make([]byte, (length+7)/8*8)
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b[:length]
}

// random is the client's generator for what it encrypts.
func (c *Client) random() *mbedtls.DRBG {
	if c.crypto != nil {
		return c.crypto.random
	}
	source := mbedtls.SplitMix64{State: c.p.Loop().Rand("opcua client security " + c.cfg.Name).Uint64()}
	return mbedtls.NewDRBG(source.Fill, c.cfg.Name)
}

// chooseToken picks the user token policy of the endpoint that the client uses.
func (c *Client) chooseToken(endpoints []*ua.EndpointDescription) error {
	want := ua.UserTokenTypeAnonymous
	if c.cfg.User != "" {
		want = ua.UserTokenTypeUserName
	}
	mode, policy := ua.MessageSecurityModeNone, ua.SecurityPolicyURINone
	if c.crypto != nil {
		mode, policy = c.crypto.mode, c.crypto.suite.uri
	}
	for _, e := range endpoints {
		if e.SecurityMode != mode || e.SecurityPolicyURI != policy {
			continue
		}
		for _, t := range e.UserIdentityTokens {
			if t.TokenType != want {
				continue
			}
			if want == ua.UserTokenTypeUserName {
				encrypted := t.SecurityPolicyURI
				if encrypted == "" {
					encrypted = policy
				}
				c.session.password, c.session.certificate = suiteOf(encrypted), e.ServerCertificate
				if c.session.password == nil && encrypted != ua.SecurityPolicyURINone {
					return c.fail("ActivateSession", ClientMisuse, fmt.Sprintf("the server wants the password encrypted with %s", encrypted), nil)
				}
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
		user := &ua.UserNameIdentityToken{PolicyID: c.session.policy, UserName: c.cfg.User, Password: []byte(c.cfg.Password)}
		if s := c.session.password; s != nil {
			secret, err := encryptPassword(s, c.session.certificate, c.random(), c.cfg.Password, c.session.nonce)
			if err != nil {
				return c.fail("ActivateSession", ClientMisuse, "the password cannot be encrypted", err)
			}
			user.Password, user.EncryptionAlgorithm = secret, s.encryptionURI.String()
		}
		token = user
	}
	signature := &ua.SignatureData{}
	if c.crypto != nil {
		var err error
		if signature, err = c.crypto.signature(c.session.nonce); err != nil {
			return c.fail("ActivateSession", ClientMisuse, "the session cannot be signed", err)
		}
	}
	resp, err := clientDo[*ua.ActivateSessionResponse](c, &ua.ActivateSessionRequest{
		ClientSignature:    signature,
		LocaleIDs:          c.cfg.Locales,
		UserIdentityToken:  ua.NewExtensionObject(token),
		UserTokenSignature: &ua.SignatureData{},
	}, until)
	if err != nil {
		return err
	}
	c.session.nonce = resp.ServerNonce
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
