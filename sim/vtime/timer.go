package vtime

import "time"

// A Timer is an event that can be stopped and set again. Loop.At and Loop.After
// make it.
type Timer struct {
	loop *Loop
	f    func()
	at   time.Duration
	idx  int // position in the queue + 1; 0: not queued
}

// At schedules f at virtual time t, or now if t has passed.
func (l *Loop) At(t time.Duration, f func()) *Timer {
	tm := &Timer{loop: l, f: f}
	tm.set(t)
	return tm
}

// After schedules f after d of virtual time, or now if d is negative.
func (l *Loop) After(d time.Duration, f func()) *Timer { return l.At(l.now+d, f) }

// NewTimer returns a stopped timer that runs f when it is set with Reset.
func (l *Loop) NewTimer(f func()) *Timer { return &Timer{loop: l, f: f} }

// Stop takes the timer out of the queue and reports whether it was there.
func (t *Timer) Stop() bool {
	if t.idx == 0 {
		return false
	}
	t.loop.queue.remove(t.idx - 1)
	return true
}

// Reset sets the timer to run after d from now, whether or not it was active,
// and reports whether it was. It counts as newly scheduled: at its instant it
// runs after what was scheduled before.
func (t *Timer) Reset(d time.Duration) bool {
	was := t.Stop()
	t.set(t.loop.now + d)
	return was
}

// ResetAt sets the timer to virtual time at, as Reset does.
func (t *Timer) ResetAt(at time.Duration) bool {
	was := t.Stop()
	t.set(at)
	return was
}

// Active reports whether the timer is waiting to run.
func (t *Timer) Active() bool { return t.idx != 0 }

// When returns the virtual time at which the timer runs or last ran.
func (t *Timer) When() time.Duration { return t.at }

func (t *Timer) set(at time.Duration) {
	l := t.loop
	if l.closed || l.closing {
		return
	}
	t.at = max(at, l.now)
	l.seq++
	l.queue.push(t, l.seq)
}

// queue is a binary heap ordered by due time, then by order of scheduling. It
// keeps the keys beside the pointers so that sifting does not follow them.
type queue struct {
	items []item
}

type item struct {
	at  time.Duration
	seq uint64
	t   *Timer
}

func (a item) before(b item) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (q *queue) len() int { return len(q.items) }

func (q *queue) push(t *Timer, seq uint64) {
	q.items = append(q.items, item{t.at, seq, t})
	q.up(len(q.items) - 1)
}

func (q *queue) pop() *Timer {
	t := q.items[0].t
	q.remove(0)
	return t
}

func (q *queue) remove(i int) {
	last := len(q.items) - 1
	q.items[i].t.idx = 0
	moved := q.items[last]
	q.items[last] = item{}
	q.items = q.items[:last]
	if i == last {
		return
	}
	q.items[i] = moved
	moved.t.idx = i + 1
	if !q.down(i) {
		q.up(i)
	}
}

func (q *queue) up(i int) {
	x := q.items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !x.before(q.items[parent]) {
			break
		}
		q.items[i] = q.items[parent]
		q.items[i].t.idx = i + 1
		i = parent
	}
	q.items[i] = x
	x.t.idx = i + 1
}

func (q *queue) down(start int) bool {
	i, n := start, len(q.items)
	x := q.items[i]
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && q.items[c+1].before(q.items[c]) {
			c++
		}
		if !q.items[c].before(x) {
			break
		}
		q.items[i] = q.items[c]
		q.items[i].t.idx = i + 1
		i = c
	}
	q.items[i] = x
	x.t.idx = i + 1
	return i > start
}
