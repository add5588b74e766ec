package opcua

import (
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// setFilter checks and stores the filter of a monitored item
// (setMonitoredItemSettings, src/server/ua_services_monitoreditem.c). t is the
// type of the present value, nil if there is none.
func (s *Server) setFilter(sess *session, i *monitoredItem, x *uatypes.ExtensionObject, t *uatypes.DataType) uatypes.Status {
	if i.onEvents() && s.rel.noEvents {
		return ua.StatusBadNotSupported
	}
	if i.onEvents() {
		f := uatypes.Content[uatypes.EventFilter](x)
		if f == nil {
			return ua.StatusBadEventFilterInvalid
		}
		uatypes.Clear(s.mem, &i.events)
		st := uatypes.Copy(s.mem, &i.events, f)
		// The filters share their memory. A link from another item makes the
		// server sample this one as if it were on a value; then the number of
		// select clauses is the trigger.
		i.filter = uatypes.DataChangeFilter{Trigger: uint32(len(i.events.SelectClauses.V))}
		return st
	}
	if x.Type == nil {
		i.filter = uatypes.DataChangeFilter{Trigger: uint32(ua.DataChangeTriggerStatusValue)}
		return uatypes.Good
	}
	f := uatypes.Content[uatypes.DataChangeFilter](x)
	if f == nil {
		return ua.StatusBadMonitoredItemFilterUnsupported
	}
	switch ua.DeadbandType(f.DeadbandType) {
	case ua.DeadbandTypeNone:
	case ua.DeadbandTypeAbsolute:
		if t == nil || !t.IsNumeric() {
			return ua.StatusBadFilterNotAllowed
		}
	case ua.DeadbandTypePercent:
		if s.rel.noEvents {
			return ua.StatusBadMonitoredItemFilterUnsupported
		}
		if t == nil || !t.IsNumeric() {
			return ua.StatusBadFilterNotAllowed
		}
		return s.absoluteDeadband(sess, i, f, &i.filter)
	default:
		return ua.StatusBadMonitoredItemFilterUnsupported
	}
	i.filter = *f
	return uatypes.Good
}

// absoluteDeadband turns a filter with a deadband in percent of the variable's
// EURange into one with an absolute deadband (setAbsoluteFromPercentageDeadband).
// The range that was read is never given back if all goes well.
func (s *Server) absoluteDeadband(sess *session, i *monitoredItem, f, out *uatypes.DataChangeFilter) uatypes.Status {
	if f.DeadbandValue < 0 || f.DeadbandValue > 100 {
		return ua.StatusBadDeadbandFilterInvalid
	}
	var path uatypes.BrowsePathResult
	s.core.TranslateBrowsePath(euRangeOf(&i.node.NodeID), &path)
	if path.StatusCode != uatypes.Good || len(path.Targets.V) == 0 {
		uatypes.Clear(s.mem, &path)
		return ua.StatusBadFilterNotAllowed
	}
	var v uatypes.DataValue
	s.core.Read(&sess.points, uint32(ua.TimestampsToReturnNeither),
		&uatypes.ReadValueID{NodeID: path.Targets.V[0].TargetID.NodeID, AttributeID: attributeValue}, &v)
	uatypes.Clear(s.mem, &path)
	r, ok := v.Value.V.([]uatypes.Range)
	if !ok || v.Value.IsArray {
		uatypes.Clear(s.mem, &v)
		return ua.StatusBadFilterNotAllowed
	}
	deadband := f.DeadbandValue / 100 * (r[0].High - r[0].Low)
	if !(deadband >= 0) { // negative or not a number
		uatypes.Clear(s.mem, &v)
		return ua.StatusBadFilterNotAllowed
	}
	*out = uatypes.DataChangeFilter{
		Trigger:       f.Trigger,
		DeadbandType:  uint32(ua.DeadbandTypeAbsolute),
		DeadbandValue: deadband,
	}
	return uatypes.Good
}

// euRangeOf returns the browse path from a variable to its EURange
// (browseSimplifiedBrowsePath).
func euRangeOf(variable *uatypes.NodeID) *uatypes.BrowsePath {
	return &uatypes.BrowsePath{
		StartingNode: *variable,
		RelativePath: uatypes.RelativePath{Elements: uatypes.Array[uatypes.RelativePathElement]{P: uatypes.Static, V: []uatypes.RelativePathElement{{
			ReferenceTypeID: uatypes.Numeric(0, id.HierarchicalReferences),
			IncludeSubtypes: true,
			TargetName:      uatypes.QualifiedName{Name: uatypes.Const("EURange")},
		}}}},
	}
}
