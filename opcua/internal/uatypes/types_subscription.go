package uatypes

// The messages and structures of the Subscription services (Part 4, 5.13).

// CreateSubscriptionRequest is UA_CreateSubscriptionRequest.
type CreateSubscriptionRequest struct {
	RequestHeader               RequestHeader
	RequestedPublishingInterval float64
	RequestedLifetimeCount      uint32
	RequestedMaxKeepAliveCount  uint32
	MaxNotificationsPerPublish  uint32
	PublishingEnabled           bool
	Priority                    uint8
}

// Walk implements [Value].
func (x *CreateSubscriptionRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Double(&x.RequestedPublishingInterval)
	w.UInt32(&x.RequestedLifetimeCount)
	w.UInt32(&x.RequestedMaxKeepAliveCount)
	w.UInt32(&x.MaxNotificationsPerPublish)
	w.Boolean(&x.PublishingEnabled)
	w.Byte(&x.Priority)
}

// Header implements [Request].
func (x *CreateSubscriptionRequest) Header() *RequestHeader { return &x.RequestHeader }

// CreateSubscriptionResponse is UA_CreateSubscriptionResponse.
type CreateSubscriptionResponse struct {
	ResponseHeader            ResponseHeader
	SubscriptionID            uint32
	RevisedPublishingInterval float64
	RevisedLifetimeCount      uint32
	RevisedMaxKeepAliveCount  uint32
}

// Walk implements [Value].
func (x *CreateSubscriptionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.UInt32(&x.SubscriptionID)
	w.Double(&x.RevisedPublishingInterval)
	w.UInt32(&x.RevisedLifetimeCount)
	w.UInt32(&x.RevisedMaxKeepAliveCount)
}

// Header implements [Response].
func (x *CreateSubscriptionResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// ModifySubscriptionRequest is UA_ModifySubscriptionRequest.
type ModifySubscriptionRequest struct {
	RequestHeader               RequestHeader
	SubscriptionID              uint32
	RequestedPublishingInterval float64
	RequestedLifetimeCount      uint32
	RequestedMaxKeepAliveCount  uint32
	MaxNotificationsPerPublish  uint32
	Priority                    uint8
}

// Walk implements [Value].
func (x *ModifySubscriptionRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.Double(&x.RequestedPublishingInterval)
	w.UInt32(&x.RequestedLifetimeCount)
	w.UInt32(&x.RequestedMaxKeepAliveCount)
	w.UInt32(&x.MaxNotificationsPerPublish)
	w.Byte(&x.Priority)
}

// Header implements [Request].
func (x *ModifySubscriptionRequest) Header() *RequestHeader { return &x.RequestHeader }

// ModifySubscriptionResponse is UA_ModifySubscriptionResponse.
type ModifySubscriptionResponse struct {
	ResponseHeader            ResponseHeader
	RevisedPublishingInterval float64
	RevisedLifetimeCount      uint32
	RevisedMaxKeepAliveCount  uint32
}

// Walk implements [Value].
func (x *ModifySubscriptionResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.Double(&x.RevisedPublishingInterval)
	w.UInt32(&x.RevisedLifetimeCount)
	w.UInt32(&x.RevisedMaxKeepAliveCount)
}

// Header implements [Response].
func (x *ModifySubscriptionResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// SetPublishingModeRequest is UA_SetPublishingModeRequest.
type SetPublishingModeRequest struct {
	RequestHeader     RequestHeader
	PublishingEnabled bool
	SubscriptionIDs   Array[uint32]
}

// Walk implements [Value].
func (x *SetPublishingModeRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Boolean(&x.PublishingEnabled)
	visitArray(w, &x.SubscriptionIDs, elemUInt32)
}

// Header implements [Request].
func (x *SetPublishingModeRequest) Header() *RequestHeader { return &x.RequestHeader }

// SetPublishingModeResponse is UA_SetPublishingModeResponse.
type SetPublishingModeResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *SetPublishingModeResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *SetPublishingModeResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// SubscriptionAcknowledgement is UA_SubscriptionAcknowledgement.
type SubscriptionAcknowledgement struct {
	SubscriptionID uint32
	SequenceNumber uint32
}

// Walk implements [Value].
func (x *SubscriptionAcknowledgement) Walk(w *Walker) {
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.SequenceNumber)
}

// PublishRequest is UA_PublishRequest.
type PublishRequest struct {
	RequestHeader                RequestHeader
	SubscriptionAcknowledgements Array[SubscriptionAcknowledgement]
}

// Walk implements [Value].
func (x *PublishRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.SubscriptionAcknowledgements, structure[SubscriptionAcknowledgement]("UA_SubscriptionAcknowledgement"))
}

// Header implements [Request].
func (x *PublishRequest) Header() *RequestHeader { return &x.RequestHeader }

// PublishResponse is UA_PublishResponse.
type PublishResponse struct {
	ResponseHeader           ResponseHeader
	SubscriptionID           uint32
	AvailableSequenceNumbers Array[uint32]
	MoreNotifications        bool
	NotificationMessage      NotificationMessage
	Results                  Array[Status]
	DiagnosticInfos          Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *PublishResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.UInt32(&x.SubscriptionID)
	visitArray(w, &x.AvailableSequenceNumbers, elemUInt32)
	w.Boolean(&x.MoreNotifications)
	w.Member(&x.NotificationMessage)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *PublishResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// TransferResult is UA_TransferResult.
type TransferResult struct {
	StatusCode               Status
	AvailableSequenceNumbers Array[uint32]
}

// Walk implements [Value].
func (x *TransferResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	visitArray(w, &x.AvailableSequenceNumbers, elemUInt32)
}

// TransferSubscriptionsRequest is UA_TransferSubscriptionsRequest.
type TransferSubscriptionsRequest struct {
	RequestHeader     RequestHeader
	SubscriptionIDs   Array[uint32]
	SendInitialValues bool
}

// Walk implements [Value].
func (x *TransferSubscriptionsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.SubscriptionIDs, elemUInt32)
	w.Boolean(&x.SendInitialValues)
}

// Header implements [Request].
func (x *TransferSubscriptionsRequest) Header() *RequestHeader { return &x.RequestHeader }

// TransferSubscriptionsResponse is UA_TransferSubscriptionsResponse.
type TransferSubscriptionsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[TransferResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *TransferSubscriptionsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[TransferResult]("UA_TransferResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *TransferSubscriptionsResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// DeleteSubscriptionsRequest is UA_DeleteSubscriptionsRequest.
type DeleteSubscriptionsRequest struct {
	RequestHeader   RequestHeader
	SubscriptionIDs Array[uint32]
}

// Walk implements [Value].
func (x *DeleteSubscriptionsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.SubscriptionIDs, elemUInt32)
}

// Header implements [Request].
func (x *DeleteSubscriptionsRequest) Header() *RequestHeader { return &x.RequestHeader }

// DeleteSubscriptionsResponse is UA_DeleteSubscriptionsResponse.
type DeleteSubscriptionsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *DeleteSubscriptionsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *DeleteSubscriptionsResponse) Header() *ResponseHeader { return &x.ResponseHeader }
