package uatypes

// Headers that all messages share (Part 4, 7.28 to 7.30).

// RequestHeader is UA_RequestHeader.
type RequestHeader struct {
	AuthenticationToken NodeID
	Timestamp           int64
	RequestHandle       uint32
	ReturnDiagnostics   uint32
	AuditEntryID        Str
	TimeoutHint         uint32
	AdditionalHeader    ExtensionObject
}

// Walk implements [Value].
func (x *RequestHeader) Walk(w *Walker) {
	w.NodeID(&x.AuthenticationToken)
	w.Int64(&x.Timestamp)
	w.UInt32(&x.RequestHandle)
	w.UInt32(&x.ReturnDiagnostics)
	w.String(&x.AuditEntryID)
	w.UInt32(&x.TimeoutHint)
	w.ExtensionObject(&x.AdditionalHeader)
}

// ResponseHeader is UA_ResponseHeader.
type ResponseHeader struct {
	Timestamp          int64
	RequestHandle      uint32
	ServiceResult      Status
	ServiceDiagnostics DiagnosticInfo
	StringTable        Array[Str]
	AdditionalHeader   ExtensionObject
}

// Walk implements [Value].
func (x *ResponseHeader) Walk(w *Walker) {
	w.Int64(&x.Timestamp)
	w.UInt32(&x.RequestHandle)
	w.StatusCode(&x.ServiceResult)
	w.DiagnosticInfo(&x.ServiceDiagnostics)
	visitArray(w, &x.StringTable, elemString)
	w.ExtensionObject(&x.AdditionalHeader)
}

// ServiceFault is UA_ServiceFault.
type ServiceFault struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *ServiceFault) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// Header implements [Response].
func (x *ServiceFault) Header() *ResponseHeader { return &x.ResponseHeader }

// Request is the request of a service: a structure that begins with a request header.
type Request interface {
	Value
	Header() *RequestHeader
}

// Response is the response of a service: a structure that begins with a
// response header.
type Response interface {
	Value
	Header() *ResponseHeader
}
