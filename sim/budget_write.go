package sim

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText prints the budget as tables: each memory by part, with all its uses,
// then the heaps' regions.
func (b *Budget) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, m := range b.Memories {
		fmt.Fprintf(t, "%s\t%s\t\t\n", m.Name, thousands(m.Bytes))
		for i := 0; i < len(m.Uses); {
			j, sum := i, uint32(0)
			for ; j < len(m.Uses) && m.Uses[j].Part == m.Uses[i].Part; j++ {
				sum += m.Uses[j].Bytes
			}
			fmt.Fprintf(t, "  %v\t%s\t%s\t\n", m.Uses[i].Part, right(sum), percent(sum, m.Bytes))
			for _, u := range m.Uses[i:j] {
				blocks := ""
				if u.Blocks > 0 {
					blocks = fmt.Sprintf("%d blocks", u.Blocks)
				}
				if u.Blocks == 1 {
					blocks = "1 block"
				}
				fmt.Fprintf(t, "    %s\t%s\t\t%s\n", u.Name, right(u.Bytes), blocks)
			}
			i = j
		}
		fmt.Fprintf(t, "  sum\t%s\t\t\n\t\t\t\n", right(m.Bytes))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	t = tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "heap\tat\tbytes\tallocator\theld\tfree\tlargest\t")
	for _, r := range b.Regions {
		state := ""
		if !r.Used {
			state = "not used yet"
		}
		fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Start, thousands(r.Bytes), thousands(r.Allocator), thousands(r.Held),
			thousands(r.Free), thousands(r.Largest), state)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nfree heap %s, largest block %s, lowest free %s\nas esp_get_free_heap_size and its like count: the mark at the end of each heap, 4 bytes, is free to them\n", thousands(b.FreeHeap), thousands(b.LargestFreeBlock), thousands(b.MinimumFreeHeap))
	return err
}

// right pads a number so that a column of them is aligned at the right.
func right(n uint32) string { return fmt.Sprintf("%9s", thousands(n)) }

func percent(n, of uint32) string {
	p := (uint64(n)*1000 + uint64(of)/2) / uint64(of)
	return fmt.Sprintf("%3d.%d %%", p/10, p%10)
}

// thousands writes 31488 as 31,488.
func thousands(n uint32) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// partColors are the colours of the parts in pictures.
var partColors = [...]string{
	PartReserved: "#7f7f7f", PartStatic: "#8c564b", PartAllocator: "#c7c7c7", PartTasks: "#ff7f0e", PartSystem: "#9467bd",
	PartDrivers: "#17becf", PartNetwork: "#1f77b4", PartTLS: "#bcbd22", PartServices: "#e377c2", PartApplication: "#d62728", PartFree: "#98df8a",
}

// Sizes in a picture, in pixels.
const (
	svgWidth, svgBar, svgRow, svgMargin = 960, 36, 20, 16
)

// WriteSVG draws each memory as a bar, its parts from the reserved to the free,
// with a legend of their bytes. Coordinates are integers: the picture of a
// budget is the same on every host.
func (b *Budget) WriteSVG(w io.Writer) error {
	var s strings.Builder
	y := svgMargin
	inner := svgWidth - 2*svgMargin
	for _, m := range b.Memories {
		fmt.Fprintf(&s, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s: %s bytes</text>\n", svgMargin, y+14, m.Name, thousands(m.Bytes))
		y += svgRow
		var sums [PartFree + 1]uint32
		for _, u := range m.Uses {
			sums[u.Part] += u.Bytes
		}
		at := uint64(0)
		legendY := y + svgBar + 4
		for p, n := range sums {
			if n == 0 {
				continue
			}
			x0 := int(at * uint64(inner) / uint64(m.Bytes))
			at += uint64(n)
			x1 := int(at * uint64(inner) / uint64(m.Bytes))
			fmt.Fprintf(&s, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>%v: %s bytes</title></rect>\n",
				svgMargin+x0, y, max(x1-x0, 1), svgBar, partColors[p], Part(p), thousands(n))
			fmt.Fprintf(&s, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%v %s (%s)</text>\n",
				svgMargin, legendY, partColors[p], svgMargin+18, legendY+11, Part(p), thousands(n), strings.TrimSpace(percent(n, m.Bytes)))
			legendY += svgRow
		}
		y = legendY + svgMargin
	}
	_, err := fmt.Fprintf(w, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n%s</svg>\n",
		svgWidth, y, s.String())
	return err
}
