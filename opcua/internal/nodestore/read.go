package nodestore

import (
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Bits of the access level (Part 3, 8.57).
const (
	accessRead  = 1
	accessWrite = 2
)

// DataSource supplies the value of a variable in place of the node
// (UA_DataSource).
type DataSource struct {
	// Read fills a zero value with blocks of its own. It is asked at every read,
	// also when the variable is added. ranged says that a part of an array is
	// asked for; sourceTimestamp that the time of the value is.
	Read func(id *uatypes.NodeID, sourceTimestamp, ranged bool, v *uatypes.DataValue) uatypes.Status
	// Write takes a value, which it does not keep. Nil: not writable.
	Write func(id *uatypes.NodeID, ranged bool, v *uatypes.DataValue) uatypes.Status
}

// readValue reads the value of a variable or variable type
// (readValueAttributeComplete, src/server/ua_services_attribute.c).
func (c *Core) readValue(n *node, timestamps ua.TimestampsToReturn, indexRange *uatypes.Str, v *uatypes.DataValue) uatypes.Status {
	var r *numericRange
	if indexRange != nil && len(indexRange.B) > 0 {
		var st uatypes.Status
		if r, st = c.parseRange(indexRange.B); st != uatypes.Good {
			return st
		}
		defer c.m.Free(r.block)
	}
	var st uatypes.Status
	switch {
	case n.source == nil && r != nil:
		st = c.copyRange(&n.value.Value, &v.Value, r.dims)
	case n.source == nil:
		st = copyValue(c.m, v, &n.value)
	case n.source.Read == nil:
		st = ua.StatusBadInternalError
	default:
		source := timestamps == ua.TimestampsToReturnSource || timestamps == ua.TimestampsToReturnBoth
		st = n.source.Read(&n.id, source, r != nil, v)
	}
	// A value that does not change has the time of the read.
	if n.class != ua.NodeClassVariable || !n.isDynamic {
		v.HasServerTimestamp, v.HasSourceTimestamp = false, false
	}
	return st
}

// readOwnValue reads a value for the server's own checks (readValueAttribute).
func (c *Core) readOwnValue(n *node, v *uatypes.DataValue) uatypes.Status {
	return c.readValue(n, ua.TimestampsToReturnNeither, nil, v)
}

// Read is one operation of the Read service, and the read of a monitored item
// (Operation_Read, ReadWithNode). It fills a zero value with blocks that the
// caller clears; a failure is in its status.
func (c *Core) Read(s *Session, timestamps uint32, id *uatypes.ReadValueID, v *uatypes.DataValue) {
	n := c.nodes.get(&id.NodeID)
	if n == nil {
		v.HasStatus, v.Status = true, ua.StatusBadNodeIDUnknown
		return
	}
	c.readNode(n, s, ua.TimestampsToReturn(timestamps), id, v)
	c.nodes.release(n)
}

func (c *Core) readNode(n *node, s *Session, timestamps ua.TimestampsToReturn, id *uatypes.ReadValueID, v *uatypes.DataValue) {
	attribute := ua.AttributeID(id.AttributeID)
	switch encoding := id.DataEncoding.Name.String(); encoding {
	case "", "Default Binary":
	case "Default XML", "Default JSON":
		v.HasStatus, v.Status = true, ua.StatusBadDataEncodingUnsupported
		return
	default:
		v.HasStatus, v.Status = true, ua.StatusBadDataEncodingInvalid
		return
	}
	if len(id.IndexRange.B) > 0 && attribute != ua.AttributeIDValue {
		v.HasStatus, v.Status = true, ua.StatusBadIndexRangeNoData
		return
	}
	if st := c.readAttribute(n, s, attribute, timestamps, id, v); st != uatypes.Good {
		v.HasStatus, v.Status = true, st
		if c.opts.Rules.plainFailures() {
			return
		}
	} else {
		v.HasValue = true
	}
	if timestamps == ua.TimestampsToReturnServer || timestamps == ua.TimestampsToReturnBoth {
		if !v.HasServerTimestamp {
			v.ServerTimestamp, v.HasServerTimestamp = c.now(), true
		}
	} else {
		v.HasServerTimestamp = false
	}
	if attribute != ua.AttributeIDValue {
		return
	}
	if timestamps == ua.TimestampsToReturnServer || timestamps == ua.TimestampsToReturnNeither {
		v.HasSourceTimestamp, v.HasSourcePicoseconds = false, false
	} else if !v.HasSourceTimestamp {
		v.SourceTimestamp, v.HasSourceTimestamp = c.now(), true
	}
}

// attributeClasses returns the node classes that have an attribute, as a mask;
// 0 for an unknown attribute or one that this server does not offer.
func attributeClasses(a ua.AttributeID) ua.NodeClass {
	switch a {
	case ua.AttributeIDNodeID, ua.AttributeIDNodeClass, ua.AttributeIDBrowseName, ua.AttributeIDDisplayName,
		ua.AttributeIDDescription, ua.AttributeIDWriteMask, ua.AttributeIDUserWriteMask:
		return ua.NodeClassAll
	case ua.AttributeIDIsAbstract:
		return ua.NodeClassReferenceType | ua.NodeClassObjectType | ua.NodeClassVariableType | ua.NodeClassDataType
	case ua.AttributeIDSymmetric, ua.AttributeIDInverseName:
		return ua.NodeClassReferenceType
	case ua.AttributeIDContainsNoLoops:
		return ua.NodeClassView
	case ua.AttributeIDEventNotifier:
		return ua.NodeClassView | ua.NodeClassObject
	case ua.AttributeIDValue, ua.AttributeIDDataType, ua.AttributeIDValueRank, ua.AttributeIDArrayDimensions:
		return ua.NodeClassVariable | ua.NodeClassVariableType
	case ua.AttributeIDAccessLevel, ua.AttributeIDUserAccessLevel, ua.AttributeIDMinimumSamplingInterval, ua.AttributeIDHistorizing:
		return ua.NodeClassVariable
	case ua.AttributeIDExecutable, ua.AttributeIDUserExecutable:
		return ua.NodeClassMethod
	}
	return 0
}

// readAttribute reads one attribute into the variant of v. All users have all
// rights that the node gives (plugins/ua_accesscontrol_default.c); the server
// itself has all.
func (c *Core) readAttribute(n *node, s *Session, a ua.AttributeID, timestamps ua.TimestampsToReturn, id *uatypes.ReadValueID, v *uatypes.DataValue) uatypes.Status {
	if n.class&attributeClasses(a) == 0 {
		return ua.StatusBadAttributeIDInvalid
	}
	m, d := c.m, &v.Value
	switch a {
	case ua.AttributeIDNodeID:
		return uatypes.ScalarCopy(m, d, uatypes.TypeNodeID, n.id)
	case ua.AttributeIDNodeClass:
		return uatypes.ScalarCopy(m, d, uatypes.TypeNodeClass, int32(n.class))
	case ua.AttributeIDBrowseName:
		return uatypes.ScalarCopy(m, d, uatypes.TypeQualifiedName, n.browseName)
	case ua.AttributeIDDisplayName:
		return uatypes.ScalarCopy(m, d, uatypes.TypeLocalizedText, n.displayName)
	case ua.AttributeIDDescription:
		return uatypes.ScalarCopy(m, d, uatypes.TypeLocalizedText, n.description)
	case ua.AttributeIDWriteMask:
		return uatypes.ScalarCopy(m, d, uatypes.TypeUInt32, n.writeMask)
	case ua.AttributeIDUserWriteMask:
		return uatypes.ScalarCopy(m, d, uatypes.TypeUInt32, userWriteMask(n, s))
	case ua.AttributeIDIsAbstract:
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.isAbstract)
	case ua.AttributeIDSymmetric:
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.symmetric)
	case ua.AttributeIDInverseName:
		return uatypes.ScalarCopy(m, d, uatypes.TypeLocalizedText, n.inverseName)
	case ua.AttributeIDContainsNoLoops:
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.noLoops)
	case ua.AttributeIDEventNotifier:
		return uatypes.ScalarCopy(m, d, uatypes.TypeByte, n.eventNotifier)
	case ua.AttributeIDValue:
		if n.class == ua.NodeClassVariable && !s.isAdmin() && n.accessLevel&accessRead == 0 {
			return ua.StatusBadNotReadable
		}
		return c.readValue(n, timestamps, &id.IndexRange, v)
	case ua.AttributeIDDataType:
		return uatypes.ScalarCopy(m, d, uatypes.TypeNodeID, n.dataType)
	case ua.AttributeIDValueRank:
		return uatypes.ScalarCopy(m, d, uatypes.TypeInt32, n.valueRank)
	case ua.AttributeIDArrayDimensions:
		st := uatypes.ArrayCopy(m, d, uatypes.TypeUInt32, n.arrayDimensions.V)
		if st == uatypes.Good && len(n.arrayDimensions.V) == 0 {
			d.P = n.arrayDimensions.P // null stays null, empty stays empty
		}
		return st
	case ua.AttributeIDAccessLevel:
		return uatypes.ScalarCopy(m, d, uatypes.TypeByte, n.accessLevel)
	case ua.AttributeIDUserAccessLevel:
		if s.isAdmin() {
			return uatypes.ScalarCopy(m, d, uatypes.TypeByte, uint8(0xff))
		}
		return uatypes.ScalarCopy(m, d, uatypes.TypeByte, n.accessLevel)
	case ua.AttributeIDMinimumSamplingInterval:
		return uatypes.ScalarCopy(m, d, uatypes.TypeDouble, n.minimumSamplingInterval)
	case ua.AttributeIDHistorizing:
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.historizing)
	case ua.AttributeIDExecutable:
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.executable)
	default: // UserExecutable
		return uatypes.ScalarCopy(m, d, uatypes.TypeBoolean, n.executable || s.isAdmin())
	}
}

// isAdmin reports whether s is the server itself. A nil session is one that is
// gone while its monitored items live.
func (s *Session) isAdmin() bool { return s != nil && s.admin }

// userWriteMask returns the attributes of a node that a session may write.
func userWriteMask(n *node, s *Session) uint32 {
	if s.isAdmin() {
		return 0xffffffff
	}
	return n.writeMask
}
