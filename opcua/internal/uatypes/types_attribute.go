package uatypes

// The messages and structures of the Attribute and Method services (Part 4, 5.10 and 5.11).

// ReadValueID is UA_ReadValueId.
type ReadValueID struct {
	NodeID       NodeID
	AttributeID  uint32
	IndexRange   Str
	DataEncoding QualifiedName
}

// Walk implements [Value].
func (x *ReadValueID) Walk(w *Walker) {
	w.NodeID(&x.NodeID)
	w.UInt32(&x.AttributeID)
	w.String(&x.IndexRange)
	w.QualifiedName(&x.DataEncoding)
}

// ReadRequest is UA_ReadRequest.
type ReadRequest struct {
	RequestHeader      RequestHeader
	MaxAge             float64
	TimestampsToReturn uint32
	NodesToRead        Array[ReadValueID]
}

// Walk implements [Value].
func (x *ReadRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Double(&x.MaxAge)
	w.UInt32(&x.TimestampsToReturn)
	visitArray(w, &x.NodesToRead, structure[ReadValueID]("UA_ReadValueId"))
}

// Header implements [Request].
func (x *ReadRequest) Header() *RequestHeader { return &x.RequestHeader }

// ReadResponse is UA_ReadResponse.
type ReadResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[DataValue]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *ReadResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemDataValue())
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *ReadResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// WriteValue is UA_WriteValue.
type WriteValue struct {
	NodeID      NodeID
	AttributeID uint32
	IndexRange  Str
	Value       DataValue
}

// Walk implements [Value].
func (x *WriteValue) Walk(w *Walker) {
	w.NodeID(&x.NodeID)
	w.UInt32(&x.AttributeID)
	w.String(&x.IndexRange)
	w.DataValue(&x.Value)
}

// WriteRequest is UA_WriteRequest.
type WriteRequest struct {
	RequestHeader RequestHeader
	NodesToWrite  Array[WriteValue]
}

// Walk implements [Value].
func (x *WriteRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.NodesToWrite, structure[WriteValue]("UA_WriteValue"))
}

// Header implements [Request].
func (x *WriteRequest) Header() *RequestHeader { return &x.RequestHeader }

// WriteResponse is UA_WriteResponse.
type WriteResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *WriteResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *WriteResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// CallMethodRequest is UA_CallMethodRequest.
type CallMethodRequest struct {
	ObjectID       NodeID
	MethodID       NodeID
	InputArguments Array[Variant]
}

// Walk implements [Value].
func (x *CallMethodRequest) Walk(w *Walker) {
	w.NodeID(&x.ObjectID)
	w.NodeID(&x.MethodID)
	visitArray(w, &x.InputArguments, elemVariant())
}

// CallMethodResult is UA_CallMethodResult.
type CallMethodResult struct {
	StatusCode                   Status
	InputArgumentResults         Array[Status]
	InputArgumentDiagnosticInfos Array[DiagnosticInfo]
	OutputArguments              Array[Variant]
}

// Walk implements [Value].
func (x *CallMethodResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	visitArray(w, &x.InputArgumentResults, elemStatus)
	visitArray(w, &x.InputArgumentDiagnosticInfos, elemDiagnosticInfo())
	visitArray(w, &x.OutputArguments, elemVariant())
}

// CallRequest is UA_CallRequest.
type CallRequest struct {
	RequestHeader RequestHeader
	MethodsToCall Array[CallMethodRequest]
}

// Walk implements [Value].
func (x *CallRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.MethodsToCall, structure[CallMethodRequest]("UA_CallMethodRequest"))
}

// Header implements [Request].
func (x *CallRequest) Header() *RequestHeader { return &x.RequestHeader }

// CallResponse is UA_CallResponse.
type CallResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[CallMethodResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *CallResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[CallMethodResult]("UA_CallMethodResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *CallResponse) Header() *ResponseHeader { return &x.ResponseHeader }
