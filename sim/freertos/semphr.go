package freertos

import (
	"fmt"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// A Semaphore is a binary or counting semaphore (semphr.h). It takes one block
// of the queue structure's size.
type Semaphore struct{ q queue }

// NewBinarySemaphore makes a semaphore that is not given yet
// (xSemaphoreCreateBinary).
func NewBinarySemaphore(k *Kernel, object string) (*Semaphore, error) {
	return NewCountingSemaphore(k, object, 1, 0)
}

// NewCountingSemaphore makes a semaphore with a maximum, at least 1, and an
// initial count (xSemaphoreCreateCounting).
func NewCountingSemaphore(k *Kernel, object string, max, initial uint32) (*Semaphore, error) {
	return newSemaphore(k, object, max, initial, false)
}

// NewBinarySemaphoreStatic makes a binary semaphore in static memory or inside
// another object (xSemaphoreCreateBinaryStatic).
func NewBinarySemaphoreStatic(k *Kernel, object string) (*Semaphore, error) {
	return newSemaphore(k, object, 1, 0, true)
}

func newSemaphore(k *Kernel, object string, max, initial uint32, static bool) (*Semaphore, error) {
	if initial > max {
		return nil, fmt.Errorf("freertos: semaphore %q: initial count %d: at most %d expected", object, initial, max)
	}
	s := &Semaphore{}
	if err := k.initQueue(&s.q, object, "semaphore", max, 0, static); err != nil {
		return nil, err
	}
	s.q.count = initial
	return s, nil
}

// Addr returns where the semaphore lies, 0 if it is static.
func (s *Semaphore) Addr() heap.Addr { return s.q.addr }

// Count returns the count (uxSemaphoreGetCount), without the cost of a call.
func (s *Semaphore) Count() uint32 { return s.q.count }

// Take waits until the count is above 0, at most the given ticks, and takes one
// (xSemaphoreTake). False: the time ran out.
func (s *Semaphore) Take(ticks uint32) bool {
	me, ok := s.q.begin("xSemaphoreTake")
	if !ok || !s.q.await(me, "xSemaphoreTake", &s.q.waitReceive, ticks, (*queue).hasItem, nil) {
		return false
	}
	s.q.count--
	return true
}

// Give adds one to the count (xSemaphoreGive). False: it is at its maximum.
func (s *Semaphore) Give() bool {
	me, ok := s.q.begin("xSemaphoreGive")
	if !ok || !s.q.hasRoom() {
		return false
	}
	s.q.count++
	s.q.sent(me)
	return true
}

// GiveFromISR is Give for interrupts (xSemaphoreGiveFromISR).
func (s *Semaphore) GiveFromISR() bool {
	if !s.q.beginISR("xSemaphoreGiveFromISR") || !s.q.hasRoom() {
		return false
	}
	s.q.count++
	s.q.sentFromISR()
	return true
}

// TakeFromISR is Take for interrupts (xSemaphoreTakeFromISR). False: the count
// is 0.
func (s *Semaphore) TakeFromISR() bool {
	if !s.q.beginISR("xSemaphoreTakeFromISR") || !s.q.hasItem() {
		return false
	}
	s.q.count--
	return true
}

// Delete frees the semaphore (vSemaphoreDelete). Nothing may wait for it, nor
// use it afterwards.
func (s *Semaphore) Delete() { s.q.free("vSemaphoreDelete") }

// A Mutex is a mutex with priority inheritance (xSemaphoreCreateMutex). If its
// holder is deleted it stays taken.
type Mutex struct {
	q      queue
	holder *Task
	depth  uint32 // of recursive takes
}

// NewMutex makes a mutex that nobody holds, in one block of the queue
// structure's size.
func NewMutex(k *Kernel, object string) (*Mutex, error) { return newMutex(k, object, false) }

// NewMutexStatic makes a mutex in static memory or inside another object
// (xSemaphoreCreateMutexStatic).
func NewMutexStatic(k *Kernel, object string) (*Mutex, error) { return newMutex(k, object, true) }

func newMutex(k *Kernel, object string, static bool) (*Mutex, error) {
	m := &Mutex{}
	if err := k.initQueue(&m.q, object, "mutex", 1, 0, static); err != nil {
		return nil, err
	}
	m.q.count = 1
	return m, nil
}

// Addr returns where the mutex lies, 0 if it is static.
func (m *Mutex) Addr() heap.Addr { return m.q.addr }

// Holder returns the task that holds the mutex (xSemaphoreGetMutexHolder), nil
// if none does. It may have been deleted.
func (m *Mutex) Holder() *Task { return m.holder }

// Take waits until the mutex is free, at most the given ticks, and takes it
// (xSemaphoreTake). While the task waits, the holder has at least its priority.
// False: the time ran out. A task that takes a mutex it holds waits in vain.
func (m *Mutex) Take(ticks uint32) bool {
	me, ok := m.q.begin("xSemaphoreTake")
	return ok && m.take(me, ticks)
}

func (m *Mutex) take(me *Task, ticks uint32) bool {
	k := m.q.k
	if me != nil {
		me.causedInheritance = false
	}
	if !m.q.await(me, "xSemaphoreTake", &m.q.waitReceive, ticks, (*queue).hasItem, m) {
		if me != nil && me.causedInheritance {
			highest := 0
			if t := m.q.waitReceive.head(); t != nil {
				highest = maxPriorities - int(t.event.value)
			}
			k.disinheritAfterTimeout(m.holder, highest)
		}
		return false
	}
	m.q.count--
	m.holder = me
	if me != nil {
		me.mutexesHeld++
	}
	return true
}

// Give gives the mutex back (xSemaphoreGive). False: nobody holds it. If another
// task holds it the chip aborts.
func (m *Mutex) Give() bool {
	me, ok := m.q.begin("xSemaphoreGive")
	return ok && m.give(me)
}

func (m *Mutex) give(me *Task) bool {
	k := m.q.k
	if !m.q.hasRoom() {
		return false
	}
	if m.holder != nil && m.holder != me {
		k.assert("xTaskPriorityDisinherit", "tasks.c", "pxTCB == pxCurrentTCBs[ portGET_CORE_ID() ]")
		return false
	}
	changed := k.disinherit(m.holder)
	m.holder = nil
	m.q.count = 1
	switch {
	case m.q.waitReceive.n > 0:
		m.q.sent(me)
	case changed:
		me.yield()
	}
	return true
}

// Delete frees the mutex (vSemaphoreDelete).
func (m *Mutex) Delete() { m.q.free("vSemaphoreDelete") }

// A RecursiveMutex is a mutex that its holder can take again
// (xSemaphoreCreateRecursiveMutex).
type RecursiveMutex struct{ m Mutex }

// NewRecursiveMutex makes a recursive mutex that nobody holds, in one block of
// the queue structure's size.
func NewRecursiveMutex(k *Kernel, object string) (*RecursiveMutex, error) {
	r := &RecursiveMutex{}
	if err := k.initQueue(&r.m.q, object, "mutex", 1, 0, false); err != nil {
		return nil, err
	}
	r.m.q.count = 1
	return r, nil
}

// Addr returns where the mutex lies.
func (r *RecursiveMutex) Addr() heap.Addr { return r.m.q.addr }

// Holder returns the task that holds the mutex, nil if none does.
func (r *RecursiveMutex) Holder() *Task { return r.m.holder }

// Take takes the mutex, or takes it once more (xSemaphoreTakeRecursive). False:
// the time ran out.
func (r *RecursiveMutex) Take(ticks uint32) bool {
	me, ok := r.m.q.begin("xSemaphoreTakeRecursive")
	if !ok || (me == nil || r.m.holder != me) && !r.m.take(me, ticks) {
		return false
	}
	r.m.depth++
	return true
}

// Give undoes one Take (xSemaphoreGiveRecursive). False: the task does not hold
// the mutex.
func (r *RecursiveMutex) Give() bool {
	me, ok := r.m.q.begin("xSemaphoreGiveRecursive")
	if !ok || r.m.holder != me {
		return false
	}
	if r.m.depth--; r.m.depth == 0 {
		r.m.give(me)
	}
	return true
}

// Delete frees the mutex (vSemaphoreDelete).
func (r *RecursiveMutex) Delete() { r.m.q.free("vSemaphoreDelete") }
