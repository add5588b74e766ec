package opcua

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// observer is what a recorded client has in its receive buffer: messages that
// it has not looked at yet.
type observer struct {
	part     []byte
	messages [][]byte
}

func (r *replay) observe(conn int) *observer {
	if r.clients[conn] == nil {
		r.clients[conn] = &observer{}
	}
	return r.clients[conn]
}

func (o *observer) receive(b []byte) {
	o.part = append(o.part, b...)
	for len(o.part) >= headerLength {
		n := binary.LittleEndian.Uint32(o.part[4:])
		if n < headerLength || uint32(len(o.part)) < n {
			return
		}
		o.messages = append(o.messages, o.part[:n])
		o.part = o.part[n:]
	}
}

// compareResult compares what the client of a phase saw. It counts all that is
// in its buffer each time it takes a message from it; where it does not look,
// the messages wait for a later phase.
func (r *replay) compareResult(e *endLine) error {
	o, conn := r.client(r.phase.Client)
	if e.RespBytes == 0 {
		return r.compareUnread(e, conn)
	}
	if o == nil {
		return fmt.Errorf("resp_bytes: expected %d, got 0", e.RespBytes)
	}
	all, each := len(o.part), 0
	for i := len(o.messages) - 1; i >= 0; i-- {
		all += len(o.messages[i])
		each += all
	}
	if e.RespBytes != all && e.RespBytes != each {
		return fmt.Errorf("resp_bytes: expected %d, got %d", e.RespBytes, all)
	}
	if len(o.messages) == 0 {
		return fmt.Errorf("result: expected %q, got no message", e.Result)
	}
	var messages [][]byte
	for _, m := range o.messages {
		messages = append(messages, r.spy.plain(conn, m))
	}
	o.messages, o.part = nil, nil
	if r.spy != nil {
		// The client of these recordings tells no more than the status, and of its own
		// handshake nothing.
		got, _, _ := strings.Cut(describe(messages[len(messages)-1]), " ")
		if e.Result != "" && e.Result != got {
			return fmt.Errorf("result: expected %q, got %q", e.Result, got)
		}
		return nil
	}
	return compareMessages(e.Result, messages)
}

// client returns the connection of a client that was made last.
func (r *replay) client(number int) (*observer, int) {
	conn := r.connOf[number]
	if conn == 0 {
		return nil, 0
	}
	return r.observe(conn), conn
}

// compareUnread compares a result that is not a response.
func (r *replay) compareUnread(e *endLine, conn int) error {
	saw := func(net string) bool {
		return slices.ContainsFunc(r.seen, func(h happened) bool { return h.net == net && (h.conn == conn || h.conn == 0) })
	}
	got := e.Result
	p := r.tape.conns[conn]
	switch {
	case e.Result == "accepted" && !saw("accept"), e.Result == "refused" && !saw("accept_fail"),
		e.Result == "fin" && !saw("fin"), e.Result == "rst" && !saw("rst"),
		e.Result == "server shut socket" && !saw("shutdown"), e.Result == "open" && saw("shutdown"):
		got = "something else"
	case strings.HasPrefix(e.Result, "unsent_socket_bytes=") && p != nil:
		got = fmt.Sprintf("unsent_socket_bytes=%d", p.unsent)
		if saw("tx_again") {
			got += " SEND LOOP STALLED"
		}
	}
	if got != e.Result {
		return fmt.Errorf("result: expected %q, got %q", e.Result, got)
	}
	return nil
}

// compareMessages compares a result with the messages that the client took.
func compareMessages(want string, messages [][]byte) error {
	if got := describe(messages[len(messages)-1]); got == want {
		return nil
	}
	got := describe(messages[0])
	if strings.HasPrefix(want, "other type ") {
		got = fmt.Sprintf("other type %d", typeOf(messages[0]))
	}
	if status, _, _ := strings.Cut(want, " "); unheard(messages[0]) && status == got {
		return nil
	}
	if got != want {
		return fmt.Errorf("result: expected %q, got %q", want, got)
	}
	return nil
}

// unheard reports whether a message is a response of a service that no recording
// of the project has. What a client tells of it behind the status is not known.
func unheard(m []byte) bool {
	if binary.LittleEndian.Uint32(m)&messageTypeMask != typeMSG {
		return false
	}
	switch typeOf(m) {
	case uatypes.TypeServiceFault.Encoding, uatypes.TypeGetEndpointsResponse.Encoding, uatypes.TypeCreateSessionResponse.Encoding,
		uatypes.TypeActivateSessionResponse.Encoding, uatypes.TypeCloseSessionResponse.Encoding,
		uatypes.TypeReadResponse.Encoding, uatypes.TypeBrowseResponse.Encoding,
		uatypes.TypeCreateSubscriptionResponse.Encoding, uatypes.TypeCreateMonitoredItemsResponse.Encoding,
		uatypes.TypePublishResponse.Encoding:
		return false
	}
	return true
}

func typeOf(m []byte) uint32 {
	var id uatypes.NodeID
	uatypes.Decode(&mem.Recorder{}, m, symmetricHeaderLength, &id)
	return id.Numeric
}

func statusName(s uatypes.Status) string {
	if s == uatypes.Good {
		return "Good"
	}
	if d, ok := ua.StatusCodes[s]; ok {
		return strings.TrimPrefix(d.Name, "Status")
	}
	return fmt.Sprintf("0x%08x", uint32(s))
}

// describe says what is in a message, in the words of the recordings.
func describe(m []byte) string {
	var r mem.Recorder
	switch binary.LittleEndian.Uint32(m) & messageTypeMask {
	case typeACK:
		return "ACK"
	case typeERR:
		return "ERR " + statusName(uatypes.Status(binary.LittleEndian.Uint32(m[8:])))
	case typeOPN:
		var h asymmetricHeader
		pos, _ := uatypes.Decode(&r, m, channelHeaderLength, &h)
		var id uatypes.NodeID
		pos, _ = uatypes.Decode(&r, m, pos+sequenceHeaderLength, &id)
		var o uatypes.OpenSecureChannelResponse
		uatypes.Decode(&r, m, pos, &o)
		return fmt.Sprintf("%s lifetime=%d", statusName(o.ResponseHeader.ServiceResult), o.SecurityToken.RevisedLifetime)
	}
	var id uatypes.NodeID
	pos, _ := uatypes.Decode(&r, m, symmetricHeaderLength, &id)
	var h uatypes.ResponseHeader
	uatypes.Decode(&r, m, pos, &h)
	if h.ServiceResult != uatypes.Good {
		return statusName(h.ServiceResult)
	}
	detail := ""
	switch id.Numeric {
	case uatypes.TypeCreateSessionResponse.Encoding:
		var x uatypes.CreateSessionResponse
		uatypes.Decode(&r, m, pos, &x)
		detail = fmt.Sprintf(" timeout=%.0f", x.RevisedSessionTimeout)
	case uatypes.TypeBrowseResponse.Encoding:
		var x uatypes.BrowseResponse
		uatypes.Decode(&r, m, pos, &x)
		detail = fmt.Sprintf(" refs=%d cp=%d", len(x.Results.V[0].References.V), len(x.Results.V[0].ContinuationPoint.B))
	case uatypes.TypeCreateSubscriptionResponse.Encoding:
		var x uatypes.CreateSubscriptionResponse
		uatypes.Decode(&r, m, pos, &x)
		detail = fmt.Sprintf(" pi=%.0f life=%d ka=%d", x.RevisedPublishingInterval, x.RevisedLifetimeCount, x.RevisedMaxKeepAliveCount)
	case uatypes.TypeCreateMonitoredItemsResponse.Encoding:
		var x uatypes.CreateMonitoredItemsResponse
		uatypes.Decode(&r, m, pos, &x)
		ok, bad := 0, ""
		for _, i := range x.Results.V {
			if i.StatusCode == uatypes.Good {
				ok++
			} else {
				bad = statusName(i.StatusCode)
			}
		}
		detail = fmt.Sprintf(" ok=%d/%d %s", ok, len(x.Results.V), bad)
	case uatypes.TypePublishResponse.Encoding:
		var x uatypes.PublishResponse
		uatypes.Decode(&r, m, pos, &x)
		more := 0
		if x.MoreNotifications {
			more = 1
		}
		detail = fmt.Sprintf(" seq=%d avail=%d more=%d", x.NotificationMessage.SequenceNumber, len(x.AvailableSequenceNumbers.V), more)
	}
	return "Good" + detail
}
