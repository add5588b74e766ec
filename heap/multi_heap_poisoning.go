package heap

import (
	"errors"
	"fmt"
	"io"
)

// This file is what multi_heap_poisoning.c checks and prints. It works on the
// memory image; without one, poisoning only costs its bytes.

const (
	headCanary = 0xABBA1234 // HEAD_CANARY_PATTERN
	tailCanary = 0xBAAD5678 // TAIL_CANARY_PATTERN
)

// asserts are the places of the checks in a version's sources, as its messages
// name them.
type asserts struct {
	capsFile         string // heap_caps_free and heap_caps_realloc
	capsFree         int
	capsRealloc      int
	capsReallocAlias int
	alignedFunc      string // the rest is in multi_heap_poisoning.c
	alignedFill      int
	mallocFill       int
	free             int
	realloc          int
	size             int
	validBlock       int // assert_valid_block of multi_heap.c
	tlsfFile         string
	tlsfFree         int
	tlsfRealloc      int
}

// assertion is ESP-IDF's message for a failed assert().
func assertion(function, file string, line int, expr string) string {
	return fmt.Sprintf("assert failed: %s %s:%d (%s)", function, file, line, expr)
}

func poisoningAssertion(function string, line int, expr string) string {
	return assertion(function, "multi_heap_poisoning.c", line, expr)
}

// print writes a line to the console.
func (m *MultiHeap) print(lines ...string) {
	if m.console == nil {
		return
	}
	for _, l := range lines {
		io.WriteString(m.console, l+"\n") // a console that fails is not the chip's concern
	}
}

// abort reports an error that is the end of the chip, and returns it.
func (m *MultiHeap) abort(err error) error {
	var c *CorruptionError
	if errors.As(err, &c) {
		m.print(c.Printed...)
	}
	if m.onAbort != nil {
		m.onAbort(err)
	}
	return err
}

// poison writes the canaries around a block's data (poison_allocated_region).
func (m *MultiHeap) poison(i uint32) {
	b := &m.blocks[i]
	data := b.addr + m.head
	m.mem.put32(b.addr, headCanary)
	m.mem.put32(data-4, b.requested)
	m.mem.put32(data+b.requested, tailCanary)
}

// checkFill checks that what was free held the fill pattern to the last byte,
// and replaces it with that of fresh memory (verify_fill_pattern). As in the
// original, a word that is wrong stops the replacing, and a wrong byte among
// the last three is reported as the first of them.
func (m *MultiHeap) checkFill(i uint32, function string, line int) {
	if m.poisoning != PoisoningComprehensive {
		return
	}
	b := &m.blocks[i]
	data, n := b.addr+m.head, b.requested
	bad := m.badFill(data, n)
	if bad == nil {
		m.mem.fill(data, n, mallocFill)
		return
	}
	m.mem.fill(data, uint32(bad.Addr)-data, mallocFill)
	bad.Func = function
	bad.Assert = poisoningAssertion(function, line, "ret")
	m.describe(bad)
	m.abort(bad)
}

// badFill looks for bytes in free memory that are not the fill pattern. The
// error is for the first and has a line for each.
func (m *MultiHeap) badFill(data, n uint32) *CorruptionError {
	var e *CorruptionError
	report := func(at, want, got uint32, digits string) {
		if e == nil {
			e = &CorruptionError{Kind: BadFill, Addr: Addr(at), Want: want, Got: got}
		}
		e.Printed = append(e.Printed, fmt.Sprintf("CORRUPT HEAP: Invalid data at 0x%08x. Expected "+digits+" got "+digits, at, want, got))
	}
	for ; n >= 4; data, n = data+4, n-4 {
		if w := m.mem.get32(data); w != 0xFEFEFEFE {
			report(data, 0xFEFEFEFE, w, "0x%08x")
		}
	}
	for k := range n {
		if m.mem.byteAt(data+k) != freeFill {
			report(data, freeFill, uint32(m.mem.byteAt(data)), "0x%02x")
		}
	}
	return e
}

// badCanary checks the canaries around data at an address
// (verify_allocated_region).
func (m *MultiHeap) badCanary(data uint32) *CorruptionError {
	head := data - m.head
	if !m.mem.covers(head, m.head) {
		return &CorruptionError{Kind: BadHead, Addr: Addr(head), Want: headCanary, Assert: loadProhibited(head)}
	}
	if w := m.mem.get32(head); w != headCanary {
		return &CorruptionError{Kind: BadHead, Addr: Addr(head), Want: headCanary, Got: w,
			Printed: []string{fmt.Sprintf("CORRUPT HEAP: Bad head at 0x%08x. Expected 0x%08x got 0x%08x", head, uint32(headCanary), w)}}
	}
	tail := data + m.mem.get32(data-4)
	if !m.mem.covers(tail, poisonTail) {
		return &CorruptionError{Kind: BadTail, Addr: Addr(tail), Want: tailCanary, Assert: loadProhibited(tail)}
	}
	if w := m.mem.get32(tail); w != tailCanary {
		return &CorruptionError{Kind: BadTail, Addr: Addr(tail), Want: tailCanary, Got: w,
			Printed: []string{fmt.Sprintf("CORRUPT HEAP: Bad tail at 0x%08x. Expected 0x%08x got 0x%08x", tail, uint32(tailCanary), w)}}
	}
	return nil
}

func loadProhibited(a uint32) string {
	return fmt.Sprintf("Guru Meditation Error: Core  0 panic'ed (LoadProhibited), EXCVADDR: 0x%08x", a)
}

// soundOp is what a pointer is checked for.
type soundOp uint8

const (
	opFree soundOp = iota
	opRealloc
	opSize
)

// sound resolves a caller's pointer to its block, with the checks that the
// original makes first, in its order and words.
func (m *MultiHeap) sound(p Addr, op soundOp) (uint32, error) {
	i := m.usedRow(p)
	if m.mem == nil {
		if i == 0 {
			return 0, m.wrongPointer(p, op)
		}
		return i, nil
	}
	function, line := "multi_heap_free", m.asserts.free
	switch op {
	case opRealloc:
		function, line = "multi_heap_realloc", m.asserts.realloc
	case opSize:
		function, line = "multi_heap_get_allocated_size", m.asserts.size
	}
	if m.poisoning != PoisoningNone {
		if e := m.badCanary(uint32(p)); e != nil {
			e.Func = function
			if e.Assert == "" {
				e.Assert = poisoningAssertion(function, line, "head != NULL")
			}
			m.describe(e)
			return 0, e
		}
	}
	payload := uint32(p) - m.head
	if op != opSize && (payload < m.pool || payload >= m.pool+m.poolSize) {
		return 0, &PointerError{Func: function, Addr: p,
			Assert: fmt.Sprintf("CORRUPT HEAP: multi_heap.c:%d detected at 0x%08x", m.asserts.validBlock, payload)}
	}
	if i == 0 {
		return 0, m.wrongPointer(p, op)
	}
	if op != opSize {
		if w := m.damaged(i); w != nil {
			return 0, m.headerError(w)
		}
	}
	return i, nil
}

// wrongPointer describes a pointer that is not a used block. TLSF asserts if the
// word before it says "free", and knows no better otherwise.
func (m *MultiHeap) wrongPointer(p Addr, op soundOp) error {
	payload := uint32(p) - m.head
	e := &PointerError{Func: "multi_heap_free", Addr: p, Freed: m.find(payload) != 0}
	function, line := "tlsf_free", m.asserts.tlsfFree
	if op == opRealloc {
		e.Func, function, line = "multi_heap_realloc", "tlsf_realloc", m.asserts.tlsfRealloc
	}
	marked := e.Freed
	if m.mem != nil {
		marked = m.mem.covers(payload-4, 4) && m.mem.get32(payload-4)&freeBit != 0
	}
	if marked && op != opSize {
		e.Freed = true
		e.Assert = assertion(function, m.asserts.tlsfFile, line, `!block_is_free(block) && "block already marked as free"`)
	}
	return e
}

// brokenHeader reports a damaged header word that an allocation reads.
func (m *MultiHeap) brokenHeader(w *badWord) { m.abort(m.headerError(w)) }

func (m *MultiHeap) headerError(w *badWord) *CorruptionError {
	e := &CorruptionError{Kind: BadHeader, Word: w.what, Addr: Addr(w.addr), Want: w.want, Got: w.got}
	m.describe(e)
	return e
}
