package uatypes

// Filters and their operands (Part 4, 7.4, 7.17 and 7.22).

// ContentFilterElement is UA_ContentFilterElement.
type ContentFilterElement struct {
	FilterOperator uint32
	FilterOperands Array[ExtensionObject]
}

// Walk implements [Value].
func (x *ContentFilterElement) Walk(w *Walker) {
	w.UInt32(&x.FilterOperator)
	visitArray(w, &x.FilterOperands, elemExtensionObject())
}

// ContentFilter is UA_ContentFilter.
type ContentFilter struct {
	Elements Array[ContentFilterElement]
}

// Walk implements [Value].
func (x *ContentFilter) Walk(w *Walker) {
	visitArray(w, &x.Elements, structure[ContentFilterElement]("UA_ContentFilterElement"))
}

// FilterOperand is UA_FilterOperand.
type FilterOperand struct {
}

// Walk implements [Value].
func (x *FilterOperand) Walk(*Walker) {}

// ElementOperand is UA_ElementOperand.
type ElementOperand struct {
	Index uint32
}

// Walk implements [Value].
func (x *ElementOperand) Walk(w *Walker) {
	w.UInt32(&x.Index)
}

// LiteralOperand is UA_LiteralOperand.
type LiteralOperand struct {
	Value Variant
}

// Walk implements [Value].
func (x *LiteralOperand) Walk(w *Walker) {
	w.Variant(&x.Value)
}

// AttributeOperand is UA_AttributeOperand.
type AttributeOperand struct {
	NodeID      NodeID
	Alias       Str
	BrowsePath  RelativePath
	AttributeID uint32
	IndexRange  Str
}

// Walk implements [Value].
func (x *AttributeOperand) Walk(w *Walker) {
	w.NodeID(&x.NodeID)
	w.String(&x.Alias)
	w.Member(&x.BrowsePath)
	w.UInt32(&x.AttributeID)
	w.String(&x.IndexRange)
}

// SimpleAttributeOperand is UA_SimpleAttributeOperand.
type SimpleAttributeOperand struct {
	TypeDefinitionID NodeID
	BrowsePath       Array[QualifiedName]
	AttributeID      uint32
	IndexRange       Str
}

// Walk implements [Value].
func (x *SimpleAttributeOperand) Walk(w *Walker) {
	w.NodeID(&x.TypeDefinitionID)
	visitArray(w, &x.BrowsePath, elemQualifiedName)
	w.UInt32(&x.AttributeID)
	w.String(&x.IndexRange)
}

// ContentFilterElementResult is UA_ContentFilterElementResult.
type ContentFilterElementResult struct {
	StatusCode             Status
	OperandStatusCodes     Array[Status]
	OperandDiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *ContentFilterElementResult) Walk(w *Walker) {
	w.StatusCode(&x.StatusCode)
	visitArray(w, &x.OperandStatusCodes, elemStatus)
	visitArray(w, &x.OperandDiagnosticInfos, elemDiagnosticInfo())
}

// ContentFilterResult is UA_ContentFilterResult.
type ContentFilterResult struct {
	ElementResults         Array[ContentFilterElementResult]
	ElementDiagnosticInfos Array[DiagnosticInfo]
}

// Walk implements [Value].
func (x *ContentFilterResult) Walk(w *Walker) {
	visitArray(w, &x.ElementResults, structure[ContentFilterElementResult]("UA_ContentFilterElementResult"))
	visitArray(w, &x.ElementDiagnosticInfos, elemDiagnosticInfo())
}

// DataChangeFilter is UA_DataChangeFilter.
type DataChangeFilter struct {
	Trigger       uint32
	DeadbandType  uint32
	DeadbandValue float64
}

// Walk implements [Value].
func (x *DataChangeFilter) Walk(w *Walker) {
	w.UInt32(&x.Trigger)
	w.UInt32(&x.DeadbandType)
	w.Double(&x.DeadbandValue)
}

// EventFilter is UA_EventFilter.
type EventFilter struct {
	SelectClauses Array[SimpleAttributeOperand]
	WhereClause   ContentFilter
}

// Walk implements [Value].
func (x *EventFilter) Walk(w *Walker) {
	visitArray(w, &x.SelectClauses, structure[SimpleAttributeOperand]("UA_SimpleAttributeOperand"))
	w.Member(&x.WhereClause)
}

// AggregateConfiguration is UA_AggregateConfiguration.
type AggregateConfiguration struct {
	UseServerCapabilitiesDefaults bool
	TreatUncertainAsBad           bool
	PercentDataBad                uint8
	PercentDataGood               uint8
	UseSlopedExtrapolation        bool
}

// Walk implements [Value].
func (x *AggregateConfiguration) Walk(w *Walker) {
	w.Boolean(&x.UseServerCapabilitiesDefaults)
	w.Boolean(&x.TreatUncertainAsBad)
	w.Byte(&x.PercentDataBad)
	w.Byte(&x.PercentDataGood)
	w.Boolean(&x.UseSlopedExtrapolation)
}

// AggregateFilter is UA_AggregateFilter.
type AggregateFilter struct {
	StartTime              int64
	AggregateType          NodeID
	ProcessingInterval     float64
	AggregateConfiguration AggregateConfiguration
}

// Walk implements [Value].
func (x *AggregateFilter) Walk(w *Walker) {
	w.Int64(&x.StartTime)
	w.NodeID(&x.AggregateType)
	w.Double(&x.ProcessingInterval)
	w.Member(&x.AggregateConfiguration)
}

// EventFilterResult is UA_EventFilterResult.
type EventFilterResult struct {
	SelectClauseResults         Array[Status]
	SelectClauseDiagnosticInfos Array[DiagnosticInfo]
	WhereClauseResult           ContentFilterResult
}

// Walk implements [Value].
func (x *EventFilterResult) Walk(w *Walker) {
	visitArray(w, &x.SelectClauseResults, elemStatus)
	visitArray(w, &x.SelectClauseDiagnosticInfos, elemDiagnosticInfo())
	w.Member(&x.WhereClauseResult)
}
