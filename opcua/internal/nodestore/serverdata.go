package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/mem"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Node ids of the server object's parts that the server fills itself.
const (
	idServerProductName      = 2261
	idServerProductURI       = 2262
	idServerManufacturerName = 2263
	idServerSoftwareVersion  = 2264
	idServerBuildNumber      = 2265
	idServerBuildDate        = 2266

	idServerArray            = 2254
	idNamespaceArray         = 2255
	idServerStatus           = 2256
	idStartTime              = 2257
	idCurrentTime            = 2258
	idState                  = 2259
	idBuildInfo              = 2260
	idServiceLevel           = 2267
	idServerProfileArray     = 2269
	idLocaleIDArray          = 2271
	idMinSupportedSampleRate = 2272
	idDiagnosticsSummary     = 2275
	idEnabledFlag            = 2294
	idMaxBrowsePoints        = 2735
	idMaxQueryPoints         = 2736
	idMaxHistoryPoints       = 2737
	idSecondsTillShutdown    = 2992
	idShutdownReason         = 2993
	idAuditing               = 2994
	idModellingRules         = 2996
	idRedundancySupport      = 3709
	idGetMonitoredItems      = 11492

	idExposesItsArray      = 83
	idOptional             = 80
	idMandatoryPlaceholder = 11510
	idOptionalPlaceholder  = 11508

	idEventQueueOverflow  = 3035
	idSimpleOverflowEvent = 4035
)

// unusedNodes are deleted if the table has them: the parts of other kinds of
// redundancy.
var unusedNodes = [...]uint32{11312, 11313, 11314, 14415}

// operationLimits are the variables of OperationLimits, from MaxNodesPerRead on.
// They show the limits of a server without a configuration, which has none: the
// firmware sets its limits later.
var operationLimits = [...]uint32{11705, 11707, 11709, 11710, 11711, 11712, 11713, 11714}

// historyServerCapabilities is deleted if the table has it: there is no history.
const historyServerCapabilities = 11192

// constant is a value that is not on the heap, for writing.
func constant[T any](t *uatypes.DataType, x T) *uatypes.Variant {
	return &uatypes.Variant{Type: t, P: uatypes.Static, V: []T{x}}
}

func constantArray[T any](t *uatypes.DataType, x ...T) *uatypes.Variant {
	return &uatypes.Variant{Type: t, P: uatypes.Static, V: x, IsArray: true}
}

// completeNamespace0 sets data sources and values of the server object (second
// half of UA_Server_initNS0, src/server/ua_server_ns0.c). A step that fails does
// not stop the next one.
func (c *Core) completeNamespace0() uatypes.Status {
	st := uatypes.Status(uatypes.Good)
	source := func(read func(*uatypes.NodeID, *uatypes.DataValue) uatypes.Status, ids ...uint32) {
		for _, id := range ids {
			st |= c.setSource(ns0ID(id), c.serverSource(read))
		}
	}
	write := func(id uint32, v *uatypes.Variant) { st |= c.writeValue(&c.admin, ns0ID(id), v) }
	oneDimension := func(id uint32) {
		st |= c.writeAttribute(&c.admin, ns0ID(id), ua.AttributeIDValueRank, *constant(uatypes.TypeInt32, int32(rankOneDimension)))
	}

	namespaces := c.serverSource(c.readNamespaces)
	namespaces.Write = c.writeNamespaces
	st |= c.setSource(ns0ID(idNamespaceArray), namespaces)
	oneDimension(idNamespaceArray)
	write(idServerArray, constantArray(uatypes.TypeString, c.config.application.ApplicationURI))
	oneDimension(idServerArray)
	source(c.readStatus, idServerStatus)
	source(c.readCurrentTime, idCurrentTime)
	source(c.readStatus, idState, idBuildInfo, idServerProductURI, idServerManufacturerName, idServerProductName,
		idServerSoftwareVersion, idServerBuildNumber, idServerBuildDate, idSecondsTillShutdown)
	write(idShutdownReason, constant(uatypes.TypeLocalizedText, uatypes.LocalizedText{}))
	source(c.readServiceLevel, idServiceLevel)
	write(idDiagnosticsSummary, constant(uatypes.TypeServerDiagnosticsSummaryDataType, uatypes.ServerDiagnosticsSummaryDataType{}))
	write(idEnabledFlag, constant(uatypes.TypeBoolean, false))
	st |= c.writeAttribute(&c.admin, ns0ID(idEnabledFlag), ua.AttributeIDAccessLevel, *constant(uatypes.TypeByte, uint8(accessRead)))
	source(c.readAuditing, idAuditing)
	write(idRedundancySupport, constant(uatypes.TypeRedundancySupport, int32(0)))
	for _, id := range unusedNodes {
		c.deleteNode(ns0ID(id), true)
	}
	write(idLocaleIDArray, constantArray(uatypes.TypeLocaleID, uatypes.Const("en")))
	write(idMaxBrowsePoints, constant(uatypes.TypeUInt16, uint16(maxContinuationPoints)))
	write(idServerProfileArray, constantArray(uatypes.TypeString,
		uatypes.Const("http://opcfoundation.org/UA-Profile/Server/MicroEmbeddedDevice"),
		uatypes.Const("http://opcfoundation.org/UA-Profile/Server/NodeManagement"),
		uatypes.Const("http://opcfoundation.org/UA-Profile/Server/Methods")))
	write(idMaxQueryPoints, constant(uatypes.TypeUInt16, uint16(0)))
	write(idMaxHistoryPoints, constant(uatypes.TypeUInt16, uint16(0)))
	source(c.readMinSamplingInterval, idMinSupportedSampleRate)
	for _, id := range operationLimits {
		write(id, constant(uatypes.TypeUInt32, uint32(0)))
	}
	c.deleteNode(ns0ID(historyServerCapabilities), true)
	st |= c.setMethod(ns0ID(idGetMonitoredItems), c.opts.GetMonitoredItems)
	c.addModellingRules()

	var added uatypes.NodeID
	st |= c.addNode(&c.admin, &newNodeItem{class: ua.NodeClassObjectType, requested: *ns0ID(idSimpleOverflowEvent),
		browseName: uatypes.QualifiedName{Name: uatypes.Const("SimpleOverflowEventType")},
		parent:     *ns0ID(idEventQueueOverflow), reference: *ns0ID(idHasSubtype),
		attributes: &uatypes.ObjectTypeAttributes{
			DisplayName: uatypes.LocalizedText{Locale: uatypes.Const("en-US"), Text: uatypes.Const("SimpleOverflowEventType")},
			Description: uatypes.LocalizedText{Locale: uatypes.Const("en-US"), Text: uatypes.Const("A simple event for indicating a queue overflow.")},
		}}, &added)
	clearID(c.m, &added)
	return st
}

// addModellingRules makes the modelling rules components of the server's list of
// them, as far as they exist.
func (c *Core) addModellingRules() {
	var v uatypes.DataValue
	c.Read(&c.admin, uint32(ua.TimestampsToReturnNeither),
		&uatypes.ReadValueID{NodeID: *ns0ID(idModellingRules), AttributeID: uint32(ua.AttributeIDNodeClass)}, &v)
	failed := v.HasStatus
	uatypes.Clear(c.m, &v)
	if failed {
		return
	}
	for _, rule := range [...]uint32{idExposesItsArray, idMandatory, idMandatoryPlaceholder, idOptional, idOptionalPlaceholder} {
		c.addRef(ns0ID(idModellingRules), ns0ID(idHasComponent), ns0ID(rule), true)
	}
}

// setSource gives a variable a data source in place of its value (setDataSource,
// src/server/ua_services_nodemanagement.c).
func (c *Core) setSource(id *uatypes.NodeID, s *DataSource) uatypes.Status {
	return c.edit(id, func(n *node) uatypes.Status {
		if n.class != ua.NodeClassVariable {
			return ua.StatusBadNodeClassInvalid
		}
		if n.source == nil {
			clearValue(c.m, &n.value)
		}
		n.source = s
		return uatypes.Good
	})
}

// serverSource makes a data source of the server object: none of them can give a
// part of a value, and all have the time of the read.
func (c *Core) serverSource(read func(*uatypes.NodeID, *uatypes.DataValue) uatypes.Status) *DataSource {
	return &DataSource{Read: func(id *uatypes.NodeID, sourceTimestamp, ranged bool, v *uatypes.DataValue) uatypes.Status {
		if ranged {
			v.HasStatus, v.Status = true, ua.StatusBadIndexRangeInvalid
			return uatypes.Good
		}
		st := read(id, v)
		if sourceTimestamp {
			v.HasSourceTimestamp, v.SourceTimestamp = true, c.now()
		}
		return st
	}}
}

func (c *Core) readNamespaces(_ *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	c.setupNamespace1()
	st := uatypes.ArrayCopy(c.m, &v.Value, uatypes.TypeString, c.namespaces.V)
	v.HasValue = st == uatypes.Good
	return st
}

// writeNamespaces adds namespaces: what is written must begin with those that
// there are.
func (c *Core) writeNamespaces(_ *uatypes.NodeID, ranged bool, v *uatypes.DataValue) uatypes.Status {
	names, ok := v.Value.V.([]uatypes.Str)
	if !v.HasValue || v.Value.Type != uatypes.TypeString || !ok || v.Value.P == uatypes.Null {
		return ua.StatusBadTypeMismatch
	}
	if ranged {
		return ua.StatusBadInternalError
	}
	// A scalar has the array length 0.
	if !v.Value.IsArray || len(names) <= len(c.namespaces.V) {
		return ua.StatusBadTypeMismatch
	}
	c.setupNamespace1()
	for i := range c.namespaces.V {
		if !c.namespaces.V[i].Equal(&names[i]) {
			return ua.StatusBadInternalError
		}
	}
	for i := len(c.namespaces.V); i < len(names); i++ {
		c.AddNamespace(names[i].String())
	}
	return uatypes.Good
}

func (c *Core) readCurrentTime(_ *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	st := uatypes.ScalarCopy(c.m, &v.Value, uatypes.TypeDateTime, c.now())
	v.HasValue = st == uatypes.Good
	return st
}

func (c *Core) readMinSamplingInterval(_ *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	st := uatypes.ScalarCopy(c.m, &v.Value, uatypes.TypeDuration, c.Limits.MinSamplingInterval)
	v.HasValue = st == uatypes.Good
	return st
}

// readServiceLevel and readAuditing write through NULL if memory is short.
func (c *Core) readServiceLevel(_ *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	return c.readFixed(v, uatypes.TypeByte, []uint8{255}, "readServiceLevel")
}

func (c *Core) readAuditing(_ *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	return c.readFixed(v, uatypes.TypeBoolean, []bool{false}, "readAuditing")
}

func (c *Core) readFixed(v *uatypes.DataValue, t *uatypes.DataType, x any, function string) uatypes.Status {
	n, ok := uatypes.NewScalar(c.m, t)
	if !ok {
		panic(&mem.Crash{Function: function, Cause: "writes through NULL after an allocation failed"})
	}
	n.V = x
	v.Value, v.HasValue = n, true
	return uatypes.Good
}

// readStatus reads the variables of ServerStatus.
func (c *Core) readStatus(id *uatypes.NodeID, v *uatypes.DataValue) uatypes.Status {
	b := &c.config.buildInfo
	switch id.Numeric {
	case idSecondsTillShutdown:
		return c.readNew(v, uatypes.TypeUInt32)
	case idState:
		return c.readNew(v, uatypes.TypeServerState) // 0 is Running
	case idServerStatus:
		st := c.readNew(v, uatypes.TypeServerStatusDataType)
		if st != uatypes.Good {
			return st
		}
		s := &v.Value.V.([]uatypes.ServerStatusDataType)[0]
		s.StartTime, s.CurrentTime = c.startTime, c.now()
		return uatypes.Copy(c.m, &s.BuildInfo, b)
	case idBuildInfo:
		return readNewCopy(c, v, uatypes.TypeBuildInfo, b)
	case idServerProductURI:
		return readNewCopy(c, v, uatypes.TypeString, &b.ProductURI)
	case idServerManufacturerName:
		return readNewCopy(c, v, uatypes.TypeString, &b.ManufacturerName)
	case idServerProductName:
		return readNewCopy(c, v, uatypes.TypeString, &b.ProductName)
	case idServerSoftwareVersion:
		return readNewCopy(c, v, uatypes.TypeString, &b.SoftwareVersion)
	case idServerBuildNumber:
		return readNewCopy(c, v, uatypes.TypeString, &b.BuildNumber)
	case idServerBuildDate:
		st := c.readNew(v, uatypes.TypeDateTime)
		if st == uatypes.Good {
			v.Value.V = []int64{b.BuildDate}
		}
		return st
	}
	v.HasStatus, v.Status = true, ua.StatusBadInternalError
	return uatypes.Good
}

// readNew fills a value with a cleared scalar.
func (c *Core) readNew(v *uatypes.DataValue, t *uatypes.DataType) uatypes.Status {
	n, ok := uatypes.NewScalar(c.m, t)
	if !ok {
		return ua.StatusBadOutOfMemory
	}
	v.Value, v.HasValue = n, true
	return uatypes.Good
}

// readNewCopy fills a value with a copy of x. If x cannot be copied the value is
// a cleared scalar beside the bad status.
func readNewCopy[T any, P interface {
	*T
	uatypes.Value
}](c *Core, v *uatypes.DataValue, t *uatypes.DataType, x P) uatypes.Status {
	if st := c.readNew(v, t); st != uatypes.Good {
		return st
	}
	return uatypes.Copy[T, P](c.m, &v.Value.V.([]T)[0], x)
}
