package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// The services that change the address space, which open62541 offers to every
// client (src/server/ua_services_nodemanagement.c).

func (s *Server) addNodes(c *call, q *uatypes.AddNodesRequest, r *uatypes.AddNodesResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	if tooMany(s.cfg.Limits.MaxNodesPerNodeManagement, len(q.NodesToAdd.V)) {
		*result = ua.StatusBadTooManyOperations
		return true
	}
	*result = operations(s, &q.NodesToAdd, &r.Results, "UA_AddNodesResult",
		func(item *uatypes.AddNodesItem, r *uatypes.AddNodesResult) {
			s.core.AddNode(&c.session.points, item, r)
		})
	return true
}

func (s *Server) addReferences(_ *call, q *uatypes.AddReferencesRequest, r *uatypes.AddReferencesResponse) bool {
	r.ResponseHeader.ServiceResult = manage(s, &q.ReferencesToAdd, &r.Results, s.core.AddReference)
	return true
}

func (s *Server) deleteNodes(_ *call, q *uatypes.DeleteNodesRequest, r *uatypes.DeleteNodesResponse) bool {
	r.ResponseHeader.ServiceResult = manage(s, &q.NodesToDelete, &r.Results, s.core.DeleteNode)
	return true
}

func (s *Server) deleteReferences(_ *call, q *uatypes.DeleteReferencesRequest, r *uatypes.DeleteReferencesResponse) bool {
	r.ResponseHeader.ServiceResult = manage(s, &q.ReferencesToDelete, &r.Results, s.core.DeleteReference)
	return true
}

func manage[Q any](s *Server, q *uatypes.Array[Q], r *uatypes.Array[uatypes.Status], perform func(*Q) uatypes.Status) uatypes.Status {
	if tooMany(s.cfg.Limits.MaxNodesPerNodeManagement, len(q.V)) {
		return ua.StatusBadTooManyOperations
	}
	return statusOperations(s, q, r, perform)
}
