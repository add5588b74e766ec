package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll-sim/plimsoll/heap"
)

// Map draws every byte of a chip's heaps: each region in rows of addresses, each
// block in the colour of its group, free holes white, and a request that did
// not fit beside the largest hole.
type Map struct {
	Title    string // in large letters above the drawing
	Subtitle string // in small letters below it
	// Caps selects the regions; 0 means CapDefault, what malloc serves.
	Caps heap.Cap
	// By groups the owners; nil is ByObject.
	By Grouping
	// Failed is a request that did not fit, drawn to scale; nil draws none.
	Failed *heap.Failure
}

// Measures of the map, in tenths of a pixel.
const (
	mapWidth    px = 12800
	mapLeft     px = 1060
	mapRight    px = 9300 // 8240 tenths for the bytes of a row
	mapLegend   px = 9560
	mapTop      px = 800
	mapRow      px = 150
	mapRowGap   px = 25
	mapRegion   px = 420 // for a region's headline
	mapMaxRows     = 34
	mapMaxGroup    = 26 // groups with a colour of their own
)

// rowBytes returns how many bytes a row shows so that all regions fit.
func rowBytes(regions []heap.Region) uint32 {
	for n := uint32(4096); ; n *= 2 {
		rows := uint32(0)
		for _, r := range regions {
			rows += (uint32(r.End-r.Start) + n - 1) / n
		}
		if rows <= mapMaxRows {
			return n
		}
	}
}

// SVG draws the map of a heap.
func (m Map) SVG(w io.Writer, h *heap.Heap) error {
	caps := m.Caps
	if caps == 0 {
		caps = heap.CapDefault
	}
	by := m.By
	if by == nil {
		by = ByObject
	}
	var regions []heap.Region
	for _, r := range h.Regions() {
		if r.Registered && (r.Caps[0]|r.Caps[1]|r.Caps[2])&caps == caps {
			regions = append(regions, r)
		}
	}
	if len(regions) == 0 {
		return fmt.Errorf("view: heap map %q: no region offers %v", m.Title, caps)
	}
	slices.SortFunc(regions, func(a, b heap.Region) int { return cmp.Compare(a.Start, b.Start) })
	perRow := rowBytes(regions)
	rows := px(0)
	for _, r := range regions {
		rows += px((uint32(r.End-r.Start) + perRow - 1) / perRow)
	}
	amounts, small := topGroups(held(h, caps, by), mapMaxGroup)
	names := make([]string, len(amounts))
	for i, a := range amounts {
		names[i] = a.group
	}
	color := colors(names)
	for _, g := range small {
		color[g] = colorOthers
	}

	bottom := mapTop + rows*(mapRow+mapRowGap) + px(len(regions))*mapRegion
	extra := px(200)
	if m.Failed != nil {
		extra = 900
	}
	height := max(bottom+extra, mapTop+px(len(amounts)+6)*210+400)
	s := newSVG(mapWidth, height, m.Title, m.Subtitle)
	s.text(600, 380, m.Title, `font-size="22" font-weight="700"`)
	s.text(600, 620, m.Subtitle, `font-size="13" fill="`+colorFaint+`"`)
	s.b.WriteString(`<defs><pattern id="own" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="4" height="4" fill="#d5dbe2"/><line x1="0" y1="0" x2="0" y2="4" stroke="#aab4bf" stroke-width="2"/></pattern></defs>` + "\n")

	d := mapDrawing{s: s, h: h, by: by, color: color, perRow: perRow, y: mapTop}
	d.findLargest(regions)
	for _, r := range regions {
		d.region(r)
	}
	if m.Failed != nil {
		d.failed(m.Failed)
	}
	d.legend(amounts, perRow)
	return s.writeTo(w)
}

type mapDrawing struct {
	s       *svg
	h       *heap.Heap
	by      Grouping
	color   map[string]string
	perRow  uint32
	y       px
	largest heap.Extent // the largest free hole
	holes   int
	free    uint32
}

func (d *mapDrawing) findLargest(regions []heap.Region) {
	for _, r := range regions {
		d.h.Extents(r.Start, func(e heap.Extent) bool {
			if e.Free {
				d.holes++
				d.free += uint32(e.End - e.Start)
				if e.End-e.Start > d.largest.End-d.largest.Start {
					d.largest = e
				}
			}
			return true
		})
	}
}

// width is the length of a number of bytes at the scale of the map.
func (d *mapDrawing) width(bytes uint32) px {
	return px(int64(bytes) * int64(mapRight-mapLeft) / int64(d.perRow))
}

func (d *mapDrawing) region(r heap.Region) {
	s := d.s
	s.text(600, d.y+210, r.Name, `font-size="13" font-weight="700"`)
	s.text(680+textWidth(r.Name, 14), d.y+210, fmt.Sprintf("%d KiB at %v: %s, %s bytes free in %s, largest request that fits %s",
		uint32(r.End-r.Start)/1024, r.Start, count(r.Info.AllocatedBlocks, "block"), thousands(r.Info.TotalFreeBytes), count(r.Info.FreeBlocks, "hole"), thousands(r.Info.LargestFreeBlock)),
		`fill="`+colorFaint+`"`)
	top := d.y + 300
	size := uint32(r.End - r.Start)
	for row := uint32(0); row*d.perRow < size; row++ {
		y := top + px(row)*(mapRow+mapRowGap)
		s.rect(mapLeft, y, d.width(min(d.perRow, size-row*d.perRow)), mapRow, "#ffffff", `stroke="`+colorGrid+`" stroke-width="0.5"`)
		s.text(mapLeft-80, y+115, (r.Start + heap.Addr(row*d.perRow)).String(), `text-anchor="end" font-size="10" font-family="monospace" fill="`+colorFaint+`"`)
	}
	d.h.Extents(r.Start, func(e heap.Extent) bool {
		d.extent(r, top, e)
		return true
	})
	d.y = top + px((size+d.perRow-1)/d.perRow)*(mapRow+mapRowGap) + mapRegion - 300
}

// extent draws one stretch, in pieces where it goes over the end of a row.
func (d *mapDrawing) extent(r heap.Region, top px, e heap.Extent) {
	fill, style, tip := "url(#own)", "", fmt.Sprintf("allocator, %d bytes", uint32(e.End-e.Start))
	switch {
	case e.Free:
		fill, style = "#ffffff", `stroke="#b6c2cf" stroke-width="0.6"`
		tip = fmt.Sprintf("free, %s bytes at %v", thousands(uint32(e.End-e.Start)), e.Start)
		if e.Start == d.largest.Start {
			style = `stroke="` + colorAlarm + `" stroke-width="1.6"`
		}
	case e.Block != nil:
		g := d.by(e.Block.Tag)
		fill = first(d.color[g], colorOthers)
		if d.width(uint32(e.End-e.Start)) > 30 {
			style = `stroke="#ffffff" stroke-width="0.5"` // narrow ones would turn pale
		}
		tip = fmt.Sprintf("%v: %s bytes at %v, since %v", e.Block.Tag, thousands(e.Block.Requested), e.Block.Addr, e.Block.At)
	}
	// The label goes to the widest piece.
	var at, width, line px
	for from := e.Start; from < e.End; {
		row := uint32(from-r.Start) / d.perRow
		to := min(e.End, r.Start+heap.Addr((row+1)*d.perRow))
		x := mapLeft + d.width(uint32(from-r.Start)-row*d.perRow)
		end := mapLeft + d.width(uint32(to-r.Start)-row*d.perRow)
		y := top + px(row)*(mapRow+mapRowGap)
		d.s.titled(x, y, max(end-x, 3), mapRow, fill, style, tip)
		if end-x > width {
			at, width, line = x, end-x, y
		}
		from = to
	}
	for _, l := range labels(e) {
		if textWidth(l, 9)+100 <= width {
			color := "#ffffff"
			if e.Free || isLight(fill) {
				color = colorText
			}
			d.s.text(at+50, line+107, l, `font-size="9" fill="`+color+`"`)
			break
		}
	}
}

// labels are what can be written into an extent, the longest first.
func labels(e heap.Extent) []string {
	bytes := thousands(uint32(e.End - e.Start))
	switch {
	case e.Free:
		return []string{bytes + " bytes free", "free"}
	case e.Block != nil:
		t := e.Block.Tag
		what := first(t.What, t.Object, t.Task)
		whose := first(t.Object, t.Task)
		if whose == what {
			return []string{what + ", " + bytes + " bytes", what}
		}
		return []string{whose + ": " + what + ", " + bytes + " bytes", whose + ": " + what, what}
	}
	return nil
}

// isLight says whether a colour "#rrggbb" asks for dark letters.
func isLight(color string) bool {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 24)
	return err == nil && rgb>>16*299+rgb>>8&255*587+rgb&255*114 > 165000
}

// failed draws the request that did not fit above the largest hole, to scale.
func (d *mapDrawing) failed(f *heap.Failure) {
	s := d.s
	y := d.y + 200
	s.text(600, y+115, "Failed", `font-size="13" font-weight="700" fill="`+colorAlarm+`"`)
	hole := uint32(d.largest.End - d.largest.Start)
	scale := max(d.perRow, f.Size, hole)
	bar := func(bytes uint32, fill, extra, label string) {
		w := px(int64(bytes) * int64(mapRight-mapLeft) / int64(scale))
		s.rect(mapLeft, y, w, mapRow, fill, extra)
		switch long := textWidth(label, 12) + 160; {
		case mapLeft+w+long <= mapWidth:
			s.text(mapLeft+w+80, y+115, label, "")
		case fill == colorAlarm:
			s.text(mapLeft+80, y+115, clip(label, 12, w-160), `fill="#ffffff" font-weight="600"`)
		default:
			s.text(mapLeft+80, y+115, clip(label, 12, w-160), "")
		}
		y += mapRow + 90
	}
	bar(f.Size, colorAlarm, `fill-opacity="0.85"`, fmt.Sprintf("%s bytes wanted for %s, at %s", thousands(f.Size), first(f.Tag.String(), f.Func), instant(f.At)))
	if d.holes > 0 {
		bar(hole, "#ffffff", `stroke="`+colorAlarm+`" stroke-width="1.6"`,
			fmt.Sprintf("largest hole: %s bytes at %v", thousands(hole), d.largest.Start))
	}
	d.y = y
}

func (d *mapDrawing) legend(amounts []amount, perRow uint32) {
	s := d.s
	y := mapTop + 210
	s.text(mapLegend, y, "held by", `font-weight="600"`)
	s.text(mapWidth-1000, y, "blocks", `text-anchor="end" font-size="11" fill="`+colorFaint+`"`)
	s.text(mapWidth-400, y, "bytes", `text-anchor="end" font-size="11" fill="`+colorFaint+`"`)
	entry := func(fill, extra, name string, blocks, bytes uint32) {
		y += 210
		s.rect(mapLegend, y-110, 160, 130, fill, extra)
		s.text(mapLegend+240, y, clip(name, 12, mapWidth-1300-mapLegend-240), "")
		s.text(mapWidth-1000, y, thousands(blocks), `text-anchor="end" fill="`+colorFaint+`"`)
		s.text(mapWidth-400, y, thousands(bytes), `text-anchor="end" font-weight="600"`)
	}
	for _, a := range amounts {
		entry(d.color[a.group], `rx="2"`, a.group, a.blocks, a.bytes)
	}
	y += 60
	entry("#ffffff", `stroke="#b6c2cf"`, "free", uint32(d.holes), d.free)
	y += 210
	s.rect(mapLegend, y-110, 160, 130, "url(#own)", "")
	s.text(mapLegend+240, y, "allocator's own", "")
	y += 260
	s.text(mapLegend, y, fmt.Sprintf("one row is %d KiB", perRow/1024), `font-size="11" fill="`+colorFaint+`"`)
}
