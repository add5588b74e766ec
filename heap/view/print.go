package view

import (
	"bufio"
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// PrintHeapInfo prints the heaps that offer caps in the format of
// heap_caps_print_heap_info.
func PrintHeapInfo(w io.Writer, h *heap.Heap, caps heap.Cap) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Heap summary for capabilities 0x%08X:\n", uint32(caps))
	for _, r := range h.Regions() {
		if !offers(r, caps) {
			continue
		}
		i := r.Info
		fmt.Fprintf(b, "  At %v len %d free %d allocated %d min_free %d\n",
			r.Start, uint32(r.End-r.Start), int32(i.TotalFreeBytes), int32(i.TotalAllocatedBytes), int32(i.MinimumFreeBytes))
		fmt.Fprintf(b, "    largest_free_block %d alloc_blocks %d free_blocks %d total_blocks %d\n",
			int32(i.LargestFreeBlock), i.AllocatedBlocks, i.FreeBlocks, i.TotalBlocks)
	}
	i := h.Info(caps)
	fmt.Fprint(b, "  Totals:\n")
	fmt.Fprintf(b, "    free %d allocated %d min_free %d largest_free_block %d\n",
		int32(i.TotalFreeBytes), int32(i.TotalAllocatedBytes), int32(i.MinimumFreeBytes), int32(i.LargestFreeBlock))
	return b.Flush()
}

// offers is heap_caps_match.
func offers(r heap.Region, caps heap.Cap) bool {
	return r.Registered && (r.Caps[0]|r.Caps[1]|r.Caps[2])&caps == caps
}

// Dump prints every block of the heaps that offer caps, or with CapInvalid of
// all heaps, in the format of heap_caps_dump. Addresses and sizes are those of
// the allocator: with poisoning they include the canaries.
func Dump(w io.Writer, h *heap.Heap, caps heap.Cap) error {
	b := bufio.NewWriter(w)
	for _, r := range h.Regions() {
		if !r.Registered || caps&heap.CapInvalid == 0 && !offers(r, caps) {
			continue
		}
		fmt.Fprintf(b, "Showing data for heap: %v \n", r.Start)
		h.Extents(r.Start, func(e heap.Extent) bool {
			if e.Free || e.Block != nil {
				free := "No"
				if e.Free {
					free = "Yes"
				}
				fmt.Fprintf(b, "Block %v data, size: %d bytes, Free: %s \n", e.Start+4, uint32(e.End-e.Start)-4, free)
			}
			return true
		})
	}
	return b.Flush()
}
