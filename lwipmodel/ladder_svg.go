package lwipmodel

import (
	"fmt"
	"html"
	"io"
	"net/netip"
	"strings"
	"time"
)

// Measures of the drawing, in pixels: columns from the left edge, and heights.
const (
	ladderTime   = 92  // right end of the times
	ladderBar    = 112 // left end of the bars for memory
	ladderBarMax = 130 // longest bar
	ladderLeft   = 420 // device
	ladderRight  = 860 // peer
	ladderWidth  = 960
	ladderTop    = 74
	ladderRow    = 22
	ladderGap    = 26 // a row that stands for time in which nothing happens
	ladderEnd    = 26
)

// ladderQuiet is the time without an event from which on the drawing says so.
const ladderQuiet = 100 * time.Millisecond

// ladderColors are what the states look like.
var ladderColors = [...]string{
	Closed: "#ffffff", Listen: "#ffffff", SynSent: "#ffe08a", SynRcvd: "#ffe08a", Established: "#a6dfb4", CloseWait: "#ffc48f",
	FinWait1: "#a9cdf5", FinWait2: "#c9b8f0", Closing: "#a9cdf5", LastAck: "#ffc48f", TimeWait: "#d5d8dd",
}

// WriteSVG draws the ladders as an SVG document, one below the other: time, the
// bytes that lwIP holds and how many of them are this connection's, the state of
// the device's side, and the segments as arrows.
func (l *Ladder) WriteSVG(w io.Writer) error {
	d := &ladderDrawing{}
	for _, e := range l.events {
		d.most = max(d.most, e.Held)
	}
	y := 10
	for _, p := range l.peers() {
		y = d.ladder(l.events, p, y) + 30
	}
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
<defs><marker id="a" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z" fill="context-stroke"/></marker></defs>
<rect width="100%%" height="100%%" fill="white"/>
%s</svg>
`, ladderWidth, y, ladderWidth, y, d.String())
	return err
}

// ladderDrawing is what has been drawn so far.
type ladderDrawing struct {
	strings.Builder
	most uint32 // bytes: the longest bar
}

func (d *ladderDrawing) text(x, y int, anchor, style, s string) {
	fmt.Fprintf(d, `<text x="%d" y="%d" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, style, html.EscapeString(s))
}

func (d *ladderDrawing) rect(x, y, w, h int, style string) {
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" %s/>`+"\n", x, y, w, h, style)
}

func (d *ladderDrawing) line(x1, y1, x2, y2 int, style string) {
	fmt.Fprintf(d, `<line x1="%d" y1="%d" x2="%d" y2="%d" %s/>`+"\n", x1, y1, x2, y2, style)
}

// ladder draws the events of one peer from y on, and returns where it ends.
func (d *ladderDrawing) ladder(all []LadderEvent, peer netip.AddrPort, y int) int {
	const bold, small = ` font-weight="bold"`, ` fill="#666" font-size="10"`
	d.text(ladderTime, y+24, "end", bold, "time (s)")
	d.text(ladderBar, y+24, "start", bold, "heap held by lwIP (B)")
	d.rect(ladderBar, y+33, 10, 8, `fill="#4f7cac"`)
	d.text(ladderBar+14, y+41, "start", small, "this connection")
	d.rect(ladderBar+100, y+33, 10, 8, `fill="#cfdced"`)
	d.text(ladderBar+114, y+41, "start", small, "everything else")
	d.text(ladderLeft, y+24, "middle", bold, "device")
	d.text(ladderRight, y+24, "middle", bold, peer.String())

	// The rows first, so that the lifelines lie below what happens on them.
	var events []LadderEvent
	var rows []int
	row := y + ladderTop
	for _, e := range all {
		if e.Peer != peer {
			continue
		}
		if n := len(events); n > 0 && e.At-events[n-1].At >= ladderQuiet {
			d.quiet(row, e.At-events[n-1].At)
			row += ladderGap
		}
		events = append(events, e)
		rows = append(rows, row)
		row += ladderRow
	}
	end := row - ladderRow + ladderEnd
	d.line(ladderRight, y+34, ladderRight, end, `stroke="#888" stroke-width="2"`)
	d.line(ladderLeft, y+34, ladderLeft, end, `stroke="#888" stroke-width="2"`)
	for i, e := range events {
		if e.Kind != LadderState {
			continue
		}
		until := end
		for j := i + 1; j < len(events); j++ {
			if events[j].Kind == LadderState || events[j].Kind == LadderFreed {
				until = rows[j] - 4
				break
			}
		}
		d.rect(ladderLeft-5, rows[i]-4, 10, until-rows[i]+4, fmt.Sprintf(`fill="%s" stroke="#888"`, ladderColors[e.To]))
	}
	for i, e := range events {
		d.event(&e, rows[i], i == 0 || events[i-1].At != e.At)
	}
	return end
}

// quiet draws a row for the time in which nothing happened.
func (d *ladderDrawing) quiet(row int, t time.Duration) {
	d.line(ladderBar, row-5, ladderRight+60, row-5, `stroke="#bbb" stroke-dasharray="2 4"`)
	s := t.Round(time.Millisecond).String()
	d.rect(ladderTime-8*len(s)-6, row-14, 8*len(s)+10, 18, `rx="9" fill="#f1f1f1"`)
	d.text(ladderTime-1, row-1, "end", ` fill="#666"`, s)
}

// event draws one event; the time is written where it is another one than before.
func (d *ladderDrawing) event(e *LadderEvent, row int, at bool) {
	if at {
		d.text(ladderTime, row, "end", "", fmt.Sprintf("%.6f", e.At.Seconds()))
	}
	if d.most > 0 {
		all := int(uint64(e.Held) * ladderBarMax / uint64(d.most))
		own := int(uint64(e.Conn) * ladderBarMax / uint64(d.most))
		d.rect(ladderBar, row-10, all, 12, `fill="#cfdced"`)
		d.rect(ladderBar, row-10, own, 12, `fill="#4f7cac"`)
		d.text(ladderBar+all+5, row, "start", "", fmt.Sprint(e.Held))
	}
	switch e.Kind {
	case LadderState, LadderFreed:
		s, color := e.state(), "#ffffff"
		if e.Kind == LadderState {
			color = ladderColors[e.To]
		}
		wide := 8*len(s) + 12
		d.rect(ladderLeft-wide/2, row-13, wide, 18, fmt.Sprintf(`rx="4" fill="%s" stroke="#666"`, color))
		d.text(ladderLeft, row, "middle", "", s)
	default:
		x1, x2, color := ladderLeft+6, ladderRight-1, "#222"
		if e.Kind == LadderIn {
			x1, x2 = ladderRight-1, ladderLeft+6
		}
		if e.Again {
			color = "#b60"
		}
		if strings.Contains(e.Flags, "RST") {
			color = "#c00"
		}
		d.line(x1, row+3, x2, row+3, fmt.Sprintf(`stroke="%s" stroke-width="1.3" marker-end="url(#a)"`, color))
		d.text((ladderLeft+ladderRight)/2, row, "middle", fmt.Sprintf(` fill="%s"`, color), e.text())
	}
}
