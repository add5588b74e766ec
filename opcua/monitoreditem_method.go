package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// getMonitoredItems is the method GetMonitoredItems of the server object
// (readMonitoredItems, src/server/ua_server_ns0.c): the ids and the client
// handles of the items of a subscription.
func (s *Server) getMonitoredItems(caller *nodestore.Session, _, _ *uatypes.NodeID, in, out []uatypes.Variant) uatypes.Status {
	if s.rel.emptyOutput {
		clearOutput(out)
	}
	sess := s.sessionWith(caller)
	if sess == nil {
		return ua.StatusBadInternalError
	}
	if len(in) == 0 || in[0].P == uatypes.Null {
		return ua.StatusBadSubscriptionIDInvalid
	}
	id, _ := in[0].V.([]uint32)
	var sub *subscription
	if len(id) > 0 {
		sub = sess.subscription(id[0])
	}
	if sub == nil {
		if len(sess.subscriptions) > 0 || s.rel.emptyOutput {
			return ua.StatusBadSubscriptionIDInvalid
		}
		clearOutput(out)
		return ua.StatusBadNoMatch
	}
	n := len(sub.items)
	if n == 0 {
		return uatypes.Good
	}
	clientHandles, haveClient := uatypes.NewArrayOf(s.mem, uatypes.TypeUInt32, n)
	if !haveClient && s.rel.emptyOutput {
		return ua.StatusBadOutOfMemory
	}
	ids, haveIDs := uatypes.NewArrayOf(s.mem, uatypes.TypeUInt32, n)
	if !haveIDs && s.rel.emptyOutput {
		s.mem.Free(clientHandles.P)
		return ua.StatusBadOutOfMemory
	}
	if !haveClient || !haveIDs {
		nullWrite("readMonitoredItems", uint32(n)*uatypes.TypeUInt32.Size())
	}
	for k, i := range sub.items {
		clientHandles.V.([]uint32)[k] = i.clientHandle
		ids.V.([]uint32)[k] = i.id
	}
	out[0], out[1] = ids, clientHandles
	return uatypes.Good
}

// clearOutput makes every output argument an array without elements.
func clearOutput(out []uatypes.Variant) {
	for i := range out {
		out[i] = uatypes.Variant{Type: uatypes.TypeUInt32, P: uatypes.Empty, V: []uint32{}, IsArray: true}
	}
}

// sessionWith finds the session to which the continuation points belong.
func (s *Server) sessionWith(points *nodestore.Session) *session {
	for _, sess := range s.sessions {
		if &sess.points == points {
			return sess
		}
	}
	return nil
}
