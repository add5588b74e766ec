package freertos

import "github.com/plimsoll-sim/plimsoll/heap"

// How the kernel's structures are made up (FreeRTOS.h: StaticTask_t and its
// like, which have the size of the real ones; list.h), member by member in
// their order, with the conditions that FreeRTOSConfig.h and the ports set.
// testdata/sizes.txt has the sizes that a 32-bit compiler gives them.

// structure adds up a C structure's members. Pointers, UBaseType_t, TickType_t
// and size_t are words of 4 bytes on all chips.
type structure struct{ size, align uint32 }

func (s *structure) member(size, align, count uint32) {
	s.size = (s.size+align-1)&^(align-1) + size*count
	s.align = max(s.align, align)
}

func (s *structure) words(n uint32) { s.member(4, 4, n) }
func (s *structure) bytes(n uint32) { s.member(1, 1, n) }
func (s *structure) wordsIf(is bool, n uint32) {
	if is {
		s.words(n)
	}
}

// sizeof is the members and the padding behind them.
func (s *structure) sizeof() uint32 { return (s.size + s.align - 1) &^ (s.align - 1) }

// reent is newlib's struct _reent: that of every toolchain from v4.4's on, with
// the small structure that Espressif builds it with, and since v5.2, where
// newlib has thread-local variables, in the layout that the ROM expects
// (_REENT_BACKWARD_BINARY_COMPAT). Picolibc has none.
const reent = 240

// port is what the structures depend on.
type port struct {
	version heap.Version
	chip    heap.Chip
	cfg     *Config
}

func (p port) cores() int { return p.cfg.cores() }

// listItem is StaticListItem_t, list is StaticList_t with a StaticMiniListItem_t.
func (p port) listItem() uint32 {
	if p.cfg.ListDataIntegrityCheckBytes {
		return 28
	}
	return 20
}

func (p port) list() uint32 {
	if p.cfg.ListDataIntegrityCheckBytes {
		return 32
	}
	return 20
}

// lock is the portMUX_TYPE that ESP-IDF's kernel adds to every object; the other
// kernel, FREERTOS_SMP, has one for all.
func (p port) lock(s *structure) { s.wordsIf(!p.cfg.SMP, 2) }

func (p port) tcb() uint32 {
	c, v := p.cfg, p.version
	var s structure
	s.words(1) // pxTopOfStack
	// The area of the coprocessors, which the ESP32 and the ESP32-S3 have, is at
	// the top of the stack, and up to v5.0 pointed to (portUSING_MPU_WRAPPERS).
	s.wordsIf(!v.AtLeast(5, 1, 0) && !c.SMP && (p.chip == heap.ESP32 || p.chip == heap.ESP32S3), 1)
	s.wordsIf(c.SMP && p.cores() > 1, 1) // configUSE_CORE_AFFINITY
	s.member(p.listItem(), 4, 2)
	s.words(2)                                                    // uxPriority, pxStack
	s.wordsIf(c.SMP && (p.cores() > 1 || !v.AtLeast(5, 3, 0)), 2) // xTaskRunState, uxTaskAttributes
	s.bytes(c.MaxTaskNameLen)
	if c.SMP {
		s.wordsIf(p.cores() > 1 || !v.AtLeast(5, 3, 0), 1) // configUSE_TASK_PREEMPTION_DISABLE
	} else {
		s.wordsIf(p.cores() > 1 || !v.AtLeast(5, 2, 0), 1) // xCoreID
	}
	s.words(1)                    // pxEndOfStack
	s.wordsIf(c.SMP, 1)           // portCRITICAL_NESTING_IN_TCB
	s.wordsIf(c.TraceFacility, 2) // uxTCBNumber, uxTaskNumber
	s.words(2)                    // configUSE_MUTEXES
	s.wordsIf(c.ApplicationTaskTag, 1)
	s.words(c.ThreadLocalStoragePointers)
	// The SMP kernel of v5.1 has the callbacks always.
	if c.TLSPDeletionCallbacks || c.SMP && v.AtLeast(5, 1, 0) && !v.AtLeast(5, 2, 0) {
		s.words(c.ThreadLocalStoragePointers)
	}
	switch {
	case c.RunTimeStats && c.RunTimeCounter64:
		s.member(8, 8, 1)
	case c.RunTimeStats:
		s.words(1)
	}
	if !c.Picolibc {
		s.member(reent, 4, 1)
	}
	s.words(c.TaskNotificationArrayEntries)
	s.bytes(c.TaskNotificationArrayEntries)
	s.bytes(2) // ucStaticallyAllocated, ucDelayAborted
	return s.sizeof()
}

func (p port) queue() uint32 {
	var s structure
	s.words(4) // pcHead, pcWriteTo, pcReadFrom, u
	s.member(p.list(), 4, 2)
	s.words(3) // uxMessagesWaiting, uxLength, uxItemSize
	s.bytes(3) // cRxLock, cTxLock, ucStaticallyAllocated
	s.words(1) // configUSE_QUEUE_SETS
	if p.cfg.TraceFacility {
		s.words(1)
		s.bytes(1)
	}
	p.lock(&s)
	return s.sizeof()
}

func (p port) eventGroup() uint32 {
	var s structure
	s.words(1)
	s.member(p.list(), 4, 1)
	s.wordsIf(p.cfg.TraceFacility, 1)
	s.bytes(1)
	p.lock(&s)
	return s.sizeof()
}

func (p port) timer() uint32 {
	var s structure
	s.words(1)
	s.member(p.listItem(), 4, 1)
	s.words(3)
	s.wordsIf(p.cfg.TraceFacility, 1)
	s.bytes(1)
	return s.sizeof()
}

func (p port) streamBuffer() uint32 {
	v := p.version
	var s structure
	s.words(7)
	s.bytes(1)
	s.wordsIf(p.cfg.TraceFacility, 1)
	s.wordsIf(p.cfg.SMP && v.AtLeast(5, 4, 0), 1) // uxNotificationIndex
	p.lock(&s)
	return s.sizeof()
}
