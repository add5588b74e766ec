package vtime

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// maxEventsPerInstant bounds the events that may run without time passing. A
// correct world needs a few thousand; more means that two parts of it wake each
// other for ever.
const maxEventsPerInstant = 1_000_000

// DefaultStall is how long of real time one event may keep the loop before the
// loop gives up on it, see [Loop.SetStall].
const DefaultStall = 60 * time.Second

// ErrClosed is what Run and RunUntil return after Close.
var ErrClosed = errors.New("vtime: the loop is closed")

// TimeoutError reports that a condition did not become true in time.
type TimeoutError struct {
	Max time.Duration // how long of virtual time was waited
	Now time.Duration // the virtual time at which waiting ended
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("vtime: the condition was still false after %v of virtual time (now %v)", e.Max, e.Now)
}

// A Loop is one world's clock and event queue. Make it with New.
type Loop struct {
	now      time.Duration
	seq      uint64
	queue    queue
	seed     uint64
	streams  map[string]*rand.Rand
	log      *Log
	procs    []*Proc // live ones, in the order of creation
	current  *Proc
	running  bool
	closing  bool
	closed   bool
	err      error
	instants int // events run at the present instant

	stall    time.Duration
	progress atomic.Uint64
}

// New returns a loop at virtual time 0 whose random streams derive from seed.
func New(seed uint64) *Loop {
	l := &Loop{seed: seed, streams: map[string]*rand.Rand{}, stall: DefaultStall}
	l.log = newLog(l)
	return l
}

// Now returns the virtual time since the loop was made.
func (l *Loop) Now() time.Duration { return l.now }

// Seed returns the seed that the loop was made with.
func (l *Loop) Seed() uint64 { return l.seed }

// Log returns the loop's event log.
func (l *Loop) Log() *Log { return l.log }

// Fingerprint returns the SHA-256 of everything emitted to the log so far, in
// hexadecimal. Two runs of the same build were equal if it is. It is meant for
// comparing, not for storing: any change of the code may change it.
func (l *Loop) Fingerprint() string { return l.log.Fingerprint() }

// Current returns the process that is running, or nil outside any process.
func (l *Loop) Current() *Proc { return l.current }

// Closing reports whether Close is unwinding the processes. Model code that
// deferred functions may reach does nothing then.
func (l *Loop) Closing() bool { return l.closing }

// SetStall sets how long of real time a single event may run before the loop
// panics and names what ran: a process that waits on a Go channel or a mutex
// would otherwise hang the world in silence. Zero turns the check off, which
// is what a debugger wants. The check never influences the simulation.
func (l *Loop) SetStall(d time.Duration) { l.stall = d }

// Fail makes Run return err after the event that is running. The first call
// wins; later errors are dropped.
func (l *Loop) Fail(err error) {
	if l.err == nil && err != nil {
		l.err = err
	}
}

// Run lets d of virtual time pass and runs every event due within it, those
// due exactly at its end included. It returns the first error given to Fail;
// the loop cannot go on after that.
func (l *Loop) Run(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("vtime: Run(%v): a duration of at least 0 was expected", d)
	}
	return l.run(l.now+d, nil)
}

// RunUntil runs until cond is true. It asks after every event and once at the
// start. If that does not come within max of virtual time, the error is a
// *TimeoutError.
func (l *Loop) RunUntil(cond func() bool, max time.Duration) error {
	if max < 0 {
		return fmt.Errorf("vtime: RunUntil with a limit of %v: at least 0 was expected", max)
	}
	done := false
	err := l.run(l.now+max, func() bool { done = cond(); return done })
	if err == nil && !done {
		err = &TimeoutError{Max: max, Now: l.now}
	}
	return err
}

func (l *Loop) run(end time.Duration, cond func() bool) error {
	switch {
	case l.current != nil:
		return fmt.Errorf("vtime: Run called from inside process %q: a process waits with Sleep or Park", l.current.name)
	case l.running:
		return errors.New("vtime: Run called while the loop is running (from an event or another goroutine)")
	case l.closed:
		return ErrClosed
	case l.err != nil:
		return l.err
	}
	l.running = true
	defer func() { l.running = false }()
	defer l.watchStall()()

	if cond != nil && cond() {
		return nil
	}
	for l.queue.len() > 0 && l.queue.items[0].at <= end {
		l.step()
		if l.err != nil {
			return l.err
		}
		if cond != nil && cond() {
			return nil
		}
	}
	l.advance(end)
	return nil
}

// NextAt returns when the next event is due; ok is false if there is none.
func (l *Loop) NextAt() (at time.Duration, ok bool) {
	if l.queue.len() == 0 {
		return 0, false
	}
	return l.queue.items[0].at, true
}

func (l *Loop) step() {
	t := l.queue.pop()
	if t.at > l.now {
		l.advance(t.at)
	}
	if l.instants++; l.instants > maxEventsPerInstant {
		l.Fail(fmt.Errorf("vtime: %d events at %v without time passing (last process to run: %s)", l.instants-1, l.now, l.lastProc()))
		return
	}
	l.progress.Add(1)
	t.f()
}

func (l *Loop) advance(to time.Duration) {
	if to > l.now {
		l.now = to
		l.instants = 0
	}
}

func (l *Loop) lastProc() string {
	for i := len(l.procs) - 1; i >= 0; i-- {
		if l.procs[i].timer.Active() {
			return fmt.Sprintf("%q", l.procs[i].name)
		}
	}
	return "none"
}

// watchStall arms the check of SetStall and returns what disarms it.
func (l *Loop) watchStall() func() {
	if l.stall <= 0 {
		return func() {}
	}
	stall := l.stall
	last := l.progress.Load()
	var t *time.Timer
	t = time.AfterFunc(stall, func() {
		now := l.progress.Load()
		if now == last {
			panic(fmt.Sprintf("vtime: one event has been running for %v of real time: a process that waits on a Go channel, a mutex or a sleep blocks the whole world (see Loop.SetStall)", stall))
		}
		last = now
		t.Reset(stall)
	})
	return func() { t.Stop() }
}

// Close ends the world: every process that has not ended is unwound (its
// deferred functions run, with Closing true), and no event runs any more.
// It may be called twice.
func (l *Loop) Close() {
	if l.closed {
		return
	}
	l.closing = true
	for _, p := range l.procs {
		p.unwind()
	}
	l.procs = nil
	l.queue = queue{}
	l.closing = false
	l.closed = true
}
