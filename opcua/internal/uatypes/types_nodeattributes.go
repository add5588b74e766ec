package uatypes

// The attributes of new nodes, one structure a node class (Part 4, 7.19).

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
