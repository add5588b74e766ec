package vtime

import (
	"fmt"
	"iter"
	"time"
)

// A Proc is a coroutine on the loop: straight-line code that waits in virtual
// time. Loop.Go makes it. Its methods Park, ParkFor and Sleep belong to its own
// code; the others may be called from any code on the loop.
type Proc struct {
	loop   *Loop
	name   string
	next   func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	timer  Timer
	permit bool // a Wake that has not been consumed by a Park
	asleep bool // in Sleep, which a Wake does not end
	killed bool
	done   bool
}

// unwinding is what a process panics with when Close unwinds it.
type unwinding struct{}

// Go starts f as a process. It runs first as an event at the present instant,
// after what is already scheduled there. The name appears in errors and logs.
func (l *Loop) Go(name string, f func(*Proc)) *Proc {
	p := &Proc{loop: l, name: name}
	p.timer = Timer{loop: l, f: p.resume}
	if l.closed || l.closing {
		p.done = true
		return p
	}
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(unwinding); !ok {
					panic(newPanic(p, r))
				}
			}
		}()
		f(p)
	})
	l.procs = append(l.procs, p)
	p.timer.Reset(0)
	return p
}

// Name returns the name given to Go.
func (p *Proc) Name() string { return p.name }

// Loop returns the loop that the process runs on.
func (p *Proc) Loop() *Loop { return p.loop }

// Now returns the loop's virtual time.
func (p *Proc) Now() time.Duration { return p.loop.now }

// Done reports whether the process has ended or was killed.
func (p *Proc) Done() bool { return p.done || p.killed }

// Park gives the loop back until Wake. A Wake that came since the last Park
// counts: Park then returns at once. Callers therefore check what they wait
// for, and park again if it is not so.
func (p *Proc) Park() {
	p.mustBeRunning("Park")
	if p.permit {
		p.permit = false
		return
	}
	p.switchOut()
	p.permit = false
}

// ParkFor is Park with a limit of d of virtual time. It reports whether a Wake
// ended it.
func (p *Proc) ParkFor(d time.Duration) (woken bool) {
	p.mustBeRunning("ParkFor")
	if p.permit {
		p.permit = false
		return true
	}
	p.timer.Reset(d)
	p.switchOut()
	woken, p.permit = p.permit, false
	return woken
}

// Sleep gives the loop back for d of virtual time. A Wake does not shorten it.
func (p *Proc) Sleep(d time.Duration) {
	p.mustBeRunning("Sleep")
	p.timer.Reset(d)
	p.asleep = true
	p.switchOut()
	p.asleep = false
}

// Wake lets a parked process go on, as an event at the present instant. If the
// process is not parked its next Park returns at once.
func (p *Proc) Wake() {
	if p.Done() || p.permit {
		return
	}
	p.permit = true
	if p.loop.current != p && !p.asleep {
		p.timer.Reset(0)
	}
}

// Kill ends the process where it is parked: it never runs again, and neither
// do its deferred functions until the loop is closed. A process that kills
// itself goes on until it gives the loop back.
func (p *Proc) Kill() {
	p.killed = true
	p.timer.Stop()
}

func (p *Proc) mustBeRunning(call string) {
	l := p.loop
	switch {
	case l.closing:
		panic(unwinding{})
	case l.current == p:
	case l.current == nil:
		panic(fmt.Sprintf("vtime: %s on process %q called from outside it (from an event, from the code that runs the loop, or from another goroutine)", call, p.name))
	default:
		panic(fmt.Sprintf("vtime: %s on process %q called from process %q", call, p.name, l.current.name))
	}
}

func (p *Proc) switchOut() {
	if !p.yield(struct{}{}) {
		panic(unwinding{})
	}
}

// resume is the process's event.
func (p *Proc) resume() {
	if p.Done() {
		return
	}
	l := p.loop
	l.current = p
	defer func() { l.current = nil }() // also when f panics or ends its goroutine
	if _, ok := p.next(); ok {
		return
	}
	p.done = true
	l.forget(p)
}

func (l *Loop) forget(p *Proc) {
	for i, q := range l.procs {
		if q == p {
			l.procs = append(l.procs[:i], l.procs[i+1:]...)
			return
		}
	}
}

func (p *Proc) unwind() {
	l := p.loop
	prev := l.current
	l.current = p
	p.stop()
	l.current = prev
	p.done = true
}
