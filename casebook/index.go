package casebook

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Figures lists the lines "expect" and "gap" of a script as they are written,
// with what they say was found; nothing is run. The script has to be one that
// Parse took.
func (s *Script) Figures() []Finding {
	var out []Finding
	for _, c := range s.Sections {
		for _, st := range c.body {
			if st.Verb() != "expect" && st.Verb() != "gap" {
				continue
			}
			at := slices.IndexFunc(st.Words, func(w string) bool { return slices.Contains(relations[:], w) })
			written, err := foundLine(st)
			if at < 0 || err != nil {
				continue
			}
			out = append(out, Finding{
				Section: c.Name, Line: st.Line, Gap: st.Verb() == "gap", Figure: strings.Join(st.Words[1:at], " "),
				Expected: strings.Join(st.Words[at:], " "), Found: written, Written: written, Comment: st.Comment,
			})
		}
	}
	return out
}

// WriteIndex writes the index of scripts as Markdown: what each case is, where it
// was published, and every figure beside the model's.
func WriteIndex(w io.Writer, scripts []*Script) error {
	var b strings.Builder
	b.WriteString("# The case book\n\n")
	b.WriteString("Outages that others had, as scripts in [casebook/cases](../casebook/cases), and what the model makes of them. `go test ./casebook/... -v` runs them, `go test ./casebook -rewrite` writes this file. [casebook.md](casebook.md) teaches the language.\n\n")
	figures, gaps, not := 0, 0, 0
	for _, s := range scripts {
		if s.NotModelled != "" {
			not++
		}
		for _, f := range s.Figures() {
			figures++
			if f.Gap {
				gaps++
			}
		}
	}
	fmt.Fprintf(&b, "%d cases, %d of them not modelled; %d figures, %d of which the model is known to miss (gap).\n\n", len(scripts), not, figures, gaps)
	b.WriteString("| | case | about | figures | gaps |\n| --- | --- | --- | ---: | ---: |\n")
	for _, s := range scripts {
		n, g := len(s.Figures()), 0
		for _, f := range s.Figures() {
			if f.Gap {
				g++
			}
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |", s.ID, strings.ToLower(s.ID), cell(s.Title), strings.Join(s.About, ", "))
		if s.NotModelled != "" {
			b.WriteString(" not modelled | |\n")
			continue
		}
		fmt.Fprintf(&b, " %d | %s |\n", n, blankZero(g))
	}
	for _, s := range scripts {
		s.writeIndex(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Script) writeIndex(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n**%s.** %s\n\n", s.ID, s.Title, strings.Join(strings.Fields(s.Prose), " "))
	for _, u := range s.Sources {
		fmt.Fprintf(b, "- <%s>\n", u)
	}
	if s.NotModelled != "" {
		fmt.Fprintf(b, "\nNot modelled: %s.\n", strings.TrimSuffix(s.NotModelled, "."))
		return
	}
	section := ""
	for _, f := range s.Figures() {
		if f.Section != section {
			section = f.Section
			fmt.Fprintf(b, "\n%s\n\n| figure | expected | model | |\n| --- | --- | --- | --- |\n", section)
		}
		gap := ""
		if f.Gap {
			gap = "**gap** "
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s%s |\n", cell(f.Figure), cell(f.Expected), cell(f.Found), gap, cell(f.Comment))
	}
}

// cell makes a text fit for a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(s)
}

func blankZero(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// WriteManual writes the reference of the language as Markdown: every statement,
// call and figure with its form and a sentence.
func WriteManual(w io.Writer) error {
	var b strings.Builder
	row := func(usage, help string) { fmt.Fprintf(&b, "- `%s`  \n  %s\n", usage, help) }
	b.WriteString("### Statements\n\n")
	for _, v := range verbs() {
		row(v.usage, v.help)
	}
	b.WriteString("\n### Calls of a task\n\n")
	for _, c := range calls() {
		row(c.usage, c.help)
	}
	b.WriteString("\n### Figures\n\n")
	for _, f := range figures() {
		row(f.usage, f.help+" It is "+f.unit.String()+".")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
