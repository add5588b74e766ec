package heap

import "fmt"

// PointerError is a pointer given to Free, Realloc or a query that is not the
// start of a used block. On the device this is an assertion at best.
type PointerError struct {
	Func  string // the ESP-IDF function, "heap_caps_free"; empty at multi_heap level
	Addr  Addr
	Freed bool // Addr is the start of a block that is already free
	// Outside: Addr is in no heap ("free() target pointer is outside heap areas").
	Outside bool
}

// Error names the function, the address and what is wrong with it.
func (e *PointerError) Error() string {
	f := e.Func
	if f != "" {
		f = " " + f
	}
	switch {
	case e.Outside:
		return fmt.Sprintf("heap:%s: %v: target pointer is outside heap areas", f, e.Addr)
	case e.Freed:
		return fmt.Sprintf("heap:%s: %v: block already marked as free", f, e.Addr)
	}
	return fmt.Sprintf("heap:%s: %v: not the start of an allocated block", f, e.Addr)
}
