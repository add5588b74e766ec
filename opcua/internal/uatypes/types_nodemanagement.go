package uatypes

// The messages and structures of the NodeManagement services (Part 4, 5.7).

// AddNodesItem is UA_AddNodesItem.
type AddNodesItem struct {
	ParentNodeID       ExpandedNodeID
	ReferenceTypeID    NodeID
	RequestedNewNodeID ExpandedNodeID
	BrowseName         QualifiedName
	NodeClass          uint32
	NodeAttributes     ExtensionObject
	TypeDefinition     ExpandedNodeID
}

// Walk implements [Value].
func (x *AddNodesItem) Walk(w *Walker) {
	w.ExpandedNodeID(&x.ParentNodeID)
	w.NodeID(&x.ReferenceTypeID)
	w.ExpandedNodeID(&x.RequestedNewNodeID)
	w.QualifiedName(&x.BrowseName)
	w.UInt32(&x.NodeClass)
	w.ExtensionObject(&x.NodeAttributes)
	w.ExpandedNodeID(&x.TypeDefinition)
}

// AddNodesResult is UA_AddNodesResult.
type AddNodesResult struct {
	StatusCode  Status
	AddedNodeID NodeID
}

// Walk implements [Value].
func (x *AddNodesResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	w.NodeID(&x.AddedNodeID)
}

// AddNodesRequest is UA_AddNodesRequest.
type AddNodesRequest struct {
	RequestHeader RequestHeader
	NodesToAdd    Array[AddNodesItem]
}

// Walk implements [Value].
func (x *AddNodesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.NodesToAdd, structure[AddNodesItem]("UA_AddNodesItem"))
}

// Header implements [Request].
func (x *AddNodesRequest) Header() *RequestHeader { return &x.RequestHeader }

// AddNodesResponse is UA_AddNodesResponse.
type AddNodesResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[AddNodesResult]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *AddNodesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, structure[AddNodesResult]("UA_AddNodesResult"))
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *AddNodesResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// AddReferencesItem is UA_AddReferencesItem.
type AddReferencesItem struct {
	SourceNodeID    NodeID
	ReferenceTypeID NodeID
	IsForward       bool
	TargetServerURI Str
	TargetNodeID    ExpandedNodeID
	TargetNodeClass uint32
}

// Walk implements [Value].
func (x *AddReferencesItem) Walk(w *Walker) {
	w.NodeID(&x.SourceNodeID)
	w.NodeID(&x.ReferenceTypeID)
	w.Boolean(&x.IsForward)
	w.String(&x.TargetServerURI)
	w.ExpandedNodeID(&x.TargetNodeID)
	w.UInt32(&x.TargetNodeClass)
}

// AddReferencesRequest is UA_AddReferencesRequest.
type AddReferencesRequest struct {
	RequestHeader   RequestHeader
	ReferencesToAdd Array[AddReferencesItem]
}

// Walk implements [Value].
func (x *AddReferencesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.ReferencesToAdd, structure[AddReferencesItem]("UA_AddReferencesItem"))
}

// Header implements [Request].
func (x *AddReferencesRequest) Header() *RequestHeader { return &x.RequestHeader }

// AddReferencesResponse is UA_AddReferencesResponse.
type AddReferencesResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *AddReferencesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *AddReferencesResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// DeleteNodesItem is UA_DeleteNodesItem.
type DeleteNodesItem struct {
	NodeID                 NodeID
	DeleteTargetReferences bool
}

// Walk implements [Value].
func (x *DeleteNodesItem) Walk(w *Walker) {
	w.NodeID(&x.NodeID)
	w.Boolean(&x.DeleteTargetReferences)
}

// DeleteNodesRequest is UA_DeleteNodesRequest.
type DeleteNodesRequest struct {
	RequestHeader RequestHeader
	NodesToDelete Array[DeleteNodesItem]
}

// Walk implements [Value].
func (x *DeleteNodesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.NodesToDelete, structure[DeleteNodesItem]("UA_DeleteNodesItem"))
}

// Header implements [Request].
func (x *DeleteNodesRequest) Header() *RequestHeader { return &x.RequestHeader }

// DeleteNodesResponse is UA_DeleteNodesResponse.
type DeleteNodesResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *DeleteNodesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *DeleteNodesResponse) Header() *ResponseHeader { return &x.ResponseHeader }

// DeleteReferencesItem is UA_DeleteReferencesItem.
type DeleteReferencesItem struct {
	SourceNodeID        NodeID
	ReferenceTypeID     NodeID
	IsForward           bool
	TargetNodeID        ExpandedNodeID
	DeleteBidirectional bool
}

// Walk implements [Value].
func (x *DeleteReferencesItem) Walk(w *Walker) {
	w.NodeID(&x.SourceNodeID)
	w.NodeID(&x.ReferenceTypeID)
	w.Boolean(&x.IsForward)
	w.ExpandedNodeID(&x.TargetNodeID)
	w.Boolean(&x.DeleteBidirectional)
}

// DeleteReferencesRequest is UA_DeleteReferencesRequest.
type DeleteReferencesRequest struct {
	RequestHeader      RequestHeader
	ReferencesToDelete Array[DeleteReferencesItem]
}

// Walk implements [Value].
func (x *DeleteReferencesRequest) Walk(w *Walker) {
	w.Member(&x.RequestHeader)
	visitArray(w, &x.ReferencesToDelete, structure[DeleteReferencesItem]("UA_DeleteReferencesItem"))
}

// Header implements [Request].
func (x *DeleteReferencesRequest) Header() *RequestHeader { return &x.RequestHeader }

// DeleteReferencesResponse is UA_DeleteReferencesResponse.
type DeleteReferencesResponse struct {
	ResponseHeader  ResponseHeader
	Results         Array[Status]
	DiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *DeleteReferencesResponse) Walk(w *Walker) {
	w.Member(&x.ResponseHeader)
	visitArray(w, &x.Results, elemStatus)
	visitArray(w, &x.DiagnosticInfos, elemDiagnosticInfo())
}

// Header implements [Response].
func (x *DeleteReferencesResponse) Header() *ResponseHeader { return &x.ResponseHeader }
