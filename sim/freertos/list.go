package freertos

// The scheduler's lists behave as those of list.c do, down to the place of the
// walking index, because that place decides who runs first among tasks of equal
// priority:
//
//  1. A list is a ring of items around an end marker, and has an index that
//     points at an item or at the end marker.
//  2. next moves the index on by one, over the end marker, and returns what it
//     then points at. Tasks of one priority take turns this way.
//  3. insertEnd puts an item just before the index: it is the last that next
//     will reach, wherever the index stands.
//  4. insert puts an item behind all items whose value is not greater.
//  5. Removing the item under the index moves the index back by one.

// item is a task's place in a list (ListItem_t). A task has two: one for its
// state, one for the event it waits for.
type item struct {
	next, prev *item
	in         *list // nil: in no list
	value      uint64
	owner      *Task
}

// list is a List_t.
type list struct {
	end   item
	index *item
	n     int
}

func (l *list) init() {
	l.end.next, l.end.prev = &l.end, &l.end
	l.index = &l.end
}

// head returns the first item's task, nil if the list is empty.
func (l *list) head() *Task { return l.end.next.owner }

func (l *list) insertEnd(it *item) {
	l.link(l.index.prev, it)
}

func (l *list) insert(it *item) {
	at := &l.end
	for at.next != &l.end && at.next.value <= it.value {
		at = at.next
	}
	l.link(at, it)
}

func (l *list) link(after, it *item) {
	it.prev, it.next = after, after.next
	after.next.prev = it
	after.next = it
	it.in = l
	l.n++
}

// next walks to the next task; the list must not be empty.
func (l *list) next() *Task {
	l.index = l.index.next
	if l.index == &l.end {
		l.index = l.index.next
	}
	return l.index.owner
}

// rewind makes next start at the head again.
func (l *list) rewind() { l.index = &l.end }

// remove takes the item out of its list, if it is in one.
func (it *item) remove() {
	l := it.in
	if l == nil {
		return
	}
	if l.index == it {
		l.index = it.prev
	}
	it.prev.next, it.next.prev = it.next, it.prev
	it.next, it.prev, it.in = nil, nil, nil
	l.n--
}
