package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// browse is the Browse service (Service_Browse, src/server/ua_services_view.c).
func (s *Server) browse(c *call, q *uatypes.BrowseRequest, r *uatypes.BrowseResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	switch {
	case tooMany(s.cfg.Limits.MaxNodesPerBrowse, len(q.NodesToBrowse.V)):
		*result = ua.StatusBadTooManyOperations
	case !q.View.ViewID.IsNull():
		*result = ua.StatusBadViewIDUnknown
	default:
		*result = operations(s, &q.NodesToBrowse, &r.Results, "UA_BrowseResult",
			func(d *uatypes.BrowseDescription, r *uatypes.BrowseResult) {
				s.core.Browse(&c.session.points, q.RequestedMaxReferencesPerNode, d, r)
			})
	}
	return true
}

// browseNext is the BrowseNext service.
func (s *Server) browseNext(c *call, q *uatypes.BrowseNextRequest, r *uatypes.BrowseNextResponse) bool {
	r.ResponseHeader.ServiceResult = operations(s, &q.ContinuationPoints, &r.Results, "UA_BrowseResult",
		func(point *uatypes.Str, r *uatypes.BrowseResult) {
			s.core.BrowseNext(&c.session.points, q.ReleaseContinuationPoints, point, r)
		})
	return true
}

// translateBrowsePaths is the TranslateBrowsePathsToNodeIds service.
func (s *Server) translateBrowsePaths(_ *call, q *uatypes.TranslateBrowsePathsToNodeIDsRequest, r *uatypes.TranslateBrowsePathsToNodeIDsResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	if tooMany(s.cfg.Limits.MaxNodesPerTranslate, len(q.BrowsePaths.V)) {
		*result = ua.StatusBadTooManyOperations
		return true
	}
	*result = operations(s, &q.BrowsePaths, &r.Results, "UA_BrowsePathResult", s.core.TranslateBrowsePath)
	return true
}

// registerNodes is the RegisterNodes service: it gives the node ids back.
func (s *Server) registerNodes(_ *call, q *uatypes.RegisterNodesRequest, r *uatypes.RegisterNodesResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	switch n := len(q.NodesToRegister.V); {
	case n == 0:
		*result = ua.StatusBadNothingToDo
	case tooMany(s.cfg.Limits.MaxNodesPerRegisterNodes, n):
		*result = ua.StatusBadTooManyOperations
	default:
		*result = uatypes.CopyArray(s.mem, &r.RegisteredNodeIDs, &q.NodesToRegister, "UA_NodeId")
	}
	return true
}

// unregisterNodes is the UnregisterNodes service: it does nothing.
func (s *Server) unregisterNodes(_ *call, q *uatypes.UnregisterNodesRequest, r *uatypes.UnregisterNodesResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	n := len(q.NodesToUnregister.V)
	if n == 0 {
		*result = ua.StatusBadNothingToDo
	}
	if tooMany(s.cfg.Limits.MaxNodesPerRegisterNodes, n) {
		*result = ua.StatusBadTooManyOperations
	}
	return true
}
