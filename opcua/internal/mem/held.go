package mem

// Held lists the blocks that a value occupies, in the order in which UA_clear
// frees them: members in turn, and an array's elements before the array.
type Held []uint32

// Clear frees all blocks and empties the list.
func (h *Held) Clear(m Memory) {
	for _, p := range *h {
		m.Free(p)
	}
	*h = nil
}
