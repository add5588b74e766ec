package opcua

import (
	"math"
	"slices"

	"github.com/gopcua/opcua/ua"

	"github.com/plimsoll-sim/plimsoll/opcua/internal/uatypes"
)

// Idle firings. A subscription that nobody takes anything from goes on for ever:
// its items are sampled and find what they found before, its publishing interval
// passes and only counts. These firings are known beforehand and need not be run
// one by one. An entry of the timer that can be idle says how many of its next
// firings only count, and can make up for those that were left out; nextDue
// looks past them, and catchUp makes up for them. What else they do is take a
// block for the value and give it back, which leaves the heap as it was; catchUp
// does that once, for the lowest free bytes ever.

// idler is a timer entry's knowledge of its own future.
type idler interface {
	// idle returns how many of the entry's next firings only count, the first of
	// which is at next, with interval between them; each may be up to slack late.
	// All times are in ticks of 100 ns.
	idle(next, interval, slack int64) int64
	// skip makes up for n firings that were left out.
	skip(n int64)
}

// forever is more firings than there can be.
const forever = math.MaxInt32

// room is how large the largest free block must be for a sample's block to be
// sure to find memory.
const room = 1024

// roomy is implemented by a Memory that can say whether blocks of up to n bytes
// are sure to be there.
type roomy interface{ Roomy(n uint32) bool }

// nextDue returns the monotonic time from which on a turn of the server does
// something by itself, if turns are made every so often.
func (s *Server) nextDue(every int64) int64 {
	due := int64(math.MaxInt64)
	m, ok := s.mem.(roomy)
	lazy := ok && m.Roomy(room)
	for _, e := range s.timer.entries {
		if e.next >= due {
			break
		}
		at := e.next
		if lazy && e.idler != nil && e.interval >= every {
			at += e.idler.idle(e.next, e.interval, every) * e.interval
		}
		due = min(due, at)
	}
	for _, c := range s.network.connections {
		if s.has.noHelloCut && c.state == connectionOpening {
			due = min(due, c.opened+noHelloTimeout+1)
		}
	}
	return due
}

// catchUp makes up for the turns up to a time that were left out because
// nextDue said so.
func (s *Server) catchUp(to int64) {
	changed := false
	for _, e := range s.timer.entries {
		if e.next > to {
			break
		}
		if e.idler == nil {
			continue
		}
		n := (to-e.next)/e.interval + 1
		e.idler.skip(n)
		e.next += n * e.interval
		changed = true
	}
	if changed {
		slices.SortFunc(s.timer.entries, compareEntries)
	}
}

// itemIdler is the sampling of a monitored item.
type itemIdler struct {
	s *Server
	i *monitoredItem
}

func (x itemIdler) idle(next, interval, slack int64) int64 {
	i := x.i
	if i.variable == nil || !i.hasSample(x.s) || ua.DataChangeTrigger(i.filter.Trigger) > ua.DataChangeTriggerStatusValue {
		return 0
	}
	since, until := i.variable.steady(x.s.cfg.Clock.Monotonic())
	if i.sampledAt < since {
		return 0
	}
	switch {
	case until == math.MaxInt64:
		return forever
	case next > until-slack:
		return 0
	}
	return (until-slack-next)/interval + 1
}

// hasSample reports whether an item has a sample to compare with.
func (i *monitoredItem) hasSample(s *Server) bool {
	if s.rel.comparesValues {
		return i.lastValue.Status != neverSampled
	}
	return i.lastSampled.P != uatypes.Null
}

func (x itemIdler) skip(int64) {
	s := x.s
	previous := s.enter(x.i.object())
	if p := s.mem.Malloc(4, "sample"); p != 0 {
		s.mem.Free(p)
	}
	s.leave(previous)
}

// steady returns since when and until when reads of the variable give the same
// value, as of now.
func (v *Variable) steady(now int64) (since, until int64) {
	switch {
	case v.Read == nil:
		return math.MinInt64, math.MaxInt64
	case v.Steady == nil:
		return math.MaxInt64, now
	}
	return v.Steady(now)
}

// publishIdler is the publishing interval of a subscription.
type publishIdler struct{ sub *subscription }

func (x publishIdler) idle(int64, int64, int64) int64 {
	sub := x.sub
	requests := sub.session != nil && len(sub.session.requests) > 0
	alive := sub.session != nil && sub.session.channel != nil
	switch {
	case sub.statusChange != uatypes.Good, slices.ContainsFunc(sub.items, func(i *monitoredItem) bool { return i.sampledAtPublishing }):
		return 0
	case !requests:
		return max(0, int64(sub.lifetimeCount)-int64(sub.lifetime))
	case !alive:
		return forever
	case x.reports():
		return 0
	}
	return max(0, int64(sub.keepAliveCount)-int64(sub.keepAlives)-1)
}

// reports says whether there is something to report.
func (x publishIdler) reports() bool { return x.sub.enabled && x.sub.queue.length > 0 }

func (x publishIdler) skip(n int64) {
	sub := x.sub
	sub.ready = sub.queue.length
	if sub.session != nil && len(sub.session.requests) > 0 {
		sub.lifetime = 0
	} else {
		sub.lifetime += uint32(n)
	}
	if x.reports() {
		sub.late = true
		return
	}
	sub.keepAlives += uint32(n)
	if sub.keepAlives >= sub.keepAliveCount {
		sub.late = true
	}
}

// cleanupIdler is the housekeeping: it finds nothing while there is no channel
// and no session or registration has timed out.
type cleanupIdler struct{ s *Server }

func (x cleanupIdler) idle(next, interval, slack int64) int64 {
	if len(x.s.channels) > 0 || x.s.cfg.SessionTimeBase == OnlyWallClock && len(x.s.sessions) > 0 {
		return 0
	}
	until := int64(math.MaxInt64)
	for _, sess := range x.s.sessions {
		until = min(until, sess.validTill)
	}
	for _, r := range x.s.registered {
		until = min(until, r.lastSeen+registrationTimeout*ticksPerMillisecond)
	}
	switch n := (until-slack-next)/interval + 1; {
	case next > until-slack:
		return 0
	case n < forever:
		return n
	}
	return forever
}

func (x cleanupIdler) skip(int64) {}
