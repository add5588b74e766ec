package uatypes

// The messages and structures of the NodeManagement services (Part 4, 5.7).

// NodeAttributes is UA_NodeAttributes.
type NodeAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
}

// Walk implements [Value].
func (x *NodeAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
}

// ObjectAttributes is UA_ObjectAttributes.
type ObjectAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	EventNotifier       uint8
}

// Walk implements [Value].
func (x *ObjectAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Byte(&x.EventNotifier)
}

// VariableAttributes is UA_VariableAttributes.
type VariableAttributes struct {
	SpecifiedAttributes     uint32
	DisplayName             LocalizedText
	Description             LocalizedText
	WriteMask               uint32
	UserWriteMask           uint32
	Value                   Variant
	DataType                NodeID
	ValueRank               int32
	ArrayDimensions         Array[uint32]
	AccessLevel             uint8
	UserAccessLevel         uint8
	MinimumSamplingInterval float64
	Historizing             bool
}

// Walk implements [Value].
func (x *VariableAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Variant(&x.Value)
	w.NodeID(&x.DataType)
	w.Int32(&x.ValueRank)
	visitArray(w, &x.ArrayDimensions, elemUInt32)
	w.Byte(&x.AccessLevel)
	w.Byte(&x.UserAccessLevel)
	w.Double(&x.MinimumSamplingInterval)
	w.Boolean(&x.Historizing)
}

// MethodAttributes is UA_MethodAttributes.
type MethodAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	Executable          bool
	UserExecutable      bool
}

// Walk implements [Value].
func (x *MethodAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Boolean(&x.Executable)
	w.Boolean(&x.UserExecutable)
}

// ObjectTypeAttributes is UA_ObjectTypeAttributes.
type ObjectTypeAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	IsAbstract          bool
}

// Walk implements [Value].
func (x *ObjectTypeAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Boolean(&x.IsAbstract)
}

// VariableTypeAttributes is UA_VariableTypeAttributes.
type VariableTypeAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	Value               Variant
	DataType            NodeID
	ValueRank           int32
	ArrayDimensions     Array[uint32]
	IsAbstract          bool
}

// Walk implements [Value].
func (x *VariableTypeAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Variant(&x.Value)
	w.NodeID(&x.DataType)
	w.Int32(&x.ValueRank)
	visitArray(w, &x.ArrayDimensions, elemUInt32)
	w.Boolean(&x.IsAbstract)
}

// ReferenceTypeAttributes is UA_ReferenceTypeAttributes.
type ReferenceTypeAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	IsAbstract          bool
	Symmetric           bool
	InverseName         LocalizedText
}

// Walk implements [Value].
func (x *ReferenceTypeAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Boolean(&x.IsAbstract)
	w.Boolean(&x.Symmetric)
	w.LocalizedText(&x.InverseName)
}

// DataTypeAttributes is UA_DataTypeAttributes.
type DataTypeAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	IsAbstract          bool
}

// Walk implements [Value].
func (x *DataTypeAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Boolean(&x.IsAbstract)
}

// ViewAttributes is UA_ViewAttributes.
type ViewAttributes struct {
	SpecifiedAttributes uint32
	DisplayName         LocalizedText
	Description         LocalizedText
	WriteMask           uint32
	UserWriteMask       uint32
	ContainsNoLoops     bool
	EventNotifier       uint8
}

// Walk implements [Value].
func (x *ViewAttributes) Walk(w *Walker) {
	w.UInt32(&x.SpecifiedAttributes)
	w.LocalizedText(&x.DisplayName)
	w.LocalizedText(&x.Description)
	w.UInt32(&x.WriteMask)
	w.UInt32(&x.UserWriteMask)
	w.Boolean(&x.ContainsNoLoops)
	w.Byte(&x.EventNotifier)
}

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
