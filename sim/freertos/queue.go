package freertos

import (
	"fmt"
	"math"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// queue is a Queue_t without its items: counts and waiting tasks. Queues,
// semaphores and mutexes are made of it. A woken task is not handed what it
// waited for; it looks again when it runs, and another may have been faster.
type queue struct {
	k           *Kernel
	object      string
	addr        heap.Addr // 0: static
	length      uint32
	count       uint32
	waitSend    list
	waitReceive list
	deleted     bool
}

func (k *Kernel) initQueue(q *queue, object, what string, length, itemSize uint32, static bool) error {
	q.k, q.object, q.length = k, object, length
	q.waitSend.init()
	q.waitReceive.init()
	if length == 0 {
		return fmt.Errorf("freertos: %s %q: length 0: at least 1 expected", what, object)
	}
	bytes := uint64(length) * uint64(itemSize)
	if bytes > math.MaxUint32-uint64(k.size.Queue) {
		return fmt.Errorf("freertos: %s %q: %d items of %d bytes: at most 4 GiB expected", what, object, length, itemSize)
	}
	if k.inert() {
		q.deleted = true
		return fmt.Errorf("freertos: %s %q: the chip no longer runs", what, object)
	}
	if me := k.Current(); me != nil {
		me.syscall("xQueueGenericCreate")
	}
	if static {
		return nil
	}
	n := k.size.Queue + uint32(bytes)
	if q.addr = k.malloc(object, what, n); q.addr == 0 {
		return k.noMemory(what+" "+object, what, n, k.objectCaps())
	}
	return nil
}

// objectCaps are what malloc asks for.
func (k *Kernel) objectCaps() heap.Cap {
	if k.size.plainMalloc {
		return heap.CapDefault
	}
	return heap.CapInternal | heap.Cap8Bit
}

// begin starts a call on the queue.
func (q *queue) begin(call string) (me *Task, ok bool) {
	me, ok = q.k.enter(call)
	return me, ok && q.alive(call)
}

func (q *queue) beginISR(call string) bool { return q.k.enterISR() && q.alive(call) }

func (q *queue) alive(call string) bool {
	if q.deleted {
		q.k.loop.Fail(fmt.Errorf("freertos: %s on %q, which was deleted: its handle points at freed memory", call, q.object))
	}
	return !q.deleted
}

// await blocks the running task until ready or until the ticks are over. The
// holder of mutex m, if that is what it waits for, inherits its priority.
func (q *queue) await(me *Task, call string, l *list, ticks uint32, ready func(*queue) bool, m *Mutex) bool {
	o := timeout{left: ticks}
	for !ready(q) {
		if ticks == 0 {
			return false
		}
		if me == nil {
			q.k.misuse(call+" that has to wait", "")
			return false
		}
		if o.expired(me) {
			return false
		}
		if m != nil {
			me.causedInheritance = q.k.inherit(m.holder, me)
		}
		l.insert(&me.event)
		me.block(o.left, true)
		me.yield()
		if !q.alive(call) {
			return false
		}
	}
	return true
}

func (q *queue) hasRoom() bool { return q.count < q.length }
func (q *queue) hasItem() bool { return q.count > 0 }

// wake readies the first task of a waiting list (xTaskRemoveFromEventList) and
// returns it, nil if none waits.
func (q *queue) wake(l *list) *Task {
	t := l.head()
	if t == nil {
		return nil
	}
	t.event.remove()
	t.state.remove()
	q.k.addReady(t)
	return t
}

// sent ends a call of a task that made the count rise.
func (q *queue) sent(me *Task) {
	if t := q.wake(&q.waitReceive); t != nil {
		q.k.yieldIfRequired(me, t, t.prio)
	}
}

func (q *queue) received(me *Task) {
	if t := q.wake(&q.waitSend); t != nil {
		q.k.yieldIfRequired(me, t, t.prio)
	}
}

func (q *queue) sentFromISR() {
	if t := q.wake(&q.waitReceive); t != nil {
		q.k.yieldFromISR(t, t.prio)
	}
}

func (q *queue) receivedFromISR() {
	if t := q.wake(&q.waitSend); t != nil {
		q.k.yieldFromISR(t, t.prio)
	}
}

// free is vQueueDelete.
func (q *queue) free(call string) {
	if _, ok := q.begin(call); !ok {
		return
	}
	if n := q.waitSend.n + q.waitReceive.n; n > 0 {
		q.k.loop.Fail(fmt.Errorf("freertos: %s of %q while %d tasks wait for it (first: %q): they stay in a list in freed memory", call, q.object, n, q.firstWaiting().name))
		return
	}
	q.deleted = true
	q.k.free(q.object, q.addr)
}

func (q *queue) firstWaiting() *Task {
	if t := q.waitReceive.head(); t != nil {
		return t
	}
	return q.waitSend.head()
}

// A Queue holds up to a fixed number of items (queue.c). Its calls belong to
// tasks, those named FromISR to interrupts and events. Ticks are how long a call
// may wait; MaxDelay is for ever, 0 not at all.
type Queue[T any] struct {
	q     queue
	items []T
	first int
}

// NewQueue makes a queue of length items that take itemSize bytes each
// (xQueueCreate): one block of the queue structure's size plus length*itemSize.
// object says what it is in reports. T is what the model keeps for an item.
// If there is no memory the error is a *NoMemoryError.
func NewQueue[T any](k *Kernel, object string, length, itemSize uint32) (*Queue[T], error) {
	q := &Queue[T]{items: make([]T, length)}
	if err := k.initQueue(&q.q, object, "queue", length, itemSize, false); err != nil {
		return nil, err
	}
	return q, nil
}

// NewQueueStatic makes a queue in static memory or inside another object, which
// takes nothing from the heap (xQueueCreateStatic).
func NewQueueStatic[T any](k *Kernel, object string, length uint32) (*Queue[T], error) {
	q := &Queue[T]{items: make([]T, length)}
	if err := k.initQueue(&q.q, object, "queue", length, 0, true); err != nil {
		return nil, err
	}
	return q, nil
}

// Addr returns where the queue lies, 0 if it is static.
func (q *Queue[T]) Addr() heap.Addr { return q.q.addr }

// Len returns how many items are in the queue (uxQueueMessagesWaiting), without
// the cost of a call.
func (q *Queue[T]) Len() int { return int(q.q.count) }

// Cap returns the queue's length.
func (q *Queue[T]) Cap() int { return int(q.q.length) }

func (q *Queue[T]) pushBack(v T) {
	q.items[(q.first+int(q.q.count))%len(q.items)] = v
	q.q.count++
}

func (q *Queue[T]) pushFront(v T) {
	q.first = (q.first + len(q.items) - 1) % len(q.items)
	q.items[q.first] = v
	q.q.count++
}

func (q *Queue[T]) pop() T {
	var zero T
	v := q.items[q.first]
	q.items[q.first] = zero
	q.first = (q.first + 1) % len(q.items)
	q.q.count--
	return v
}

// Send puts an item at the back (xQueueSendToBack). False: no room came within
// the ticks.
func (q *Queue[T]) Send(v T, ticks uint32) bool {
	me, ok := q.q.begin("xQueueSend")
	if !ok || !q.q.await(me, "xQueueSend", &q.q.waitSend, ticks, (*queue).hasRoom, nil) {
		return false
	}
	q.pushBack(v)
	q.q.sent(me)
	return true
}

// SendToFront puts an item at the front (xQueueSendToFront).
func (q *Queue[T]) SendToFront(v T, ticks uint32) bool {
	me, ok := q.q.begin("xQueueSendToFront")
	if !ok || !q.q.await(me, "xQueueSendToFront", &q.q.waitSend, ticks, (*queue).hasRoom, nil) {
		return false
	}
	q.pushFront(v)
	q.q.sent(me)
	return true
}

// Overwrite puts an item into a queue of length 1, in place of the one in it
// (xQueueOverwrite).
func (q *Queue[T]) Overwrite(v T) {
	me, ok := q.q.begin("xQueueOverwrite")
	switch {
	case !ok:
	case q.q.length != 1:
		q.q.k.assert("xQueueGenericSend", "queue.c", "!( ( xCopyPosition == queueOVERWRITE ) && ( pxQueue->uxLength != 1 ) )")
	default:
		if q.q.count > 0 {
			q.pop()
		}
		q.pushBack(v)
		q.q.sent(me)
	}
}

// SendFromISR puts an item at the back, from an interrupt (xQueueSendFromISR).
// False: the queue is full.
func (q *Queue[T]) SendFromISR(v T) bool {
	if !q.q.beginISR("xQueueSendFromISR") || !q.q.hasRoom() {
		return false
	}
	q.pushBack(v)
	q.q.sentFromISR()
	return true
}

// Receive takes the first item (xQueueReceive). False: none came within the
// ticks.
func (q *Queue[T]) Receive(ticks uint32) (v T, ok bool) {
	me, ok := q.q.begin("xQueueReceive")
	if !ok || !q.q.await(me, "xQueueReceive", &q.q.waitReceive, ticks, (*queue).hasItem, nil) {
		return v, false
	}
	v = q.pop()
	q.q.received(me)
	return v, true
}

// Peek returns the first item and leaves it there (xQueuePeek). Another task
// that waits for one is woken to look as well.
func (q *Queue[T]) Peek(ticks uint32) (v T, ok bool) {
	me, ok := q.q.begin("xQueuePeek")
	if !ok || !q.q.await(me, "xQueuePeek", &q.q.waitReceive, ticks, (*queue).hasItem, nil) {
		return v, false
	}
	v = q.items[q.first]
	q.q.sent(me)
	return v, true
}

// ReceiveFromISR takes the first item, from an interrupt
// (xQueueReceiveFromISR). False: the queue is empty.
func (q *Queue[T]) ReceiveFromISR() (v T, ok bool) {
	if !q.q.beginISR("xQueueReceiveFromISR") || !q.q.hasItem() {
		return v, false
	}
	v = q.pop()
	q.q.receivedFromISR()
	return v, true
}

// Reset empties the queue (xQueueReset); one task that waits for room is woken.
func (q *Queue[T]) Reset() {
	me, ok := q.q.begin("xQueueReset")
	if !ok {
		return
	}
	for q.q.count > 0 {
		q.pop()
	}
	q.q.received(me)
}

// Delete frees the queue (vQueueDelete). Nothing may wait for it, nor use it
// afterwards.
func (q *Queue[T]) Delete() { q.q.free("vQueueDelete") }
