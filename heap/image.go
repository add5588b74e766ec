package heap

import "fmt"

// ImageError is an access to memory contents that are not there.
type ImageError struct {
	Addr   Addr   // the first byte
	Length uint32 // bytes
	Why    string // why there is nothing
}

// Error says which memory and why.
func (e *ImageError) Error() string {
	return fmt.Sprintf("heap: %d bytes at %v: %s", e.Length, e.Addr, e.Why)
}

// contents checks that n bytes from p are modelled.
func (h *Heap) contents(p Addr, n uint32) error {
	switch {
	case h.mem == nil:
		return &ImageError{p, n, "the heap keeps no memory images (Config.Images)"}
	case n == 0 || isAlias(p) && n <= uint32(diramIRAMHigh-p):
		return nil
	case !h.mem.covers(uint32(p), n):
		return &ImageError{p, n, "outside the modelled memory"}
	}
	return nil
}

// data returns the data-bus address of a byte.
func data(p Addr) uint32 {
	if isAlias(p) {
		p = diramData(p)
	}
	return uint32(p)
}

// Write stores bytes at an address, as firmware does: into a block it has, or
// beyond it. It needs Config.Images.
func (h *Heap) Write(p Addr, b []byte) error {
	if err := h.contents(p, uint32(len(b))); err != nil {
		return err
	}
	for i, v := range b {
		h.mem.write(data(p+Addr(i)), []byte{v})
	}
	return nil
}

// Read loads bytes from an address. It needs Config.Images. Memory that was
// never written reads as 0.
func (h *Heap) Read(p Addr, b []byte) error {
	if err := h.contents(p, uint32(len(b))); err != nil {
		return err
	}
	for i := range b {
		b[i] = h.mem.byteAt(data(p + Addr(i)))
	}
	return nil
}

// Corrupt inverts every bit of n bytes from an address on, so that each of them
// changes. To overrun a block of n bytes at p by k, corrupt k bytes at p+n. It
// needs Config.Images.
func (h *Heap) Corrupt(p Addr, n uint32) error {
	b := make([]byte, n)
	if err := h.Read(p, b); err != nil {
		return err
	}
	for i := range b {
		b[i] = ^b[i]
	}
	return h.Write(p, b)
}

// zero is the memset of calloc.
func (h *Heap) zero(p Addr, n uint32) {
	if h.mem == nil || p == 0 {
		return
	}
	if d, ok := h.aliases[p]; ok {
		p = d
	}
	h.mem.fill(uint32(p), n, 0)
}

// copyData is the memcpy of a realloc that moves to another heap.
func (h *Heap) copyData(to, from Addr, n uint32) {
	if !isAlias(to) && !isAlias(from) {
		h.mem.copy(uint32(to), uint32(from), n)
		return
	}
	for i := range Addr(n) {
		h.mem.write(data(to+i), []byte{h.mem.byteAt(data(from + i))})
	}
}

// CheckIntegrity looks for damage in the heaps that offer caps
// (heap_caps_check_integrity); CapInvalid checks all. It returns what it found,
// nil where ESP-IDF returns true, with the blocks around each damage. With print
// the lines of ESP-IDF go to Config.Console. Without Config.Images it finds
// nothing.
func (h *Heap) CheckIntegrity(caps Cap, print bool) []*CorruptionError {
	var all []*CorruptionError
	for _, g := range h.heaps {
		if g.heap != nil && (caps&CapInvalid != 0 || g.matches(caps)) {
			found := g.heap.Check(print)
			for _, e := range found {
				h.addTags(e)
			}
			all = append(all, found...)
		}
	}
	return all
}
