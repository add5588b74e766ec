package uatypes

// The messages and structures of the NodeManagement services (Part 4, 5.7).

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
