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
	previous := s.enter(i.object())
	var points *nodestore.Session
	if sess := i.subscription.session; sess != nil {
		points = &sess.points
	}
	v := &s.scratch.value
	if s.scratch.busy { // one item's sample triggers another's
		v = new(uatypes.DataValue)
	} else {
		s.scratch.busy = true
		defer func() { s.scratch.busy = false }()
	}
	*v = uatypes.DataValue{}
	i.sampledAt = s.cfg.Clock.Monotonic()
	s.core.Read(points, i.timestamps, &i.node, v)
	s.sampled(i, v)
	s.leave(previous)
}

// sampleScratch is what sampling works in, so that it takes nothing from Go's
// heap while nothing changes.
type sampleScratch struct {
	busy     bool
	walk     uatypes.Scratch
	value    uatypes.DataValue
	compared uatypes.DataValue
	encoding [stackEncoding]byte
}

// sampled takes the value over or clears it (sampleCallbackWithValue).
func (s *Server) sampled(i *monitoredItem, v *uatypes.DataValue) {
	if s.rel.comparesValues {
		s.compareSample(i, v)
		return
	}
	b, block, changed, st := s.detectChange(i, v)
	if st != uatypes.Good || !changed {
		s.scratch.walk.ClearDataValue(s.mem, v)
		return
	}
	encoding, st := s.keepEncoding(b, block)
	if st != uatypes.Good {
		uatypes.Clear(s.mem, v)
		return
	}
	if s.rel.movedSamples {
		s.move(i, v, encoding)
		return
	}
	if s.notify(i, v) != uatypes.Good {
		uatypes.Clear(s.mem, &encoding)
		uatypes.Clear(s.mem, v)
		return
	}
	uatypes.Clear(s.mem, &i.lastSampled)
	i.lastSampled = encoding
	s.scratch.walk.ClearDataValue(s.mem, &i.lastValue)
	i.lastValue = *v
}

// compareSample takes a value over if it differs from the last one
// (detectValueChange, sampleCallbackWithValue of v1.3).
func (s *Server) compareSample(i *monitoredItem, v *uatypes.DataValue) {
	if !s.differs(i, v) {
		s.scratch.walk.ClearDataValue(s.mem, v)
		return
	}
	if s.notify(i, v) != uatypes.Good {
		uatypes.Clear(s.mem, v)
		return
	}
	s.scratch.walk.ClearDataValue(s.mem, &i.lastValue)
	i.lastValue = *v
}

func (s *Server) differs(i *monitoredItem, v *uatypes.DataValue) bool {
	last := &i.lastValue
	trigger := ua.DataChangeTrigger(i.filter.Trigger)
	switch {
	case v.HasStatus != last.HasStatus || v.Status != last.Status:
		return true
	case trigger == ua.DataChangeTriggerStatus:
		return false
	case v.HasValue != last.HasValue:
		return true
	case i.filter.DeadbandType == uint32(ua.DeadbandTypeAbsolute) && v.Value.Type != nil && v.Value.Type.IsNumeric():
		return outsideDeadbands(&v.Value, &last.Value, i.filter.DeadbandValue)
	case trigger == ua.DataChangeTriggerStatusValueTimestamp &&
		(v.HasSourceTimestamp != last.HasSourceTimestamp || v.HasSourceTimestamp && v.SourceTimestamp != last.SourceTimestamp):
		return true
	}
	return !sameVariant(&v.Value, &last.Value)
}

// sameVariant reports whether two values are the same, but for a zero that differs
// in its sign.
func sameVariant(a, b *uatypes.Variant) bool {
	if a.Type != b.Type || a.IsArray != b.IsArray || a.Count() != b.Count() {
		return false
	}
	n := uatypes.Length(a)
	if n != uatypes.Length(b) {
		return false
	}
	x, y := make([]byte, n), make([]byte, n)
	ea, eb := uatypes.Encoder{Buf: x, End: len(x)}, uatypes.Encoder{Buf: y, End: len(y)}
	return ea.Encode(a) == uatypes.Good && eb.Encode(b) == uatypes.Good && string(x) == string(y)
}

// outsideDeadbands is outsideDeadband, each number against its own.
func outsideDeadbands(v, last *uatypes.Variant, deadband float64) bool {
	if v.Type != last.Type || v.Count() != last.Count() || v.IsArray != last.IsArray {
		return true
	}
	y := last.Floats()
	for i, f := range v.Floats() {
		if math.Abs(f-y[i]) > deadband {
			return true
		}
	}
	return false
}

// notify queues a notification with a copy of a value
// (UA_MonitoredItem_createDataChangeNotification).
func (s *Server) notify(i *monitoredItem, v *uatypes.DataValue) uatypes.Status {
	n := s.newNotification(i)
	if n == nil {
		return ua.StatusBadOutOfMemory
	}
	if st := uatypes.Copy(s.mem, &n.value, v); st != uatypes.Good {
		s.mem.Free(n.block)
		return st
	}
	s.enqueue(n)
	return uatypes.Good
}

// move puts a value into a notification and keeps a copy
// (sampleCallbackWithValue of v1.0).
func (s *Server) move(i *monitoredItem, v *uatypes.DataValue, encoding uatypes.Str) {
	n := s.newNotification(i)
	if n == nil {
		uatypes.Clear(s.mem, &encoding)
		uatypes.Clear(s.mem, v)
		return
	}
	n.value = *v
	s.enqueue(n)
	uatypes.Clear(s.mem, &i.lastSampled)
	i.lastSampled = encoding
	uatypes.Clear(s.mem, &i.lastValue)
	uatypes.Copy(s.mem, &i.lastValue.Value, &v.Value)
}

// detectChange compares a value with the last one by its encoding
// (detectValueChange). If it has changed it returns the encoding, with the block
// that a long one is in.
func (s *Server) detectChange(i *monitoredItem, value *uatypes.DataValue) (b []byte, block buffer, changed bool, st uatypes.Status) {
	v := &s.scratch.compared
	*v = *value
	trigger := ua.DataChangeTrigger(i.filter.Trigger)
	if trigger == ua.DataChangeTriggerStatus {
		v.HasValue = false
	}
	v.HasServerTimestamp, v.HasServerPicoseconds = false, false
	if i.filter.Trigger < uint32(ua.DataChangeTriggerStatusValueTimestamp) {
		v.HasSourceTimestamp, v.HasSourcePicoseconds = false, false
	}
	if v.Value.Type != nil && v.Value.Type.IsNumeric() && i.filter.DeadbandType == uint32(ua.DeadbandTypeAbsolute) &&
		(trigger == ua.DataChangeTriggerStatusValue || trigger == ua.DataChangeTriggerStatusValueTimestamp) {
		if outside := outsideDeadband(&v.Value, &i.lastValue.Value, i.filter.DeadbandValue); !outside || s.rel.storedParameters {
			return nil, block, outside, uatypes.Good
		}
	}
	var size int
	buf := s.scratch.encoding[:]
	st = ua.StatusBadEncodingError
	if !s.rel.storedParameters || len(i.lastSampled.B) <= stackEncoding {
		size, st = s.scratch.walk.EncodeDataValue(v, buf)
	}
	if st == ua.StatusBadEncodingError {
		if n := uatypes.Length(v); n > stackEncoding || s.rel.storedParameters {
			var ok bool
			if block, ok = s.newBuffer(n, "value encoding"); !ok {
				return nil, block, false, ua.StatusBadOutOfMemory
			}
			buf = block.b
			size, st = s.scratch.walk.EncodeDataValue(v, buf[:n])
		}
	}
	b = buf[:size]
	changed = st == uatypes.Good && (i.lastSampled.P == uatypes.Null || string(b) != string(i.lastSampled.B))
	if !changed {
		s.release(&block)
		return nil, block, false, st
	}
	return b, block, true, uatypes.Good
}

// keepEncoding puts an encoding into a block of its own, if it is not in one.
func (s *Server) keepEncoding(b []byte, block buffer) (encoding uatypes.Str, st uatypes.Status) {
	if b == nil { // a deadband decided
		return encoding, uatypes.Good
	}
	if block.block != 0 {
		encoding = uatypes.Str{P: block.block, B: append([]byte(nil), b...)}
		s.reuse(block.b)
		return encoding, uatypes.Good
	}
	copied := uatypes.Str{P: uatypes.Static, B: append([]byte(nil), b...)}
	st = uatypes.Copy(s.mem, &encoding, &copied)
	return encoding, st
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
