package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Measures of the timeline picture, in tenths of a pixel.
const (
	tlWidth    px = 12800
	tlLeft     px = 760
	tlRight    px = 9860 // end of the plot; the legend is beside it
	tlLegend   px = 10060
	tlTop      px = 760  // below the titles
	tlFree     px = 2300 // height of the upper plot
	tlGap      px = 520
	tlHeld     px = 3000 // height of the lower plot
	tlMarkRow  px = 170
	tlMaxGroup    = 16 // groups with an area of their own
)

// timelinePlot maps time and bytes to the drawing.
type timelinePlot struct {
	from, span time.Duration
	top, h     px
	limit      uint32
}

func (p *timelinePlot) x(at time.Duration) px {
	return tlLeft + px(int64(at-p.from)/1000*int64(tlRight-tlLeft)/max(1, int64(p.span)/1000))
}

func (p *timelinePlot) y(bytes uint32) px {
	return p.top + p.h - px(int64(bytes)*int64(p.h)/int64(max(1, p.limit)))
}

// SVG draws the timeline: above, the free memory with its largest block and its
// minimum, and failed requests at their size; below, what each group holds,
// stacked up to the size of all memory; marks across both.
func (t *Timeline) SVG(w io.Writer) error {
	if len(t.samples) == 0 {
		return fmt.Errorf("view: timeline %q has no samples", t.Title)
	}
	from := t.samples[0].at
	for _, m := range t.marks {
		from = min(from, m.at)
	}
	plot := timelinePlot{from: from, span: max(t.end-from, time.Microsecond)}

	rows := t.placeMarks(&plot)
	freeTop := tlTop + px(len(rows))*tlMarkRow + 120
	heldTop := freeTop + tlFree + tlGap
	s := newSVG(tlWidth, heldTop+tlHeld+620, t.Title, t.Subtitle)
	s.text(tlLeft, 380, t.Title, `font-size="22" font-weight="700"`)
	s.text(tlLeft, 620, t.Subtitle, `font-size="13" fill="`+colorFaint+`"`)

	free := plot
	free.top, free.h = freeTop, tlFree
	for _, x := range t.samples {
		free.limit = max(free.limit, x.free, x.minimum)
	}
	for _, f := range t.failures {
		free.limit = max(free.limit, f.Size)
	}
	lower := plot
	lower.top, lower.h = heldTop, tlHeld
	for i := range t.samples {
		lower.limit = max(lower.limit, t.samples[i].total())
	}

	t.axes(s, &free, "free memory")
	t.axes(s, &lower, "held, by owner")
	t.drawMarks(s, &plot, rows, heldTop+tlHeld)
	t.drawHeld(s, &lower)
	t.drawFree(s, &free)
	t.timeAxis(s, &plot, heldTop+tlHeld)
	return s.writeTo(w)
}

// total is all memory: held and free.
func (s *sample) total() uint32 {
	n := s.free
	for _, h := range s.held {
		n += h
	}
	return n
}

func (t *Timeline) axes(s *svg, p *timelinePlot, label string) {
	step := byteStep(p.limit, 6)
	if rest := p.limit % step; rest != 0 && p.limit < 1<<30 {
		p.limit += min(step-rest, step/4+1)
	}
	for v := uint32(0); v <= p.limit; v += step {
		y := p.y(v)
		s.line(tlLeft, y, tlRight, y, colorGrid, "")
		s.text(tlLeft-80, y+40, byteLabel(v), `text-anchor="end" fill="`+colorFaint+`"`)
	}
	s.text(tlLeft, p.top-90, label, `font-weight="600"`)
	s.line(tlLeft, p.top, tlLeft, p.top+p.h, colorFaint, "")
}

func (t *Timeline) timeAxis(s *svg, p *timelinePlot, y px) {
	s.line(tlLeft, y, tlRight, y, colorFaint, "")
	step := timeStep(p.span, 10)
	at := p.from - p.from%step
	if at < p.from {
		at += step
	}
	for ; at <= p.from+p.span; at += step {
		x := p.x(at)
		s.line(x, y, x, y+50, colorFaint, "")
		s.text(x, y+180, timeLabel(at, step), `text-anchor="middle" fill="`+colorFaint+`"`)
	}
	s.text((tlLeft+tlRight)/2, y+400, "time since boot", `text-anchor="middle" fill="`+colorFaint+`"`)
}

// column is what a series does within one pixel of the time axis.
type column struct {
	x            px
	lo, hi, last px // lo is the highest value: y grows downwards
}

// columns reduces a series, which keeps each value until the next, to one entry
// for each pixel in which it changes.
func (t *Timeline) columns(p *timelinePlot, value func(*sample) uint32) []column {
	var out []column
	last := p.y(value(&t.samples[0]))
	for i := 0; i < len(t.samples); {
		x := p.x(t.samples[i].at)
		c := column{x: x, lo: last, hi: last}
		if i == 0 {
			c.lo, c.hi = p.y(value(&t.samples[0])), p.y(value(&t.samples[0]))
		}
		for ; i < len(t.samples) && p.x(t.samples[i].at)/10 == x/10; i++ {
			c.last = p.y(value(&t.samples[i]))
			c.lo, c.hi = min(c.lo, c.last), max(c.hi, c.last)
		}
		if len(out) == 0 || c.lo != c.hi || c.last != last {
			out = append(out, c)
		}
		last = c.last
	}
	return out
}

// line writes the path of a series.
func (t *Timeline) line(p *timelinePlot, value func(*sample) uint32) string {
	var b strings.Builder
	for i, c := range t.columns(p, value) {
		if i == 0 {
			fmt.Fprintf(&b, "M%v %v", c.x, c.last)
			continue
		}
		fmt.Fprintf(&b, "H%vV%v", c.x, c.last)
	}
	fmt.Fprintf(&b, "H%v", p.x(t.end))
	return b.String()
}

// band writes the range that a series covers where it changes more than once
// within a pixel.
func (t *Timeline) band(p *timelinePlot, value func(*sample) uint32) string {
	var b strings.Builder
	before := px(-1)
	for _, c := range t.columns(p, value) {
		if before < 0 {
			before = c.last
		}
		if c.lo < min(before, c.last) || c.hi > max(before, c.last) {
			fmt.Fprintf(&b, "M%v %vV%vh1V%vZ", c.x, c.lo, c.hi, c.lo)
		}
		before = c.last
	}
	return b.String()
}

// area writes the area under a series, up to its highest value in each pixel.
func (t *Timeline) area(p *timelinePlot, value func(*sample) uint32) string {
	var b strings.Builder
	base := p.top + p.h
	fmt.Fprintf(&b, "M%v %v", p.x(t.samples[0].at), base)
	for _, c := range t.columns(p, value) {
		fmt.Fprintf(&b, "H%vV%v", c.x, c.lo)
		if c.lo != c.last {
			fmt.Fprintf(&b, "h1V%v", c.last)
		}
	}
	fmt.Fprintf(&b, "H%vV%vZ", max(p.x(t.end), p.x(t.samples[len(t.samples)-1].at)+10), base)
	return b.String()
}

func (t *Timeline) drawFree(s *svg, p *timelinePlot) {
	end := &t.samples[len(t.samples)-1]
	free := func(x *sample) uint32 { return x.free }
	largest := func(x *sample) uint32 { return x.largest }
	s.path(t.area(p, free), `fill="#cfe3f7" fill-opacity="0.5"`)
	for _, l := range []struct {
		value func(*sample) uint32
		color string
	}{{free, colorLine}, {largest, colorLargest}} {
		if d := t.band(p, l.value); d != "" {
			s.path(d, `fill="`+l.color+`" fill-opacity="0.4"`)
		}
	}
	s.path(t.line(p, func(x *sample) uint32 { return x.minimum }), `fill="none" stroke="`+colorFaint+`" stroke-width="1.4" stroke-dasharray="5 4"`)
	s.path(t.line(p, free), `fill="none" stroke="`+colorLine+`" stroke-width="2.2"`)
	s.path(t.line(p, largest), `fill="none" stroke="`+colorLargest+`" stroke-width="2"`)

	y := p.top + 60
	entry := func(stroke, dash, label string, now uint32) {
		s.line(tlLegend, y, tlLegend+260, y, stroke, `stroke-width="2.4"`+attr(dash))
		s.text(tlLegend+360, y+42, label, "")
		s.text(tlWidth-160, y+42, thousands(now), `text-anchor="end" font-weight="600"`)
		y += 220
	}
	s.text(tlWidth-160, y-160, "bytes at the end", `text-anchor="end" font-size="11" fill="`+colorFaint+`"`)
	entry(colorLine, "", "free", end.free)
	entry(colorLargest, "", "largest free block", end.largest)
	entry(colorFaint, `stroke-dasharray="5 4"`, "minimum ever", end.minimum)

	for i, f := range t.failures {
		x, fy := p.x(f.At), p.y(f.Size)
		s.line(tlLeft, fy, x, fy, colorAlarm, `stroke-width="1" stroke-dasharray="2 3"`)
		s.path(fmt.Sprintf("M%v %vl10 10m-10 0l10 -10", x-50, fy-50), `fill="none" stroke="`+colorAlarm+`" stroke-width="2.6"`)
		if i > 0 {
			continue // one request is spelled out, the rest are crosses
		}
		y += 60
		lines := []string{
			fmt.Sprintf("%s wanted", thousands(f.Size)),
			fmt.Sprintf("%s was the largest block", thousands(f.Largest)),
			fmt.Sprintf("of %s free", thousands(f.Free)),
		}
		s.path(fmt.Sprintf("M%v %vl10 10m-10 0l10 -10", tlLegend+80, y-50), `fill="none" stroke="`+colorAlarm+`" stroke-width="2.6"`)
		s.text(tlLegend+360, y+42, "failed request", `font-weight="600" fill="`+colorAlarm+`"`)
		if n := len(t.failures); n > 1 {
			s.text(tlWidth-160, y+42, fmt.Sprintf("first of %d", n), `text-anchor="end" font-size="11" fill="`+colorFaint+`"`)
		}
		for _, l := range lines {
			y += 180
			s.text(tlLegend+360, y+42, l, `fill="`+colorAlarm+`"`)
		}
		if tag := f.Tag.String(); tag != "" {
			y += 180
			s.text(tlLegend+360, y+42, clip("for "+tag, 12, tlWidth-160-tlLegend-360), `fill="`+colorFaint+`"`)
		}
	}
}

// layers returns which groups get an area, and the rest to be added up. The
// order stays that of the groups, so that the system is at the bottom.
func (t *Timeline) layers() (own, rest []int) {
	peak := make([]uint32, len(t.groups))
	for i := range t.samples {
		for j, h := range t.samples[i].held {
			peak[j] = max(peak[j], h)
		}
	}
	for j := range t.groups {
		if peak[j] > 0 {
			own = append(own, j)
		}
	}
	if len(own) <= tlMaxGroup {
		return own, nil
	}
	bySize := slices.Clone(own)
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(peak[b], peak[a]) })
	rest = slices.Clone(bySize[tlMaxGroup-1:])
	slices.Sort(rest)
	own = slices.DeleteFunc(own, func(j int) bool { return slices.Contains(rest, j) })
	return own, rest
}

func (t *Timeline) drawHeld(s *svg, p *timelinePlot) {
	own, rest := t.layers()
	type layer struct {
		name  string
		value func(*sample) uint32
	}
	layers := make([]layer, 0, len(own)+1)
	for _, j := range own {
		layers = append(layers, layer{t.groups[j], func(x *sample) uint32 { return x.heldBy(j) }})
	}
	if len(rest) > 0 {
		layers = append(layers, layer{othersGroup, func(x *sample) uint32 {
			var n uint32
			for _, j := range rest {
				n += x.heldBy(j)
			}
			return n
		}})
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.name
	}
	color := colors(names)

	// Each area goes from the layers below it to the same with its own on top;
	// painting from the highest down, an upper edge is enough.
	for i := len(layers) - 1; i >= 0; i-- {
		upper := func(x *sample) uint32 {
			var n uint32
			for _, l := range layers[:i+1] {
				n += l.value(x)
			}
			return n
		}
		s.path(t.area(p, upper), `fill="`+color[layers[i].name]+`"`)
		s.path(t.line(p, upper), `fill="none" stroke="#ffffff" stroke-width="0.8" stroke-opacity="0.8"`)
	}
	all := t.samples[0].total()
	y := p.y(all)
	s.line(tlLeft, y, tlRight, y, colorText, `stroke-width="1.6"`)
	s.text(tlRight-60, y-50, fmt.Sprintf("all of it: %s bytes", thousands(all)), `text-anchor="end" font-size="11" font-weight="600"`)

	end := &t.samples[len(t.samples)-1]
	row := min(210, p.h/px(max(1, len(layers))))
	y = p.top + 40
	s.text(tlWidth-160, y-160, "bytes at the end", `text-anchor="end" font-size="11" fill="`+colorFaint+`"`)
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		s.rect(tlLegend, y-60, 150, 130, color[l.name], `rx="2"`)
		s.text(tlLegend+230, y+42, clip(l.name, 12, 1560), "")
		s.text(tlWidth-160, y+42, thousands(l.value(end)), `text-anchor="end" font-weight="600"`)
		y += row
	}
}

// placeMarks assigns each mark to the first row in which its label has room.
func (t *Timeline) placeMarks(p *timelinePlot) [][]mark {
	var rows [][]mark
	var ends []px
	marks := slices.Clone(t.marks)
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
next:
	for _, m := range marks {
		x := p.x(m.at)
		w := textWidth(m.label, 11) + 160
		start := x
		if x+w > tlWidth-100 {
			start = x - w // the label goes to the left of its mark
		}
		for i := range rows {
			if ends[i] <= start {
				rows[i] = append(rows[i], m)
				ends[i] = max(x, start+w)
				continue next
			}
		}
		rows = append(rows, []mark{m})
		ends = append(ends, max(x, start+w))
	}
	return rows
}

func (t *Timeline) drawMarks(s *svg, p *timelinePlot, rows [][]mark, bottom px) {
	stroke := [...]string{colorFaint, "#2b8a3e", colorAlarm}
	for i, r := range rows {
		y := tlTop + px(i)*tlMarkRow
		for _, m := range r {
			x := p.x(m.at)
			c := stroke[m.kind]
			s.line(x, y, x, bottom, c, `stroke-width="1" stroke-opacity="0.55" stroke-dasharray="1.5 3"`)
			s.path(fmt.Sprintf("M%v %vl4 4l-4 4l-4 -4Z", x, y-40), `fill="`+c+`"`)
			anchor, tx := "", x+70
			if x+textWidth(m.label, 11)+160 > tlWidth-100 {
				anchor, tx = ` text-anchor="end"`, x-70
			}
			s.text(tx, y+40, m.label, `font-size="11" fill="`+c+`"`+anchor)
		}
	}

}
