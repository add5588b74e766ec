package view

import (
	"fmt"
	"io"
	"strings"
)

// svg writes an SVG drawing. Coordinates are tenths of a pixel.
type svg struct {
	b strings.Builder
}

const svgFont = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

// px is a length in tenths of a pixel.
type px int64

func (p px) String() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	if p%10 == 0 {
		return fmt.Sprintf("%s%d", sign, p/10)
	}
	return fmt.Sprintf("%s%d.%d", sign, p/10, p%10)
}

func newSVG(w, h px, title, desc string) *svg {
	s := &svg{}
	fmt.Fprintf(&s.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %v %v" width="%v" height="%v" font-family="%s" font-size="12" fill="%s">`+"\n",
		w, h, w, h, svgFont, colorText)
	fmt.Fprintf(&s.b, "<title>%s</title>\n", escape(title))
	if desc != "" {
		fmt.Fprintf(&s.b, "<desc>%s</desc>\n", escape(desc))
	}
	s.rect(0, 0, w, h, "#ffffff", "")
	return s
}

func (s *svg) writeTo(w io.Writer) error {
	s.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.b.String())
	return err
}

func escape(t string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(t)
}

// attr is extra attributes, already escaped, with a leading space if any.
func attr(a string) string {
	if a == "" {
		return ""
	}
	return " " + a
}

func (s *svg) rect(x, y, w, h px, fill, extra string) {
	fmt.Fprintf(&s.b, `<rect x="%v" y="%v" width="%v" height="%v" fill="%s"%s/>`+"\n", x, y, w, h, fill, attr(extra))
}

// titled is rect with a tool tip.
func (s *svg) titled(x, y, w, h px, fill, extra, tip string) {
	fmt.Fprintf(&s.b, `<rect x="%v" y="%v" width="%v" height="%v" fill="%s"%s><title>%s</title></rect>`+"\n", x, y, w, h, fill, attr(extra), escape(tip))
}

func (s *svg) line(x1, y1, x2, y2 px, stroke, extra string) {
	fmt.Fprintf(&s.b, `<line x1="%v" y1="%v" x2="%v" y2="%v" stroke="%s"%s/>`+"\n", x1, y1, x2, y2, stroke, attr(extra))
}

func (s *svg) text(x, y px, t, extra string) {
	fmt.Fprintf(&s.b, `<text x="%v" y="%v"%s>%s</text>`+"\n", x, y, attr(extra), escape(t))
}

func (s *svg) path(d, extra string) {
	fmt.Fprintf(&s.b, `<path d="%s"%s/>`+"\n", d, attr(extra))
}

// textWidth estimates the width of a text in the given font size (pixels).
func textWidth(t string, size px) px {
	var w px
	for _, r := range t {
		switch {
		case strings.ContainsRune("iljtfI.,:;|'!()[] /", r):
			w += 33
		case strings.ContainsRune("mwMW@%", r):
			w += 88
		case r >= 'A' && r <= 'Z':
			w += 68
		default:
			w += 57
		}
	}
	return w * size / 10
}

// clip shortens a text to fit a width.
func clip(t string, size, width px) string {
	if textWidth(t, size) <= width {
		return t
	}
	r := []rune(t)
	for len(r) > 1 && textWidth(string(r)+"…", size) > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// count writes "1 block" or "5,000 blocks".
func count[T ~uint32 | ~int](n T, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes 70744 as "70,744".
func thousands[T ~uint32 | ~uint64 | ~int | ~int64](n T) string {
	t := fmt.Sprint(n)
	sign := ""
	if t[0] == '-' {
		sign, t = "-", t[1:]
	}
	for i := len(t) - 3; i > 0; i -= 3 {
		t = t[:i] + "," + t[i:]
	}
	return sign + t
}
