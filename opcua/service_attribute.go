package opcua

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// read is the Read service (Service_Read, src/server/ua_services_attribute.c).
func (s *Server) read(c *call, q *uatypes.ReadRequest, r *uatypes.ReadResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	switch {
	case timestampsInvalid(q.TimestampsToReturn):
		*result = ua.StatusBadTimestampsToReturnInvalid
	case q.MaxAge < 0:
		*result = ua.StatusBadMaxAgeInvalid
	case tooMany(s.cfg.Limits.MaxNodesPerRead, len(q.NodesToRead.V)):
		*result = ua.StatusBadTooManyOperations
	default:
		*result = operations(s, &q.NodesToRead, &r.Results, "UA_DataValue",
			func(id *uatypes.ReadValueID, v *uatypes.DataValue) {
				s.core.Read(&c.session.points, q.TimestampsToReturn, id, v)
			})
	}
	return true
}

// write is the Write service (Service_Write).
func (s *Server) write(c *call, q *uatypes.WriteRequest, r *uatypes.WriteResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	if tooMany(s.cfg.Limits.MaxNodesPerWrite, len(q.NodesToWrite.V)) {
		*result = ua.StatusBadTooManyOperations
		return true
	}
	*result = statusOperations(s, &q.NodesToWrite, &r.Results, func(w *uatypes.WriteValue) uatypes.Status {
		return s.core.Write(&c.session.points, w)
	})
	return true
}

// callMethods is the Call service (Service_Call,
// src/server/ua_services_method.c).
func (s *Server) callMethods(c *call, q *uatypes.CallRequest, r *uatypes.CallResponse) bool {
	result := &r.ResponseHeader.ServiceResult
	if tooMany(s.cfg.Limits.MaxNodesPerMethodCall, len(q.MethodsToCall.V)) {
		*result = ua.StatusBadTooManyOperations
		return true
	}
	*result = operations(s, &q.MethodsToCall, &r.Results, "UA_CallMethodResult",
		func(q *uatypes.CallMethodRequest, r *uatypes.CallMethodResult) {
			s.core.Call(&c.session.points, q, r)
		})
	return true
}
