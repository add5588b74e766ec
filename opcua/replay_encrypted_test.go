package opcua

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// headerKeys are the test keys of an encrypted recording.
type headerKeys struct {
	Note              string `json:"note"`
	ServerCertificate string `json:"server_certificate"`
	ServerPrivateKey  string `json:"server_private_key"`
	ClientCertificate string `json:"client_certificate"`
	ClientPrivateKey  string `json:"client_private_key"`
}

// entropyState is where the source of entropy starts.
var entropyState = regexp.MustCompile(`SplitMix64 starting at state (\d+)\b`)

// security is what the header says of the server's security.
func (h *header) security() (Security, error) {
	c := Security{Host: true}
	for _, e := range h.Endpoints {
		if e.Mode != uint32(ua.MessageSecurityModeNone) {
			c.Endpoints = append(c.Endpoints, SecurityEndpoint{Policy: e.Policy, Mode: ua.MessageSecurityMode(e.Mode)})
		}
	}
	if (len(c.Endpoints) > 0) != (h.Keys != nil) || (h.Keys != nil) != (h.Crypto != "") {
		return c, fmt.Errorf("header: keys, crypto and endpoints do not agree")
	}
	if h.Keys == nil {
		return c, nil
	}
	var err error
	if c.Certificate, err = hex.DecodeString(h.Keys.ServerCertificate); err != nil {
		return c, fmt.Errorf("header: server_certificate: %w", err)
	}
	if c.PrivateKey, err = hex.DecodeString(h.Keys.ServerPrivateKey); err != nil {
		return c, fmt.Errorf("header: server_private_key: %w", err)
	}
	state := entropyState.FindStringSubmatch(h.RandomSrc)
	if state == nil {
		return c, fmt.Errorf("header: random_source: no state of the source of entropy")
	}
	if c.Seed, err = strconv.ParseUint(state[1], 10, 64); err != nil {
		return c, fmt.Errorf("header: random_source: %w", err)
	}
	return c, nil
}

// spy reads the encrypted messages with the keys of both sides, which the recording
// has: what the client sees, whatever the server believes to have sent.
type spy struct {
	policy            string
	client, server    *rsa.PrivateKey
	clientCertificate []byte
	conns             map[int]*spied
	sessions          map[string]string // id by authentication token
}

// spied is a connection that a spy listens to.
type spied struct {
	received    observer // what the client sent
	clientNonce []byte
	mode        uint32
	token       []byte // authentication token of the last request
	tokens      map[uint32]tokenKeys
}

// tokenKeys are the keys of a security token in both directions, each with those of
// the receiver.
type tokenKeys struct{ toClient, toServer *uapolicy.EncryptionAlgorithm }

// spy makes one for the keys of the header, nil if it has none.
func (h *header) spy() (*spy, error) {
	if h.Keys == nil {
		return nil, nil
	}
	s := &spy{conns: map[int]*spied{}, sessions: map[string]string{}}
	for _, k := range []struct {
		hex string
		key **rsa.PrivateKey
	}{{h.Keys.ClientPrivateKey, &s.client}, {h.Keys.ServerPrivateKey, &s.server}} {
		b, err := hex.DecodeString(k.hex)
		if err != nil {
			return nil, fmt.Errorf("header: keys: %w", err)
		}
		if *k.key, err = parsePrivateKey(b); err != nil {
			return nil, fmt.Errorf("header: keys: %w", err)
		}
	}
	var err error
	if s.clientCertificate, err = hex.DecodeString(h.Keys.ClientCertificate); err != nil {
		return nil, fmt.Errorf("header: client_certificate: %w", err)
	}
	crt, err := x509.ParseCertificate(s.clientCertificate)
	if err != nil {
		return nil, fmt.Errorf("header: client_certificate: %w", err)
	}
	if !s.client.PublicKey.Equal(crt.PublicKey) {
		return nil, fmt.Errorf("header: client_certificate is not that of client_private_key")
	}
	for _, e := range h.Endpoints {
		if e.Mode != uint32(ua.MessageSecurityModeNone) {
			s.policy = e.Policy
		}
	}
	if want := fmt.Sprintf("RSA %d", s.server.N.BitLen()); !strings.HasPrefix(h.Crypto, "mbedTLS 2.28.3 ") || !strings.HasSuffix(h.Crypto, want) {
		return nil, fmt.Errorf("header: crypto: expected mbedTLS 2.28.3 and %s, got %q", want, h.Crypto)
	}
	return s, nil
}

func (s *spy) conn(n int) *spied {
	c := s.conns[n]
	if c == nil {
		c = &spied{tokens: map[uint32]tokenKeys{}}
		s.conns[n] = c
	}
	return c
}

// rx takes bytes that the server received.
func (s *spy) rx(n int, b []byte) error {
	c := s.conn(n)
	c.received.receive(b)
	for _, m := range c.received.messages {
		if err := s.request(c, m); err != nil {
			return fmt.Errorf("message to the server: %w", err)
		}
	}
	c.received.messages = nil
	return nil
}

// request learns nonces and tokens from a message of the client.
func (s *spy) request(c *spied, m []byte) error {
	var r mem.Recorder
	switch binary.LittleEndian.Uint32(m) & messageTypeMask {
	case typeOPN:
		var h asymmetricHeader
		if _, st := uatypes.Decode(&r, m, channelHeaderLength, &h); st != uatypes.Good {
			return st
		}
		if string(h.SenderCertificate.B) != string(s.clientCertificate) && len(h.SenderCertificate.B) > 0 {
			return fmt.Errorf("the certificate is not client_certificate")
		}
		plain, pos, err := s.openOPN(m, s.server, &s.client.PublicKey)
		if err != nil {
			return err
		}
		var id uatypes.NodeID
		pos, _ = uatypes.Decode(&r, plain, pos+sequenceHeaderLength, &id)
		var q uatypes.OpenSecureChannelRequest
		if _, st := uatypes.Decode(&r, plain, pos, &q); st != uatypes.Good {
			return st
		}
		c.clientNonce, c.mode = append([]byte(nil), q.ClientNonce.B...), q.SecurityMode
	case typeMSG:
		plain, err := c.openMSG(m, c.tokens[binary.LittleEndian.Uint32(m[12:])].toServer)
		if err != nil {
			return err
		}
		var id uatypes.NodeID
		pos, _ := uatypes.Decode(&r, plain, symmetricHeaderLength, &id)
		var h uatypes.RequestHeader
		if _, st := uatypes.Decode(&r, plain, pos, &h); st != uatypes.Good {
			return st
		}
		c.token = append([]byte(nil), h.AuthenticationToken.Guid[:]...)
	}
	return nil
}

// openOPN decrypts an OPN message and checks its signature. It returns the message
// without padding, and where the sequence header is.
func (s *spy) openOPN(m []byte, own *rsa.PrivateKey, other *rsa.PublicKey) ([]byte, int, error) {
	var h asymmetricHeader
	pos, st := uatypes.Decode(&mem.Recorder{}, m, channelHeaderLength, &h)
	if st != uatypes.Good {
		return nil, 0, st
	}
	if h.SecurityPolicyURI.String() == ua.SecurityPolicyURINone {
		return m, pos, nil
	}
	a, err := uapolicy.Asymmetric(h.SecurityPolicyURI.String(), own, other)
	if err != nil {
		return nil, 0, err
	}
	plain, err := a.Decrypt(m[pos:])
	if err != nil {
		return nil, 0, err
	}
	plain = append(m[:pos:pos], plain...)
	n := len(plain) - a.RemoteSignatureLength()
	if n <= pos {
		return nil, 0, fmt.Errorf("OPN of %d bytes", len(plain))
	}
	if err := a.VerifySignature(plain[:n], plain[n:]); err != nil {
		return nil, 0, err
	}
	return unpad(plain[:n], own.N.BitLen() > 2048), pos, nil
}

// unpad takes padding off.
func unpad(b []byte, long bool) []byte {
	n := int(b[len(b)-1]) + 1
	if long {
		n = int(b[len(b)-1])<<8 + int(b[len(b)-2]) + 2
	}
	return b[:max(len(b)-n, 0)]
}

// openMSG decrypts a message and checks its signature.
func (c *spied) openMSG(m []byte, a *uapolicy.EncryptionAlgorithm) ([]byte, error) {
	const from = symmetricHeaderLength - sequenceHeaderLength
	if a == nil || c.mode == uint32(ua.MessageSecurityModeNone) {
		return m, nil
	}
	plain := m
	if c.mode == uint32(ua.MessageSecurityModeSignAndEncrypt) {
		p, err := a.Decrypt(m[from:])
		if err != nil {
			return nil, err
		}
		plain = append(m[:from:from], p...)
	}
	n := len(plain) - macLength
	if err := a.VerifySignature(plain[:n], plain[n:]); err != nil {
		return nil, err
	}
	if c.mode == uint32(ua.MessageSecurityModeSignAndEncrypt) {
		return unpad(plain[:n], false), nil
	}
	return plain[:n], nil
}

// plain is what a client reads in a message from the server; the message itself
// without security, and where it cannot be read.
func (s *spy) plain(n int, m []byte) []byte {
	if s == nil || len(m) < symmetricHeaderLength {
		return m
	}
	c := s.conn(n)
	switch binary.LittleEndian.Uint32(m) & messageTypeMask {
	case typeOPN:
		if plain, _, err := s.openOPN(m, s.client, &s.server.PublicKey); err == nil {
			c.learn(s.policy, plain)
			return plain
		}
	case typeMSG:
		if plain, err := c.openMSG(m, c.tokens[binary.LittleEndian.Uint32(m[12:])].toClient); err == nil {
			return plain
		}
	}
	return m
}

// learn takes the keys of a token from the response to an OPN message.
func (c *spied) learn(policy string, plain []byte) {
	channel, nonce, token := channelOf(plain)
	if channel == 0 || c.mode == uint32(ua.MessageSecurityModeNone) || c.tokens[token].toClient != nil {
		return
	}
	toClient, err := uapolicy.Symmetric(policy, c.clientNonce, nonce)
	if err != nil {
		return
	}
	toServer, err := uapolicy.Symmetric(policy, nonce, c.clientNonce)
	if err == nil {
		c.tokens[token] = tokenKeys{toClient, toServer}
	}
}

// channelOf reads the response to an OPN message.
func channelOf(plain []byte) (channel uint32, nonce []byte, token uint32) {
	var r mem.Recorder
	var h asymmetricHeader
	pos, _ := uatypes.Decode(&r, plain, channelHeaderLength, &h)
	var id uatypes.NodeID
	pos, _ = uatypes.Decode(&r, plain, pos+sequenceHeaderLength, &id)
	var x uatypes.OpenSecureChannelResponse
	if _, st := uatypes.Decode(&r, plain, pos, &x); st != uatypes.Good || x.ResponseHeader.ServiceResult != uatypes.Good {
		return 0, nil, 0
	}
	return x.SecurityToken.ChannelID, x.ServerNonce.B, x.SecurityToken.TokenID
}

// random lists the random values in a message as the header of an encrypted
// recording does: the nonces of a channel, and those of a session each time with its
// ids.
func (s *spy) random(n int, t int64, m []byte) (headerRandom, bool) {
	plain := s.plain(n, m)
	c := s.conn(n)
	if binary.LittleEndian.Uint32(plain)&messageTypeMask == typeOPN {
		channel, nonce, _ := channelOf(plain)
		return headerRandom{Kind: "channel", Conn: n, TMs: t, ChannelID: channel,
			ClientNonce: hex.EncodeToString(c.clientNonce), ServerNonce: hex.EncodeToString(nonce)}, channel != 0
	}
	x, ok := randomOf(n, t, plain)
	switch {
	case ok && x.Kind == "session":
		s.sessions[x.AuthToken] = x.SessionID
	case ok:
		x.Kind, x.AuthToken = "session", hex.EncodeToString(c.token)
		x.SessionID = s.sessions[x.AuthToken]
	}
	return x, ok
}
