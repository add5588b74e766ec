package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String returns the text form, which ParseFaults reads back.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Action.String())
	switch {
	case f.PPM != 0:
		fmt.Fprintf(&b, " %dppm", f.PPM)
	case f.First != 0:
		fmt.Fprintf(&b, " #%d", f.First)
		if f.Last != 0 {
			fmt.Fprintf(&b, "-%d", f.Last)
		}
	case f.Every != 0:
		fmt.Fprintf(&b, " every %d", f.Every)
	}
	if f.Class != Any {
		b.WriteString(" of " + f.Class.String())
	}
	if f.From != "" {
		b.WriteString(" from " + f.From)
	}
	if f.By != 0 {
		b.WriteString(" by " + f.By.String())
	}
	return b.String()
}

// FormatFaults prints faults separated by "; ", as ParseFaults reads them.
func FormatFaults(faults []Fault) string {
	parts := make([]string, len(faults))
	for i, f := range faults {
		parts[i] = f.String()
	}
	return strings.Join(parts, "; ")
}

// ParseFaults reads faults in their text form, separated by semicolons. An
// error names the fault and the word that is wrong.
func ParseFaults(text string) ([]Fault, error) {
	var faults []Fault
	for i, part := range strings.Split(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		f, err := parseFault(words)
		if err == nil {
			err = f.validate()
		}
		if err != nil {
			return nil, fmt.Errorf("wire: fault %d (%q): %w", i+1, strings.Join(words, " "), err)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

func parseFault(words []string) (f Fault, err error) {
	a := slices.Index(actionNames(), words[0])
	if a < 0 {
		return f, fmt.Errorf("unknown action %q; one of %s was expected", words[0], strings.Join(actionNames(), ", "))
	}
	f.Action = Action(a)
	seen := map[string]bool{}
	for i := 1; i < len(words); i++ {
		clause, arg := words[i], ""
		switch clause {
		case "every", "of", "from", "by":
			if i++; i == len(words) {
				return f, fmt.Errorf("nothing follows %q", clause)
			}
			arg = words[i]
		default:
			clause, arg = "frames", clause
		}
		if seen[clause] {
			return f, fmt.Errorf("%q is a second clause of its kind", arg)
		}
		seen[clause] = true
		if err := f.setClause(clause, arg); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Fault) setClause(clause, arg string) (err error) {
	switch clause {
	case "every":
		f.Every, err = parseCount(arg)
	case "of":
		c := slices.Index(classNames(), arg)
		if c < 0 {
			return fmt.Errorf("unknown class %q; one of %s was expected", arg, strings.Join(classNames(), ", "))
		}
		f.Class = Class(c)
	case "from":
		f.From = arg
	case "by":
		if f.By, err = time.ParseDuration(arg); err != nil {
			return fmt.Errorf("by %q: a duration such as 3ms was expected", arg)
		}
	case "frames":
		return f.setFrames(arg)
	}
	return err
}

func (f *Fault) setFrames(arg string) (err error) {
	if n, ok := strings.CutSuffix(arg, "ppm"); ok {
		v, err := strconv.ParseUint(n, 10, 32)
		if err != nil || v == 0 {
			return fmt.Errorf("%q: a probability from 1ppm to 1000000ppm was expected", arg)
		}
		f.PPM = uint32(v)
		return nil
	}
	n, ok := strings.CutPrefix(arg, "#")
	if !ok {
		return fmt.Errorf("unknown word %q", arg)
	}
	first, last, isRange := strings.Cut(n, "-")
	if f.First, err = parseCount(first); err != nil {
		return err
	}
	if isRange {
		f.Last, err = parseCount(last)
	}
	return err
}

func parseCount(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q: a number of frames from 1 was expected", s)
	}
	return n, nil
}
