package casebook

import (
	"fmt"
	"slices"
	"strings"
)

// Rewritten returns the script's text with what was found in the lines "found"
// below its expectations.
func (s *Script) Rewritten(findings []Finding) ([]byte, error) {
	lines := slices.Clone(s.lines)
	// From the last line to the first, so that numbers stay right.
	byLine := slices.Clone(findings)
	slices.SortFunc(byLine, func(a, b Finding) int { return b.Line - a.Line })
	for _, f := range byLine {
		if f.Line < 1 || f.Line > len(lines) {
			return nil, fmt.Errorf("casebook: %s has no line %d", s.File, f.Line)
		}
		at := lines[f.Line-1]
		found := at[:len(at)-len(strings.TrimLeft(at, " "))] + "  found " + quoted(f.Found)
		i := f.Line // of the line after the expectation
		for i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "#") {
			i++
		}
		if i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "found ") {
			lines[i] = found
			continue
		}
		lines = slices.Insert(lines, f.Line, found)
	}
	return []byte(strings.Join(lines, "\n")), nil
}

func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, " #") {
		return `"` + s + `"`
	}
	return s
}
