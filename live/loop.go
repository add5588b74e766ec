package live

import (
	"errors"
	"time"

	"github.com/plimsoll-sim/plimsoll/sim/vtime"
)

const (
	// workQueue is how many pieces of work may wait for the loop.
	workQueue = 256
	// slice bounds how long the world runs before the loop looks for work again.
	slice = 5 * time.Millisecond
	// ahead is how far, in real time, the world may be ahead of the clock. The
	// steps of a packet through the device are microseconds apart, less than a
	// system can sleep for; they run in one go.
	ahead = time.Millisecond
	// late is how far behind, in real time, the world may be before it gives up
	// catching up.
	late = 100 * time.Millisecond
	// checkEvery is after how many events the loop looks at the clock.
	checkEvery = 16
)

// pace translates between virtual and real time.
type pace struct {
	speed   time.Duration // virtual seconds a second
	virtual time.Duration // the virtual time ...
	real    time.Time     // ... at this real one
	behind  time.Duration // virtual time given up so far
}

// target is the virtual time at the real time t.
func (p *pace) target(t time.Time) time.Duration {
	return p.virtual + t.Sub(p.real)*p.speed
}

// wait is how long, in real time from t, it takes until the virtual time at.
func (p *pace) wait(t time.Time, at time.Duration) time.Duration {
	return (at - p.target(t) + p.speed - 1) / p.speed
}

// restart begins anew from the given pair of times, and so gives up what is
// missing between.
func (p *pace) restart(t time.Time, now time.Duration) {
	p.behind += p.target(t) - now
	p.real, p.virtual = t, now
}

// change sets the speed from the given pair of times on.
func (p *pace) change(speed int, t time.Time, now time.Duration) {
	p.speed, p.real, p.virtual = time.Duration(speed), t, now
}

// loop owns the world from the time that the firmware is ready.
func (s *Server) loop() {
	defer close(s.loopDone)
	defer s.tearDown()
	s.pace = pace{speed: time.Duration(s.cfg.Speed), real: time.Now(), virtual: s.world.Now()}
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	var next func() // what ended the wait; it happens at the time that it came
	defer func() {
		if next != nil { // Close came in between
			next()
		}
	}()
	for s.ctx.Err() == nil {
		if s.err = s.advance(); s.err != nil {
			return
		}
		if next != nil {
			next()
			next = nil
		}
		s.takeWork()
		idle := s.idle()
		if idle <= 0 {
			continue
		}
		alarm.Reset(idle)
		select {
		case next = <-s.work:
		case <-alarm.C:
		case <-s.ctx.Done():
		}
	}
}

// takeWork does what waits, but no more than could wait at once.
func (s *Server) takeWork() {
	for range workQueue {
		select {
		case f := <-s.work:
			f()
		default:
			return
		}
	}
}

// advance lets the world run to where the clock is, and a little further if
// there is something to do there, until a slice has passed or there is work.
func (s *Server) advance() error {
	began := time.Now()
	events, enough := 0, false
	cond := func() bool {
		if events++; events%checkEvery == 0 {
			enough = len(s.work) > 0 || time.Since(began) > slice
		}
		return enough
	}
	end := s.pace.target(began)
	for !enough {
		err := s.world.RunUntil(cond, max(end-s.world.Now(), 0))
		if timeout := new(vtime.TimeoutError); err != nil && !errors.As(err, &timeout) {
			return err
		}
		at, ok := s.world.Loop().NextAt()
		if !ok || s.pace.wait(began, at) > ahead {
			break
		}
		end = at
	}
	if t := time.Now(); s.pace.target(t)-s.world.Now() > late*s.pace.speed {
		s.pace.restart(t, s.world.Now())
	}
	return nil
}

// idle is how long there is nothing to do, in real time.
func (s *Server) idle() time.Duration {
	at, ok := s.world.Loop().NextAt()
	if !ok {
		return time.Hour
	}
	return s.pace.wait(time.Now(), at) - ahead
}

// tearDown ends everything: the sockets, the goroutines that serve them, and then
// the world. What they still hand in is taken, so that none waits for the loop.
func (s *Server) tearDown() {
	s.stop()
	s.listener.Close()
	for _, c := range s.conns {
		c.drop()
	}
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	for waiting := true; waiting; {
		select {
		case f := <-s.work:
			f()
		case <-ended:
			waiting = false
		}
	}
	s.takeWork()
	if s.capture != nil {
		if err := s.capture.Close(); err != nil && s.err == nil {
			s.err = err
		}
	}
	s.world.Close()
}
