package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// service performs requests of one type.
type service struct {
	run func(s *Server, ch *secureChannel, requestID uint32, b []byte, pos int) uatypes.Status
}

// needs tells what a service needs of a session.
type needs uint8

const (
	needsSession    needs = iota // an activated session
	needsNoSession               // discovery
	needsChannel                 // session services: they look for the session themselves
	needsAnySession              // session services of v1.0
)

// newService ties a request type to the function that performs it and its
// response type (getServicePointers, processMSGDecoded). The function reports
// whether the response is to be sent now.
func newService[Q, R any, PQ interface {
	*Q
	uatypes.Request
}, PR interface {
	*R
	uatypes.Response
}](response *uatypes.DataType, need needs, perform func(*Server, *call, PQ, PR) bool) *service {
	run := func(s *Server, ch *secureChannel, requestID uint32, b []byte, pos int) uatypes.Status {
		var q Q
		if _, st := decode[Q, PQ](s, b, pos, &q); st != uatypes.Good {
			var r R
			return s.decodeHeaderSendFault(ch, b, pos, response, PR(&r), requestID, st)
		}
		h := PQ(&q).Header()
		if h.Timestamp == 0 {
			// The rule for such requests is "default", which is to refuse them.
			var r R
			st := s.sendFault(ch, requestID, h.RequestHandle, response, PR(&r), ua.StatusBadInvalidTimestamp)
			uatypes.Clear[Q, PQ](s.mem, &q)
			return st
		}
		var r R
		PR(&r).Header().RequestHandle = h.RequestHandle
		c := &call{channel: ch, requestID: requestID, handle: h.RequestHandle}
		st, refused := s.find(c, h, need)
		switch {
		case refused:
			var f R
			st = s.sendFault(ch, requestID, h.RequestHandle, response, PR(&f), st)
		case perform(s, c, &q, &r):
			st = s.sendResponse(ch, requestID, response, PR(&r))
		}
		uatypes.Clear[Q, PQ](s.mem, &q)
		uatypes.Clear[R, PR](s.mem, &r)
		return st
	}
	return &service{run}
}

// find finds the session of a request as the version does.
func (s *Server) find(c *call, h *uatypes.RequestHeader, need needs) (st uatypes.Status, refused bool) {
	if s.rel.channelAtOpen {
		return s.bindAny(c, h, need)
	}
	return s.bind(c, h, need)
}

// bind finds the session of a request and prolongs it. It reports whether the
// request is refused, and with which status.
func (s *Server) bind(c *call, h *uatypes.RequestHeader, need needs) (st uatypes.Status, refused bool) {
	if need == needsChannel {
		return uatypes.Good, false
	}
	if !h.AuthenticationToken.IsNull() {
		var sess *session
		if sess, st = s.boundSession(c.channel, &h.AuthenticationToken); st != uatypes.Good {
			return st, true
		}
		c.session = sess
	}
	if c.session == nil {
		if need == needsSession {
			return ua.StatusBadSessionIDInvalid, true
		}
		c.session = &session{channel: c.channel, anonymous: true}
	}
	if need == needsSession && !c.session.activated {
		s.removeSession(c.session)
		return ua.StatusBadSessionNotActivated, true
	}
	c.session.updateLifetime(s)
	return uatypes.Good, false
}

// operations performs a service's operations one after the other, each with
// its own result (UA_Server_processServiceOperations,
// src/server/ua_server_utils.c).
func operations[Q, R any, PR interface {
	*R
	uatypes.Value
}](s *Server, q *uatypes.Array[Q], r *uatypes.Array[R], name string, perform func(*Q, *R)) uatypes.Status {
	if len(q.V) == 0 {
		return ua.StatusBadNothingToDo
	}
	results, ok := uatypes.NewArray[R, PR](s.mem, len(q.V), name)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	*r = results
	for i := range q.V {
		perform(&q.V[i], &r.V[i])
	}
	return uatypes.Good
}

// tooMany reports whether a request has more operations than a limit allows.
func tooMany(limit uint32, n int) bool { return limit != 0 && uint32(n) > limit }

// statusOperations is operations for results that are only status codes.
func statusOperations[Q any](s *Server, q *uatypes.Array[Q], r *uatypes.Array[uatypes.Status], perform func(*Q) uatypes.Status) uatypes.Status {
	if len(q.V) == 0 {
		return ua.StatusBadNothingToDo
	}
	results, ok := uatypes.NewStatusCodes(s.mem, len(q.V))
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	*r = results
	for i := range q.V {
		r.V[i] = perform(&q.V[i])
	}
	return uatypes.Good
}
