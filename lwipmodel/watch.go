package lwipmodel

// Watch has f called whenever something happens on a socket that select would
// look at: something to read or accept, room to write, an error. It lets a model
// of a program that polls leave out the turns in which it would find nothing. f
// is called inside the stack: it may wake tasks, and must not call the stack.
// Nil ends it.
func (s *Stack) Watch(f func()) { s.c.watchSockets = f }

// Ready reports whether select would find a descriptor readable or with an
// error. It takes no time and no memory, and is no call of a task.
func (s *Stack) Ready(fd int) bool {
	fd -= s.offset
	if fd < 0 || fd >= len(s.c.sockets) {
		return false
	}
	k := &s.c.sockets[fd]
	return k.conn != nil && (k.rcvevent > 0 || k.errevent || k.pbuf != nil || k.netbuf != nil)
}

// CatchUp runs what lwIP's timers have done until now, where the model has put
// that off because it only counts. A timer gives its block back at each firing
// and takes one anew, so programs that are about to change the heap, and whose
// changes must not come before the firings of the past, call it first. So does
// who looks from outside, after vtime's Run, at where each block lies.
func (s *Stack) CatchUp() { s.c.catchUp() }

// Sockets returns how many descriptors are in use, listeners and UDP included.
// It takes no time and no memory, and is no call of a task.
func (s *Stack) Sockets() int {
	n := 0
	for i := range s.c.sockets {
		if s.c.sockets[i].conn != nil {
			n++
		}
	}
	return n
}
