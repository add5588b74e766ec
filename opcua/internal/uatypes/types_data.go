package uatypes

// Structures that variables hold (Part 3, Part 5 and Part 8).

// Argument is UA_Argument.
type Argument struct {
	Name            Str
	DataType        NodeID
	ValueRank       int32
	ArrayDimensions Array[uint32]
	Description     LocalizedText
}

// Walk implements [Value].
func (x *Argument) Walk(w *Walker) {
	w.String(&x.Name)
	w.NodeID(&x.DataType)
	w.Int32(&x.ValueRank)
	visitArray(w, &x.ArrayDimensions, elemUInt32)
	w.LocalizedText(&x.Description)
}

// EnumValueType is UA_EnumValueType.
type EnumValueType struct {
	Value       int64
	DisplayName LocalizedText
	Description LocalizedText
}

// Walk implements [Value].
func (x *EnumValueType) Walk(w *Walker) {
	w.Int64(&x.Value)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
}

// TimeZoneDataType is UA_TimeZoneDataType.
type TimeZoneDataType struct {
	Offset                 int16
	DaylightSavingInOffset bool
}

// Walk implements [Value].
func (x *TimeZoneDataType) Walk(w *Walker) {
	w.Int16(&x.Offset)
	w.Boolean(&x.DaylightSavingInOffset)
}

// UnregisterNodesRequest is UA_UnregisterNodesRequest.
type UnregisterNodesRequest struct {
	RequestHeader     RequestHeader
	NodesToUnregister Array[NodeID]
}

// Walk implements [Value].
func (x *UnregisterNodesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.NodesToUnregister, elemNodeID)
}

// Header implements [Request].
func (x *UnregisterNodesRequest) Header() *RequestHeader { return &x.RequestHeader }

// UnregisterNodesResponse is UA_UnregisterNodesResponse.
type UnregisterNodesResponse struct {
	ResponseHeader ResponseHeader
}

// Walk implements [Value].
func (x *UnregisterNodesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
}

// Header implements [Response].
func (x *UnregisterNodesResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// RepublishRequest is UA_RepublishRequest.
type RepublishRequest struct {
	RequestHeader            RequestHeader
	SubscriptionID           uint32
	RetransmitSequenceNumber uint32
}

// Walk implements [Value].
func (x *RepublishRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.UInt32(&x.SubscriptionID)
	w.UInt32(&x.RetransmitSequenceNumber)
}

// Header implements [Request].
func (x *RepublishRequest) Header() *RequestHeader { return &x.RequestHeader }

// RepublishResponse is UA_RepublishResponse.
type RepublishResponse struct {
	ResponseHeader      ResponseHeader
	NotificationMessage NotificationMessage
}

// Walk implements [Value].
func (x *RepublishResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	w.Member(&x.NotificationMessage)
}

// Header implements [Response].
func (x *RepublishResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// BuildInfo is UA_BuildInfo.
type BuildInfo struct {
	ProductURI       Str
	ManufacturerName Str
	ProductName      Str
	SoftwareVersion  Str
	BuildNumber      Str
	BuildDate        int64
}

// Walk implements [Value].
func (x *BuildInfo) Walk(w *Walker) {
	w.String(&x.ProductURI)
	w.String(&x.ManufacturerName)
	w.String(&x.ProductName)
	w.String(&x.SoftwareVersion)
	w.String(&x.BuildNumber)
	w.Int64(&x.BuildDate)
}

// ServerDiagnosticsSummaryDataType is UA_ServerDiagnosticsSummaryDataType.
type ServerDiagnosticsSummaryDataType struct {
	ServerViewCount               uint32
	CurrentSessionCount           uint32
	CumulatedSessionCount         uint32
	SecurityRejectedSessionCount  uint32
	RejectedSessionCount          uint32
	SessionTimeoutCount           uint32
	SessionAbortCount             uint32
	CurrentSubscriptionCount      uint32
	CumulatedSubscriptionCount    uint32
	PublishingIntervalCount       uint32
	SecurityRejectedRequestsCount uint32
	RejectedRequestsCount         uint32
}

// Walk implements [Value].
func (x *ServerDiagnosticsSummaryDataType) Walk(w *Walker) {
	w.UInt32(&x.ServerViewCount)
	w.UInt32(&x.CurrentSessionCount)
	w.UInt32(&x.CumulatedSessionCount)
	w.UInt32(&x.SecurityRejectedSessionCount)
	w.UInt32(&x.RejectedSessionCount)
	w.UInt32(&x.SessionTimeoutCount)
	w.UInt32(&x.SessionAbortCount)
	w.UInt32(&x.CurrentSubscriptionCount)
	w.UInt32(&x.CumulatedSubscriptionCount)
	w.UInt32(&x.PublishingIntervalCount)
	w.UInt32(&x.SecurityRejectedRequestsCount)
	w.UInt32(&x.RejectedRequestsCount)
}

// ServerStatusDataType is UA_ServerStatusDataType.
type ServerStatusDataType struct {
	StartTime           int64
	CurrentTime         int64
	State               uint32
	BuildInfo           BuildInfo
	SecondsTillShutdown uint32
	ShutdownReason      LocalizedText
}

// Walk implements [Value].
func (x *ServerStatusDataType) Walk(w *Walker) {
	w.Int64(&x.StartTime)
	w.Int64(&x.CurrentTime)
	w.UInt32(&x.State)
	w.Member(&x.BuildInfo)
	w.UInt32(&x.SecondsTillShutdown)
	w.LocalizedText(&x.ShutdownReason)
}

// Range is UA_Range.
type Range struct {
	Low  float64
	High float64
}

// Walk implements [Value].
func (x *Range) Walk(w *Walker) {
	w.Double(&x.Low)
	w.Double(&x.High)
}

// EUInformation is UA_EUInformation.
type EUInformation struct {
	NamespaceURI Str
	UnitID       int32
	DisplayName  LocalizedText
	Description  LocalizedText
}

// Walk implements [Value].
func (x *EUInformation) Walk(w *Walker) {
	w.String(&x.NamespaceURI)
	w.Int32(&x.UnitID)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
}

// ComplexNumberType is UA_ComplexNumberType.
type ComplexNumberType struct {
	Real      float32
	Imaginary float32
}

// Walk implements [Value].
func (x *ComplexNumberType) Walk(w *Walker) {
	w.Float(&x.Real)
	w.Float(&x.Imaginary)
}

// DoubleComplexNumberType is UA_DoubleComplexNumberType.
type DoubleComplexNumberType struct {
	Real      float64
	Imaginary float64
}

// Walk implements [Value].
func (x *DoubleComplexNumberType) Walk(w *Walker) {
	w.Double(&x.Real)
	w.Double(&x.Imaginary)
}

// AxisInformation is UA_AxisInformation.
type AxisInformation struct {
	EngineeringUnits EUInformation
	EURange          Range
	Title            LocalizedText
	AxisScaleType    uint32
	AxisSteps        Array[float64]
}

// Walk implements [Value].
func (x *AxisInformation) Walk(w *Walker) {
	w.Member(&x.EngineeringUnits)
	w.Member(&x.EURange)
	w.LocalizedText(&x.Title)
	w.UInt32(&x.AxisScaleType)
	visitArray(w, &x.AxisSteps, elemDouble)
}

// XVType is UA_XVType.
type XVType struct {
	X     float64
	Value float32
}

// Walk implements [Value].
func (x *XVType) Walk(w *Walker) {
	w.Double(&x.X)
	w.Float(&x.Value)
}
