package opcua

// Every notification can be in two queues: that of its monitored item, and that
// of the subscription if it is to be reported.
const (
	itemQueue = iota
	subscriptionQueue
	queues
)

// queue is one of the two queues of notifications, linked as the tail queues of
// open62541 are: every link leads to the link before it, not to the notification
// before it, and the head's leads to the last one. Notifications that a transfer
// leaves in the queue of the old subscription come out of the new one's as they do
// there.
type queue struct {
	kind   int
	head   link
	length int // as it is counted, which need not be how many there are
}

// link is the place of a notification in a queue, or the head of one.
type link struct {
	in   bool
	next *notification
	prev *link
}

func (q *queue) init(kind int) {
	q.kind = kind
	q.head.prev = &q.head
}

func (q *queue) first() *notification { return q.head.next }
func (q *queue) last() *notification  { return q.head.prev.prev.next }

// before returns what is before a notification in a queue, nil if it is the first.
func (n *notification) before(kind int) *notification { return n.links[kind].prev.prev.next }

func (q *queue) pushBack(n *notification) {
	l := &n.links[q.kind]
	l.in, l.next, l.prev = true, nil, q.head.prev
	q.head.prev.next = n
	q.head.prev = l
	q.length++
}

func (q *queue) insertAfter(at, n *notification) {
	l, before := &n.links[q.kind], &at.links[q.kind]
	l.in, l.next, l.prev = true, before.next, before
	if l.next != nil {
		l.next.links[q.kind].prev = l
	} else {
		q.head.prev = l
	}
	before.next = n
	q.length++
}

// remove takes a notification out if it is in a queue.
func (q *queue) remove(n *notification) {
	l := &n.links[q.kind]
	if !l.in {
		return
	}
	if l.next != nil {
		l.next.links[q.kind].prev = l.prev
	} else {
		q.head.prev = l.prev
	}
	l.prev.next = l.next
	*l = link{}
	q.length--
}
