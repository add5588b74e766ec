package sdkconfig

import (
	"slices"
	"strings"
)

// nearest is how many names near returns at most.
const nearest = 8

// near returns the newest names, with CONFIG_, of which some word begins with each word of name, in the table's order.
func (t *optionTable) near(name string) []string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' })
	if len(name) > 64 || len(words) == 0 {
		return nil
	}
	var all []string
	for _, r := range t.rows {
		have := strings.Split(r.name, "_")
		misses := func(word string) bool {
			return !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, word) })
		}
		if len(all) < nearest && !slices.ContainsFunc(words, misses) {
			all = append(all, prefix+r.name)
		}
	}
	return all
}

// closest returns the newest or earlier name in the table that is most like name: at most three letters added, left out
// or changed, and fewer than a third of its letters. Of equals the first in the table's order wins.
func (t *optionTable) closest(name string) string {
	if len(name) > 64 {
		return ""
	}
	best, distance := "", min(4, (len(name)+2)/3)
	for _, r := range t.rows {
		if r.typ == Choice {
			continue
		}
		if d := editDistance(name, r.name, distance); d < distance {
			best, distance = r.name, d
		}
		for _, e := range r.earlier {
			if d := editDistance(name, e.name, distance); d < distance {
				best, distance = e.name, d
			}
		}
	}
	return best
}

// editDistance is the number of letters to add, leave out or change to make b of a, or limit if it is not smaller.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := last[0]
		last[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = last[j]
			last[j] = min(change, last[j]+1, last[j-1]+1)
		}
	}
	return min(last[len(b)], limit)
}
