package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

// timerGrain is what timers of a stack are rounded up to. gVisor's estimate of
// the round-trip time is computed in floating point; rounding keeps its last
// digit, in which CPUs differ (fused multiply-add), out of the simulation.
const timerGrain = time.Microsecond

// stackClock gives a stack the loop's time.
type stackClock struct{ m *machine }

func (c stackClock) Now() time.Time {
	return time.Unix(defaultEpoch, 0).Add(c.m.host.loop.Now())
}

func (c stackClock) NowMonotonic() tcpip.MonotonicTime {
	var t tcpip.MonotonicTime
	return t.Add(c.m.host.loop.Now())
}

func (c stackClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &stackTimer{m: c.m, f: f}
	t.Reset(d)
	return t
}

// stackTimer is a stack's timer. The stack sets and stops it under its locks
// and on its processor goroutine, so only the wish is noted then; the loop's
// timer follows when the stack rests.
type stackTimer struct {
	m     *machine
	f     func()
	event *vtime.Timer
	armed bool
	at    time.Duration
	noted bool // waits in m.notes
}

func (t *stackTimer) Stop() bool {
	was := t.armed
	t.armed = false
	t.note()
	return was
}

func (t *stackTimer) Reset(d time.Duration) {
	if r := d % timerGrain; r > 0 {
		d += timerGrain - r
	}
	t.armed = true
	t.at = t.m.host.loop.Now() + max(d, 0)
	t.note()
}

func (t *stackTimer) note() {
	if t.m.dead || t.noted {
		return
	}
	t.noted = true
	t.m.notes = append(t.m.notes, note{timer: t})
}

// settle makes the loop's timer follow.
func (t *stackTimer) settle() {
	t.noted = false
	switch {
	case !t.armed:
		if t.event != nil {
			t.event.Stop()
		}
		return
	case t.event == nil:
		t.event = t.m.host.loop.NewTimer(t.fire)
	}
	t.event.ResetAt(t.at)
}

func (t *stackTimer) fire() {
	if t.m.dead || !t.armed {
		return
	}
	t.armed = false
	t.f()
	t.m.rest()
}

// stackRand is a random stream in the two forms that gVisor takes.
type stackRand struct{ *rand.Rand }

// Int63 implements math/rand.Source.
func (r stackRand) Int63() int64 { return int64(r.Rand.Uint64() >> 1) }

// Seed implements math/rand.Source; the seed is the loop's.
func (r stackRand) Seed(int64) {}

// Read implements io.Reader.
func (r stackRand) Read(b []byte) (int, error) {
	for i := 0; i < len(b); i += 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], r.Rand.Uint64())
		copy(b[i:], word[:])
	}
	return len(b), nil
}
