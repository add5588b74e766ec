package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// decryptChunk checks the security header of a chunk and reduces its bytes to
// the payload (decryptMessageChunk, src/ua_securechannel.c).
func (ch *secureChannel) decryptChunk(c *chunk) uatypes.Status {
	var channelID uint32Value
	pos, st := decode(ch.server, c.bytes, headerLength, &channelID)
	if st != uatypes.Good {
		return st
	}
	if c.messageType == typeOPN {
		pos, st = ch.checkAsymmetric(c, pos, uint32(channelID))
	} else {
		pos, st = ch.checkSymmetric(c, pos, uint32(channelID))
	}
	if st == uatypes.Good {
		st = ch.open(c, pos)
	}
	if st != uatypes.Good {
		return st
	}
	var seq sequenceHeader
	pos, st = decode(ch.server, c.bytes, pos, &seq)
	if c.messageType == typeOPN {
		ch.receiveSequence = seq.SequenceNumber
	} else {
		st |= ch.checkSequence(seq.SequenceNumber)
	}
	if st != uatypes.Good {
		return st
	}
	c.requestID = seq.RequestID
	c.bytes = c.bytes[pos:]
	return uatypes.Good
}

// uint32Value is a number that is decoded by itself.
type uint32Value uint32

// Walk implements uatypes.Value.
func (v *uint32Value) Walk(w *uatypes.Walker) { w.UInt32((*uint32)(v)) }

// checkAsymmetric checks the header of an OPN message. The first one on a
// channel sets its policy.
func (ch *secureChannel) checkAsymmetric(c *chunk, pos int, channelID uint32) (int, uatypes.Status) {
	if ch.state != channelOpen && ch.state != channelAckSent {
		return pos, ua.StatusBadInvalidState
	}
	var h asymmetricHeader
	pos, st := decode(ch.server, c.bytes, pos, &h)
	if st != uatypes.Good {
		return pos, st
	}
	defer uatypes.Clear(ch.server.mem, &h)
	if len(h.SenderCertificate.B) > 0 {
		if st := ch.server.verifyCertificate(&h.SenderCertificate); st != uatypes.Good {
			return pos, st
		}
	}
	if ch.policy == nil {
		if st := ch.server.setPolicy(ch, &h); st != uatypes.Good {
			return pos, st
		}
	}
	if channelID != 0 && ch.token.channelID == 0 {
		ch.token.channelID = channelID
	}
	if channelID != ch.token.channelID {
		return pos, ua.StatusBadSecureChannelIDInvalid
	}
	if !ch.policy.uri.Equal(&h.SecurityPolicyURI) {
		return pos, ua.StatusBadSecurityPolicyRejected
	}
	if !ch.policy.isNone() && !ch.policy.thumbprint.Equal(&h.ReceiverCertificateThumbprint) {
		return pos, ua.StatusBadCertificateInvalid
	}
	return pos, uatypes.Good
}

// checkSymmetric checks the token of a message and rolls over to the new one
// when it is used for the first time (checkSymHeader).
func (ch *secureChannel) checkSymmetric(c *chunk, pos int, channelID uint32) (int, uatypes.Status) {
	if ch.state == channelClosed {
		return pos, ua.StatusBadSecureChannelClosed
	}
	var tokenID uint32Value
	pos, st := decode(ch.server, c.bytes, pos, &tokenID)
	switch {
	case st != uatypes.Good:
		return pos, st
	case ch.policy == nil:
		return pos, ua.StatusBadInternalError
	case channelID != ch.token.channelID:
		return pos, ua.StatusBadSecureChannelIDInvalid
	}
	if ch.newToken && uint32(tokenID) != ch.token.tokenID {
		if uint32(tokenID) != ch.alternative.tokenID {
			return pos, ua.StatusBadSecureChannelTokenUnknown
		}
		if st := ch.rollOver(); st != uatypes.Good {
			return pos, st
		}
	}
	if ch.state == channelOpen && ch.token.expires() < ch.server.channelNow() {
		ch.close()
		return pos, ua.StatusBadSecureChannelClosed
	}
	return pos, uatypes.Good
}

// Sequence numbers wrap between these two (Part 6, 6.7.2.4).
const (
	sequenceWrapFrom = 4294966271
	sequenceWrapTo   = 1024
)

func (ch *secureChannel) checkSequence(n uint32) uatypes.Status {
	if n != ch.receiveSequence+1 {
		if ch.receiveSequence+1 <= sequenceWrapFrom || n >= sequenceWrapTo {
			return ua.StatusBadSecurityChecksFailed
		}
		ch.receiveSequence = n - 1
	}
	ch.receiveSequence++
	return uatypes.Good
}
