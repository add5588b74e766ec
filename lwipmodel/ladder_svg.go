package lwipmodel

import (
	"fmt"
	"html"
	"io"
	"net/netip"
	"strings"
)

// Measures of the drawing, in pixels.
const (
	ladderRow   = 22
	ladderLeft  = 300
	ladderWidth = 420
	ladderTop   = 60
)

// WriteSVG draws the ladders as an SVG document, one below the other: time,
// state of the device's side, and the bytes that lwIP holds, beside the arrows.
func (l *Ladder) WriteSVG(w io.Writer) error {
	var b strings.Builder
	peers := l.peers()
	rows := map[netip.AddrPort]int{}
	for _, e := range l.events {
		rows[e.Peer]++
	}
	height := 20
	for _, p := range peers {
		height += ladderTop + rows[p]*ladderRow + 30
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		ladderLeft+ladderWidth+200, height, ladderLeft+ladderWidth+200, height)
	b.WriteString(`<defs><marker id="a" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z"/></marker></defs>` + "\n")
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	y := 10
	for _, p := range peers {
		l.ladderSVG(&b, p, y, rows[p])
		y += ladderTop + rows[p]*ladderRow + 30
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (l *Ladder) ladderSVG(b *strings.Builder, peer netip.AddrPort, y, rows int) {
	const right = ladderLeft + ladderWidth
	end := y + ladderTop + rows*ladderRow
	text := func(x, y int, anchor, style, s string) {
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, style, html.EscapeString(s))
	}
	bold := ` font-weight="bold"`
	text(95, y+24, "end", bold, "time (s)")
	text(205, y+24, "end", bold, "heap (B)")
	text(ladderLeft, y+24, "middle", bold, "device")
	text(right, y+24, "middle", bold, peer.String())
	for _, x := range []int{ladderLeft, right} {
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="gray"/>`+"\n", x, y+32, x, end)
	}
	row := y + ladderTop
	held := uint32(0)
	for _, e := range l.events {
		if e.Peer != peer {
			continue
		}
		text(95, row, "end", "", fmt.Sprintf("%.6f", e.At.Seconds()))
		if e.Held != held {
			text(205, row, "end", "", fmt.Sprint(e.Held))
			held = e.Held
		}
		switch e.Kind {
		case LadderState, LadderFreed:
			s := e.state()
			wide := 8*len(s) + 12
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="18" rx="4" fill="#eef" stroke="#88a"/>`+"\n", ladderLeft-wide/2, row-13, wide)
			text(ladderLeft, row, "middle", "", s)
		default:
			x1, x2, color := ladderLeft, right, "black"
			if e.Kind == LadderIn {
				x1, x2 = right, ladderLeft
			}
			if e.Again {
				color = "#b60"
			}
			if strings.Contains(e.Flags, "RST") {
				color = "#c00"
			}
			fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" marker-end="url(#a)"/>`+"\n", x1, row+3, x2, row+3, color)
			text((ladderLeft+right)/2, row, "middle", fmt.Sprintf(` fill="%s"`, color), e.text())
		}
		row += ladderRow
	}
}
