package opcua

import (
	"fmt"
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// minimumBuffer is the smallest chunk that a peer must accept (Part 6, 6.7.1).
const minimumBuffer = 8192

type channelState uint8

const (
	channelClosed channelState = iota
	channelFresh               // before HEL; in the first version such a channel counts as closed
	channelAckSent
	channelOpen
	channelClosing
)

// securityToken is UA_ChannelSecurityToken.
type securityToken struct {
	channelID, tokenID uint32
	createdAt          int64  // monotonic, unless the time base is wrong
	revisedLifetime    uint32 // ms
}

func (t *securityToken) expires() int64 {
	return t.createdAt + int64(t.revisedLifetime)*ticksPerMillisecond
}

// secureChannel is a secure channel (channel_entry with its UA_SecureChannel).
// It is made with the first bytes of a connection, before they are looked at.
type secureChannel struct {
	server     *Server
	block      uint32
	state      channelState
	connection *connection
	config     Buffers

	// The server uses the old token until the client has used the new one or the
	// old one has expired: newToken says that alternative is waiting.
	newToken           bool
	token, alternative securityToken
	mode               uint32 // security mode of the OpenSecureChannel request
	policy             *securityPolicy

	context *channelContext // nil: no security

	remoteCertificate, remoteNonce, localNonce uatypes.Str
	remoteThumbprint                           [thumbprintLength]byte

	receiveSequence, sendSequence uint32

	complete, decrypted             []*chunk
	decryptedCount, decryptedLength uint32
	incomplete                      buffer // a chunk of which a part has arrived

	messages []*message // of which a chunk has arrived, if a channel is made by OPN

	sessions []*session // bound to the channel, the newest first
}

func (ch *secureChannel) object() string { return fmt.Sprintf("channel %d", ch.token.channelID) }

// createSecureChannel makes the channel of a new connection. If there are too
// many, the oldest without a session has to go (UA_Server_createSecureChannel,
// src/server/ua_services_securechannel.c).
func (s *Server) createSecureChannel(c *connection) uatypes.Status {
	if uint32(len(s.channels)) >= s.cfg.Limits.MaxSecureChannels && (!s.has.channelsPurged || !s.purgeChannel()) {
		return ua.StatusBadOutOfMemory
	}
	ch := &secureChannel{server: s, config: s.cfg.Buffers}
	if s.rel.freshChannels {
		ch.state = channelFresh
	}
	if s.rel.channelAtOpen {
		ch.config, ch.state = c.config, channelAckSent
	}
	if ch.block = s.mem.Malloc(s.rel.sizes.channel, "channel_entry"); ch.block == 0 {
		return ua.StatusBadOutOfMemory
	}
	s.channels = append(s.channels, ch)
	c.attach(ch)
	return uatypes.Good
}

func (s *Server) purgeChannel() bool {
	for _, ch := range s.channels {
		if len(ch.sessions) == 0 {
			s.removeChannel(ch)
			return true
		}
	}
	return false
}

// removeChannel half-closes a channel: the connection is shut down and the
// channel leaves the list; the rest follows at the next iterate
// (removeSecureChannel).
func (s *Server) removeChannel(ch *secureChannel) {
	if ch.state == channelClosing {
		return
	}
	if s.rel.channelAtOpen {
		ch.shut()
		s.channels = slices.DeleteFunc(s.channels, func(x *secureChannel) bool { return x == ch })
		s.timer.freeLater(ch.block, ch.clear)
		return
	}
	ch.state = channelClosing
	ch.disconnect()
	s.channels = slices.DeleteFunc(s.channels, func(x *secureChannel) bool { return x == ch })
	s.timer.freeLater(ch.block, ch.close)
}

func (ch *secureChannel) disconnect() {
	if c := ch.connection; c != nil {
		c.close()
		c.detach()
	}
}

// close takes a channel apart (UA_SecureChannel_close, src/ua_securechannel.c).
// Its sessions live on without a channel.
func (ch *secureChannel) close() {
	ch.shut()
	ch.clear()
}

// shut closes the connection and lets go of the sessions.
func (ch *secureChannel) shut() {
	ch.state = channelClosed
	ch.disconnect()
	for _, s := range ch.sessions {
		s.channel = nil
		if s.dropRequests != nil {
			s.dropRequests()
		}
	}
	ch.sessions = nil
}

// clear gives back what a channel holds.
func (ch *secureChannel) clear() {
	m := ch.server.mem
	if ch.policy != nil && ch.context != nil {
		ch.context.delete(ch.server)
	}
	ch.policy, ch.context = nil, nil
	uatypes.Clear(m, &ch.remoteCertificate)
	uatypes.Clear(m, &ch.localNonce)
	uatypes.Clear(m, &ch.remoteNonce)
	ch.token, ch.alternative = securityToken{}, securityToken{}
	ch.deleteBuffered()
	ch.deleteMessages()
}

// cleanupChannels removes the channels that lost their connection or whose
// token has expired. A token that the client has not used yet takes over first
// (UA_Server_cleanupTimedOutSecureChannels).
func (s *Server) cleanupChannels(now int64) {
	for _, ch := range slices.Clone(s.channels) {
		if ch.state == channelClosed || ch.connection == nil {
			s.removeChannel(ch)
			continue
		}
		if !s.has.helloOnlyCut && !s.rel.channelAtOpen && ch.token.createdAt == 0 {
			continue
		}
		if ch.token.expires() < now && ch.newToken {
			ch.rollOver()
		}
		// A channel that got a HEL and no OpenSecureChannel yet has a token that
		// expired at boot, so that it goes too, however short its life was.
		if ch.token.expires() < now {
			s.removeChannel(ch)
		}
	}
}

// rollOver makes the new token the one in use, with keys of its own.
func (ch *secureChannel) rollOver() uatypes.Status {
	ch.newToken = false
	ch.token, ch.alternative = ch.alternative, securityToken{}
	return ch.generateKeys()
}

// lifetime revises a requested token lifetime in milliseconds.
func (s *Server) lifetime(requested uint32) uint32 {
	if requested == 0 {
		return s.cfg.Limits.MaxSecurityTokenLifetime
	}
	return min(requested, s.cfg.Limits.MaxSecurityTokenLifetime)
}

// openSecureChannel is the OpenSecureChannel service (Service_OpenSecureChannel).
func (s *Server) openSecureChannel(ch *secureChannel, q *uatypes.OpenSecureChannelRequest, r *uatypes.OpenSecureChannelResponse) uatypes.Status {
	switch q.RequestType {
	case uint32(ua.SecurityTokenRequestTypeIssue):
		return s.issueToken(ch, q, r)
	case uint32(ua.SecurityTokenRequestTypeRenew):
		return s.renewToken(ch, q, r)
	}
	return ua.StatusBadInternalError
}

// issueToken opens a channel (UA_SecureChannelManager_open).
func (s *Server) issueToken(ch *secureChannel, q *uatypes.OpenSecureChannelRequest, r *uatypes.OpenSecureChannelResponse) uatypes.Status {
	if ch.state != channelAckSent {
		return ua.StatusBadInternalError
	}
	if q.SecurityMode != uint32(ua.MessageSecurityModeNone) && ch.policy.isNone() {
		return ua.StatusBadSecurityModeRejected
	}
	ch.mode = q.SecurityMode
	ch.token.channelID = s.nextChannelID
	s.nextChannelID++
	ch.token.createdAt = s.channelTimeBase().read(s.cfg.Clock)
	ch.token.revisedLifetime = s.lifetime(q.RequestedLifetime)
	if st := s.exchangeNonces(ch, q, &ch.token, r); st != uatypes.Good {
		return st
	}
	r.ResponseHeader.Timestamp = s.cfg.Clock.Now()
	ch.state = channelOpen
	if s.rel.channelAtOpen {
		return uatypes.Good
	}
	ch.newToken = true
	ch.alternative = ch.token
	ch.token.tokenID = 0
	return uatypes.Good
}

// renewToken makes a new token for an open channel
// (UA_SecureChannelManager_renew). Unlike an issue it leaves the time stamp of
// the response at 0.
func (s *Server) renewToken(ch *secureChannel, q *uatypes.OpenSecureChannelRequest, r *uatypes.OpenSecureChannelResponse) uatypes.Status {
	if ch.state != channelOpen {
		return ua.StatusBadInternalError
	}
	if ch.mode != uint32(ua.MessageSecurityModeNone) && ch.remoteNonce.Equal(&q.ClientNonce) {
		return ua.StatusBadSecurityChecksFailed
	}
	if !s.rel.channelAtOpen || ch.alternative.tokenID == 0 {
		ch.alternative = ch.token
		ch.alternative.tokenID = s.nextTokenID
		s.nextTokenID++
		ch.alternative.revisedLifetime = s.lifetime(q.RequestedLifetime)
	}
	ch.alternative.createdAt = s.channelNow()
	uatypes.Clear(s.mem, &ch.remoteNonce)
	if st := s.exchangeNonces(ch, q, &ch.alternative, r); st != uatypes.Good {
		return st
	}
	ch.newToken = !s.rel.channelAtOpen
	return uatypes.Good
}

// exchangeNonces stores the client's nonce, makes the server's, and fills the
// response with it and with a token.
func (s *Server) exchangeNonces(ch *secureChannel, q *uatypes.OpenSecureChannelRequest, token *securityToken, r *uatypes.OpenSecureChannelResponse) uatypes.Status {
	if st := uatypes.Copy(s.mem, &ch.remoteNonce, &q.ClientNonce); st != uatypes.Good {
		return st
	}
	if st := ch.policy.renewNonce(s, &ch.localNonce, ch.policy.nonceLength); st != uatypes.Good {
		return st
	}
	r.SecurityToken = uatypes.ChannelSecurityToken{
		ChannelID:       token.channelID,
		TokenID:         token.tokenID,
		CreatedAt:       s.cfg.Clock.Now(),
		RevisedLifetime: token.revisedLifetime,
	}
	r.ResponseHeader.RequestHandle = q.RequestHeader.RequestHandle
	return uatypes.Copy(s.mem, &r.ServerNonce, &ch.localNonce)
}
