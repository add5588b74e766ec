package wire

import (
	"strings"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// Stats counts the frames at one end of a cable.
type Stats struct {
	Sent     uint64 // frames that the port sent
	Received uint64 // frames that the port received
	Lost     uint64 // frames that the port sent and that never arrive, whatever the reason
}

// An End is one end of a cable, as its port sees it.
type End struct {
	cable  *Cable
	name   string
	source string // in the event log
	port   Port
	up     bool
	busy   time.Duration // when the next frame may start
	stats  Stats
}

// Name returns the name given to Attach.
func (e *End) Name() string { return e.name }

// Cable returns the cable that this is an end of.
func (e *End) Cable() *Cable { return e.cable }

// Peer returns the other end, or nil while there is none.
func (e *End) Peer() *End {
	for _, o := range e.cable.ends {
		if o != e {
			return o
		}
	}
	return nil
}

// Stats returns what was counted so far.
func (e *End) Stats() Stats { return e.stats }

// Up reports whether the link at this end is up, see LinkDown.
func (e *End) Up() bool { return e.up }

// LinkDown takes down the link at this end: frames are lost as after
// Cable.Pull, and the port here, if it is a LinkPort, is told. The other end's
// is not.
func (e *End) LinkDown() { e.setLink(false, "link down at "+e.name) }

// LinkUp undoes LinkDown.
func (e *End) LinkUp() { e.setLink(true, "link up at "+e.name) }

func (e *End) setLink(up bool, what string) {
	if e.up == up {
		return
	}
	e.cable.change(what, func() { e.up = up })
	if lp, ok := e.port.(LinkPort); ok {
		e.cable.loop.After(0, func() { lp.LinkChanged(up) })
	}
}

// flight is a frame on its way.
type flight struct {
	cable *Cable
	from  *End
	frame Frame
	start time.Duration
	epoch int
	timer *vtime.Timer
}

// Send puts a frame on the cable. The frame belongs to the cable from then on:
// the caller must not change it any more. Frames shorter than 60 bytes are
// padded with zeros, as network hardware does. A frame that is not one is a
// *FrameError; that a frame is lost is not an error.
func (e *End) Send(frame Frame) error {
	c := e.cable
	if len(frame) < headerSize || len(frame) > maxFrameSize {
		return &FrameError{Cable: c.cfg.Name, From: e.name, Size: len(frame)}
	}
	if c.loop.Closing() {
		return nil
	}
	frame = padFrame(frame)
	e.stats.Sent++
	c.emit(e, frame)

	to := e.Peer()
	lost := c.closedBy()
	if to == nil {
		lost = "the cable has no other end"
	}
	if lost != "" {
		e.transmit(frame)
		e.lose(frame, lost)
		return nil
	}
	v := verdict{sent: frame, frame: frame}
	for _, f := range c.faults {
		f.apply(e, &v)
	}
	c.record(e, v.frame, directionOut, strings.Join(v.notes, ", "))
	for range 1 + v.copies {
		start, arrival := e.transmit(v.frame)
		if v.dropped {
			e.stats.Lost++
			continue
		}
		c.launch(e, v.frame, start, arrival+v.late)
	}
	return nil
}

// lose counts and records a frame that went into a closed cable.
func (e *End) lose(frame Frame, why string) {
	e.stats.Lost++
	e.cable.record(e, frame, directionOut, "lost: "+why)
}

// transmit takes the sender's time for a frame and returns when its first bit
// is sent and its last bit arrives.
func (e *End) transmit(frame Frame) (start, arrival time.Duration) {
	c := e.cable
	start = max(c.loop.Now(), e.busy)
	if c.cfg.Bandwidth == 0 {
		e.busy = start
		return start, start + c.cfg.Delay
	}
	size := preambleSize + len(frame) + fcsSize
	e.busy = start + bitTime(size+gapSize, c.cfg.Bandwidth)
	return start, start + bitTime(size, c.cfg.Bandwidth) + c.cfg.Delay
}

// bitTime returns how long n bytes take, rounded up to a nanosecond.
func bitTime(n int, bitsPerSecond int64) time.Duration {
	ns := int64(n) * 8 * int64(time.Second)
	return time.Duration((ns + bitsPerSecond - 1) / bitsPerSecond)
}

func (c *Cable) launch(from *End, frame Frame, start, arrival time.Duration) {
	var f *flight
	if n := len(c.free); n > 0 {
		f, c.free = c.free[n-1], c.free[:n-1]
	} else {
		f = &flight{cable: c}
		f.timer = c.loop.NewTimer(f.land)
	}
	f.from, f.frame, f.start, f.epoch = from, frame, start, c.epoch
	f.timer.ResetAt(arrival)
}

func (f *flight) land() {
	c, from, frame := f.cable, f.from, f.frame
	lost := c.closedBy()
	if lost == "" && f.epoch != c.epoch && c.lastOpen >= f.start {
		lost = "cable cut while the frame was on it"
	}
	f.frame, f.from = nil, nil
	c.free = append(c.free, f)
	if lost != "" {
		from.stats.Lost++
		c.loop.Log().Emit(from.source, "in flight: %s", lost)
		return
	}
	to := from.Peer()
	to.stats.Received++
	c.record(to, frame, directionIn, "")
	to.port.Receive(frame)
}

// emit puts a sent frame into the event log.
func (c *Cable) emit(e *End, frame Frame) {
	if !c.cfg.HidePayload {
		c.loop.Log().EmitBytes(e.source, frame)
		return
	}
	c.logBuf = append(c.logBuf[:0], frame...)
	h := parseHeaders(frame)
	switch {
	case h.transport == 0:
	case h.proto == protoTCP:
		c.logBuf[h.transport+16], c.logBuf[h.transport+17] = 0, 0
		end := h.transport + int(frame[h.transport+12]>>4)*4
		clear(c.logBuf[min(end, len(c.logBuf)):])
	case h.proto == protoUDP:
		clear(c.logBuf[h.transport+6:])
	}
	c.loop.Log().EmitBytes(e.source, c.logBuf)
}
