package opcua

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"
)

// A clientCall is a request that waits for its answer.
type clientCall struct {
	id       uint32
	service  string
	sent     time.Duration
	deadline time.Duration // virtual time; 0: none
	answer   func(ua.Response, error)
}

// clientService returns the name of the service of a request.
func clientService(req ua.Request) string {
	return strings.TrimSuffix(reflect.TypeOf(req).Elem().Name(), "Request")
}

// Do sends any request and returns the server's answer. The request's header is
// filled in. An answer with a bad status code, a fault or not, is a
// *ClientError of kind ClientFault and is returned beside it.
func (c *Client) Do(req ua.Request) (ua.Response, error) {
	return c.do(req, c.cfg.RequestTimeout, 0)
}

// clientDo is Do for a response of a known type.
func clientDo[T ua.Response](c *Client, req ua.Request, until time.Duration) (T, error) {
	var zero T
	resp, err := c.do(req, c.cfg.RequestTimeout, until)
	if err != nil {
		return zero, err
	}
	t, ok := resp.(T)
	if !ok {
		return zero, c.lose(c.fail(clientService(req), ClientMalformed, fmt.Sprintf("answer is a %T, expected %T", resp, zero), nil))
	}
	return t, nil
}

// do sends req and waits for timeout (negative: for ever), but not beyond until
// (0: no limit).
func (c *Client) do(req ua.Request, timeout, until time.Duration) (ua.Response, error) {
	service := clientService(req)
	var resp ua.Response
	var failed error
	done := false
	call, err := c.send(req, timeout, timeout, func(r ua.Response, err error) { resp, failed, done = r, err, true })
	if err != nil {
		return nil, err
	}
	if err := c.pump(service, until, func() bool { return done }); err != nil {
		c.forget(call)
		return resp, err
	}
	return resp, failed
}

// send writes a request. answer is called once, inside the pump, with the
// response or an error; it must not wait. The hint goes into the header; the
// client itself waits for timeout (negative: for ever).
func (c *Client) send(req ua.Request, timeout, hint time.Duration, answer func(ua.Response, error)) (*clientCall, error) {
	service := clientService(req)
	if c.conn == nil {
		return nil, c.gone(service)
	}
	if _, opens := req.(*ua.OpenSecureChannelRequest); !opens && c.channel.id == 0 {
		return nil, c.fail(service, ClientMisuse, "there is no secure channel", nil)
	}
	c.request++
	h := &ua.RequestHeader{
		AuthenticationToken: c.session.token,
		Timestamp:           c.cfg.Epoch.Add(c.p.Now()),
		RequestHandle:       c.request,
		TimeoutHint:         clientMilliseconds(hint),
	}
	switch req.(type) {
	case *ua.OpenSecureChannelRequest, *ua.CloseSecureChannelRequest, *ua.CreateSessionRequest,
		*ua.GetEndpointsRequest, *ua.FindServersRequest:
		h.AuthenticationToken = nil // Part 4, 7.33: null outside a session
	}
	if h.AuthenticationToken == nil {
		h.AuthenticationToken = ua.NewTwoByteNodeID(0)
	}
	req.SetHeader(h)
	chunks, err := c.encode(req, c.request)
	if err != nil {
		return nil, err
	}
	call := &clientCall{id: c.request, service: service, sent: c.p.Now(), answer: answer}
	if timeout >= 0 {
		call.deadline = call.sent + max(timeout, 1)
	}
	if answer != nil {
		c.pending = append(c.pending, call)
	}
	c.stats.Requests++
	if err := c.write(service, chunks); err != nil {
		c.forget(call)
		return nil, c.lose(err)
	}
	return call, nil
}

// write sends bytes, within the time that requests have.
func (c *Client) write(step string, b []byte) error {
	started, within := c.p.Now(), max(c.cfg.RequestTimeout, 0)
	n, err := c.conn.Write(c.p, b, within)
	c.stats.BytesSent += uint64(n)
	c.traffic = c.p.Now()
	if err != nil {
		return c.connError(step, started, within, err)
	}
	return nil
}

// SendRaw writes bytes as they are, for peers that break the protocol.
func (c *Client) SendRaw(b []byte) error {
	if c.conn == nil {
		return c.gone("raw bytes")
	}
	if err := c.write("raw bytes", b); err != nil {
		return c.lose(err)
	}
	return nil
}

// forget takes a call off the list; its answer counts as late.
func (c *Client) forget(call *clientCall) {
	for i, o := range c.pending {
		if o == call {
			c.pending = append(c.pending[:i], c.pending[i+1:]...)
			return
		}
	}
}

func (c *Client) take(id uint32) *clientCall {
	for _, call := range c.pending {
		if call.id == id {
			c.forget(call)
			return call
		}
	}
	return nil
}

// dispatchAll acts on every complete message.
func (c *Client) dispatchAll(step string) error {
	for c.conn != nil {
		m, err := c.reader.next()
		if err != nil {
			return c.violation(step, err)
		}
		if m == nil {
			return nil
		}
		if err := c.dispatch(step, m); err != nil {
			return err
		}
	}
	return nil
}

// violation makes the error of bytes that break the protocol.
func (c *Client) violation(step string, err error) *ClientError {
	e := c.fail(step, ClientMalformed, "", err)
	if v := (*clientProtocolError)(nil); errors.As(err, &v) {
		e.Status = v.status
	}
	return e
}

// dispatch acts on one message.
func (c *Client) dispatch(step string, m *clientMessage) error {
	switch m.kind {
	case uacp.MessageTypeAcknowledge:
		return c.onAcknowledge(step, m)
	case uacp.MessageTypeError:
		return c.onError(step, m)
	case uasc.MessageTypeCloseSecureChannel:
		return c.fail(step, ClientClosed, "the server sent CLO", nil)
	}
	if err := c.channel.check(m); err != nil {
		return c.violation(step, err)
	}
	call := c.take(m.request)
	if call == nil {
		c.stats.Late++
		if m.kind == uasc.MessageTypeOpenSecureChannel {
			// The server has moved on to a token that this client never took
			// (gopcua: "invalid state. openingInstance is nil").
			return c.fail(clientStepRenew, ClientMalformed, "answer to a renewal that was given up", nil)
		}
		return nil
	}
	c.answered = c.p.Now()
	c.stats.Responses++
	if m.abort != nil {
		e := c.fail(call.service, ClientFault, m.abort.Reason, nil)
		e.Status = ua.StatusCode(m.abort.ErrorCode)
		call.answer(nil, e)
		return nil
	}
	v, err := clientDecode(m.body)
	if err != nil {
		e := c.violation(call.service, err)
		e.Status = ua.StatusBadDecodingError
		call.answer(nil, e)
		return e
	}
	resp, ok := v.(ua.Response)
	if !ok {
		e := c.fail(call.service, ClientMalformed, fmt.Sprintf("answer is a %T, not a response", v), nil)
		call.answer(nil, e)
		return e
	}
	call.answer(resp, c.fault(call.service, resp))
	return nil
}

// fault returns the error of a response with a bad status code, or nil.
func (c *Client) fault(service string, resp ua.Response) error {
	status := resp.Header().ServiceResult
	if status>>31 == 0 { // good or uncertain
		if _, isFault := resp.(*ua.ServiceFault); isFault {
			return c.fail(service, ClientMalformed, "a fault with status "+ClientStatusName(status), nil)
		}
		return nil
	}
	e := c.fail(service, ClientFault, "", nil)
	e.Status = status
	return e
}

// encode makes the chunks of a request, numbered and ready to send.
func (c *Client) encode(req ua.Request, id uint32) ([]byte, error) {
	service := clientService(req)
	typeID := ua.ServiceTypeID(req)
	if typeID == 0 {
		return nil, c.fail(service, ClientMisuse, fmt.Sprintf("%T is not a known service", req), nil)
	}
	body := ua.NewBuffer(nil)
	body.WriteStruct(ua.NewFourByteExpandedNodeID(0, typeID))
	body.WriteStruct(req)
	if err := body.Error(); err != nil {
		return nil, c.fail(service, ClientMisuse, "the request cannot be encoded", err)
	}
	data := body.Bytes()

	kind := uasc.MessageTypeMessage
	var security any = uasc.NewSymmetricSecurityHeader(c.channel.token)
	room := int(c.channel.maxChunk) - symmetricHeaderLength
	if c.crypto != nil {
		room = c.crypto.room(int(c.channel.maxChunk))
	}
	switch req.(type) {
	case *ua.OpenSecureChannelRequest:
		kind, room = uasc.MessageTypeOpenSecureChannel, len(data)
		security = uasc.NewAsymmetricSecurityHeader(ua.SecurityPolicyURINone, nil, nil)
		if k := c.crypto; k != nil {
			security = uasc.NewAsymmetricSecurityHeader(k.suite.uri, k.certificate, k.thumbprint)
		}
	case *ua.CloseSecureChannelRequest:
		kind = uasc.MessageTypeCloseSecureChannel
	}
	chunks := max(1, (len(data)+room-1)/room)
	if limit := c.ack.MaxMessageSize; limit != 0 && uint64(len(data)) > uint64(limit) {
		return nil, c.tooLarge(service, "%d bytes, it takes messages of %d", len(data), limit)
	}
	if limit := c.ack.MaxChunkCount; limit != 0 && uint64(chunks) > uint64(limit) {
		return nil, c.tooLarge(service, "%d chunks, it takes %d", chunks, limit)
	}
	out := ua.NewBuffer(nil)
	for i := range chunks {
		part, final := data, byte(uasc.ChunkTypeFinal)
		if i < chunks-1 {
			part, final = data[:room], uasc.ChunkTypeIntermediate
		}
		data = data[len(part):]
		content := ua.NewBuffer(nil)
		content.WriteStruct(uasc.NewSequenceHeader(c.channel.nextSequence(), id))
		content.Write(part)
		b, err := c.chunk(uasc.NewHeader(kind, final, c.channel.id), security, content.Bytes())
		if err := errors.Join(err, content.Error()); err != nil {
			return nil, c.fail(service, ClientMisuse, "the request cannot be encoded", err)
		}
		out.Write(b)
	}
	return out.Bytes(), nil
}

// chunk puts a chunk together and secures it.
func (c *Client) chunk(header *uasc.Header, security any, content []byte) ([]byte, error) {
	tail := ua.NewBuffer(nil)
	tail.WriteStruct(security)
	header.MessageSize = uint32(channelHeaderLength + tail.Len() + len(content))
	head := ua.NewBuffer(nil)
	head.WriteStruct(header)
	head.Write(tail.Bytes())
	if err := errors.Join(tail.Error(), head.Error()); err != nil {
		return nil, err
	}
	if c.crypto == nil {
		return append(head.Bytes(), content...), nil
	}
	return c.crypto.seal(header.MessageType, head.Bytes(), content)
}

func (c *Client) tooLarge(service, format string, args ...any) *ClientError {
	e := c.fail(service, ClientLimit, fmt.Sprintf(format, args...), nil)
	e.Status = ua.StatusBadRequestTooLarge
	return e
}

// clientMilliseconds is a duration as the protocol counts, in 32 bits; negative
// is 0.
func clientMilliseconds(d time.Duration) uint32 {
	return uint32(min(max(0, int64(d/time.Millisecond)), math.MaxUint32))
}

// clientDuration is a Duration of the protocol, milliseconds as a Double, held
// to what a server can mean: 0 to 10 years.
func clientDuration(ms float64) time.Duration {
	const most = 10 * 365 * 24 * time.Hour
	switch {
	case !(ms > 0):
		return 0
	case ms >= float64(most/time.Millisecond):
		return most
	}
	return time.Duration(ms * float64(time.Millisecond))
}
