package opcua

import "strconv"

// Units of the server's clocks.
const (
	ticksPerMillisecond = 10_000 // UA_DATETIME_MSEC: a tick is 100 ns
)

// Clock is the server's time, in units of 100 ns.
type Clock interface {
	// Monotonic is the time since boot (UA_DateTime_nowMonotonic: the tick
	// count of FreeRTOS, so it moves in steps of 10 ms at 100 Hz).
	Monotonic() int64
	// Now is the wall clock since 1601-01-01 UTC (UA_DateTime_now).
	Now() int64
}

// TimeBase is the clock from which a deadline is computed. The server compares it
// with the monotonic clock, except with OnlyWallClock.
type TimeBase uint8

const (
	// AsReleased is what the version of open62541 does: the monotonic clock, except
	// for the channels of v1.0, whose first token has the wall clock.
	AsReleased TimeBase = iota
	// Monotonic is the right one.
	Monotonic
	// WallClock is the defect: the deadline lies some 400 years ahead, because
	// the wall clock counts from 1601 and the monotonic one from boot.
	WallClock
	// OnlyWallClock takes and compares deadlines with the wall clock, as v0.1 did:
	// they are right until the clock is set.
	OnlyWallClock
)

// String names the time base.
func (t TimeBase) String() string {
	switch t {
	case WallClock:
		return "wall clock"
	case OnlyWallClock:
		return "only wall clock"
	case Monotonic:
		return "monotonic"
	}
	return "as released"
}

// channelTimeBase is the clock of the first token of a channel.
func (s *Server) channelTimeBase() TimeBase {
	if s.cfg.ChannelTimeBase == AsReleased && s.rel.wallClockTokens {
		return WallClock
	}
	return s.cfg.ChannelTimeBase
}

// read returns the clock's value on a time base.
func (t TimeBase) read(c Clock) int64 {
	if t == WallClock || t == OnlyWallClock {
		return c.Now()
	}
	return c.Monotonic()
}

// compared returns the clock that a deadline on a time base is compared with.
func (t TimeBase) compared(c Clock) int64 {
	if t == OnlyWallClock {
		return c.Now()
	}
	return c.Monotonic()
}

func itoa(n int) string { return strconv.Itoa(n) }
