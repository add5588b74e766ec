package lwipmodel

// A parker is how a thread that calls the socket layer blocks: a FreeRTOS task,
// or the one thread of a recording.
type parker interface {
	// park blocks the caller until unpark, or for that many ticks (0: for ever).
	// It may return early.
	park(ticks uint32)
	// unpark lets a parked thread go on.
	unpark()
}

// A thread is a task as seen by the socket layer: it has a semaphore of its own
// (LWIP_NETCONN_SEM_PER_THREAD), made at its first call, and room for one
// message to the tcpip task.
type thread struct {
	parker
	name      string
	errno     Errno
	signalled bool
	waiting   bool
	msg       apiMsg
	opt       sockoptCall
	vec       [1][]byte

	semReady                          bool
	tlsList, tlsEntry, sem, semHandle Block
}

// block parks until wake, and may return early.
func (th *thread) block(ticks uint32) {
	th.waiting = true
	th.park(ticks)
	th.waiting = false
}

func (th *thread) wake() {
	if th.waiting {
		th.waiting = false
		th.unpark()
	}
}

// Sizes of a thread's semaphore: the pointer to it, the queue object, and the
// two nodes of the pthread thread-local storage that keep the pointer.
// (idf: components/lwip/port/freertos/sys_arch.c, sys_thread_sem_init;
// components/pthread/pthread_local_storage.c, pthread_setspecific)
const (
	threadSemSize = 4
	tlsListSize   = 4
	tlsEntrySize  = 12
)

// threadSem is sys_thread_sem_get: it makes the semaphore at the first call. It
// reports false without memory; lwIP then fails an assertion.
func (c *core) threadSem(th *thread) bool {
	if th.semReady {
		return true
	}
	if !c.opt.Version.AtLeast(6, 0) {
		if th.semHandle = c.malloc(KindThreadSem, threadSemSize, c.self); th.semHandle == 0 {
			return false
		}
	}
	if th.sem = c.malloc(KindThreadSemQueue, c.sz.mboxQueue, c.self); th.sem == 0 {
		if th.semHandle != 0 {
			c.free(KindThreadSem, th.semHandle, threadSemSize, c.self)
		}
		return false
	}
	// A failure to remember it is not noticed: the next call makes another one.
	if th.tlsList == 0 {
		th.tlsList = c.malloc(KindTLSList, tlsListSize, c.self)
	}
	if th.tlsList != 0 {
		th.tlsEntry = c.malloc(KindTLSEntry, tlsEntrySize, c.self)
	}
	th.semReady = th.tlsEntry != 0
	return true
}

// threadGone frees the semaphore of a task that was deleted, in the order of the
// destructors of its thread-local storage.
func (c *core) threadGone(th *thread) {
	if th.sem != 0 {
		c.free(KindThreadSemQueue, th.sem, c.sz.mboxQueue, c.self)
	}
	if th.semHandle != 0 {
		c.free(KindThreadSem, th.semHandle, threadSemSize, c.self)
	}
	if th.tlsEntry != 0 {
		c.free(KindTLSEntry, th.tlsEntry, tlsEntrySize, c.self)
	}
	if th.tlsList != 0 {
		c.free(KindTLSList, th.tlsList, tlsListSize, c.self)
	}
	th.sem, th.semHandle, th.tlsEntry, th.tlsList, th.semReady = 0, 0, 0, 0, false
}

// semWait is sys_arch_sem_wait on the thread's semaphore: false after ms
// milliseconds (0: never). A timeout is rounded up and one tick is added.
func (c *core) semWait(th *thread, ms uint32) bool {
	ticks := uint32(0)
	if ms != 0 {
		ticks = (ms+c.tickMS-1)/c.tickMS + 1
	}
	start := c.now()
	for !th.signalled {
		left := ticks
		if ticks != 0 {
			gone := (c.now() - start) / c.tickMS
			if gone >= ticks {
				return false
			}
			left = ticks - gone
		}
		th.block(left)
	}
	th.signalled = false
	return true
}

// semSignal gives the semaphore.
func (th *thread) semSignal() {
	th.signalled = true
	th.wake()
}
