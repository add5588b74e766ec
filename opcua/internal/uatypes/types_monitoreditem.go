package uatypes

// The messages and structures of the MonitoredItem services (Part 4, 5.12).

// MonitoringParameters is UA_MonitoringParameters.
type MonitoringParameters struct {
	ClientHandle     uint32
	SamplingInterval float64
	Filter           ExtensionObject
	QueueSize        uint32
	DiscardOldest    bool
}

// Walk implements [Value].
func (x *MonitoringParameters) Walk(w *Walker) {
	w.UInt32(&x.ClientHandle)
	w.Double(&x.SamplingInterval)
	w.ExtensionObject(&x.Filter)
	w.UInt32(&x.QueueSize)
	w.Boolean(&x.DiscardOldest)
}

// MonitoredItemCreateRequest is UA_MonitoredItemCreateRequest.
type MonitoredItemCreateRequest struct {
	ItemToMonitor       ReadValueID
	MonitoringMode      uint32
	RequestedParameters MonitoringParameters
}

// Walk implements [Value].
func (x *MonitoredItemCreateRequest) Walk(w *Walker) {
	w.Member(&x.ItemToMonitor)
	w.UInt32(&x.MonitoringMode)
	w.Member(&x.RequestedParameters)
}

// MonitoredItemCreateResult is UA_MonitoredItemCreateResult.
type MonitoredItemCreateResult struct {
	StatusCode              Status
	MonitoredItemID         uint32
	RevisedSamplingInterval float64
	RevisedQueueSize        uint32
	FilterResult            ExtensionObject
}

// Walk implements [Value].
func (x *MonitoredItemCreateResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	w.UInt32(&x.MonitoredItemID)
	w.Double(&x.RevisedSamplingInterval)
	w.UInt32(&x.RevisedQueueSize)
	w.ExtensionObject(&x.FilterResult)
}

// CreateMonitoredItemsRequest is UA_CreateMonitoredItemsRequest.
type CreateMonitoredItemsRequest struct {
	RequestHeader      RequestHeader
	SubscriptionID     uint32
	TimestampsToReturn uint32
	ItemsToCreate      Array[MonitoredItemCreateRequest]
}

// Walk implements [Value].
func (x *CreateMonitoredItemsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.TimestampsToReturn)
	visitArray(w, &x.ItemsToCreate, structure[MonitoredItemCreateRequest]("UA_MonitoredItemCreateRequest"))
}

// Header implements [Request].
func (x *CreateMonitoredItemsRequest) Header() *RequestHeader { return &x.RequestHeader }

// CreateMonitoredItemsResponse is UA_CreateMonitoredItemsResponse.
type CreateMonitoredItemsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[MonitoredItemCreateResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *CreateMonitoredItemsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[MonitoredItemCreateResult]("UA_MonitoredItemCreateResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *CreateMonitoredItemsResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// MonitoredItemModifyRequest is UA_MonitoredItemModifyRequest.
type MonitoredItemModifyRequest struct {
	MonitoredItemID     uint32
	RequestedParameters MonitoringParameters
}

// Walk implements [Value].
func (x *MonitoredItemModifyRequest) Walk(w *Walker) {
	w.UInt32(&x.MonitoredItemID)
	w.Member(&x.RequestedParameters)
}

// MonitoredItemModifyResult is UA_MonitoredItemModifyResult.
type MonitoredItemModifyResult struct {
	StatusCode              Status
	RevisedSamplingInterval float64
	RevisedQueueSize        uint32
	FilterResult            ExtensionObject
}

// Walk implements [Value].
func (x *MonitoredItemModifyResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	w.Double(&x.RevisedSamplingInterval)
	w.UInt32(&x.RevisedQueueSize)
	w.ExtensionObject(&x.FilterResult)
}

// ModifyMonitoredItemsRequest is UA_ModifyMonitoredItemsRequest.
type ModifyMonitoredItemsRequest struct {
	RequestHeader      RequestHeader
	SubscriptionID     uint32
	TimestampsToReturn uint32
	ItemsToModify      Array[MonitoredItemModifyRequest]
}

// Walk implements [Value].
func (x *ModifyMonitoredItemsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.TimestampsToReturn)
	visitArray(w, &x.ItemsToModify, structure[MonitoredItemModifyRequest]("UA_MonitoredItemModifyRequest"))
}

// Header implements [Request].
func (x *ModifyMonitoredItemsRequest) Header() *RequestHeader { return &x.RequestHeader }

// ModifyMonitoredItemsResponse is UA_ModifyMonitoredItemsResponse.
type ModifyMonitoredItemsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[MonitoredItemModifyResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *ModifyMonitoredItemsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[MonitoredItemModifyResult]("UA_MonitoredItemModifyResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *ModifyMonitoredItemsResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// SetMonitoringModeRequest is UA_SetMonitoringModeRequest.
type SetMonitoringModeRequest struct {
	RequestHeader    RequestHeader
	SubscriptionID   uint32
	MonitoringMode   uint32
	MonitoredItemIDs Array[uint32]
}

// Walk implements [Value].
func (x *SetMonitoringModeRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.MonitoringMode)
	visitArray(w, &x.MonitoredItemIDs, elemUInt32)
}

// Header implements [Request].
func (x *SetMonitoringModeRequest) Header() *RequestHeader { return &x.RequestHeader }

// SetMonitoringModeResponse is UA_SetMonitoringModeResponse.
type SetMonitoringModeResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *SetMonitoringModeResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *SetMonitoringModeResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// SetTriggeringRequest is UA_SetTriggeringRequest.
type SetTriggeringRequest struct {
	RequestHeader    RequestHeader
	SubscriptionID   uint32
	TriggeringItemID uint32
	LinksToAdd       Array[uint32]
	LinksToRemove    Array[uint32]
}

// Walk implements [Value].
func (x *SetTriggeringRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.TriggeringItemID)
	visitArray(w, &x.LinksToAdd, elemUInt32)
	visitArray(w, &x.LinksToRemove, elemUInt32)
}

// Header implements [Request].
func (x *SetTriggeringRequest) Header() *RequestHeader { return &x.RequestHeader }

// SetTriggeringResponse is UA_SetTriggeringResponse.
type SetTriggeringResponse struct {
	ResponseHeader        ResponseHeader
	AddResults            Array[Status]
	AddDiagnosticInfos    Array[DiagnosticInfo]
	RemoveResults         Array[Status]
	RemoveDiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *SetTriggeringResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.AddResults, elemStatus)
	visitArray(w, &x.AddDiagnosticInfos, elemDiagnosticInfo())
	visitArray(w, &x.RemoveResults, elemStatus)
	visitArray(w, &x.RemoveDiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *SetTriggeringResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// DeleteMonitoredItemsRequest is UA_DeleteMonitoredItemsRequest.
type DeleteMonitoredItemsRequest struct {
	RequestHeader    RequestHeader
	SubscriptionID   uint32
	MonitoredItemIDs Array[uint32]
}

// Walk implements [Value].
func (x *DeleteMonitoredItemsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	visitArray(w, &x.MonitoredItemIDs, elemUInt32)
}

// Header implements [Request].
func (x *DeleteMonitoredItemsRequest) Header() *RequestHeader { return &x.RequestHeader }

// DeleteMonitoredItemsResponse is UA_DeleteMonitoredItemsResponse.
type DeleteMonitoredItemsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *DeleteMonitoredItemsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *DeleteMonitoredItemsResponse) Header() *ResponseHeader { return &x.ResponseHeader }
