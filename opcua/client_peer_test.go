package opcua

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// clientPipe is one end of a TCP connection in memory, on virtual time.
type clientPipe struct {
	loop      *vtime.Loop
	peer      *clientPipe
	latency   time.Duration
	in        []byte
	room      int // bytes that may still be under way to this end or wait there
	ended     error
	waiting   *vtime.Proc // who reads
	blocked   *vtime.Proc // who writes to this end
	dead      bool        // closed, aborted or vanished by this side
	mute      bool        // vanished: nothing goes out, nothing is answered
	delivered int
}

var errClientPipeReset = errors.New("connection reset by peer")

func newClientPipe(l *vtime.Loop, latency time.Duration, room int) (a, b *clientPipe) {
	a = &clientPipe{loop: l, latency: latency, room: room}
	b = &clientPipe{loop: l, latency: latency, room: room, peer: a}
	a.peer = b
	return a, b
}

func clientUntil(p *vtime.Proc, timeout time.Duration) time.Duration {
	if timeout == 0 {
		return 0
	}
	return p.Now() + timeout
}

func (c *clientPipe) Read(p *vtime.Proc, b []byte, timeout time.Duration) (int, error) {
	until := clientUntil(p, timeout)
	for {
		switch {
		case c.dead:
			return 0, os.ErrClosed
		case len(c.in) > 0:
			n := copy(b, c.in)
			c.in = append(c.in[:0], c.in[n:]...)
			c.room += n
			if c.blocked != nil {
				c.blocked.Wake()
			}
			return n, nil
		case c.ended != nil:
			return 0, c.ended
		}
		c.waiting = p
		if until == 0 {
			p.Park()
		} else if p.Now() >= until {
			return 0, os.ErrDeadlineExceeded
		} else {
			p.ParkFor(until - p.Now())
		}
		c.waiting = nil
	}
}

func (c *clientPipe) Write(p *vtime.Proc, b []byte, timeout time.Duration) (int, error) {
	until := clientUntil(p, timeout)
	sent := 0
	for sent < len(b) {
		if c.dead {
			return sent, os.ErrClosed
		}
		if c.ended != nil && c.ended != io.EOF {
			return sent, c.ended
		}
		n := min(len(b)-sent, c.peer.room)
		if n == 0 {
			c.peer.blocked = p
			if until == 0 {
				p.Park()
			} else if p.Now() >= until {
				return sent, os.ErrDeadlineExceeded
			} else {
				p.ParkFor(until - p.Now())
			}
			c.peer.blocked = nil
			continue
		}
		part := append([]byte(nil), b[sent:sent+n]...)
		c.peer.room -= n
		sent += n
		c.toPeer(func(d *clientPipe) { d.in = append(d.in, part...); d.delivered += len(part) })
	}
	return sent, nil
}

// toPeer does f to the other end after the latency, unless one side is mute.
func (c *clientPipe) toPeer(f func(*clientPipe)) {
	d := c.peer
	c.loop.After(c.latency, func() {
		if c.mute || d.mute {
			return
		}
		f(d)
		if d.waiting != nil {
			d.waiting.Wake()
		}
		if d.blocked != nil {
			d.blocked.Wake()
		}
	})
}

func (c *clientPipe) end(err error) {
	if c.dead {
		return
	}
	c.dead = true
	c.toPeer(func(d *clientPipe) {
		if d.ended == nil {
			d.ended = err
		}
	})
}

func (c *clientPipe) Close()  { c.end(io.EOF) }
func (c *clientPipe) Abort()  { c.end(errClientPipeReset) }
func (c *clientPipe) Vanish() { c.dead, c.mute = true, true }

// clientPeer is a server in the tests' hands: enough of OPC UA to let a client
// live, and a hook to be anything else.
type clientPeer struct {
	published int // Publish requests so far
	loop      *vtime.Loop
	latency   time.Duration
	refuse    error                                        // of the next dials
	hook      func(s *clientPeerConn, req any) (any, bool) // answer instead; false: none of its business. A nil answer is silence
	maxChunk  int                                          // size of chunks sent; 0: 16384
	revised   time.Duration                                // channel lifetime; 0: 10 min
	values    bool                                         // each publishing interval has a value

	conns    []*clientPeerConn
	log      []string // requests as they came, with their times
	sessions map[string]bool
	nextID   uint32
}

type clientPeerConn struct {
	s         *clientPeer
	conn      ClientConn
	channel   uint32
	token     uint32
	seq       uint32
	subs      []*clientPeerSub
	publishes []clientPeerRequest
	closed    bool
}

type clientPeerRequest struct {
	id     uint32
	handle uint32
	acks   []*ua.SubscriptionAcknowledgement
}

type clientPeerSub struct {
	id       uint32
	interval time.Duration
	seq      uint32
	items    int
}

func newClientPeer(l *vtime.Loop) *clientPeer {
	return &clientPeer{loop: l, latency: 500 * time.Microsecond, sessions: map[string]bool{}, values: true}
}

func (s *clientPeer) Dial(p *vtime.Proc, addr string, timeout time.Duration) (ClientConn, error) {
	if s.refuse != nil {
		if errors.Is(s.refuse, os.ErrDeadlineExceeded) {
			p.Sleep(timeout)
		}
		return nil, s.refuse
	}
	p.Sleep(2 * s.latency)
	a, b := newClientPipe(s.loop, s.latency, 1<<16)
	c := &clientPeerConn{s: s, conn: b}
	s.conns = append(s.conns, c)
	s.loop.Go(fmt.Sprintf("server %d", len(s.conns)), c.serve)
	return a, nil
}

func (s *clientPeer) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf("%v ", s.loop.Now())+fmt.Sprintf(format, args...))
}

func (c *clientPeerConn) serve(p *vtime.Proc) {
	var buf []byte
	b := make([]byte, 1<<16)
	for {
		n, err := c.conn.Read(p, b, 0)
		if err != nil {
			c.s.note("end: %v", err)
			c.closed = true
			c.conn.Close()
			return
		}
		buf = append(buf, b[:n]...)
		for len(buf) >= 8 {
			size := int(binary.LittleEndian.Uint32(buf[4:]))
			if len(buf) < size {
				break
			}
			if !c.handle(p, buf[:size:size]) {
				c.closed = true
				c.conn.Close()
				return
			}
			buf = append([]byte(nil), buf[size:]...)
		}
	}
}

// handle acts on one chunk and reports whether the connection goes on.
func (c *clientPeerConn) handle(p *vtime.Proc, chunk []byte) bool {
	if string(chunk[:3]) == "HEL" {
		var hel uacp.Hello
		if _, err := hel.Decode(chunk[8:]); err != nil {
			panic(err)
		}
		c.s.note("HEL %d %d %s", hel.ReceiveBufSize, hel.SendBufSize, hel.EndpointURL)
		if answer, ok := c.ask(&hel); ok {
			return c.raw(p, answer)
		}
		c.write(p, clientFrame("ACKF", &uacp.Acknowledge{ReceiveBufSize: 16384, SendBufSize: 16384}))
		return true
	}
	var m uasc.Message
	if _, err := m.Decode(chunk); err != nil {
		panic(fmt.Sprintf("%x: %v", chunk, err))
	}
	req := m.Service.(ua.Request)
	id, handle := m.SequenceHeader.RequestID, req.Header().RequestHandle
	if _, isPublish := req.(*ua.PublishRequest); !isPublish {
		c.s.note("%s %d", clientService(req), id)
	}
	if answer, ok := c.ask(req); ok {
		if resp, isResponse := answer.(ua.Response); isResponse {
			c.respond(p, m.Header.MessageType, id, handle, resp, 0)
			return true
		}
		return c.raw(p, answer)
	}
	return c.answer(p, m.Header.MessageType, id, handle, req)
}

func (c *clientPeerConn) ask(req any) (any, bool) {
	if c.s.hook == nil {
		return nil, false
	}
	return c.s.hook(c, req)
}

// raw sends bytes, a status code as ERR, or ends the connection (error).
func (c *clientPeerConn) raw(p *vtime.Proc, answer any) bool {
	switch v := answer.(type) {
	case nil:
	case []byte:
		c.write(p, v)
	case ua.StatusCode:
		c.write(p, clientFrame("ERRF", &uacp.Error{ErrorCode: uint32(v)}))
		return false
	case error:
		if v == errClientPipeReset {
			c.conn.Abort()
		}
		return false
	}
	return true
}

func (c *clientPeerConn) answer(p *vtime.Proc, kind string, id, handle uint32, req ua.Request) bool {
	s := c.s
	var resp ua.Response
	switch r := req.(type) {
	case *ua.OpenSecureChannelRequest:
		if r.RequestType == ua.SecurityTokenRequestTypeIssue {
			s.nextID++
			c.channel = s.nextID
		}
		s.nextID++
		c.token = s.nextID
		life := s.revised
		if life == 0 {
			life = 10 * time.Minute
		}
		resp = &ua.OpenSecureChannelResponse{SecurityToken: &ua.ChannelSecurityToken{ChannelID: c.channel, TokenID: c.token, RevisedLifetime: uint32(min(time.Duration(r.RequestedLifetime)*time.Millisecond, life).Milliseconds())}}
	case *ua.CloseSecureChannelRequest:
		return false
	case *ua.GetEndpointsRequest:
		resp = &ua.GetEndpointsResponse{Endpoints: clientPeerEndpoints()}
	case *ua.FindServersRequest:
		resp = &ua.FindServersResponse{}
	case *ua.CreateSessionRequest:
		s.nextID++
		token := ua.NewNumericNodeID(1, s.nextID)
		s.sessions[token.String()] = true
		resp = &ua.CreateSessionResponse{SessionID: ua.NewNumericNodeID(1, s.nextID), AuthenticationToken: token,
			RevisedSessionTimeout: r.RequestedSessionTimeout, ServerEndpoints: clientPeerEndpoints(), ServerSignature: &ua.SignatureData{}}
	case *ua.ActivateSessionRequest:
		if !s.sessions[r.RequestHeader.AuthenticationToken.String()] {
			c.fault(p, id, handle, ua.StatusBadSessionIDInvalid)
			return true
		}
		if tok, ok := r.UserIdentityToken.Value.(*ua.UserNameIdentityToken); ok {
			s.note("user %s %s %s", tok.PolicyID, tok.UserName, tok.Password)
		}
		resp = &ua.ActivateSessionResponse{}
	case *ua.CloseSessionRequest:
		delete(s.sessions, r.RequestHeader.AuthenticationToken.String())
		resp = &ua.CloseSessionResponse{}
		c.subs = nil
	case *ua.ReadRequest:
		rr := &ua.ReadResponse{}
		for _, n := range r.NodesToRead {
			rr.Results = append(rr.Results, &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(n.NodeID.String())})
		}
		resp = rr
	case *ua.WriteRequest:
		resp = &ua.WriteResponse{Results: []ua.StatusCode{ua.StatusOK}}
	case *ua.BrowseRequest:
		refs := make([]*ua.ReferenceDescription, 2)
		for i := range refs {
			refs[i] = clientPeerReference(uint32(i))
		}
		result := &ua.BrowseResult{References: refs}
		if r.RequestedMaxReferencesPerNode > 0 {
			result.References, result.ContinuationPoint = refs[:1], []byte{7}
		}
		resp = &ua.BrowseResponse{Results: []*ua.BrowseResult{result}}
	case *ua.BrowseNextRequest:
		resp = &ua.BrowseNextResponse{Results: []*ua.BrowseResult{{References: []*ua.ReferenceDescription{clientPeerReference(1)}}}}
	case *ua.CreateSubscriptionRequest:
		s.nextID++
		sub := &clientPeerSub{id: s.nextID, interval: time.Duration(r.RequestedPublishingInterval) * time.Millisecond, seq: 1}
		c.subs = append(c.subs, sub)
		s.loop.Go(fmt.Sprintf("subscription %d", sub.id), func(p *vtime.Proc) { c.publishing(p, sub) })
		resp = &ua.CreateSubscriptionResponse{SubscriptionID: sub.id, RevisedPublishingInterval: r.RequestedPublishingInterval,
			RevisedLifetimeCount: r.RequestedLifetimeCount, RevisedMaxKeepAliveCount: r.RequestedMaxKeepAliveCount}
	case *ua.CreateMonitoredItemsRequest:
		cr := &ua.CreateMonitoredItemsResponse{}
		for i, item := range r.ItemsToCreate {
			cr.Results = append(cr.Results, &ua.MonitoredItemCreateResult{MonitoredItemID: uint32(i + 1),
				RevisedQueueSize: item.RequestedParameters.QueueSize, RevisedSamplingInterval: item.RequestedParameters.SamplingInterval})
		}
		for _, sub := range c.subs {
			if sub.id == r.SubscriptionID {
				sub.items = len(cr.Results)
			}
		}
		resp = cr
	case *ua.DeleteSubscriptionsRequest:
		c.subs = nil
		resp = &ua.DeleteSubscriptionsResponse{Results: make([]ua.StatusCode, len(r.SubscriptionIDs))}
	case *ua.PublishRequest:
		c.s.published++
		if len(c.subs) == 0 {
			c.fault(p, id, handle, ua.StatusBadNoSubscription)
			return true
		}
		c.publishes = append(c.publishes, clientPeerRequest{id, handle, r.SubscriptionAcknowledgements})
		return true
	case *ua.RepublishRequest:
		c.fault(p, id, handle, ua.StatusBadMessageNotAvailable)
		return true
	default:
		c.fault(p, id, handle, ua.StatusBadServiceUnsupported)
		return true
	}
	c.respond(p, kind, id, handle, resp, 0)
	return true
}

// publishing is one subscription: a value or a keep-alive at each interval.
func (c *clientPeerConn) publishing(p *vtime.Proc, sub *clientPeerSub) {
	for {
		p.Sleep(sub.interval)
		if c.closed || len(c.subs) == 0 {
			return
		}
		if len(c.publishes) == 0 || sub.items == 0 {
			continue
		}
		req := c.publishes[0]
		c.publishes = c.publishes[1:]
		for _, a := range req.acks {
			c.s.note("ack %d/%d", a.SubscriptionID, a.SequenceNumber)
		}
		m := &ua.NotificationMessage{SequenceNumber: sub.seq}
		if c.s.values {
			sub.seq++
			m.NotificationData = []*ua.ExtensionObject{ua.NewExtensionObject(&ua.DataChangeNotification{
				MonitoredItems: []*ua.MonitoredItemNotification{{ClientHandle: 1, Value: &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(float32(sub.seq))}}},
			})}
		}
		c.respond(p, uasc.MessageTypeMessage, req.id, req.handle, &ua.PublishResponse{SubscriptionID: sub.id, NotificationMessage: m, Results: make([]ua.StatusCode, len(req.acks))}, 0)
	}
}

func (c *clientPeerConn) fault(p *vtime.Proc, id, handle uint32, status ua.StatusCode) {
	c.respond(p, uasc.MessageTypeMessage, id, handle, &ua.ServiceFault{}, status)
}

func (c *clientPeerConn) respond(p *vtime.Proc, kind string, id, handle uint32, resp ua.Response, status ua.StatusCode) {
	if h := resp.Header(); h == nil {
		resp.SetHeader(&ua.ResponseHeader{RequestHandle: handle, ServiceResult: status, ServiceDiagnostics: &ua.DiagnosticInfo{}})
	}
	max := c.s.maxChunk
	if max == 0 {
		max = 16384
	}
	c.write(p, c.frames(kind, id, resp, max))
}

// frames encodes a response as chunks of at most max bytes.
func (c *clientPeerConn) frames(kind string, id uint32, resp ua.Response, max int) []byte {
	body := ua.NewBuffer(nil)
	body.WriteStruct(ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(resp)))
	body.WriteStruct(resp)
	if body.Error() != nil {
		panic(body.Error())
	}
	data := body.Bytes()
	var out []byte
	for first := true; first || len(data) > 0; first = false {
		var security any = uasc.NewSymmetricSecurityHeader(c.token)
		n, final := len(data), byte('F')
		if kind == uasc.MessageTypeOpenSecureChannel {
			security = uasc.NewAsymmetricSecurityHeader(ua.SecurityPolicyURINone, nil, nil)
		} else if n > max-24 {
			n, final = max-24, 'C'
		}
		c.seq++
		b := ua.NewBuffer(nil)
		b.WriteStruct(security)
		b.WriteStruct(uasc.NewSequenceHeader(c.seq, id))
		b.Write(data[:n])
		data = data[n:]
		h := uasc.NewHeader(kind, final, c.channel)
		h.MessageSize = uint32(12 + b.Len())
		enc, err := h.Encode()
		if err != nil {
			panic(err)
		}
		out = append(append(out, enc...), b.Bytes()...)
	}
	return out
}

func (c *clientPeerConn) write(p *vtime.Proc, b []byte) { _, _ = c.conn.Write(p, b, 0) }

// clientFrame is a message of the connection protocol.
func clientFrame(kind string, body ua.BinaryEncoder) []byte {
	b, err := body.Encode()
	if err != nil {
		panic(err)
	}
	out := append([]byte(kind), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[4:], uint32(8+len(b)))
	return append(out, b...)
}

func clientPeerEndpoints() []*ua.EndpointDescription {
	name := &ua.LocalizedText{Text: "test"}
	name.UpdateMask()
	return []*ua.EndpointDescription{{
		EndpointURL: "opc.tcp://test", Server: &ua.ApplicationDescription{ApplicationName: name},
		SecurityMode: ua.MessageSecurityModeNone, SecurityPolicyURI: ua.SecurityPolicyURINone,
		UserIdentityTokens: []*ua.UserTokenPolicy{
			{PolicyID: "anon", TokenType: ua.UserTokenTypeAnonymous},
			{PolicyID: "name", TokenType: ua.UserTokenTypeUserName},
		},
	}}
}

func clientPeerReference(i uint32) *ua.ReferenceDescription {
	text := &ua.LocalizedText{Text: "n"}
	text.UpdateMask()
	node := ua.NewNumericNodeID(0, i)
	return &ua.ReferenceDescription{ReferenceTypeID: node, NodeID: &ua.ExpandedNodeID{NodeID: node},
		BrowseName: &ua.QualifiedName{Name: "n"}, DisplayName: text, TypeDefinition: &ua.ExpandedNodeID{NodeID: node}}
}
