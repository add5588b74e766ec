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
		if len(sess.subscriptions) > 0 {
			return ua.StatusBadSubscriptionIDInvalid
		}
		for i := range out {
			out[i], _ = uatypes.NewArrayOf(s.mem, uatypes.TypeUInt32, 0)
		}
		return ua.StatusBadNoMatch
	}
	n := len(sub.items)
	if n == 0 {
		return uatypes.Good
	}
	clientHandles, haveClient := uatypes.NewArrayOf(s.mem, uatypes.TypeUInt32, n)
	ids, haveIDs := uatypes.NewArrayOf(s.mem, uatypes.TypeUInt32, n)
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

// sessionWith finds the session to which the continuation points belong.
func (s *Server) sessionWith(points *nodestore.Session) *session {
	for _, sess := range s.sessions {
		if &sess.points == points {
			return sess
		}
	}
	return nil
}
