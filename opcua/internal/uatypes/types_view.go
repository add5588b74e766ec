package uatypes

// The messages and structures of the View services (Part 4, 5.8).

// ViewDescription is UA_ViewDescription.
type ViewDescription struct {
	ViewID      NodeID
	Timestamp   int64
	ViewVersion uint32
}

// Walk implements [Value].
func (x *ViewDescription) Walk(w *Walker) {
	w.NodeID(&x.ViewID)
	w.Int64(&x.Timestamp)
	w.UInt32(&x.ViewVersion)
}

// BrowseDescription is UA_BrowseDescription.
type BrowseDescription struct {
	NodeID          NodeID
	BrowseDirection uint32
	ReferenceTypeID NodeID
	IncludeSubtypes bool
	NodeClassMask   uint32
	ResultMask      uint32
}

// Walk implements [Value].
func (x *BrowseDescription) Walk(w *Walker) {
	w.NodeID(&x.NodeID)
	w.UInt32(&x.BrowseDirection)
	w.NodeID(&x.ReferenceTypeID)
	w.Boolean(&x.IncludeSubtypes)
	w.UInt32(&x.NodeClassMask)
	w.UInt32(&x.ResultMask)
}

// ReferenceDescription is UA_ReferenceDescription.
type ReferenceDescription struct {
	ReferenceTypeID NodeID
	IsForward       bool
	NodeID          ExpandedNodeID
	BrowseName      QualifiedName
	DisplayName     LocalizedText
	NodeClass       uint32
	TypeDefinition  ExpandedNodeID
}

// Walk implements [Value].
func (x *ReferenceDescription) Walk(w *Walker) {
	w.NodeID(&x.ReferenceTypeID)
	w.Boolean(&x.IsForward)
	w.ExpandedNodeID(&x.NodeID)
	w.QualifiedName(&x.BrowseName)
	w.LocalizedText(&x.DisplayName)
	w.UInt32(&x.NodeClass)
	w.ExpandedNodeID(&x.TypeDefinition)
}

// BrowseResult is UA_BrowseResult.
type BrowseResult struct {
	StatusCode        Status
	ContinuationPoint Str
	References        Array[ReferenceDescription]
}

// Walk implements [Value].
func (x *BrowseResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	w.String(&x.ContinuationPoint)
	visitArray(w, &x.References, structure[ReferenceDescription]("UA_ReferenceDescription"))
}

// BrowseRequest is UA_BrowseRequest.
type BrowseRequest struct {
	RequestHeader                 RequestHeader
	View                          ViewDescription
	RequestedMaxReferencesPerNode uint32
	NodesToBrowse                 Array[BrowseDescription]
}

// Walk implements [Value].
func (x *BrowseRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Member(&x.View)
	w.UInt32(&x.RequestedMaxReferencesPerNode)
	visitArray(w, &x.NodesToBrowse, structure[BrowseDescription]("UA_BrowseDescription"))
}

// Header implements [Request].
func (x *BrowseRequest) Header() *RequestHeader { return &x.RequestHeader }

// BrowseResponse is UA_BrowseResponse.
type BrowseResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[BrowseResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *BrowseResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[BrowseResult]("UA_BrowseResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *BrowseResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// BrowseNextRequest is UA_BrowseNextRequest.
type BrowseNextRequest struct {
	RequestHeader             RequestHeader
	ReleaseContinuationPoints bool
	ContinuationPoints        Array[Str]
}

// Walk implements [Value].
func (x *BrowseNextRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	w.Boolean(&x.ReleaseContinuationPoints)
	visitArray(w, &x.ContinuationPoints, elemString)
}

// Header implements [Request].
func (x *BrowseNextRequest) Header() *RequestHeader { return &x.RequestHeader }

// BrowseNextResponse is UA_BrowseNextResponse.
type BrowseNextResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[BrowseResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *BrowseNextResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[BrowseResult]("UA_BrowseResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *BrowseNextResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// RelativePathElement is UA_RelativePathElement.
type RelativePathElement struct {
	ReferenceTypeID NodeID
	IsInverse       bool
	IncludeSubtypes bool
	TargetName      QualifiedName
}

// Walk implements [Value].
func (x *RelativePathElement) Walk(w *Walker) {
	w.NodeID(&x.ReferenceTypeID)
	w.Boolean(&x.IsInverse)
	w.Boolean(&x.IncludeSubtypes)
	w.QualifiedName(&x.TargetName)
}

// RelativePath is UA_RelativePath.
type RelativePath struct {
	Elements Array[RelativePathElement]
}

// Walk implements [Value].
func (x *RelativePath) Walk(w *Walker) {
	visitArray(w, &x.Elements, structure[RelativePathElement]("UA_RelativePathElement"))
}

// BrowsePath is UA_BrowsePath.
type BrowsePath struct {
	StartingNode NodeID
	RelativePath RelativePath
}

// Walk implements [Value].
func (x *BrowsePath) Walk(w *Walker) {
	w.NodeID(&x.StartingNode)
	w.Member(&x.RelativePath)
}

// BrowsePathTarget is UA_BrowsePathTarget.
type BrowsePathTarget struct {
	TargetID           ExpandedNodeID
	RemainingPathIndex uint32
}

// Walk implements [Value].
func (x *BrowsePathTarget) Walk(w *Walker) {
	w.ExpandedNodeID(&x.TargetID)
	w.UInt32(&x.RemainingPathIndex)
}

// BrowsePathResult is UA_BrowsePathResult.
type BrowsePathResult struct {
	StatusCode Status
	Targets    Array[BrowsePathTarget]
}

// Walk implements [Value].
func (x *BrowsePathResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	visitArray(w, &x.Targets, structure[BrowsePathTarget]("UA_BrowsePathTarget"))
}

// TranslateBrowsePathsToNodeIDsRequest is UA_TranslateBrowsePathsToNodeIdsRequest.
type TranslateBrowsePathsToNodeIDsRequest struct {
	RequestHeader RequestHeader
	BrowsePaths   Array[BrowsePath]
}

// Walk implements [Value].
func (x *TranslateBrowsePathsToNodeIDsRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.BrowsePaths, structure[BrowsePath]("UA_BrowsePath"))
}

// Header implements [Request].
func (x *TranslateBrowsePathsToNodeIDsRequest) Header() *RequestHeader { return &x.RequestHeader }

// TranslateBrowsePathsToNodeIDsResponse is UA_TranslateBrowsePathsToNodeIdsResponse.
type TranslateBrowsePathsToNodeIDsResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[BrowsePathResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *TranslateBrowsePathsToNodeIDsResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[BrowsePathResult]("UA_BrowsePathResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *TranslateBrowsePathsToNodeIDsResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// RegisterNodesRequest is UA_RegisterNodesRequest.
type RegisterNodesRequest struct {
	RequestHeader   RequestHeader
	NodesToRegister Array[NodeID]
}

// Walk implements [Value].
func (x *RegisterNodesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.NodesToRegister, elemNodeID)
}

// Header implements [Request].
func (x *RegisterNodesRequest) Header() *RequestHeader { return &x.RequestHeader }

// RegisterNodesResponse is UA_RegisterNodesResponse.
type RegisterNodesResponse struct {
	ResponseHeader    ResponseHeader
	RegisteredNodeIDs Array[NodeID]
}

// Walk implements [Value].
func (x *RegisterNodesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.RegisteredNodeIDs, elemNodeID)
}

// Header implements [Response].
func (x *RegisterNodesResponse) Header() *ResponseHeader { return &x.ResponseHeader }
