package heap

import (
	"fmt"
	"strings"
)

// PointerError is a pointer given to Free, Realloc or a query that is not the
// start of a used block.
type PointerError struct {
	Func  string // the ESP-IDF function: "heap_caps_free"
	Addr  Addr   // as the caller gave it, or for an alias what it stands for
	Freed bool   // Addr is a block that is free already
	// Outside: Addr is in no heap.
	Outside bool
	// Assert is the message with which ESP-IDF then aborts, such as `assert
	// failed: heap_caps_free heap_caps_base.c:69 (heap != NULL && "free()
	// target pointer is outside heap areas")`. It is empty where ESP-IDF does
	// not notice and corrupts its heap.
	Assert string
}

// Error names the function, the address and what is wrong with it.
func (e *PointerError) Error() string {
	why := "not the start of an allocated block"
	switch {
	case e.Outside:
		why = "outside all heaps"
	case e.Freed:
		why = "already free"
	}
	s := fmt.Sprintf("heap: %s(%v): %s", e.Func, e.Addr, why)
	if e.Assert != "" {
		s += ": " + e.Assert
	}
	return s
}

// CorruptionKind says what was overwritten.
type CorruptionKind uint8

const (
	BadHead   CorruptionKind = iota + 1 // the canary before a block: an underrun
	BadTail                             // the canary after a block: an overrun
	BadSize                             // the recorded size of a block is larger than the block
	BadFill                             // memory that was free: a use after free
	BadHeader                           // a word of the allocator's own, which it does not check
)

// String returns "bad head", "bad tail", "bad size", "use after free" or "bad
// header".
func (k CorruptionKind) String() string {
	switch k {
	case BadHead:
		return "bad head"
	case BadTail:
		return "bad tail"
	case BadSize:
		return "bad size"
	case BadFill:
		return "use after free"
	case BadHeader:
		return "bad header"
	}
	return fmt.Sprintf("CorruptionKind(%d)", uint8(k))
}

// CorruptionError is memory that was overwritten, with the blocks around it.
type CorruptionError struct {
	Kind      CorruptionKind // what was overwritten
	Func      string         // the ESP-IDF function that found it; empty if the model did
	Word      string         // for BadHeader: "size", "next_free", "prev_free", "prev_phys_block"
	Addr      Addr           // of the wrong word
	Want, Got uint32         // its value
	// Printed are the lines ESP-IDF prints: "CORRUPT HEAP: Bad tail at
	// 0x3ffb5fa0. Expected 0xbaad5678 got 0x00ad5678".
	Printed []string
	// Assert is the message with which ESP-IDF then aborts; empty where it does
	// not notice.
	Assert string
	// Block is the block that Addr lies in, Before and After are its neighbours
	// in memory; a free one has no Requested and no owner. They are nil at the
	// ends of a region.
	Block, Before, After *Block
}

// Error is what ESP-IDF prints first, followed by the blocks around.
func (e *CorruptionError) Error() string {
	var b strings.Builder
	if len(e.Printed) > 0 {
		b.WriteString(e.Printed[0])
	} else {
		fmt.Fprintf(&b, "heap: %s at %v: %s is 0x%08x, want 0x%08x", e.Kind, e.Addr, first(e.Word, "it"), e.Got, e.Want)
	}
	for _, n := range []struct {
		where string
		b     *Block
	}{{"in", e.Block}, {"after", e.Before}, {"before", e.After}} {
		if n.b != nil {
			fmt.Fprintf(&b, "; %s %s", n.where, n.b.describe())
		}
	}
	if e.Assert != "" {
		b.WriteString("; ")
		b.WriteString(e.Assert)
	}
	return b.String()
}

func first(names ...string) string {
	for _, s := range names {
		if s != "" {
			return s
		}
	}
	return ""
}

func (b *Block) describe() string {
	if b.Free {
		return fmt.Sprintf("a free block of %d bytes at %v", b.Size, b.Addr)
	}
	return fmt.Sprintf("%d bytes at %v of %v", b.Requested, b.Addr, b.Tag)
}
