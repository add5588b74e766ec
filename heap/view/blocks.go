package view

import (
	"bufio"
	"fmt"
	"io"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// BlocksCSV writes every allocated block in address order, one a line: address,
// bytes asked for, bytes usable, bytes taken from the free bytes, region, task,
// object, purpose, time of allocation in seconds and number of the allocation
// call. Blocks is Heap.Blocks or Snapshot.Blocks.
func BlocksCSV(w io.Writer, blocks func(func(heap.Block) bool)) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "address,requested,size,footprint,region,task,object,what,seconds,serial")
	for x := range blocks {
		fmt.Fprintf(b, "%v,%d,%d,%d,%s,%s,%s,%s,%s,%d\n", x.Addr, x.Requested, x.Size, x.Footprint,
			quoteCSV(x.Region), quoteCSV(x.Tag.Task), quoteCSV(x.Tag.Object), quoteCSV(x.Tag.What), seconds(x.At), x.Serial)
	}
	return b.Flush()
}

// BlocksJSONL writes the same as one JSON object a line, with the time in
// nanoseconds.
func BlocksJSONL(w io.Writer, blocks func(func(heap.Block) bool)) error {
	b := bufio.NewWriter(w)
	for x := range blocks {
		fmt.Fprintf(b, `{"address":"%v","requested":%d,"size":%d,"footprint":%d,"region":%s,"task":%s,"object":%s,"what":%s,"at":%d,"serial":%d}`+"\n",
			x.Addr, x.Requested, x.Size, x.Footprint, quoteJSON(x.Region), quoteJSON(x.Tag.Task), quoteJSON(x.Tag.Object), quoteJSON(x.Tag.What), int64(x.At), x.Serial)
	}
	return b.Flush()
}
