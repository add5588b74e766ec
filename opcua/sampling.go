package opcua

import (
	"math"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/nodestore"
	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// stackEncoding is how many bytes of an encoded value are compared without
// taking memory (UA_VALUENCODING_MAXSTACK,
// src/server/ua_subscription_datachange.c).
const stackEncoding = 512

// sample reads the value of a monitored item and, if it has changed, queues a
// notification (monitoredItem_sampleCallback).
func (s *Server) sample(i *monitoredItem) {
	defer s.object(i.object)()
	var points *nodestore.Session
	if sess := i.subscription.session; sess != nil {
		points = &sess.points
	}
	var v uatypes.DataValue
	s.core.Read(points, i.timestamps, &i.node, &v)
	s.sampled(i, &v)
}

// sampled takes the value over or clears it (sampleCallbackWithValue).
func (s *Server) sampled(i *monitoredItem, v *uatypes.DataValue) {
	encoding, changed, st := s.detectChange(i, *v)
	if st != uatypes.Good || !changed {
		uatypes.Clear(s.mem, v)
		return
	}
	if s.notify(i, v) != uatypes.Good {
		uatypes.Clear(s.mem, &encoding)
		uatypes.Clear(s.mem, v)
		return
	}
	uatypes.Clear(s.mem, &i.lastSampled)
	i.lastSampled = encoding
	uatypes.Clear(s.mem, &i.lastValue)
	i.lastValue = *v
}

// notify queues a notification with a copy of a value
// (UA_MonitoredItem_createDataChangeNotification).
func (s *Server) notify(i *monitoredItem, v *uatypes.DataValue) uatypes.Status {
	n := s.newNotification(i)
	if st := uatypes.Copy(s.mem, &n.value, v); st != uatypes.Good {
		s.mem.Free(n.block)
		return st
	}
	s.enqueue(n)
	return uatypes.Good
}

// detectChange compares a value with the last one by its encoding
// (detectValueChange). If it has changed the encoding is in a block.
func (s *Server) detectChange(i *monitoredItem, v uatypes.DataValue) (encoding uatypes.Str, changed bool, st uatypes.Status) {
	trigger := ua.DataChangeTrigger(i.filter.Trigger)
	if trigger == ua.DataChangeTriggerStatus {
		v.HasValue = false
	}
	v.HasServerTimestamp, v.HasServerPicoseconds = false, false
	if i.filter.Trigger < uint32(ua.DataChangeTriggerStatusValueTimestamp) {
		v.HasSourceTimestamp, v.HasSourcePicoseconds = false, false
	}
	if v.Value.Type != nil && v.Value.Type.IsNumeric() && i.filter.DeadbandType == uint32(ua.DeadbandTypeAbsolute) &&
		(trigger == ua.DataChangeTriggerStatusValue || trigger == ua.DataChangeTriggerStatusValueTimestamp) &&
		!outsideDeadband(&v.Value, &i.lastValue.Value, i.filter.DeadbandValue) {
		return encoding, false, uatypes.Good
	}
	var stack [stackEncoding]byte
	e := uatypes.Encoder{Buf: stack[:], End: len(stack)}
	var block buffer
	if st = e.Encode(&v); st == ua.StatusBadEncodingError {
		if n := uatypes.Length(&v); n > stackEncoding {
			var ok bool
			if block, ok = s.newBuffer(n, "value encoding"); !ok {
				return encoding, false, ua.StatusBadOutOfMemory
			}
			e = uatypes.Encoder{Buf: block.b, End: int(n)}
			st = e.Encode(&v)
		}
	}
	b := e.Buf[:e.Pos]
	changed = st == uatypes.Good && (i.lastSampled.P == uatypes.Null || string(b) != string(i.lastSampled.B))
	if !changed {
		s.release(&block)
		return encoding, false, st
	}
	if block.block != 0 {
		encoding = uatypes.Str{P: block.block, B: append([]byte(nil), b...)}
		s.reuse(block.b)
		return encoding, true, uatypes.Good
	}
	copied := uatypes.Str{P: uatypes.Static, B: append([]byte(nil), b...)}
	st = uatypes.Copy(s.mem, &encoding, &copied)
	return encoding, true, st
}

// outsideDeadband reports whether a number, or one in an array, differs by more
// than a deadband from the first number of the last value
// (updateNeededForFilteredValue).
func outsideDeadband(v, last *uatypes.Variant, deadband float64) bool {
	if v.Type != last.Type || v.Count() != last.Count() || v.IsArray != last.IsArray {
		return true
	}
	x, y := v.Floats(), last.Floats()
	for _, f := range x {
		if math.Abs(f-y[0]) > deadband {
			return true
		}
	}
	return false
}
